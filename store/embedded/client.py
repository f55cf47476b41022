"""The embedded stores as a server sees them: join the keeper of a data directory, or start one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from pathlib import Path

from store.embedded.supervisor import state_of, try_lock

logger = logging.getLogger(__name__)

_START_S = 30.0
_WATCH_S = 0.5
_STOP_S = 10.0
_GRACE_S = 2.0
_ROOT = Path(__file__).resolve().parents[2]


class StoresFailed(Exception):
    """The embedded stores did not start, or came back where nobody looks for them."""


class EmbeddedStores:
    """This process's share in the embedded stores of one data directory.

    Whoever finds no keeper starts one and stops it at the end; whoever finds one joins it. When a
    keeper dies, each process that uses its stores may start the next.
    """

    def __init__(self, data_dir: Path, names: list[str]) -> None:
        self._data_dir = data_dir
        self._names = names
        self._keeper: asyncio.subprocess.Process | None = None
        self.urls: dict[str, str] = {}

    async def start(self) -> None:
        """Make sure that the stores run; `urls` then holds the URL of each.

        Raises:
            StoresFailed: They do not run within half a minute, or a keeper runs without one of them.
        """
        deadline = asyncio.get_running_loop().time() + _START_S
        while asyncio.get_running_loop().time() < deadline:
            if await self._ensure_keeper():
                state = state_of(self._data_dir)
                missing = [name for name in self._names if name not in state]
                if missing:
                    raise StoresFailed(f"{self._data_dir} is kept without {' and '.join(missing)}")
                self.urls = {name: state[name]["url"] for name in self._names}
                return
            await asyncio.sleep(0.05)
        raise StoresFailed(f"the stores in {self._data_dir} do not start; see the .log files there")

    async def watch(self) -> None:
        """Start a new keeper whenever there is none; runs until cancelled.

        Raises:
            StoresFailed: The stores came back at another address; only a restart helps.
        """
        while True:
            await asyncio.sleep(_WATCH_S)
            if self._is_kept():
                continue
            if self._keeper is None:
                # Somebody else's keeper: whoever started it may start it again, and does it better.
                await asyncio.sleep(_GRACE_S)
                if self._is_kept():
                    continue
            logger.warning("the embedded stores are gone, starting them anew")
            before = dict(self.urls)
            await self.start()
            if self.urls != before:
                raise StoresFailed("the stores came back at another address")

    async def stop(self) -> None:
        """Stop the keeper if this process started it; joined stores stay."""
        if self._keeper is None or self._keeper.returncode is not None:
            return
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()
        try:
            async with asyncio.timeout(_STOP_S):
                await self._keeper.wait()
        except TimeoutError:
            self._keeper.kill()
            await self._keeper.wait()

    async def _ensure_keeper(self) -> bool:
        """Start a keeper if there is none; whether the stores are ready."""
        if self._is_kept():
            state = state_of(self._data_dir)
            # What a dead keeper wrote may still be there while the next one starts.
            return bool(state.get("ready")) and _is_alive(state.get("keeper"))
        if self._keeper is not None and self._keeper.returncode is None:
            return False  # it has not locked the directory yet
        self._keeper = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "store.embedded.supervisor", "--with_parent"),
            *("--data_dir", str(self._data_dir.resolve()), "--stores", ",".join(self._names)),
            stdin=asyncio.subprocess.PIPE,
            cwd=_ROOT,
            start_new_session=True,
        )
        return False

    def _is_kept(self) -> bool:
        lock = try_lock(self._data_dir)
        with contextlib.ExitStack() as stack:
            if lock is not None:
                stack.enter_context(lock)
        return lock is None


def _is_alive(pid: object) -> bool:
    if not isinstance(pid, int) or pid <= 1:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
