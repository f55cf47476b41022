"""The servers that a machine's supervisor runs, and where each listens.

A server's name ends with its number, `web-88`, and its port is what TALENTFEED_PORTS says with that number
behind it: 88 makes it 8888. Programs whose names end otherwise are no servers: stores, nginx, the mailbox.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from supervisor.options import make_namespec

_NUMBERED = re.compile(r".+-(\d{2})")


def address() -> str:
    """Where servers of this machine are asked: on loopback, unless ADDRESS has them listen elsewhere."""
    said = os.environ.get("ADDRESS", "")
    return {"": "127.0.0.1", "localhost": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(said, said)  # noqa: S104


class Server(NamedTuple):
    """One server.

    Attributes:
        name: What supervisor calls it, `web:web-88`.
        port: Where it listens.
        info: Supervisor's account of it: its state, when it was started, what time it is.
    """

    name: str
    port: int
    info: Mapping[str, Any]


def servers_among(infos: Iterable[Mapping[str, Any]]) -> list[Server]:
    """The servers among the processes of which supervisor gives account, in its order.

    Raises:
        KeyError: TALENTFEED_PORTS is not set.
    """
    ports = os.environ["TALENTFEED_PORTS"]
    return [
        Server(make_namespec(info["group"], info["name"]), int(ports + found[1]), info)
        for info in infos
        if (found := _NUMBERED.fullmatch(info["name"]))
    ]
