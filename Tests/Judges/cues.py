"""Timed text as a reader that is not ours (webvtt-py) sees it."""

import html
import re
from typing import NamedTuple

import webvtt

VTT_TAG = re.compile(r"</?(?:c|i|b|u|v|ruby|rt|lang)(?:[.\s][^>]*)?>|<[0-9:.]+>")
SRT_TAG = re.compile(r"</?(?:i|b|u|font)(?:\s[^>]*)?>|\{\\[^}]*\}", re.IGNORECASE)


class Cue(NamedTuple):
    """One timed text; times in milliseconds."""

    start: int
    end: int
    text: str

    def __str__(self):
        return f"{clock(self.start)} --> {clock(self.end)} {self.text!r}"


def clock(milliseconds):
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def cues_of(captions):
    return [Cue(c.start_time.in_milliseconds(), c.end_time.in_milliseconds(), c.raw_text) for c in captions]


def read_vtt(path):
    """Cues with their markup; a cue that breaks the format is an error, never skipped."""
    return cues_of(webvtt.read(str(path), encoding="utf-8", strict=True).captions)


def read_srt(path):
    """Cues with their markup."""
    return cues_of(webvtt.from_srt(str(path), encoding="utf-8").captions)


def shown_vtt(cues):
    """What a viewer reads of WebVTT cues: no tags, no character references."""
    return [cue._replace(text=html.unescape(VTT_TAG.sub("", cue.text))) for cue in cues]


def shown_srt(cues):
    """What a viewer reads of SubRip cues: no tags."""
    return [cue._replace(text=SRT_TAG.sub("", cue.text)) for cue in cues]


def differences(found, expected, tolerance=1):
    """One line for each cue that is missing, extra, or not as expected."""
    if len(found) != len(expected):
        yield f"{len(found)} cues instead of {len(expected)}"
    for number, (a, b) in enumerate(zip(found, expected), 1):
        if abs(a.start - b.start) > tolerance or abs(a.end - b.end) > tolerance or a.text != b.text:
            yield f"cue {number} is {a} instead of {b}"


def overlap(cues):
    return any(a.end > b.start for a, b in zip(cues, cues[1:]))


def on_screen(cues):
    """What is shown at each time, line by line in a fixed order: overlaps cut up, equal neighbours joined."""
    moments = sorted({moment for cue in cues for moment in (cue.start, cue.end)})
    result = []
    for start, end in zip(moments, moments[1:]):
        lines = [line for cue in cues if cue.start <= start and end <= cue.end for line in cue.text.split("\n")]
        text = "\n".join(sorted(lines))
        if result and result[-1].end == start and result[-1].text == text:
            result[-1] = result[-1]._replace(end=end)
        elif lines:
            result.append(Cue(start, end, text))
    return result


def differences_on_screen(found, expected):
    """As `differences`, for a track that can show only one cue at a time and so holds overlaps cut up."""
    if overlap(expected):
        return differences(on_screen(found), on_screen(expected))
    return differences(found, expected)
