#!/usr/bin/env python3
"""One title into three renditions: ferry beside the best single ffmpeg command we can write by hand.

    bench.py [--runs 5] [--seconds 30] [--whole] [--source FILE] [--report FILE]

Both make the same from one 1080p lesson: a progressive MP4 of the largest size with an English text track, and
fragmented MP4 with HLS playlists for three sizes and the sound; every picture is decoded once and each size
encoded once. (Ferry also makes a poster, sidecars and digests.) The runs alternate. Settings come from
Sources/FerryCore/Profile/Profile.swift, and x264's own notes in both results must agree, or the comparison is
refused. --whole adds `ferry run`: the title as a verified, published package. Prints and writes
docs/performance.md.
"""

import argparse
import datetime
import json
import os
import platform
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT / ".tools/bench"
LESSON = BENCH / "lesson.mp4"
SUBTITLES = BENCH / "lesson.en.srt"
RATE = 30
VIDEO = {".mp4", ".mov", ".mkv", ".webm", ".ts", ".mts", ".m2ts", ".avi", ".ogv", ".flv", ".mpg", ".wmv"}

# What is measured on our side, from the repository's root; the words in braces are filled in.
WORK = "{ferry} work"  # the worker of one title: reads an order from standard input
WHOLE = "{ferry} run {job} --out {out} --home {home} --quiet"

JOB = """\
ferry: 1
delivery: BENCH-0001
partner: { id: bench, name: Bench, contact: bench@example.org }
sender: { name: Bench, contact: bench@example.org }
profile: web
language: { source: zh-Hans, deliver: [en] }
licence: CC-BY-4.0
titles:
  - id: BENCH-1
    field: benchmark
    name: { zh-Hans: 测试, en: Benchmark }
    source: lesson.mp4
    subtitles:
      en: lesson.en.srt
"""


class Rung(NamedTuple):
    """One size and its limits."""

    height: int
    factor: float
    rate: int
    buffer: int

    @property
    def width(self):
        return round(self.height * 16 / 9 / 2) * 2


class Settings(NamedTuple):
    """Profile `web`, as the source defines it."""

    rungs: list
    interval: float
    keys_per_segment: int
    preset: str
    threads: int
    sample_rate: int
    channels: int
    bit_rate: int

    @property
    def gop(self):
        return round(self.interval * RATE)


class Run(NamedTuple):
    """What one run took: seconds of the clock, seconds of all cores, bytes of memory at the highest."""

    wall: float
    processor: float
    memory: int


def profile():
    """The ladder and the encoder settings, from the source that defines them."""
    text = (ROOT / "Sources/FerryCore/Profile/Profile.swift").read_text(encoding="utf-8").replace("_", "")
    rungs = [
        Rung(int(side), float(factor), int(rate), int(buffer))
        for side, factor, rate, buffer in re.findall(
            r"Rung\(shortSide: (\d+), rateFactor: ([\d.]+), maximumRate: (\d+), bufferSize: (\d+)\)", text)
    ]
    found = re.search(
        r'keyFrameInterval: (\d+), keyFramesPerSegment: (\d+), preset: "(\w+)", encoderThreads: (\d+)', text)
    sound = re.search(r"sampleRate: (\d+), channels: (\d+), bitRate: (\d+)", text)
    return Settings(
        rungs, int(found[1]) / 1000, int(found[2]), found[3], int(found[4]), *map(int, sound.groups()))


def probe(file, entries, *options):
    answer = subprocess.run(
        ["ffprobe", "-v", "error", *options, "-show_entries", entries, "-of", "json", file],
        capture_output=True, text=True, check=False)
    return json.loads(answer.stdout) if answer.returncode == 0 else {}


def busiest_fixture():
    """The fixture of 1080 lines or more with the most bits a second: the hardest picture that we have."""
    best, most = None, 0
    for file in sorted((ROOT / "fixtures").rglob("*")):
        if not file.is_file() or file.suffix.lower() not in VIDEO:
            continue
        found = probe(file, "stream=height,field_order:format=bit_rate", "-select_streams", "v:0")
        streams = found.get("streams") or [{}]
        rate = int(found.get("format", {}).get("bit_rate", 0))
        if streams[0].get("height", 0) >= 1080 and streams[0].get("field_order") in (None, "progressive", "unknown"):
            best, most = (file, rate) if rate > most else (best, most)
    return best


def make_lesson(source, seconds):
    """A lesson of 1080 lines at 30 pictures a second, looped from the source; the same bytes each time."""
    note = BENCH / "lesson.json"
    wanted = {"source": str(source), "size": source.stat().st_size, "seconds": seconds}
    if LESSON.exists() and note.exists() and json.loads(note.read_text()) == wanted:
        return
    BENCH.mkdir(parents=True, exist_ok=True)
    note.unlink(missing_ok=True)
    print(f"making a lesson of {seconds} s from {source}", flush=True)
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-y", "-stream_loop", "-1", "-i", source,
         "-f", "lavfi", "-i", "aevalsrc='0.2*sin(2*PI*(220+40*sin(t))*t)|0.2*sin(2*PI*330*t)':s=48000",
         "-map", "0:v:0", "-map", "1:a", "-t", str(seconds),
         "-vf", f"scale=1920:1080,fps={RATE},format=yuv420p,setsar=1",
         "-c:v", "libx264", "-preset", "fast", "-crf", "18", "-g", "250", "-threads", "2",
         "-c:a", "aac", "-b:a", "160k", "-map_metadata", "-1",
         "-fflags", "+bitexact", "-flags", "+bitexact", LESSON], check=True)
    cues = (
        f"{n + 1}\n00:{n // 30:02}:{n * 2 % 60:02},000 --> 00:{n // 30:02}:{n * 2 % 60 + 1:02},500\nSentence {n + 1}\n"
        for n in range(seconds // 2))
    SUBTITLES.write_text("\n".join(cues), encoding="utf-8")
    (BENCH / "job.yaml").write_text(JOB, encoding="utf-8")
    note.write_text(json.dumps(wanted))


def ffmpeg_command(out):
    """One decode, one scale and one encode for each size; `tee` gives the largest to two muxers."""
    settings = profile()
    gop = str(settings.gop)
    hls = {
        "f": "hls", "hls_time": f"{settings.interval * settings.keys_per_segment:g}", "hls_segment_type": "fmp4",
        "hls_flags": "single_file", "hls_playlist_type": "vod", "hls_list_size": "0",
    }

    def encoder(rung):
        return [
            "-c:v", "libx264", "-preset", settings.preset, "-profile:v", "high", "-crf", f"{rung.factor:g}",
            "-maxrate", str(rung.rate), "-bufsize", str(rung.buffer), "-g", gop, "-keyint_min", gop,
            "-sc_threshold", "0", "-threads:v", str(settings.threads), "-flags:v", "+cgop+global_header",
        ]

    def fragments(name, **more):
        return {**more, **hls, "hls_segment_filename": f"{out}/hls/{name}.mp4"}, f"{out}/hls/{name}.m3u8"

    def slave(options, file):
        return f"[{':'.join(f'{key}={value}' for key, value in options.items())}]{file}"

    largest, *smaller = settings.rungs
    graph = f"[0:v]split={len(settings.rungs)}[v0]" + "".join(f"[s{n}]" for n in range(1, len(settings.rungs)))
    for number, rung in enumerate(smaller, 1):
        graph += f";[s{number}]scale={rung.width}:{rung.height}:flags=bicubic[v{number}]"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", str(LESSON), "-i", str(SUBTITLES)]
    command += ["-filter_complex", graph, "-map", "[v0]", "-map", "0:a:0", "-map", "1:0", *encoder(largest)]
    command += ["-c:a", "aac", "-b:a", str(settings.bit_rate), "-ar", str(settings.sample_rate)]
    command += ["-ac", str(settings.channels), "-flags:a", "+global_header"]
    command += ["-c:s", "mov_text", "-metadata:s:s:0", "language=eng"]
    command += ["-f", "tee", "|".join([
        slave({"f": "mp4", "movflags": "+faststart"}, f"{out}/lesson.mp4"),
        slave(*fragments(f"{largest.height}p", select="v")),
        slave(*fragments("audio", select="a")),
    ])]
    for number, rung in enumerate(smaller, 1):
        options, file = fragments(f"{rung.height}p")
        command += ["-map", f"[v{number}]", *encoder(rung)]
        command += [word for key, value in options.items() for word in (f"-{key}", value)] + [file]
    return command


def work_order(folder):
    """What `ferry run` gives its worker for this lesson."""
    settings = profile()
    return {
        "title": "BENCH-1", "name": {"en": "Benchmark"}, "source": str(LESSON), "sourceDigest": "",
        "sourceLanguage": "zh-Hans", "folder": str(folder),
        "tracks": [{"language": "en", "path": str(SUBTITLES), "isDelivered": True}],
        "recipe": {
            "video": {
                "sourceStream": 0, "rotation": 0, "isMirrored": False, "deinterlaces": False, "frameRate": str(RATE),
                "keyFrameInterval": settings.gop, "segmentLength": settings.gop * settings.keys_per_segment,
                "colour": {"primaries": "bt709", "transfer": "bt709", "matrix": "bt709"},
                "renditions": [
                    {
                        "name": f"{rung.height}p", "width": rung.width, "height": rung.height,
                        "rateFactor": rung.factor, "maximumRate": rung.rate, "bufferSize": rung.buffer,
                        "preset": settings.preset, "encoderThreads": settings.threads,
                    }
                    for rung in settings.rungs
                ],
            },
            "audio": {
                "sourceStream": 1, "sampleRate": settings.sample_rate, "channels": settings.channels,
                "bitRate": settings.bit_rate,
                "segmentLength": round(settings.interval * settings.keys_per_segment * 1000),
            },
        },
    }


def measure(command, order=None):
    """Runs a command and everything that it starts to its end; `order` goes to its standard input."""
    start = time.monotonic()
    with (BENCH / "order.json").open("w+") as file:
        json.dump(order, file)
        file.seek(0)
        process = subprocess.Popen(command, cwd=ROOT, stdin=file, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    if status:
        raise SystemExit(f"bench: failed with {os.waitstatus_to_exitcode(status)}: {shlex.join(command)}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def empty(name):
    folder = BENCH / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def run(side, ferry):
    """One run of one side, in folders of its own, and the renditions that it made."""
    out = empty(f"{side.replace(' ', '-')}-out")
    if side == "ffmpeg":
        (out / "hls").mkdir()
        used = measure(ffmpeg_command(out))
    elif side == "ferry work":
        used = measure(WORK.format(ferry=ferry).split(), work_order(out))
    else:
        places = {"ferry": ferry, "job": BENCH / "job.yaml", "out": out, "home": empty("ferry-home")}
        used = measure([word.format(**places) for word in WHOLE.split()])
    return used, sorted(out.rglob("hls/[0-9]*p.mp4"))


def x264_notes(file):
    """The settings that x264 writes into the stream itself."""
    found = re.search(rb"x264 - core (\d+).*?options: ([ -~]+)", file.read_bytes(), re.DOTALL)
    return dict(word.partition("=")[::2] for word in found[2].decode().split()) if found else {}


def unlike(side, ours, theirs):
    """What makes the two results not comparable."""
    if [file.name for file in ours] != [file.name for file in theirs]:
        yield f"{side} made {[file.name for file in ours]}, ffmpeg {[file.name for file in theirs]}"
        return
    for one, other in zip(ours, theirs):
        a, b = x264_notes(one), x264_notes(other)
        if not a or not b:
            yield f"{one.name}: x264 left no note"
        for key in sorted(a.keys() | b.keys()):
            if a.get(key) != b.get(key):
                yield f"{one.name}: x264 {key} is {a.get(key)} in {side} and {b.get(key)} in ffmpeg"
        counts = [
            probe(file, "stream=nb_read_packets", "-select_streams", "v:0", "-count_packets")["streams"][0]
            for file in (one, other)
        ]
        if counts[0] != counts[1]:
            yield f"{one.name}: {counts[0]} in {side} and {counts[1]} in ffmpeg"


def processor():
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return f"{found[1] if found else platform.processor()}, {os.cpu_count()} cores"


def first_line(*command):
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return (answer.stdout or answer.stderr).splitlines()[0] if answer.stdout or answer.stderr else "unknown"


def report(runs, files, source, seconds, load):
    def median(side, part):
        return statistics.median(getattr(run, part) for run in runs[side])

    rows = []
    for side in runs:
        ratios = [median(side, part) / median("ffmpeg", part) for part in ("wall", "processor")]
        rows.append(
            f"| `{side}` | {median(side, 'wall'):.2f} s | {ratios[0]:.3f} | {median(side, 'processor'):.2f} s "
            f"| {ratios[1]:.3f} | {median(side, 'memory') / 1e6:.0f} MB "
            f"| {', '.join(f'{run.wall:.2f}' for run in runs[side])} |")
    sizes = [
        f"| {same[0].stem} | {' | '.join(f'{file.stat().st_size / 1e6:.3f} MB' for file in same)} |"
        for same in zip(*files.values())
    ]
    command = shlex.join(ffmpeg_command(Path("OUT"))).replace(f"{BENCH}/", "")
    return f"""\
# Performance

Written by `make bench` ({Path(__file__).relative_to(ROOT)}); measure on your own machine before you rely on it.

One lesson of {seconds} s, 1920x1080, {RATE} pictures a second (looped from `{source}`), becomes three renditions
in HLS, the largest also as a progressive MP4 with an English text track. `ffmpeg` is the one command at the end of
this page, with the same settings of x264, which its notes in the files confirm. `ferry work` does the same, and also
a poster, the sidecar files and the digests; `ferry run`, where it is listed, verifies and publishes the package too.
The sides take turns; each figure is the median of {len(runs['ffmpeg'])} runs, and the ratios are to `ffmpeg`.

| | wall | ratio | processor | ratio | memory | wall of each run (s) |
| --- | ---: | ---: | ---: | ---: | ---: | --- |
{chr(10).join(rows)}

| rendition | {' | '.join(f'`{side}`' for side in files)} |
| --- |{' ---: |' * len(files)}
{chr(10).join(sizes)}

- machine: {processor()}, {platform.system()} {platform.release()}; load before the first run {load:.2f}
- {first_line('ffmpeg', '-version').split(' Copyright')[0]}
- {first_line('swift', '--version')}
- date: {datetime.date.today().isoformat()}

```sh
{command}
```
"""


def main():
    parser = argparse.ArgumentParser(description="Compares ferry with one ffmpeg command.")
    parser.add_argument("--runs", type=int, default=5, help="runs of each side (default 5)")
    parser.add_argument("--seconds", type=int, default=30, help="length of the lesson (default 30)")
    parser.add_argument("--whole", action="store_true", help="measure `ferry run` too")
    parser.add_argument("--source", type=Path, help="loop this file; else the busiest fixture of 1080 lines")
    parser.add_argument("--ferry", type=Path, default=ROOT / ".build/release/ferry", help="the program to measure")
    parser.add_argument("--report", type=Path, default=ROOT / "docs/performance.md", help="where to write the result")
    arguments = parser.parse_args()
    source = arguments.source or busiest_fixture()
    if source is None:
        raise SystemExit("bench: fixtures/ has no progressive video of 1080 lines: name one with --source")
    if not arguments.ferry.exists():
        raise SystemExit(f"bench: {arguments.ferry} is not there: run 'make build'")
    load = os.getloadavg()[0]
    make_lesson(source, arguments.seconds)

    sides = ["ferry work", "ferry run", "ffmpeg"] if arguments.whole else ["ferry work", "ffmpeg"]
    runs = {side: [] for side in sides}
    files = {}
    for number in range(arguments.runs + 1):
        for side in sides:
            used, files[side] = run(side, arguments.ferry)
            runs[side].append(used)
        if number == 0:  # warms the caches, and shows whether there is anything to compare
            problems = [line for side in sides for line in unlike(side, files[side], files["ffmpeg"])]
            if problems:
                print("bench: the sides do not do the same work:", *problems, sep="\n  ")
                return 1
            runs = {side: [] for side in sides}
            continue
        walls = {side: runs[side][-1].wall for side in sides}
        print(f"run {number}: " + ", ".join(f"{side} {wall:.2f} s" for side, wall in walls.items()), flush=True)
    name = source.resolve().relative_to(ROOT) if source.resolve().is_relative_to(ROOT) else source.name
    text = report(runs, files, name, arguments.seconds, load)
    arguments.report.write_text(text, encoding="utf-8")
    print(text)
    wall = {side: statistics.median(run.wall for run in runs[side]) for side in sides}
    print(f"ratio of wall time, ferry work to ffmpeg: {wall['ferry work'] / wall['ffmpeg']:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
