#!/usr/bin/env python3
"""What encoding in chunks costs: size and VMAF beside one encoder for all, over five kinds of lesson.

    chunks.py [--vmaf FFMPEG] [--seconds 2 4 8] [--lines 1080 480]

Sixteen seconds of each kind are encoded as profile `web` does, as a whole and in chunks of so many seconds, each by an
encoder of its own with ferry's settings for chunks. Prints a line for each; fails where chunks of four seconds lose
more than 0.1 points of VMAF or change the size by more than 2 %. Needs an ffmpeg with libvmaf: `pip install
imageio-ffmpeg` has one.
"""

import argparse
import re
import sys
import tempfile
from pathlib import Path

import clips
from encoding import OURS, SIZES, run

LENGTH = 16
CHUNK = OURS[-1] + ":cpu-independent=1:zones=0,0,b=1.4:vbv-init=0.5"
CHOSEN = 4


def raw(kind, lines, rate, out):
    scale = f"scale={SIZES[lines][0]}:{lines}:flags=bicubic,fps={rate}"
    run("ffmpeg", "-nostdin", "-v", "error", "-y", "-stream_loop", "-1", "-i", clips.clip(kind), "-t", LENGTH, "-vf",
        scale, "-pix_fmt", "yuv420p", out)


def encode(source, lines, rate, pictures, settings):
    """The stream of all pictures, so many of them by each encoder, and its size without the encoders' notes."""
    _, most, buffer = SIZES[lines]
    group, out, stream = 2 * rate, source.with_suffix(".h264"), b""
    for first in range(0, LENGTH * rate, pictures):
        trim = f"trim=start_frame={first}:end_frame={first + pictures},setpts=PTS-STARTPTS"
        run("ffmpeg", "-nostdin", "-v", "error", "-y", "-i", source, "-vf", trim, "-c:v", "libx264", "-preset",
            "veryfast", "-crf", "21", *OURS[:-1], settings, "-profile:v", "high", "-maxrate", most, "-bufsize", buffer,
            "-sc_threshold", "0", "-keyint_min", group, "-g", group, "-threads", "1", out)
        stream += out.read_bytes()
    return stream, len(stream) - sum(len(note) for note in re.findall(rb"x264 - core [ -~]+", stream))


def vmaf(program, stream, source, rate):
    made = source.with_suffix(".all.h264")
    made.write_bytes(stream)
    _, said = run(program, "-nostdin", "-r", rate, "-i", made, "-r", rate, "-i", source, "-lavfi",
                  "[0:v]setpts=N[a];[1:v]setpts=N[b];[a][b]libvmaf=n_threads=2:n_subsample=3", "-f", "null", "-")
    return float(re.search(r"VMAF score: ([\d.]+)", said)[1])


def main():
    parser = argparse.ArgumentParser(description="Compares chunks with one encoder for all.")
    parser.add_argument("--vmaf", default="ffmpeg", help="an ffmpeg that has libvmaf")
    parser.add_argument("--seconds", type=int, nargs="+", default=[2, 4, 8], help="lengths of chunks")
    parser.add_argument("--lines", type=int, nargs="+", default=[1080, 480], help="sizes")
    arguments = parser.parse_args()
    is_worse = False
    print("| lines | kind | chunk | size | VMAF |\n| ---: | --- | ---: | ---: | ---: |")
    for lines in arguments.lines:
        for kind in clips.KINDS:
            rate = min(30, int(kind.rate))
            with tempfile.TemporaryDirectory(dir=clips.FOLDER) as name:
                source = Path(name) / "raw.y4m"
                raw(kind, lines, rate, source)
                stream, whole = encode(source, lines, rate, LENGTH * rate, OURS[-1])
                score = vmaf(arguments.vmaf, stream, source, rate)
                for seconds in arguments.seconds:
                    stream, size = encode(source, lines, rate, seconds * rate, CHUNK)
                    away = vmaf(arguments.vmaf, stream, source, rate) - score
                    print(f"| {lines} | {kind.name} | {seconds} s | {size / whole:.3f} | {away:+.2f} |", flush=True)
                    is_worse |= seconds == CHOSEN and (away < -0.1 or abs(size / whole - 1) > 0.02)
    return int(is_worse)


if __name__ == "__main__":
    sys.exit(main())
