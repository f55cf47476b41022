"""Has a server that answers nothing started anew, under supervisor: superlance's httpok, with patience.

    python -m ops.health 600 -n server-88 -p server-88 -t 15 http://127.0.0.1:8888/healthz

The first argument is how many seconds a start may take, the others are httpok's. For supervisor a server
runs as soon as it has lived for `startsecs`, while on a busy machine it may be far from listening. httpok
would end it then, and the next one too, which starts no faster. One whose loop is stuck listens.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from superlance import httpok
from supervisor.options import make_namespec

_CONNECTED_WITHIN_S = 5.0


class PatientWatch(httpok.HTTPOk):  # type: ignore[misc]  # it has no types
    """Leaves a server alone that does not listen yet, unless it was started too long ago."""

    start_within_s = 0

    def restart(self, spec: dict[str, Any], write: Callable[[str], None]) -> None:
        """Start a program anew, given supervisor's account of it, unless it is still starting."""
        if spec["now"] - spec["start"] < self.start_within_s and not is_listening(self.url):
            write(f"{make_namespec(spec['group'], spec['name'])} is still starting, NOT restarting")
            return
        super().restart(spec, write)


def is_listening(url: str) -> bool:
    """Whether anybody listens there, who need not answer."""
    there = urlsplit(url)
    try:
        socket.create_connection((there.hostname or "", there.port or 80), _CONNECTED_WITHIN_S).close()
    except ConnectionRefusedError:
        return False
    except OSError:  # more are waiting already than it takes
        pass
    return True


def main() -> None:
    """Watch until supervisor ends this."""
    PatientWatch.start_within_s = int(sys.argv[1])
    httpok.HTTPOk = PatientWatch  # which its `main` makes
    httpok.main(sys.argv[1:])


if __name__ == "__main__":
    main()
