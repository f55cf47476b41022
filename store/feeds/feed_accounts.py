"""Whose feeds are: what this process has read of it is kept, as it never changes.

    users = await accounts.of(ids)             # {feed: account}
    await update_by_ids(feeds, users, change, users=users)

Only the account says on which shard a feed is (`shard_keys`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from bson import ObjectId

from store.by_ids import find_by_ids
from store.mongo import Collection

_MOST = 20_000
"""Feeds whose accounts are kept, some 3 MB. Of others it is looked up, which asks all shards."""


class FeedAccounts:
    """Belongs to one event loop."""

    def __init__(self, feeds: Collection) -> None:
        self._feeds = feeds
        self._users: dict[ObjectId, ObjectId] = {}

    def note(self, documents: Iterable[Mapping[str, Any]]) -> None:
        """Keep what was read of feeds, with at least `_id` and `user`."""
        for document in documents:
            self._users[document["_id"]] = document["user"]
        for oldest in list(islice(self._users, max(0, len(self._users) - _MOST))):
            del self._users[oldest]

    async def of(self, ids: Sequence[ObjectId]) -> dict[ObjectId, ObjectId]:
        """The accounts of feeds, deleted ones among them; those that never were are left out."""
        known = {id_: self._users[id_] for id_ in ids if id_ in self._users}
        found = await find_by_ids(self._feeds, [id_ for id_ in ids if id_ not in known], {"user": 1})
        self.note(found)
        return known | {document["_id"]: document["user"] for document in found}
