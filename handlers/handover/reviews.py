"""`/review/<link>/`: what is shown of a hand-over to whoever has its link, and what they say of whom.

They have no account: the link is the credentials, and where its maker wished so, a code beside it. People are
shown as a list shows them before their contact is unlocked, whatever the company has unlocked, and with
nothing that the company noted.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from engine.learning.feedback_learner import FeedbackLearner
from engine.matching.feedback.deletion_reasons import DELETION_REASONS
from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Contract, Seconds, Shape
from handlers.api.errors import TooMany
from handlers.api.requests import address_prefix
from handlers.handover.handovers import Code
from handlers.policies import AccountPolicy
from handlers.results.results import Feedback, reasons_in
from handlers.views.items import Item, Items, ReasonView, RequirementView
from handlers.views.page_answer import answer_page
from handlers.views.resume_view import ResumeView
from runtime.clock import unix_seconds
from store.accounts.accounts import Accounts
from store.accounts.companies import Member
from store.audit.audit import Audit
from store.errors import NotFound, WrongCode
from store.feeds.feeds import Feeds
from store.notes.handovers import Handover, Handovers, Verdict, Word
from store.redis.throttle import Throttle
from store.results.result_filter import Tier
from store.results.results import Results
from store.resumes.contacts import Contacts

_TAKES_S = 0.2
"""How long it takes at least to say that a link opens nothing. To find out why takes less, so that the time
does not tell whether it ever did."""
_MAX_BYTES = 8 * 1024
"""The longest body. A comment has 500 characters, and nobody has said yet who they are."""


class Opening(msgspec.Struct):
    """The code, where the link wants one."""

    code: Code = ""


class NewVerdict(msgspec.Struct, kw_only=True):
    """What is said of somebody.

    Attributes:
        reason: With `no`: reasons as in `feedback` of `modify_feed_result`.
        comment: At most 500 characters.
    """

    verdict: Word
    reason: Feedback = ""
    comment: Annotated[str, msgspec.Meta(max_length=500)] = ""
    code: Code = ""


class SaidView(Shape):
    """What was said of somebody by this link."""

    verdict: Word
    reasons: list[str]
    comment: str


class ReviewedPerson(Shape):
    """One of them, as in a list; the fields of an `Item` that are nobody's notes.

    Attributes:
        said: null where nothing was said yet.
    """

    resume: ResumeView
    tags: list[str]
    tier: Tier
    fit: float
    score: float
    title_match: bool
    why: list[ReasonView]
    summary: str
    missing: list[str]
    requirements: list[RequirementView]
    said: SaidView | None


class ReviewAnswer(Answer):
    """Who is handed over; with another status than `ok` nothing.

    Attributes:
        rests_s: With `code_error`: for how many seconds no code is taken, after too many wrong ones.
        title: The feed's.
        to: Whom it is for.
        until: When the link ends.
    """

    status: Literal["ok", "token_error", "code_error"]
    rests_s: int = 0
    title: str = ""
    to: str = ""
    note: str = ""
    until: Seconds = 0
    data: list[ReviewedPerson] = msgspec.field(default_factory=list)


class VerdictAnswer(Answer):
    """Whether it is noted; `rests_s` as above."""

    status: Literal["ok", "token_error", "code_error"]
    rests_s: int = 0


class ReviewHandler(ApiHandler):
    """What both endpoints have in common: the link, and its code."""

    methods = ("POST",)
    needs_login = False
    max_body_bytes = _MAX_BYTES

    form: Opening | NewVerdict
    accounts: Accounts
    audit: Audit
    contacts: Contacts
    feeds: Feeds
    handovers: Handovers
    policy: AccountPolicy
    results: Results
    items: Items
    throttle: Throttle

    async def opened(self, link: str) -> Handover | None:
        """The hand-over; None where that was answered: it opens nothing, or by a code.

        Raises:
            TooMany: The address has tried too many links that open nothing.
        """
        began, prefix = time.monotonic(), address_prefix(self.client_address())
        limit = self.policy.register_per_minute
        if wait_s := await self.throttle.wait_s("review", prefix, limit):
            self.report("review", "throttled")
            raise TooMany(wait_s)
        found = await self._find(link)
        if found is None:
            await self.throttle.count("review", prefix, 60)
            self.report("review", "failed")
            await asyncio.sleep(max(0.0, began + _TAKES_S - time.monotonic()))
            self.answer("token_error", "链接无效或已过期，请向发链接的人要新的")
            return None
        try:
            await self.handovers.require_code(found, self.form.code)
        except WrongCode as error:
            rests_s = math.ceil(error.wait.total_seconds())
            wrong = f"输错太多次，请 {math.ceil(rests_s / 60)} 分钟后再试" if rests_s else "验证码不对"
            self.answer("code_error", wrong if rests_s or self.form.code else "请输入验证码", rests_s=rests_s)
            return None
        await self._enter(f"review {found.id}", is_vip=False)
        return found

    async def _find(self, link: str) -> Handover | None:
        """None where the link is false or over, its feed is gone, or its maker is not in the company."""
        handover = await self.handovers.find(link)
        if handover is None:
            return None
        try:
            await self.feeds.get(handover.company, handover.feed)
            maker = await self.accounts.get(handover.by)
        except NotFound:
            return None
        if maker.disabled or maker.company_id != handover.company:
            return None
        return handover

    async def note(self, action: Literal["review", "verdict"], handover: Handover, ids: list[str]) -> None:
        """Note in the audit what is done by a link, as its maker's."""
        maker = Member(handover.by, handover.company)
        await self.audit.record(maker, action, ids, self.request_id, feed_id=handover.feed)

    async def shown(self, handover: Handover) -> Mapping[str, Item]:
        """Those who may be seen, in the order in which they were handed over."""
        ids = handover.resumes
        results = await self.results.some(handover.company, handover.feed, ids)
        statuses = await self.contacts.statuses(handover.company, ids)
        seen = [results[id_] for id_ in ids if id_ in results and statuses.get(id_) == "public"]
        return {entry.resume.id: entry for entry in await self.items.masked(seen)}


class OpenReviewHandler(ReviewHandler):
    """`POST /review/<link>/`."""

    contract = Contract(
        "What a link hands over", body=Opening, answer=ReviewAnswer, throttled=True, may_be_missing=False
    )

    form: Opening

    async def handle(self, link: str) -> None:
        """Without credentials. `token_error` for a link that is false or over, `code_error` for a wrong code.

        Five wrong codes rest the link for 15 minutes. Each opening is in the audit. Whoever was erased
        meanwhile, or keeps their contact secret, is left out.
        """
        if (handover := await self.opened(link)) is None:
            return
        entries = await self.shown(handover)
        await self.note("review", handover, [*entries])
        await self.handovers.note_opening(handover)
        verdicts = (await self.handovers.verdicts(handover.company, [handover]))[handover.id]
        said = {one.resume: one for one in verdicts}
        # Recruiters' own words may name somebody handed over, by a name that only came since, too.
        words = {handover.title, handover.to, handover.note}
        words |= {word for entry in entries.values() for word in _asked(entry)}
        known = dict(zip(words, await self.contacts.masked(handover.resumes, [*words]), strict=True))
        await answer_page(
            self,
            [_person(entry, said.get(id_), known) for id_, entry in entries.items()],
            title=known[handover.title],
            to=known[handover.to],
            note=known[handover.note],
            until=unix_seconds(handover.until),
        )


class JudgeHandler(ReviewHandler):
    """`POST /review/<link>/<resume_id>/`."""

    contract = Contract(
        "Say of somebody handed over whether one would see them",
        body=NewVerdict,
        answer=VerdictAnswer,
        throttled=True,
    )

    form: NewVerdict
    learner: FeedbackLearner

    async def handle(self, link: str, resume_id: str) -> None:
        """Takes the place of what was said before, until the link ends.

        It becomes a comment on the person. The feed learns from `yes` as from a favourite, and from `no` as
        from a deletion with its reasons, and nobody is deleted.
        """
        if (handover := await self.opened(link)) is None:
            return
        form = self.form
        if resume_id not in await self.shown(handover):
            raise NotFound(f"no resume {resume_id}")
        await self.note("verdict", handover, [resume_id])
        reasons = {name: DELETION_REASONS[name] for name in reasons_in(form.reason)}
        comment = form.comment.strip()
        await self.handovers.judge(handover, resume_id, form.verdict, reasons, comment)
        self.learner.wake()
        self.ok()


_SHOWN = tuple(name for name in ReviewedPerson.__struct_fields__ if name != "said")


def _asked(entry: Item) -> list[str]:
    """The feed's own words in an entry; those of pay are numbers."""
    terms = [row.term for row in entry.why if row.field != "salary"]
    return [*entry.missing, *terms, *(row.asked for row in entry.requirements)]


def _person(entry: Item, verdict: Verdict | None, words: Mapping[str, str]) -> ReviewedPerson:
    """One of them; `words` has what is shown of the feed's own words."""
    said = SaidView(verdict.verdict, verdict.reasons, verdict.comment) if verdict else None
    shown = {name: getattr(entry, name) for name in _SHOWN}
    shown["missing"] = [words[one] for one in entry.missing]
    shown["requirements"] = [
        msgspec.structs.replace(row, asked=words[row.asked]) for row in entry.requirements
    ]
    shown["why"] = [msgspec.structs.replace(row, term=words.get(row.term, row.term)) for row in entry.why]
    return ReviewedPerson(**shown, said=said)
