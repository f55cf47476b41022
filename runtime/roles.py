"""The roles that a process may have: which part of the system it is.

A process with all of them is a complete system by itself. What each role has running is the table in
`services/tasks.py`, what it holds in memory is in `engine/building.py`, and which URLs it answers in
`handlers/routes.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, get_args

ProcessRole = Literal["web", "score", "backfill", "learn", "notify", "intake"]
"""`web` answers recruiters and operators, and holds their sockets. `score` scores new resumes against the
feeds, `backfill` submitted feeds, and forms while they are typed, against the stored resumes. `learn` learns
from clicks, and ends what is kept for long enough. `notify` sends letters and notices. `intake` takes resumes
in. A word for what a process does: an operator's role is `store.accounts.operators.Role`."""

ROLES: tuple[ProcessRole, ...] = get_args(ProcessRole)

READERS: frozenset[ProcessRole] = frozenset({"web", "score", "backfill", "learn"})
"""The roles that read texts of feeds or of resumes as matching does. The others do without the lexicon, which
is most of the memory of an empty process."""

DIVIDED: tuple[ProcessRole, ...] = ("score", "backfill")
"""The roles whose work is divided into shares; each of these needs a process."""

SEARCHERS: frozenset[ProcessRole] = frozenset({"score", "backfill", "learn"})
"""The roles that run the compiled loops of matching."""


def in_words(roles: Collection[str]) -> str:
    """Some roles as settings, metrics and `/readyz` write them: `all`, or their names in a fixed order."""
    return "all" if len(roles) == len(ROLES) else ",".join(name for name in ROLES if name in roles)
