"""`GET /feed/export/<feed_id>.csv`: a feed's list as a table for Excel.

It is read and sent a chunk at a time, so a list of any length takes little memory. The columns are in
`export_table`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import aclosing

from engine.matching.lexicon.places import Places
from handlers.api.base import ApiHandler
from handlers.api.contract import Contract
from handlers.api.errors import NotLoggedIn
from handlers.api.fairness import HEAVY, Fairness
from handlers.api.receiving import CHECK_AGAIN_S
from handlers.results.export_table import BOM, COLUMNS, Entry, csv_lines, row_of
from handlers.results.list_filter import ListFilter
from handlers.results.list_picks import ListPicks
from handlers.views.candidate_view import unlocked
from handlers.views.summary import summary_of
from runtime.slices import Rests, Slices
from store.audit.audit import Audit
from store.feeds.feeds import Feeds
from store.notes.candidate_records import CandidateRecord
from store.persons.person_records import PersonRecords
from store.results.result_counters import ResultCounters
from store.results.result_documents import Result
from store.results.results import Results
from store.resumes.contacts import Contact, Contacts
from store.resumes.masked_texts import opener, reveal
from store.resumes.resume_record import Resume
from store.resumes.resumes import Resumes

_CHUNK = 25
"""Results that are read and written at a time. It bounds the memory of an export, as a resume may have 1 MiB,
and how long others wait for the store meanwhile."""
_FLUSH_BYTES = 1024 * 1024
"""Bytes that are gathered before they are sent. A chunk of long resumes has more, of usual ones less."""


class ExportHandler(ApiHandler):
    """The list of one feed, with the filters and the order of `feed_list`."""

    contract = Contract("A feed's list as CSV", query=ListFilter, other_answer="text/csv", by_role=True)
    units = HEAVY
    takes_turns = False  # a turn for each chunk: others need not wait for a long list

    params: ListFilter
    feeds: Feeds
    results: Results
    resumes: Resumes
    records: PersonRecords
    contacts: Contacts
    audit: Audit
    counts: ResultCounters
    fairness: Fairness
    places: Places
    picks: ListPicks

    async def handle(self, feed_id: str) -> None:
        """UTF-8 with a byte order mark, for Excel.

        If something fails in the middle, the connection is cut, so that the table does not look whole.
        """
        feed = await self.feeds.seen_by(self.member, feed_id, "work")
        self.attach("text/csv; charset=UTF-8", f"feed-{feed_id}.csv", f"{feed.form.title}.csv")
        self.write(BOM + csv_lines([COLUMNS]))
        if self.request.method != "HEAD":  # HEAD shows no contact, so none must be audited
            await self.audit.record(self.member, "export_list", [], self.request_id, feed_id=feed_id)
            self.report("export", "ok", self.user_id)
            await self._write_list(feed_id)
        self.finish()

    async def _write_list(self, feed_id: str) -> None:
        which = self.params.filter(self.places)
        length = (await self.counts.read([self.company_id]))[self.company_id].kept_of(feed_id, which.tier)
        if which.removed:
            length = await self.results.count_removed(self.company_id, feed_id, which)
        picked = await self.picks.pick(
            self.member, feed_id, self.params, which, length=length, request_id=self.request_id
        )
        which = picked.which
        chunks = self.results.each(
            self.company_id, feed_id, which, order=self.params.sort, chunk=_CHUNK, length=length
        )
        rests = Rests(most_s=math.inf)
        check_at = time.monotonic() + CHECK_AGAIN_S
        async with aclosing(chunks):
            while True:
                async with self.fairness.turn(self.user_id, is_heavy=True):
                    rests.begin()
                    if time.monotonic() >= check_at:
                        await self._check_session()
                        check_at = time.monotonic() + CHECK_AGAIN_S
                    chunk = await anext(chunks, None)
                    if chunk is None:
                        return
                    entries = await self._entries(chunk) if chunk else []
                    # In its turn: a long list takes half of a turn's time at most, and half of the store's.
                    await rests.rest()
                if entries:
                    await self._write_entries(entries)

    async def _check_session(self) -> None:
        """Refuse to go on where the session has ended since."""
        account = await self.context.sessions.account_of(self.user_id, self.token)
        if account is None or account.company_id != self.company_id:
            raise NotLoggedIn

    async def _write_entries(self, entries: Sequence[Entry]) -> None:
        slices, held = Slices(), 0
        for entry in entries:
            line = csv_lines([row_of(entry)]).encode()
            self.write(line)
            held += len(line)
            if held > _FLUSH_BYTES:
                await self.send_part()
                held = 0
            await slices.rest()
        await self.send_part()

    async def _entries(self, results: Sequence[Result]) -> list[Entry]:
        ids = [result.resume for result in results]
        resumes = await self.resumes.bodies(ids)
        kept = await self.records.find_for(self.company_id, ids, watcher=self.user_id)
        contacts = await self.contacts.disclose(self.member, unlocked(kept), "export", self.request_id)
        return [
            _entry(result, resumes[result.resume], kept.get(result.resume), contacts.get(result.resume))
            for result in results
            if result.resume in resumes
        ]


def _entry(
    result: Result, masked: Resume, candidate: CandidateRecord | None, contact: Contact | None
) -> Entry:
    originals = contact.texts if contact else {}
    opened = opener(masked, originals)
    resume = reveal(masked, originals)
    return Entry(
        result=result,
        resume=resume,
        candidate=candidate,
        contact=contact,
        summary=summary_of(result, resume, opened),
    )
