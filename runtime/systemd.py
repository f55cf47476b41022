"""Tells systemd that this process is ready, and then that its loop goes round (`sd_notify(3)`).

Where systemd did not start the process, or does not ask, nothing of this costs anything. Thread-safe.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping


def tell(state: str, environ: Mapping[str, str] = os.environ) -> None:
    """Send systemd one line, such as `READY=1`; nobody there is no error."""
    if not (path := environ.get("NOTIFY_SOCKET")):
        return
    # A path that begins with @ is in the abstract namespace.
    address = "\0" + path[1:] if path.startswith("@") else path
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to_systemd:
        to_systemd.setblocking(False)  # a full queue must not hold the loop
        to_systemd.sendto(state.encode(), address)


def watchdog_s(environ: Mapping[str, str] = os.environ) -> float:
    """Within how many seconds systemd wants to hear that the loop goes round; 0 where it does not ask."""
    watches = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(environ.get("WATCHDOG_USEC", 0)) / 1_000_000 if watches else 0.0
