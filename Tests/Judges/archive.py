#!/usr/bin/env python3
"""Takes the versions of a delivery into an OCFL archive, as a repository would: one line for each finding.

    archive.py PACKAGE…

Every package, supplements too, keeps the contract: bagit-profile validates it against profiles/ferry-delivery-1.json.
The full ones, oldest first, are the versions of one OCFL object (ocfl-py: create and update from a bag). Its validator
must find the object valid without a warning, and each version must have the files of its package's payload by their
SHA-512, each content stored once. The exit code is 1 when something is found.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = Path(sys.executable).parent
PROFILE = Path(__file__).resolve().parents[2] / "profiles/ferry-delivery-1.json"


def run(tool, *arguments):
    command = [sys.executable, "-W", "ignore", TOOLS / tool, *arguments]
    result = subprocess.run(
        [str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return result.returncode, (result.stdout + result.stderr).strip()


def manifest(package):
    return json.loads((package / "ferry-delivery.json").read_text(encoding="utf-8"))


def broken_contract(package):
    name = json.loads(PROFILE.read_text(encoding="utf-8"))["BagIt-Profile-Info"]["BagIt-Profile-Identifier"]
    code, story = run("bagit_profile.py", "--no-logfile", "--report", "--file", PROFILE, name, package)
    if code:
        yield f"{package}: bagit-profile, exit code {code}: {story}"


def payload(package):
    """SHA-512 by path, as the bag's manifest has it."""
    lines = (package / "manifest-sha512.txt").read_text(encoding="utf-8").splitlines()
    return {path.removeprefix("data/"): digest for digest, path in (line.split("  ", 1) for line in lines)}


def state(version):
    return {path: digest for digest, paths in version["state"].items() for path in paths}


def ingest(packages, archive):
    for number, package in enumerate(packages, 1):
        code, story = run("ocfl-object.py", "update" if number > 1 else "create", "--objdir", archive, "--srcbag", package)
        # The tool answers some refusals with words alone.
        if code or "ERROR" in story or not (archive / f"v{number}").is_dir():
            yield f"{package}: ocfl-py does not take it as version {number}: exit code {code}: {story}"
            return
    code, story = run("ocfl-validate.py", archive)
    if code or "is VALID" not in story or "[W" in story or "[E" in story:
        yield f"{archive}: ocfl-validate.py, exit code {code}: {story}"
    inventory = json.loads((archive / "inventory.json").read_text(encoding="utf-8"))
    if inventory["id"] != manifest(packages[0])["id"]:
        yield f"{archive}: the object is {inventory['id']}, the delivery {manifest(packages[0])['id']}"
    versions = [payload(package) for package in packages]
    for number, files in enumerate(versions, 1):
        differing = files.items() ^ state(inventory["versions"][f"v{number}"]).items()
        for path in sorted({path for path, _ in differing}):
            yield f"{path}: version {number} in the archive does not have it as the package has it"
    stored = sorted(path for paths in inventory["manifest"].values() for path in paths)
    contents = {digest for files in versions for digest in files.values()}
    if len(stored) != len(contents):
        yield f"{archive}: it stores {len(stored)} files for {len(contents)} contents"


def main():
    parser = argparse.ArgumentParser(description="Takes the versions of a delivery into an OCFL archive.")
    parser.add_argument("packages", type=Path, nargs="+", help="packages, oldest first")
    packages = [package.resolve() for package in parser.parse_args().packages]
    findings = [finding for package in packages for finding in broken_contract(package)]
    versions = [package for package in packages if manifest(package)["kind"] == "full"]
    with tempfile.TemporaryDirectory() as folder:
        findings += ingest(versions, Path(folder) / "object")
    for finding in findings:
        print(finding)
    print(f"archive: {len(packages)} packages, {len(versions)} versions: {len(findings)} findings")
    return 1 if findings or not versions else 0


if __name__ == "__main__":
    sys.exit(main())
