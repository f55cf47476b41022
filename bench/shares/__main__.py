"""A million feeds over shares: what a resume costs them, what a feed takes, how soon a start is ready.

    python -m bench.shares --feeds 1000000 --shares 4
    python -m bench.shares --feeds 100000 --servers     # the same with real servers over real stores

Without `--servers` each share is a process of its own that holds the index of its feeds, as a scorer does,
and nothing is stored. All shares take the same resumes, so that the slowest of them decides how long a resume
takes. With it the feeds are stored, servers of the role `score` are started over them, for the first time and
after a stop, and resumes are sent to one that takes them in.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from bench.harness.table import text_of
from bench.shares.indexes import measure
from bench.shares.served import measure_servers

FEEDS = 1_000_000
SHARES = 4
RESUMES = 400


def main(argv: Sequence[str]) -> int:
    """Measure and print.

    Returns:
        The exit status: 1 where a figure is missed.
    """
    parser = argparse.ArgumentParser(prog="python -m bench.shares", description=__doc__)
    parser.add_argument("--feeds", type=int, default=FEEDS)
    parser.add_argument("--shares", type=int, default=SHARES)
    parser.add_argument("--resumes", type=int, default=RESUMES)
    parser.add_argument("--servers", action="store_true", help="with real servers and stores")
    given = parser.parse_args(argv)
    if given.servers:
        rows = asyncio.run(measure_servers(given.feeds, given.shares, given.resumes))
    else:
        rows = measure(given.feeds, given.shares, given.resumes)
    print(text_of(rows))
    return 1 if any(one.is_met is False for one in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
