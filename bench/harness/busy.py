"""How busy the machine is during a run, and how busy with other work."""

from __future__ import annotations

import os
from pathlib import Path


class Busy:
    """How busy the machine is from now on, and how busy with other work than this run."""

    def __init__(self) -> None:
        self._before = machine_s()
        self._own = sum(os.times()[:4])

    def __str__(self) -> str:
        used, idle = (now - before for now, before in zip(machine_s(), self._before, strict=True))
        own = sum(os.times()[:4]) - self._own
        all_ = used + idle or 1.0  # nothing where it took less than a tick of the kernel's clock
        return (
            f"all cores {used / all_:.0%} busy, {max(0.0, used - own) / all_:.0%} with other work than this"
        )


def machine_s() -> tuple[float, float]:
    """Seconds that all cores together have worked, and seconds that they were idle."""
    user, nice, system, idle, wait, *rest_ = map(
        int, Path("/proc/stat").read_text().partition("\n")[0].split()[1:]
    )
    ticks = os.sysconf("SC_CLK_TCK")
    return (user + nice + system + sum(rest_[:2])) / ticks, (idle + wait) / ticks
