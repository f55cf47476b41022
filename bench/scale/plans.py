"""Of which processes a deployment consists: the two that are compared, and those in between.

MONOLITH                # one process that does everything
many(4)                 # two gateways, four parts
"""

from __future__ import annotations

from typing import Literal

import msgspec

Redis = Literal["one", "cluster"]
GATEWAYS = 2
_FRONT = "web,intake,notify,learn"
_BEHIND = "score,backfill"


class Node(msgspec.Struct, frozen=True):
    """One process of a plan.

    Attributes:
        name: In logs and lines.
        roles: As the setting has them.
        part: Which part of the feeds and resumes, as the setting has it.
    """

    name: str
    roles: str = "all"
    part: str = "1/1"

    @property
    def is_gateway(self) -> bool:
        """Whether it takes requests of recruiters and resumes."""
        return self.roles in ("all", _FRONT)

    @property
    def flags(self) -> list[str]:
        """Its own flags of `server.py`."""
        return ["--roles", self.roles, "--score_part", self.part]


class Plan(msgspec.Struct, frozen=True):
    """The processes, and whether they share one Redis or a cluster."""

    name: str
    nodes: tuple[Node, ...]
    redis: Redis = "one"


def parts(count: int) -> tuple[Node, ...]:
    """The scorers of so many parts."""
    return tuple(
        Node(f"part {number}/{count}", _BEHIND, f"{number}/{count}") for number in range(1, count + 1)
    )


def many(count: int, *, redis: Redis = "cluster") -> Plan:
    """Gateways before so many parts."""
    gateways = tuple(Node(f"gateway {number}", _FRONT) for number in range(1, GATEWAYS + 1))
    return Plan(f"{GATEWAYS} gateways + {count} parts", (*gateways, *parts(count)), redis)


MONOLITH = Plan("1 monolith", (Node("monolith"),))
PAIR = Plan("2 monoliths", (Node("monolith 1"), Node("monolith 2")))
"""What every release so far can be run as: with it the comparison itself is tried."""
