"""`/handover/`: hand people of a feed over to somebody without an account, see what they said, end it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import msgspec

from engine.learning.feedback_learner import FeedbackLearner
from handlers.api.base import ApiHandler
from handlers.api.contract import Contract, Ok, Seconds, Shape
from handlers.api.errors import BadRequest
from runtime.clock import unix_seconds
from runtime.decoding import Id
from store.audit.audit import Audit
from store.errors import ListFull, NotFound
from store.feeds.feeds import Feeds
from store.notes.handovers import MOST_OPEN, Handover, Handovers, Verdict, Word
from store.results.result_counters import ResultCounters
from store.results.results import Results
from store.resumes.contacts import Contacts
from store.resumes.resume_record import Resume
from store.resumes.resumes import Resumes

MOST = 20
"""People in one hand-over; whoever decides does so on a phone, between two meetings."""

Code = Annotated[
    str,
    msgspec.Meta(pattern=r"^([0-9]{6})?\Z", examples=["240815"], extra={"message": "应为 6 位数字"}),
]


class NewHandover(msgspec.Struct, kw_only=True):
    """Who is handed over, and to whom.

    Attributes:
        resume_ids: Results of the feed; one that is named twice counts once.
        to: What they are called: 1 to 40 characters that are not all blank.
        days: For how long the link is good.
        note: Beside the people; at most 500 characters. Their names and contacts are masked in it.
        code: Six digits without which the link opens nothing; empty for none.
    """

    feed_id: Id
    resume_ids: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=MOST)]
    to: Annotated[str, msgspec.Meta(max_length=40, pattern=r"\S", extra={"message": "应为 1 到 40 个字符"})]
    days: Annotated[int, msgspec.Meta(ge=1, le=30)] = 7
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""
    code: Code = ""


class WhichHandovers(msgspec.Struct):
    """Of which feed; a GET says it here."""

    feed_id: Id | None = None


class VerdictView(Shape):
    """What was said of one.

    Attributes:
        reasons: Of those of a deletion, where it is `no`.
        position: What they were last, or would be, as their resume says.
        time: When it was said, or changed last.
    """

    resume_id: Id
    position: str
    verdict: Word
    reasons: list[str]
    comment: str
    time: Seconds


class HandoverView(Shape):
    """One hand-over.

    Attributes:
        people: How many are shown.
        opened: When it was opened last; null where it never was.
        openings: Each time that it was, the newest first; 20 at most.
        state: `done` where everybody who is shown was judged; that may still change.
        verdicts: In the order of the people.
    """

    id: Id
    to: str
    created: Seconds
    until: Seconds
    opened: Seconds | None
    openings: list[Seconds]
    state: Literal["open", "done", "revoked", "expired"]
    people: int
    verdicts: list[VerdictView]


class HandoversAnswer(Ok):
    """The one that was made, or all of a feed.

    Attributes:
        url: Its link, which is told this once.
        data: The newest first; those that are over for at most 30 days.
    """

    data: list[HandoverView] | msgspec.UnsetType = msgspec.UNSET
    id: Id | msgspec.UnsetType = msgspec.UNSET
    url: str | msgspec.UnsetType = msgspec.UNSET


class HandoversHandler(ApiHandler):
    """`/handover/`."""

    contract = Contract(
        "Hand people of a feed over by a link; what became of it",
        query=WhichHandovers,
        body=NewHandover,
        answer=HandoversAnswer,
        may_be_missing=True,
    )
    methods = ("GET", "POST")

    params: WhichHandovers
    form: NewHandover
    audit: Audit
    contacts: Contacts
    feeds: Feeds
    handovers: Handovers
    learner: FeedbackLearner
    numbers: ResultCounters
    results: Results
    resumes: Resumes

    async def handle(self) -> None:
        """POST makes one and gives its link, GET gives all of a feed.

        Whoever is handed over counts as read. Those who keep their contact secret are not shown: where nobody
        is left, `resume_ids` is an error.
        """
        if self.request.method == "POST":
            await self._make()
            return
        if (feed_id := self.params.feed_id) is None:
            raise BadRequest({"feed_id": ["必填"]})
        await self.feeds.seen_by(self.member, feed_id)
        some = await self.handovers.list_for(self.company_id, feed_id)
        said = await self.handovers.verdicts(self.company_id, some)
        waiting = {id_ for one in some for id_ in _unjudged(one, said[one.id])}
        statuses = await self.contacts.statuses(self.company_id, sorted(waiting))
        secret = {id_ for id_, status in statuses.items() if status == "secret"}
        bodies = await self.resumes.bodies(sorted({row.resume for rows in said.values() for row in rows}))
        self.ok(data=[_view(one, said[one.id], secret, bodies) for one in some])

    async def _make(self) -> None:
        form, company = self.form, self.company_id
        feed = await self.feeds.seen_by(self.member, form.feed_id, "work")
        ids = list(dict.fromkeys(id_.lower() for id_ in form.resume_ids))
        if len(await self.results.some(company, form.feed_id, ids)) < len(ids):
            raise NotFound(f"not all are in the list of {form.feed_id}")
        statuses = await self.contacts.statuses(company, ids)
        # Of those who are left out, too.
        words = [form.to.strip(), form.note.strip(), feed.form.title]
        to, note, title = await self.contacts.masked(ids, words)
        ids = [id_ for id_ in ids if statuses.get(id_) != "secret"]
        if not ids:
            raise BadRequest({"resume_ids": ["候选人的资料保密，不能转给别人"]})

        async def work() -> tuple[str, str]:
            for id_ in ids:
                await self.results.mark_read(company, form.feed_id, id_)
            return await self.handovers.make(
                self.member,
                form.feed_id,
                ids,
                to=to,
                until=datetime.now(UTC) + timedelta(days=form.days),
                note=note,
                title=title,
                code=form.code,
            )

        await self.audit.record(self.member, "handover", ids, self.request_id, feed_id=form.feed_id)
        try:
            id_, token = await self.numbers.together(company, work)
        except ListFull:
            raise BadRequest({"feed_id": [f"最多 {MOST_OPEN} 个有效的链接，请先撤回一些"]}) from None
        self.learner.wake()
        base = (self.context.public_url or self.own_origin()).rstrip("/")
        self.ok(id=id_, url=f"{base}/#review={token}")


class RevokeHandoverHandler(ApiHandler):
    """`POST /handover/<handover_id>/revoke/`."""

    contract = Contract("End a hand-over: its link opens nothing any more")
    methods = ("POST",)

    audit: Audit
    feeds: Feeds
    handovers: Handovers

    async def handle(self, handover_id: str) -> None:
        """What was said stays. A second time is `ok`."""
        feed_id = await self.handovers.feed_of(self.company_id, handover_id)
        await self.feeds.require_seen(self.member, feed_id, "work")
        await self.audit.changed(self.member, "revoke", self.request_id, feed_id=feed_id)
        await self.handovers.revoke(self.company_id, handover_id)
        self.ok()


def _unjudged(handover: Handover, said: list[Verdict]) -> list[str]:
    judged = {one.resume for one in said}
    return [id_ for id_ in handover.resumes if id_ not in judged]


def _view(
    handover: Handover, said: list[Verdict], secret: set[str], bodies: Mapping[str, Resume]
) -> HandoverView:
    left = [id_ for id_ in _unjudged(handover, said) if id_ not in secret]
    state = "open" if left else "done"
    if handover.revoked:
        state = "revoked"
    elif left and handover.until <= datetime.now(UTC):
        state = "expired"
    openings = [unix_seconds(at) for at in reversed(handover.openings)]
    return HandoverView(
        id=handover.id,
        to=handover.to,
        created=unix_seconds(handover.created_at),
        until=unix_seconds(handover.until),
        opened=openings[0] if openings else None,
        openings=openings,
        state=state,  # type: ignore[arg-type]
        people=len(said) + len(left),
        verdicts=[
            VerdictView(
                resume_id=one.resume,
                position=_position(bodies.get(one.resume)),
                verdict=one.verdict,
                reasons=one.reasons,
                comment=one.comment,
                time=unix_seconds(one.at),
            )
            for one in said
        ],
    )


def _position(resume: Resume | None) -> str:
    if resume is None:
        return ""
    return next((work.position_title for work in resume.works), "") or resume.job_target.job_career
