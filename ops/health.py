"""Has a server that answers nothing started anew, under supervisor: superlance's httpok, with patience.

    python -m ops.health 60 -n server-88 -p server-88 -t 15 http://127.0.0.1:8888/healthz

The first argument is how many seconds a start may take, the others are httpok's. For supervisor a server
runs as soon as it has lived for `startsecs`, while on a busy machine it may be far from listening. httpok
would end it then, and the next one too, which starts no faster.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from superlance import httpok
from supervisor.options import make_namespec


class PatientWatch(httpok.HTTPOk):  # type: ignore[misc]  # it has no types
    """Leaves a server alone that was started just now."""

    start_within_s = 0

    def restart(self, spec: dict[str, Any], write: Callable[[str], None]) -> None:
        """Start a program anew, given supervisor's account of it, unless it may still be starting."""
        if spec["now"] - spec["start"] < self.start_within_s:
            write(f"{make_namespec(spec['group'], spec['name'])} was started just now, NOT restarting")
            return
        super().restart(spec, write)


def main() -> None:
    """Watch until supervisor ends this."""
    PatientWatch.start_within_s = int(sys.argv[1])
    httpok.HTTPOk = PatientWatch  # which its `main` makes
    httpok.main(sys.argv[1:])


if __name__ == "__main__":
    main()
