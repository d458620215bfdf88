#!/usr/bin/env python3
"""Judges a package with tools that are not ours: one line for each finding, exit code 1 when there is one.

    package.py PACKAGE [--language en] [--without-decoding]

bag:       bagit.py --validate, bagit validate, sha512sum -c and sha256sum -c of all four manifests;
           bagit-profile finds profiles/ferry-delivery-1.json kept
media:     ffmpeg decodes each file and prints nothing; MediaInfo finds nothing truncated or malformed
lessons:   by ffprobe, one video, one audio (where the delivery manifest says so), an English text track
           whose cues are those of the .srt file; .vtt and .srt hold the same cues for webvtt-py
           each .ttml file is EBU-TT-D, and ttconv shows of it, and of its CMAF twin (stpp), the same at the same times
streaming: every byte range is whole fragments, durations and bit rates are as promised, sizes are cut alike
"""

import argparse
import functools
import io
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import ebuttd
import ttml
from archive import broken_contract
from cues import Cue, differences, differences_on_screen, on_screen, read_srt, read_vtt, shown_srt, shown_vtt
from streaming import boxes, check_stream

TOOLS = Path(sys.executable).parent
# ISO 639-2 codes, which are what MP4 holds, of the languages that packages have had.
ISO_639_2 = {"en": "eng", "zh": "zho"}


def run(*command, cwd=None):
    return subprocess.run(
        [str(word) for word in command], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, check=False)


def complaints(result):
    """The tool's last lines, when it failed."""
    story = (result.stdout + result.stderr).decode("utf-8", "replace").strip().splitlines()
    return f"exit code {result.returncode}: {'; '.join(story[-4:])}" if result.returncode else None


def check_bagit(package):
    if problem := complaints(run(sys.executable, TOOLS / "bagit.py", "--validate", "--quiet", package)):
        yield package, f"bagit.py {problem}"


def check_bagit_utils(package):
    if problem := complaints(run(TOOLS / "bagit", "validate", "-v", "-i", package)):
        yield package, f"bagit-utils {problem}"


def check_profile(package):
    for problem in broken_contract(package):
        yield package, problem


def check_sums(package, algorithm):
    for manifest in (f"manifest-{algorithm}.txt", f"tagmanifest-{algorithm}.txt"):
        result = run(f"{algorithm}sum", "--check", "--strict", "--quiet", manifest, cwd=package)
        if problem := complaints(result):
            yield package / manifest, problem


def check_decoding(file):
    result = run("ffmpeg", "-nostdin", "-v", "error", "-threads", "1", "-i", file, "-f", "null", "-")
    story = (result.stdout + result.stderr).decode("utf-8", "replace").strip().splitlines()
    if story or result.returncode:
        yield file, f"ffmpeg exit code {result.returncode}, {len(story)} lines: {'; '.join(story[:3])}"


def check_mediainfo(package, files):
    if not files:
        return
    answer = run("mediainfo", "--Output=JSON", *files)
    found = json.loads(answer.stdout)
    reports = found if isinstance(found, list) else [found]
    if len(reports) != len(files):
        yield package, f"MediaInfo reports {len(reports)} files of {len(files)}"
    for report in reports:
        for name, value in flaws(report["media"]["track"]):
            yield Path(report["media"]["@ref"]), f"MediaInfo {name}: {value}"


def flaws(node):
    """Each truncation or conformance error in a MediaInfo report, however deep."""
    if isinstance(node, list):
        for child in node:
            yield from flaws(child)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == "IsTruncated" and value != "No" or name == "ConformanceErrors":
                yield name, json.dumps(value)
            else:
                yield from flaws(value)


@functools.cache
def streams_of(file):
    result = run("ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", file)
    if problem := complaints(result):
        raise ValueError(f"ffprobe {problem}")
    return json.loads(result.stdout)


def text_track(file, index):
    """Cues of one tx3g stream, from its packets: text markup lies outside the text there."""
    listed = run(
        "ffprobe", "-v", "error", "-select_streams", index, "-show_entries", "packet=pts_time,duration_time,size",
        "-of", "json", file)
    data = run("ffmpeg", "-nostdin", "-v", "error", "-i", file, "-map", f"0:{index}", "-c", "copy", "-f", "data", "-")
    position = 0
    for packet in json.loads(listed.stdout)["packets"]:
        sample = data.stdout[position:position + int(packet["size"])]
        position += len(sample)
        text = sample[2:2 + int.from_bytes(sample[:2], "big")].decode("utf-8")
        if text:  # the others are the silences between cues
            start = round(float(packet["pts_time"]) * 1000)
            yield Cue(start, start + round(float(packet["duration_time"]) * 1000), text)


def check_ttml(file):
    """A .ttml file against the .srt file beside it and, where there is one, its CMAF twin against itself."""
    for problem in ebuttd.faults(file, is_imsc=False):
        yield file, problem
    shown = [Cue(state["start_ms"], state["end_ms"], state["text"]) for state in ttml.shown(file)]
    wanted = on_screen(shown_srt(read_srt(file.with_suffix(".srt"))))
    for problem in differences([cue._replace(text="\n".join(sorted(cue.text.split("\n")))) for cue in shown], wanted):
        yield file, f"{problem} (in the .srt file)"
    twin = file.parent / "hls" / f"text.{file.stem.removeprefix(file.parent.name + '.')}.mp4"
    if twin.exists():
        for problem in differences([*fragmented_text(twin)], shown):
            yield twin, f"{problem} (in {file.name})"


def fragmented_text(file):
    """What the TTML documents of a CMAF text track show, each in its own stretch of time."""
    stream, = streams_of(file)["streams"]
    if stream["codec_tag_string"] != "stpp":
        raise ValueError(f"is {stream['codec_tag_string']}, not stpp")
    listed = run("ffprobe", "-v", "error", "-show_entries", "packet=pts_time,size", "-of", "json", file)
    packets = json.loads(listed.stdout)["packets"]
    starts = [round(float(packet["pts_time"]) * 1000) for packet in packets]
    data = run("ffmpeg", "-nostdin", "-v", "error", "-i", file, "-map", "0:0", "-c", "copy", "-f", "data", "-").stdout
    states = []
    for packet, begin, end in zip(packets, starts, [*starts[1:], sys.maxsize]):
        document, data = data[:int(packet["size"])], data[int(packet["size"]):]
        for state in ttml.shown(io.BytesIO(document)):
            cue = Cue(max(begin, state["start_ms"]), min(end, state["end_ms"]), state["text"])
            if states and states[-1].end == cue.start == begin and states[-1].text == cue.text:
                cue = cue._replace(start=states.pop().start)
            states.append(cue)
    return states


def check_lesson(folder, language, hears):
    """The MP4 file and the subtitle files of one title; `hears` says whether its source has sound."""
    title = folder.name
    file = folder / f"{title}.mp4"
    has_picture = file.exists()
    if not has_picture:
        file = folder / f"{title}.m4a"
    streams = streams_of(file)["streams"]
    kinds = [stream["codec_type"] for stream in streams]
    if kinds.count("video") != has_picture:
        yield file, f"{kinds.count('video')} video streams instead of {int(has_picture)}"
    if kinds.count("audio") != hears:
        yield file, f"{kinds.count('audio')} audio streams instead of {int(hears)}"
    order = [kind for kind in boxes(file, 0, file.stat().st_size) if kind in ("moov", "mdat", None)]
    if order[:1] != ["moov"] or None in order:
        yield file, f"is not ready to play while it loads: its boxes are {order}"

    tracks = {}
    for vtt in sorted(folder.glob(f"{title}.*.vtt")):
        if vtt.name in (f"{title}.thumbs.vtt", f"{title}.chapters.vtt"):
            continue  # the player's own, without a twin
        tag = vtt.name[len(title) + 1:-len(".vtt")]
        tracks[tag] = shown_srt(read_srt(vtt.with_suffix(".srt")))
        for problem in differences(shown_vtt(read_vtt(vtt)), tracks[tag], tolerance=0):
            yield vtt, f"{problem} (in the .srt file)"
        if not tracks[tag]:
            yield vtt, "has no cue"
        if not vtt.with_suffix(".txt").read_text(encoding="utf-8").strip():
            yield vtt.with_suffix(".txt"), "is empty"
    if language not in tracks:
        yield folder, f"has no {title}.{language}.vtt"

    texts = [stream for stream in streams if stream["codec_name"] == "mov_text"]
    for tag, cues in tracks.items():
        code = ISO_639_2.get(tag.split("-")[0])
        twins = [stream for stream in texts if stream.get("tags", {}).get("language") == code]
        if not twins:
            yield file, f"has no text track in '{code}' for {title}.{tag}.srt"
            continue
        verdicts = [[*differences_on_screen([*text_track(file, twin["index"])], cues)] for twin in twins]
        if all(verdicts):
            for problem in verdicts[0]:
                yield file, f"text track '{code}': {problem} (in {title}.{tag}.srt)"
        if tag == language and not any(twin["disposition"]["default"] for twin in twins):
            yield file, f"text track '{code}' is not on by default"


def check_dash(manifest):
    """The DASH manifest of one title, by FFmpeg's reader and by its own byte ranges."""
    text = manifest.read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    name = {"mpd": "urn:mpeg:dash:schema:mpd:2011"}
    kinds = []
    for group in root.findall(".//mpd:AdaptationSet", name):
        for representation in group.findall("mpd:Representation", name):
            kinds.append(group.get("contentType"))
            media = manifest.parent / representation.findtext("mpd:BaseURL", namespaces=name)
            if not media.is_file():
                yield manifest, f"names {media.name}, which is not there"
                continue
            base = representation.find("mpd:SegmentBase", name)
            if base is None:
                continue  # a text file, which is loaded whole
            first, last = map(int, base.get("indexRange").split("-"))
            index = media.read_bytes()[first:last + 1]
            if index[4:8] != b"sidx" or int.from_bytes(index[:4], "big") != len(index):
                yield manifest, f"the index of {media.name} is not at bytes {first} to {last}"
                continue
            count = int.from_bytes(index[38:40], "big")
            sizes = [int.from_bytes(index[40 + 12 * n:44 + 12 * n], "big") for n in range(count)]
            start = last + 1 + int.from_bytes(index[28:36], "big")
            if start + sum(sizes) != media.stat().st_size:
                yield manifest, f"the index of {media.name} does not reach its end"
    listed = run(
        "ffprobe", "-v", "error", "-allowed_extensions", "ALL", "-show_entries", "stream=codec_type", "-of",
        "default=nk=1:nw=1", manifest)
    seen = listed.stdout.decode().split()
    for kind, theirs in (("video", "video"), ("audio", "audio"), ("text", "subtitle")):
        # FFmpeg lists each stream under its programme too.
        if seen.count(theirs) not in (kinds.count(kind), 2 * kinds.count(kind)):
            yield manifest, f"FFmpeg finds {seen.count(theirs)} {theirs} streams, the manifest has {kinds.count(kind)}"


def main():
    parser = argparse.ArgumentParser(description="Judges a package with tools that are not ours.")
    parser.add_argument("package", type=Path, help="the bag's folder")
    parser.add_argument("--language", default="en", help="the language that every title must have (default en)")
    parser.add_argument("--without-decoding", action="store_true", help="leave out the decoding, which takes longest")
    arguments = parser.parse_args()
    package = arguments.package.resolve()

    try:
        lessons = sorted(path for path in (package / "data/lessons").iterdir() if path.is_dir())
        delivery = json.loads((package / "ferry-delivery.json").read_text(encoding="utf-8"))
        hears = {
            lesson["id"]: any(asset.get("audio") for asset in lesson["assets"] if asset["role"] in ("video", "audio"))
            for lesson in delivery["lessons"]
        }
    except (OSError, ValueError, KeyError) as problem:
        raise SystemExit(f"package: {package} is no package to judge: {type(problem).__name__}: {problem}") from None
    media = sorted(path for path in package.rglob("data/**/*") if path.suffix in (".mp4", ".m4a", ".jpg"))
    # Longest first, so that no core waits for the last one.
    media.sort(key=lambda path: -path.stat().st_size)

    pictures_and_sounds = [file for file in media if not file.match("hls/text.*.mp4")]
    checks = [] if arguments.without_decoding else [functools.partial(check_decoding, file) for file in pictures_and_sounds]
    checks += [
        functools.partial(check_bagit, package),
        functools.partial(check_bagit_utils, package),
        functools.partial(check_profile, package),
        functools.partial(check_sums, package, "sha512"),
        functools.partial(check_sums, package, "sha256"),
        functools.partial(check_mediainfo, package, media),
    ]
    for folder in lessons:
        checks.append(functools.partial(check_lesson, folder, arguments.language, hears.get(folder.name, False)))
        checks += [functools.partial(check_ttml, file) for file in sorted(folder.glob("*.ttml"))]
        if (folder / f"{folder.name}.mpd").exists():
            checks.append(functools.partial(check_dash, folder / f"{folder.name}.mpd"))
        if (folder / "hls").is_dir():
            checks.append(functools.partial(check_stream, folder / "hls", folder.name, streams_of))

    findings = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(gather, checks):
            findings += result
    if set(hears) != {folder.name for folder in lessons}:
        findings.append((package / "ferry-delivery.json", f"lists {sorted(hears)}, not the folders of data/lessons"))
    if not lessons or not media:
        findings.append((package, "holds no lesson"))
    for path, what in findings:
        print(f"{path.relative_to(package) if path.is_relative_to(package) else path}: {what}")
    print(f"package: {len(lessons)} lessons, {len(media)} media files: {len(findings)} findings")
    return 1 if findings else 0


def gather(check):
    """The findings of one check; what it cannot read is a finding too."""
    try:
        return list(check())
    except Exception as problem:
        return [(check.args[0], f"{check.func.__name__} stopped: {type(problem).__name__}: {problem}")]


if __name__ == "__main__":
    sys.exit(main())
