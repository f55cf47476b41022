"""Whose feeds are: what this process has read of it is kept, as it never changes.

    companies = await feed_companies.of(ids)        # {feed: company}
    await update_by_ids(feeds, companies, change, companies=companies)

Only the company says on which shard a feed is (`shard_keys`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from bson import ObjectId

from store.by_ids import find_by_ids
from store.mongo import Collection

_MOST = 20_000
"""Feeds whose companies are kept, some 3 MB. Of others it is looked up, which asks all shards."""


class FeedCompanies:
    """Belongs to one event loop."""

    def __init__(self, feeds: Collection) -> None:
        self._feeds = feeds
        self._known: dict[ObjectId, ObjectId] = {}

    def note(self, documents: Iterable[Mapping[str, Any]]) -> None:
        """Keep what was read of feeds, with at least `_id` and `company`."""
        for document in documents:
            self._known[document["_id"]] = document["company"]
        for oldest in list(islice(self._known, max(0, len(self._known) - _MOST))):
            del self._known[oldest]

    async def of(self, ids: Sequence[ObjectId]) -> dict[ObjectId, ObjectId]:
        """The companies of feeds, deleted ones among them; those that never were are left out."""
        known = {id_: self._known[id_] for id_ in ids if id_ in self._known}
        found = await find_by_ids(self._feeds, [id_ for id_ in ids if id_ not in known], {"company": 1})
        self.note(found)
        return known | {document["_id"]: document["company"] for document in found}
