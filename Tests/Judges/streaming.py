"""What is wrong with a title's HLS folder, by its files alone (RFC 8216 and ISO base media boxes)."""

import re
from pathlib import Path
from typing import NamedTuple

from cues import differences, read_vtt

ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",]*)')
# What may stand before a fragment and belongs to it.
FRONT = {"styp", "sidx", "emsg", "prft", "free"}


class Range(NamedTuple):
    """Bytes of a file, and the seconds that they last."""

    uri: str
    offset: int
    length: int
    seconds: float


def attributes(line):
    return {name: value.strip('"') for name, value in ATTRIBUTE.findall(line.split(":", 1)[1])}


def read_media_playlist(path):
    """The target duration, the initialisation (or nothing), and the segments."""
    target, initialisation, segments, seconds, given, end = 0, None, [], 0.0, None, {}
    lines = path.read_text(encoding="utf-8").splitlines()
    for line in lines:
        tag, _, value = line.partition(":")
        if tag == "#EXT-X-TARGETDURATION":
            target = int(value)
        elif tag == "#EXT-X-MAP":
            found = attributes(line)
            length, _, offset = found.get("BYTERANGE", "").partition("@")
            initialisation = Range(found["URI"], int(offset or 0), int(length), 0)
        elif tag == "#EXTINF":
            seconds = float(value.split(",")[0])
        elif tag == "#EXT-X-BYTERANGE":
            given = value
        elif line and not line.startswith("#"):
            size = (path.parent / line).stat().st_size
            length, _, offset = (given or f"{size}@0").partition("@")
            start = int(offset) if offset else end.get(line, 0)
            end[line] = start + int(length)
            segments.append(Range(line, start, int(length), seconds))
            given = None
    if lines[:1] != ["#EXTM3U"] or "#EXT-X-ENDLIST" not in lines:
        raise ValueError("is not a finished playlist")
    return target, initialisation, segments


def boxes(path, start, end):
    """Types of the boxes that fill these bytes exactly; `None` last when they do not."""
    with path.open("rb") as file:
        while start < end:
            file.seek(start)
            header = file.read(16)
            if len(header) < 8:
                yield None
                return
            size = int.from_bytes(header[:4], "big")
            if size == 1:
                size = int.from_bytes(header[8:16], "big")
            if size < 8 or start + size > end:
                yield None
                return
            yield header[4:8].decode("latin-1")
            start += size


def check_media_playlist(path, streams_of):
    """What is wrong with one playlist of a fragmented file; `streams_of` asks ffprobe."""
    target, initialisation, segments = read_media_playlist(path)
    if not segments:
        yield "has no segment"
        return
    media = path.parent / segments[0].uri
    size = media.stat().st_size
    if initialisation is None or [*boxes(media, 0, initialisation.length)] != ["ftyp", "moov"]:
        yield "its EXT-X-MAP is not the bytes of ftyp and moov"
    position = initialisation.length if initialisation else 0
    for number, segment in enumerate(segments, 1):
        if segment.offset + segment.length > size:
            yield f"segment {number} ends at byte {segment.offset + segment.length} of {size}"
            continue
        types = [*boxes(media, segment.offset, segment.offset + segment.length)]
        while types and types[0] in FRONT:
            types.pop(0)
        if not types or types != ["moof", "mdat"] * (len(types) // 2):
            yield f"segment {number} is not fragments but {types[:4]}"
        if number == 1:
            # Between the header and the first fragment lies the index that DASH reads.
            between = list(boxes(media, position, segment.offset))
            if between not in ([], ["sidx"], ["sidx", "free"]):
                yield f"before the first segment are {between}"
            position = segment.offset
        if segment.offset != position:
            yield f"segment {number} starts at byte {segment.offset} and not {position}"
        position = segment.offset + segment.length
        if round(segment.seconds) > target:
            yield f"segment {number} lasts {segment.seconds} s, more than the target duration {target} s"
    rest = {kind for kind in boxes(media, position, size)} - {"mfra", "free"}
    if rest:
        yield f"the {size - position} bytes after the last segment are {rest}"
    total = sum(segment.seconds for segment in segments)
    real = float(streams_of(media)["format"]["duration"])
    if abs(total - real) > 0.1:
        yield f"its segments last {total:.3f} s but the media {real:.3f} s"


def peak(path):
    """Largest bit rate of a segment that is not a short rest, and the average."""
    target, _, segments = read_media_playlist(path)
    whole = [s for s in segments if s.seconds >= target / 2] or segments
    total = sum(s.seconds for s in segments)
    return max(s.length * 8 / s.seconds for s in whole), sum(s.length for s in segments) * 8 / total


# What ffprobe says of a stream as the beginning of its RFC 6381 name: profile and level, in each codec's own way.
CODECS = {
    "h264": lambda stream: rf"avc1\.[0-9a-f]{{4}}{stream['level']:02x}",
    "hevc": lambda stream: rf"hvc1\.1\.[0-9a-f]+\.[LH]{stream['level']}(\.[0-9a-f]+)*",
    "av1": lambda stream: rf"av01\.0\.{stream['level']:02d}[MH]\.08",
    "vp9": lambda stream: r"vp09\.00\.\d\d\.08",
}


def check_stream(folder, title, streams_of):
    """Findings `(file, what is wrong)` in `hls/` of one title."""
    master = folder / "master.m3u8"
    lines = master.read_text(encoding="utf-8").splitlines()
    media = [attributes(line) for line in lines if line.startswith("#EXT-X-MEDIA:")]
    variants = [
        (attributes(line), folder / lines[index + 1])
        for index, line in enumerate(lines) if line.startswith("#EXT-X-STREAM-INF:")
    ]
    groups = {entry["GROUP-ID"]: folder / entry["URI"] for entry in media if entry["TYPE"] == "AUDIO"}
    sounds = [*groups.values()]
    texts = [(entry["LANGUAGE"], folder / entry["URI"]) for entry in media if entry["TYPE"] == "SUBTITLES"]
    if not variants:
        yield master, "offers no size"
        return

    for playlist in sounds + [playlist for _, playlist in variants]:
        for problem in check_media_playlist(playlist, streams_of):
            yield playlist, problem

    grids = {tuple(round(s.seconds, 3) for s in read_media_playlist(playlist)[2]) for _, playlist in variants}
    if len(grids) > 1:
        yield master, "the sizes are not cut at the same times"

    for promise, playlist in variants:
        if playlist in sounds:  # a title without a picture
            continue
        picture = streams_of(playlist.parent / read_media_playlist(playlist)[2][0].uri)["streams"][0]
        sound = groups.get(promise.get("AUDIO"))
        loudest = peak(sound) if sound else (0, 0)
        if promise.get("RESOLUTION") != f"{picture['width']}x{picture['height']}":
            yield master, f"{playlist.name} is {picture['width']}x{picture['height']}, not {promise.get('RESOLUTION')}"
        wanted = CODECS[picture["codec_name"]](picture)
        if not re.match(wanted + "(,|$)", promise.get("CODECS", ""), re.IGNORECASE):
            yield master, f"{playlist.name} is {picture['codec_name']} ({wanted}), not {promise.get('CODECS')}"
        numerator, denominator = map(int, picture["avg_frame_rate"].split("/"))
        if abs(float(promise.get("FRAME-RATE", 0)) - numerator / denominator) > 0.01:
            rate = promise.get("FRAME-RATE")
            yield master, f"{playlist.name} has {picture['avg_frame_rate']} pictures a second, not {rate}"
        highest, average = (video + audio for video, audio in zip(peak(playlist), loudest))
        if int(promise["BANDWIDTH"]) < highest * 0.999:
            yield master, f"{playlist.name} needs {highest:.0f} bit/s, more than BANDWIDTH={promise['BANDWIDTH']}"
        if abs(int(promise.get("AVERAGE-BANDWIDTH", 0)) / average - 1) > 0.05:
            yield master, f"{playlist.name} averages {average:.0f} bit/s, not {promise.get('AVERAGE-BANDWIDTH')}"
        if promise.get("CLOSED-CAPTIONS") != "NONE":
            yield master, f"{playlist.name} does not say CLOSED-CAPTIONS=NONE"
        if sounds and "AUDIO" not in promise or texts and "SUBTITLES" not in promise:
            yield master, f"{playlist.name} names no group of sound or subtitles"

    length = sum(s.seconds for s in read_media_playlist(variants[0][1])[2])
    for language, playlist in texts:
        segments = read_media_playlist(playlist)[2]
        if abs(sum(s.seconds for s in segments) - length) > 0.1:
            yield playlist, f"lasts {sum(s.seconds for s in segments):.3f} s but the pictures {length:.3f} s"
        found = sorted({cue for segment in segments for cue in read_vtt(folder / segment.uri)})
        for problem in differences(found, sorted(set(read_vtt(folder.parent / f"{title}.{language}.vtt")))):
            yield playlist, problem
        for segment in segments:
            header = (folder / segment.uri).read_text(encoding="utf-8").split("\n\n")[0]
            if not re.search(r"^X-TIMESTAMP-MAP=", header, re.MULTILINE):
                yield folder / segment.uri, "has no X-TIMESTAMP-MAP"
