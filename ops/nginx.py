"""Becomes nginx, under supervisor, when nothing is left of the nginx before.

    python -m ops.nginx CONFIGURATION

Where a master is killed (out of memory, say) its workers live on, keep the port, and nobody can reload or
stop them. They are told to finish what they are at, which frees the port at once. Needs TALENTFEED_HOME.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path


def main() -> None:
    """Replace this process by nginx's master."""
    home, configuration = os.environ["TALENTFEED_HOME"], sys.argv[1]
    for pid in left_over(Path(home) / "nginx.pid"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
    command = ("nginx", "-p", f"{home}/", "-c", configuration, "-g", "daemon off;")
    os.execvp("nginx", command)  # noqa: S606, S607 - wherever it is installed


def left_over(pid_file: Path) -> list[int]:
    """The workers of the master that wrote the file and is gone; supervisor made it a group of its own."""
    try:
        master = int(pid_file.read_text())
    except (OSError, ValueError):  # it ended in order, or never was
        return []
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended just now
            name, _, rest = (process / "stat").read_text().partition("(")[2].rpartition(")")
            group = int(rest.split()[2])
            if (name, group) == ("nginx", master) and int(process.name) != master:
                found.append(int(process.name))
    return found


if __name__ == "__main__":
    main()
