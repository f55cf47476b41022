"""Gives a tier to results of the release before, which knows none.

A result without one counts as strong (`tiers`). So only those that are not are written, a feed at a time:
they are known by the score that they have, until they are scored again. Counters of the release before are
counted anew by whoever reads them first.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from store.by_ids import update_by_ids
from store.mongo import Database
from store.results.results_by_day import until
from store.shards.parts import in_parts

_STRONG_FROM = 40.0
"""Points from which a score of the release before counts as strong. With this cut its lists agreed best with
what recruiters said; lower ones kept more of what nobody would read, higher ones lost more of the rest."""

_FEEDS = 100
"""Feeds that are read in one go."""
_CLOCKS_DIFFER = timedelta(days=1)
"""Results of a day that has not begun yet by this machine's clock are looked at too."""
_FIELDS = dict.fromkeys(("score", "send", "partner", "possible", "fit"), 1)


async def give_tiers(database: Database) -> None:
    """Give all results of the release before their tier; repeating it, or a part of it, changes nothing.

    Raises:
        One of STORE_FAILURES: The store does not answer. A part of them may have theirs.
    """
    moment = datetime.now(UTC) + _CLOCKS_DIFFER
    async for feeds in in_parts(database.feeds, {}, _FEEDS, {"_id": 1}):
        for feed in feeds:
            for deleted in (False, True):
                which = {"feed": feed["_id"], "deleted": deleted}
                since = feed["_id"].generation_time
                async for rows in until(database.results, which, _FIELDS, since, moment):
                    weak = [row["_id"] for row in rows if _is_weak(row)]
                    # Not those that this release scores meanwhile, in another process.
                    untouched = {"possible": None, "fit": None}
                    change = {"$set": {"possible": True}}
                    await update_by_ids(database.results, weak, change, where=untouched)


def _is_weak(row: dict[str, Any]) -> bool:
    """Whether a result has no tier, its score is low and nobody sent it."""
    has_tier = "fit" in row or row.get("possible")
    return not (has_tier or row["send"] or row["partner"]) and row["score"] < _STRONG_FROM
