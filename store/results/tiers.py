"""The two tiers of a list: results that are worth reading, and those that are only possible.

A result says `possible: true`, or null where it is strong. One without the field was written by the release
before, which knows no tiers, and counts as strong: nothing disappears from a list before it was judged
(`docs/adr/0039`). So everything that asks for strong results asks for null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Tier = Literal["strong", "possible"]
"""Of a result."""
Listed = Literal["strong", "possible", "all"]
"""What a list shows."""


def is_possible(document: Mapping[str, Any]) -> bool:
    """Whether a stored result is only possible."""
    return bool(document.get("possible"))


def mark_of(*, strong: bool) -> bool | None:
    """What a result of a tier says of it, as it is stored and as it is asked for."""
    return None if strong else True


def listed(user: Any, feed: Any, tier: Listed, *, deleted: bool = False) -> dict[str, Any]:
    """The query for a feed's results of a tier: how the index `feed_tier` begins, or `feed_page` for all."""
    query = {"user": user, "feed": feed, "deleted": deleted}
    return query if tier == "all" else {**query, "possible": mark_of(strong=tier == "strong")}
