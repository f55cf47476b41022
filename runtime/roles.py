"""The roles that a process may have: which part of the system it is.

A process with both is a complete system by itself. What each role has running is the table in
`services/tasks.py`, what it holds in memory is in `engine/building.py`, and which URLs it answers in
`handlers/routes.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, get_args

ProcessRole = Literal["web", "engine"]
"""`web` answers recruiters and operators, holds their sockets, and takes resumes in. `engine` holds all feeds
and all resumes: it scores each against the other, answers previews, learns, sends letters and notices, and
ends what is over. Any number of processes of a role share its work. A word for what a process does: an
operator's role is `store.accounts.operators.Role`."""

ROLES: tuple[ProcessRole, ...] = get_args(ProcessRole)


def in_words(roles: Collection[str]) -> str:
    """Some roles as settings, metrics and `/readyz` write them: their names in a fixed order."""
    return ",".join(name for name in ROLES if name in roles)
