"""When an account is told: what it wishes, and what the server says where it wishes nothing."""

from __future__ import annotations

from notices.schedule import Rules
from store.notes.notices import Wishes


def rules_of(wishes: Wishes, defaults: Rules) -> Rules:
    """The rules of one account."""
    return Rules(
        quiet=defaults.quiet if wishes.quiet is None else wishes.quiet,
        digests=defaults.digests if wishes.digests is None else wishes.digests,
        at_once_score=wishes.at_once_score,
        grace=defaults.grace,
    )
