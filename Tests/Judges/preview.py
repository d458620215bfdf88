#!/usr/bin/env python3
"""Opens a package's preview page from its folder in headless Chromium and uses it as a reader would.

    preview.py PACKAGE [--shots DIR] [--titles ID,ID]

The address is file://, and any request that leaves the folder is a failure. One line for each assertion; the exit code
is 1 when one does not hold. --shots takes pictures of the page; --titles plays these alone.
"""

import argparse
import base64
import json
import sys
from pathlib import Path

from browser import Chromium, Unplayable, Verdict
from cues import read_vtt

# A name is the least that a control owes to those who do not see it.
CONTROLS = {
    "button", "link", "slider", "combobox", "searchbox", "textbox", "checkbox", "menuitem", "option", "DisclosureTriangle",
}

PLAY = """async (id) => {
  location.hash = "#" + id;
  await new Promise(done => setTimeout(done, 50));
  const article = document.querySelector(`article.lesson.current`);
  const video = article.querySelector("video");
  video.muted = true;
  const before = video.currentTime;
  article.querySelector("button.play").click();
  const limit = performance.now() + 15000;
  while (video.currentTime < before + 0.2 && performance.now() < limit) await new Promise(done => setTimeout(done, 30));
  const seen = { id: article.dataset.lesson, from: before, to: video.currentTime, width: video.videoWidth,
    duration: video.duration, error: video.error && video.error.message,
    shown: document.querySelectorAll("article.lesson.current").length };
  video.pause();
  return seen;
}"""

SHOWN = """async (language, seconds) => {
  const article = document.querySelector("article.lesson.current"), video = article.querySelector("video");
  const select = article.querySelector("select.captions");
  const tracks = Array.from(video.textTracks), track = tracks.find(track => track.language === language);
  if (!track) return { missing: tracks.map(track => track.language) };
  const option = Array.from(select.options).find(option => option.text.startsWith(track.label));
  select.value = option.value;
  select.dispatchEvent(new Event("change"));
  const arrived = new Promise(done => video.addEventListener("seeked", done, { once: true }));
  video.currentTime = seconds;
  await arrived;
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const line = article.querySelector(".cue[aria-current=true] [lang='" + language + "']");
  return { modes: tracks.map(track => track.language + " " + track.mode),
    active: Array.from(track.activeCues || []).map(cue => cue.getCueAsHTML().textContent),
    row: line ? line.textContent : null };
}"""

FOLLOW = """async (selector) => {
  const article = document.querySelector("article.lesson.current"), video = article.querySelector("video");
  video.muted = true;
  const all = article.querySelectorAll(selector), button = all[all.length - 1];
  const [minutes, seconds] = button.querySelector("time").textContent.split(":").map(Number);
  button.click();
  const wanted = minutes * 60 + seconds, limit = performance.now() + 10000;
  while ((video.currentTime < wanted || video.readyState < 3) && performance.now() < limit) {
    await new Promise(done => setTimeout(done, 30));
  }
  const seen = { wanted, time: video.currentTime, paused: video.paused };
  video.pause();
  return seen;
}"""

SEARCH = """async (word) => {
  const field = document.getElementById("query");
  field.focus();
  field.value = word;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await new Promise(done => setTimeout(done, 400));
  const links = Array.from(document.querySelectorAll("#hits li a"));
  return { status: document.getElementById("found").textContent, live: document.getElementById("found").ariaLive,
    hits: links.map(link => [link.getAttribute("href"), link.querySelector("span").textContent]),
    marks: Array.from(document.querySelectorAll("#hits mark")).map(mark => mark.textContent) };
}"""

JUMP = """async (number) => {
  document.querySelectorAll("#hits li a")[number].click();
  await new Promise(done => setTimeout(done, 400));
  const article = document.querySelector("article.lesson.current"), video = article.querySelector("video");
  const limit = performance.now() + 5000;
  while (video.seeking && performance.now() < limit) await new Promise(done => setTimeout(done, 30));
  return { id: article.dataset.lesson, time: video.currentTime, focus: document.activeElement.id,
    results: document.getElementById("results").hidden, marks: article.querySelectorAll(".cue mark").length };
}"""

STATE = """() => {
  const style = getComputedStyle(document.body);
  return { lang: document.documentElement.lang, ground: style.backgroundColor, ink: style.color,
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    theme: document.getElementById("theme").getAttribute("aria-pressed"),
    headings: Array.from(document.querySelectorAll("#overview h2")).map(node => node.textContent),
    cards: document.querySelectorAll("#overview .card").length };
}"""

# Contrast by WCAG 2.1 of every piece of text that is shown, on the nearest ground that is painted.
CONTRAST = """() => {
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const lightness = ([r, g, b]) => [r, g, b].map(value => value / 255)
    .map(value => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const parent = node.parentElement;
    if (!node.data.trim() || !parent.getClientRects().length) continue;
    if (parent.closest("script, template, option, .skip")) continue;
    let ground = parent;
    while (ground && (parse(getComputedStyle(ground).backgroundColor)[3] ?? 1) === 0) ground = ground.parentElement;
    const back = ground ? parse(getComputedStyle(ground).backgroundColor) : [255, 255, 255];
    const a = lightness(parse(getComputedStyle(parent).color)), b = lightness(back);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.push(ratio.toFixed(2) + " " + node.data.trim().slice(0, 30));
  }
  return low;
}"""

HOME = "() => { history.replaceState(null, '', '#'); document.getElementById('query').value = ''; route(); }"
CLICK = "(selector) => { document.querySelector(selector).click(); }"
GO = """async (hash) => {
  location.hash = hash;
  await new Promise(done => setTimeout(done, 300));
  const shown = Array.from(document.images).filter(image => image.getClientRects().length);
  await Promise.all(shown.map(image => image.decode().catch(() => 0)));
}"""


class Page(Chromium):
    """Chromium that also hears of requests and of errors in the page."""

    def __init__(self):
        super().__init__()
        self.requests = []
        self.errors = []
        for domain in ("Network", "Log", "Accessibility", "DOM"):
            self.call(f"{domain}.enable")

    def hear(self, message):
        super().hear(message)
        method, parameters = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.errors.append(parameters["exceptionDetails"].get("exception", {}).get("description", "an exception"))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            self.errors.append(parameters["entry"]["text"])
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "assert"):
            self.errors.append(self.console[-1])

    def run(self, function, *arguments):
        return super().run(f"({function})", *arguments)

    def size(self, width, height=900, mobile=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def shot(self, folder, name, whole=False):
        if folder is None:
            return
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        (folder / f"{name}.png").write_bytes(base64.b64decode(answer["data"]))

    def move(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def key(self, name, code):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code)

    def nameless(self):
        """Controls of the accessibility tree without a name, and how many there are in all."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        shown = [node for node in nodes if not node["ignored"] and node["role"]["value"] in CONTROLS]
        bad = [node["role"]["value"] for node in shown if not node.get("name", {}).get("value", "").strip()]
        return bad, len(shown)


def flat(text):
    """As the transcript shows a cue: on one line."""
    return " ".join(text.split())


def judge_titles(page, verdict, package, manifest, only):
    for lesson in manifest["lessons"]:
        identifier = lesson["id"]
        if only and identifier not in only:
            continue
        verdict.mode = identifier
        seen = page.run(PLAY, identifier)
        has_picture = any(asset.get("video") for asset in lesson["assets"] if asset["role"] == "video")
        holds = seen["id"] == identifier and seen["to"] > seen["from"] and (seen["width"] > 0) == has_picture
        verdict.claim(
            holds, "it plays",
            f"{seen['from']:.2f} s to {seen['to']:.2f} s, width {seen['width']}, {seen['error'] or 'no error'}")
        verdict.claim(seen["shown"] == 1, "it is shown alone")
        for asset in lesson["assets"]:
            if asset["media_type"] != "text/vtt" or asset["role"] != "subtitle" or "/hls/" in asset["path"]:
                continue
            cues = read_vtt(package / asset["path"])
            for cue in {cues[0].start: cues[0], cues[-1].start: cues[-1]}.values():
                middle = (cue.start + cue.end) // 2
                if middle >= seen["duration"] * 1000:
                    continue
                now = [other.text for other in cues if other.start <= middle < other.end]
                shown = page.run(SHOWN, asset["language"], middle / 1000)
                what = f"{asset['language']} at {middle / 1000:.2f} s"
                verdict.claim(sorted(shown.get("active", [])) == sorted(now), what, f"{shown}")
                row = shown.get("row") or ""
                verdict.claim(all(flat(text) in row for text in now), f"{what} in the transcript", row)
                showing = [mode for mode in shown.get("modes", []) if mode.endswith(" showing")]
                verdict.claim(showing == [f"{asset['language']} showing"], f"{what} alone is drawn", ", ".join(showing))


def judge_jumps(page, verdict, manifest):
    """From the transcript and the chapters of a lesson that was not played yet."""
    verdict.mode = "jump"
    lesson = next(one for one in manifest["lessons"] if any(asset["role"] == "subtitle" for asset in one["assets"]))
    parts = [(lesson, ".cue", "the last line of the transcript")]
    parts += [(one, ".chapters button", "the last chapter") for one in manifest["lessons"] if len(one["chapters"]) > 1][:1]
    for one, selector, what in parts:
        page.run(GO, f"#{one['id']}")
        seen = page.run(FOLLOW, selector)
        holds = seen["wanted"] > 0 and 0 <= seen["time"] - seen["wanted"] < 2 and not seen["paused"]
        verdict.claim(holds, f"{what} plays from its time", json.dumps(seen))


def judge_search(page, verdict, package, manifest):
    verdict.mode = "search"
    for language in ("en", "zh-Hans"):
        texts = [
            (lesson["id"], cue) for lesson in manifest["lessons"] for asset in lesson["assets"]
            if asset["role"] == "subtitle" and asset["media_type"] == "text/vtt" and asset["language"] == language
            and "/hls/" not in asset["path"] for cue in read_vtt(package / asset["path"])]
        if not texts:
            continue
        identifier, cue = texts[len(texts) // 2]
        words = flat(cue.text)
        word = max(words.split(), key=len).strip(".,;:!?") if language == "en" else words[:3]
        expected = [
            (name, other) for name, other in texts if word.lower() in flat(other.text).lower()]
        seen = page.run(SEARCH, word.upper())
        found = [hit for hit in seen["hits"] if hit[0].startswith(f"#{identifier}?")]
        verdict.claim(len(seen["hits"]) >= len(expected) and found, f"'{word}' is found", seen["status"])
        verdict.claim(
            seen["marks"] and all(mark.lower() == word.lower() for mark in seen["marks"]), "it is highlighted",
            f"{len(seen['marks'])} times")
        verdict.claim(seen["live"] == "polite", "a live region says how many")
        wanted = f"#{identifier}?t={cue.start / 1000:g}"
        number = next((index for index, hit in enumerate(seen["hits"]) if hit[0] == wanted), None)
        if verdict.claim(number is not None, "it has its time", wanted):
            landed = page.run(JUMP, number)
            verdict.claim(
                landed["id"] == identifier and abs(landed["time"] * 1000 - cue.start) < 60 and landed["results"],
                "it jumps there", json.dumps(landed))
            verdict.claim(landed["focus"].startswith("title-"), "the focus goes with it", landed["focus"])
            verdict.claim(landed["marks"] > 0, "the transcript shows the word too")
    seen = page.run(SEARCH, "zzzqqq")
    verdict.claim(not seen["hits"] and "zzzqqq" in seen["status"], "what is not there is said so", seen["status"])
    page.run(HOME)


def judge_seek_bar(page, verdict, manifest):
    verdict.mode = "seek bar"
    lesson = next((one for one in manifest["lessons"] if any(a["role"] == "thumbnails" for a in one["assets"])), None)
    if lesson is None:
        return None
    page.run(GO, f"#{lesson['id']}")
    page.run("() => { document.querySelector('.lesson.current .player').scrollIntoView({ block: 'center' }); }")
    box = page.run("() => document.querySelector('.lesson.current .position').getBoundingClientRect().toJSON()")
    seen = []
    for share in (0.02, 0.5, 0.98):
        page.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
        seen.append(page.run("""() => { const peek = document.querySelector('.lesson.current .peek');
          const style = getComputedStyle(peek.querySelector('.peek-picture'));
          return [!peek.hidden, style.backgroundPosition, style.backgroundImage, peek.innerText.trim()]; }"""))
    verdict.claim(all(one[0] for one in seen), "a picture shows under the pointer")
    verdict.claim(len({one[1] for one in seen}) == 3, "it changes with the position", ", ".join(one[1] for one in seen))
    verdict.claim(len({one[3] for one in seen}) == 3, "so does its time", ", ".join(one[3] for one in seen))
    verdict.claim(all("thumbs.jpg" in one[2] for one in seen), "it comes from the sprite sheet", seen[0][2])
    return box


def judge_keyboard(page, verdict, manifest):
    verdict.mode = "keyboard"
    page.run(GO, "#")
    # Tab goes on from where the last click was: the body takes that from it.
    page.run("""() => { document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute("tabindex");
      document.querySelectorAll("[data-visit]").forEach(node => delete node.dataset.visit); }""")
    order, bare = [], []
    for number in range(400):
        page.key("Tab", 9)
        at = page.run("""() => { const node = document.activeElement;
          if (node === document.body) return null;
          if (!node.dataset.visit) node.dataset.visit = String(performance.now());
          const ring = getComputedStyle(node), card = node.closest('.card');
          const outer = card ? getComputedStyle(card) : ring;
          return [node.dataset.visit, node.textContent.trim().slice(0, 40) || node.id,
            ring.outlineStyle !== 'none' || outer.outlineStyle !== 'none']; }""")
        if at is None or at[0] in [one[0] for one in order]:
            break
        order.append(at)
        if not at[2]:
            bare.append(at[1])
    # The bar, the licence, each lesson, and the links at the end.
    least = 9 + len(manifest["lessons"])
    verdict.claim(len(order) >= least and number < 399, "Tab goes through the page and out again", f"{len(order)} stops")
    verdict.claim(order and "Skip" in order[0][1], "the first stop skips to the content", order[0][1] if order else "")
    verdict.claim(not bare, "every stop shows its focus", ", ".join(bare))


def judge_looks(page, verdict, manifest, folder):
    fields = list(dict.fromkeys(lesson["field"] for lesson in manifest["lessons"]))
    lesson = manifest["lessons"][0]["id"]
    dull = next((one["id"] for one in manifest["lessons"] if one["quality"]["findings"]), lesson)
    verdict.mode = "page"
    page.size(1280)
    page.run(GO, "#")
    state = page.run(STATE)
    verdict.claim(state["lang"] == "en", "it begins in English")
    verdict.claim(len(state["headings"]) >= len(fields), "it has every field", ", ".join(state["headings"]))
    verdict.claim(state["cards"] == len(manifest["lessons"]), "it has every title", str(state["cards"]))
    light = state["ground"]
    for theme in ("light", "dark"):
        for hash in ("#", f"#{lesson}", f"#{dull}"):
            page.run(GO, hash)
            low = page.run(CONTRAST)
            verdict.claim(not low, f"{theme} text on {hash} has contrast 4.5", "; ".join(low[:5]))
            bad, count = page.nameless()
            verdict.claim(not bad, f"every control on {hash} has a name", f"{count} controls, nameless: {bad}")
        page.run(GO, "#")
        page.shot(folder, f"overview-{theme}")
        page.run(GO, f"#{lesson}")
        page.run(SHOWN, "en", 2)
        page.shot(folder, f"lesson-{theme}")
        page.run(GO, f"#{dull}")
        page.shot(folder, f"checks-{theme}", whole=True)
        page.run(CLICK, "#theme")
    verdict.claim(page.run(STATE)["ground"] == light, "the theme goes dark and back")
    page.run(CLICK, "#theme")
    state = page.run(STATE)
    verdict.claim(state["ground"] != light and state["theme"] == "true", "the dark theme is dark", state["ground"])
    page.run(CLICK, "#theme")

    page.run(CLICK, "[data-ui=zh]")
    page.run(GO, "#")
    state = page.run(STATE)
    verdict.claim(state["lang"] == "zh-Hans", "it speaks Chinese")
    verdict.claim(all(any(ord(c) > 0x2E80 for c in text) for text in state["headings"]), "its fields too",
                  ", ".join(state["headings"]))
    left = page.run("""() => Array.from(document.querySelectorAll('[data-zh]'))
      .filter(node => node.textContent !== node.dataset.zh).map(node => node.dataset.en)""")
    verdict.claim(not left, "nothing stays in English", ", ".join(left[:5]))
    page.shot(folder, "overview-chinese")
    page.run(GO, f"#{lesson}")
    page.run(SHOWN, "zh-Hans", 2)
    page.shot(folder, "lesson-chinese")
    page.run(CLICK, "[data-ui=en]")

    for width in (320, 360, 768, 1920):
        page.size(width, 800, mobile=width < 700)
        for hash in ("#", f"#{lesson}", f"#{dull}"):
            page.run(GO, hash)
            wide = page.run(STATE)["wide"]
            verdict.claim(wide <= 0, f"{width} pixels hold {hash}", f"{wide} too many")
        page.run(GO, "#")
        page.shot(folder, f"overview-{width}", whole=width == 360)
        page.run(GO, f"#{lesson}")
        page.shot(folder, f"lesson-{width}", whole=width == 360)
    page.size(1280)
    if folder:
        page.run(SEARCH, "light")
        page.shot(folder, "search")
        page.run(HOME)
        box = judge_seek_bar(page, verdict, manifest)
        if box:
            page.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
            page.shot(folder, "seek-bar")
        page.call("Emulation.setEmulatedMedia", media="print")
        page.shot(folder, "print", whole=True)
        page.call("Emulation.setEmulatedMedia", media="")


def main():
    parser = argparse.ArgumentParser(description="Uses a package's preview page in headless Chromium, from file://.")
    parser.add_argument("package", type=Path, help="the bag's folder")
    parser.add_argument("--shots", type=Path, help="put pictures of the page into this folder")
    parser.add_argument("--titles", help="play these titles alone, parted by commas")
    arguments = parser.parse_args()
    package = arguments.package.resolve()
    if arguments.shots:
        arguments.shots.mkdir(parents=True, exist_ok=True)
    manifest = json.loads((package / "ferry-delivery.json").read_text(encoding="utf-8"))
    only = arguments.titles.split(",") if arguments.titles else None

    page = Page()
    verdict = Verdict()
    try:
        page.size(1280)
        page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
        page.open((package / "data/ro-crate-preview.html").as_uri())
        for part in (
            lambda: judge_jumps(page, verdict, manifest),
            lambda: judge_titles(page, verdict, package, manifest, only),
            lambda: judge_search(page, verdict, package, manifest),
            lambda: judge_seek_bar(page, verdict, manifest),
            lambda: judge_keyboard(page, verdict, manifest),
            lambda: judge_looks(page, verdict, manifest, arguments.shots),
        ):
            try:
                part()
            except Unplayable as problem:
                verdict.claim(False, "it can be judged", str(problem))
        verdict.mode = "page"
        inside = package.as_uri()
        away = [url for url in page.requests if not url.startswith((inside, "data:"))]
        seen = f"{len(page.requests)} requests: {away[:3]}"
        verdict.claim(page.requests and not away, "nothing leaves the folder", seen)
        verdict.claim(not page.errors, "the browser complains of nothing", "; ".join(page.errors[:5]))
        blocked = page.run("""async () => { let refused = false;
          document.addEventListener("securitypolicyviolation", () => { refused = true; });
          try { await fetch("http://127.0.0.1:9/"); } catch { await new Promise(done => setTimeout(done, 50)); }
          return refused; }""")
        verdict.claim(blocked, "its policy forbids connections")
    finally:
        page.close()
    print(f"preview: {verdict.held} assertions hold, {verdict.failed} do not")
    return 1 if verdict.failed or not verdict.held else 0


if __name__ == "__main__":
    sys.exit(main())
