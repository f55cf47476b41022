"""Child processes that are asked by a pipe: their start and their end. `parent` is their side of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

_ROOT = str(Path(__file__).resolve().parents[1])
_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "HOME", "NUMBA_CACHE_DIR", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""What a child is told of the environment. Nothing there is a secret."""
_THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
"""One core is what a child may have; libraries would start a thread for each."""


async def start_child(*command: str) -> asyncio.subprocess.Process:
    """Start a child that is asked by its standard input, and answers by its standard output.

    Raises:
        OSError: It cannot be started.
    """
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment | _THREADS | {"PYTHONPATH": _ROOT},
        start_new_session=True,
    )


def kill_child(child: asyncio.subprocess.Process) -> None:
    """End a child at once, in whatever it does. `end_child` must follow."""
    with contextlib.suppress(ProcessLookupError):
        child.kill()


async def end_child(child: asyncio.subprocess.Process) -> None:
    """Kill a child and wait until nothing of it is left."""
    kill_child(child)
    if child.stdin is not None:
        child.stdin.close()
    await child.wait()
