"""Writes what was not ready when a pass began: searches for its feeds among a few resumes once more.

    again = await late.write(one, resume_ids)

It writes the same as percolation, over whatever a process has written that knew the feeds or the resumes as
they were before. Which resumes these are, and when they are looked at, is `backfill`; what a pass writes at
first is `list_writer`.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.backfills.list_writer import ListWriter
from engine.backfills.match_writer import MatchWriter, by_resume
from engine.backfills.passes import Pass
from engine.indexes.active_feeds import ActiveFeed
from engine.indexes.profiles import CurrentProfiles
from engine.indexes.stored_resumes import StoredResumes
from engine.matching.score.resume_search import Found
from runtime.slices import Slices
from store.stores import Stores


class LateWriter:
    """Belongs to one event loop."""

    def __init__(
        self,
        stores: Stores,
        *,
        stored: StoredResumes,
        profiles: CurrentProfiles,
        lists: ListWriter,
        writer: MatchWriter,
    ) -> None:
        self._stored = stored
        self._profiles = profiles
        self._lists = lists
        self._writer = writer
        self._results = stores.results
        self._resumes = stores.resumes

    async def write(self, one: Pass, resume_ids: Sequence[str]) -> list[str]:
        """Score resumes that were not ready at first; returns those to look at once more."""
        feeds = dict(one.feeds)
        await self._stored.refresh()
        # Without those that are gone or quarantined. The index may have them as they were, and they would be
        # looked at again for ever.
        profiles = await self._profiles.load_settled(resume_ids)
        ready = [stored.resume for stored in profiles]
        slices = Slices()
        for stored in profiles:
            self._stored.take(stored)
            await slices.rest()
        pairs: list[tuple[str, ActiveFeed, Found | None]] = []
        for feed in feeds.values():
            if search := await self._lists.search(feed, ready):
                pairs += [(found.resume_id, feed, found) for found in search.matches()]
        matched = {(resume_id, feed.key.id) for resume_id, feed, _ in pairs}
        for stored in profiles:
            for feed_id in {*stored.send_to, *stored.partner_for} & feeds.keys():
                if (stored.resume, feed_id) not in matched:
                    pairs.append((stored.resume, feeds[feed_id], None))
                    matched.add((stored.resume, feed_id))
        written = await self._writer.write(by_resume(pairs), again=True)
        for stored in profiles:
            # Only a resume that was changed can be in a list without matching any more.
            if stored.rev > 1:
                listed = {feed_id for resume_id, feed_id in matched if resume_id == stored.resume}
                await self._results.drop_unmatched(stored.resume, stored.rev, feeds.__contains__, listed)
        # A resume that changed may have been percolated before our older score was written, which then stands
        # over the newer one; or it waits to be percolated by a process that does not know the feeds.
        states = await self._resumes.states(list(written))
        return [id_ for id_, rev in written.items() if id_ in states and not states[id_].has(rev)]
