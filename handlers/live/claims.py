"""Frames about who is with a person, and what was said of them: each says what is stored when it is made."""

from __future__ import annotations

import msgspec

from handlers.live.frames import UNNUMBERED, AskedFrame, ClaimFrame, FrameText
from handlers.views.candidate_view import authors_of, comment_log
from handlers.views.member_names import Names
from runtime.clock import unix_seconds
from store.persons.person_records import PersonRecords
from store.redis.events import Event


class ClaimFrames(msgspec.Struct, frozen=True):
    """Reads what there is to tell. Belongs to one event loop."""

    _records: PersonRecords
    _names: Names

    async def frame(self, event: Event) -> FrameText:
        """What an event `claim` or `asked` means now.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer.
        """
        if event.kind == "asked":
            by = (await self._names.of([event.user]))[event.user]
            return FrameText(AskedFrame(seq=UNNUMBERED, feed_id=event.feed, resume_id=event.resume, by=by))
        record = (await self._records.find_for(event.company, [event.resume])).get(event.resume)
        claim = record.claim if record else None
        names = await self._names.of(authors_of([record]) if record else ())
        return FrameText(
            ClaimFrame(
                seq=UNNUMBERED,
                feed_id=event.feed,
                resume_id=event.resume,
                by=names[claim.by] if claim else None,
                kind=claim.kind if claim else "",
                until=unix_seconds(claim.until) if claim else 0,
                comment_log=comment_log(record, names) if event.said else None,
            )
        )
