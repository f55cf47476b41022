"""Programs that are there at once: `python -m tests.integration.forking folder`.

To read in what `server.py` and `manage.py` import, and the rules of texts, takes a core some seconds. This
process does so once and forks a program for each line that it is given, JSON of an `Order`; it answers with
the new process's id. What that process ends with is in a file of the folder, named after the id.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec

_POLL_S = 0.005


class Order(msgspec.Struct):
    """A program, and what its process has: words, environment, files for its three streams."""

    program: str
    words: list[str]
    environ: dict[str, str]
    streams: tuple[str, str, str]
    is_patient: bool


class Forked:
    """A process, as `subprocess.Popen` has one. `returncode` is None until its end has been seen."""

    def __init__(self, pid: int, ended: Path) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = ended

    def poll(self) -> int | None:
        if self.returncode is None and self._ended.exists():
            self.returncode = int(self._ended.read_text())
        return self.returncode

    def wait(self, timeout: float = 120.0) -> int:
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(_POLL_S)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Forker:
    """The process that programs are forks of."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder = folder
        self._parent = subprocess.Popen(
            [sys.executable, "-m", __name__, str(folder)],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def fork(self, order: Order) -> Forked:
        assert self._parent.stdin
        assert self._parent.stdout
        self._parent.stdin.write(msgspec.json.encode(order) + b"\n")
        self._parent.stdin.flush()
        pid = int(self._parent.stdout.readline())
        return Forked(pid, self.folder / str(pid))

    def close(self) -> None:
        self._parent.communicate()


def _become(order: Order) -> None:
    """Run the program; like any, it leaves by `SystemExit` or by what it did not catch."""
    read, *written = order.streams
    os.dup2(os.open(read, os.O_RDONLY), 0)
    for number, path in enumerate(written, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644), number)
    sys.stdin = os.fdopen(0)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1) for number in (1, 2))
    os.environ.clear()
    os.environ.update(order.environ)
    sys.argv = [order.program, *order.words]
    if crashing.NAMES & order.environ.keys():
        crashing.arrange(order.environ, life.make_analyzer())
    if order.is_patient:
        be_patient()
    rules.watch()
    if order.program == "server.py":
        sys.exit(server.main(order.words))
    manage.cli(prog_name="manage.py")


def _watch(order: Order, folder: Path) -> None:
    """Start the program, and note what it ends with."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if (pid := os.fork()) == 0:
        _become(order)
    os.write(1, b"%d\n" % pid)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    (folder / f"{pid}.new").write_text(str(code))
    (folder / f"{pid}.new").rename(folder / str(pid))
    os._exit(0)


def _bury(*_: object) -> None:
    """Take leave of the watchers that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def main(folder: Path) -> None:
    """Fork until the input ends."""
    analyzer = life.make_analyzer()
    warm()
    analyzer.warm()
    life.make_analyzer = process.rules.make_analyzer = lambda: analyzer
    gc.freeze()  # so that fewer pages are copied
    signal.signal(signal.SIGCHLD, _bury)
    for line in sys.stdin.buffer:
        order = msgspec.json.decode(line, type=Order)
        if os.fork() == 0:
            _watch(order, folder)


if __name__ == "__main__":
    import manage
    import process.rules
    import server
    from engine.matching.score.index import warm
    from process import life, running  # noqa: F401 - the server imports it when it has begun
    from tests import rules
    from tests.faults import crashing
    from tests.patience import be_patient

    main(Path(sys.argv[1]))
