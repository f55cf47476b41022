"""Becomes nginx, under supervisor, after it has ended what is left of the nginx before.

    python -m ops.nginx CONFIGURATION

Where a master is killed (out of memory, say) its workers live on with the port and the old configuration, and
nobody can reload or stop them; where supervisor is killed, all of nginx lives on. Needs TALENTFEED_HOME.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

END_WITHIN_S = 10.0
"""How long the nginx before may take to serve its clients to the end; it cuts what is left of them after 8 s
(`worker_shutdown_timeout`). After this the new one starts all the same: the old one holds the port no
longer."""
_POLL_S = 0.1


def main() -> None:
    """Replace this process by nginx's master."""
    home, configuration = os.environ["TALENTFEED_HOME"], sys.argv[1]
    keep_logs_private(Path(home))
    with contextlib.suppress(OSError, ValueError):  # it ended in order, or never was
        end(int((Path(home) / "nginx.pid").read_text()))
    command = ("nginx", "-p", f"{home}/", "-c", configuration, "-g", "daemon off;")
    os.execvp("nginx", command)  # noqa: S606, S607 - wherever it is installed


def keep_logs_private(home: Path) -> None:
    """Let nobody else read what nginx will write, nor the logs of the machine that are there already.

    nginx is started last, so the logs of all programs are there.
    """
    os.umask(0o077)
    for log in home.glob("*.log*"):
        with contextlib.suppress(OSError):  # it was rotated just now
            log.chmod(0o600)


def end(master: int) -> None:
    """End what is left of an nginx, which frees its port at once; its clients are served first."""
    left = processes_of(master)
    for pid in left:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # it ended, or is not ours after all
            os.kill(pid, signal.SIGQUIT)
    # A master that ends removes the file of its number, which must not be the next one's by then.
    deadline = time.monotonic() + END_WITHIN_S
    while master in left and master in processes_of(master) and time.monotonic() < deadline:
        time.sleep(_POLL_S)


def processes_of(master: int) -> list[int]:
    """The master and its workers, as far as they live: supervisor made them a group of their own."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended just now
            text = (process / "stat").read_text("utf-8", "replace")
            name, _, rest = text.partition("(")[2].rpartition(")")
            if name == "nginx" and int(rest.split()[2]) == master:
                found.append(int(process.name))
    return found


if __name__ == "__main__":
    main()
