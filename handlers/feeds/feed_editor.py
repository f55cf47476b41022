"""The editor of a feed: its form with the lists that it chooses from, and submitting it.

What a form may hold is checked in `feed_form.py`; the list of the account's feeds is in `feeds.py`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

import msgspec

from engine.matching.analysis.analyzer import Analyzer
from engine.matching.lexicon.salary import MAX_YUAN
from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Contract, Seconds, Shape
from handlers.api.errors import Declined
from handlers.feeds.feed_form import SubmittedFeed, check_form
from handlers.feeds.feed_view import FeedView, feed_view
from handlers.feeds.feeds import Progress
from handlers.feeds.occupations import NOTHING_UNDERSTOOD, UnderstoodView, chosen_view, understood_view
from handlers.feeds.options import Area, DomainOption, Option, OptionLists
from handlers.policies import FeedPolicy
from runtime.clock import unix_seconds
from runtime.decoding import Errors, OptionalId
from store.accounts.accounts import Account, Accounts
from store.audit.audit import Audit, CompanyAct
from store.errors import NotFound, QuotaUsedUp
from store.feeds.feed_documents import FeedForm
from store.feeds.feeds import Feeds
from store.redis.events import Event, Events

Unset = msgspec.UnsetType


class EditData(Shape):
    """The form with what it chooses from; nothing at all where there is no form.

    Attributes:
        expect_area: The cities of `areas` that are chosen most.
        areas: Provinces with their cities.
        calced: False until every stored resume is scored against the feed.
        progress: How much of that is done.
    """

    feed: FeedView | Unset = msgspec.UNSET
    company_prefer: list[Option] | Unset = msgspec.UNSET
    expect_area: list[str] | Unset = msgspec.UNSET
    areas: list[Area] | Unset = msgspec.UNSET
    job_welfare: list[str] | Unset = msgspec.UNSET
    job_domain: list[DomainOption] | Unset = msgspec.UNSET
    talent_level: list[Option] | Unset = msgspec.UNSET
    company_stage: list[Option] | Unset = msgspec.UNSET
    calced: bool | Unset = msgspec.UNSET
    progress: Progress | Unset = msgspec.UNSET


class EditAnswer(Answer):
    """The form, if there is one: `feed_error` for a feed that the account does not have."""

    status: Literal["ok", "feed_error", "no_rest_feed"]
    data: EditData
    understood: UnderstoodView


class SubmitAnswer(Answer):
    """What became of the form.

    Attributes:
        errors: What is wrong with each field, with `form_error`.
        feed_id: Empty unless `ok`.
        redirect_url: The feed's list; empty unless `ok`.
        username: The account's e-mail address.
        mission_time: When the newcomer's mission began.
        show_mission: True once, for the account's first feed.
    """

    status: Literal["ok", "form_error", "feed_error", "no_feed"]
    errors: dict[str, list[str]]
    feed_id: OptionalId
    redirect_url: str
    username: str
    mission_time: Seconds
    show_mission: bool
    understood: UnderstoodView


class EditFeedHandler(ApiHandler):
    """`GET /special_feed/edit_feed/[<feed_id>/]`."""

    contract = Contract(
        "The form of a feed, with its option lists", answer=EditAnswer, may_be_missing=False, by_role=None
    )

    accounts: Accounts
    feeds: Feeds
    option_lists: OptionLists
    policy: FeedPolicy
    analyzer: Analyzer

    async def handle(self, feed_id: str = "") -> None:
        """The form is empty without a feed; `no_rest_feed` where the account may have no more feeds."""
        account, feed = await self.accounts.get(self.user_id), None
        if feed_id:
            try:
                feed = await self.feeds.seen_by(self.member, feed_id, "manage")
            except NotFound:
                raise _no_form("feed_error", "没有这个职位") from None
        elif not await self.feeds.has_place(self.member, self.policy.quota_of(account)):
            raise _no_form("no_rest_feed", "职位名额已用完")
        form = feed.form if feed else FeedForm(title="", salary_min=0, salary_max=MAX_YUAN)
        occupations = chosen_view(self.analyzer, form.occupations)
        state = {
            "feed": feed_view(feed, form, account, occupations),
            "calced": feed is not None and feed.calced,
            "progress": round(feed.progress, 3) if feed else 0.0,
        }
        self.ok(data={**state, **self.option_lists.view()}, understood=understood_view(self.analyzer, form))


def _no_form(status: str, msg: str) -> Declined:
    return Declined(status, msg, data={}, understood=NOTHING_UNDERSTOOD)


class SubmitFeedHandler(ApiHandler):
    """`POST /special_feed/submit_feed/`."""

    contract = Contract(
        "Create a feed, or replace the form of one",
        body=SubmittedFeed,
        refuses_unknown=True,
        answer=SubmitAnswer,
    )
    methods = ("POST",)
    # Every process reads the form, and stored resumes are scored for it, after the answer. Who submits in a
    # loop would otherwise keep the store busy with that alone.
    rest = 4.0

    form: SubmittedFeed
    accounts: Accounts
    feeds: Feeds
    events: Events
    option_lists: OptionLists
    policy: FeedPolicy
    analyzer: Analyzer
    audit: Audit

    async def handle(self) -> None:
        """With `feed_id` the form of that feed is replaced; stored resumes are scored against it at once.

        Unknown fields are refused: a misspelt wish would be ignored in silence.
        """
        account = await self.accounts.get(self.user_id)
        form, errors = check_form(self.form, self.option_lists, self.analyzer.occupation)
        if errors:
            raise self._refused(account, "form_error", "表单有误", errors)
        try:
            feed_id, form = await self._save(account, form)
        except NotFound:
            raise self._refused(account, "feed_error", "没有这个职位") from None
        except QuotaUsedUp:
            raise self._refused(account, "no_feed", "职位名额已用完") from None
        # Saved already, with a request for its backfill. The hint only makes the first results come at once.
        await self.events.publish(Event("feed", company=self.company_id, feed=feed_id))
        act: CompanyAct = "edit" if self.form.feed_id else "submit"
        await self.audit.changed(self.member, act, self.request_id, feed_id=feed_id)
        await self._accept(account, feed_id, understood_view(self.analyzer, form))

    async def _save(self, account: Account, form: FeedForm) -> tuple[str, FeedForm]:
        """Submit the form; returns the feed's id and its form: another one where `client_id` names a feed."""
        if self.form.feed_id:
            await self.feeds.seen_by(self.member, self.form.feed_id, "manage")
            await self.feeds.update(self.company_id, self.form.feed_id, form)
            return self.form.feed_id, form
        feed = await self.feeds.create(
            self.member,
            form,
            quota=self.policy.quota_of(account),
            service_days=self.policy.service_days,
            vip=account.vip,
            client_id=self.form.client_id,
        )
        return feed.id, feed.form

    async def _accept(self, account: Account, feed_id: str, understood: UnderstoodView) -> None:
        """Answer `ok`; the account's first feed begins the newcomer's mission, which is shown that once."""
        began_at, is_new = account.mission_at, False
        if began_at is None:
            # The store decides which of several first feeds at the same moment begins it.
            began_at, is_new = await self.accounts.start_mission(self.user_id)
        self.ok(
            errors={},
            feed_id=feed_id,
            redirect_url=f"/special_feed/feed_list/{feed_id}",
            username=account.email,
            mission_time=unix_seconds(began_at),
            show_mission=is_new,
            understood=understood,
        )

    def _refused(
        self, account: Account, status: str, msg: str, errors: Errors = MappingProxyType({})
    ) -> Declined:
        return Declined(
            status,
            msg,
            errors=dict(errors),
            feed_id="",
            redirect_url="",
            username=account.email,
            mission_time=unix_seconds(account.mission_at),
            show_mission=False,
            understood=NOTHING_UNDERSTOOD,
        )
