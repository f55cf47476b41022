"""Who is in a company: entering it, roles, leaving it.

    await members.enter(user, invitation_id, serial)
    await members.set_role(company, user, "owner")
    await members.remove(company, user, to=colleague)

Each is one transaction with all that follows from it. Whoever leaves takes nothing along: their feeds are a
colleague's, with lists, states and counts, and so is the coming back to those whom they marked last
(`heir_of`). They go on in a company of their own, in which there is nothing. Whoever calls has sessions read
anew, see `revocations`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from store.accounts.companies import OWNER, Companies, CompanyRole
from store.accounts.corporations import APP, kept_out
from store.accounts.identity import ways_from
from store.accounts.invitations import Invitation, Invitations
from store.bulk import bulk
from store.errors import HasFeeds, LastOwner, NotFound
from store.feeds.sharing import FeedSharing
from store.jobs.jobs import Jobs
from store.mongo import Database
from store.notes.candidate_records import CandidateRecords
from store.redis.events import Event
from store.results.counter_documents import changing
from store.transactions import Transaction, again_after_conflict

_FIELDS = dict.fromkeys(("company_id", "role", "name", "email", "heir_of", "wechat"), 1)
Row = Mapping[str, Any]


def sweep_of(id_: ObjectId) -> str:
    """The key of the job that deletes what is left of an account or a company that ends now."""
    return f"{id_}:{int(time.time())}"


class Members:
    """The collections `accounts` and `companies`, as far as accounts are in companies."""

    def __init__(self, database: Database, invitations: Invitations, jobs: Jobs) -> None:
        self._database = database
        self._jobs = jobs
        self._accounts = database.accounts
        self._companies = Companies(database)
        self._invitations = invitations
        self._sharing = FeedSharing(database)

    @again_after_conflict
    async def enter(self, user_id: str, invitation_id: str, serial: int) -> Invitation:
        """Take an account into the company that awaits it, out of the one in which it is alone.

        What is left of that one is deleted by `Deletions`, within seconds.

        Raises:
            InvitationOver: The invitation is not good.
            HasFeeds: The account has feeds, or others are in its company.
        """
        user = ObjectId(user_id)
        async with self._database.transaction():
            invitation = await self._invitations.take(invitation_id, serial)
            account = await self._require(user)
            before, company = account["company_id"], ObjectId(invitation.company)
            if before == company:
                return invitation
            await self._companies.touch(before)
            await self._companies.touch(company)
            others = await self._in(before, user)
            feeds = {"company": before, "deleted": False}
            if others or await self._database.feeds.find_one(feeds, {"_id": 1}) is not None:
                raise HasFeeds
            await self._database.companies.delete_one({"_id": before})
            await self._jobs.ask("deletion", sweep_of(before))
            fields = await self._companies.entered(company, invitation.role)
            await self._accounts.update_one({"_id": user}, {"$set": fields, "$unset": {"heir_of": ""}})
            # Who was here before works in no feed that a colleague has taken over.
            heirs = {"company_id": company, "heir_of": user}
            await self._accounts.update_many(heirs, {"$pull": {"heir_of": user}})
        return invitation

    async def require(self, company_id: str, user_id: str, *, stays_owner: bool = True) -> None:
        """Check that an account is in a company, and need not stay the owner that it may be.

        Raises:
            NotFound: It is not in it.
            LastOwner: It is the only owner, and would be none.
        """
        account = await self._require(ObjectId(user_id), ObjectId(company_id))
        if not stays_owner:
            await self._require_other_owner(account)

    @again_after_conflict
    async def set_role(self, company_id: str, user_id: str, role: CompanyRole) -> None:
        """Change what a member is.

        Raises:
            NotFound: They are not in the company.
            LastOwner: They are its only owner.
        """
        company, user = ObjectId(company_id), ObjectId(user_id)
        async with self._database.transaction():
            await self._companies.touch(company)
            account = await self._require(user, company)
            if role != OWNER:
                await self._require_other_owner(account)
                await self._invitations.end_of(company, user)
            await self._accounts.update_one({"_id": user}, {"$set": {"role": role}})

    @again_after_conflict
    async def remove(self, company_id: str, user_id: str, to: str) -> None:
        """Take a member out, whose feeds are a colleague's from then on; all their sessions end.

        They do not come back by WeCom, see `corporations`.

        Raises:
            NotFound: One of the two is not in the company.
            LastOwner: They are its only owner.
        """
        company, user = ObjectId(company_id), ObjectId(user_id)
        async with self._database.transaction() as t:
            await self._companies.touch(company)
            account = await self._require(user, company)
            heir = await self._require(ObjectId(to), company)
            await self._require_other_owner(account)
            await self._leave(account, heir, t)
            if change := kept_out(ways_from(account).get(APP)):
                await self._database.companies.update_one({"_id": company}, change)
            alone = await self._companies.found_for(account)
            await self._accounts.update_one(
                {"_id": user}, {"$set": alone, "$unset": {"heir_of": ""}, "$inc": {"epoch": 1}}
            )

    async def delete(self, user: ObjectId, t: Transaction) -> ObjectId | None:
        """Delete an account within a transaction, and its company where nobody else is in it; returns its id.

        Else its feeds are those of an owner; where it was the last one, of the member who came first, who is
        one from then on.
        """
        account = await self._accounts.find_one({"_id": user}, _FIELDS)
        if account is None:
            return None
        company: ObjectId = account["company_id"]
        await self._companies.touch(company)
        others = sorted(await self._in(company, user), key=lambda one: (one["role"] != OWNER, one["_id"]))
        if others:
            await self._leave(account, others[0], t)
            await self._accounts.update_one({"_id": others[0]["_id"]}, {"$set": {"role": OWNER}})
        await self._accounts.delete_one({"_id": user})
        if others:
            return None
        await self._database.companies.delete_one({"_id": company})
        return company

    async def _leave(self, account: Row, heir: Row, t: Transaction) -> None:
        """Give a member's part of the work to a colleague."""
        company, user = account["company_id"], account["_id"]
        feeds = await self._sharing.leave(company, user, heir["_id"])
        gone = [user, *account.get("heir_of", ())]
        await self._invitations.end_of(company, user)
        links = {"by": user, "company": company, "revoked": False}
        await self._database.handovers.update_many(links, {"$set": {"revoked": True}})
        await self._release(company, user, t)
        await self._accounts.update_one({"_id": heir["_id"]}, {"$addToSet": {"heir_of": {"$each": gone}}})
        t.tell(*(Event("feed", company=str(company), feed=feed) for feed in feeds))
        t.tell(*(Event("removed", company=str(company), feed=feed) for feed in feeds[:1]))

    async def _release(self, company: ObjectId, user: ObjectId, t: Transaction) -> None:
        """End the claims of whoever leaves, who makes no others: that writes the counters too."""
        await bulk(self._database.counters, [changing(company, {}, datetime.now(UTC))])
        records = CandidateRecords(self._database)
        for claim in await records.claimed(str(company)):
            if claim.by == str(user):
                await records.release(str(company), [claim.resume])
                await records.tell_claim(t, claim, str(company))

    async def _require(self, user: ObjectId, company: ObjectId | None = None) -> Row:
        account = await self._accounts.find_one({"_id": user}, _FIELDS)
        if account is None or company not in (None, account["company_id"]):
            raise NotFound(f"no member {user}")
        found: Row = account
        return found

    async def _require_other_owner(self, account: Row) -> None:
        others = await self._in(account["company_id"], account["_id"])
        if account["role"] == OWNER and not any(one["role"] == OWNER for one in others):
            raise LastOwner

    async def _in(self, company: ObjectId, but: ObjectId) -> list[Row]:
        """Who else is in a company."""
        rows = await self._accounts.find({"company_id": company}, _FIELDS).to_list(None)
        return [row for row in rows if row["_id"] != but]
