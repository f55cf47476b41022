"""`POST /special_feed/preview/`: how many stored resumes a form would match, while it is being filled in.

The counting is `engine.previews.preview`'s. Nothing is saved. Contacts in texts are masked until the account
has unlocked them, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Literal

from engine.matching.analysis.analyzer import Analyzer
from engine.previews.preview import Preview, Wish
from engine.previews.preview_slots import Superseded
from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Contract, Shape
from handlers.api.errors import Declined, TooMany
from handlers.api.fairness import HEAVY, Fairness
from handlers.feeds.feed_form import SubmittedFeed, check_form
from handlers.feeds.occupations import NOTHING_UNDERSTOOD, UnderstoodView, understood_view
from handlers.feeds.options import OptionLists
from handlers.policies import LimitPolicy
from handlers.views.candidate_view import unlocked
from handlers.views.items import Probability, ReasonView, RequirementView, scored_fields
from handlers.views.page_answer import answer_page
from handlers.views.resume_view import ResumeView
from runtime.decoding import Errors
from store.errors import NotFound
from store.feeds.feeds import Feeds
from store.persons.person_records import PersonRecords
from store.persons.persons import Persons
from store.redis.throttle import Throttle
from store.results.result_filter import Tier
from store.resumes.contacts import Contacts
from store.resumes.masked_texts import opener, reveal
from store.resumes.resume_record import Resume
from store.resumes.resumes import Resumes

_HOUR_S = 3600


class PreviewItem(Shape):
    """A resume that would be listed, without what the account noted of it."""

    keywords: list[str]
    tags: list[str]
    resume: ResumeView
    tier: Tier
    fit: Probability
    score: float
    title_match: bool
    why: list[ReasonView]
    summary: str
    missing: list[str]
    requirements: list[RequirementView]


class Advice(Shape):
    """A wish of the form, and how many would be strong without it.

    Attributes:
        field: `salary_min` stands for both ends of the pay.
        strong_count: Strong matches of the form without it.
    """

    field: Wish
    strong_count: int


class MustCost(Shape):
    """A requirement that must be met, and what it costs.

    Attributes:
        field: Its name in the form.
        strong_count: Matches that would be strong besides if it were a wish.
    """

    field: str
    strong_count: int


class PreviewAnswer(Answer):
    """The number of matches and the best five.

    Attributes:
        errors: What is wrong with each field, with `form_error`.
        strong_count: Matches that would be strong.
        possible_count: The others.
        complete: False while resumes wait to be scored, and where some are so old that only a backfill finds
            them: then the feed's list becomes longer than `total_count`.
        advice: Where nothing is strong: the wishes without which something would be, the most first.
        musts: The requirements that must be met, and what each costs; `field` is its name in the form.
        data: The best, at most five.
    """

    status: Literal["ok", "form_error", "feed_error"]
    errors: dict[str, list[str]]
    total_count: int
    strong_count: int
    possible_count: int
    scored_count: int
    candidate_count: int
    complete: bool
    understood: UnderstoodView
    advice: list[Advice]
    musts: list[MustCost]
    data: list[PreviewItem]


class PreviewHandler(ApiHandler):
    """The form is checked as `submit_feed` checks it, and nothing is saved."""

    contract = Contract(
        "How many stored resumes a form would match, with the best five",
        body=SubmittedFeed,
        refuses_unknown=True,
        answer=PreviewAnswer,
        throttled=True,
        by_role=True,
    )
    methods = ("POST",)
    changes_state = False
    units = HEAVY
    takes_turns = False  # `PreviewSlots` does: of an account the newest preview is the one to serve

    form: SubmittedFeed
    feeds: Feeds
    resumes: Resumes
    persons: Persons
    records: PersonRecords
    contacts: Contacts
    option_lists: OptionLists
    preview: Preview
    analyzer: Analyzer
    fairness: Fairness
    throttle: Throttle
    limits: LimitPolicy

    async def handle(self) -> None:
        """Nothing is saved. A newer preview of the same account ends an older one with 429."""
        form, errors = check_form(self.form, self.option_lists, self.analyzer.occupation)
        if errors:
            raise _refused("form_error", "表单有误", errors)
        feed_id = self.form.feed_id or None
        # Resumes that were sent to the edited feed count too, so it must be the account's own.
        try:
            if feed_id:
                await self.feeds.seen_by(self.member, feed_id, "manage")
        except NotFound:
            raise _refused("feed_error", "没有这个职位") from None
        await self._count()
        try:
            outcome = await self.preview.count(form, member=self.member, feed_id=feed_id)
        except Superseded:
            raise TooMany(1, "已有更新的预览") from None
        resumes = await self._shown([one.resume for one in outcome.best])
        await answer_page(
            self,
            [
                PreviewItem(keywords=one.keywords, **scored_fields(one, *resumes[one.resume]))
                for one in outcome.best
                if one.resume in resumes
            ],
            errors={},
            total_count=outcome.total,
            strong_count=outcome.strong,
            possible_count=outcome.total - outcome.strong,
            scored_count=outcome.candidates,
            candidate_count=outcome.candidates,
            complete=outcome.complete,
            understood=understood_view(self.analyzer, form),
            advice=[Advice(field, count) for field, count in outcome.advice.items()],
            musts=[MustCost(field, count) for field, count in outcome.musts.items()],
        )

    async def _shown(self, ids: Sequence[str]) -> dict[str, tuple[Resume, Callable[[str], str]]]:
        """Resumes as the account sees them, of a person the first, and how it sees pieces of their texts.

        Each showing of a contact is audited.
        """
        groups = await self.persons.groups_for(self.company_id, ids)
        firsts: dict[str, list[str]] = {}
        for id_ in ids:
            if firsts.keys().isdisjoint(groups[id_]):
                firsts[id_] = groups[id_]
        resumes = await self.resumes.bodies(list(firsts))
        kept = await self.records.find_in(self.company_id, firsts)
        contacts = await self.contacts.disclose(self.member, unlocked(kept), "list", self.request_id)
        originals = {id_: contacts[id_].texts if id_ in contacts else {} for id_ in resumes}
        opened = {id_: opener(resume, originals[id_]) for id_, resume in resumes.items()}
        return {id_: (reveal(resume, originals[id_]), opened[id_]) for id_, resume in resumes.items()}

    async def _count(self) -> None:
        """Note one more preview of the account, of which it may have so many in an hour."""
        user = self.user_id
        most = self.fairness.allowed(self.limits.preview_per_hour, is_vip=self.account.vip)
        if wait_s := await self.throttle.wait_s("preview", user, most):
            self.report("preview", "throttled", user)
            raise await self.fairness.refusal("preview", wait_s, "预览次数过多")
        await self.throttle.count("preview", user, _HOUR_S)


def _refused(status: str, msg: str, errors: Errors = MappingProxyType({})) -> Declined:
    return Declined(
        status,
        msg,
        errors=dict(errors),
        total_count=0,
        strong_count=0,
        possible_count=0,
        scored_count=0,
        candidate_count=0,
        complete=True,
        understood=NOTHING_UNDERSTOOD,
        advice=[],
        musts=[],
        data=[],
    )
