#!/usr/bin/env python3
"""Asks bagit.py about every bag in a folder, in one process: a line for each, `NAME valid` or `NAME invalid: reason`.

    bags.py FOLDER
"""

import argparse
import logging
from pathlib import Path

import bagit


def main():
    parser = argparse.ArgumentParser(description="Asks bagit.py about every bag in a folder.")
    parser.add_argument("folder", type=Path, help="holds the bags")
    logging.disable(logging.CRITICAL)
    for bag in sorted(parser.parse_args().folder.iterdir()):
        try:
            bagit.Bag(str(bag)).validate()
            print(f"{bag.name} valid")
        except Exception as problem:  # what it stumbles over, it does not accept
            print(f"{bag.name} invalid: {' '.join(str(problem).split())}")


if __name__ == "__main__":
    main()
