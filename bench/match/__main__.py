"""`make bench-match`: resumes against live feeds, and feeds against stored resumes."""

from __future__ import annotations

import argparse
import sys

from bench.match import feeds, resumes
from bench.match.data import DATA, FILES

SIZES = (1_000, 10_000, 100_000)
ROUNDS = 3


def main() -> int:
    """Read the command line and measure; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bench.match")
    parser.add_argument("--quick", action="store_true", help="1,000 and 10,000 feeds, one round each")
    parser.add_argument("--resumes", action="store_true", help="only one feed against stored resumes")
    options = parser.parse_args()
    if not all((DATA / name).exists() for name in FILES):
        print(f"bench.match: no texts in {DATA}: nothing measured", file=sys.stderr)
        return 0
    sizes = SIZES[:2] if options.quick else SIZES
    rounds = 1 if options.quick else ROUNDS
    resumes.measure(max(sizes), rounds)
    if not options.resumes:
        feeds.measure(sizes, rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
