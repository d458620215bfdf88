#!/usr/bin/env python3
"""Embeds the preview's templates, style sheet and script in the program.

    assets.py [FOLDER]

Writes Sources/FerryPackage/Preview/PreviewAssets.swift from the files in Assets/ beside it, each as one raw string
literal: `.embedInCode` compiles 5 kB a second, and a resource bundle is not where an installed program is. A test says
when it was not run after a change.
"""

import sys
from pathlib import Path


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2])
    preview = root / "Sources/FerryPackage/Preview"
    lines = [
        "// swift-format-ignore-file",
        "// Made from the files in Assets by `make assets`: change those.",
        "",
        "/// The preview's templates, style sheet and script.",
        "enum PreviewAssets {"]
    for file in sorted((preview / "Assets").iterdir()):
        text = file.read_text(encoding="utf-8")
        if '"""#' in text or "\\#" in text:
            print(f"{file}: error: it has what ends a raw string literal in Swift", file=sys.stderr)
            return 1
        lines += [f"  static let {file.stem} = #\"\"\"", text + '\n"""#', ""]
    (preview / "PreviewAssets.swift").write_text("\n".join(lines[:-1]) + "\n}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
