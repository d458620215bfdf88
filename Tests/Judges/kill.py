#!/usr/bin/env python3
"""Kills runs of ferry and looks what is left.

    kill.py FERRY FOLDER [--random N] [--every-call] [--seed N]

A run of two tiny titles is made undisturbed, under strace: from it come the order of its flushes, renames and commits,
which is judged, and the calls at which other runs are killed. Each of those runs has its own home; strace ends the
parent, not its workers, with SIGKILL at the n-th call of a kind, or a clock does it at a random time, now and then a
second time while the next run recovers. Afterwards must hold:

  * the package is not there, or `ferry verify` finds it whole; lessons and renditions in the home are whole or absent;
  * the queue's database is sound, and a title that it calls done is not begun again;
  * the next run ends with 0, its payload has the digests of the undisturbed run's, and nothing half-made is left.

Exit code 0: all of it held.
"""

import argparse
import concurrent.futures
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

CALLS = ["rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "ftruncate", "fsync", "fdatasync"]
LABEL = "KILL-1"
PACKAGE = f"{LABEL}/{LABEL}_v1"
ENVIRONMENT = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "NO_COLOR": "1"}
JOB = """\
ferry: 1
delivery: KILL-1
partner: { id: partner, name: Partner, contact: partner@example.org }
sender: { name: Open University, contact: media@example.org }
profile: web-small
language: { source: zh-Hans, deliver: [en] }
licence: CC-BY-4.0
titles:
"""
TITLE = """\
  - id: {id}
    field: testing
    name: {{ zh-Hans: 测试, en: Test {id} }}
    source: {id}.mp4
    subtitles: {{ en: {id}.srt }}
"""


class Wrong(Exception):
    """Something that ferry promises did not hold."""


def need(condition, words):
    if not condition:
        raise Wrong(words)


def make_job(folder):
    """Two lessons of a second."""
    job = JOB
    for title, picture in [("A", "testsrc"), ("B", "testsrc2")]:
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"{picture}=s=160x120:r=25:d=1", "-f", "lavfi", "-i",
             "sine=d=1", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-shortest",
             str(folder / f"{title}.mp4")], check=True)
        (folder / f"{title}.srt").write_text(f"1\n00:00:00,000 --> 00:00:01,000\nThis is {title}.\n")
        job += TITLE.format(id=title)
    # Files of the last two seconds have no digest in the queue's memory, so that runs would differ.
    for file in folder.iterdir():
        os.utime(file, (1_700_000_000, 1_700_000_000))
    (folder / "job.yaml").write_text(job)


class Bench:
    """Where runs are made, killed and judged."""

    def __init__(self, ferry, folder):
        self.ferry = ferry
        self.folder = folder
        self.job = folder / "job.yaml"
        self.payload = None
        self.kept = None

    def command(self, place):
        return [self.ferry, "run", str(self.job), "--home", str(place / "home"), "--out", str(place / "out"),
                "--workers", "1", "--settle", "0", "--json"]

    def run(self, place, before=()):
        return subprocess.run(
            [*before, *self.command(place)], env=ENVIRONMENT, capture_output=True, text=True, check=False)

    def reference(self):
        """The undisturbed run, traced."""
        place = self.folder / "undisturbed"
        place.mkdir()
        trace = self.folder / "trace"
        started = time.monotonic()
        calls = ",".join([*CALLS, "pwrite64"])
        run = self.run(place, ["strace", "-f", "-b", "execve", "-y", "-s", "400", "-o", str(trace), "-e", "trace=" + calls])
        self.seconds = time.monotonic() - started
        need(run.returncode == 0, f"the undisturbed run ends with {run.returncode}: {run.stderr}")
        self.payload = (place / "out" / PACKAGE / "manifest-sha512.txt").read_text()
        self.kept = kept(place)
        need(len(self.kept) > 10, "the undisturbed run keeps lessons and renditions")
        events = Events(trace)
        judge_order(events, place)
        shutil.rmtree(place / "out")
        return events

    def judge_killed(self, place):
        """After a kill; answers the titles that were acknowledged."""
        package = place / "out" / PACKAGE
        if package.exists():
            verdict = subprocess.run(
                [self.ferry, "verify", str(package)], env=ENVIRONMENT, capture_output=True, text=True, check=False)
            need(verdict.returncode == 0, f"what is visible is not whole: {verdict.stderr}")
            need((package / "manifest-sha512.txt").read_text() == self.payload, "what is visible has another payload")
        for name, content in kept(place).items():
            need(self.kept.get(name) == content, f"{name} is kept and is not what it should be")
        return done_titles(place)

    def judge_recovered(self, place, acknowledged):
        run = self.run(place)
        need(run.returncode == 0, f"the next run ends with {run.returncode}: {run.stderr}{run.stdout[-600:]}")
        events = [json.loads(line) for line in run.stdout.splitlines()]
        begun = {event["title"] for event in events if event["event"] == "title-started"}
        need(not begun & acknowledged, f"{begun & acknowledged} was acknowledged and is begun again")
        self.judge_killed(place)
        need((place / "out" / PACKAGE).exists(), "the next run publishes nothing")
        need(done_titles(place) == {"A", "B"}, "the next run does not end with two titles done")
        need(sorted(os.listdir(place / "out" / LABEL)) == [f"{LABEL}_v1"], "something half-made is left beside it")
        for name in ["attempts", "scratch"]:
            left = place / "home" / name
            need(not left.exists() or not os.listdir(left), f"something is left in {name}")

    def trial(self, number, name, kill, again=None):
        place = self.folder / f"trial-{number}"
        place.mkdir()
        try:
            kill(place)
            acknowledged = self.judge_killed(place)
            if again:
                again(place)
                later = self.judge_killed(place)
                need(acknowledged <= later, f"{acknowledged - later} was acknowledged and is so no more")
                acknowledged = later
            self.judge_recovered(place, acknowledged)
        except Wrong as wrong:
            return f"{name}: {wrong}"
        finally:
            shutil.rmtree(place)
        return None

    def at_call(self, call, number):
        def kill(place):
            self.run(place, ["strace", "-f", "-b", "execve", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
                             "-e", f"inject={call}:signal=SIGKILL:when={number}"])
        return kill

    def after(self, seconds):
        def kill(place):
            with subprocess.Popen(
                self.command(place), env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
                try:
                    run.wait(seconds)
                except subprocess.TimeoutExpired:
                    run.send_signal(signal.SIGKILL)
        return kill


def kept(place):
    """What the home keeps for later, but for the notes beside it."""
    found = {}
    for kind in ["renditions", "lessons"]:
        for file in (place / "home" / kind).rglob("*"):
            if file.is_file() and file.suffix != ".json":
                found[str(file.relative_to(place / "home"))] = file.read_bytes()
    return found


def done_titles(place):
    """Looks at a copy: the database itself is ferry's to mend."""
    database = place / "home/ferry.db"
    if not database.exists() or database.stat().st_size == 0:
        return set()
    copy = place / "copy.db"
    for suffix in ["", "-journal"]:
        if Path(f"{database}{suffix}").exists():
            shutil.copy(f"{database}{suffix}", f"{copy}{suffix}")
    try:
        with sqlite3.connect(copy) as connection:
            need(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "the database is damaged")
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'titles'").fetchall():
                return set()
            return {row[0] for row in connection.execute("SELECT name FROM titles WHERE state = 'done'")}
    finally:
        connection.close()
        for file in place.glob("copy.db*"):
            file.unlink()


class Events:
    """The calls of a trace in the order of their ends, as (name, text, thread)."""

    def __init__(self, trace):
        self.all = []
        open_calls = {}
        for line in trace.read_text(errors="replace").splitlines():
            thread, _, text = line.partition(" ")
            text = text.strip()
            if text.endswith("<unfinished ...>"):
                open_calls[thread] = text.removesuffix("<unfinished ...>")
                continue
            if resumed := re.match(r"<\.\.\. \w+ resumed>(.*)", text):
                text = open_calls.pop(thread, "") + resumed[1]
            if found := re.match(r"(\w+)\(", text):
                self.all.append((found[1], text, thread))

    def most(self, call):
        """How often a thread makes a call, at most: strace counts by thread."""
        counts = {}
        for name, _, thread in self.all:
            if name == call:
                counts[thread] = counts.get(thread, 0) + 1
        return max(counts.values(), default=0)


def judge_order(events, place):
    """Files and folders are flushed, then renamed, then the parent is flushed, and only then the database is written."""
    calls = events.all
    renames = []
    for index, (name, text, _) in enumerate(calls):
        if name == "rename" and (found := re.match(r'rename\("([^"]+)", "([^"]+)"\)', text)):
            source, target = found.groups()
            target = os.path.normpath(target)
            if re.search(r"/(renditions|lessons)/[0-9a-f]{64}$", target) or target.endswith(PACKAGE):
                renames.append((index, os.path.normpath(source), target))
    need(len(renames) == 5, f"two renditions, two lessons and a package are renamed, not {len(renames)}")

    def flushed(path, span):
        return any(name == "fsync" and f"<{path}>" in text for name, text, _ in span)

    for index, source, target in renames:
        for path in [Path(target), *Path(target).rglob("*")]:
            old = source + str(path)[len(target):]
            need(flushed(old, calls[:index]), f"{old} is renamed to its place without having been flushed")
        database = next(
            (later for later in range(index + 1, len(calls))
             if calls[later][0] == "pwrite64" and re.search(r"/ferry\.db(-journal)?>", calls[later][1])), len(calls))
        parent = str(Path(target).parent)
        need(flushed(parent, calls[index:database]), f"{parent} is not flushed before the queue hears of {target}")
    # The queue writes `done` after both renames of a title, which are the first two and the next two.
    for index, _, target in renames:
        name = Path(target).parent.parent
        need(any(call == "fdatasync" and "/ferry.db>" in text for call, text, _ in calls[index:]),
             f"no commit reaches the disk after {name}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ferry")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--random", type=int, default=30)
    parser.add_argument("--every-call", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    bench = Bench(options.ferry, options.folder)
    make_job(options.folder)
    try:
        events = bench.reference()
    except Wrong as wrong:
        print(f"undisturbed: {wrong}")
        return 1
    trials = []
    for call in CALLS:
        most = events.most(call)
        # Flushes of one tree and links of one lesson are alike; the first and last ones are not.
        step = 1 if options.every_call or most <= 12 else most // 8
        for number in sorted({*range(1, most + 1, step), most} - {0}):
            trials.append((f"killed at {call} {number} of {most}", bench.at_call(call, number), None))
    chance = random.Random(options.seed)
    for number in range(options.random):
        moment = chance.uniform(0.0, bench.seconds * 1.1)
        second = chance.uniform(0.0, bench.seconds * 0.7) if number % 3 == 0 else None
        name = f"killed after {moment:.2f} s" + (f" and after {second:.2f} s" if second is not None else "")
        trials.append((name, bench.after(moment), bench.after(second) if second is not None else None))
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        wrong = [said for said in pool.map(lambda one: bench.trial(one[0], *one[1]), enumerate(trials)) if said]
    for said in wrong:
        print(said)
    print(f"{len(trials)} kills, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
