"""Compiles the loops of matching, or reads them from the disk, and says how far it is.

    python -m process.compiling     # what the Makefile does beside building the page

A server does it at its start where nobody has done it before: half a minute to two minutes once, after that
half a second.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

from engine.matching.analysis.analyzer import Analyzer
from engine.matching.compiled import progress
from engine.matching.score.index import warm
from process.setup import make_analyzer

_TELL_S = 5.0


async def compile_loops(analyzer: Analyzer, *, searches: bool, tell: Callable[[int, int], None]) -> None:
    """Compile in a thread what some roles call: a first call on the event loop would hold it meanwhile.

    Args:
        analyzer: The rules of texts.
        searches: Whether resumes or feeds are searched.
        tell: Called every few seconds with the number of compiled functions, and of all.
    """

    def work() -> None:
        if searches:
            warm()
        analyzer.warm()

    working = asyncio.create_task(asyncio.to_thread(work))
    while not (await asyncio.wait({working}, timeout=_TELL_S))[0]:
        tell(*progress())
    await working


def main() -> int:
    """Compile everything, and print how far it is."""

    def tell(done: int, every: int) -> None:
        print(f"compiling the loops of matching (once): {done} of {every}", flush=True)

    asyncio.run(compile_loops(make_analyzer(), searches=True, tell=tell))
    return 0


if __name__ == "__main__":
    sys.exit(main())
