#!/usr/bin/env python3
"""Proves a bag of 2 GB: `ferry verify` against `bagit.py --validate --processes 2`, warm cache.

    verify.py [--runs 5] [--ferry PROGRAM] [--report FILE]

The bag is made by bagit.py itself, with SHA-256 and SHA-512, and holds no media: both sides read and digest the same
bytes and do nothing else. They take turns, after one reading of everything. Prints, and appends to
docs/performance.md; needs an idle machine, 4 GB of memory and about 3 minutes.
"""

import argparse
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

import clips

TOOLS = clips.ROOT / ".tools/venv/bin"
# What twenty lessons have: a film each, and small files beside it.
LESSONS, FILM, SMALL, SMALL_FILES = 20, 100 << 20, 20_000, 20


def bag():
    folder = clips.FOLDER / "verify-bag"
    if folder.exists():
        return folder
    part = clips.FOLDER / "verify-bag.part"
    dice = random.Random(2)
    for lesson in range(LESSONS):
        home = part / f"L-{lesson:02}"
        home.mkdir(parents=True, exist_ok=True)
        with (home / "film.mp4").open("wb") as film:
            for _ in range(FILM >> 20):
                film.write(dice.randbytes(1 << 20))
        for number in range(SMALL_FILES):
            (home / f"{number:02}.vtt").write_bytes(dice.randbytes(SMALL))
    subprocess.run([TOOLS / "bagit.py", "--quiet", "--sha256", "--sha512", "--processes", "2", part], check=True)
    part.rename(folder)
    return folder


def seconds(command):
    begin = time.monotonic()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    took = time.monotonic() - begin
    if done.returncode:
        raise SystemExit(f"verify: {command[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return took


def finds_damage(sides, folder):
    """Neither side may be quick because it does not look."""
    film = folder / "data/L-07/film.mp4"
    with film.open("r+b") as file:
        file.seek(FILM // 2)
        byte = file.read(1)
        file.seek(FILM // 2)
        file.write(bytes([byte[0] ^ 1]))
    try:
        for side, command in sides.items():
            if not subprocess.run(list(map(str, command)), capture_output=True, check=False).returncode:
                raise SystemExit(f"verify: {side} does not see a damaged film")
    finally:
        with film.open("r+b") as file:
            file.seek(FILM // 2)
            file.write(byte)


def main():
    parser = argparse.ArgumentParser(description="Measures how long a bag of 2 GB takes to prove.")
    parser.add_argument("--runs", type=int, default=5, help="runs of each side (default 5)")
    parser.add_argument("--ferry", type=Path, default=clips.ROOT / ".build/release/ferry", help="the program")
    parser.add_argument("--report", type=Path, default=clips.ROOT / "docs/performance.md", help="what to append to")
    arguments = parser.parse_args()
    folder = bag()
    size = sum(file.stat().st_size for file in folder.rglob("data/**/*") if file.is_file())
    sides = {
        "bagit.py": [TOOLS / "bagit.py", "--quiet", "--validate", "--processes", "2", folder],
        "ferry verify": [arguments.ferry.resolve(), "verify", folder],
    }
    finds_damage(sides, folder)  # which warms the cache for both
    walls = {side: [] for side in sides}
    for number in range(arguments.runs):
        for side, command in sides.items():
            walls[side].append(seconds(command))
            print(f"run {number + 1}: {side} {walls[side][-1]:.2f} s", flush=True)
    theirs, ours = statistics.median(walls["bagit.py"]), statistics.median(walls["ferry verify"])
    text = f"""
## Proving a package

A bag of {size / 1e9:.1f} GB in {LESSONS * (SMALL_FILES + 1)} files, SHA-256 and SHA-512 of each, warm cache:
`bagit.py --validate --processes 2` {theirs:.2f} s, `ferry verify` {ours:.2f} s: **{theirs / ours:.2f}** times as fast
(medians of {arguments.runs}, in turns; both find one changed bit in the middle of a film).
"""
    print(text)
    before, _, after = arguments.report.read_text(encoding="utf-8").partition("\n## Proving a package")
    # Sections that others wrote after it stay.
    rest = after[after.index("\n## "):] if "\n## " in after else ""
    arguments.report.write_text(before.rstrip() + "\n" + text + rest, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
