#!/usr/bin/env python3
"""A night of lessons: side by side against one after the other, a second run, and one corrected subtitle.

    night.py [--runs 3] [--ferry PROGRAM] [--workers 2] [--report FILE]

Eight lessons of the founding batch, brought to 1280x720 at 25 pictures a second with sound, are made by night.sh one
after the other and by `ferry run` side by side, with equal encoder settings (night.yaml). Then the founding batch of
twenty as it is: a run of it unchanged, and a run after one English cue was corrected. Prints, and appends to
docs/performance.md; needs an idle machine and about 5 minutes a run.
"""

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import bench
import clips

LESSONS = ["AI-001", "EPI-001", "EPI-002", "EPI-004", "HE-001", "HE-003", "SCH-002", "VOC-001"]


def sources(folder):
    """The eight lessons, each with cues beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in LESSONS:
        made = folder / f"{name}.mp4"
        source = next(file for file in (clips.FIXTURES / "lessons").glob(f"{name}.*")
                      if file.suffix in bench.MEDIA)
        shutil.copy(clips.FIXTURES / "lessons" / f"{name}.en.srt", folder / f"{name}.srt")
        if made.exists():
            continue
        part = made.with_suffix(".part.mp4")
        clips.ffmpeg("-i", source, "-f", "lavfi", "-i", "sine=220:sample_rate=48000", "-map", "0:v:0", "-map", "1:a",
                     "-vf", "scale=1280:720:flags=lanczos,fps=25,setsar=1", "-shortest", *clips.ENCODER, "-c:a", "aac",
                     *clips.EXACT, part)
        part.rename(made)
    return folder


def job(folder, lessons):
    titles = "".join(f"""\
  - id: {name}
    field: benchmark
    name: {{ zh-Hans: 测试, en: {name} }}
    source: {lessons / (name + '.mp4')}
    subtitles: {{ en: {lessons / (name + '.srt')} }}
""" for name in LESSONS)
    head = bench.JOB.split("titles:")[0].replace("PROFILE", "night.yaml").replace("BENCH-0001", "NIGHT-0001")
    shutil.copy(Path(__file__).with_name("night.yaml"), folder / "night.yaml")
    file = folder / "night.job.yaml"
    file.write_text(head + "waive: [{ rule: time.pastend, reason: a benchmark }]\ntitles:\n" + titles, encoding="utf-8")
    return file


def founding(ferry, folder):
    """Seconds of an unchanged second run of the twenty, and of one after a cue was corrected, with its title's own."""
    for name in ("jobs", "fixtures"):
        shutil.copytree(clips.ROOT / name, folder / name)
    order = folder / "jobs/ouc-2020.yaml"
    # The corrected delivery goes elsewhere: a published version is never changed.
    run = [ferry, "run", order, "--home", folder / "home", "--settle", "0"]
    bench.measure([*run, "--out", folder / "first"], folder / "first")
    again = bench.measure([*run, "--out", folder / "first"], folder / "first")
    cues = folder / "fixtures/lessons/EPI-001.en.srt"
    cues.write_text(cues.read_text(encoding="utf-8").replace("Wash your hands", "Clean your hands"), encoding="utf-8")
    plan = subprocess.run(list(map(str, [ferry, "plan", order, "--home", folder / "home"])), capture_output=True,
                          text=True, check=True).stdout
    if plan.count("run  transcode") or "en subtitle changed" not in plan:
        raise SystemExit(f"night: the plan is not what it should be:\n{plan}")
    story = subprocess.run(list(map(str, [*run, "--out", folder / "second"])), capture_output=True, text=True, check=True)
    title = float(re.search(r"EPI-001: done in ([\d.]+) s \(nothing encoded", story.stderr)[1])
    return again.wall, title


def main():
    parser = argparse.ArgumentParser(description="Measures a night of lessons.")
    parser.add_argument("--runs", type=int, default=3, help="runs of each side (default 3)")
    parser.add_argument("--workers", default="2", help="titles side by side (default 2)")
    parser.add_argument("--ferry", type=Path, default=clips.ROOT / ".build/release/ferry", help="the program")
    parser.add_argument("--report", type=Path, default=clips.ROOT / "docs/performance.md", help="what to append to")
    arguments = parser.parse_args()
    ferry = arguments.ferry.resolve()
    lessons = sources(clips.FOLDER / "night")
    with tempfile.TemporaryDirectory(dir=clips.FOLDER) as name:
        folder = Path(name)
        order = job(folder, lessons)
        walls = {"night.sh": [], "ferry run": []}
        for number in range(arguments.runs):
            for side in walls:
                out = folder / "out"
                shutil.rmtree(out, ignore_errors=True)
                out.mkdir()
                command = ([Path(__file__).with_name("night.sh"), lessons, out] if side == "night.sh" else
                           [ferry, "run", order, "--out", out / "packages", "--home", out / "home", "--quiet",
                            "--workers", arguments.workers, "--settle", "0"])
                walls[side].append(bench.measure(command, out).wall)
                print(f"run {number + 1}: {side} {walls[side][-1]:.1f} s", flush=True)
        again, title = founding(ferry, folder)
    script, ours = statistics.median(walls["night.sh"]), statistics.median(walls["ferry run"])
    text = f"""
## A night

Eight lessons of the founding batch, 720 lines, one after the other by the best script by hand: {script:.1f} s; by
`ferry run --workers {arguments.workers}`, verified and published: {ours:.1f} s, **{ours / script:.2f}** of it (medians
of {arguments.runs}; equal encoder settings, but for threads: the script's encoders take all cores, ferry's one each).

The founding batch of twenty, unchanged: {again:.2f} s, nothing encoded. One English cue corrected: {title:.1f} s for
its title, nothing encoded.
"""
    print(text)
    report = arguments.report.read_text(encoding="utf-8").split("\n## A night")[0].rstrip() + "\n"
    arguments.report.write_text(report + text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
