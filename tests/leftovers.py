"""Processes of a run of the tests: none of them outlives it, whichever way it ends.

A plugin of pytest, whose hooks `tests/conftest.py` takes. It gives all that a run starts a mark, an item of
an environment variable, and starts this file as a watcher. When a run ends in order, whoever is left fails it
by name. When it ends otherwise, as by kill -9, the watcher kills whoever is left.

Of the run is what carries the mark; what has a file of the run's directory open or works in it, as nginx
does, which keeps no environment; what these have started; and the sessions that they lead.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

MARK = "TALENTFEED_TEST_RUN"
ENDING = "TALENTFEED_TESTS_END_S"
_ENDING_S = 15.0
"""Seconds that processes have after the last test for their end, unless `ENDING` says otherwise."""
_LOOK_EVERY_S = 0.2
_OF_PYTHON = "multiprocessing.resource_tracker"
"""It belongs to the interpreter, and ends with it."""


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Mark all that this run starts; workers of xdist are started by the one whose run it is."""
    if not hasattr(session.config, "workerinput"):
        folder = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        session.config.stash[_RUN] = Run(folder)


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Once workers have ended and fixtures are torn down, a process that is left fails the run."""
    run = session.config.stash.get(_RUN, None)
    # Who stops a run by hand does not wait for its processes: xdist gives a worker ten seconds for its test.
    is_stopped = session.exitstatus == pytest.ExitCode.INTERRUPTED
    if run is not None and is_stopped and session.config.pluginmanager.has_plugin("dsession"):
        run.end()
    try:
        return (yield)
    finally:
        if run is not None:
            left = {} if is_stopped else run.left()
            for pid, words in left.items():
                session.config.get_terminal_writer().line(f"\nleft over: process {pid}: {words}", red=True)
            if left and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
            run.close()


class Run:
    """The processes of one run, which this process has started.

    Args:
        folder: The run's directory of temporary files.
    """

    def __init__(self, folder: Path) -> None:
        self._id = secrets.token_hex(8)
        self._folder = folder
        command = [sys.executable, "-P", __file__, str(os.getpid()), self._id, str(folder)]
        # Before the mark is there, so that it does not find itself; Ctrl-C is not for it.
        self._watcher = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        # A run within a run has the marks of both.
        os.environ[MARK] = ",".join(filter(None, (os.environ.get(MARK), self._id)))

    def left(self) -> dict[int, str]:
        """What is still there once all had the time to end: ids and command lines."""
        deadline = time.monotonic() + float(os.environ.get(ENDING, _ENDING_S))
        while (found := processes_of(self._id, self._folder)) and time.monotonic() < deadline:
            time.sleep(_LOOK_EVERY_S)
        return found

    def end(self) -> None:
        """End whatever is there."""
        end_all(self._id, self._folder)

    def close(self) -> None:
        """The same, and the watcher."""
        self.end()
        self._watcher.kill()
        self._watcher.wait()


_RUN = pytest.StashKey[Run]()


def processes_of(run: str, folder: Path) -> dict[int, str]:
    """Ids and command lines of a run's processes, without this one and those above it."""
    parents, sessions, words, found = {}, {}, {}, set()
    for pid, one in _running():
        with contextlib.suppress(OSError):  # it has ended meanwhile
            state, parent, _, session, terminal = (one / "stat").read_text().rpartition(")")[2].split()[:5]
            if state in "ZX":
                continue
            parents[pid], sessions[pid] = int(parent), int(session)
            words[pid] = (
                (one / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
            )
            # Somebody at another terminal may look into the directory.
            is_ours = terminal == "0" or int(session) == os.getsid(0)
            if _has_mark(one, run) or (is_ours and _uses(one, folder)):
                found.add(pid)
    children = defaultdict(list)
    for pid, parent in parents.items():
        children[parent].append(pid)
    above, pid = set(), os.getpid()
    while pid:
        above.add(pid)
        pid = parents.get(pid, 0)
    waiting = list(found - above)
    all_: set[int] = set()
    while waiting:
        pid = waiting.pop()
        if pid not in all_ and pid not in above:
            all_.add(pid)
            waiting += children[pid]
            waiting += [other for other, leader in sessions.items() if leader == pid]
    return {pid: words[pid] for pid in sorted(all_) if _OF_PYTHON not in words[pid]}


def end_all(run: str, folder: Path) -> None:
    """kill -9 of a run's processes, again and again until none is there: some start others again."""
    while found := processes_of(run, folder):
        # First they stand still, so that no supervisor starts anew what is killed before it.
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in found:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
        time.sleep(0.05)


def _running() -> Iterator[tuple[int, Path]]:
    for one in Path("/proc").iterdir():
        if one.name.isdecimal():
            yield int(one.name), one


def _has_mark(one: Path, run: str) -> bool:
    with contextlib.suppress(PermissionError):
        for variable in (one / "environ").read_bytes().split(b"\0"):
            if variable.startswith(f"{MARK}=".encode()):
                return run in variable.decode().partition("=")[2].split(",")
    return False


def _uses(one: Path, folder: Path) -> bool:
    return any(path.startswith(f"{folder}/") for path in _files(one))


def _files(one: Path) -> Iterable[str]:
    """Where it works, and what it has open."""
    with contextlib.suppress(PermissionError):
        for link in (one / "cwd", *(one / "fd").iterdir()):
            with contextlib.suppress(OSError):
                yield str(link.readlink())


def _watch(parent: int, run: str, folder: Path) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_S)
    end_all(run, folder)


if __name__ == "__main__":
    _watch(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
