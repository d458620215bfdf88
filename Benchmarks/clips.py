"""The clips that are measured: five kinds of lesson, and one lesson cut from all of them.

They are made from fixtures, once, into .tools/bench, the same bytes each time: H.264 at quality 12, with the
pictures of the source where it has 1080 lines, scaled up where it has fewer.
"""

import subprocess
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".tools/bench"
FIXTURES = ROOT / "fixtures"


class Kind(NamedTuple):
    """One kind of lesson: its source in fixtures, the seconds taken, pictures a second."""

    name: str
    source: str
    start: float
    seconds: float
    rate: str


KINDS = [
    Kind("talking-head", "lessons/VOC-004.mkv", 0, 3.6, "30"),
    Kind("slides", "lessons/SCH-002.mp4", 1, 8, "30"),
    Kind("screen", "", 0, 8, "60"),
    Kind("camera", "lessons/AI-002.mp4", 0, 8, "25"),
    Kind("animation", "bench/bbb-1080p.ts", 0, 2.5, "24"),
]
ENCODER = ["-c:v", "libx264", "-preset", "fast", "-crf", "12", "-pix_fmt", "yuv420p", "-threads", "2",
           "-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"]
EXACT = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags", "+bitexact"]
# A program's text, scrolled in jumps as a wheel does, with a caret that blinks: what a screen recording shows.
SCREEN = (
    "drawtext=fontfile=/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf:textfile={text}:fontsize=26:"
    "fontcolor=0xd4d4d4:x=80:line_spacing=8:y='60-34*floor(t*2)-17*floor(mod(t*60,30)/20)',"
    "drawbox=x='300+60*floor(mod(t*3,12))':y=420:w=14:h=30:color=0x5ec1ff:t=fill:enable='lt(mod(t,1),0.5)'"
)


def ffmpeg(*words):
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, words)], check=True)


def clip(kind):
    """The file of one kind of lesson, without sound."""
    path = FOLDER / f"{kind.name}.mp4"
    if path.exists():
        return path
    FOLDER.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.mp4")
    if kind.source:
        scale = f"scale=1920:1080:flags=lanczos,fps={kind.rate},setsar=1"
        source = ["-ss", kind.start, "-i", FIXTURES / kind.source]
    else:
        scale = SCREEN.format(text=ROOT / "Sources/FerryMedia/Source/SourceReader.swift")
        source = ["-f", "lavfi", "-i", f"color=0x1e1e1e:size=1920x1080:rate={kind.rate}"]
    ffmpeg(*source, "-t", kind.seconds, "-map", "0:v:0", "-vf", scale, *ENCODER, *EXACT, part)
    part.rename(path)
    return path


def lesson():
    """A lesson of all kinds, 1080 lines at 30 pictures a second, with sound and cues: 37 s, and its cues."""
    path, cues = FOLDER / "mixed.mp4", FOLDER / "mixed.en.srt"
    if not path.exists():
        part = path.with_suffix(".part.mp4")
        files = [clip(kind) for kind in KINDS for _ in range(2 if kind.seconds < 4 else 1)]
        inputs = [word for file in files for word in ("-i", file)]
        joined = "".join(f"[{number}:v]fps=30[v{number}];" for number in range(len(files)))
        joined += "".join(f"[v{number}]" for number in range(len(files))) + f"concat=n={len(files)}[v]"
        sound = "aevalsrc='0.2*sin(2*PI*(220+40*sin(t))*t)|0.2*sin(2*PI*330*t)*lt(mod(t,3),2)':s=48000"
        ffmpeg(*inputs, "-f", "lavfi", "-i", sound, "-filter_complex", joined, "-map", "[v]", "-map", f"{len(files)}:a",
               "-shortest", *ENCODER, "-crf", "16", "-g", "250", "-c:a", "aac", "-b:a", "160k", *EXACT, part)
        part.rename(path)
    cues.write_text("\n".join(
        f"{n + 1}\n00:00:{n * 2:02},000 --> 00:00:{n * 2 + 1:02},500\nSentence {n + 1}\n" for n in range(17)))
    return path, cues
