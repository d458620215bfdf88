#!/usr/bin/env python3
"""What the formatter does not see: forbidden constructs, media opened outside a sandbox, undeclared imports.

    lint.py [FOLDER]

Exceptions are lines of allowed.txt: `Sources/Target/File.swift: the code of the line`. An exception that
excuses nothing is an error too, so that the list stays true.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

FORBIDDEN = {
    r"/bin/sh\b": "start programs with a list of arguments, not through a shell",
    r"\bsystem\(|\bpopen\(": "start programs with a list of arguments, not through a shell",
    r"\bavfilter_graph_parse": "build filter graphs by API: a file name in a graph string is code",
    r"\bXMLDocument\(": "it expands entities of files that strangers wrote",
    r"\bYams\.load": "walk the nodes of 'compose', which have places and limits",
    r"\btry\?": "an error must not vanish: catch it and say what it means here",
}
# Files that read what somebody else wrote: media, packages, playlists, timed text.
BORDERS = (
    "Sources/FerryBag/",
    "Sources/FerryExchange/",
    "Sources/FerryFiles/",
    "Sources/FerryMarkup/",
    "Sources/FerryMedia/",
    "Sources/FerryPackage/",
    "Sources/FerryRules/",
    "Sources/FerryText/",
    "Sources/FerryPipeline/Make/TitleWork.swift",
    "Sources/FerryPipeline/Publish/MediaCheck.swift",
    "Sources/FerryCore/Plan/Milliseconds.swift",
    "Sources/FerryCore/Plan/SourceFacts.swift",
    "Sources/FerryCore/Text/CueTime.swift",
    "Sources/FerryCore/Text/Readable.swift",
    "Sources/ferry/Rendering/ProbeText.swift",
)
# In those, what can trap on a foreign number.
TRAPS = {
    r"\b(?:U?Int(?:8|16|32|64)?)\((?!bounded:|clamping:|exactly:|truncatingIfNeeded:)"
    r"(?:[^()]|\([^()]*\))*(?:\.rounded\(|\bDouble\(|\bseconds\b|(?<!scalar)(?<!line)\.value\b|\.inSeconds\b)":
        "a Double may be huge or not a number: Int(bounded:), Foreign(_:) or Milliseconds(seconds:)",
    r"(?<![\w.])abs\(\w+\.(?:count|milliseconds)\b": "abs of the smallest number traps: '.magnitude'",
    r"\b(?:pts|dts)\s*(?:[-+*]=|[-+*]\s)": "a timestamp may be any number: adding(bounded:) or subtracting(bounded:)",
    r"\bMilliseconds\(Int\((?!bounded:)": "Milliseconds(seconds:), or Milliseconds(foreign:) where it may be unknown",
}
# What opens media, and where that may happen: in FerryMedia itself, and in what a worker or a reader runs.
OPENS = re.compile(
    r"\b(Demuxer\.open|Probe\.facts|PacketCount\.completing|TextPackets\.of|Examination\.of|MeasuredLength\."
    r"|SpeechLevels\.of|Transcode\.run|SingleFile\.write|ScanMeasure\.|SegmentIndex\.|SourceReader\b|TitleWork\(|question\.answer\b)|\.here\b")
OPENERS = {
    "Sources/FerryPipeline/Inspect/MediaAnswering.swift", "Sources/FerryPipeline/Make/TitleWork.swift",
    "Sources/FerryPipeline/Publish/MediaCheck.swift", "Sources/FerryOperations/Media/MediaReader.swift",
    "Sources/FerryOperations/Media/TitleWorker.swift",
}
IMPORT = re.compile(
    r"^[ \t]*(?:@\w+(?:\(\w+\))?\s+)*(?:\w+\s+)?import\s+(?:(?:struct|class|enum|func|protocol|var)\s+)?(\w+)",
    re.MULTILINE)


def code_lines(file):
    """Numbered lines that are not comments as a whole."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.lstrip().startswith("//"):
            yield number, line.strip()


def forbidden(root):
    listed = (root / "Tests/Judges/allowed.txt").read_text(encoding="utf-8").splitlines()
    unused = {line for line in listed if line and not line.startswith("#")}
    allowed = frozenset(unused)
    for file in sorted((root / "Sources").rglob("*.swift")):
        name = file.relative_to(root)
        for number, line in code_lines(file):
            border = TRAPS if str(name).startswith(BORDERS) else {}
            for pattern, reason in (FORBIDDEN | border).items():
                if not (found := re.search(pattern, line)):
                    continue
                if (excuse := f"{name}: {line}") in allowed:
                    unused.discard(excuse)
                else:
                    yield f"{name}:{number}: error: '{found[0]}' is forbidden\n  hint: {reason}"
    for excuse in sorted(unused):
        yield f"Tests/Judges/allowed.txt:{listed.index(excuse) + 1}: error: excuses nothing\n  hint: remove the line"


def opened(root):
    """Media that is opened where no sandbox is."""
    unused = set(OPENERS)
    for file in sorted((root / "Sources").rglob("*.swift")):
        name = str(file.relative_to(root))
        if name.startswith("Sources/FerryMedia/"):
            continue
        for number, line in code_lines(file):
            if not (found := OPENS.search(line)):
                continue
            if name in OPENERS:
                unused.discard(name)
            else:
                yield (
                    f"{name}:{number}: error: '{found[0]}' opens media outside a sandboxed process\n"
                    "  hint: ask a MediaSession, which asks a reader")
    for name in sorted(unused):
        yield f"{name}:1: error: it may open media and does not\n  hint: take it off the list in lint.py"


def undeclared(root):
    """Imports of a package's modules by targets that do not name them, also where they come with another target."""
    answer = subprocess.run(["swift", "package", "dump-package"], cwd=root, capture_output=True, text=True, check=False)
    if answer.returncode:
        yield f"Package.swift:1: error: {answer.stderr.strip()}"
        return
    targets = {}
    for target in json.loads(answer.stdout)["targets"]:
        declared = [next(iter(word.values()))[0] for word in target["dependencies"]]
        folder = "Tests" if target["type"] == "test" else "Sources"
        targets[target["name"]] = (root / (target.get("path") or f"{folder}/{target['name']}"), declared)
    modules = set(targets) | {name for _, declared in targets.values() for name in declared}
    for target, (folder, declared) in targets.items():
        for file in sorted(folder.rglob("*.swift")):
            text = file.read_text(encoding="utf-8")
            for found in IMPORT.finditer(text):
                if found[1] in modules and found[1] not in (*declared, target):
                    line = text.count("\n", 0, found.start(1)) + 1
                    place = f"{file.relative_to(root)}:{line}"
                    yield (
                        f"{place}: error: '{target}' imports '{found[1]}' without declaring it\n"
                        "  hint: see which targets may know each other, then Package.swift")


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2])
    problems = [*forbidden(root), *opened(root), *undeclared(root)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
