"""One upload: lines are parsed, stored in batches, and accounted for.

Belongs to one task: `take` and `flush` must not run at the same time.
"""

from __future__ import annotations

import heapq
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter

import msgspec

from intake.record import MAX_LINE_BYTES, parse_off_loop, source_of
from intake.storing import Storing
from runtime.decoding import Errors, InvalidFields, dump
from runtime.slices import Slices
from store.resumes.resume_values import IncomingResume
from store.retry import until_answered

_BATCH = 100
"""Resumes that are stored at a time. It bounds what one call of the store takes, which others wait for."""
_BATCH_BYTES = 2 * 1024 * 1024
"""Bytes of lines after which a batch is stored though it has fewer resumes: it bounds what an upload of long
ones holds in memory."""


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """A line of the upload that was not taken; small, and nothing that the garbage collector looks at.

    An upload may have a million of them, and the loop stands still while the collector goes through them.

    Attributes:
        line: Its number, from 1; blank lines count.
        written: What is wrong with each of its fields, as JSON.
        is_erased: Whether the person was erased before.
    """

    line: int
    written: str
    is_erased: bool

    @property
    def errors(self) -> dict[str, list[str]]:
        """What is wrong with each of its fields."""
        return msgspec.json.decode(self.written, type=dict[str, list[str]])


class Rejections:
    """The lines that were not taken, in their order."""

    def __init__(self) -> None:
        # Each in the order of its lines: what was refused as it came, and what as it was to be stored.
        self._found: tuple[list[Rejected], list[Rejected]] = ([], [])

    def add(self, line: int, errors: Errors, *, is_late: bool = False, is_erased: bool = False) -> None:
        """Note one. `is_late`: it was not refused before it was to be stored."""
        # Most are wrong in the same way: it is kept once.
        self._found[is_late].append(Rejected(line, sys.intern(dump(dict(errors))), is_erased))

    def __len__(self) -> int:
        return sum(map(len, self._found))

    def __iter__(self) -> Iterator[Rejected]:
        return heapq.merge(*self._found, key=attrgetter("line"))


Waits = Callable[[float], bool]


def _never(_: float) -> bool:
    return False


class _Held(msgspec.Struct, frozen=True):
    """A resume that waits to be stored, the number of its line, from 1, and its place in `ids`."""

    line: int
    position: int
    resume: IncomingResume


class Upload:
    """Takes lines in, stores them in batches, and keeps the account of what became of each.

    Attributes:
        counts: How many resumes were accepted as new, updated, and recognised as duplicates.
        rejected: The lines that were not taken.
        ids: An id for each line that is not blank, in their order; None for a rejected one.
        source: The only source whose lines are taken; None for all.
        has_foreign: Whether a line of another source came.
        held_bytes: How long the lines are that wait to be stored.
    """

    def __init__(self, storing: Storing) -> None:
        self._storing = storing
        self.source: str | None = None
        self.has_foreign = False
        self._batch: dict[str, _Held] = {}
        self.counts = {"accepted": 0, "updated": 0, "duplicate": 0}
        self.held_bytes = 0
        self.rejected = Rejections()
        self.ids: list[str | None] = []

    async def take(self, lines: Iterable[tuple[int, bytes | None]], waits: Waits = _never) -> None:
        """Take lines in, as `LineSplitter` gives them: None stands for a line that was too long.

        What is taken is durable after the next `flush`, at the latest.

        Raises:
            One of STORE_FAILURES: The store does not answer.
        """
        slices = Slices()
        for number, line in lines:
            await slices.rest()
            if line == b"":
                continue
            position = len(self.ids)
            self.ids.append(None)
            if line is None:
                self._storing.refused(self.source or "", "too_large")
                self.rejected.add(number, {"line": [f"一行不能超过 {MAX_LINE_BYTES} 字节"]})
                continue
            try:
                resume = await parse_off_loop(line)
            except InvalidFields as error:
                self._storing.refused(self.source or source_of(line), "invalid")
                self.rejected.add(number, error.errors)
                continue
            if self.source not in (None, resume.source):
                self.has_foreign = True
                self._storing.refused(self.source, "foreign")
                self.rejected.add(number, {"source": ["此导入口令只能导入它自己来源的简历"]})
                continue
            # A batch holds a resume once. Of two lines for it the earlier is stored first, and the later
            # updates it.
            if resume.id in self._batch or len(self._batch) >= _BATCH or self.held_bytes >= _BATCH_BYTES:
                await self.flush(waits)
            self._batch[resume.id] = _Held(number, position, resume)
            self.held_bytes += len(line)

    async def flush(self, waits: Waits = _never) -> None:
        """Store what is held, and queue it to be scored.

        `waits` says whether to go on trying, where the store has not answered for so many seconds. It is not
        kept: a request that has an upload would be left to the collector.

        Raises:
            One of STORE_FAILURES: The store does not answer. What was held is not accounted for; its sender
                has to send it again.
        """
        batch, self._batch, self.held_bytes = self._batch, {}, 0
        held = list(batch.values())
        began, tried = time.monotonic(), dict[str, str | None]()
        outcomes = await until_answered(
            lambda: self._storing.save([one.resume for one in held], tried),
            what="an upload",
            goes_on=lambda: waits(time.monotonic() - began),
        )
        for one, stored in zip(held, outcomes, strict=True):
            if stored.errors:
                is_erased = stored.outcome == "erased"
                self.rejected.add(one.line, stored.errors, is_late=True, is_erased=is_erased)
            else:
                self.counts[stored.outcome] += 1
                self.ids[one.position] = one.resume.id
