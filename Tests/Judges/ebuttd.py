"""Judges TTML that must be EBU-TT-D (EBU Tech 3380) and IMSC 1.1 text at once; one line for each fault, exit 1 if any.

    ebuttd.py [--imsc] FILE…

With `--imsc` only what IMSC 1.1 text asks for is judged. Written from the two specifications, of which the tables below
are the parts that a subtitle file can break; what is not in a table is not allowed.
"""

import re
import sys
from itertools import combinations
from xml.etree import ElementTree

TT = "http://www.w3.org/ns/ttml"
PREFIXES = {
    TT: "",
    f"{TT}#styling": "tts:",
    f"{TT}#parameter": "ttp:",
    f"{TT}#metadata": "ttm:",
    "urn:ebu:tt:style": "ebutts:",
    "urn:ebu:tt:metadata": "ebuttm:",
    "http://www.w3.org/XML/1998/namespace": "xml:",
}
PERCENT = r"\+?\d+(\.\d+)?%"
PAIR = rf"{PERCENT} {PERCENT}"
COLOUR = r"#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?"
TIME = r"\d{2,}:[0-5]\d:[0-5]\d(\.\d{3})?"
NAME = r"[A-Za-z_][\w.-]*"
NAMES = rf"{NAME}( {NAME})*"
VALUES = {
    "xml:id": NAME, "xml:lang": r"([A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*)?", "xml:space": "default|preserve",
    "ttp:timeBase": "media", "ttp:cellResolution": r"[1-9]\d* [1-9]\d*",
    "tts:origin": PAIR, "tts:extent": PAIR, "tts:displayAlign": "before|center|after", "tts:padding": rf"{PERCENT}( {PERCENT}){{0,3}}",
    "tts:writingMode": "lrtb|rltb|tbrl|tblr|lr|rl|tb", "tts:showBackground": "always|whenActive", "tts:overflow": "visible|hidden",
    "tts:direction": "ltr|rtl", "tts:fontFamily": ".+", "tts:fontSize": PERCENT, "tts:lineHeight": f"normal|{PERCENT}",
    "tts:textAlign": "left|center|right|start|end", "tts:color": COLOUR, "tts:backgroundColor": COLOUR,
    "tts:fontStyle": "normal|italic", "tts:fontWeight": "normal|bold", "tts:textDecoration": "none|underline",
    "tts:unicodeBidi": "normal|embed|bidiOverride", "tts:wrapOption": "wrap|noWrap",
    "ebutts:multiRowAlign": "start|center|end|auto", "ebutts:linePadding": r"\d+(\.\d+)?c",
    "begin": TIME, "end": TIME, "region": NAME, "style": NAMES, "ttm:agent": NAMES, "ttm:role": r"\S+( \S+)*",
}  # fmt: skip
STYLES = {
    "tts:direction", "tts:fontFamily", "tts:fontSize", "tts:lineHeight", "tts:textAlign", "tts:color",
    "tts:backgroundColor", "tts:fontStyle", "tts:fontWeight", "tts:textDecoration", "tts:unicodeBidi",
    "tts:wrapOption", "ebutts:multiRowAlign", "ebutts:linePadding",
}  # fmt: skip
# For each element: its children in order as a pattern of `name;`, the attributes it may have, those it must have.
ELEMENTS = {
    "tt": ("head;(body;)?", {"xml:space", "ttp:cellResolution"}, {"ttp:timeBase", "xml:lang"}),
    "head": ("(ttm:copyright;)?(metadata;)?styling;layout;", set(), set()),
    "styling": ("(metadata;)?(style;)+", set(), set()),
    "style": ("(metadata;)?", STYLES, {"xml:id"}),
    "layout": ("(metadata;)?(region;)+", set(), set()),
    "region": (
        "(metadata;)?",
        {"style", "tts:displayAlign", "tts:padding", "tts:writingMode", "tts:showBackground", "tts:overflow"},
        {"xml:id", "tts:origin", "tts:extent"},
    ),
    "body": ("(metadata;)?(div;)+", {"style", "ttm:agent", "ttm:role"}, set()),
    "div": ("(metadata;)?(p;)+", {"xml:id", "region", "style", "ttm:agent", "ttm:role", "xml:lang"}, set()),
    "p": (
        "(metadata;)?(br;|span;)*",
        {"xml:space", "xml:lang", "region", "style", "begin", "end", "ttm:agent", "ttm:role"},
        {"xml:id"},
    ),
    "span": (
        "(metadata;)?(br;)*",
        {"xml:id", "xml:space", "xml:lang", "style", "begin", "end", "ttm:agent", "ttm:role"},
        set(),
    ),
    "br": ("(metadata;)?", {"ttm:role"}, set()),
}
REGION_LIMIT = 4


def name(tag):
    """A name with the prefix that everybody uses."""
    if not tag.startswith("{"):
        return tag
    namespace, local = tag[1:].split("}")
    return PREFIXES.get(namespace, "?:") + local


def structure(element):
    """What EBU-TT-D does not allow in an element."""
    tag = name(element.tag)
    if tag not in ELEMENTS:
        yield f"element {tag}"
        return
    children, allowed, required = ELEMENTS[tag]
    found = "".join(f"{name(child.tag)};" for child in element)
    if not re.fullmatch(children, found):
        yield f"{tag} contains {found}"
    attributes = {name(key): value for key, value in element.attrib.items()}
    yield from (f"{tag} without {key}" for key in required - attributes.keys())
    for key, value in attributes.items():
        if key not in allowed | required:
            yield f"{tag} has {key}"
        elif not re.fullmatch(VALUES[key], value):
            yield f"{tag} has {key}='{value}'"
    if tag not in ("p", "span"):
        texts = [element.text, *(child.tail for child in element)]
        if any(text and text.strip() for text in texts):
            yield f"{tag} contains text"
    for child in element:
        if name(child.tag) != "metadata":
            yield from structure(child)


def references(root):
    """Names that are there twice, or meant and not there."""
    kinds = {}
    for element in root.iter():
        identifier = element.get("{http://www.w3.org/XML/1998/namespace}id")
        if identifier in kinds:
            yield f"xml:id '{identifier}' twice"
        if identifier is not None:
            kinds[identifier] = name(element.tag)
    for element in root.iter():
        for key, kind in (("style", "style"), ("region", "region"), (f"{{{TT}#metadata}}agent", "ttm:agent")):
            for reference in (element.get(key) or "").split():
                if kinds.get(reference) != kind:
                    yield f"{name(element.tag)} means the {kind} '{reference}', which is not there"


def milliseconds(time):
    hours, minutes, seconds = time.split(":")
    return round(((int(hours) * 60 + int(minutes)) * 60 + float(seconds)) * 1000)


def imsc(root):
    """What IMSC 1.1 text does not allow: regions out of the picture, over one another, or too many at once."""
    boxes = {}
    for region in root.iter(f"{{{TT}}}region"):
        x, y = (float(part[:-1]) for part in region.get(f"{{{TT}#styling}}origin").split())
        width, height = (float(part[:-1]) for part in region.get(f"{{{TT}#styling}}extent").split())
        identifier = region.get("{http://www.w3.org/XML/1998/namespace}id")
        boxes[identifier] = (x, y, x + width, y + height)
        if x + width > 100.001 or y + height > 100.001 or width <= 0 or height <= 0:
            yield f"region {identifier} is not inside the picture"
    cues = []
    for p in root.iter(f"{{{TT}}}p"):
        if not {"begin", "end", "region"} <= set(p.keys()):
            yield f"a p without begin, end or region: {p.attrib}"
            continue
        if not re.fullmatch(TIME, p.get("begin")) or not re.fullmatch(TIME, p.get("end")):
            yield f"times that are none: {p.attrib}"
            continue
        cues.append((milliseconds(p.get("begin")), milliseconds(p.get("end")), p.get("region")))
        if cues[-1][0] >= cues[-1][1]:
            yield f"p {cues[-1]} does not end after it begins"
    for start, _, _ in cues:
        together = {region for begin, end, region in cues if begin <= start < end}
        if len(together) > REGION_LIMIT:
            yield f"{len(together)} regions at {start} ms"
        for one, other in combinations(sorted(together), 2):
            (left, top, right, bottom), (x, y, x2, y2) = boxes[one], boxes[other]
            if left < x2 - 0.001 and x < right - 0.001 and top < y2 - 0.001 and y < bottom - 0.001:
                yield f"regions {one} and {other} overlap at {start} ms"
    for element in root.iter():
        for key, value in element.attrib.items():
            if name(key) != "ebutts:linePadding" and re.search(r"\dc\b", value) and name(key).startswith("tts:"):
                yield f"{name(key)}='{value}' counts in cells"


def faults(path, is_imsc):
    with open(path, "rb") as file:
        data = file.read()
    if data.startswith(b"\xef\xbb\xbf"):
        yield "a byte-order mark"
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        yield "a document type"
    data.decode("utf-8")
    root = ElementTree.fromstring(data)
    found = [*([] if is_imsc else structure(root)), *references(root)]
    # Only what is well put together can be measured.
    yield from found or imsc(root)


def main(arguments):
    is_imsc = "--imsc" in arguments
    count = 0
    for path in (argument for argument in arguments if argument != "--imsc"):
        for fault in faults(path, is_imsc):
            print(f"{path}: {fault}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
