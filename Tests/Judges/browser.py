#!/usr/bin/env python3
"""Plays one title of a package in headless Chromium and says what a viewer gets.

    browser.py PACKAGE TITLE [--mode hls|mp4] [--language en] [--cues FILE] [--screenshot PNG]

hls: hls/master.m3u8 with video.js. mp4: TITLE.mp4 with the subtitle file beside it as <track>.
Without --mode both are judged. One line for each assertion; the exit code is 1 when one does not hold.
--cues takes what must be seen from another file than the package's own.
"""

import argparse
import base64
import importlib.metadata
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import websocket

from cues import Cue, differences, read_vtt, shown_vtt

TYPES = {
    ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".vtt": "text/vtt", ".mp4": "video/mp4",
    ".m3u8": "application/vnd.apple.mpegurl", ".jpg": "image/jpeg",
}


class Handler(BaseHTTPRequestHandler):
    """Files with byte ranges, which the standard library's own server does not know."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.server.file(urllib.parse.unquote(urllib.parse.urlsplit(self.path).path))
        if path is None:
            self.server.refused.append(f"404 {self.path}")
            self.send_error(404)
            return
        size = path.stat().st_size
        start, end = 0, size
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked:
            start, end = int(asked[1]), min(size, int(asked[2] or size) + 1)
            if start >= end or asked[2] and int(asked[2]) >= size:
                self.server.refused.append(f"416 {self.path} {asked[0]} of {size}")
                self.send_error(416)
                return
        self.send_response(206 if asked else 200)
        self.send_header("Content-Type", TYPES.get(path.suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(end - start))
        self.send_header("Accept-Ranges", "bytes")
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
        self.end_headers()
        with path.open("rb") as file:
            file.seek(start)
            try:
                self.wfile.write(file.read(end - start))
            except (BrokenPipeError, ConnectionResetError):
                pass  # a player that seeks hangs up on what it no longer needs

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    """Serves the package, the page and video.js on a free port of this machine alone."""

    daemon_threads = True

    def __init__(self, package):
        super().__init__(("127.0.0.1", 0), Handler)
        self.roots = {"package": package, "video.js": video_js(), "judge": Path(__file__).resolve().parent}
        self.refused = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # a browser hangs up when it likes
            super().handle_error(request, address)

    def file(self, path):
        _, root, rest = path.split("/", 2) if path.count("/") > 1 else ("", "", "")
        if root not in self.roots:
            return None
        file = (self.roots[root] / rest).resolve()
        return file if file.is_relative_to(self.roots[root].resolve()) and file.is_file() else None

    def address(self, path):
        return f"http://127.0.0.1:{self.server_port}/{path}"


def video_js():
    for file in importlib.metadata.files("js-videojs"):
        if file.name == "video.js":
            return Path(file.locate()).parent
    raise SystemExit("browser: the PyPI package js-videojs holds no video.js: run 'make deps'")


class Chromium:
    """One headless browser with one page, driven over its DevTools protocol."""

    def __init__(self):
        program = shutil.which("chromium")
        if program is None:
            raise SystemExit("browser: chromium is not installed: run 'make deps'")
        self.profile = tempfile.mkdtemp(prefix="chromium-")
        command = [
            program, "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={self.profile}",
            "--window-size=1280,720", "--mute-audio", "--autoplay-policy=no-user-gesture-required", "--disable-gpu",
            "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--no-first-run", "--no-proxy-server",
        ]
        if os.geteuid() == 0:
            command.append("--no-sandbox")  # as root it does not start otherwise
        self.process = subprocess.Popen(
            [*command, "about:blank"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, errors="replace", start_new_session=True)
        self.calls = 0
        self.console = []
        try:
            self.socket = websocket.create_connection(self.page(), suppress_origin=True, timeout=60)
            self.call("Runtime.enable")
            self.call("Page.enable")
        except BaseException:
            self.close()
            raise

    def page(self):
        story = []
        for line in self.process.stderr:
            story.append(line)
            if found := re.match(r"DevTools listening on ws://([^/]+)/", line):
                # Read on, or the browser stops when its pipe is full.
                threading.Thread(target=self.process.stderr.read, daemon=True).start()
                with urllib.request.urlopen(f"http://{found[1]}/json/list", timeout=60) as answer:
                    return next(page["webSocketDebuggerUrl"] for page in json.load(answer) if page["type"] == "page")
        raise SystemExit(f"browser: chromium did not start: {''.join(story[-5:])}")

    def call(self, method, **parameters):
        """The result of one protocol call; what the page says in between goes to `console`."""
        self.calls += 1
        self.socket.send(json.dumps({"id": self.calls, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.calls:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]
            self.hear(message)

    def hear(self, message):
        if message.get("method") == "Runtime.consoleAPICalled":
            words = (str(word.get("value", word.get("description"))) for word in message["params"]["args"])
            self.console.append(" ".join(words))

    def open(self, address):
        self.call("Page.navigate", url=address)
        while True:
            message = json.loads(self.socket.recv())
            if message.get("method") == "Page.loadEventFired":
                return
            self.hear(message)

    def run(self, function, *arguments):
        """What the page's own asynchronous function returns."""
        expression = f"{function}({', '.join(map(json.dumps, arguments))})"
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if details := answer.get("exceptionDetails"):
            raise Unplayable(details["exception"].get("description", details["text"]).splitlines()[0])
        return answer["result"].get("value")

    def screenshot(self, path):
        Path(path).write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


class Unplayable(Exception):
    """What the page could not do."""


class Verdict:
    """Prints each assertion and counts those that do not hold."""

    def __init__(self):
        self.mode = ""
        self.held = self.failed = 0

    def claim(self, holds, what, seen=""):
        self.held += bool(holds)
        self.failed += not holds
        print(f"{'ok  ' if holds else 'FAIL'} {self.mode}: {what}{f': {seen}' if seen else ''}", flush=True)
        return bool(holds)


def moments(cues, limit=8):
    """The middle of some cues, first and last among them, and of the longest silence between two."""
    step = max(1, (len(cues) - 1) / (limit - 1))
    chosen = {round(index * step) for index in range(limit) if round(index * step) < len(cues)}
    times = [(cues[index].start + cues[index].end) // 2 for index in sorted(chosen)]
    silences = [(b.start - a.end, (a.end + b.start) // 2) for a, b in zip(cues, cues[1:])]
    longest = max(silences, default=(0, 0))
    return times + ([longest[1]] if longest[0] >= 200 else [])


def judge(browser, server, verdict, mode, arguments, expected):
    verdict.mode = mode
    title, language = arguments.title, arguments.language
    folder = f"/package/data/lessons/{urllib.parse.quote(title)}"
    source = f"{folder}/hls/master.m3u8" if mode == "hls" else f"{folder}/{title}.mp4"
    query = {"mode": mode, "source": source, "text": f"{folder}/{title}.{language}.vtt", "language": language}
    browser.open(server.address(f"judge/player.html?{urllib.parse.urlencode(query)}"))

    started = browser.run("start")
    verdict.claim(
        started["to"] > started["from"] and started["frames"] > 0, "it plays",
        f"{started['from']:.2f} s to {started['to']:.2f} s, {started['frames']} pictures")
    verdict.claim(started["width"] > 0, "it has a picture", f"{started['width']}x{started['height']}")
    tracks = ", ".join(f"{track['language']} '{track['label']}' {track['mode']}" for track in started["tracks"])
    offered = language in (track["language"] for track in started["tracks"])
    if not verdict.claim(offered, f"it offers '{language}' subtitles", tracks or "none"):
        return

    cues = browser.run("cues", len(expected))
    found = [Cue(round(cue["start"] * 1000), round(cue["end"] * 1000), cue["text"]) for cue in cues]
    unlike = list(differences(found, expected))
    verdict.claim(not unlike, f"its cues are the file's {len(expected)}", "; ".join(unlike[:3]))

    for number, time in enumerate(moments(expected)):
        now = [cue for cue in expected if cue.start <= time < cue.end]
        texts, boxes = ([cue.text for cue in cues] for cues in (now, shown_vtt(now)))
        seen = browser.run("at", time / 1000, texts, boxes)
        claim_same(verdict, f"at {time / 1000:.3f} s is active", seen["active"], texts)
        if seen["drawn"] is not None:
            claim_same(verdict, f"at {time / 1000:.3f} s is drawn", seen["drawn"], boxes)
        if number == 0 and arguments.screenshot:
            stem = arguments.screenshot.stem + (f"-{mode}" if arguments.mode is None else "")
            browser.screenshot(arguments.screenshot.with_stem(stem))

    if mode == "hls":
        master = (arguments.package / "data/lessons" / title / "hls/master.m3u8").read_text(encoding="utf-8")
        promised = re.findall(r"^#EXT-X-STREAM-INF:.*RESOLUTION=(\d+x\d+)", master, re.MULTILINE)
        played = browser.run("sizes")
        verdict.claim(sorted(played) == sorted(promised), "every size plays", ", ".join(played))


def claim_same(verdict, what, seen, expected):
    holds = sorted(seen) == sorted(expected)
    verdict.claim(holds, what, f"{seen}" if holds else f"{seen} instead of {expected}")


def main():
    parser = argparse.ArgumentParser(description="Plays one title of a package in headless Chromium.")
    parser.add_argument("package", type=Path, help="the bag's folder")
    parser.add_argument("title", help="the title's id")
    parser.add_argument("--mode", choices=["hls", "mp4"], help="one of the two ways to play; else both")
    parser.add_argument("--language", default="en", help="the track to judge (default en)")
    parser.add_argument("--cues", type=Path, help="expect the cues of this WebVTT file, not of the package's own")
    parser.add_argument("--screenshot", type=Path, help="write a picture of the player here")
    arguments = parser.parse_args()
    arguments.package = arguments.package.resolve()

    name = f"{arguments.title}.{arguments.language}.vtt"
    expected = read_vtt(arguments.cues or arguments.package / "data/lessons" / arguments.title / name)
    server = Server(arguments.package)
    browser = Chromium()
    verdict = Verdict()
    try:
        for mode in [arguments.mode] if arguments.mode else ["hls", "mp4"]:
            try:
                judge(browser, server, verdict, mode, arguments, expected)
            except Unplayable as problem:
                verdict.claim(False, "it can be judged", str(problem))
        verdict.mode = "http"
        verdict.claim(not server.refused, "every file asked for is there", "; ".join(server.refused))
    finally:
        browser.close()
        server.shutdown()
    if verdict.failed:
        print("".join(f"browser says: {line}\n" for line in browser.console), end="")
    print(f"browser: {arguments.title}: {verdict.held} assertions hold, {verdict.failed} do not")
    return 1 if verdict.failed or not verdict.held else 0


if __name__ == "__main__":
    sys.exit(main())
