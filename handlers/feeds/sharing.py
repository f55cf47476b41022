"""Who is in a feed: sharing it with colleagues, and giving it to one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Annotated

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import Contract
from handlers.api.errors import BadRequest
from runtime.decoding import Id
from store.accounts.members import Members
from store.audit.audit import Audit, CompanyAct
from store.feeds.feed_documents import Feed, SharedRole
from store.feeds.feeds import Feeds
from store.notes.notices import Notices
from store.persons.person_records import PersonRecords
from store.redis.events import Event, Events
from store.results.result_counters import ResultCounters

MOST = 100
"""Colleagues that a feed is shared with. Each list of it is read with all of them."""


class Share(msgspec.Struct):
    """A colleague, and what they are in the feed.

    Attributes:
        role: `work` for all that concerns its people, `view` to look and comment.
    """

    id: Id
    role: SharedRole


class Shares(msgspec.Struct):
    """Who else is in the feed; it takes the place of what was."""

    members: Annotated[list[Share], msgspec.Meta(max_length=MOST)]


class FeedMembersHandler(ApiHandler):
    """Base of both endpoints."""

    methods = ("POST",)

    feeds: Feeds
    members: Members
    person_records: PersonRecords
    numbers: ResultCounters
    events: Events
    notices: Notices
    audit: Audit

    async def change(
        self, feed: Feed, act: CompanyAct, users: Collection[str], change: Callable[[], Awaitable[None]]
    ) -> None:
        """Change who is in a feed, and answer once everybody who sees it, or does not any more, was told.

        Who does not work in it any more is with nobody of its list.
        """
        # Before: a second try would find nothing to change, and note nothing.
        for user in users:
            await self.audit.changed(self.member, act, self.request_id, feed_id=feed.id, about=user)

        async def work() -> None:
            await change()
            after = await self.feeds.get(feed.company, feed.id)
            workers = {after.owner, *(user for user, role in after.shares.items() if role == "work")}
            await self.person_records.release_in(feed.company, feed.id, but=workers)

        await self.numbers.together(feed.company, work)
        await self.events.publish(
            Event("feed", company=feed.company, feed=feed.id),
            Event("removed", company=feed.company, feed=feed.id),
        )
        for user in users:
            await self.notices.look_again(user)
        self.ok()


class ShareHandler(FeedMembersHandler):
    """`POST /special_feed/share/<feed_id>`."""

    contract = Contract("Share a feed with colleagues", body=Shares)

    form: Shares

    async def handle(self, feed_id: str) -> None:
        """For the feed's owner and the company's. Who works in a feed has the same list and unread count."""
        feed = await self.feeds.seen_by(self.member, feed_id, "manage")
        roles = {one.id.lower(): one.role for one in self.form.members}
        if len(roles) < len(self.form.members):
            raise BadRequest({"members": ["同一位成员只能出现一次"]})
        if feed.owner in roles:
            raise BadRequest({"members": ["职位负责人不用共享"]})
        for user in roles:
            await self.members.require(self.company_id, user)
        changed = {user for user in {*roles, *feed.shares} if roles.get(user) != feed.shares.get(user)}

        async def share() -> None:
            await self.feeds.share(self.company_id, feed_id, roles)

        await self.change(feed, "share", sorted(changed), share)


class Transfer(msgspec.Struct):
    """Whose the feed is from now on."""

    to: Id


class TransferHandler(FeedMembersHandler):
    """`POST /special_feed/transfer/<feed_id>`."""

    contract = Contract("Give a feed to a colleague", body=Transfer)

    form: Transfer

    async def handle(self, feed_id: str) -> None:
        """For the feed's owner and the company's. Its list stays as it is, and no quota refuses it."""
        feed = await self.feeds.seen_by(self.member, feed_id, "manage")
        to = self.form.to.lower()
        await self.members.require(self.company_id, to)

        async def transfer() -> None:
            await self.feeds.transfer(self.company_id, feed_id, to)

        await self.change(feed, "transfer", [to], transfer)
