"""Profiles: what the engine made of each resume, and which of them changed lately.

They are a collection of their own because a resume's own document changes more often. Each process keeps an
index over them in memory, see `engine.indexes.stored_resumes`. Profiles that are too old for it are *cold*:
these alone are in an index of the database, by their key terms. That index makes a write five times as dear,
so that those which arrive are not in it.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import ReplaceOne, UpdateOne
from pymongo.errors import ExecutionTimeout, NetworkTimeout

from store.bulk import bulk, insert_or
from store.by_ids import chunks, find_by_ids, object_ids
from store.documents import read_as
from store.mongo import Database
from store.paging import pages
from store.parts import in_parts, part_of
from store.transactions import is_retried

logger = logging.getLogger(__name__)

# Candidates are read one span of arrival times after the other, as the embedded store reads all that a
# condition allows before it gives the first. Each span is so much longer or shorter than the one before that
# it should hold about a page.
_PAGE = 1000
"""Profiles that a query for candidates gives at most, and that a span aims at. Decoding more at once would
hold the event loop up."""

_FIRST_SPAN = timedelta(hours=1)
"""The first span of arrivals, where nothing is known of how many resumes arrive."""

_LONGEST_POLL_MS = 1_500
"""How long a poll may take, in milliseconds. The embedded store reads some 40,000 changes in it."""

_GROWTH = 64
"""How many times longer a span may be than the one before. Empty hours and years are crossed in few queries,
and a span does not run far into a crowd."""

_EVER = timedelta(days=3650)
"""A span that would be longer than this takes everything that is left."""
_LONG_AGO = datetime.fromtimestamp(0, UTC)

Row = dict[str, Any]
"""What a search reads of a profile: its id, `arrived_at`, and `places` where there are any."""


class StoredProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A resume as scoring needs it, at the revision at which it was analysed.

    Attributes:
        key_terms: A feed that shares none of them cannot match; they are not read back.
        data: The profile in the engine's own encoding.
        places: Those that the person would go to; none for anywhere.
    """

    resume: str
    rev: int
    arrived_at: datetime
    send_to: list[str]
    partner_for: list[str]
    key_terms: list[str]
    data: bytes
    version: str
    places: list[str] = []


class ProfileChange(msgspec.Struct, frozen=True):
    """That a profile was written: enough to see whether it is known already.

    Attributes:
        cold: Whether it was left to the database's index.
    """

    resume: str
    rev: int
    updated_at: datetime
    version: str
    cold: bool


class Profiles:
    """The collection `profiles`; a profile has its resume's id."""

    def __init__(self, database: Database) -> None:
        self._profiles = database.profiles
        # The span of the newest full page that a search has found: its beginning, and its length. The next
        # search starts with it. One that started with too long a span would read all that one upload has
        # brought, which takes the embedded store a second. What is found is the same.
        self._crowd: tuple[datetime, timedelta] | None = None

    async def save(self, profiles: Sequence[StoredProfile], *, are_new: bool = False) -> None:
        """Write profiles; a stored one of an older revision is replaced, one of a newer revision stays.

        Those that `are_new`, hardly one of which is stored, are not looked for at the first try.
        """
        now = datetime.now(UTC)
        documents = [_document(profile, now) for profile in profiles]

        def replace(position: int) -> ReplaceOne[dict[str, Any]]:
            document = documents[position]
            return ReplaceOne({"_id": document["_id"], "rev": {"$lte": document["rev"]}}, document)

        await insert_or(self._profiles, documents, replace, are_new=are_new and not is_retried())

    async def load(self, resume_ids: Sequence[str]) -> list[StoredProfile]:
        """Read profiles in the order of `resume_ids`; resumes without one are left out."""
        ids = object_ids(resume_ids)
        documents = await find_by_ids(self._profiles, ids, {"key_terms": 0, "cold_terms": 0})
        found = {document["_id"]: _profile(document) for document in documents}
        return [found[id_] for id_ in ids if id_ in found]

    async def changed_since(
        self, watermark: datetime | None, overlap: timedelta
    ) -> AsyncGenerator[list[ProfileChange], None]:
        """The profiles written since the latest time that was seen less an overlap; None is for all."""
        fields = {"rev": 1, "updated_at": 1, "version": 1, "cold": 1}
        since = watermark - overlap if watermark else _LONG_AGO
        if watermark is not None:
            try:
                # It includes what else was written in the very millisecond of the watermark.
                changed = self._profiles.find({"updated_at": {"$gte": since}}, fields)
                async for page in pages(changed.max_time_ms(_LONGEST_POLL_MS), _PAGE):
                    yield [_change(row) for row in page]
                return
            except (ExecutionTimeout, NetworkTimeout):
                # So much has changed that to read everything is better, or MongoDB does not answer at all.
                logger.info("more profiles have changed than one query can give: all are read")
        # No change says that it is later, or a poll from there on would pass over what a part lacks that was
        # read before.
        now = datetime.now(UTC)
        profiles = in_parts(self._profiles, {}, _PAGE, fields)
        async for page in profiles:
            rows = [row | {"updated_at": min(row["updated_at"], now)} for row in page]
            yield [_change(row) for row in rows if row["updated_at"] >= since]

    async def count(self) -> int:
        """How many profiles are stored, as MongoDB knows without counting."""
        return int(await self._profiles.estimated_document_count())

    async def all_data(self, version: str) -> AsyncIterator[list[bytes]]:
        """The encoded profiles of all resumes that the rules of `version` made, some at a time."""
        async for page in in_parts(self._profiles, {"version": version}, _PAGE, {"data": 1}):
            yield [document["data"] for document in page]

    async def forced_into(self, feed_ids: Sequence[str]) -> dict[str, list[str]]:
        """Ids of resumes that were delivered or recommended to feeds, by feed; none for most."""
        forced: dict[str, list[str]] = {}
        for part in chunks(object_ids(feed_ids)):
            # With a hint, as the embedded store does not see that the query implies the index's condition.
            found = self._profiles.find({"forced": {"$in": part}}, {"forced": 1}).hint("forced")
            for document in await found.to_list(None):
                for feed in set(document["forced"]).intersection(part):
                    forced.setdefault(str(feed), []).append(str(document["_id"]))
        return forced

    async def set_cold(self, resume_ids: Sequence[str]) -> None:
        """Leave profiles to the database's index; a revision that comes later is not cold."""
        fields = {"key_terms": 1, "rev": 1}
        for part in chunks(resume_ids):
            documents = await find_by_ids(self._profiles, object_ids(part), fields)
            writes = [
                UpdateOne(
                    {"_id": document["_id"], "rev": document["rev"]},
                    {"$set": {"cold": True, "cold_terms": document["key_terms"]}},
                )
                for document in documents
            ]
            await bulk(self._profiles, writes)

    async def newest_cold(
        self,
        gate_terms: Sequence[str],
        limit: int,
        places: Collection[str] = (),
    ) -> AsyncGenerator[list[str], None]:
        """Ids of the cold resumes that can match a feed, each once, newest first, some at a time.

        One that has none of the terms among its key terms cannot match. `limit` are found at most; people who
        would go to none of the places are left out of these. Without places it is anywhere.
        """
        elsewhere = set(places).isdisjoint if places else lambda _: False
        async for page in self._by_arrival(gate_terms):
            yield [
                str(row["_id"])
                for row in page[:limit]
                if not (row.get("places") and elsewhere(row["places"]))
            ]
            limit -= len(page[:limit])
            if limit == 0:
                return

    async def _by_arrival(self, terms: Sequence[str]) -> AsyncIterator[list[Row]]:
        """The cold profiles with one of the terms, newest first, about a page at a time; one may be empty.

        Each query is for one term and one span of time, a range of the index. For a query with all terms the
        embedded store reads every profile that they lead to before it sorts or stops, which for 30,000 takes
        longer than the driver waits.
        """
        until: datetime | None = None
        since: datetime | None
        since, span = self._crowd or (datetime.now(UTC) - _FIRST_SPAN, _FIRST_SPAN)
        nothing_yet = True
        while True:
            found: dict[ObjectId, Row] = {}
            crowd: tuple[datetime, timedelta] | None = None
            for term in terms:
                rows = await self._arrivals(term, since, until)
                found |= {row["_id"]: row for row in rows}
                times = [row["arrived_at"] for row in rows]
                if len(times) == _PAGE and times[-1] < times[0]:
                    # There may be more with this term further back in the span. So the span ends at the
                    # oldest of these, and its new length shows how dense arrivals are.
                    crowd = since, span = times[-1], times[0] - times[-1]
            # What other terms gave from beyond that is found again in the next span.
            page = [row for row in found.values() if since is None or row["arrived_at"] > since]
            if nothing_yet and crowd:
                self._crowd = crowd
            nothing_yet &= not page
            yield sorted(page, key=itemgetter("arrived_at"), reverse=True)
            if since is None:
                return
            span *= min(_GROWTH, _PAGE / max(len(page), 1))
            until, since = since, since - span if span < _EVER else None

    async def _arrivals(self, term: str, since: datetime | None, until: datetime | None) -> list[Row]:
        """The newest cold profiles with a term, a page at most, arrived after `since` and up to `until`."""
        arrived = {op: time for op, time in (("$gt", since), ("$lte", until)) if time is not None}
        which: dict[str, Any] = {"cold_terms": term} | ({"arrived_at": arrived} if arrived else {})
        rows = self._profiles.find(which, {"arrived_at": 1, "places": 1}).sort("arrived_at", -1).limit(_PAGE)
        return list(await rows.batch_size(_PAGE).to_list(None))


def _document(profile: StoredProfile, now: datetime) -> dict[str, Any]:
    send_to, partner_for = ([ObjectId(f) for f in ids] for ids in (profile.send_to, profile.partner_for))
    id_ = ObjectId(profile.resume)
    document = {
        "_id": id_,
        "part": part_of(id_),
        "rev": profile.rev,
        "arrived_at": profile.arrived_at,
        # By this process's clock: MongoDB's own would take an update, which costs four times an insert. A
        # poll looks back by more than clocks differ.
        "updated_at": now,
        "send_to": send_to,
        "partner_for": partner_for,
        "key_terms": profile.key_terms,
        "data": profile.data,
        "version": profile.version,
        "places": profile.places,
    }
    return document | ({"forced": send_to + partner_for} if send_to or partner_for else {})


def _change(row: dict[str, Any]) -> ProfileChange:
    return ProfileChange(
        str(row["_id"]), row["rev"], row["updated_at"], row["version"], row.get("cold", False)
    )


def _profile(document: dict[str, Any]) -> StoredProfile:
    return read_as(StoredProfile, document, resume=str(document["_id"]), key_terms=[], places=[])
