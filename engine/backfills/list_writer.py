"""Writes the lists of a pass: searches for each feed in the index, and writes what matches, the best first.

    written = await lists.write(one)

In what order passes are made, and what is done about resumes that change meanwhile, is `backfill`. How a
match is worded is `match_writer`.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence

from engine.backfills.match_writer import MatchWriter, by_resume
from engine.backfills.passes import Pass
from engine.indexes.active_feeds import ActiveFeed
from engine.indexes.stored_resumes import StoredResumes
from engine.matching.score.resume_search import Found, ResumeSearch
from runtime.slices import Slices
from store.stores import Stores

logger = logging.getLogger(__name__)

MAX_LISTED = 20_000
"""The most matches that a backfill writes for a feed, newest first. Nobody reads a list further than that."""

FIRST_PAGE = 40
"""The best results of each list, which are written before all others."""

# Matches that are written together, whosever they are. They are in memory, at some hundred bytes each.
_PAIRS = 20_000

# Matches of one feed that are taken out of the index in one go; it takes about a millisecond.
_TAKE = 500

_Searched = tuple[ActiveFeed, ResumeSearch]


class ListWriter:
    """Belongs to one event loop. `report` is told how far a pass is, 0..1, so often that no lease ends."""

    def __init__(
        self,
        stores: Stores,
        *,
        stored: StoredResumes,
        writer: MatchWriter,
        report: Callable[[Pass, float], Awaitable[None]],
    ) -> None:
        self._stored = stored
        self._profiles = stores.profiles
        self._resumes = stores.resumes
        self._writer = writer
        self._report = report

    async def write(self, one: Pass) -> dict[str, int]:
        """Search for each feed and write what it matches; returns the resumes written about, see `write`."""
        forced = await self._profiles.forced_into(list(one.feeds))
        written = await self._writer.write(
            by_resume((id_, one.feeds[feed_id], None) for feed_id, ids in forced.items() for id_ in ids)
        )
        searches: list[_Searched] = []
        found = done = 0
        feeds = list(one.feeds.values())
        for number, feed in enumerate(feeds, 1):
            await self._report(one, one.progress)
            if feed.key.id in one.feeds and (search := await self.search(feed)):
                searches.append((feed, search))
                found += len(search)
            if found >= _PAIRS or number == len(feeds):
                begin, end = (one.ready * part / len(feeds) for part in (done, number))
                _note(written, await self._write_matches(one, searches, begin, end))
                done, found = number, 0
                searches.clear()
        if self._stored.has_cold:
            for feed in feeds:
                _note(written, await self._write_cold(one, feed))
        return written

    async def search(self, feed: ActiveFeed, among: Collection[str] | None = None) -> ResumeSearch | None:
        """What a feed matches in the index; None where the index cannot hold what it asks for."""
        try:
            search = self._stored.search(feed.query, among)
        except ValueError as error:
            logger.error("feed %s cannot be searched for: %s", feed.key.id, error)  # the text is bounds alone
            return None
        slices = Slices()
        while not search.is_done:
            search.step()
            await slices.rest()
        return search

    async def _write_matches(
        self, one: Pass, searches: Sequence[_Searched], begun: float, done: float
    ) -> dict[str, int]:
        """Write what some feeds match, the first page of each before the rest of any.

        Args:
            one: The pass.
            searches: The feeds.
            begun: The pass's progress before.
            done: Its progress afterwards.
        """
        slices = Slices()
        first: list[tuple[str, ActiveFeed, Found]] = []
        for feed, search in searches:
            first += [(found.resume_id, feed, found) for found in search.best(FIRST_PAGE)]
            await slices.rest()
        written = await self._write_found(one, first, begun, begun)
        listed = {(feed.key.id, resume_id) for resume_id, feed, _ in first}
        rest: list[tuple[str, ActiveFeed, Found]] = []
        for feed, search in searches:
            for begin in range(0, min(len(search), MAX_LISTED), _TAKE):
                rest += [
                    (found.resume_id, feed, found)
                    for found in search.matches(begin, min(begin + _TAKE, MAX_LISTED))
                    if (feed.key.id, found.resume_id) not in listed
                ]
                await slices.rest()
        _note(written, await self._write_found(one, rest, begun, done))
        return written

    async def _write_found(
        self, one: Pass, found: Iterable[tuple[str, ActiveFeed, Found]], begun: float, done: float
    ) -> dict[str, int]:
        """Write some matches; those of feeds that were given up are left out."""
        return await self._writer.write(
            by_resume(found),
            is_wanted=lambda feed: feed.key.id in one.feeds,
            report=lambda share: self._report(one, begun + (done - begun) * share),
        )

    async def _write_cold(self, one: Pass, feed: ActiveFeed) -> dict[str, int]:
        """Score for a feed the resumes that are not in the index, each by itself."""
        written: dict[str, int] = {}
        pages = self._profiles.newest_cold(sorted(feed.query.gate_terms), MAX_LISTED, feed.query.places)
        async with contextlib.aclosing(pages):
            async for page in pages:
                await self._report(one, one.ready)
                if feed.key.id not in one.feeds:
                    break
                scored = await self._writer.write({id_: [(feed, None)] for id_ in page})
                # The index cannot tell which of these have changed since.
                states = await self._resumes.states(list(scored))
                written |= {
                    id_: rev for id_, rev in scored.items() if id_ not in states or not states[id_].has(rev)
                }
        return written


def _note(written: dict[str, int], more: Mapping[str, int]) -> None:
    """Add resumes that were written about. Of two revisions the older one is what has to be looked at."""
    for id_, rev in more.items():
        written[id_] = min(rev, written.get(id_, rev))
