"""Compiles the loops of matching, or reads them from the disk, and says how far it is.

    python -m process.compiling     # what the Makefile does before the tests

That takes half a minute to two minutes once, and after that half a second. A server does not wait for it: a
process beside it compiles, and it interprets meanwhile (`engine.matching.compiled`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from engine.matching.analysis.analyzer import Analyzer
from engine.matching.compiled import compiling, interpret, is_interpreted, is_kept, progress, use_compiled
from engine.matching.learned import topic_learning
from engine.matching.score.index import warm
from process.rules import make_analyzer
from runtime.parent import die_with_parent

_TELL_S = 5.0
_BESIDE = "--beside"
_NICENESS = 5
"""How much the process that compiles yields to the server, which may have one core alone."""
_ROOT = Path(__file__).resolve().parents[1]


def interpret_unless_kept() -> None:
    """Have loops interpreted where `compile_loops` would compile them for long."""
    if not is_kept():
        interpret()


async def compile_loops(analyzer: Analyzer, *, searches: bool, tell: Callable[[int, int], None]) -> None:
    """Have the loops that some roles call ready as machine code; those of `searches` where these are done.

    Where they are interpreted by now, a process of its own compiles them, as that would hold the interpreter
    of this one for minutes. Then this one reads them from the disk, in a thread: a first call on the event
    loop would hold it meanwhile. Every few seconds `tell` is called with the number of compiled functions,
    and of all.
    """
    if is_interpreted():
        await _compile_beside(tell)

    def work() -> None:
        with compiling():
            if searches:
                warm()
            analyzer.warm()

    working = asyncio.create_task(asyncio.to_thread(work))
    while not (await asyncio.wait({working}, timeout=_TELL_S))[0]:
        tell(*progress())
    await working
    use_compiled()


async def _compile_beside(tell: Callable[[int, int], None]) -> None:
    """Have another process compile; where that fails, this one does it."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "process.compiling", _BESIDE, str(os.getpid())),
        stdout=asyncio.subprocess.PIPE,
        stdin=asyncio.subprocess.DEVNULL,
        cwd=_ROOT,
    )
    try:
        while child.stdout is not None and (line := await child.stdout.readline()):
            tell(*map(int, line.split()))
        await child.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()


def main() -> int:
    """Compile everything, and print how far it is."""

    def tell(done: int, every: int) -> None:
        told = "{} {}" if is_beside else "compiling the loops of matching (once): {} of {}"
        print(told.format(done, every), flush=True)

    is_beside = sys.argv[1:2] == [_BESIDE]
    if is_beside:
        die_with_parent(int(sys.argv[2]))
        os.nice(_NICENESS)
    asyncio.run(compile_loops(make_analyzer(), searches=True, tell=tell))
    topic_learning.warm()  # no server needs it at its start
    return 0


if __name__ == "__main__":
    sys.exit(main())
