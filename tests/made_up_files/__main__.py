"""Write made-up resumes into a folder: the files, and `truth.jsonl` with a line for each."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from tests.made_up_files.layouts import made_up_files


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(prog="tests.made_up_files")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--each", type=int, default=20, help="people in each layout")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with (options.folder / "truth.jsonl").open("wb") as truth:
        for file in made_up_files(each=options.each, seed=options.seed):
            (options.folder / file.name).write_bytes(file.data)
            line = {"file": file.name, "layout": file.layout, "record": file.person.record()}
            truth.write(msgspec.json.encode(line) + b"\n")


if __name__ == "__main__":
    main()
