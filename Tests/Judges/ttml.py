"""Prints what a TTML reader that is not ours (ttconv) shows of TTML files, one JSON object a line.

    ttml.py FILE…

Each line is a stretch of time in which the screen stays the same and is not empty: `start_ms`, `end_ms` (null: for ever)
and `text`, the texts of all paragraphs then shown, in the order of their characters, joined by line feeds. Blank lines at
a paragraph's ends do not count. With several files each line also names its `file`.
"""

import json
import logging
import sys
from fractions import Fraction
from xml.etree import ElementTree

import ttconv.imsc.reader
import ttconv.model as model
from ttconv.isd import ISD


def text_of(element):
    """What a viewer reads in an element: no ruby readings."""
    if isinstance(element, model.Text):
        return element.get_text()
    if isinstance(element, model.Br):
        return "\n"
    if isinstance(element, (model.Rt, model.Rtc, model.Rp)):
        return ""
    return "".join(text_of(child) for child in element)


def paragraphs(element):
    if isinstance(element, model.P):
        yield text_of(element).strip("\n")
    else:
        for child in element:
            yield from paragraphs(child)




def milliseconds(time):
    return None if time is None else int(time * 1000 + Fraction(1, 2))


def shown(path):
    """The states of the screen, equal neighbours joined."""
    document = ttconv.imsc.reader.to_model(ElementTree.parse(path))
    states = []
    sequence = ISD.generate_isd_sequence(document, is_multithreaded=False) if document else []
    for index, (start, isd) in enumerate(sequence):
        end = sequence[index + 1][0] if index + 1 < len(sequence) else None
        texts = sorted(text for region in isd.iter_regions() for text in paragraphs(region) if text.strip())
        start, end, text = milliseconds(start), milliseconds(end), "\n".join(texts)
        if start == end or not text:
            continue
        if states and states[-1]["end_ms"] == start and states[-1]["text"] == text:
            states[-1]["end_ms"] = end
        else:
            states.append({"start_ms": start, "end_ms": end, "text": text})
    return states


def main(paths):
    logging.disable(logging.CRITICAL)
    for path in paths:
        for state in shown(path):
            if len(paths) > 1:
                state = {"file": path} | state
            print(json.dumps(state, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1:])
