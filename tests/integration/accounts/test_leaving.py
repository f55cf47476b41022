"""Whoever leaves a company, and what is given to them or made by them at that moment: nothing is lost."""

import asyncio

import pytest

from store.accounts.companies import Member
from store.errors import InvitationOver, NotAllowed, NotFound
from tests.integration.gates import Gate, beside, done_again
from tests.integration.stored import ACCOUNTING, new_account
from tests.support import eventually


async def team(stores, count=3):
    """Accounts of one company; the first is its owner."""
    made = []
    for number in range(count):
        account = await new_account(stores, number)
        if made:
            invitation = await stores.invitations.invite(made[0], account.email, "recruiter")
            await stores.members.enter(account.id, invitation.id, invitation.serial)
        made.append(Member(account.id, made[0].company if made else account.company_id))
    return made


async def submit(stores, member):
    return (await stores.feeds.create(member, ACCOUNTING, quota=5, service_days=1, vip=False)).id


async def leaves_within(stores, gate, work, leaver, heir):
    """Begin something that the gate holds in its transaction, have somebody leave, and let it go on."""
    before, held = done_again(), beside(work)
    await gate.reached.wait()
    leaving = beside(stores.members.remove(leaver.company, leaver.user, heir.user))
    await eventually(
        lambda: leaving.done() or done_again() > before, what="the end of the removal, or its conflict"
    )
    gate.open()
    await leaving
    return (await asyncio.gather(held, return_exceptions=True))[0]


async def test_a_feed_that_is_given_to_somebody_who_leaves_is_their_heirs(stores):
    owner, wei, lan = await team(stores)
    feed = await submit(stores, owner)
    gate = Gate(stores.feeds._sharing, "give")
    giving = stores.feeds.transfer(owner.company, feed, wei.user)
    await leaves_within(stores, gate, giving, wei, lan)
    assert (await stores.feeds.get(owner.company, feed)).owner in (owner.user, lan.user)


async def test_a_feed_is_shared_with_nobody_who_leaves(stores):
    owner, wei, lan = await team(stores)
    feed = await submit(stores, owner)
    gate = Gate(stores.feeds._feeds, "update_one")
    sharing = stores.feeds.share(owner.company, feed, {wei.user: "work", lan.user: "view"})
    await leaves_within(stores, gate, sharing, wei, lan)
    assert wei.user not in (await stores.feeds.get(owner.company, feed)).shares


async def test_who_leaves_makes_no_feed_and_claims_nobody_in_what_was_their_company(stores):
    owner, wei, lan = await team(stores)
    feed = await submit(stores, owner)
    gate = Gate(stores.feeds._jobs, "ask")
    made = await leaves_within(
        stores, gate, stores.feeds.create(wei, ACCOUNTING, quota=5, service_days=1, vip=False), wei, lan
    )
    feeds = await stores._database.feeds.find({}).to_list(None)
    assert {str(one["owner"]) for one in feeds} <= {owner.user, lan.user}, made
    with pytest.raises(NotFound):
        await submit(stores, wei)
    with pytest.raises(NotFound):
        await stores.person_records.claim(wei, "0" * 24, feed, "call")


async def test_an_invitation_ends_with_its_makers_part_in_the_company(stores):
    owner, wei, lan = await team(stores)
    company = owner.company
    for end in (
        lambda: stores.members.set_role(company, wei.user, "recruiter"),
        lambda: stores.members.remove(company, wei.user, lan.user),
    ):
        await stores.members.set_role(company, wei.user, "owner")
        invitation = await stores.invitations.invite(wei, "again@example.com", "owner")
        kept = await stores.invitations.invite(owner, "new@example.com", "recruiter")
        await end()
        with pytest.raises(InvitationOver):
            await stores.invitations.read(invitation.id)
        assert [one.id for one in await stores.invitations.list_for(company)] == [kept.id]


async def test_who_has_left_opens_the_company_to_no_corporation(stores):
    owner, wei, _ = await team(stores)
    await stores.members.set_role(owner.company, wei.user, "owner")
    await stores.members.remove(owner.company, wei.user, owner.user)
    with pytest.raises(NotAllowed):
        await stores.corporations.bind(wei, "ww1")
    assert await stores.corporations.of(owner.company) == ""
    await stores.corporations.bind(owner, "ww1")
    assert await stores.corporations.of(owner.company) == "ww1"
