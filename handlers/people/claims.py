"""Who is with a person: a colleague who opens or calls them is seen by the others who work in the feed."""

from __future__ import annotations

from typing import Literal

import msgspec

from handlers.api.contract import Answer, Contract, Flag, Seconds
from handlers.people.people import PersonHandler
from handlers.views.candidate_view import MarkView, authors_of, mark_log
from handlers.views.member_names import MemberName, Names
from runtime.clock import unix_seconds
from runtime.decoding import Id
from store.notes.candidate_records import ClaimKind
from store.redis.events import Event, Events


class NewClaim(msgspec.Struct, kw_only=True):
    """How somebody is with a person.

    Attributes:
        feed_id: The feed in whose list they are.
        kind: `look` for two minutes, `call` for thirty; asked again it is renewed.
        ask: 1 tells the colleague who is with them that one asks.
    """

    feed_id: Id
    kind: ClaimKind
    ask: Flag = 0


class ClaimAnswer(Answer):
    """Who is with the person now; `claimed` where it is a colleague.

    Attributes:
        until: When it ends by itself.
        mark_log: All marks, the latest last: what a colleague noted since the page read it is known before a
            call.
    """

    status: Literal["ok", "claimed"]
    by: MemberName
    kind: ClaimKind
    until: Seconds
    mark_log: list[MarkView]


class ClaimHandler(PersonHandler):
    """`POST /resumes/claim/<resume_id>`."""

    contract = Contract("Be with a person for a while", body=NewClaim, answer=ClaimAnswer)
    methods = ("POST",)

    form: NewClaim
    events: Events
    names: Names

    async def handle(self, resume_id: str) -> None:
        """Of two at once one wins. It ends by an outcome, a deletion, a release, or by its time."""
        form = self.form
        await self.require_listed(resume_id, form.feed_id)
        whom, feed = resume_id.lower(), form.feed_id.lower()
        claim, record = await self.records.claim(self.member, whom, feed, form.kind)
        names = await self.names.of({claim.by} | authors_of([record]), known=self.account)
        is_own = claim.by == self.user_id
        if not is_own and form.ask:
            asked = Event("asked", self.company_id, self.user_id, claim.feed, claim.resume)
            await self.events.publish(asked)
        self.answer(
            "ok" if is_own else "claimed",
            "ok" if is_own else f"{names[claim.by].name}正在{'联系' if claim.kind == 'call' else '查看'}",
            by=names[claim.by],
            kind=claim.kind,
            until=unix_seconds(claim.until),
            mark_log=mark_log(record, names),
        )


class ReleaseHandler(PersonHandler):
    """`POST /resumes/release/<resume_id>`."""

    contract = Contract("Be with a person no more")
    methods = ("POST",)

    async def handle(self, resume_id: str) -> None:
        """For who is with them, and the company's owners; harmless where nobody is."""
        await self.candidate_records.require_listed(self.member, resume_id, "release")
        await self.records.release(self.company_id, resume_id, by=self.member)
        self.ok()
