"""The store supervisor: a process that runs the embedded stores of one data directory.

    python -m store.embedded.supervisor --data_dir .data

`server.py` starts one where none runs; a process manager may run it as a program of its own. It

* holds a lock on the directory, so that there is one supervisor a directory;
* stops what an earlier one left running, and starts MongoDB (SecantusDB) and Redis (Valkey) on loopback;
* lets in only who has the password, which it makes once and writes into files for this user alone;
* starts a store again when it dies, on the same port, so that clients find it;
* stops the stores when it is told to, or when the process that started it is gone.

Before the stores run it imports the standard library alone, because every start of a server waits for it.
`child` has one store, `client` the server's side.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

from store.embedded.child import StoreProcess, end_leftover, say
from store.embedded.private import keep_private, kept_password

LOCK, STATE = "stores.lock", "stores.json"
ALREADY_SUPERVISED = 3
"""Exit status: another supervisor holds the directory."""

_POLL_S = 0.2
"""Seconds between two looks at the stores, and at whether the process that started us is still there."""

_START_S = 40.0
"""Seconds until both stores must let us in; then the start is given up. The first one after an upgrade starts
MongoDB three times. It is less than a server waits for its stores, `client._START_S`."""

_STOP_S = 8.0
"""Seconds that the stores have to write what they hold; then they are killed, which loses nothing that
MongoDB has acknowledged. It is less than `stopwaitsecs` in `supervisord.conf`, at which we are killed."""


def state_of(data_dir: Path) -> dict[str, Any]:
    """What the last supervisor of a directory wrote of itself; empty when there is nothing readable."""
    try:
        state = json.loads((data_dir / STATE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def try_lock(data_dir: Path) -> IO[str] | None:
    """Lock a data directory; None when another process holds it. Closing the file unlocks."""
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = (data_dir / LOCK).open("a", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


class StoreSupervisor:
    """Runs some stores of a directory, which the caller has locked, until it is told to stop.

    It may stop too when standard input ends, whose other end the starter holds.
    """

    def __init__(self, data_dir: Path, names: list[str], *, with_parent: bool) -> None:
        self._data_dir = data_dir
        self._with_parent = with_parent
        self._stopping = False
        self._is_ready = False
        self._is_unsaved = False
        self._written: list[int] = []
        # Before anything else: told to stop this early, it still ends what an earlier one left running.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        earlier = state_of(data_dir)
        for name in ("mongo", "redis"):
            end_leftover(earlier.get(name, {}).get("pid"), (data_dir / name).resolve())
        password = kept_password(data_dir)
        self._stores = [
            StoreProcess(name, data_dir, earlier.get(name, {}).get("port", 0), password) for name in names
        ]

    def run(self) -> int:
        """Start the stores, watch them, and stop them at the end; returns the exit status."""
        if self._stopping:
            return 0
        for store in self._stores:
            store.start()
        self._write_state()
        try:
            deadline = time.monotonic() + _START_S
            while not self._stopping and not all(store.answers() for store in self._stores):
                if time.monotonic() > deadline:
                    say("the stores do not start; see their .log files")
                    return 1
                self._step()
            self._is_ready = True
            self._write_state()
            while not self._stopping:
                self._step()
        finally:
            self._end()
        return 0

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _step(self) -> None:
        """Look after the stores once, and wait a little."""
        for store in self._stores:
            store.tend()
        pids = self._pids()
        # One that died and is not started again yet keeps the id of its last process.
        if self._is_unsaved or (all(pids) and pids != self._written):
            self._write_state()
        if not self._with_parent:
            time.sleep(_POLL_S)
        elif select.select([0], [], [], _POLL_S)[0] and not os.read(0, 64):
            self._stopping = True  # nobody holds the other end any more: who started us is gone

    def _pids(self) -> list[int]:
        return [store.child.pid if store.child else 0 for store in self._stores]

    def _write_state(self) -> None:
        """Write who runs where. A reader never sees half of it, as the file is put in place whole."""
        state: dict[str, Any] = {"supervisor": os.getpid(), "ready": self._is_ready}
        self._written = self._pids()
        for store, pid in zip(self._stores, self._written, strict=True):
            state[store.name] = {"url": store.url, "port": store.port, "pid": pid}
        fresh = self._data_dir / f".{STATE}"
        try:
            fresh.write_text(json.dumps(state, indent=1), "utf-8")
            fresh.replace(self._data_dir / STATE)
        except OSError as error:  # a full disk, say: the stores run on, and the next step writes again
            if not self._is_unsaved:
                say(str(error))
            self._is_unsaved = True
        else:
            self._is_unsaved = False

    def _end(self) -> None:
        """Stop all stores at once, and kill those that do not end in time."""
        children = [store.child for store in self._stores if store.child]
        for store in self._stores:
            store.terminate()
        deadline = time.monotonic() + _STOP_S
        for child in children:
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def main() -> int:
    """Parse the command line and run the stores."""
    parser = argparse.ArgumentParser(
        prog="store.embedded.supervisor", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument("--data_dir", type=Path, default=Path(os.environ.get("DATA_DIR") or ".data"))
    parser.add_argument("--stores", default="mongo,redis", help="which of mongo,redis to run")
    parser.add_argument("--with_parent", action="store_true", help="stop when standard input ends")
    parser.add_argument(
        "--wait", action="store_true", help="wait while another supervisor holds the directory"
    )
    options = parser.parse_args()
    keep_private(options.data_dir)
    lock = try_lock(options.data_dir)
    while lock is None and options.wait:
        time.sleep(_POLL_S)
        lock = try_lock(options.data_dir)
    if lock is None:
        say(f"{options.data_dir} has a supervisor already")
        return ALREADY_SUPERVISED
    with lock:
        return StoreSupervisor(
            options.data_dir, options.stores.split(","), with_parent=options.with_parent
        ).run()


if __name__ == "__main__":
    sys.exit(main())
