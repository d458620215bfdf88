#!/usr/bin/env python3
"""Measures a package's preview page at the widths that people have, on screens and on paper.

    page.py PACKAGE LESSON [--shots DIR]

LESSON has a hundred cues or more in two languages. At each width, with and without script, in both languages of the
page, light and dark: nothing is wider than the screen, no two texts lie on each other, a click at the middle of a
link or button hits it, and axe-core finds nothing. One line for each assertion; the exit code is 1 when one does not
hold. --shots takes pictures of the page.
"""

import argparse
import hashlib
import importlib.metadata
import json
import re
import sys
from pathlib import Path

from browser import Unplayable, Verdict
from preview import GO, PLAY, SHOWN, Page

WIDTHS = (320, 390, 768, 950, 1280)
AXED = {(390, "en", "light"), (1280, "zh", "light"), (390, "zh", "dark"), (1280, "en", "dark")}

# What is wider than the screen, texts that lie on each other, and controls that something else covers. A text is
# counted where it can be seen: what a scrolling part hides is no overlap.
LAYOUT = """() => {
  for (const node of document.querySelectorAll("details")) node.open = true;
  const seen = (rect, node) => {
    let { left, top, right, bottom } = rect;
    for (let at = node; at && at !== document.body; at = at.parentElement) {
      if (getComputedStyle(at).overflow === "visible") continue;
      const box = at.getBoundingClientRect();
      left = Math.max(left, box.left); right = Math.min(right, box.right);
      top = Math.max(top, box.top); bottom = Math.min(bottom, box.bottom);
    }
    return right - left > 1 && bottom - top > 1 ? { left, top, right, bottom } : null;
  };
  scrollTo(0, 0);
  const root = document.documentElement;
  const texts = [], wide = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest("script, template, option, .skip") || !parent.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) {
      const box = seen(rect, parent);
      if (!box) continue;
      texts.push({ ...box, words: node.data.trim().slice(0, 30) });
      if (box.right > root.clientWidth + 1 || box.left < -1) wide.push(node.data.trim().slice(0, 30));
    }
  }
  texts.sort((a, b) => a.top - b.top);
  const over = [];
  texts.forEach((one, number) => {
    for (let next = number + 1; next < texts.length && texts[next].top < one.bottom - 2; next += 1) {
      const other = texts[next];
      if (Math.min(one.right, other.right) - Math.max(one.left, other.left) > 2
        && Math.min(one.bottom, other.bottom) - other.top > 2) over.push(one.words + " / " + other.words);
    }
  });
  const missed = [];
  let count = 0;
  for (const node of document.querySelectorAll("a[href], button, select, input, summary")) {
    if (node.closest(".skip") || node.disabled || !node.checkVisibility()) continue;
    node.scrollIntoView({ block: "center", behavior: "instant" });
    const rect = node.getClientRects()[0];
    const [x, y] = [(rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2];
    const hit = document.elementFromPoint(x, y);
    count += 1;
    if (!hit || (hit !== node && !node.contains(hit) && !hit.contains(node.closest(".card"))))
      missed.push((node.textContent.trim() || node.className).slice(0, 30) + " hits "
        + (hit ? hit.tagName + "." + hit.className : "nothing"));
  }
  const rows = document.querySelector(".lesson.current .rows");
  const scrolls = rows ? { height: rows.clientHeight, inside: rows.scrollHeight, cues: rows.querySelectorAll(".cue").length } : null;
  scrollTo(0, 0);
  return { beyond: root.scrollWidth - root.clientWidth, wide, over, missed, count, texts: texts.length, scrolls };
}"""

LANGUAGE = """() => {
  const shown = Array.from(document.querySelectorAll(".lesson.current .findings [data-en], .missing [data-en]"));
  const buttons = Array.from(document.querySelectorAll(".lesson.current .player button"));
  return { shown: shown.map(node => node.textContent), buttons: buttons.map(node => node.title),
    same: buttons.every(node => node.title === node.getAttribute("aria-label")),
    options: Array.from(document.querySelectorAll(".lesson.current .captions option")).map(node => node.textContent),
    missing: document.querySelector(".missing").textContent };
}"""

FILM = "() => document.querySelector('article.lesson video').currentSrc"

AXE = """async () => {
  const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return { passes: found.passes.length, violations: found.violations.map(one =>
    one.id + ": " + one.nodes.slice(0, 2).map(node => node.target.join(" ")).join(", ")) };
}"""


def axe():
    for file in importlib.metadata.files("axe-playwright-python"):
        if file.name == "axe.min.js":
            return Path(file.locate()).read_text(encoding="utf-8")
    raise SystemExit("page: the PyPI package axe-playwright-python holds no axe-core: run 'make deps'")


class Crowd:
    """The page of one package, and what is claimed of it."""

    def __init__(self, package, lesson, shots):
        self.package, self.lesson, self.shots = package, lesson, shots
        self.manifest = json.loads((package / "ferry-delivery.json").read_text(encoding="utf-8"))
        self.address = (package / "data/ro-crate-preview.html").as_uri()
        self.page = Page()
        self.verdict = Verdict()

    def show(self, width, theme="light", script=True, hash="", media="", height=800):
        """The page anew, so that the film is chosen anew."""
        page = self.page
        page.size(width, height, mobile=width < 700)
        page.call("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": theme}])
        page.call("Emulation.setScriptExecutionDisabled", value=not script)
        page.open("about:blank")
        page.open(self.address + hash)

    def speak(self, language):
        self.page.run("(language) => document.querySelector(`[data-ui=${language}]`).click()", language)

    def layout(self, what):
        seen = self.page.run(LAYOUT)
        holds = seen["beyond"] <= 0 and not seen["wide"]
        self.verdict.claim(holds, f"{what} is as wide as the screen", f"{seen['beyond']} too many {seen['wide'][:3]}")
        self.verdict.claim(
            seen["texts"] > 20 and not seen["over"], f"{what}: no text lies on another",
            f"{seen['texts']} texts, {len(seen['over'])} overlap: {seen['over'][:3]}")
        self.verdict.claim(
            seen["count"] > 5 and not seen["missed"], f"{what}: a click hits what it aims at",
            f"{seen['count']} controls, missed: {seen['missed'][:3]}")
        return seen

    def judge_axe(self, source, what):
        self.page.call("Runtime.evaluate", expression=source)
        seen = self.page.run(AXE)
        self.verdict.claim(
            seen["passes"] > 10 and not seen["violations"], f"{what}: axe finds nothing",
            f"{seen['passes']} rules hold; {'; '.join(seen['violations'])}")

    def judge_widths(self, source):
        page, lesson = self.page, f"#{self.lesson}"
        for theme in ("light", "dark"):
            for width in WIDTHS:
                self.show(width, theme)
                for language in ("en", "zh"):
                    self.verdict.mode = f"{width} {language} {theme}"
                    self.speak(language)
                    for hash, name in (("#", "overview"), (lesson, "lesson")):
                        page.run(GO, hash)
                        # Colours do not move anything, so the dark page is only looked at by axe and in pictures.
                        seen = self.layout(name) if theme == "light" or width == 390 else None
                        if seen and hash == lesson:
                            cues = seen["scrolls"]
                            self.verdict.claim(
                                cues["cues"] >= 100 and cues["height"] <= 700 < cues["inside"],
                                "the transcript scrolls inside", json.dumps(cues))
                        if (width, language, theme) in AXED:
                            self.judge_axe(source, name)
                        if width in (390, 1280):
                            page.shot(self.shots, f"{name}-{width}-{language}-{theme}", whole=True)

    def judge_without_script(self):
        for theme in ("light", "dark"):
            for width in WIDTHS if theme == "light" else (390,):
                self.verdict.mode = f"{width} {theme} without script"
                self.show(width, theme, script=False)
                self.layout("page")
                self.page.shot(self.shots, f"plain-{width}-{theme}", whole=True)

    def judge_language(self):
        for language, chinese in (("en", False), ("zh", True)):
            self.verdict.mode = f"words in {language}"
            self.show(1280)
            self.speak(language)
            self.page.run(GO, f"#{self.lesson}")
            seen = self.page.run(LANGUAGE)
            plain = [text for text in seen["shown"] if bool(re.search(r"[\u4e00-\u9fff]", text)) != chinese]
            # What waits for subtitles names their language in its own words.
            plain = [text for text in plain if chinese or "still to come" not in text]
            self.verdict.claim(len(seen["shown"]) > 5 and not plain, "findings are in it", f"{len(seen['shown'])}, {plain[:4]}")
            titles = [text for text in seen["buttons"] if bool(re.search(r"[\u4e00-\u9fff]", text)) == chinese and text]
            self.verdict.claim(
                seen["same"] and len(titles) == len(seen["buttons"]) > 2, "buttons say their names in it",
                ", ".join(seen["buttons"]))
            wanted = "（英语）" if chinese else "Simplified Chinese"
            self.verdict.claim(any(wanted in text for text in seen["options"]), "tracks too", ", ".join(seen["options"]))
            for missing in self.manifest["missing"]:
                name = missing["title"]["zh-Hans" if chinese else "en"]
                self.verdict.claim(name in seen["missing"], "what is missing is named", name)

    def judge_film(self):
        films = [one for one in self.manifest["lessons"][0]["assets"] if one["role"] == "video"]
        large, small = sorted(films, key=lambda one: -one["video"]["height"])
        self.verdict.mode = "film"
        cases = [(320, 800, True, small), (390, 800, True, small), (390, 800, False, small), (844, 390, True, small),
                 (1280, 800, True, large), (1280, 800, False, large)]
        for width, height, script, wanted in cases:
            self.show(width, script=script, hash=f"#{self.lesson}", height=height)
            seen = self.page.run(FILM)
            name = wanted["path"].split("/")[-1]
            self.verdict.claim(
                seen.endswith("/" + name), f"{width}x{height} {'with' if script else 'without'} script plays {name}", seen)
        self.page.call("Emulation.setDataSaverOverride", dataSaverEnabled=True)
        self.show(1280, hash=f"#{self.lesson}")
        seen = self.page.run(FILM)
        self.verdict.claim(seen.endswith("/" + small["path"].split("/")[-1]), "who saves data gets the smaller one", seen)
        self.page.call("Emulation.setDataSaverOverride", dataSaverEnabled=False)

    def judge_cues(self):
        """What the browser draws over the picture, in parts of its own that only the DevTools see."""
        page = self.page
        page.call("CSS.enable")
        for width in (320, 390, 768, 1280):
            self.verdict.mode = f"cues at {width}"
            self.show(width, hash=f"#{self.lesson}")
            self.speak("en")
            # A film that was never played has nothing to seek in.
            page.run(PLAY, self.lesson)
            page.run(SHOWN, "en", 3)
            document = page.call("DOM.getDocument", depth=-1, pierce=True)["root"]
            drawn = [node for node in nodes(document) if "cue" in attribute(node, "pseudo")]
            style = {}
            for node in drawn:
                answer = page.call("CSS.getComputedStyleForNode", nodeId=node["nodeId"])["computedStyle"]
                style = {one["name"]: one["value"] for one in answer}
                break
            size = float(style.get("font-size", "0px").removesuffix("px"))
            self.verdict.claim(size >= 16, "they can be read", f"{size} px")
            colours = [[float(part) for part in re.findall(r"[\d.]+", style.get(name, ""))]
                       for name in ("color", "background-color")]
            ratio = contrast(*colours) if all(len(one) >= 3 for one in colours) else 0
            self.verdict.claim(ratio >= 7, "even on white", f"contrast {ratio:.1f}")
            page.shot(self.shots, f"cue-{width}")

    def judge_paper(self):
        lists = (self.package / "manifest-sha512.txt").read_bytes().splitlines(keepends=True)

        def digest(folder):
            return hashlib.sha256(b"".join(line for line in lists if f" data/lessons/{folder}".encode() in line)).hexdigest()

        for script in (True, False):
            self.show(718, script=script, hash="" if script else f"#{self.lesson}", media="print")
            for language in ("en", "zh") if script else ("en",):
                self.verdict.mode = f"paper {language}{'' if script else ' without script'}"
                if script:
                    self.speak(language)
                text = self.page.run("() => document.body.innerText")
                wanted = [self.manifest["label"], "版本" if language == "zh" else "Version", digest(""), self.manifest["id"]]
                for lesson in self.manifest["lessons"]:
                    wanted += [lesson["id"], digest(lesson["id"] + "/")]
                    wanted += [one["sha256"] for one in lesson["assets"] if one["role"] == "video"]
                wanted += [one["title"]["zh-Hans" if language == "zh" else "en"] for one in self.manifest["missing"]]
                lacks = [one for one in wanted if one not in text]
                self.verdict.claim(not lacks, "it has label, version and digests", f"{len(wanted)} wanted, lacks {lacks[:3]}")
                players = self.page.run("""() => Array.from(document.querySelectorAll(
                  "video, .player, .bar, button, input, select")).filter(one => one.getClientRects().length).length""")
                self.verdict.claim(players == 0, "it has no players", str(players))
                beyond = self.page.run("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
                self.verdict.claim(beyond <= 0, "it is no wider than the sheet", str(beyond))
                pdf = self.page.call("Page.printToPDF", transferMode="ReturnAsBase64")["data"]
                self.verdict.claim(len(pdf) > 10_000, "it prints", f"{len(pdf) * 3 // 4} bytes")
                self.page.shot(self.shots, f"paper-{language}{'' if script else '-plain'}", whole=True)


def nodes(node):
    yield node
    for key in ("children", "shadowRoots", "pseudoElements"):
        for child in node.get(key, []):
            yield from nodes(child)


def attribute(node, name):
    pairs = node.get("attributes", [])
    return dict(zip(pairs[::2], pairs[1::2])).get(name, "")


def contrast(ink, ground):
    """By WCAG 2.1, of ink on a ground that lets some of a white picture through."""
    alpha = ground[3] if len(ground) > 3 else 1
    ground = [value * alpha + 255 * (1 - alpha) for value in ground[:3]]

    def lightness(colour):
        linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in (v / 255 for v in colour[:3])]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((lightness(ink), lightness(ground)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def main():
    parser = argparse.ArgumentParser(description="Measures a package's preview page at many widths, from file://.")
    parser.add_argument("package", type=Path, help="the bag's folder")
    parser.add_argument("lesson", help="the id of a lesson with a hundred cues")
    parser.add_argument("--shots", type=Path, help="put pictures of the page into this folder")
    arguments = parser.parse_args()
    if arguments.shots:
        arguments.shots.mkdir(parents=True, exist_ok=True)
    source = axe()
    crowd = Crowd(arguments.package.resolve(), arguments.lesson, arguments.shots)
    try:
        for part in (
            lambda: crowd.judge_widths(source), crowd.judge_without_script, crowd.judge_language, crowd.judge_film,
            crowd.judge_cues, crowd.judge_paper,
        ):
            try:
                part()
            except Unplayable as problem:
                crowd.verdict.claim(False, "it can be judged", str(problem))
        crowd.verdict.mode = "page"
        crowd.verdict.claim(
            not crowd.page.errors, "the browser complains of nothing", "; ".join(crowd.page.errors[:5]))
    finally:
        crowd.page.close()
    verdict = crowd.verdict
    print(f"page: {verdict.held} assertions hold, {verdict.failed} do not")
    return 1 if verdict.failed or not verdict.held else 0


if __name__ == "__main__":
    sys.exit(main())
