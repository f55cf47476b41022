"""Each account is in a company, which goes with the last account in it."""

import asyncio
from contextvars import Context

import pytest
from bson import ObjectId

from store.errors import EmailTaken
from tests.integration.stored import new_account, new_feed
from tests.integration.sweeps import swept


async def two_in_one(stores):
    """Two accounts in the company of the first."""
    first, second = await new_account(stores), await new_account(stores, 2)
    change = {"$set": {"company_id": ObjectId(first.company_id), "role": "recruiter"}}
    await stores._database.accounts.update_one({"_id": ObjectId(second.id)}, change)
    await stores._database.companies.delete_one({"_id": ObjectId(second.company_id)})
    return first, second


async def companies(stores):
    return await stores._database.companies.find({}).to_list(None)


async def broken(stores):
    return [line async for line in stores.invariants.broken()]


async def test_registering_makes_one_that_has_the_accounts_id_and_name(stores):
    made = await new_account(stores)
    (company,) = await companies(stores)
    assert (made.company_id, made.role) == (made.id, "owner")
    assert (str(company["_id"]), company["name"]) == (made.id, "公司1")
    await stores.accounts.set_profile(made.id, company_name="新名")
    assert [one["name"] for one in await companies(stores)] == ["新名"]
    token = await stores.sessions.create(made.id)
    held = await stores.sessions.account_of(made.id, token)
    assert held is not None
    assert held.company_id == made.id
    assert await broken(stores) == []


async def test_an_address_that_is_taken_makes_none(stores):
    await new_account(stores)
    with pytest.raises(EmailTaken):
        await new_account(stores)
    assert len(await companies(stores)) == 1


async def test_it_stays_while_somebody_is_in_it(stores):
    first, second = await two_in_one(stores)
    feed = await new_feed(stores, first.id)
    await stores.deletions.delete(first.id)
    await swept(stores, first.id)
    assert (await stores.feeds.get(first.company_id, feed.id)).form.title == "会计"
    assert await broken(stores) == []
    await stores.deletions.delete(second.id)
    assert await companies(stores) == []
    assert (await stores._database.feeds.find_one({}))["form"] == {"title": ""}


async def test_of_two_who_leave_at_once_one_takes_it_along(stores):
    both = await two_in_one(stores)
    leaving = [asyncio.create_task(stores.deletions.delete(one.id), context=Context()) for one in both]
    await asyncio.gather(*leaving)
    assert await companies(stores) == []


async def test_the_check_finds_one_without_accounts_and_an_account_without_one(stores):
    first, second = await new_account(stores), await new_account(stores, 2)
    await stores._database.accounts.delete_one({"_id": ObjectId(first.id)})
    await stores._database.companies.delete_one({"_id": ObjectId(second.id)})
    assert sorted(await broken(stores)) == [
        f"account {second.id} is in company {second.id}, which is not there",
        f"company {first.id} has no account",
    ]
