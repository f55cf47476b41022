"""All processes that run: what each does, and what nobody does.

    processes = await fleet.processes()         # 200 at most; None while Redis is away
    shares = await fleet.shares()               # {"score": {Share(3, 16): 2, ...}, ...}: all that there are
    unserved = await fleet.unserved()           # ["backfill"]: some of the resumes are with nobody

For operators and their alerts. Who is given work is told by the `registry` alone.
"""

from __future__ import annotations

import msgspec

from runtime.roles import DIVIDED, ROLES, ProcessRole
from store.redis.presence import Presence
from store.redis.registry import Registry
from store.shards.shares import Share, uncovered


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A process that said lately that it is there.

    Attributes:
        name: Machine, number, and what makes it unique.
        seen_at: When it said so last, in Unix seconds.
        roles: What it is ready to do. Empty where it is starting, stops, or is of the release before.
        part: Which part of the feeds and of the resumes it holds; empty where it holds none.
    """

    name: str
    seen_at: float
    roles: list[ProcessRole]
    part: str


class Fleet:
    """Knows the processes. Belongs to one event loop."""

    def __init__(self, registry: Registry, presence: Presence) -> None:
        self._registry = registry
        self._presence = presence

    async def processes(self) -> list[Running] | None:
        """The processes that were seen in the last half minute, by name; None while Redis is away.

        Where there are more than 200, those that were seen last.
        """
        seen = await self._presence.processes()
        if seen is None:
            return None
        roles: dict[str, list[ProcessRole]] = {}
        parts: dict[str, str] = {}
        for role in ROLES:
            for share, names in (await self._registry.seen(role)).items():
                for name in names:
                    roles.setdefault(name, []).append(role)
                    if role in DIVIDED:
                        parts[name] = str(share)
        return [
            Running(name=name, seen_at=at, roles=roles.get(name, []), part=parts.get(name, ""))
            for name, at in sorted(seen.items())
        ]

    async def count(self) -> int | None:
        """How many processes there are; None while Redis is away."""
        return await self._presence.count()

    async def shares(self) -> dict[ProcessRole, dict[Share, int]] | None:
        """By role and share how many processes have it; None while that is not known.

        It is not known while Redis is away, nor before any process has said what it does.
        """
        shares: dict[ProcessRole, dict[Share, int]] = {}
        for role in ROLES:
            found = await self._registry.find(role)
            if found is None:
                return None
            shares[role] = {share: len(names) for share, names in found.items()}
        return shares if any(shares.values()) else None

    async def unserved(self) -> list[ProcessRole] | None:
        """The roles that nobody has, or of which some slots are with nobody; None while that is not known."""
        shares = await self.shares()
        return None if shares is None else [role for role, held in shares.items() if uncovered(held)]
