"""Feeds: the form, submit, the list, delete."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from handlers.base import ApiHandler, need_id
from handlers.bodies import decode_json
from handlers.forms import NO_LIMIT, OptionLists, SubmittedFeed, check_form, edit_view
from store.accounts import Account, Accounts
from store.errors import NotFound, QuotaUsedUp
from store.events import Event, Events
from store.feeds import Feed, FeedForm, Feeds
from store.results import Results


class FeedPolicy(msgspec.Struct, frozen=True):
    """The settings that feeds are subject to."""

    feed_quota: int
    service_days: int
    idle_after: timedelta


class FeedHandler(ApiHandler):
    """What the feed endpoints have in common."""

    accounts: Accounts
    feeds: Feeds
    results: Results
    events: Events
    option_lists: OptionLists
    policy: FeedPolicy

    def quota(self, account: Account) -> int:
        """How many live feeds the account may have."""
        return account.feed_quota(self.policy.feed_quota)


class EditFeedHandler(FeedHandler):
    """`GET /special_feed/edit_feed/[<feed_id>/]`."""

    async def handle(self, *args: str) -> None:
        """Give the empty form, or one feed's, with the option lists."""
        feed_id = next((arg for arg in args if arg), "")
        account = await self.accounts.get(self.user_id)
        if not feed_id:
            if await self.feeds.has_free_slot(self.user_id, self.quota(account)):
                empty = FeedForm(title="", salary_min=0, salary_max=NO_LIMIT)
                self.ok(data=self._data(edit_view(empty, account.company_name), calced=False, progress=0.0))
            else:
                self.answer("no_rest_feed", "没有剩余的定制可用", data={})
            return
        try:
            feed = await self.feeds.get(self.user_id, need_id("feed_id", feed_id))
        except NotFound:
            self.answer("feed_error", "没有这个定制", data={})
            return
        view = edit_view(feed.form, account.company_name) | {"id": feed.id}
        self.ok(data=self._data(view, calced=feed.calced, progress=feed.progress))

    def _data(self, view: dict[str, Any], *, calced: bool, progress: float) -> dict[str, Any]:
        options = self.option_lists
        return {
            "feed": view,
            "company_prefer": [{"id": id_, "name": name} for id_, name in options.company_prefer.items()],
            "expect_area": list(options.expect_area),
            "job_welfare": list(options.job_welfare),
            "job_domain": [{"id": id_, "category": name} for id_, name in options.job_domain.items()],
            "talent_level": list(options.talent_level),
            "company_stage": list(options.company_stage),
            "calced": calced,
            "progress": round(progress, 3),
        }


class SubmitFeedHandler(FeedHandler):
    """`POST /special_feed/submit_feed/`."""

    methods = ("POST",)
    changes_state = True

    async def handle(self, *_: str) -> None:
        """Create a feed, or replace the form of one; the engine scores it at once."""
        body = decode_json(SubmittedFeed, self.body, unknown="refuse")
        account = await self.accounts.get(self.user_id)
        form, errors = check_form(body, self.option_lists)
        if errors:
            self._refuse(account, "form_error", "表单有误", errors)
            return
        try:
            feed = await self._save(account, body.feed_id.strip(), form)
        except NotFound:
            self._refuse(account, "feed_error", "没有这个定制")
            return
        except QuotaUsedUp:
            self._refuse(account, "no_feed", "没有剩余的定制可用")
            return
        await self.events.publish(Event("feed", user=self.user_id, feed=feed.id))
        self._answer_form(
            account, "ok", "ok", feed_id=feed.id, redirect_url=f"/special_feed/feed_list/{feed.id}"
        )

    async def _save(self, account: Account, feed_id: str, form: FeedForm) -> Feed:
        if feed_id:
            return await self.feeds.update(self.user_id, need_id("feed_id", feed_id), form)
        return await self.feeds.create(
            self.user_id,
            form,
            quota=self.quota(account),
            service_days=self.policy.service_days,
            vip=account.vip,
        )

    def _refuse(self, account: Account, status: str, msg: str, errors: Any = None) -> None:
        self._answer_form(account, status, msg, errors=errors or {}, feed_id="", redirect_url="")

    def _answer_form(self, account: Account, status: str, msg: str, **fields: object) -> None:
        extras = {"errors": {}, "username": account.email, "mission_time": 0, "show_mission": False}
        self.answer(status, msg, **(extras | fields))


class FeedPageHandler(FeedHandler):
    """`GET /special_feed/page/`."""

    async def handle(self, *_: str) -> None:
        """List the account's feeds with their unread counts."""
        account = await self.accounts.get(self.user_id)
        feeds = await self.feeds.list_of(self.user_id)
        counts = await self.results.unread_counts([feed.id for feed in feeds])
        now = datetime.now(UTC)
        in_service = sum(not feed.has_expired(now) for feed in feeds)
        data = {
            "all_feed": [{"feed": self._view(feed, counts[feed.id], now)} for feed in feeds],
            "has_rest_feed": in_service < self.quota(account),
            "vip_user": account.vip,
        }
        if feeds:
            self.ok(data=data)
        else:
            self.answer("no_feed", "还没有新增任何定制", data=data)

    def _view(self, feed: Feed, unread: int, now: datetime) -> dict[str, Any]:
        form = feed.form
        return {
            "id": feed.id,
            "title": form.title,
            "job_type": "",
            "feed_type": 2 if feed.vip else 1,
            "partner_feed": feed.partner,
            "job_desc": form.job_desc,
            "keywords": form.keywords,
            "salary_min": form.salary_min,
            "salary_max": form.salary_max,
            "talent_level": ", ".join(form.talent_level),
            "expect_area": ",".join(form.expect_area),
            "start_time": int(feed.start_time.timestamp()),
            "last_click_time": int(feed.last_click_time.timestamp()),
            "has_expire": feed.has_expired(now),
            "expire_status": feed.is_idle(now, self.policy.idle_after),
            "unread_count": unread,
            "calced": feed.calced,
            "progress": round(feed.progress, 3),
        }


class DeleteFeedHandler(FeedHandler):
    """`/feed/delete/<feed_id>`."""

    methods = ("GET", "POST")
    changes_state = True

    async def handle(self, *args: str) -> None:
        """Delete a feed; a second time is `ok` too."""
        feed_id = need_id("feed_id", args[0])
        if await self.feeds.delete(self.user_id, feed_id):
            await self.events.publish(
                Event("feed", user=self.user_id, feed=feed_id),
                Event("removed", user=self.user_id, feed=feed_id),
            )
        self.ok()
