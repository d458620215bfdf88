#!/usr/bin/env python3
"""Sets every number of every format to extremes, one at a time, and has ferry read what comes of it.

    extremes.py FERRY FOLDER [PACKAGE]

FOLDER is for scratch files; PACKAGE is a small package whose manifest, lists and playlists are changed too. Each input
must end with an answer or an error, never with a signal. Prints how many there were of each kind; each that ended
ferry is named, with exit code 1. Needs ffmpeg.
"""

import re
import shutil
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256, sha512
from pathlib import Path

WHOLE = [
    -(1 << 63), (1 << 63) - 1, -1, 0, 1 << 31, 1 << 32, 1 << 53, 10**30, int("9" * 400),
]
WRITTEN = [*map(str, WHOLE), "1e308", "1e999", "NaN", "0.0000001"]
WORDS = [b"\x80\0\0\0", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\0\0\x01"]
LONGS = [b"\x80" + b"\0" * 7, b"\x7f" + b"\xff" * 7, b"\xff" * 8, b"\x01" + b"\0" * 7, b"\0\x20" + b"\0" * 6]
DOUBLES = [struct.pack(">d", value) for value in (float("nan"), float("inf"), 1e308, -1e308, 1e18, -1.0)]

SRT = "1\n00:00:01,000 --> 00:00:02,500\nWash your hands.\n\n2\n00:00:03,000 --> 00:00:05,000\nDry them.\n"
VTT = """WEBVTT

STYLE
::cue { color: white }

1
00:01.000 --> 00:02.500 line:80% position:50% size:90%
Wash &#169; your hands.

2
00:00:03.000 --> 00:00:05.000 line:-2
Dry <00:00:04.000>them.
"""
ASS = """[Script Info]
ScriptType: v4.00+
PlayResX: 640
PlayResY: 360
Timer: 100.0000

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, ScaleX, Outline, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,20,&H00FFFFFF,0,100,2,2,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\pos(320,200)\\fad(100,200)\\an8\\k50}Wash your hands.
Dialogue: 1,0:00:03.00,0:00:05.00,Default,,5,5,5,Banner;5;0;50,{\\move(1,2,3,4,5,6)\\1a&H80&\\q2\\fs12\\p0}Dry them.
"""
TTML = """<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"
 xmlns:tts="http://www.w3.org/ns/ttml#styling" xml:lang="en" ttp:frameRate="25" ttp:subFrameRate="2"
 ttp:frameRateMultiplier="1000 1001" ttp:tickRate="10000" ttp:cellResolution="32 15" tts:extent="640px 360px">
<head><layout><region xml:id="r" tts:origin="10% 80%" tts:extent="80% 20%" tts:zIndex="1"/></layout></head>
<body region="r" begin="0s"><div>
<p begin="00:00:01.000" end="00:00:02:12.1">Wash your hands.</p>
<p begin="3.5s" dur="1500ms">Dry &#169; them.</p>
<p begin="60000t" end="200f">Again.</p>
<p begin="0.002h" dur="0.1m">And again.</p>
</div></body></tt>
"""
JOB = """ferry: 1
delivery: CASE-1
partner: { id: partner, name: Partner, contact: partner@example.org }
sender: { name: Sender University, contact: sender@example.org }
profile: web
language: { source: zh-Hans, deliver: [en] }
licence: CC-BY-4.0
titles:
  - id: T-1
    field: school-education
    name: { zh-Hans: 测试, en: A test }
    source: missing.mp4
    subtitles:
      en: { file: missing.srt, due: 2026-11-30 }
      zh-Hans: { stream: 2 }
"""


def numbers(text, extremes=WRITTEN, pattern=r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"):
    """The text with each number in it set to each extreme."""
    for found in re.finditer(pattern, text):
        for extreme in extremes:
            yield text[: found.start()] + extreme + text[found.end() :]


def patched(data, offset, values):
    for value in values:
        if 0 <= offset and offset + len(value) <= len(data):
            yield data[:offset] + value + data[offset + len(value) :]


BOXES = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"moof", b"traf", b"mvex", b"udta"}
FIELDS = {
    b"mvhd": 27, b"tkhd": 23, b"mdhd": 8, b"stts": 8, b"ctts": 8, b"elst": 10, b"stsz": 5, b"stsc": 6, b"stss": 4,
    b"stco": 4, b"tfdt": 4, b"trun": 10, b"tfhd": 7, b"trex": 6, b"mehd": 3, b"sidx": 12, b"mfhd": 2, b"hdlr": 3,
    b"vmhd": 3, b"smhd": 2, b"chpl": 6, b"tfra": 8,
}


def mp4(data, start=0, end=None):
    """Every word of the boxes that say times, counts and sizes, and the boxes' own sizes."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack(">I4s", data[start : start + 8])
        if size < 8 or start + size > end:
            return
        yield from patched(data, start, WORDS)
        if kind in BOXES:
            yield from mp4(data, start + 8, start + size)
        words = min(FIELDS.get(kind, 0), (size - 8) // 4)
        for place in range(words):
            yield from patched(data, start + 8 + 4 * place, WORDS)
            if place % 2 and data[start + 8] == 1:
                yield from patched(data, start + 8 + 4 * place, LONGS)
        if kind == b"stsd":
            for place in range(4, min(24, (size - 8) // 4)):
                yield from patched(data, start + 8 + 4 * place, WORDS)
        start += size


def slow(data):
    """The same where a unit of every clock is a second, so that times are as large as their numbers."""
    for found in list(re.finditer(b"mdhd", data)):
        place = found.end() + (20 if data[found.end()] == 1 else 12)
        data = data[:place] + b"\0\0\0\x01" + data[place + 4 :]
    return mp4(data)


MASTERS = {0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0, 0xE1, 0x1F43B675, 0xA0, 0x1043A770, 0x45B9, 0xB6}
UNSIGNED = {
    0x2AD7B1, 0xE7, 0x23E383, 0xB0, 0xBA, 0x54B0, 0x54BA, 0x9F, 0x6264, 0x56AA, 0x56BB, 0x9B, 0xB3, 0x91, 0x92, 0xD7,
    0x83, 0x73C5, 0x63C0, 0x75A2, 0xFB,
}
FLOATS = {0x4489, 0xB5, 0x78B5, 0x23314F}


def vint(data, place, keep):
    first = data[place] if place < len(data) else 0
    length = 9 - first.bit_length()
    if length > 8 or place + length > len(data):
        raise IndexError
    value = int.from_bytes(data[place : place + length], "big")
    return (value if keep else value & ((1 << 7 * length) - 1)), place + length


def matroska(data, start=0, end=None):
    end = len(data) if end is None else end
    while start < end:
        try:
            name, place = vint(data, start, True)
            size, body = vint(data, place, False)
        except IndexError:
            return
        stop = min(end, body + size)
        if name in MASTERS:
            yield from matroska(data, body, stop)
        elif name in UNSIGNED:
            for value in (b"\0", b"\xff", b"\x80"):
                yield from patched(data, body, [(value + b"\xff" * 8)[:size], (value + b"\0" * 8)[:size], value * size])
        elif name in FLOATS:
            values = DOUBLES if size == 8 else [struct.pack(">f", v) for v in (float("nan"), float("inf"), 3e38, -3e38)]
            yield from patched(data, body, values)
        elif name in (0xA3, 0xA1):
            yield from patched(data, body + 1, [b"\x80\0", b"\x7f\xff", b"\xff\xff"])
        start = stop


def transport(data):
    for start in range(0, min(len(data), 188 * 60), 188):
        packet = data[start : start + 188]
        if packet[3] & 0x20 and packet[4] >= 7 and packet[5] & 0x10:
            yield from patched(data, start + 6, [b"\0" * 6, b"\xff" * 6, b"\x80" + b"\0" * 5, b"\x7f" + b"\xff" * 5])
        place = packet.find(b"\0\0\1")
        if place > 0 and packet[1] & 0x40 and place + 19 < 188 and packet[place + 7] & 0x80:
            for stamp in (b"\x21\0\1\0\1", b"\x2f\xff\xff\xff\xff", b"\x29\0\1\0\1", b"\x27\xff\xff\xff\xff"):
                yield from patched(data, start + place + 9, [stamp])


def ogg_checksum(page):
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7) & 0xFFFFFFFF if value & 0x80000000 else value << 1
    return value


def ogg(data):
    start, pages = 0, 0
    while data[start : start + 4] == b"OggS" and pages < 40:
        count = data[start + 26]
        end = start + 27 + count + sum(data[start + 27 : start + 27 + count])
        for place, values in [(6, [value[::-1] for value in LONGS + [b"\xff" * 7 + b"\xfe"]]), (18, WORDS)]:
            for page in patched(data[start:end], place, values):
                page = page[:22] + b"\0\0\0\0" + page[26:]
                page = page[:22] + struct.pack("<I", ogg_checksum(page)) + page[26:]
                yield data[:start] + page + data[end:]
        start, pages = end, pages + 1


def flash(data):
    for found in re.finditer(rb"(?:duration|width|height|framerate|videodatarate|filesize|audiosamplerate)\0", data[:2000]):
        yield from patched(data, found.end(), DOUBLES)
    start, tags = 13, 0
    while start + 11 < len(data) and tags < 40:
        size = int.from_bytes(data[start + 1 : start + 4], "big")
        yield from patched(data, start + 4, [b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff", b"\0\0\0\x80"])
        yield from patched(data, start + 1, [b"\xff\xff\xff", b"\0\0\0"])
        start, tags = start + 15 + size, tags + 1


def words(marks, before, after):
    """Every little-endian word around the marks of a RIFF or ASF header."""

    def change(data):
        for mark in marks:
            for found in list(re.finditer(re.escape(mark), data[:20000]))[:4]:
                for place in range(found.start() - before, found.start() + after, 4):
                    yield from patched(data, place, [word[::-1] for word in WORDS])
                    yield from patched(data, place, [LONGS[0][::-1], LONGS[1][::-1]])

    return change


PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=1"]
TONE = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=16000:duration=1"]
X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "40", "-pix_fmt", "yuv420p"]
AAC = ["-c:a", "aac", "-b:a", "32k"]
ASF_MARKS = [bytes.fromhex(mark) for mark in ("a1dcab8c47a9cf118ee400c00c205365", "9107dcb7b7a9cf118ee600c00c205365")]
CLIPS = {
    "plain.mp4": ([*X264, *AAC, "-bf", "2"], mp4),
    "fragments.mp4": ([*X264, "-g", "5", *AAC, "-movflags", "+empty_moov+frag_keyframe+default_base_moof+global_sidx"], mp4),
    "slow.mp4": ([*X264, "-g", "5", *AAC, "-movflags", "+empty_moov+frag_keyframe+default_base_moof"], slow),
    "clip.mkv": ([*X264, *AAC, "-cluster_time_limit", "300"], matroska),
    "clip.webm": (["-c:v", "libvpx", "-b:v", "60k", "-c:a", "libopus"], matroska),
    "clip.ts": ([*X264, *AAC], transport),
    "clip.ogv": (["-c:v", "libtheora", "-q:v", "2", "-c:a", "libvorbis", "-page_duration", "200000"], ogg),
    "clip.flv": ([*X264, *AAC, "-ar", "22050"], flash),
    "clip.avi": (["-c:v", "mpeg4", "-q:v", "20", "-c:a", "pcm_s16le"],
                 words([b"avih", b"strh", b"strf", b"LIST", b"indx"], 8, 72)),
    "clip.wav": (["-vn", "-c:a", "pcm_s16le"], words([b"RIFF", b"fmt ", b"data"], 0, 28)),
    "clip.wmv": (["-c:v", "wmv1", "-q:v", "20", "-c:a", "wmav1"], words(ASF_MARKS, 0, 104)),
}


def media(folder):
    for name, (codecs, change) in CLIPS.items():
        clip = folder / name
        command = ["ffmpeg", "-v", "error", "-y", *PICTURE, *TONE, *codecs, "-threads", "1", str(clip)]
        subprocess.run(command, check=True)
        for number, data in enumerate(change(clip.read_bytes())):
            yield f"{clip.stem}-{number}{clip.suffix}", data


class Trial:
    def __init__(self, ferry, folder):
        self.ferry, self.folder = ferry, folder
        self.counts, self.deaths = {}, []

    def ends(self, arguments):
        """Whether ferry ended by a signal, or never."""
        try:
            run = subprocess.run(
                [self.ferry, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120,
                env={"HOME": str(self.folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
        except subprocess.TimeoutExpired:
            return True
        return run.returncode < 0 or run.returncode >= 128

    def read(self, command, paths):
        """Reads all at once; where that ends ferry, halves them until the one is found."""
        if len(paths) == 0 or not self.ends([*command, *map(str, paths)]):
            return
        if len(paths) == 1:
            self.deaths.append(f"{' '.join(command)} {paths[0].name}")
            return
        for half in (paths[: len(paths) // 2], paths[len(paths) // 2 :]):
            self.read(command, half)

    def all(self, kind, command, inputs, size=100):
        folder = self.folder / kind
        folder.mkdir(parents=True)
        paths = []
        for name, data in inputs:
            path = folder / name
            path.write_bytes(data if isinstance(data, bytes) else data.encode())
            paths.append(path)
        self.counts[kind] = len(paths)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda start: self.read(command, paths[start : start + size]), range(0, len(paths), size)))


    def run(self, clips):
        """Makes lessons of some of the clips: a worker that traps is a crash of its title."""
        titles = []
        for number, clip in enumerate(clips):
            track = self.folder / f"track{number}.srt"
            track.write_text("1\n00:00:00,000 --> 00:00:00,900\nA line of text.\n")
            titles.append(TITLE.format(number=number, source=clip, track=track))
        job = self.folder / "night.yaml"
        job.write_text(JOB[: JOB.index("  - id")] + "".join(titles))
        command = [self.ferry, "run", str(job), "--home", str(self.folder / "home"), "--out", str(self.folder / "out"),
                   "--partial", "--json", "--settle", "0"]
        run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        self.counts["made"] = len(titles)
        if run.returncode != 1:
            self.deaths.append(f"run ends with {run.returncode}: {run.stderr[-300:]}")
        # A library may break in other ways; arithmetic ends a process by SIGILL or SIGTRAP.
        for line in run.stdout.splitlines():
            if re.search(r"signal (?:4|5)\b|SIGILL|SIGTRAP", line):
                self.deaths.append(line[:300])


TITLE = """  - id: T-{number}
    field: school-education
    name: {{ zh-Hans: 测试, en: Test {number} }}
    source: {source}
    subtitles: {{ en: {track} }}
"""


def sealed(package):
    """Makes the tag manifests anew, so that the bag itself is sound."""
    for name, algorithm in (("sha512", sha512), ("sha256", sha256)):
        for kind in ("manifest", "tagmanifest"):
            path = package / f"{kind}-{name}.txt"
            lines = []
            for line in path.read_text().splitlines():
                file = line.split("  ", 1)[1]
                lines.append(f"{algorithm((package / file).read_bytes()).hexdigest()}  {file}\n")
            path.write_text("".join(lines))


def packages(package, folder):
    """Packages with one number of the manifest, the bag's lists or a playlist set to an extreme."""
    changes = []
    for path in [package / "ferry-delivery.json", package / "bag-info.txt", *sorted(package.rglob("*.m3u8"))[:2],
                 *sorted(package.rglob("*.mpd"))[:1]]:
        text = path.read_text()
        # A digest is no number, and a marked cue has three in one word.
        pattern = r"(?<![\w.-])-?\d+(?:\.\d+)?(?![\w])"
        extremes = ["-9223372036854775808", "9223372036854775807", "-1", "0", "9007199254740992", "1e308"]
        changes += [(path.relative_to(package), changed) for changed in numbers(text, extremes, pattern)]
    # Evenly spread over what is there: each is a package of its own.
    step = max(1, len(changes) // 160)
    for number, (name, text) in enumerate(changes[::step]):
        made = folder / f"package-{number}"
        shutil.copytree(package, made, copy_function=linked)
        (made / name).unlink()
        (made / name).write_text(text)
        for listing in made.glob("*manifest-*.txt"):
            own = listing.read_bytes()
            listing.unlink()
            listing.write_bytes(own)
        sealed(made)
        yield made


def linked(source, target):
    Path(target).hardlink_to(source)


def main():
    ferry, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    trial = Trial(ferry, folder)
    for suffix, text in (("srt", SRT), ("vtt", VTT), ("ass", ASS), ("ttml", TTML)):
        digits = r"\d+(?:\.\d+)?"
        inputs = [(f"{place}.en.{suffix}", changed) for place, changed in enumerate(numbers(text, pattern=digits))]
        trial.all(suffix, ["subtitles", "check", "--language", "en"], inputs)
    trial.all("jobs", ["check"], [(f"{place}.yaml", changed) for place, changed in enumerate(numbers(JOB))], 20)
    clips = folder / "clips"
    clips.mkdir()
    trial.all("media", ["probe"], media(clips), 150)
    # Those that begin late, last long or jump are the ones that a worker gets to see.
    seen = sorted((folder / "media").glob("*.*"))
    trial.run(seen[:: max(1, len(seen) // 40)])
    if len(sys.argv) > 3:
        made = list(packages(Path(sys.argv[3]), folder))
        trial.counts["packages"] = len(made)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda start: trial.read(["verify"], made[start : start + 20]), range(0, len(made), 20)))
    print(" ".join(f"{kind}={count}" for kind, count in trial.counts.items()), f"total={sum(trial.counts.values())}")
    for death in sorted(trial.deaths):
        print(f"ended by a signal: ferry {death}")
    return 1 if trial.deaths else 0


if __name__ == "__main__":
    sys.exit(main())
