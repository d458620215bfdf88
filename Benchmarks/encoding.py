#!/usr/bin/env python3
"""What each encoder setting costs and gives, over five kinds of lesson and three sizes: the choice of profile `web`.

    encoding.py [--seconds 4] [--vmaf FFMPEG] [--report FILE]

Each kind is scaled once to each size; each setting encodes those raw pictures, and VMAF compares what it made with
them at their own size. The reference has the source's frame rate, the others at most 30 pictures a second; VMAF
looks at the pictures that are shown. Processor time is the encoder's process alone, with raw pictures read from a
file. VMAF needs an ffmpeg with libvmaf: `pip install imageio-ffmpeg` has one. Prints and writes docs/encoding.md.
"""

import argparse
import datetime
import os
import re
import statistics
import subprocess
from pathlib import Path
from typing import NamedTuple

import clips
from machine import first_line, processor

SIZES = {1080: (1920, "6000k", "12000k"), 720: (1280, "3500k", "7000k"), 480: (854, "1600k", "3200k")}
FASTER = ["-aq-mode", "2", "-trellis", "1"]
OURS = [*FASTER, "-x264-params", "subme=1"]


class Setting(NamedTuple):
    """One way to encode: its name in the table and the encoder's options."""

    name: str
    options: list
    codec: str = "libx264"


REFERENCE = Setting("x264 medium 22, source's rate", ["-preset", "medium", "-crf", "22"])
SETTINGS = [
    Setting("x264 medium 22", ["-preset", "medium", "-crf", "22"]),
    Setting("x264 faster 22", ["-preset", "faster", "-crf", "22"]),
    Setting("x264 veryfast 20", ["-preset", "veryfast", "-crf", "20"]),
    Setting("x264 veryfast 21", ["-preset", "veryfast", "-crf", "21"]),
    Setting("x264 veryfast 21, variance", ["-preset", "veryfast", "-crf", "21", *FASTER]),
    Setting("ferry, 20.5", ["-preset", "veryfast", "-crf", "20.5", *OURS]),
    Setting("ferry, 21", ["-preset", "veryfast", "-crf", "21", *OURS]),
    Setting("ferry, 21.5", ["-preset", "veryfast", "-crf", "21.5", *OURS]),
    Setting("ferry, 22", ["-preset", "veryfast", "-crf", "22", *OURS]),
    Setting("SVT-AV1 12, 35", ["-preset", "12", "-crf", "35", "-svtav1-params", "lp=1"], "libsvtav1"),
]


class Result(NamedTuple):
    """What one setting made of one kind at one size."""

    seconds: float
    size: int
    vmaf: float


def run(*words):
    """Runs a command to its end: its seconds of processor time and what it said."""
    with subprocess.Popen([*map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"encoding: {' '.join(map(str, words))}\n{said[-1000:]}")
    return used.ru_utime + used.ru_stime, said


def raw(kind, lines, rate, seconds):
    file = clips.FOLDER / f"raw-{kind.name}-{lines}-{rate}.y4m"
    scale = f"scale={SIZES[lines][0]}:{lines}:flags=bicubic,fps={rate}"
    run("ffmpeg", "-nostdin", "-v", "error", "-y", "-i", clips.clip(kind), "-t", seconds, "-vf", scale,
        "-pix_fmt", "yuv420p", file)
    return file


def encode(setting, source, lines, rate):
    """Two-second groups of pictures under the size's cap, as profile `web` makes them."""
    out = clips.FOLDER / "encoding.mp4"
    _, most, buffer = SIZES[lines]
    group = str(2 * rate)
    cap = ["-profile:v", "high", "-maxrate", most, "-bufsize", buffer, "-sc_threshold", "0", "-keyint_min", group]
    cpu, _ = run("ffmpeg", "-nostdin", "-v", "error", "-y", "-i", source, "-c:v", setting.codec, *setting.options,
                 *(cap if setting.codec == "libx264" else []), "-g", group, "-threads", "1", out)
    return cpu, out


def compare(vmaf, made, source, rate, shown):
    """The mean VMAF of the pictures that are shown."""
    pick = f"[0:v]fps={shown}[a];[1:v]fps={shown}[b];[a][b]" if shown != rate else "[0:v][1:v]"
    _, said = run(vmaf, "-nostdin", "-i", made, "-i", source, "-lavfi", f"{pick}libvmaf=n_threads=2", "-f", "null", "-")
    return float(re.search(r"VMAF score: ([\d.]+)", said)[1])


def measure(vmaf, kind, lines, seconds):
    """The reference and every setting, on one kind at one size."""
    rate = int(kind.rate)
    shown = min(rate, 30)
    results = {}
    for setting in [REFERENCE, *SETTINGS]:
        used = rate if setting is REFERENCE else shown
        if setting is SETTINGS[0] and used == rate:
            results[setting.name] = results[REFERENCE.name]
            continue
        source = raw(kind, lines, used, seconds)
        cpu, made = encode(setting, source, lines, used)
        results[setting.name] = Result(cpu, made.stat().st_size, compare(vmaf, made, source, used, shown))
        source.unlink()
        print(f"{kind.name} {lines} {setting.name}: {results[setting.name]}", flush=True)
    return results


def ratios(table, setting, cells):
    """Processor time and size of the cells together, beside the reference's; VMAF's mean and worst difference."""
    ours, theirs = [table[cell][setting.name] for cell in cells], [table[cell][REFERENCE.name] for cell in cells]
    away = [one.vmaf - other.vmaf for one, other in zip(ours, theirs)]
    return (sum(one.seconds for one in ours) / sum(other.seconds for other in theirs),
            sum(one.size for one in ours) / sum(other.size for other in theirs), statistics.mean(away), min(away))


def rows(table, cells):
    for setting in SETTINGS:
        cpu, size, mean, worst = ratios(table, setting, cells)
        yield f"| {setting.name} | {cpu:.2f} | {size:.2f} | {mean:+.2f} | {worst:+.2f} |"


def report(table, seconds):
    head = "| | CPU | size | VMAF, mean | VMAF, worst |\n| --- | ---: | ---: | ---: | ---: |\n"
    lines = [
        "## All together\n\n" + head + "\n".join(rows(table, list(table))),
        *(f"## {size} lines\n\n" + head + "\n".join(rows(table, [cell for cell in table if cell[1] == size]))
          for size in SIZES),
    ]
    detail = ["| kind | lines | setting | CPU | size | VMAF |", "| --- | ---: | --- | ---: | ---: | ---: |"]
    detail += [
        f"| {kind} | {size} | {name} | {one.seconds:.2f} s | {one.size / 1e3:.0f} kB | {one.vmaf:.2f} |"
        for (kind, size), results in table.items() for name, one in results.items()
    ]
    return (Path(__file__).with_name("encoding.head.md").read_text(encoding="utf-8").strip() + "\n\n"
            + "\n\n".join(lines) + "\n\n## Every measurement\n\n" + "\n".join(detail) + f"""

- clips of {seconds:g} s (the animation 2.5 s) of Benchmarks/clips.py: {', '.join(kind.name for kind in clips.KINDS)}
- machine: {processor()}
- {first_line('ffmpeg', '-version').split(' Copyright')[0]}
- date: {datetime.date.today().isoformat()}
""")


def main():
    parser = argparse.ArgumentParser(description="Compares encoder settings over five kinds of lesson.")
    parser.add_argument("--seconds", type=float, default=4, help="seconds of each kind (default 4)")
    parser.add_argument("--vmaf", default="ffmpeg", help="an ffmpeg that has libvmaf")
    parser.add_argument("--report", type=Path, default=clips.ROOT / "docs/encoding.md", help="where to write")
    arguments = parser.parse_args()
    table = {
        (kind.name, lines): measure(arguments.vmaf, kind, lines, arguments.seconds)
        for kind in clips.KINDS for lines in SIZES
    }
    text = report(table, arguments.seconds)
    arguments.report.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
