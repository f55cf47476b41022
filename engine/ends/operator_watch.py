"""Reports what operators do as security events of the servers.

A command of `manage.py` is a process of its own, which ends: nobody scrapes its metrics or keeps its log.
But it puts itself into the audit first. Servers with the role `engine` look there, so each of them counts
every command, and one that was given while Redis was away is counted too.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from runtime.security_log import report
from store.audit.history import AuditHistory

EVERY_S = 5.0
"""Seconds between two looks. One takes the store a millisecond; an alert need not be faster."""

_OVERLAP = timedelta(seconds=60)
"""How far back each look goes: by so much the clocks of two machines may differ, or a row may be late."""

_BY_THEMSELVES = frozenset({"mailbox"})
"""Commands that machines run by themselves. An alert on what nobody expected must not come of them; the audit
has them."""


class OperatorWatch:
    """Reports each command once a process."""

    def __init__(self, history: AuditHistory) -> None:
        self._history = history
        self._began = datetime.now(UTC)
        self._seen: set[tuple[int, int]] = set()

    async def look(self) -> None:
        """Report the commands that are new.

        Raises:
            One of STORE_FAILURES: The store does not answer; the next look finds them.
        """
        since = max(self._began, datetime.now(UTC) - _OVERLAP)
        rows = await self._history.commands(since)
        for row in rows:
            is_new = (row.chain, row.seq) not in self._seen
            if is_new and row.command.partition(" ")[0] not in _BY_THEMSELVES:
                report("operator", account=row.account or None, outcome="ok")
        self._seen = {(row.chain, row.seq) for row in rows}
