"""Unpacks the home and package of ferry 0.1 below a folder, and writes that folder's path where the records name theirs."""

import glob
import json
import pathlib
import sqlite3
import sys
import tarfile

MADE_IN = "/var/tmp/ferry-0.1"
ARCHIVE = pathlib.Path(__file__).parents[2] / "fixtures/ferry-0.1/home-and-package.tar.gz"


def main(folder: str) -> None:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder)
    for pattern in ("home/published/*.json", "home/lessons/*/record.json"):
        for path in map(pathlib.Path, glob.glob(f"{folder}/{pattern}")):
            record = json.loads(path.read_text())
            for key in ("path", "jobFile"):
                if key in record:
                    record[key] = record[key].replace(MADE_IN, folder)
            path.write_text(json.dumps(record))
    with sqlite3.connect(f"{folder}/home/ferry.db") as queue:
        for table, column in (("jobs", "file"), ("versions", "path"), ("sources", "path")):
            queue.execute(f"UPDATE {table} SET {column} = replace({column}, ?, ?)", (MADE_IN, folder))


main(sys.argv[1])
