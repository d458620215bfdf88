#!/usr/bin/env python3
"""docs/diagnostics.md and docs/files.md, from the sources: every code that ferry says, every field that it writes.

    reference.py            fails where the pages are not what the sources say
    reference.py --write    writes them anew
"""

import re
import sys
from pathlib import Path

from house import blank

ROOT = Path(__file__).parents[2]
CODE = re.compile(r'"([a-z]+(?:\.[a-z0-9_-]+)+)"')
# Calls that say something to a person: what they are named, and the severity where none is given.
CALLS = {"Diagnostic": "error", "Refusal": "error", "XMLFault": "error", "Finding": "", "TextFinding": "", "flag": "by profile", "add": ""}
FILE_NAMES = (".csv", ".db", ".json", ".jpg", ".mp4", ".txt")
CALLEE = re.compile(r"([\w.]*)\s*$")


def literals(text):
    """The string literals of a piece of source, as people read them; what is filled in stands in braces."""
    found, at = [], 0
    while (at := text.find('"', at)) >= 0:
        quote = '"""' if text.startswith('"""', at) else '"'
        end, depth = at + len(quote), 0
        while end < len(text) and (depth or not text.startswith(quote, end)):
            if text.startswith("\\(", end):
                depth += 1
                end += 2
            elif depth and text[end] in "()":
                depth += 1 if text[end] == "(" else -1
                end += 1
            elif text[end] == "\\" and not depth:
                end += 2
            else:
                end += 1
        found.append(said(text[at + len(quote):end], quote))
        at = end + len(quote)
    return found


def said(text, quote):
    out, at = "", 0
    if quote == '"""':
        text = " ".join(line.strip() for line in re.sub(r"\\\n", "\n", text).split("\n")).strip()
    while at < len(text):
        if text.startswith("\\(", at):
            end, depth = at + 2, 1
            while depth and end < len(text):
                depth += {"(": 1, ")": -1}.get(text[end], 0)
                end += 1
            word = re.fullmatch(r"(?:\w+\.)*(\w+)", text[at + 2:end - 1])
            out += "{" + (word[1] if word else "…") + "}"
            at = end
        elif text[at] == "\\":
            out += {"n": " ", "t": "\t"}.get(text[at + 1:at + 2], text[at + 1:at + 2])
            at += 2
        else:
            out += text[at]
            at += 1
    return out


def arguments(code, start):
    """The arguments of the call whose parenthesis is at `start`, as pieces of text and code."""
    depth, begin, parts = 0, start + 1, []
    for at in range(start, len(code)):
        if code[at] in "([{":
            depth += 1
        elif code[at] in ")]}":
            depth -= 1
            if depth == 0:
                return parts + [(begin, at)]
        elif code[at] == "," and depth == 1:
            parts.append((begin, at))
            begin = at + 1
    return parts


def opening(code, at):
    """The parenthesis of the call that the character `at` is an argument of."""
    depth = 0
    for at in range(at - 1, -1, -1):
        if code[at] in ")]}":
            depth += 1
        elif code[at] in "([{":
            if depth == 0:
                return at if code[at] == "(" else None
            depth -= 1
    return None


class Saying:
    def __init__(self, code, severity, messages, hints, file):
        self.code, self.severity, self.messages, self.hints, self.file = code, severity, messages, hints, file


def sayings():
    """Every place that says something; the codes that stand elsewhere come last, without a message."""
    loose = []
    for file in sorted((ROOT / "Sources").rglob("*.swift")):
        text = file.read_text(encoding="utf-8")
        code = blank(text)
        for found in CODE.finditer(text):
            start = opening(code, found.start())
            if code[found.start()] != '"':
                continue  # the words of another literal
            if start is None or code[start] != "(":
                loose.append((found[1], file))
                continue
            callee = CALLEE.search(code[:start])[1].split(".")[-1]
            parts = arguments(code, start)
            mine = next(i for i, (a, b) in enumerate(parts) if a <= found.start() < b)
            words = [text[a:b].strip() for a, b in parts]
            # Arguments before the code are a severity or a kind; a rule's name among others is a name only.
            if callee == "rule" or callee not in CALLS and not re.match(r"[a-z]\w*$", callee):
                loose.append((found[1], file))
                continue
            if not re.fullmatch(r'(?:code:\s*|_ code: String = )?(?:[^"]*\?\s*)?"[^"]+"(?:\s*:\s*"[^"]+")?', words[mine]):
                continue
            severity = "warning" if callee == "warn" else CALLS.get(callee, "error")
            messages, hints = [], []
            for index, (a, b) in enumerate(parts):
                word = words[index]
                if level := re.search(r"(?:^|[\s?:(])\.(error|warning|info)\b", code[a:b]):
                    severity = level[1]
                if index == mine or re.match(r"(at|place|cue|measure|file|line|column|rule)\s*:", word):
                    continue
                texts = [one for one in literals(text[a:b]) if " " in one]
                if re.fullmatch(r"[a-z]\w*", word) and index > mine:
                    named = list(re.finditer(rf"\blet {word} = ", code[:found.start()]))
                    if named and text.startswith('"', named[-1].end()):
                        texts = literals(text[named[-1].end():found.start()])[:1]
                if word.startswith("hint:"):
                    hints += texts
                elif index > mine and texts and messages and callee not in CALLS:
                    hints += texts  # a call of one file's own: where, what, what to do
                elif index > mine:
                    messages += texts
            if callee in CALLS and not messages:
                more, hints_there = helped(text, code, found.start())
                messages += more
                hints += hints_there
            if callee in CALLS or messages:
                yield Saying(found[1], severity, messages, hints, file)
            else:
                loose.append((found[1], file))
    for one, file in loose:
        yield Saying(one, "", [], [], file)


def helped(text, code, at):
    """What the callers of a function say, where it only puts a code to their words."""
    names = re.findall(r"\bfunc (\w+)\(", code[:at])
    messages, hints = [], []
    for call in re.finditer(rf"(?<!func )\b{names[-1]}\(", code) if names else ():
        said_before = False
        for a, b in arguments(code, call.end() - 1):
            texts = [one for one in literals(text[a:b]) if " " in one]
            (hints if said_before else messages).extend(texts)
            said_before = said_before or bool(texts)
    return messages, hints


def rules():
    text = (ROOT / "Sources/FerryCore/Text/TextRule.swift").read_text(encoding="utf-8")
    return re.findall(r'rule\("([^"]+)", "([^"]+)", \.(\w+)\)', text)


def cell(lines):
    unique = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    return "<br>".join(line.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*") for line in unique)


def diagnostics():
    yield "# What ferry says, by code\n"
    yield (
        "Every problem has a code that stays the same, for scripts. `--json` gives it as `code`, beside `severity`, `place`, `message` "
        "and `hint`. This page is made from the sources (`Tests/Judges/reference.py --write`); what stands in braces is filled in.\n")
    names = {name for name, _, _ in rules()}
    by_code, all_of = {}, list(sayings())
    # What only looks like a code (a file's name, a style) begins as no code does.
    heads = {one.code.split(".")[0] for one in all_of if one.messages}
    for one in all_of:
        if one.messages or one.severity or one.code.split(".")[0] in heads and not one.code.endswith(FILE_NAMES):
            by_code.setdefault(one.code, []).append(one)
    yield "An **error** holds what it is about; a **warning** does not.\n"
    group = None
    for code in sorted(set(by_code) - names):
        if (head := code.split(".")[0]) != group:
            group = head
            yield f"\n## `{head}`\n\n| code | severity | message | hint |\n| --- | --- | --- | --- |"
        said_here = by_code[code]
        severity = ", ".join(sorted({one.severity for one in said_here} - {""})) or "error"
        messages = cell([m for one in said_here for m in one.messages]) or "(says what was found)"
        yield f"| `{code}` | {severity} | {messages} | {cell([h for one in said_here for h in one.hints])} |"
    yield "\n## Rules of timed text\n"
    yield (
        "The text profile decides whether a rule gives an error, a warning or a note (`ferry profiles`). A job may waive a "
        "rule, with a reason; `enc.…` and `fmt.parse` cannot be waived.\n")
    yield "| rule | asks that | messages | hints |\n| --- | --- | --- | --- |"
    for name, what, _ in rules():
        ones = by_code.get(name, [])
        yield (
            f"| `{name}` | {cell([what])} | {cell([m for one in ones for m in one.messages])} "
            f"| {cell([h for one in ones for h in one.hints])} |")
    yield "\n## Repairs of timed text\n"
    yield "What a reader tolerates, as `fmt.repaired`, `fmt.markup` or another rule of the file.\n\n| repair | message |\n| --- | --- |"
    text = (ROOT / "Sources/FerryText/Reading/Findings.swift").read_text(encoding="utf-8")
    body = text[text.index("var message: String"):text.index("var hint: String?")]
    for name, message in re.findall(r'case \.(\w+)(?:\([^)]*\))?:\s*"(.*)"', body):
        yield f"| `{name}` | {cell([said(message, chr(34))])} |"


# The files that ferry writes as JSON: their name, who reads them, the type, and whether keys are in snake case.
FILES = [
    ("For partners", [
        ("`ferry-delivery.json`, in every package", "DeliveryManifest", "FerryPackage", True),
        ("`LABEL_vN.ticket.json`, beside a package that was sent", "Ticket", "FerryExchange", True),
        ("`….receipt.json`, what the receiving side answers", "Receipt", "FerryExchange", True),
        ("Defects, one of the list in `{\"schema\": \"ferry-defects/1\", \"defects\": […]}`", "Defect", "FerryExchange", True),
        ("`sender.json`, in a partner's shelf", "ShelfOwner", "FerryExchange", True),
    ]),
    ("In ferry's own folder", [
        ("`renditions/KEY/kept.json`", "Kept", "FerryPipeline", False),
        ("`lessons/KEY/outcome.json`", "TitleOutcome", "FerryCore", False),
        ("`lessons/KEY/record.json`, from which the queue is rebuilt", "AttemptRecord", "FerryCore", False),
        ("`last/LABEL/TITLE.json`", "TitleInputs", "FerryCore", False),
        ("`published/LABEL_vN.json`", "Published", "FerryPipeline", False),
        ("`exchange/LABEL/….sent.json`", "Note", "FerryExchange", True),
        ("`exchange/LABEL/defects.json`", "DefectBook", "FerryExchange", True),
    ]),
]
PROPERTY = re.compile(r"^(\s*)(?:@\w+\s+)*(?:(?:package|public|internal|private|fileprivate)(?:\(set\))?\s+)*(?:var|let)\s+(\w+)\s*(:\s*([^={]+?))?\s*(=\s*[^{]*)?$")
STRUCT = re.compile(r"^(\s*)((?:package |private |fileprivate |public |final |indirect )*)(struct|enum|class)\s+(\w+)[^{\n]*\{", re.MULTILINE)
EXTENSION = re.compile(r"^extension\s+([\w.]+)[^{\n]*\{", re.MULTILINE)


class Kind:
    """A type of the sources: its properties with what their comments say, its cases, and the types inside."""

    def __init__(self, name, path, what, file):
        self.name, self.path, self.what, self.file = name, path, what, file
        self.properties, self.cases, self.keys = [], [], {}
        self.note, self.is_encodable, self.holds_values = "", False, False


class Types:
    def __init__(self):
        self.kinds = []
        for file in sorted((ROOT / "Sources").rglob("*.swift")):
            self.read(file)

    def read(self, file):
        lines = file.read_text(encoding="utf-8").split("\n")
        code = blank("\n".join(lines)).split("\n")
        stack, note = [], []
        for number, line in enumerate(code):
            indent = len(line) - len(line.lstrip())
            while stack and line.strip().startswith("}") and indent == stack[-1][0]:
                stack.pop()
            if lines[number].strip().startswith("///"):
                note.append(lines[number].strip()[3:].strip())
                continue
            if (found := STRUCT.match(line)) or (found := EXTENSION.match(line)):
                extends = found.re is EXTENSION
                names = found[1].split(".") if extends else [found[4]]
                path = ".".join([one[1] for one in stack] + names)
                kind = None
                if not extends:
                    kind = Kind(found[4], path, found[3], file)
                    kind.is_encodable = bool(re.search(r":.*\b(Encodable|Codable)\b", re.sub(r"<[^>]*>", "", line)))
                    if found[4] != "CodingKeys":
                        self.kinds.append(kind)
                        kind.note = " ".join(note)
                if line.count("{") > line.count("}"):
                    stack.append((indent, ".".join(names), kind))
                elif kind:
                    self.inside(kind, lines[number], line)
            elif stack and stack[-1][2] and indent == stack[-1][0] + 2:
                self.member(stack, lines[number], line, " ".join(note))
            note = []

    def inside(self, kind, text, line):
        body = text[text.index("{") + 1:text.rindex("}")]
        for part in re.findall(r"case ([^;]+)", body):
            kind.cases += [case(one) for one in part.split(",")]
        for part in re.findall(r"\b(?:var|let) (\w+): ([\w.\[\]:? ]+)", body):
            kind.properties.append((part[0], part[1].strip(), ""))

    def member(self, stack, text, line, note):
        kind = stack[-1][2]
        if found := re.match(r"\s*(?:indirect )?case (.+)", text.split("//")[0]):
            if kind.name == "CodingKeys" and len(stack) > 1 and stack[-2][2]:
                for one in found[1].split(","):
                    name, _, raw = one.partition("=")
                    stack[-2][2].keys[name.strip()] = raw.strip().strip('"') or name.strip()
            elif not found[1].rstrip().endswith(":"):
                kind.holds_values = kind.holds_values or "(" in found[1]
                kind.cases += [case(one) for one in re.sub(r"\([^()]*\)", "", found[1]).split(",")]
        elif kind.what != "enum" and (found := PROPERTY.match(line.split("//")[0].rstrip())) and "static" not in line:
            if "lazy" in line or line.rstrip().endswith("{"):
                return
            default = (re.search(r"=\s*(.+)$", text) or [None, ""])[1].strip()
            written = (found[4] or ("String" if default.startswith('"') else "Int")).strip()
            known = f" `{default}`" if default.startswith('"') else ""
            kind.properties.append((found[2], written, (note + known).strip()))

    def named(self, name, near=None, target=None):
        """The type of that name which is nearest: inside, beside or above the type that names it."""
        all_of = [one for one in self.kinds if one.path == name or one.path.endswith("." + name)]
        if target:
            all_of = [one for one in all_of if f"/{target}/" in str(one.file)] or all_of
        if near:
            parts = near.path.split(".")
            for depth in range(len(parts), -1, -1):
                wanted = ".".join(parts[:depth] + [name])
                for one in all_of:
                    if one.path == wanted:
                        return one
        return all_of[0] if all_of else None


def case(text):
    name, _, raw = text.partition("=")
    return raw.strip().strip('"') or name.strip().strip("`")


PLAIN = {
    "String": "text", "Int": "whole number", "Double": "number", "Bool": "true or false", "Milliseconds": "milliseconds",
    "CueTime": "milliseconds", "Rational": "fraction, as text (`25/1`)", "LanguageTag": "language tag (BCP 47)", "Day": "day",
    "Timestamp": "time", "LeaseToken": "text", "StepKey": "digest", "UInt8": "whole number", "Int64": "whole number", "UInt64": "whole number",
    "Int32": "whole number", "Float": "number", "URL": "address"}


def shape(written, owner, types, open_types):
    """How a value of that Swift type looks in JSON; types of ferry's own are put on the list `open_types`."""
    written = written.strip()
    if written.endswith("?"):
        return shape(written[:-1], owner, types, open_types)
    if found := re.fullmatch(r"\[(.+?)\s*:\s*(.+)\]", written):
        return "object of " + shape(found[2], owner, types, open_types)
    if found := re.fullmatch(r"\[(.+)\]", written) or re.fullmatch(r"Set<(.+)>", written):
        return "list of " + shape(found[1], owner, types, open_types)
    if written in PLAIN:
        return PLAIN[written]
    kind = types.named(written, owner)
    if kind is None:
        return f"`{written}`"
    if kind.what == "enum" and kind.cases and not kind.properties:
        how = "object with one key, the case: " if kind.holds_values and kind.is_encodable else "one of "
        return how + ", ".join(f"`{one}`" for one in kind.cases)
    if kind not in open_types:
        open_types.append(kind)
    return f"[{kind.path}](#{anchor(kind)})"


def anchor(kind):
    return kind.path.lower().replace(".", "")


def snake(name):
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: "_" + found[1].lower(), name)


def fields(kind, types, open_types, is_snake):
    yield "| field | value | |\n| --- | --- | --- |"
    for name, written, note in kind.properties:
        key = kind.keys.get(name, name) if kind.keys else name
        if kind.keys and name not in kind.keys:
            continue
        optional = "may be missing" if written.endswith("?") else ""
        note = note.replace("|", "\\|").replace("`nil`", "missing")
        text = "; ".join(one for one in (optional, note) if one)
        yield f"| `{snake(key) if is_snake else key}` | {shape(written, kind, types, open_types)} | {text} |"


def files():
    types = Types()
    yield "# The files and answers that ferry writes\n"
    yield (
        "Made from the sources (`Tests/Judges/reference.py --write`). Field names of files for partners and of `--json` are in "
        "snake case; those of ferry's own folder are not. In ferry's own folder a line with the SHA-256 follows each record. "
        "Readers skip fields that they do not know, and a number beyond 2⁵⁰ is refused.\n")
    yield "What schemas of others describe is not repeated: `ro-crate-metadata.json` is RO-Crate 1.1, `EPI-001.json` is AMB and schema.org.\n"
    parts = {True: [], False: []}
    for title, group in FILES:
        yield f"\n## {title}\n"
        for what, name, target, is_snake in group:
            kind = types.named(name, target=target)
            yield f"### {what}\n\n{kind.note}\n"
            yield from fields(kind, types, parts[is_snake], is_snake)
            yield ""
    yield "\n## Answers of `--json`\n\nOne object, or a list of them, on standard output. A problem has `severity`, `code`, `place`, `message` and `hint`.\n"
    told = []
    for kind in types.kinds:
        is_door = "/ferry/" in str(kind.file) or "/FerryOperations/" in str(kind.file)
        if is_door and kind.is_encodable and kind.what == "struct" and not any(kind.path.startswith(one) for one in told):
            told.append(kind.path + ".")
            yield f"### {kind.path.removesuffix('.Answer')} ({kind.file.relative_to(ROOT)})\n"
            if kind.note:
                yield kind.note + "\n"
            yield from fields(kind, types, parts[True], True)
            yield ""
    yield "\n## Metrics (`ferry run --metrics FILE`)\n\nPrometheus' text format.\n\n| metric | kind | |\n| --- | --- | --- |"
    for file in sorted((ROOT / "Sources").rglob("Metrics.swift")):
        for name, kind, note in re.findall(r'family\(\s*"(\w+)", "(\w+)", "([^"]+)"', file.read_text(encoding="utf-8")):
            yield f"| `ferry_{name}` | {kind} | {note} |"
    done = set()
    for is_snake, title in ((True, "Parts, in snake case"), (False, "Parts, as in ferry's own folder")):
        yield f"\n## {title}\n"
        for kind in parts[is_snake]:  # grows while it is read
            if kind in done:
                yield f"### {kind.path}{'' if is_snake else ' (own folder)'}\n"
            else:
                yield f"### {kind.path}\n"
            done.add(kind)
            if kind.note:
                yield kind.note + "\n"
            if kind.what == "enum":
                yield "One of " + ", ".join(f"`{one}`" for one in kind.cases) + ".\n"
            else:
                yield from fields(kind, types, parts[is_snake], is_snake)
            yield ""


def main():
    failed = False
    for name, lines in (("docs/diagnostics.md", diagnostics()), ("docs/files.md", files())):
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"
        path = ROOT / name
        if "--write" in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"{name}:1: error: it is not what the sources say\n  hint: python3 Tests/Judges/reference.py --write")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
