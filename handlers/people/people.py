"""What an account does to a candidate: favourite, and unlock the contact. Marks and comments are in `notes`.

Favourites are seen by this account alone, all else by its company. How it is shown is in `candidate_view`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from engine.learning.feedback_learner import FeedbackLearner
from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Contract
from handlers.api.errors import Declined
from handlers.api.fairness import Fairness
from handlers.policies import LimitPolicy
from handlers.views.candidate_view import ContactInfo, contact_info
from runtime.clock import SHANGHAI
from runtime.decoding import Id
from runtime.security_log import Event, Outcome
from store.accounts.accounts import Accounts
from store.accounts.allowances import Allowances
from store.feeds.feeds import Feeds
from store.notes.candidate_records import CandidateRecords
from store.persons.person_records import PersonRecords, Unlock
from store.persons.persons import Persons
from store.redis.throttle import Throttle
from store.results.results import Results
from store.resumes.contacts import Contact, Contacts

BURST, _BURST_WINDOW_S = 30, 600
"""So many contacts unlocked within so many seconds are a burst. A recruiter who calls people unlocks one in a
while; who unlocks thirty in ten minutes collects them."""


MANY_OF_ADDRESS, MANY_OF_PERSON, _DAY_S = 5, 5, 86_400
"""So many accounts that registered lately and unlock within a day, all from one address or all the same
person, are told of. An office may have two newcomers in a month; five are more likely one who collects."""


class OfFeed(msgspec.Struct):
    """The feed in whose list the candidate is."""

    feed_id: Id


class DownloadAnswer(Answer):
    """The contact; none, with status `secret`, where the candidate keeps it so.

    Attributes:
        unlocks_left: How many more contacts the account may unlock in its day.
    """

    status: Literal["ok", "secret"]
    contact_info: ContactInfo
    unlocks_left: int


class PersonHandler(ApiHandler):
    """Base of these endpoints: the resume must be or have been in one of the account's lists."""

    changes_state = True

    feeds: Feeds
    candidate_records: CandidateRecords
    records: PersonRecords
    contacts: Contacts
    learner: FeedbackLearner

    async def require_listed(self, resume_id: str, feed_id: str) -> None:
        """Check that the candidate is or was in a list that the account sees, and that it works in the feed.

        Raises:
            NotFound: One of them is not so.
            NotAllowed: It may only look at the feed.
        """
        await self.feeds.require_seen(self.member, feed_id, "work")
        await self.candidate_records.require_listed(self.member, resume_id, "work")


class AddWatchHandler(PersonHandler):
    """`/resumes/add_watch/<resume_id>`."""

    contract = Contract("Make a resume a favourite", query=OfFeed)
    methods = ("GET", "POST")

    params: OfFeed

    async def handle(self, resume_id: str) -> None:
        """The resume must be or have been in a list of the account. A second time changes nothing.

        The feed learns from it: similar candidates score higher from then on.
        """
        await self.require_listed(resume_id, self.params.feed_id)
        await self.records.watch(self.member, resume_id, self.params.feed_id)
        self.learner.wake()
        self.ok()


class RemoveWatchHandler(PersonHandler):
    """`/resumes/remove_watch/<resume_id>`."""

    contract = Contract("Remove a resume from the favourites", query=OfFeed)
    methods = ("GET", "POST")

    params: OfFeed

    async def handle(self, resume_id: str) -> None:
        """Removing one that is no favourite is `ok` too."""
        await self.require_listed(resume_id, self.params.feed_id)
        await self.records.unwatch(self.member, resume_id)
        self.learner.wake()
        self.ok()


class UnlockHandler(PersonHandler):
    """Base of the endpoints that unlock contacts. Each person counts once, as far as keys say who is one."""

    accounts: Accounts
    fairness: Fairness
    allowances: Allowances
    throttle: Throttle
    limits: LimitPolicy
    persons: Persons

    async def count(self, unlock: Unlock) -> None:
        """Count one more contact of the day.

        Raises:
            TooMany: There were as many as the account may unlock, or all young accounts of its address.
        """
        wait_s, event, whose = await self._take(unlock)
        if wait_s:
            self._report(event, "throttled")
            again = (datetime.now(UTC) + timedelta(seconds=wait_s)).astimezone(SHANGHAI)
            msg = (
                f"{whose}今日查看联系方式的次数已用完，{again.month}月{again.day}日 {again:%H:%M} 起可以继续"
            )
            raise await self.fairness.refusal("unlock", wait_s, msg)

    async def open(self, unlock: Unlock) -> Contact | None:
        """Unlock a contact that was counted, now or before; None where there is none to show or count."""
        contacts = await self.contacts.disclose(self.member, [unlock.resume], "unlock", self.request_id)
        contact = contacts.get(unlock.resume)
        # It may have become secret since, or the resume may have been erased.
        if contact is None or contact.status == "secret":
            if not unlock.is_done:
                await self._give_back(unlock)
            return None
        # Last, so that a contact counts as unlocked only where its reading is in the audit.
        await self.records.unlock(self.company_id, unlock.resume)
        if not unlock.is_done:
            await self._watch(unlock)
        return contact

    async def open_further(self, unlocks: Iterable[Unlock]) -> None:
        """Unlock what else is of a person whom the account joined, as far as its day has room."""
        for unlock in unlocks:
            wait_s, _, _ = await self._take(unlock)
            if wait_s:
                return
            await self.open(unlock)

    async def left(self) -> int:
        """How many more contacts the account may unlock in its day."""
        most = self.fairness.allowed(self.limits.unlock_per_day, is_vip=self.account.vip)
        left = await self.allowances.left(self.user_id, "unlock", most)
        origin = await self._origin()
        if not origin:
            return left
        return min(left, await self.allowances.left(origin, "address", self.limits.unlock_per_address))

    async def _take(self, unlock: Unlock) -> tuple[int, Event, str]:
        """Seconds until it may be counted, 0 where it was; and by whose bound, for the log and for people."""
        most = self.fairness.allowed(self.limits.unlock_per_day, is_vip=self.account.vip)
        if wait_s := await self.allowances.take(self.user_id, "unlock", most, of=unlock.counted_by):
            return wait_s, "unlock", ""
        origin = await self._origin()
        if not origin:
            return 0, "unlock", ""
        # A VIP has no more of it: it bounds what one person does by many accounts.
        most, of = self.limits.unlock_per_address, self._of_address(unlock)
        wait_s = await self.allowances.take(origin, "address", most, of=of)
        if wait_s:
            await self.allowances.give_back(self.user_id, "unlock", of=unlock.counted_by)
        return wait_s, "unlock_address", "这个网络"

    async def _give_back(self, unlock: Unlock) -> None:
        await self.allowances.give_back(self.user_id, "unlock", of=unlock.counted_by)
        if origin := await self._origin():
            await self.allowances.give_back(origin, "address", of=self._of_address(unlock))

    async def _origin(self) -> str:
        """Where the account registered from lately; "" where that is not known any more."""
        return (await self.accounts.get(self.user_id)).origin

    def _of_address(self, unlock: Unlock) -> str:
        """What counts once at the address: two accounts that unlock one person are two."""
        return f"{self.user_id}:{unlock.counted_by}"

    async def _watch(self, unlock: Unlock) -> None:
        """Tell operators of an account that unlocks many at once, and of young ones that may be one person's.

        Each is told of once a window.
        """
        count = self.throttle.count
        if await count("unlock", self.user_id, _BURST_WINDOW_S) == BURST:
            self._report("unlock", "burst")
        origin = await self._origin()
        if not origin:
            return
        if await count("unlock_same", unlock.counted_by, _DAY_S) == MANY_OF_PERSON:
            self._report("unlock_same", "burst")
        is_first = await count("unlock_first", self.user_id, _DAY_S) == 1
        if is_first and await count("unlock_address", origin, _DAY_S) == MANY_OF_ADDRESS:
            self._report("unlock_address", "burst")

    def _report(self, event: Event, outcome: Outcome) -> None:
        self.report(event, outcome, self.user_id)


class DownloadHandler(UnlockHandler):
    """`POST /resumes/download/<resume_id>`."""

    results: Results

    contract = Contract("Unlock a contact", body=OfFeed, answer=DownloadAnswer)
    methods = ("POST",)

    form: OfFeed

    async def handle(self, resume_id: str) -> None:
        """Lists show the contact from now on. Every showing of it is audited.

        It is the person's: all their resumes show it then. One that is unlocked already is given again, and
        not counted again. Resumes that the account joined are unlocked with it, and count by themselves.
        """
        await self.require_listed(resume_id, self.form.feed_id)
        # Asked first, because `disclose` adds a row to the audit, and a secret contact is not disclosed.
        if (await self.contacts.statuses(self.company_id, [resume_id])).get(resume_id) == "secret":
            raise await self._secret()
        others = (await self.persons.groups_for(self.company_id, [resume_id]))[resume_id]
        asked, *further = await self.records.unlocks(self.company_id, [resume_id, *others])
        if not asked.is_done:
            await self.count(asked)
            # Before the one that was asked for, which is completed by them.
            await self.open_further(one for one in further if not one.is_done)
        contact = await self.open(asked)
        if contact is None:
            raise await self._secret()
        await self.results.note_unlocked(self.company_id, self.form.feed_id, resume_id)
        self.ok(contact_info=contact_info(resume_id, contact), unlocks_left=await self.left())

    async def _secret(self) -> Declined:
        left = await self.left()
        return Declined("secret", "候选人的联系方式保密", contact_info=ContactInfo(), unlocks_left=left)
