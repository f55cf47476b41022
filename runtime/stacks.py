"""Where a process stands: SIGUSR1 writes the stack of every thread and of every task.

The threads' stacks come even when the loop is stuck; those of the tasks are written by the loop itself. They
name files and lines, never values.
"""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import signal

logger = logging.getLogger(__name__)


def write_stacks_on_signal() -> None:
    """Take the signal; called once, on the running loop."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, write_task_stacks)
    # After the loop's handler is set, so that this one comes first and then calls it.
    faulthandler.register(signal.SIGUSR1, all_threads=True, chain=True)


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
            found.append(f"{frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}")
        coroutine = getattr(coroutine, "cr_await", None)
    return found
