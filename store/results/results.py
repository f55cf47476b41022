"""Results: one resume in one feed's list. Scoring writes scores and recruiters write states, never both.

Every write that adds or removes a result, or makes it read or deleted, is one transaction with the numbers in
`result_counters`, which tells of the lists that changed. Reading a list is in `result_lists`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import InsertOne

from store.bulk import bulk
from store.by_ids import chunks, find_by_ids, of_companies, update_by_ids
from store.errors import NotFound
from store.feeds.feedback import DUE, clicked, pending_mark
from store.gate import Gate
from store.ids import is_id, result_id
from store.mongo import Database
from store.notes.candidate_records import CandidateRecords
from store.persons.person_entries import PersonEntries
from store.persons.person_lists import PersonLists
from store.results.list_windows import until
from store.results.result_counters import Changing, ResultCounters
from store.results.result_documents import (
    UNDER,
    Result,
    ScoredResult,
    has_content,
    is_newer,
    key_of,
    new_document,
    rescore,
    result_from,
    words_of,
)
from store.results.result_filter import is_possible, mark_of
from store.results.result_lists import ResultLists
from store.results.work import UNDECIDED
from store.transactions import again_after_conflict, is_retried

_YOUNGEST_ENDED = timedelta(days=1)
"""The least time for which a result is listed; see `retention`."""

_CLOCKS_DIFFER = timedelta(days=1)
"""Results of a day that has not begun yet by this machine's clock are looked at too."""

_OF_LIST = dict.fromkeys(("feed", "company", "resume", "possible", "under", "others", "work"), 1)
"""What is read of unread results that are to be deleted."""
_DROPPED = {**_OF_LIST, "read": 1, "deleted": 1, "clicked": 1}

_LISTED = {"read": False, "deleted": False, "work": None}
_UNDER = {"deleted": UNDER, "read": False, "own_deleted": False, "outcome": None, "unlocked": None}
"""Results with which nobody did anything: those that are listed, and those that stand under others."""


class Kept(msgspec.Struct, frozen=True):
    """A result that stays listed though its resume and its feed no longer match."""

    feed: str
    resume: str
    strong: bool


class Results(ResultLists):
    """The collection `results`. What names a result raises `NotFound` where the company has no such.

    What is taken off a list leaves a trace among the company's candidate records. Each click of a recruiter
    notes in its result that the feed has to learn of it; see `feedback`.
    """

    def __init__(
        self, database: Database, candidate_records: CandidateRecords, counters: ResultCounters
    ) -> None:
        super().__init__(database)
        self._models = database.feedback
        self._gate = Gate(database)
        self._candidate_records = candidate_records
        self._counters = counters
        self._persons = PersonLists(database, counters, PersonEntries(database))

    @again_after_conflict
    async def save(self, scored: Sequence[ScoredResult], *, are_new: bool = False) -> list[ScoredResult]:
        """Write scores: new results appear unread, known ones keep their state and their day.

        A score computed from an older revision than the stored one is dropped. So is one of a result that has
        come to its end: it was listed for as long as it may be. Of a person with several resumes one is
        listed, see `person_lists`. Those that `are_new`, hardly one of which is stored, are not looked for at
        the first try.

        Returns:
            Those that are new in their list.
        """
        now = datetime.now(UTC)
        async with self._counters.changing({(one.company, one.feed) for one in scored}) as change:
            scored = await self._without_ended(scored, now)
            known = {} if are_new and not is_retried() else await self._known(scored)
            new = [one for one in scored if _id_of(one) not in known]
            documents = [new_document(one, now) for one in new]
            placed = await self._persons.place(documents)
            await bulk(self._results, [InsertOne(document) for document in documents])
            for document in documents:
                change.add(document, 1)
            await self._persons.make(placed, change)
            await self._rescore(known, scored, change)
        return new

    @again_after_conflict
    async def save_spared(self, scored: Sequence[ScoredResult], *, are_new: bool) -> list[ScoredResult]:
        """The same of scores of resumes that may be erased at the same time: of those nothing is written."""
        async with self._counters.alone({one.company for one in scored}):
            there = await self._gate.spared({one.resume for one in scored})
            new = await self.save([one for one in scored if one.resume in there], are_new=are_new)
            await self._gate.enter()
        return new

    async def _known(self, scored: Sequence[ScoredResult]) -> dict[ObjectId, dict[str, Any]]:
        companies = {_id_of(one): ObjectId(one.company) for one in scored}
        return {row["_id"]: row for row in await find_by_ids(self._results, companies, companies=companies)}

    async def _rescore(
        self, known: Mapping[ObjectId, Mapping[str, Any]], scored: Sequence[ScoredResult], change: Changing
    ) -> None:
        """Give stored results, as they were read, their new scores, but for those that are newer or the same.

        Percolation and a backfill often write the same. An update costs ten times as much as a look.
        """
        now, writes = datetime.now(UTC), []
        there = [(row, one) for one in scored if (row := known.get(_id_of(one)))]
        for row, one in there:
            if is_newer(row, one) or has_content(row, one):
                continue
            writes.append(rescore(one, row, now))
            change.add(row, -1)
            change.add({**row, "possible": mark_of(strong=one.strong)}, 1)
        await bulk(self._results, writes)

    async def _without_ended(self, scored: Sequence[ScoredResult], now: datetime) -> Sequence[ScoredResult]:
        """Those that have not come to their end, in the same order.

        Only old resumes in old feeds can have, so that what arrives costs no look.
        """
        before = now - _YOUNGEST_ENDED
        old = [
            (one.company, one.resume, one.feed)
            for one in scored
            if one.arrived_at < before and ObjectId(one.feed).generation_time < before
        ]
        ended = await self._candidate_records.ended(old) if old else set()
        return [one for one in scored if (one.feed, one.resume) not in ended] if ended else scored

    @again_after_conflict
    async def keep_unchanged(self, scored: Sequence[ScoredResult]) -> list[ScoredResult]:
        """Carry results that scoring left as they are over to the new revision of their feed.

        It costs less than `save`, so it comes before that where a feed is scored again. Afterwards the
        results are as `save` would have left them.

        Returns:
            Those that are still to be saved: new ones, and those that changed.
        """
        # All are told of: an earlier try may have written them, and died before it told.
        async with self._counters.changing({(one.company, one.feed) for one in scored}):
            known, kept = await self._known(scored), set[ObjectId]()
            revisions: defaultdict[int, dict[ObjectId, ObjectId]] = defaultdict(dict)
            for one in scored:
                row = known.get(_id_of(one))
                if row and not is_newer(row, one) and has_content({**row, "feed_rev": one.feed_rev}, one):
                    kept.add(row["_id"])
                    if row["feed_rev"] < one.feed_rev:
                        revisions[one.feed_rev][row["_id"]] = row["company"]
            for feed_rev, companies in revisions.items():
                change = {"$set": {"feed_rev": feed_rev, "calc_time": datetime.now(UTC)}}
                await update_by_ids(self._results, companies, change, companies=companies)
        return [one for one in scored if _id_of(one) not in kept]

    async def drop_unmatched(
        self, resume_id: str, rev: int, was_scored: Callable[[str], bool], matched_feeds: Collection[str]
    ) -> None:
        """Remove a changed resume's unread results in feeds that no longer match it, but no favourites.

        What a newer revision wrote stays, and so do results in feeds against which it was not scored.
        """
        resume = {"resume": ObjectId(resume_id), "resume_rev": {"$lte": rev}}
        for state in (_UNDER, _LISTED):
            which = {**resume, **state}
            documents = await self._results.find(which, _OF_LIST).to_list(None)
            gone = [
                document
                for document in documents
                if was_scored(str(document["feed"])) and str(document["feed"]) not in matched_feeds
            ]
            async for _ in self._drop(gone, which):
                pass

    async def kept_of_resume(
        self, resume_id: str, rev: int, was_scored: Callable[[str], bool], matched_feeds: Collection[str]
    ) -> list[Kept]:
        """What is left of a changed resume in feeds that no longer match it, with older scores.

        Takes what `drop_unmatched` takes, and comes after it.
        """
        which = {"resume": ObjectId(resume_id), "resume_rev": {"$lt": rev}}
        found = [_kept(one) for one in await self._results.find(which, _OF_LIST).to_list(None)]
        return [one for one in found if was_scored(one.feed) and one.feed not in matched_feeds]

    async def kept_of_feed(self, company_id: str, feed_id: str, rev: int) -> AsyncIterator[list[Kept]]:
        """What is left of a company's feed that its revision `rev` did not match again, some at a time.

        It comes after `drop_outdated`.
        """
        for deleted in (UNDER, False, True):
            async for rows in self._outdated(company_id, feed_id, rev, {"deleted": deleted}):
                for part in chunks(rows) if rows else [rows]:
                    yield [_kept(one) for one in part]

    async def rescore_kept(self, scored: Sequence[ScoredResult]) -> None:
        """Give results that are stored their new scores; those that are gone meanwhile stay gone."""
        for part in chunks(scored):
            await self._rescore_kept(part)

    @again_after_conflict
    async def _rescore_kept(self, scored: Sequence[ScoredResult]) -> None:
        async with self._counters.changing({(one.company, one.feed) for one in scored}) as change:
            await self._rescore(await self._known(scored), scored, change)

    async def settle_saved(self, scored: Sequence[ScoredResult]) -> None:
        """Look once more at who is one person in lists into which scores were written, see `person_lists`."""
        await self._persons.settle_saved([(one.company, one.feed, one.resume) for one in scored])

    async def drop_outdated(self, company_id: str, feed_id: str, rev: int) -> AsyncIterator[int]:
        """Remove the unread results of a company's feed that its revision `rev` did not match again.

        Its favourites stay. Gives the number of each part that is removed, as thousands take seconds; 0 for a
        part of a long list in which there are none.
        """
        for state in (_UNDER, _LISTED):
            which = {
                "company": ObjectId(company_id),
                "feed": ObjectId(feed_id),
                "feed_rev": {"$lt": rev},
                **state,
            }
            async for rows in self._outdated(company_id, feed_id, rev, state):
                async for dropped in self._drop(rows, which):
                    yield dropped
                if not rows:
                    yield 0

    async def _outdated(
        self, company_id: str, feed_id: str, rev: int, state: Mapping[str, Any]
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """The results of a company's feed that its revision `rev` did not match again, some at a time.

        Of a long list a part may be empty. The state says whether they are deleted, and what else they are.
        The index begins with no more than that: the rest is a step of its own, or the embedded store would
        read every list of the company.
        """
        feed = ObjectId(feed_id)
        own = {"company": ObjectId(company_id), "feed": feed, "deleted": state["deleted"]}
        older = {**state, "feed_rev": {"$lt": rev}}
        last = datetime.now(UTC) + _CLOCKS_DIFFER
        async for rows in until(self._results, own, _OF_LIST, feed.generation_time, last, beside=older):
            yield rows

    async def _drop(
        self, documents: Sequence[Mapping[str, Any]], which: Mapping[str, Any]
    ) -> AsyncIterator[int]:
        """Delete unread results, a part at a time.

        One that is no longer as in `which` stays, and so does a favourite in the list in which it was found.
        """
        for part in chunks(documents):
            if dropped := await self._drop_part(part, which):
                yield dropped

    @again_after_conflict
    async def _drop_part(self, part: Sequence[Mapping[str, Any]], which: Mapping[str, Any]) -> int:
        lists = {(str(one["company"]), str(one["feed"])) for one in part}
        async with self._counters.changing(lists) as change:
            favourites = await self._candidate_records.favourites_among(
                (str(one["company"]), str(one["resume"]), str(one["feed"])) for one in part
            )
            found = await self._results.find({**_any_of(part), **which}, _DROPPED).to_list(None)
            chunk = [one for one in found if (str(one["feed"]), str(one["resume"])) not in favourites]
            if not chunk:
                return 0
            await self._persons.leave(chunk, change)
            await self._candidate_records.trace([(str(one["company"]), str(one["resume"])) for one in chunk])
            # Pending feedback goes with its result, so the feed's own document takes it over.
            for feed in {one["feed"] for one in chunk if pending_mark(one["feed"]) in one.get("clicked", ())}:
                await self._models.update_one({"_id": feed}, DUE, upsert=True)
            await self._results.delete_many(_any_of(chunk))
            for one in chunk:
                change.add(one, -1)
        return len(chunk)

    async def find_keywords(
        self, company_id: str, pairs: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], list[str]]:
        """What of a company's feed a resume has, by (feed, resume); what is no result is left out."""
        ids = {ObjectId(result_id(*pair)): pair for pair in pairs}
        documents = await find_by_ids(
            self._results, ids, {"shown": 1}, where={"company": ObjectId(company_id)}
        )
        return {ids[document["_id"]]: words_of(document).keywords for document in documents}

    async def get(self, company_id: str, feed_id: str, resume_id: str) -> Result:
        """A result as it is."""
        return result_from(await self._require(_own(company_id, feed_id, resume_id)))

    @again_after_conflict
    async def mark_read(self, company_id: str, feed_id: str, resume_id: str) -> Result:
        """Mark a person read in a list, and return the result that was asked for as it now is."""
        key = _own(company_id, feed_id, resume_id)
        async with self._counters.changing([(company_id, feed_id)]) as numbers:
            document = await self._listed(key)
            read = {"read": True, "work": document.get("work", UNDECIDED)}
            # One whose person was read by way of an older resume has been opened itself from now on.
            if not document["read"] or "own_read" in document:
                change = {"$set": {**read, "read_at": datetime.now(UTC)}, "$unset": {"own_read": ""}}
                await self._click(document, change, numbers)
            shown = document if document["_id"] == key["_id"] else await self._require(key)
            return result_from({**shown, **read})

    @again_after_conflict
    async def note_unlocked(self, company_id: str, feed_id: str, resume_id: str) -> None:
        """Note that a contact was unlocked from a list; from then on the person is waiting for an outcome."""
        which = {**_own(company_id, feed_id, resume_id), "unlocked": None}
        async with self._counters.alone([company_id]):
            if (await self._results.update_one(which, {"$set": {"unlocked": True}})).matched_count:
                await self._persons.settle({(company_id, feed_id): [resume_id]})

    @again_after_conflict
    async def set_deleted(
        self, company_id: str, feed_id: str, resume_id: str, *, deleted: bool, reasons: Sequence[str] = ()
    ) -> None:
        """Delete a person from a list, with the recruiter's reasons, or restore them."""
        key = _own(company_id, feed_id, resume_id)
        wanted = {"deleted": deleted, "reasons": list(reasons) if deleted else []}
        now = datetime.now(UTC)
        change: dict[str, Any] = {
            "$set": {**wanted, "judged_at": now, **({"deleted_at": now} if deleted else {})},
            "$unset": {"own_deleted": "", "own_reasons": "", **({} if deleted else {"deleted_at": ""})},
        }
        async with self._counters.changing([(company_id, feed_id)]) as numbers:
            document = await self._listed(key)
            # Only a result that changes is a click.
            if {name: document[name] for name in wanted} != wanted:
                await self._click(document, change, numbers)
            if not deleted:
                # Restored with it is what stands under it, so that what its deletion taught is undone too.
                under = [ObjectId(result_id(feed_id, str(one))) for one in document.get("others", ())]
                wanted = {"own_deleted": False, "reasons": [], "judged_at": now}
                where = {"company": document["company"], "deleted": UNDER, "own_deleted": True}
                await update_by_ids(
                    self._results, under, {"$set": wanted, **clicked(document["feed"])}, where=where
                )

    async def _listed(self, key: Mapping[str, Any]) -> dict[str, Any]:
        """A result, or the one that it stands under."""
        document = await self._require(key)
        if "under" not in document:
            return document
        return await self._require(
            {**key, "_id": ObjectId(result_id(str(key["feed"]), str(document["under"])))}
        )

    async def _click(self, seen: Mapping[str, Any], change: Mapping[str, Any], numbers: Changing) -> None:
        """Change a result as it was seen, and note that its feed has to learn."""
        await self._results.update_one(key_of(seen), {**change, **clicked(seen["feed"])})
        numbers.add(seen, -1)
        numbers.add({**seen, **change["$set"]}, 1)

    async def _require(self, key: Mapping[str, Any]) -> dict[str, Any]:
        document: dict[str, Any] | None = await self._results.find_one(key)
        if document is None:
            raise NotFound(f"no result {key['_id']}")
        return document

    async def total(self) -> int:
        """How many results are stored."""
        return int(await self._results.estimated_document_count())


def _id_of(one: ScoredResult) -> ObjectId:
    return ObjectId(result_id(one.feed, one.resume))


def _kept(document: Mapping[str, Any]) -> Kept:
    return Kept(str(document["feed"]), str(document["resume"]), strong=not is_possible(document))


def _any_of(documents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The query for some stored results."""
    ids = [one["_id"] for one in documents]
    return {"_id": {"$in": ids}, **of_companies(one["company"] for one in documents)}


def _own(company_id: str, feed_id: str, resume_id: str) -> dict[str, Any]:
    """The query for one of the company's results."""
    if not (is_id(feed_id) and is_id(resume_id)):
        raise NotFound(f"no result of {resume_id} in {feed_id}")
    id_ = ObjectId(result_id(feed_id, resume_id))
    return {"_id": id_, "company": ObjectId(company_id), "feed": ObjectId(feed_id)}
