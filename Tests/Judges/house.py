#!/usr/bin/env python3
"""Whether the house still has the rooms that docs/design.md draws.

    house.py [FOLDER]       judge a tree
    house.py --self-test    break each rule once, in a small tree, and see that it is found

Arrows between targets, the size of targets and functions, circles of files, and one kind of lock. Each exception
stands below with its reason; one that is no longer needed is an error too.
"""

import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

CORE = {"FerryCore"}
BASE = CORE | {"FerryFiles"}
# Which of our targets a target may import.
ARROWS = {
    "FerryCore": set(),
    "FerryFiles": CORE | {"CHashing"},
    "FerryMarkup": CORE,
    "FerryYAML": BASE | {"FerryMarkup"},
    "FerryText": BASE | {"FerryMarkup"},
    "FerryRules": CORE | {"FerryText", "FerryMarkup"},
    "FerryTranslation": CORE | {"FerryText", "FerryMarkup", "FerryRules"},
    "FerryMedia": BASE | {"CFFmpeg", "CEBUR128"},
    "FerryBag": BASE,
    "FerryPackage": BASE | {"FerryMarkup", "FerryBag"},
    # Lists of defects are CSV.
    "FerryExchange": BASE | {"FerryMarkup", "FerryBag", "FerryPackage"},
    "FerryStore": BASE,
    "FerryTransport": BASE,
    "FerryExecution": BASE | {"CSandbox"},
    "FerryPipeline": BASE | {"FerryText", "FerryRules", "FerryMedia", "FerryBag", "FerryPackage", "FerryExchange"},
    "FerryOperations": BASE | {
        "FerryYAML", "FerryText", "FerryRules", "FerryTranslation", "FerryBag", "FerryPackage", "FerryExchange",
        "FerryPipeline", "FerryStore", "FerryExecution", "FerryTransport"},
    "ferry": CORE | {"FerryOperations"},
    "FerryServe": CORE | {"FerryOperations"},
}
C_TARGETS = {"CFFmpeg", "CEBUR128", "CHashing", "CSandbox"}
DOORS = {"ferry", "FerryServe"}
# Files of doors that still import more, until their commands are operations. The list only ever gets shorter.
NOT_YET = set()

# A target's share of all lines of Sources; lines of a function; files that use one another in a circle.
SHARE, FUNCTION, CIRCLE = 1 / 5, 60, 4
LONG_FUNCTIONS = {
    "Sources/FerryPipeline/Inspect/Inspection.swift of": "the steps of an inspection, to be divided with what it reads twice",
    "Sources/FerryStore/StoreError.swift diagnostic": "a table: one entry for each case",
    "Sources/FerryText/Reading/Findings.swift message": "a table: one line for each case",
}
# Files that are a target's table: it names every other one, which may name it.
TABLES = {
    "Sources/FerryRules/TextChecks.swift": "the rules, and what they are given",
    "Sources/ferry/Ferry.swift": "the commands, and the program's version",
}

LOCK = re.compile(
    r"\b(NSLock|NSRecursiveLock|NSCondition|NSConditionLock|OSAllocatedUnfairLock|os_unfair_lock\w*|DispatchSemaphore"
    r"|pthread_(?:mutex|rwlock|spin|cond)_\w+|objc_sync_enter)\b")
LOCKS = {
    "Sources/FerryMedia/Encode/FrameQueue.swift": "a thread waits here for a frame, and a Mutex cannot wait",
}

IMPORT = re.compile(
    r"^[ \t]*(?:@\w+(?:\(\w+\))?\s+)*(?:\w+\s+)?import\s+(?:(?:struct|class|enum|func|protocol|var)\s+)?(\w+)",
    re.MULTILINE)
# A target of Package.swift; all of them stand at one depth, and end where the next one begins.
TARGET = re.compile(
    r'^    \.?(?:executableTarget|target)\(\s*(?:name:\s*)?"(\w+)"(.*?)(?=^    \S|^  \])', re.MULTILINE | re.DOTALL)
# What a file declares for others; a name that several files declare tells nothing.
TYPE = re.compile(
    r"^(?:@\w+(?:\([^)]*\))?\s+)*((?:(?:package|public|internal|final|indirect|nonisolated)\s+)*)"
    r"(?:struct|class|enum|actor|protocol|typealias)\s+(\w+)", re.MULTILINE)
FUNC = re.compile(r"^(\s*)(?:[\w@()]+\s+)*?(?:func\s+\S+|init[?(<]|deinit\b|subscript\b|var\s+\w+\s*:[^={]*\{)")


def blank(text):
    """The code alone: comments and the words of literals become blanks, of which a quotation mark shows the beginning."""
    out, at, depth = [], 0, []
    pattern = re.compile(r'//[^\n]*|/\*|#*"""|#*"|\\#*\(|[()]|\n|.', re.S)
    # A stack of open literals; within an interpolation, code again until its parenthesis closes.
    while at < len(text):
        if depth and depth[-1][0] == "literal":
            _, quote, hashes = depth[-1]
            if text.startswith(quote + hashes, at):
                depth.pop()
                out.append(" " * len(quote + hashes))
                at += len(quote + hashes)
            elif text.startswith("\\" + hashes + "(", at):
                depth.append(["code", 1])
                out.append(" " * (len(hashes) + 2))
                at += len(hashes) + 2
            elif text.startswith("\\" + hashes, at) and at + 1 + len(hashes) < len(text):
                skipped = text[at:at + 2 + len(hashes)]
                out.append("".join("\n" if c == "\n" else " " for c in skipped))
                at += len(skipped)
            else:
                out.append("\n" if text[at] == "\n" else " ")
                at += 1
            continue
        found = pattern.match(text, at)
        word = found[0]
        if word.startswith("//"):
            out.append(" " * len(word))
        elif word == "/*":
            end = text.find("*/", at)
            end = len(text) if end < 0 else end + 2
            out.append("".join("\n" if c == "\n" else " " for c in text[at:end]))
            at = end
            continue
        elif word.endswith('"'):
            hashes = word[:len(word) - len(word.lstrip("#"))]
            depth.append(("literal", word.lstrip("#"), hashes))
            out.append('"' + " " * (len(word) - 1))
        else:
            if depth:
                depth[-1][1] += {"(": 1, ")": -1}.get(word, 0)
                if depth[-1][1] == 0:
                    depth.pop()
                    word = " "
            out.append(word)
        at += len(word)
    return "".join(out)


class Tree:
    """The Swift files of Sources, as text and as bare code."""

    def __init__(self, root):
        self.root = root
        self.text = {
            str(file.relative_to(root)): file.read_text(encoding="utf-8")
            for file in sorted((root / "Sources").rglob("*.swift"))}
        self.code = {name: blank(text) for name, text in self.text.items()}

    def targets(self):
        return sorted({target_of(name) for name in self.text})

    def files(self, target):
        return [name for name in self.text if target_of(name) == target]


def target_of(name):
    return name.split("/")[1]


def arrows(tree, not_yet=None):
    """Imports, and dependencies in Package.swift, that point where they must not."""
    not_yet = NOT_YET if not_yet is None else not_yet
    ours = set(ARROWS) | C_TARGETS
    needed = set()
    for name, code in tree.code.items():
        target = target_of(name)
        if target not in ARROWS:
            yield f"{name}:1: error: '{target}' is not in the table of arrows\n  hint: add it to house.py and docs/design.md"
            continue
        for found in IMPORT.finditer(code):
            if found[1] not in ours or found[1] in ARROWS[target] or found[1] == target:
                continue
            if target in DOORS and name in not_yet:
                needed.add(name)
                continue
            line = code.count("\n", 0, found.start(1)) + 1
            yield (
                f"{name}:{line}: error: '{target}' must not import '{found[1]}'\n"
                "  hint: docs/design.md has the arrows; move the code to the target that may")
    for name in sorted(set(not_yet) - needed):
        yield f"Tests/Judges/house.py:1: error: {name} imports only what doors may\n  hint: take it off NOT_YET"
    manifest = tree.root / "Package.swift"
    text = manifest.read_text(encoding="utf-8")
    for found in TARGET.finditer(text):
        # A door may name whatever its files on NOT_YET still import.
        if found[1] not in ARROWS or (found[1] in DOORS and needed):
            continue
        for word in re.findall(r'"(\w+)"', found[2]):
            if word in ours and word not in ARROWS[found[1]]:
                line = text.count("\n", 0, found.start(1)) + 1
                yield f"Package.swift:{line}: error: '{found[1]}' must not depend on '{word}'\n  hint: docs/design.md has the arrows"


def sizes(tree):
    """Targets that have become too large."""
    lines = Counter()
    for name, text in tree.text.items():
        lines[target_of(name)] += text.count("\n")
    whole = sum(lines.values())
    for target, count in lines.items():
        if count > whole * SHARE:
            yield (
                f"Sources/{target}:1: error: {count} of {whole} lines are in '{target}', more than a fifth\n"
                "  hint: cut a target out of it")


def functions(tree, excused=None):
    """Functions that nobody can see as a whole."""
    excused = LONG_FUNCTIONS if excused is None else excused
    used = set()
    for name, code in tree.code.items():
        for line, length, title in lengths(code):
            if length <= FUNCTION:
                continue
            if (key := f"{name} {title}") in excused:
                used.add(key)
            else:
                yield (
                    f"{name}:{line}: error: '{title}' has {length} lines, more than {FUNCTION}\n"
                    "  hint: give its parts names")
    for key in sorted(set(excused) - used):
        yield f"Tests/Judges/house.py:1: error: {key} is short enough\n  hint: take it off LONG_FUNCTIONS"


def lengths(code):
    """Every function: the line it begins in, its number of lines, its name. The formatter aligns the closing brace."""
    lines = code.split("\n")
    for number, line in enumerate(lines):
        if not (found := FUNC.match(line)):
            continue
        close = found[1] + "}"
        # A declaration without a body (in a protocol) ends where the next line is not deeper.
        for end in range(number, len(lines)):
            if end > number and lines[end].strip() and not lines[end].startswith(found[1] + " "):
                if lines[end].startswith(close):
                    title = re.search(r"func\s+(\w+|[^\s(]+)|\b(init|deinit|subscript)\b|var\s+(\w+)", line)
                    yield number + 1, end - number + 1, next(filter(None, title.groups()))
                    break
                if not lines[end].startswith(found[1] + ")"):
                    break


def circles(tree, tables=None):
    """Files of a target that all need one another, its table aside."""
    tables = TABLES if tables is None else tables
    for target in tree.targets():
        for circle in strongly_connected(uses(tree, target, tables)):
            if len(circle) <= CIRCLE:
                continue
            names = ", ".join(sorted(Path(name).name for name in circle))
            yield (
                f"{min(circle)}:1: error: {len(circle)} files of '{target}' form a circle: {names}\n"
                "  hint: move what they share into a file that knows none of them")
    for name in sorted(set(tables) - set(tree.text)):
        yield f"Tests/Judges/house.py:1: error: there is no {name}\n  hint: take it off TABLES"


def uses(tree, target, tables):
    """Which file uses types that another one declares."""
    files = [name for name in tree.files(target) if name not in tables]
    homes, many = {}, set()
    for name in files:
        for found in TYPE.finditer(tree.code[name]):
            if found[2] in homes and homes[found[2]] != name:
                many.add(found[2])
            homes[found[2]] = name
    for name in many:
        del homes[name]
    return {
        name: {homes[word] for word in set(re.findall(r"\b[A-Z]\w*", tree.code[name])) if word in homes} - {name}
        for name in files}


def strongly_connected(graph):
    """Tarjan's algorithm."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            found.append(set(stack[at:]))
            del stack[at:]

    sys.setrecursionlimit(10_000)
    for node in graph:
        if node not in index:
            visit(node)
    return found


def locks(tree, excused=None):
    """Locks of another kind than Mutex, which holds what it guards."""
    excused = LOCKS if excused is None else excused
    used = set()
    for name, code in tree.code.items():
        for found in LOCK.finditer(code):
            if name in excused:
                used.add(name)
                continue
            line = code.count("\n", 0, found.start()) + 1
            yield f"{name}:{line}: error: '{found[1]}' is another kind of lock\n  hint: use Mutex, of Synchronization"
    for name in sorted(set(excused) - used):
        yield f"Tests/Judges/house.py:1: error: {name} has no other lock\n  hint: take it off LOCKS"


def judged(root):
    tree = Tree(root)
    return [*arrows(tree), *sizes(tree), *functions(tree), *circles(tree), *locks(tree)]


def self_test():
    """Breaks each rule once; prints what was not found."""
    failed = []

    def expect(what, check, files, *wanted):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "Package.swift").write_text("let package = Package(\n  targets: [\n  ]\n)\n")
            for name, text in files.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            said = list(check(Tree(root)))
        if len(said) != len(wanted) or not all(any(word in one for one in said) for word in wanted):
            failed.append(f"house.py: error: {what}: wanted {list(wanted)}, found {said}")

    core, door = "Sources/FerryCore/A.swift", "Sources/ferry/Commands/A.swift"
    bare = lambda tree: arrows(tree, {})
    expect("a good import", bare, {"Sources/FerryBag/A.swift": "internal import FerryCore\nimport Foundation\n"})
    expect("an import upwards", bare, {core: "internal import FerryMedia\n"}, "A.swift:1: error: 'FerryCore' must not import")
    expect("an import in words", bare, {core: '// import FerryMedia\nlet a = """\n  import FerryMedia\n  """\n'})
    expect("a room without a place", bare, {"Sources/FerryNew/A.swift": ""}, "not in the table")
    expect("a door that knows too much", bare, {door: "import FerryStore\n"}, "'ferry' must not import 'FerryStore'")
    expect("a door that may still", lambda tree: arrows(tree, {door}), {door: "import FerryStore\n"})
    expect("a door that need not", lambda tree: arrows(tree, {door}), {door: "import FerryCore\n"}, "take it off NOT_YET")
    expect(
        "a dependency upwards", bare,
        {"Package.swift": 'let package = Package(\n  targets: [\n    target("FerryBag", ["FerryCore", "FerryMedia"]),\n  ]\n)\n'},
        "'FerryBag' must not depend on 'FerryMedia'")
    rooms = {f"Sources/Room{n}/A.swift": "let a = 1\n" * 20 for n in range(5)}
    expect("rooms of one size", sizes, rooms)
    expect("a large room", sizes, rooms | {"Sources/Room1/B.swift": "let b = 1\n" * 20}, "in 'Room1', more than a fifth")
    body = "\n".join(["    let a = 1"] * 58)
    short = f"struct A {{\n  func f(\n    a: Int\n  ) {{\n{body[:-28]}\n  }}\n\n  func g() {{\n{body}\n  }}\n}}\n"
    longer = short.replace("func g() {\n", "func g() {\n    let b = 1\n")
    none = lambda tree: functions(tree, {})
    expect("a function of sixty lines", none, {core: short})
    expect("a function of sixty-one lines", none, {core: longer}, "'g' has 61 lines")
    expect("an excused one", lambda tree: functions(tree, {f"{core} g"}), {core: longer})
    expect("an idle excuse", lambda tree: functions(tree, {f"{core} g"}), {core: short}, "take it off LONG_FUNCTIONS")

    def ring(count):
        return {f"Sources/FerryCore/T{n}.swift": f"struct T{n} {{ var next: [T{(n + 1) % count}] }}\n" for n in range(count)}

    bare = lambda tree: circles(tree, {})
    expect("a circle of four", bare, ring(4))
    expect("a circle of five", bare, ring(5), "5 files of 'FerryCore' form a circle: T0.swift, T1.swift")
    expect("words are not code", bare, ring(5) | {"Sources/FerryCore/T4.swift": 'struct T4 { var a = "T0" /* T0 */ } // T0\n'})
    expect("an interpolation is", bare, ring(5) | {"Sources/FerryCore/T4.swift": 'struct T4 { var a = "\\(T0.self)" }\n'}, "a circle")
    expect("a circle through a table", lambda tree: circles(tree, {"Sources/FerryCore/T2.swift"}), ring(5))
    expect("a table that is gone", lambda tree: circles(tree, {"Sources/FerryCore/T9.swift"}), ring(4), "take it off TABLES")
    for lock in ("NSLock()", "NSCondition()", "DispatchSemaphore(value: 1)", "pthread_mutex_t()", "os_unfair_lock()"):
        expect(f"a lock of its own: {lock}", lambda tree: locks(tree, {}), {core: f"let a = {lock}\n"}, "another kind of lock")
    expect("a Mutex", lambda tree: locks(tree, {}), {core: "let a = Mutex(1) // NSLock\n"})
    expect("an idle excuse", lambda tree: locks(tree, {core: ""}), {core: ""}, "take it off LOCKS")
    return failed


def main():
    if sys.argv[1:] == ["--self-test"]:
        problems = self_test()
    else:
        problems = judged(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2]))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
