"""Compares delivered lessons with their sources, by what FFmpeg's programs and MediaInfo measure on both.

    roundtrip.py PACKAGE SOURCES.json

SOURCES.json maps each lesson's id to its source file. Compared are length, size and shape, rate, colour tags, the
pictures at three times, the place of the sound, loudness, and what the result must not tell. One line a finding.
"""

import argparse
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# Files whose own word on a point is wrong, and the points.
KNOWN = {
    "real-codec-edit-list-long-audio.mp4": {"length": "the edit list cuts what FFmpeg counts"},
    "real-codec-edit-list-positive-shift.mp4": {"length": "the edit list delays the picture", "picture": "the same"},
}
SECRETS = ("location", "com.apple", "make", "model", "serial", "gps", "creation_time", "com.android")


def run(*command):
    return subprocess.run([*map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, check=False)


def probe(path):
    text = run("ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", path).stdout
    return json.loads(text)


def first(streams, kind):
    found = [
        stream for stream in streams["streams"]
        if stream["codec_type"] == kind and not stream.get("disposition", {}).get("attached_pic")
    ]
    found.sort(key=lambda stream: not stream["disposition"]["default"])
    return found[0] if found else None


def ratio(text, default=1.0):
    above, _, below = (text or "").replace(":", "/").partition("/")
    try:
        value = float(above) / float(below or 1)
        return value if value > 0 else default
    except (ValueError, ZeroDivisionError):
        return default


def shown_size(stream):
    """Width and height as a viewer sees them."""
    aspect = ratio(stream.get("sample_aspect_ratio"))
    width = stream["width"] * (aspect if 0.1 <= aspect <= 10 else 1)
    turns = [side.get("rotation", 0) for side in stream.get("side_data_list", [])]
    height = stream["height"]
    return (height, width) if any(turn % 180 for turn in turns) else (width, height)


def length(path, streams):
    """Seconds from the first to the end of the last picture or sound, by decoding."""
    said = run("ffmpeg", "-nostdin", "-hide_banner", "-i", path, "-map", "0:v:0?", "-map", "0:a:0?", "-f", "null", "-")
    times = re.findall(r"time=(\d+):(\d+):([\d.]+)", said.stderr.decode(errors="replace"))
    hours, minutes, seconds = times[-1] if times else (0, 0, 0)
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def picture(path, time):
    """16 x 16 grey values of the picture at a time; None where there is none."""
    data = run(
        "ffmpeg", "-nostdin", "-v", "quiet", "-ss", f"{time:.3f}", "-i", path, "-map", "0:v:0", "-frames:v", "1", "-vf",
        "scale=16:16:flags=area,format=gray", "-f", "rawvideo", "-").stdout
    return list(data) if len(data) == 256 else None


def likeness(a, b):
    """The correlation of two pictures; None where one is flat."""
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    spread_a = math.sqrt(sum((x - mean_a) ** 2 for x in a))
    spread_b = math.sqrt(sum((x - mean_b) ** 2 for x in b))
    if min(spread_a, spread_b) < 60:
        return None
    return sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b)) / spread_a / spread_b


def envelope(path, index):
    """The level of the sound, a thousand values a second, of the first eight seconds from the timeline's zero."""
    data = run(
        "ffmpeg", "-nostdin", "-v", "quiet", "-i", path, "-map", f"0:{index}", "-t", "8", "-af",
        "aresample=async=1:first_pts=0,aformat=channel_layouts=mono,aresample=8000", "-f", "s16le", "-").stdout
    samples = memoryview(data[:len(data) // 2 * 2]).cast("h")
    return [max(map(abs, samples[n:n + 8])) for n in range(0, len(samples) - 7, 8)]


def all_frames(source, streams):
    """The file itself; the bare AMR of a telephone's, of which FFmpeg decodes one frame in each sample only."""
    sound = first(streams, "audio")
    if not sound or sound["codec_name"] not in ("amr_nb", "amr_wb"):
        return source, None
    bare = tempfile.NamedTemporaryFile(suffix=".amr")  # gone when nobody refers to it
    run("ffmpeg", "-nostdin", "-v", "error", "-y", "-i", source, "-map", f"0:{sound['index']}", "-c", "copy", bare.name)
    return Path(bare.name), bare


def lag(a, b):
    """Milliseconds by which `b` is later than `a`, at most 80; None where the sound says nothing."""
    count = min(len(a), len(b)) - 160
    if count < 500 or max(a) < 300:
        return None
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    a, b = [x - mean_a for x in a], [y - mean_b for y in b]
    if math.sqrt(sum(x * x for x in a) / len(a)) < 0.1 * mean_a:
        return None
    def match(shift):
        return sum(a[80 + n] * b[80 + n + shift] for n in range(0, count, 2))
    return max(range(-80, 81, 2), key=match)


def loudness(path):
    said = run("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-i", path, "-vn", "-filter:a", "ebur128=peak=true",
               "-f", "null", "-").stderr.decode(errors="replace")
    found = re.findall(r"I: +(-?[\d.]+) LUFS", said)
    return float(found[-1]) if found else None


def check(lesson, source, package):
    asset = next(asset for asset in lesson["assets"] if asset["role"] in ("video", "audio"))
    result = package / asset["path"]
    known = KNOWN.get(f"{source.parent.name}-{source.name}", {})
    theirs, ours = probe(source), probe(result)
    errors = run("ffmpeg", "-nostdin", "-v", "error", "-i", result, "-map", "0:v?", "-map", "0:a?", "-f", "null", "-")
    if errors.stderr:
        yield f"decoding complains: {errors.stderr.decode(errors='replace').splitlines()[0]}"
    made = first(ours, "video")
    filmed = first(theirs, "video")
    if made:
        yield from check_picture(filmed, made, result)
    wanted, got = length(source, theirs), length(result, ours)
    frame = 1 / ratio(made["avg_frame_rate"]) if made else 0
    if "length" not in known and abs(wanted - got) > max(0.12, 1.5 * frame, 0.004 * wanted):
        yield f"lasts {got:.3f} s, its source {wanted:.3f} s"
    if made and "picture" not in known:
        compared = [
            likeness(a, b) for share in (0.2, 0.5, 0.8)
            for a, b in [(picture(source, got * share), picture(result, got * share))] if a and b
        ]
        compared = [value for value in compared if value is not None]
        if compared and max(compared) < 0.9:
            yield f"its pictures are not the source's: likeness {max(compared):.2f}"
    sound = first(ours, "audio")
    if bool(sound) != (lesson["source"].get("audio_stream") is not None):
        yield "sound is there in one of manifest and file"
    if sound:
        yield from check_sound(lesson, source, result, sound, theirs)
    for holder in [ours["format"], *ours["streams"]]:
        for key in holder.get("tags", {}):
            if any(secret in key.lower() for secret in SECRETS):
                yield f"tells '{key}'"


def check_picture(filmed, made, result):
    width, height = shown_size(filmed)
    short = min(width, height)
    factor = min(1, 180 / short)
    for name, wanted, got in (("width", width, made["width"]), ("height", height, made["height"])):
        if abs(wanted * factor - got) > 2.01:
            yield f"{name} {got}, not {wanted * factor:.0f}"
    if made.get("sample_aspect_ratio", "1:1") != "1:1" or made["width"] % 2 or made["height"] % 2:
        yield "its pixels are not square, or a side is odd"
    if made["r_frame_rate"] != made["avg_frame_rate"]:
        yield f"its rate is not constant: {made['r_frame_rate']} and {made['avg_frame_rate']}"
    if ratio(made["avg_frame_rate"]) > 30.1:
        yield f"its rate is {made['avg_frame_rate']}"
    tags = [made.get(key) for key in ("color_range", "color_space", "color_transfer", "color_primaries")]
    if tags != ["tv", "bt709", "bt709", "bt709"] or made["pix_fmt"] != "yuv420p":
        yield f"its colours are {tags} in {made['pix_fmt']}"
    said = run("mediainfo", "--Inform=Video;%matrix_coefficients% %transfer_characteristics% %colour_primaries%", result)
    if said.stdout.decode().strip() != "BT.709 BT.709 BT.709":
        yield f"MediaInfo reads its colours as {said.stdout.decode().strip()}"
    if made.get("field_order", "progressive") != "progressive":
        yield f"its fields are {made['field_order']}"


def lead(streams):
    """Seconds that the picture comes after the sound, where so few that the lesson starts with the picture."""
    starts = [float(found.get("start_time") or 0) for kind in ("video", "audio") if (found := first(streams, kind))]
    return starts[0] - starts[1] if len(starts) == 2 and 0 < starts[0] - starts[1] < 0.05 else 0


def check_sound(lesson, source, result, sound, theirs):
    if sound["sample_rate"] != "48000" or sound["channels"] > 2:
        yield f"its sound has {sound['sample_rate']} samples a second in {sound['channels']} channels"
    change = lesson["quality"].get("loudness")
    after = (change or {}).get("after", {}).get("integrated")
    heard = loudness(result)
    # In a few seconds it matters where the gate's blocks of 0.4 s begin.
    leeway = 0.3 if float(sound["duration"]) > 4 else 1
    if after is not None and (heard is None or abs(heard - after) > leeway):
        yield f"FFmpeg hears {heard} LUFS, the manifest says {after}"
    if after is not None and change["gain"] > 0 and after > -15.4:
        yield f"is louder than its target: {after} LUFS"
    heard_in, bare = all_frames(source, theirs)
    wanted = envelope(heard_in, 0 if bare else lesson["source"]["audio_stream"])
    distance = lag(wanted, envelope(result, sound["index"]))
    if distance is not None and abs(distance + lead(theirs) * 1000) > 20:
        yield f"its sound is {distance + lead(theirs) * 1000:.0f} ms late"
    if max(wanted, default=0) > 300:
        shares = [sum(level > max(levels) / 20 for level in levels) / len(levels)
                  for levels in (wanted, envelope(result, sound["index"]))]
        if abs(shares[0] - shares[1]) > 0.15:
            yield f"is heard for {shares[1]:.0%} of the time, its source for {shares[0]:.0%}"


def main():
    parser = argparse.ArgumentParser(description="Compares delivered lessons with their sources.")
    parser.add_argument("package", type=Path)
    parser.add_argument("sources", type=Path)
    arguments = parser.parse_args()
    sources = json.loads(arguments.sources.read_text(encoding="utf-8"))
    delivery = json.loads((arguments.package / "ferry-delivery.json").read_text(encoding="utf-8"))

    def judge(lesson):
        source = Path(sources[lesson["id"]])
        try:
            return [(source.name, finding) for finding in check(lesson, source, arguments.package)]
        except (KeyError, ValueError, IndexError, StopIteration) as problem:
            return [(source.name, f"could not be judged: {type(problem).__name__}: {problem}")]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        findings = [finding for found in pool.map(judge, delivery["lessons"]) for finding in found]
    for name, finding in findings:
        print(f"{name}: {finding}")
    print(f"roundtrip: {len(delivery['lessons'])} lessons: {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
