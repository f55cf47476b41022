"""A server's side of the embedded stores: it joins the supervisor of a data directory, or starts one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from store.embedded.supervisor import state_of, try_lock

logger = logging.getLogger(__name__)

_START_S = 55.0
"""Seconds that the stores have to start. The supervisor gives up after 40 s, before which it may take some
seconds to end what an earlier one left running."""

_WATCH_S = 0.5
"""Seconds between two looks at whether there is a supervisor."""

_GRACE_S = 2.0
"""Seconds that whoever started a supervisor has to start the next one, before others do."""

_STOP_S = 10.0
"""Seconds that a supervisor has to stop. It gives its stores 8 s, and kills them after."""

_MOVED = "the stores came back at another address or with another password"

_ROOT = Path(__file__).resolve().parents[2]


class StoresFailed(Exception):
    """The embedded stores did not start, or came back where nobody looks for them."""


class EmbeddedStores:
    """This process's share in the embedded stores of one data directory.

    Whoever finds no supervisor starts one and stops it at the end; whoever finds one joins it. When a
    supervisor dies, each process that uses its stores may start the next.
    """

    def __init__(self, data_dir: Path, names: list[str]) -> None:
        self._data_dir = data_dir
        self._names = names
        self._supervisor: asyncio.subprocess.Process | None = None
        self.urls: dict[str, str] = {}

    async def begin(self) -> None:
        """Start a supervisor if there is none, without waiting; what fails here fails in `start` too."""
        with contextlib.suppress(StoresFailed, OSError):
            await self._ensure_supervisor()

    async def start(self) -> None:
        """Make sure that the stores run; `urls` then holds the URL of each.

        Raises:
            StoresFailed: They do not run within a minute, or a supervisor runs without one of them.
        """
        deadline = asyncio.get_running_loop().time() + _START_S
        while asyncio.get_running_loop().time() < deadline:
            if await self._ensure_supervisor():
                state = state_of(self._data_dir)
                missing = [name for name in self._names if name not in state]
                if missing:
                    raise StoresFailed(f"{self._data_dir} is supervised without {' and '.join(missing)}")
                self.urls = {name: state[name]["url"] for name in self._names}
                return
            await asyncio.sleep(0.05)
        raise StoresFailed(f"the stores in {self._data_dir} do not start; see the .log files there")

    async def watch(self) -> None:
        """Start a new supervisor whenever there is none; runs until cancelled.

        Raises:
            StoresFailed: The stores came back at another address or with another password, as they do when
                they are of a newer release; only a restart helps.
        """
        is_blind = False
        while True:
            await asyncio.sleep(_WATCH_S)
            try:
                await self._look()
                is_blind = False
            except OSError as error:
                # No descriptor is free, or the disk is full. Both pass, and the stores may well be running.
                if not is_blind:
                    logger.warning("cannot see whether the embedded stores run: %s", error.strerror)
                is_blind = True

    async def _look(self) -> None:
        """Start a new supervisor if there is none.

        Raises:
            OSError: The system does not let us see whether there is one, or start one.
            StoresFailed: The stores came back at another address.
        """
        if self._is_supervised():
            self._compare(state_of(self._data_dir))
            return
        if self._supervisor is None:
            # A process manager or another server started the one that is gone, and may start the next
            # within moments. It goes first: a supervisor of ours would end when we do.
            await asyncio.sleep(_GRACE_S)
            if self._is_supervised():
                return
        logger.warning("the embedded stores are gone, starting them anew")
        before = dict(self.urls)
        await self.start()
        if self.urls != before:
            raise StoresFailed(_MOVED)

    def _compare(self, state: Mapping[str, Any]) -> None:
        """Find out whether a new supervisor, whoever started it, gives the stores other URLs."""
        if state.get("ready") and any(
            name in state and state[name]["url"] != url for name, url in self.urls.items()
        ):
            raise StoresFailed(_MOVED)

    async def stop(self) -> None:
        """Stop the supervisor if this process started it; joined stores stay."""
        if self._supervisor is None or self._supervisor.returncode is not None:
            return
        if self._supervisor.stdin is not None:
            self._supervisor.stdin.close()
        try:
            async with asyncio.timeout(_STOP_S):
                await self._supervisor.wait()
        except TimeoutError:
            self._supervisor.kill()
            await self._supervisor.wait()

    async def _ensure_supervisor(self) -> bool:
        """Start a supervisor if there is none; returns whether its stores are ready."""
        if self._is_supervised():
            state = state_of(self._data_dir)
            # A new supervisor holds the lock before it writes: until then the file is of a dead one.
            return bool(state.get("ready")) and _is_alive(state.get("supervisor"))
        if self._supervisor is not None and self._supervisor.returncode is None:
            return False  # ours was started, and has not locked the directory yet
        self._supervisor = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "store.embedded.supervisor", "--with_parent"),
            *("--data_dir", str(self._data_dir.resolve()), "--stores", ",".join(self._names)),
            # It stops when this pipe ends, which it does however this process ends.
            stdin=asyncio.subprocess.PIPE,
            cwd=_ROOT,
            start_new_session=True,
        )
        return False

    def _is_supervised(self) -> bool:
        """Whether a supervisor holds the directory: where it can be locked, none does.

        Raises:
            StoresFailed: Another user's does.
        """
        try:
            lock = try_lock(self._data_dir)
        except PermissionError as error:
            raise StoresFailed(f"{error.filename} belongs to another user") from None
        with contextlib.ExitStack() as stack:
            if lock is not None:
                stack.enter_context(lock)
        return lock is None


def embedded_stores(mongo_url: str | None, redis_url: str | None, data_dir: Path) -> EmbeddedStores | None:
    """The stores that are embedded: those that no URL was given for. None where there are none."""
    names = [name for name, url in (("mongo", mongo_url), ("redis", redis_url)) if not url]
    return EmbeddedStores(data_dir, names) if names else None


def _is_alive(pid: object) -> bool:
    if not isinstance(pid, int) or pid <= 1:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it runs, under another user
        return True
    return True
