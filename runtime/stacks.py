"""Where a process stands: SIGUSR1 writes the stack of the loop's thread, and those of all threads and tasks.

The first comes even when the loop is stuck; the others are written by the loop itself. A handler of a signal
that reads the stacks of other threads, while these go on, can end the process: of 700 times it did once.
Stacks name files and lines, never values.
"""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import signal
import sys
import threading
from traceback import walk_stack
from types import FrameType

logger = logging.getLogger(__name__)


def write_stacks_on_signal() -> None:
    """Take the signal; called once, on the running loop."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, write_stacks)
    # After the loop's handler is set, so that this one comes first and then calls it.
    faulthandler.register(signal.SIGUSR1, all_threads=False, chain=True)


def write_stacks() -> None:
    """Log one line a thread and one a task: its name, and where it waits, outermost first."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for number, frame in sys._current_frames().items():
        at = [place(one, line) for one, line in walk_stack(frame)]
        logger.info("stack", extra={"data": {"thread": names.get(number, "?"), "at": at[::-1]}})
    write_task_stacks()


def write_task_stacks() -> None:
    """Log one line a task: its name, what it runs, and where that waits, outermost first."""
    for task in sorted(asyncio.all_tasks(), key=lambda one: one.get_name()):
        logger.info(
            "stack",
            extra={"data": {"task": task.get_name(), "runs": runs(task), "at": places(task)}},
        )


def runs(task: asyncio.Task[object]) -> str:
    """The name of the coroutine that a task runs."""
    return getattr(task.get_coro(), "__qualname__", "?")


def places(task: asyncio.Task[object]) -> list[str]:
    """Files and lines, from the task's own coroutine to the innermost that it awaits."""
    found = []
    coroutine: object = task.get_coro()
    # From an awaiting coroutine to the awaited one; the innermost awaits a future, which has no frame.
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None)
        if frame is not None:
            found.append(place(frame, frame.f_lineno))
        coroutine = getattr(coroutine, "cr_await", None)
    return found


def place(frame: FrameType, line: int) -> str:
    """The file, the line and the function where a frame stands."""
    return f"{frame.f_code.co_filename}:{line} {frame.f_code.co_name}"
