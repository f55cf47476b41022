"""Companies of several at servers that are processes, whose letters no test reads."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from config.settings import Settings
from store.accounts.companies import Member
from store.stores import Stores
from tests.support import Hr


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Stores]:
    """The stores of servers, for who sets a scene and looks behind it."""
    stores = Stores(settings.mongo_url, settings.mongo_db, settings.redis_url)
    try:
        yield stores
    finally:
        await stores.close()


async def joined(stores: Stores, owner: Hr, *others: Hr) -> None:
    """Take accounts, each alone in a company without feeds, into that of the first."""
    member = Member(owner.user, (await stores.accounts.get(owner.user)).company_id)
    for one in others:
        invitation = await stores.invitations.invite(member, one.email, "recruiter")
        async with stores.revocations.of(one.user):
            await stores.members.enter(one.user, invitation.id, invitation.serial)
