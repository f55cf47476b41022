"""Keeps long work from holding others up: the event loop, by slices, and the store, by rests."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextvars import ContextVar
from weakref import WeakKeyDictionary

SLICE_S = 0.002
"""Seconds that one task works before it yields.

Whoever becomes ready meanwhile waits for its end: longer ones would show in the time of requests. Shorter
ones would spend more on switching than on work.
"""
_PAUSE_S = 0.001
"""Seconds that others have after each slice, however many work in slices: a third of the time."""


class _Line:
    """Those of one event loop whose slice is used up, of whom one at a time goes on, after a pause.

    A request waits dozens of times, as each answer of a store takes some turns of the loop to arrive. Were
    there slices in each of them, whoever asks would wait for dozens. And threads that talk to the store need
    the interpreter, which the loop lets go of only while it has nothing to do.
    """

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()

    def join(self) -> asyncio.Future[None]:
        """What is done when it is one's turn."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            self._pause()
        return turn

    def _pause(self) -> None:
        asyncio.get_running_loop().call_later(_PAUSE_S, self._go_on)

    def _go_on(self) -> None:
        turn = self._waiting.popleft()
        if not turn.done():  # who gave the wait up needs no turn
            turn.set_result(None)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._pause)  # which is behind the slice


_lines: WeakKeyDictionary[asyncio.AbstractEventLoop, _Line] = WeakKeyDictionary()


class Slices:
    """Measures the current slice of one task's work. An item of the work must be short by itself.

    slices = Slices()
    for item in items:
        work(item)
        await slices.rest()
    """

    def __init__(self) -> None:
        self._began = time.perf_counter()

    async def rest(self) -> None:
        """Yield to the loop if the slice is used up; else go on at once."""
        if time.perf_counter() - self._began >= SLICE_S:
            await _lines.setdefault(asyncio.get_running_loop(), _Line()).join()
            self._began = time.perf_counter()


_LONGEST_REST_S = 0.25
"""Seconds that one rest takes at most: what took longer than this waited itself."""
_RESTS_S = 0.6
"""Seconds that all rests of a request take at most, so that it stays within its deadline."""


class _Allowance:
    """What is left of the seconds for rests."""

    def __init__(self, left_s: float = _RESTS_S) -> None:
        self.left_s = left_s


_of_request: ContextVar[_Allowance | None] = ContextVar("rests of the request", default=None)


def begin_rests() -> None:
    """A request begins: whatever work it does in parts shares its rests."""
    _of_request.set(_Allowance())


class Rests:
    """Lets others have the store for as long as one request's long work has had it.

    rests = Rests()
    for part in parts:
        await store.read(part)
        await rests.rest()

    A part must be short by itself: whoever comes meanwhile waits for it.
    """

    def __init__(self, most_s: float | None = None) -> None:
        self._allowance = _Allowance(most_s) if most_s is not None else _of_request.get() or _Allowance()
        self._began = time.perf_counter()

    async def rest(self) -> None:
        """Wait as long as the work since the last rest took, while there are rests left."""
        rest_s = min(time.perf_counter() - self._began, _LONGEST_REST_S, self._allowance.left_s)
        self._allowance.left_s -= rest_s
        await asyncio.sleep(rest_s)
        self._began = time.perf_counter()

    def begin(self) -> None:
        """The work begins now: what was before it was no work."""
        self._began = time.perf_counter()
