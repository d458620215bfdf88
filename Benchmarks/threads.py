#!/usr/bin/env python3
"""How many threads each encoder should get: one title alone, and two side by side.

    threads.py [--ferry PROGRAM]

Runs profile `web` with 1, 2 and 4 threads an encoder on the lesson of bench.py, and prints a table for
docs/encoding.md. Needs an idle machine and about 6 minutes.
"""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bench
import clips

PROFILE = "ferry-profile: 1\nname: threads\nextends: web\nvideo: {{ threads: {} }}\n"


def main():
    parser = argparse.ArgumentParser(description="Measures threads for each encoder.")
    parser.add_argument("--ferry", type=Path, default=clips.ROOT / ".build/release/ferry", help="the program")
    ferry = parser.parse_args().ferry.resolve()
    source, cues = clips.lesson()
    print("| threads | one title: wall | CPU | memory | two side by side: wall of each | CPU of each |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    for threads in (1, 2, 4):
        with tempfile.TemporaryDirectory(dir=clips.FOLDER) as name:
            folder = Path(name)
            order = bench.job(folder, "threads.yaml", source, cues)
            (folder / "threads.yaml").write_text(PROFILE.format(threads), encoding="utf-8")

            def run(place):
                out = folder / place  # pylint: disable=cell-var-from-loop
                return bench.measure([ferry, "run", order, "--out", out, "--home", out / "home", "--quiet"], out)

            alone = run("alone")
            with ThreadPoolExecutor(2) as pool:
                pair = list(pool.map(run, ("left", "right")))
        print(f"| {threads} | {alone.wall:.1f} s | {alone.processor:.1f} s | {alone.memory / 1e6:.0f} MB "
              f"| {max(one.wall for one in pair) / 2:.1f} s | {sum(one.processor for one in pair) / 2:.1f} s |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
