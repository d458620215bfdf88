#!/usr/bin/env python3
"""Ferry beside what can be written by hand: one lesson as a whole package, with equal encoder settings.

    bench.py [--runs 5] [--ferry PROGRAM] [--memory] [--report FILE]

The lesson is 1920x1080 at 30 pictures a second, cut from five kinds of lesson (clips.py). The sides take turns:

    ferry run       equal.yaml: MP4, HLS and DASH of three sizes, poster, sprite, loudness, checks, digests; then
                    everything that was made is decoded again and compared before it is published
    best.sh         the best script: loudness first, then one decode for all of it; nothing is looked at again
    each.sh         one ffmpeg call for each output, as tutorials have it
    encoders.sh     the encoders alone, on raw pictures
    ferry run, web  ferry's own choice of settings (docs/encoding.md)

and `ferry verify` of what `ferry run` made, which is that decoding and comparing alone.

Then how fast subtitles are read: text-bench, MB of a 50 MB file in a second of processor time, the best of five.
x264's notes in what ferry and the scripts made must agree, but for threads, or the comparison is refused. Then `ferry probe` of 500
files beside ffprobe in a loop, and with --memory the peak memory of a minute and of an hour. Prints and writes
docs/performance.md; needs an idle machine, about 6 minutes a run, and 10 GB of disk.
"""

import argparse
import datetime
import json
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import clips
from machine import first_line, processor

HERE = Path(__file__).resolve().parent
SIZES = {1080: 1920, 720: 1280, 480: 854}
MEDIA = {".mp4", ".mov", ".mkv", ".webm", ".ts", ".avi", ".ogv", ".flv", ".mpg", ".wmv", ".m4a", ".mp3", ".3gp"}
OURS, BEST, EACH, BARE, WEB = "ferry run", "best.sh", "each.sh", "encoders.sh", "ferry run, web"
PROOF = "ferry verify"
# What a script needs not do: one thread an encoder, and the same bytes on every processor, from chunks.
OURS_ALONE = re.compile(r" ?\b(threads|lookahead_threads|sliced_threads|cpu_independent|zones)=[^ ]+")

JOB = """\
ferry: 1
delivery: BENCH-0001
partner: { id: bench, name: Bench, contact: bench@example.org }
sender: { name: Bench, contact: bench@example.org }
profile: PROFILE
language: { source: zh-Hans, deliver: [en] }
licence: CC-BY-4.0
titles:
  - id: BENCH-1
    field: benchmark
    name: { zh-Hans: 测试, en: Benchmark }
    source: SOURCE
    subtitles:
      en: CUES
"""


class Run(NamedTuple):
    """What one run took: seconds of the clock, seconds of all cores, bytes of the largest process, bytes made."""

    wall: float
    processor: float
    memory: int
    size: int


def measure(command, out):
    """Runs a command and everything that it starts to its end; `out` is where it writes."""
    start = time.monotonic()
    with subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - start
    if process.returncode:
        raise SystemExit(f"bench: failed with {process.returncode}: {shlex.join(map(str, command))}")
    made = sum(file.stat().st_size for file in out.rglob("*.mp4")) if out.exists() else 0
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, made)


def job(folder, profile, source, cues):
    """A job of one title; a profile's file is found beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "equal.yaml", folder / "equal.yaml")
    file = folder / f"{Path(profile).stem}.job.yaml"
    text = JOB.replace("PROFILE", profile).replace("SOURCE", str(source)).replace("CUES", str(cues))
    file.write_text(text, encoding="utf-8")
    return file


def commands(ferry, folder, source, cues, raw):
    """Each side's command, given the folder that it writes to."""
    def ours(profile):
        order = job(folder, profile, source, cues)
        return lambda out: [ferry, "run", order, "--out", out / "packages", "--home", out / "home", "--quiet",
                            "--settle", "0"]

    return {
        OURS: ours("equal.yaml"),
        BEST: lambda out: [HERE / "best.sh", source, cues, out],
        EACH: lambda out: [HERE / "each.sh", source, cues, out],
        BARE: lambda out: [HERE / "encoders.sh", raw],
        WEB: ours("web"),
    }


def raw_pictures(source, folder):
    """What the bare encoders are given: each size, decoded and scaled already."""
    for lines, width in SIZES.items():
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", source, "-vf",
                        f"scale={width}:{lines}:flags=bicubic", "-pix_fmt", "yuv420p", folder / f"{lines}.yuv"],
                       check=True)


def notes(folder):
    """The settings that x264 wrote into each size's stream."""
    files = {int(re.search(r"\d+", file.name)[0]): file for file in folder.rglob("hls/*.mp4")
             if re.match(r"(BENCH-1_)?\d+p", file.name)}
    found = {lines: re.search(rb"x264 - core (\d+).*?options: ([ -~]+)", file.read_bytes(), re.DOTALL)
             for lines, file in files.items()}
    return {lines: OURS_ALONE.sub("", note[2].decode()) for lines, note in found.items() if note}


def probes(ferry, folder):
    """Seconds for 500 files: one `ferry probe`, and ffprobe in a loop."""
    files = sorted(file for file in (clips.FIXTURES / "real").rglob("*") if file.suffix.lower() in MEDIA)
    names = []
    for number in range(500):
        source = files[number % len(files)]
        names.append(folder / f"{number:03}{source.suffix}")
        os.link(source, names[-1])
    took = []
    for command in [[ferry, "probe", "--json", *names],
                    ["bash", "-c", 'for f; do ffprobe -v quiet -of json -show_format -show_streams "$f"; done; true',
                     "-", *names]]:
        start = time.monotonic()
        subprocess.run(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        took.append(time.monotonic() - start)
    return took


def memory(ferry, folder, source, cues):
    """Bytes at the highest, for a minute and for an hour of 1080 lines, three renditions.

    Five pictures a second: encoders hold a number of pictures, not of seconds, and the hour ends sooner.
    """
    peaks = []
    for seconds in (60, 3600):
        long = folder / f"{seconds}.mp4"
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-stream_loop", "-1", "-i", source, "-t", str(seconds),
                        "-r", "5", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "copy", long], check=True)
        out = folder / f"{seconds}"
        order = job(folder / f"{seconds}-job", "web", long, cues)
        peaks.append(measure([ferry, "run", order, "--out", out, "--home", out / "home", "--quiet",
                            "--settle", "0"], out).memory)
        shutil.rmtree(out)
    return peaks


def reading(program):
    """MB/s of each kind of subtitle file."""
    answer = subprocess.run([program, "--json"], capture_output=True, check=True)
    return json.loads(answer.stdout)


def median(runs, side, part):
    return statistics.median(getattr(run, part) for run in runs[side])


def table(runs):
    yield "| | wall | to best.sh | to each.sh | processor | to encoders.sh | largest process | wall of each run (s) |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |"
    for side, each in runs.items():
        wall, cpu = median(runs, side, "wall"), median(runs, side, "processor")
        best, apart = median(runs, BEST, "wall"), median(runs, EACH, "wall")
        yield (f"| `{side}` | {wall:.1f} s | {wall / best:.3f} | {wall / apart:.3f} | {cpu:.1f} s "
               f"| {cpu / median(runs, BARE, 'processor'):.3f} | {median(runs, side, 'memory') / 1e6:.0f} MB "
               f"| {', '.join(f'{run.wall:.1f}' for run in each)} |")


def report(runs, probed, read, peaks, load):
    ours, proof, bare = (median(runs, side, "processor") for side in (OURS, PROOF, BARE))
    lines = [
        "# Performance", "",
        "Written by `make bench` (Benchmarks/bench.py, which says what each side does); measure on your own machine "
        "before you rely on it.", "",
        "One lesson of 36 s, 1920x1080 at 30 pictures a second, becomes a whole package: MP4 with an English text "
        "track, HLS (and DASH on the same files) in three sizes, poster, thumbnails, loudness to -16 LUFS, checks, "
        "digests. Encoder settings are equal (x264 medium, quality 22, automatic variance) and confirmed by x264's "
        "notes in the files, except in `ferry run, web`, which is ferry's own choice. Only `ferry run` also decodes all "
        "that it made and compares it with its manifest before it publishes; its time includes that. The sides take "
        f"turns; each figure is the median of {len(runs[OURS])} runs.", "",
        *table(runs), "",
        f"What the scripts do too, `ferry run` less `ferry verify`, takes **{(ours - proof) / bare:.3f}** of the "
        "processor time of the bare encoders.", "",
        f"`ferry probe` of 500 files: {probed[0]:.2f} s; `ffprobe` in a loop: {probed[1]:.2f} s; "
        f"**{probed[1] / probed[0]:.1f}** times as fast.", ""]
    lines += ["Subtitles from bytes to cues, MB in a second of one core (50 MB files, the best of five):", "",
              "| | plain English | Chinese | mostly markup |", "| --- | ---: | ---: | ---: |"]
    for name, kind in (("SubRip", "srt"), ("WebVTT", "vtt")):
        rates = [f"{read[f'{kind}-{text}']} MB/s" for text in ("plain", "chinese", "markup")]
        lines.append(f"| {name} | {' | '.join(rates)} |")
    lines.append("")
    if peaks:
        lines += [f"Peak memory of the largest process, three renditions from 1080 lines: {peaks[0] / 1e6:.0f} MB for a "
                  f"minute, {peaks[1] / 1e6:.0f} MB for an hour.", ""]
    lines += [f"- machine: {processor()}; load before the first run {load:.2f}",
              f"- {first_line('ffmpeg', '-version').split(' Copyright')[0]}", f"- {first_line('swift', '--version')}",
              f"- date: {datetime.date.today().isoformat()}", ""]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description="Compares ferry with scripts written by hand.")
    parser.add_argument("--runs", type=int, default=5, help="runs of each side (default 5)")
    parser.add_argument("--memory", action="store_true", help="measure an hour's memory too (10 minutes more)")
    parser.add_argument("--ferry", type=Path, default=clips.ROOT / ".build/release/ferry", help="the program")
    parser.add_argument("--report", type=Path, default=clips.ROOT / "docs/performance.md", help="where to write")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    source, cues = clips.lesson()
    with tempfile.TemporaryDirectory(dir=clips.FOLDER) as name:
        folder = Path(name)
        raw_pictures(source, folder)
        sides = commands(arguments.ferry.resolve(), folder / "jobs", source, cues, folder)
        runs = {side: [] for side in [*sides, PROOF]}
        for number in range(arguments.runs):
            made = {}
            for side, command in sides.items():
                out = folder / "out"
                shutil.rmtree(out, ignore_errors=True)
                out.mkdir()
                runs[side].append(measure(command(out), out))
                made[side] = notes(out)
                print(f"run {number + 1}: {side} {runs[side][-1]}", flush=True)
                if side == OURS:
                    proof = [arguments.ferry.resolve(), "verify", out / "packages/BENCH-0001/BENCH-0001_v1"]
                    runs[PROOF].append(measure(proof, out))
            if not made[OURS] or not made[OURS] == made[BEST] == made[EACH]:
                print("bench: the sides do not do the same work:", made[OURS], made[BEST], made[EACH], sep="\n  ")
                return 1
        shutil.rmtree(folder / "out")
        (folder / "probe").mkdir()
        probed = probes(arguments.ferry, folder / "probe")
        read = reading(arguments.ferry.resolve().parent / "text-bench")
        peaks = memory(arguments.ferry, folder, source, cues) if arguments.memory else []
    text = report(runs, probed, read, peaks, load)
    arguments.report.write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
