"""What a start begins with: the port, and the embedded stores.

It imports little, as `server.py` does this before the second that all else takes to be imported.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from typing import NamedTuple

from config.settings import Settings
from config.takes import SettingError
from runtime.descriptors import raise_limit
from runtime.memory import map_large_pieces
from store.embedded.client import EmbeddedStores, embedded_stores


class Begun(NamedTuple):
    """What a process has from its beginning on.

    Attributes:
        sockets: Bound, and not listening yet.
        embedded: The embedded stores, on their way; None where there are none.
        descriptors: How many it may have.
    """

    sockets: Sequence[socket.socket]
    embedded: EmbeddedStores | None
    descriptors: int


async def begin(settings: Settings) -> Begun:
    """Take the port, and have the embedded stores start.

    Raises:
        SettingError: The port is taken, which is told at once: no stores are started for nothing.
    """
    map_large_pieces()
    # Before the stores start, as they inherit it.
    descriptors = raise_limit()
    try:
        sockets = _bind(settings.port, settings.address)
    except OSError as error:
        is_ours = error.errno != errno.EADDRNOTAVAIL
        name, value = ("port", settings.port) if is_ours else ("address", settings.address)
        raise SettingError(f"--{name} {value}: {error.strerror or error}") from None
    embedded = embedded_stores(settings.mongo_url, settings.redis_url, settings.data_dir)
    if embedded:
        await embedded.begin()
    return Begun(sockets, embedded, descriptors)


def _bind(port: int, address: str) -> list[socket.socket]:
    """Take a port on every address of a name, without listening yet.

    Raises:
        OSError: The port is taken, or the address is none of this machine's.
    """
    sockets: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, place in dict.fromkeys(found):
            listener = socket.socket(family, kind, protocol)
            sockets.append(listener)
            listener.setblocking(False)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                # Or it would take the port of IPv4 as well, and the next `bind` would find it taken.
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            # Port 0 is any port, but the same one on every address.
            listener.bind((place[0], port or sockets[0].getsockname()[1], *place[2:]))
    except OSError:
        for listener in sockets:
            listener.close()
        raise
    return sockets
