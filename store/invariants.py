"""What must always hold of the stored data, checked one document at a time by `manage.py check`."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

from store.ids import result_id
from store.mongo import Database
from store.results import day_of


class Invariants:
    """Reads every collection once; writes nothing. Safe beside a running server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def broken(self, tick: Callable[[str], None] = lambda _: None) -> AsyncIterator[str]:
        """Give a line for each broken invariant.

        Args:
            tick: Called with a collection's name for each of its documents.
        """
        feeds = {document["_id"]: document async for document in self._each("feeds", tick)}
        resumes = {
            document["_id"]: document.get("pending", False)
            async for document in self._each("resumes", tick, {"pending": 1})
        }
        contacts = {document["_id"] async for document in self._each("contacts", tick, {"_id": 1})}
        for resume, is_pending in resumes.items():
            if resume not in contacts and not is_pending:
                yield f"resume {resume} has no contact"
        for orphan in contacts - resumes.keys():
            yield f"contact {orphan} has no resume"
        for line in _broken_feeds(feeds):
            yield line
        unread: Counter[Any] = Counter()
        async for result in self._each("results", tick):
            unread[result["feed"]] += not (result["read"] or result["deleted"])
            for line in _broken_result(result, feeds, resumes):
                yield line
        for feed_id in feeds:
            # Through the index, as the badge counts.
            counted = await self._database.results.count_documents(
                {"feed": feed_id, "deleted": False, "read": False}
            )
            if counted != unread[feed_id] and await self._still_differs(feed_id):
                yield f"feed {feed_id} counts {counted} unread, its list has {unread[feed_id]}"

    async def _still_differs(self, feed_id: Any) -> bool:
        """Whether index and list differ when read together: a running server changes both."""
        for _ in range(3):
            which = {"feed": feed_id, "deleted": False, "read": False}
            counted = await self._database.results.count_documents(which)
            listed = await self._database.results.find({"feed": feed_id}, {"read": 1, "deleted": 1}).to_list(
                None
            )
            if counted == sum(not (result["read"] or result["deleted"]) for result in listed):
                return False
        return True

    async def _each(
        self, name: str, tick: Callable[[str], None], projection: dict[str, int] | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        async for document in self._database[name].find({}, projection):
            tick(name)
            yield document


def _broken_feeds(feeds: dict[Any, dict[str, Any]]) -> list[str]:
    lines = []
    slots: Counter[tuple[Any, int]] = Counter()
    now = datetime.now(UTC)
    for feed_id, feed in feeds.items():
        if "slot" in feed:
            slots[feed["user"], feed["slot"]] += 1
        elif not feed["deleted"] and feed["expires_at"] > now:
            lines.append(f"feed {feed_id} is live without a slot")
        if feed["deleted"] and ("slot" in feed or "backfill_due" in feed):
            lines.append(f"feed {feed_id} is deleted and still holds a slot or work")
    lines += [
        f"slot {slot} of account {user} is held {n} times" for (user, slot), n in slots.items() if n > 1
    ]
    return lines


def _broken_result(result: dict[str, Any], feeds: dict[Any, Any], resumes: dict[Any, bool]) -> list[str]:
    lines = []
    name = f"result {result['_id']}"
    feed = feeds.get(result["feed"])
    if feed is None:
        lines.append(f"{name} has no feed")
    elif feed["user"] != result["user"] or result["feed_rev"] > feed["rev"]:
        lines.append(f"{name} does not fit its feed")
    if result["resume"] not in resumes:
        lines.append(f"{name} has no resume")
    if str(result["_id"]) != result_id(str(result["feed"]), str(result["resume"])):
        lines.append(f"{name} has an id of something else")
    if result["day"] != day_of(result["pub_time"]):
        lines.append(f"{name} is listed under another day")
    if result["why"] and abs(sum(row["points"] for row in result["why"]) - result["score"]) > 0.006:
        lines.append(f"{name} has reasons that do not add up to its score")
    return lines
