"""Restarts the servers of a machine one after the other, each when the one before it is ready.

    python -m ops.rolling_restart            (make rolling-restart)

A server that gets SIGTERM takes no new connections, finishes its requests and sends its sockets to the
others; the proxy in front sends new requests to those that listen. A scorer's share of the work waits for
its successor. Then the programs follow that work beside servers: they too would go on with the code of
before.
Needs supervisor's environment: TALENTFEED_HOME and TALENTFEED_PORTS, and ADDRESS where that is set.
"""

from __future__ import annotations

import http.client
import os
import sys
import time
import xmlrpc.client
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from ops.health import START_WITHIN_S, answers, is_listening
from ops.servers import servers_among

READY_WITHIN_S = 60.0
"""How long a server may take until it is ready, which mostly takes seconds. Where one takes longer the
rolling restart ends: the rest of the servers go on as they are. One that runs and does not listen yet is at a
change of the database, and has `START_WITHIN_S`."""
_BESIDE = frozenset({"mailbox"})
"""Programs that run our code and are no servers, as supervisord.conf and ops/many/front.conf call them. They
may be ended at any moment. The stores and nginx stay, as that would be felt."""
_POLL_S = 0.1


def main() -> int:
    """Restart all; exit status 1 where one does not come back, and then the rest are left alone."""
    try:
        transport = SupervisorTransport(None, None, f"unix://{os.environ['TALENTFEED_HOME']}/supervisor.sock")
        supervisor: Any = xmlrpc.client.ServerProxy("http://127.0.0.1", transport).supervisor
        for name, port, info in servers_among(supervisor.getAllProcessInfo()):
            began = time.monotonic()
            if info["statename"] in {"RUNNING", "STARTING"}:
                supervisor.stopProcess(name)
            supervisor.startProcess(name, False)
            if not comes_back(supervisor, name, port):
                took_s = time.monotonic() - began
                print(f"{name} is not ready after {took_s:.0f} s: stopped here", file=sys.stderr)
                return 1
            print(f"{name} on {port} ready after {time.monotonic() - began:.1f} s", flush=True)
        for info in supervisor.getAllProcessInfo():
            # One that has ended, as no mailbox is set, stays so.
            if info["name"] in _BESIDE and info["statename"] in {"RUNNING", "STARTING"}:
                supervisor.stopProcess(info["name"])
                supervisor.startProcess(info["name"], False)
                print(f"{info['name']} started anew", flush=True)
    except KeyError as error:
        print(f"rolling_restart: {error.args[0]} is not set", file=sys.stderr)
        return 2
    except (OSError, xmlrpc.client.Fault, http.client.HTTPException) as error:
        print(f"rolling_restart: supervisor: {error}", file=sys.stderr)
        return 1
    return 0


def comes_back(supervisor: Any, name: str, port: int) -> bool:
    """Whether a server that was started becomes ready, waiting for it."""
    began = time.monotonic()
    while not is_ready(port, READY_WITHIN_S):
        # One that ends at each start is not running, or not for long.
        is_running = supervisor.getProcessInfo(name)["statename"] == "RUNNING"
        if not is_running or is_listening(port) or time.monotonic() >= began + START_WITHIN_S:
            return False
    return True


def is_ready(port: int, within_s: float) -> bool:
    """Whether the server on a port can do its work, waiting for it."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if answers(port, 2, "/readyz"):
            return True
        time.sleep(_POLL_S)
    return False


if __name__ == "__main__":
    sys.exit(main())
