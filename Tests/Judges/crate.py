#!/usr/bin/env python3
"""Has a package's description judged by roc-validator (RO-Crate 1.1) and by our own reading of it, without network.

    crate.py PACKAGE

roc-validator wants the crate's JSON-LD context from w3id.org: it is given the copy in PyPI's rocrate, and any other
connection is refused. One line for each assertion; the exit code is 1 when one does not hold.
"""

import argparse
import csv
import hashlib
import importlib.util
import io
import json
import re
import socket
import sys
import tempfile
import unicodedata
import urllib.parse
import urllib.request
from email.message import Message
from pathlib import Path

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
# AMB names these alone (its schema of 2023-10-19); other licences are told truthfully all the same.
AMB_LICENCES = re.compile(
    r"https?://(creativecommons\.org/(licenses|licences|publicdomain)|www\.gnu\.org/licenses|www\.apache\.org/licenses)/")

# What the specification recommends and a job does not know.
UNKNOWN = {"ro-crate-1.1_31.2: The organization SHOULD have a URL."}


def context():
    folder = Path(importlib.util.find_spec("rocrate").origin).parent
    content = (folder / "data/ro-crate.jsonld").read_bytes()
    if json.loads(content)["@id"] != CONTEXT:
        raise SystemExit("crate: the PyPI package rocrate holds another context: run 'make deps'")
    return content


class NoNetwork(Exception):
    """Something wanted a connection."""


def close_network(asked):
    """Answers requests for the context from the copy, and refuses every connection."""
    content = context()

    class Answer(io.BytesIO):
        def __init__(self, url):
            super().__init__(content)
            self.headers = Message()
            self.headers["Content-Type"] = "application/ld+json"
            self.url, self.status, self.code, self.links = url, 200, 200, []

        def info(self):
            return self.headers

        def geturl(self):
            return self.url

        def getcode(self):
            return 200

    def opened(request, *_, **__):
        url = request if isinstance(request, str) else request.full_url
        if url.startswith(CONTEXT):
            return Answer(url)
        if url.startswith("file:"):
            return plain(request)
        asked.append(url)
        raise NoNetwork(url)

    def connect(_, address):
        asked.append(str(address))
        raise NoNetwork(f"connection to {address}")

    opener = urllib.request.build_opener()
    plain = opener.open
    urllib.request.urlopen = opened
    urllib.request.OpenerDirector.open = lambda _, request, *rest, **more: opened(request)
    socket.socket.connect = connect
    socket.socket.connect_ex = connect
    serve_requests(content, asked)


def serve_requests(content, asked):
    """The same for those who use the requests library."""
    import requests
    import urllib3

    adapter = requests.adapters.HTTPAdapter

    def send(self, request, **__):
        if not request.url.startswith(CONTEXT):
            asked.append(request.url)
            raise requests.ConnectionError(f"no network: {request.url}")
        raw = urllib3.HTTPResponse(
            io.BytesIO(content), {"Content-Type": "application/ld+json"}, 200, preload_content=False,
            request_url=request.url)
        return self.build_response(request, raw)

    adapter.send = send


class Verdict:
    """Prints each assertion and counts those that do not hold."""

    def __init__(self):
        self.held = self.failed = 0

    def claim(self, holds, what, seen=""):
        self.held += bool(holds)
        self.failed += not holds
        print(f"{'ok  ' if holds else 'FAIL'} {what}{f': {seen}' if seen else ''}", flush=True)
        return bool(holds)


def judge_with_validator(verdict, payload, asked):
    from rocrate_validator import models, services

    severities = (models.Severity.REQUIRED, models.Severity.RECOMMENDED)
    for severity in severities:
        settings = services.ValidationSettings(
            rocrate_uri=str(payload), profile_identifier="ro-crate-1.1", requirement_severity=severity,
            disable_remote_crate_download=True, skip_availability_check=True, no_cache=True)
        result = services.validate(settings)
        issues = [f"{issue.check.identifier}: {issue.message}" for issue in result.get_issues()]
        if severity is models.Severity.RECOMMENDED:
            issues = [issue for issue in issues if issue not in UNKNOWN]
        checks = len(result.executed_checks)
        verdict.claim(
            not issues and checks >= 30, f"roc-validator holds with '{severity.name.lower()}'",
            f"{checks} checks; " + "; ".join(issues[:5]))
    verdict.claim(not asked, "nothing went to the network", "; ".join(asked[:3]))


def judge_crate(verdict, payload):
    text = (payload / "ro-crate-metadata.json").read_text(encoding="utf-8")
    crate = json.loads(text)
    entities = {}
    for entity in crate["@graph"]:
        verdict_twice = entity["@id"] in entities
        if verdict_twice:
            verdict.claim(False, f"{entity['@id']} is described once")
        entities[entity["@id"]] = entity
    nested, dangling = [], []

    def links(owner, value):
        if isinstance(value, list):
            for one in value:
                links(owner, one)
        elif isinstance(value, dict):
            if set(value) != {"@id"}:
                nested.append(owner)
            elif value["@id"] not in entities and not value["@id"].startswith("https://w3id.org/ro/crate"):
                dangling.append(value["@id"])

    for name, entity in entities.items():
        for key, value in entity.items():
            if key not in ("@id", "@type"):
                links(name, value)
    verdict.claim(not nested, "the JSON-LD is flat", ", ".join(nested[:3]))
    verdict.claim(not dangling, "every link leads to an entity", ", ".join(dangling[:3]))
    files = {str(file.relative_to(payload)) for file in payload.rglob("*") if file.is_file()}
    described = {
        urllib.parse.unquote(name) for name, entity in entities.items()
        if "File" in (entity["@type"] if isinstance(entity["@type"], list) else [entity["@type"]])}
    files.discard("ro-crate-metadata.json")
    verdict.claim(files == described, "it describes every file and no other", f"{sorted(files ^ described)[:3]}")
    wrong = []
    for name, entity in entities.items():
        file = payload / urllib.parse.unquote(name)
        if "sha256" in entity and "contentSize" in entity and file.is_file():
            content = file.read_bytes()
            if hashlib.sha256(content).hexdigest() != entity["sha256"] or str(len(content)) != entity["contentSize"]:
                wrong.append(name)
    verdict.claim(not wrong, "sizes and digests are the files'", ", ".join(wrong[:3]))
    verdict.claim(canonical(text, crate), "it is canonical JSON")


def canonical(text, value):
    return json.loads(text) == value and text.endswith("}\n") and "\r" not in text and sorted_keys(text)


def sorted_keys(text):
    unsorted = []

    def pairs(members):
        keys = [key for key, _ in members]
        if keys != sorted(keys, key=lambda key: key.encode()):
            unsorted.append(keys)
        return dict(members)

    json.loads(text, object_pairs_hook=pairs)
    return not unsorted


def judge_records(verdict, payload, manifest):
    """The rules of AMB that a lesson's record can break."""
    for lesson in manifest["lessons"]:
        name = lesson["id"]
        text = (payload / f"lessons/{name}/{name}.json").read_text(encoding="utf-8")
        record = json.loads(text)
        problems = []

        def need(holds, what, found=problems):
            if not holds:
                found.append(what)

        contexts = record.get("@context", [])
        need("https://w3id.org/kim/amb/context.jsonld" in contexts, "context")
        need(any(isinstance(one, dict) and len(one.get("@language", "")) == 2 for one in contexts), "@language")
        need(record.get("id") == lesson["uuid"], "id")
        need("LearningResource" in record.get("type", []), "type")
        need(isinstance(record.get("name"), str) and record["name"], "name")
        need(re.fullmatch(r"PT(\d+H)?(\d+M)?\d+(\.\d+)?S", record.get("duration", "")), "duration")
        need(all(len(code) in (2, 3) for code in record.get("inLanguage", [])), "inLanguage")
        need(re.fullmatch(r"\d{4}-\d\d-\d\d", record.get("datePublished", "")), "datePublished")
        kinds = record.get("learningResourceType", [])
        known = all(kind["id"].startswith("https://w3id.org/kim/hcrt/") for kind in kinds)
        need(kinds and known, "learningResourceType")
        need("about" not in record, "about without a subject of AMB's vocabularies")
        need(all(part.get("name") for part in record.get("isBasedOn", [{}])), "isBasedOn")
        for party in record.get("creator", []) + record.get("publisher", []) + record.get("contributor", []):
            need(party.get("type") in ("Person", "Organization") and party.get("name"), "a party")
        media = {asset["path"]: asset for asset in lesson["assets"]}
        for part in record.get("encoding", []) + record.get("caption", []):
            address = part.get("contentUrl") or part.get("id")
            inside = "data" + urllib.parse.unquote(urllib.parse.urlsplit(address).path)
            asset = media.get(inside, {})
            need(part.get("type") == "MediaObject" and urllib.parse.urlsplit(address).scheme == "arcp", "an address")
            need(part.get("sha256") == asset.get("sha256"), f"the digest of {inside}")
            need(part.get("contentSize") == str(asset.get("size")), f"the size of {inside}")
        languages = {asset["language"].split("-")[0] for asset in lesson["assets"] if asset["role"] == "subtitle"}
        need({part["inLanguage"] for part in record.get("caption", [])} == languages, "caption languages")
        need(canonical(text, record), "canonical JSON")
        licence = record.get("license", {}).get("id", "")
        need(urllib.parse.urlsplit(licence).scheme == "https", "license")
        note = "" if AMB_LICENCES.match(licence) else f"its licence {licence} is none of AMB's list"
        verdict.claim(not problems, f"the record of {name} has the shape of AMB", "; ".join(problems) or note)


def judge_catalogue(verdict, payload, manifest):
    text = (payload / "catalogue.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    count = len(rows) - 1
    verdict.claim(count == len(manifest["lessons"]), "the catalogue has a row for each lesson", str(count))
    verdict.claim({len(row) for row in rows} == {len(rows[0])}, "its rows are equally long")
    bad = [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t\r\n＝＋－＠") and cell]
    verdict.claim(not bad, "no cell is a formula", "; ".join(bad[:3]))


def judge_characters(verdict, payload):
    for file in ("catalogue.csv", "LICENSE.txt", "ro-crate-metadata.json", "ro-crate-preview.html"):
        text = (payload / file).read_text(encoding="utf-8-sig")
        found = {
            f"U+{ord(letter):04X}" for letter in text
            if unicodedata.bidirectional(letter) in ("LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI")
            or unicodedata.category(letter) == "Cc" and letter not in "\n\r"}
        verdict.claim(not found, f"{file} has no control and no direction character", ", ".join(sorted(found)))


def main():
    parser = argparse.ArgumentParser(description="Judges a package's RO-Crate, records and catalogue, without network.")
    parser.add_argument("package", type=Path, help="the bag's folder")
    package = parser.parse_args().package.resolve()
    payload = package / "data"
    manifest = json.loads((package / "ferry-delivery.json").read_text(encoding="utf-8"))
    verdict = Verdict()
    asked = []
    judge_crate(verdict, payload)
    judge_records(verdict, payload, manifest)
    judge_catalogue(verdict, payload, manifest)
    judge_characters(verdict, payload)
    close_network(asked)
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder  # where the validator keeps what it was sent
        judge_with_validator(verdict, payload, asked)
    print(f"crate: {verdict.held} assertions hold, {verdict.failed} do not")
    return 1 if verdict.failed or not verdict.held else 0


if __name__ == "__main__":
    sys.exit(main())
