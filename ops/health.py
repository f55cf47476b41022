"""Has every server that answers nothing started anew, as one event listener of supervisor.

    python -m ops.health -t 15

A server whose loop is stuck listens, answers nothing, and ends by no signal: it is stopped, killed after its
`stopwaitsecs`, and started. All servers are asked at once, at each tick, so that one that is stuck does not
keep the others from being watched.

For supervisor a server runs as soon as it has lived for `startsecs`, while on a busy machine it may be far
from listening. Who ended it then would end the next one too, which starts no faster. So one that does not
listen yet is left alone for ten minutes.

What to watch follows from the names (`ops/servers.py`): a server more needs nothing here.
"""

from __future__ import annotations

import argparse
import http.client
import os
import socket
import sys
import xmlrpc.client
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import Any

from supervisor import childutils
from supervisor.states import ProcessStates

from ops.servers import Server, address, servers_among

ANSWER_WITHIN_S = 15.0
"""How long an answer may take, unless `-t` says otherwise. A loop that is held for less goes on by itself,
and its clients wait no longer than for a restart."""
START_WITHIN_S = 600.0
"""How long a start may take: a change of a large database comes before a server listens."""
_AT_ONCE = 64
"""Servers that are asked at once, each by a thread: more than a machine has."""


def watch(server: Server, within_s: float = ANSWER_WITHIN_S) -> None:
    """Look at one server, and have it started anew where it is stuck."""
    if server.info["state"] != ProcessStates.RUNNING or answers(server.port, within_s):
        return
    if server.info["now"] - server.info["start"] < START_WITHIN_S and not is_listening(server.port):
        say(f"{server.name} is still starting")
        return
    say(f"{server.name} does not answer: it is started anew")
    supervisor = connect()
    try:
        supervisor.stopProcess(server.name)
        supervisor.startProcess(server.name)
    except (OSError, xmlrpc.client.Fault, http.client.HTTPException) as error:
        say(f"{server.name}: {error}")  # it ended by itself, or supervisor does; the next tick looks again


def answers(port: int, within_s: float = ANSWER_WITHIN_S, path: str = "/healthz") -> bool:
    """Whether a server's loop goes round; at `/readyz` whether it can do its work."""
    connection = http.client.HTTPConnection(address(), port, timeout=within_s)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def is_listening(port: int) -> bool:
    """Whether anybody listens there, who need not answer."""
    try:
        socket.create_connection((address(), port), ANSWER_WITHIN_S).close()
    except ConnectionRefusedError:
        return False
    except OSError:  # more are waiting already than it takes
        pass
    return True


def connect() -> Any:
    """Supervisor, for one thread: a connection serves one call at a time."""
    return childutils.getRPCInterface(os.environ).supervisor


def say(line: str) -> None:
    """Write a line to the log: standard output is where supervisor is spoken to."""
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Watch until supervisor ends this."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-t", type=float, default=ANSWER_WITHIN_S)
    within_s = parser.parse_args().t
    supervisor = connect()
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        while True:
            childutils.listener.wait()
            try:
                servers = servers_among(supervisor.getAllProcessInfo())
            except (OSError, xmlrpc.client.Fault, http.client.HTTPException) as error:
                say(f"supervisor: {error}")  # it is about to end, and ends this too
                servers = []
            list(threads.map(watch, servers, repeat(within_s)))
            childutils.listener.ok()


if __name__ == "__main__":
    main()
