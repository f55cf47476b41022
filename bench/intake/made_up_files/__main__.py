"""Write made-up resumes into a folder: the files, and `truth.jsonl` with a line for each."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.intake.made_up_files.layouts import made_up_files
from bench.intake.made_up_files.truth import write_folder


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(prog="bench.intake.made_up_files")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--each", type=int, default=20, help="people in each layout")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    write_folder(options.folder, made_up_files(each=options.each, seed=options.seed))


if __name__ == "__main__":
    main()
