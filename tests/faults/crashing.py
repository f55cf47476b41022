"""Servers that kill themselves at one of their writes, by what their environment says:

* `CRASH_AT=after-results.save-2` is the moment when the second write of `save` in `results/results.py` is
  acknowledged, `before-…` the one when it is about to be sent;
* `WRITES_LOG` names a file that gets a line for each write;
* `POISON` is a self-evaluation that ends whoever reads it,
* `TAKE_OVER_S` is after how many seconds, in place of ten, a batch counts as left by a dead process. It is
  for servers that are alone: of a batch that somebody else still works on it would say so too.

A write is named by the function of `store/` that the rest of the server calls for it. The commit of a
transaction is one too.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorCollection

from engine.matching.analysis.analyzer import Analyzer
from engine.matching.resume_profile import ResumeProfile
from engine.percolation import work_source
from store import data_loader, mongo, retry, transactions

NAMES = {"CRASH_AT", "WRITES_LOG", "POISON", "TAKE_OVER_S"}
METHODS = (
    *("insert_one", "insert_many", "update_one", "update_many", "replace_one", "delete_one", "delete_many"),
    *("bulk_write", "find_one_and_update", "find_one_and_replace", "find_one_and_delete"),
)
_STORE = str(Path(mongo.__file__).parent)
# They call the rest of the server back and write nothing themselves.
_LOOPS = {retry.__file__, data_loader.__file__, transactions.__file__}


def die() -> None:
    """kill -9: nothing is flushed, closed or told."""
    os.kill(os.getpid(), signal.SIGKILL)


def place() -> str:
    """Which function of `store/` writes: the outermost that runs, as `results.save`."""
    frame: FrameType | None = sys._getframe(1)
    found = "?"
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(_STORE) and file not in _LOOPS:
            found = f"{Path(file).stem}.{frame.f_code.co_name}"
        frame = frame.f_back
    return found


def disturb(crash_at: str, log: str) -> None:
    """Have every write of this process counted, and one of them kill it."""
    seen: Counter[str] = Counter()
    lines = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if log else 0

    def disturbed(write: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        # Not a coroutine: one may be awaited in a task of its own, whose stack names nobody.
        def at_last(*args: Any, **kwargs: Any) -> Awaitable[Any]:
            where = place()
            seen[where] += 1
            point = f"{where}-{seen[where]}"
            if lines:
                os.write(lines, f"{point}\n".encode())
            if crash_at == f"before-{point}":
                die()
            return ended(write(*args, **kwargs), point)

        return at_last

    async def ended(write: Awaitable[Any], point: str) -> Any:
        try:
            return await write
        finally:  # a document that is there already is an answer too
            if crash_at == f"after-{point}":
                die()

    for owner, names in (
        (AsyncIOMotorCollection, METHODS),
        (AsyncIOMotorClientSession, ["commit_transaction"]),
    ):
        for name in names:
            setattr(owner, name, disturbed(getattr(owner, name)))


def poison(analyzer: Analyzer, text: str) -> None:
    """Have one resume end this process, as a fault of a library might."""
    read = analyzer.resume

    def reading(body: Mapping[str, Any], *args: Any) -> ResumeProfile:
        if body.get("self_evaluation") == text:
            die()
        return read(body, *args)

    setattr(analyzer, "resume", reading)  # noqa: B010 - a method of one object alone


def arrange(environ: Mapping[str, str], analyzer: Analyzer) -> None:
    """Arrange for what the environment of this process says."""
    if environ.get("CRASH_AT") or environ.get("WRITES_LOG"):
        disturb(environ.get("CRASH_AT", ""), environ.get("WRITES_LOG", ""))
    if environ.get("POISON"):
        poison(analyzer, environ["POISON"])
    if environ.get("TAKE_OVER_S"):
        work_source._TAKE_OVER_IDLE_S = float(environ["TAKE_OVER_S"])
        work_source._TAKE_OVER_EVERY_S = work_source._TAKE_OVER_IDLE_S / 2
