"""What accounts that registered lately from one address may unlock together, and when that is forgotten."""

import asyncio
import itertools
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from bson import ObjectId

from handlers.people import people
from store.accounts.accounts import ORIGIN_FOR
from store.ends.expiry import expire
from tests.support import PASSWORD, PYTHON_FEED, Api, Hr, change_account, contact_of, python_resume

HERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"
MOST = 3
NUMBERS = itertools.count(1)


pytestmark = pytest.mark.settings(unlock_per_day=10, unlock_per_address=MOST, register_per_minute=1_000)


async def register(server, address):
    """An account that registers from an address, as a proxy in front names it."""
    email = f"young{next(NUMBERS)}@example.com"
    form = {"user_email": email, "password": PASSWORD, "company_name": "公司", "phone": "010-12345678"}
    headers = {"X-Real-Ip": address}
    answer = await Api(server.port).call("POST", "/hr/register/", form=form, headers=headers)
    return Hr.logged_in(server.port, email, answer["auth_info"])


@pytest.fixture
def ids(hr, io_loop):
    """People whom every account's feed lists."""

    async def make():
        sent = [python_resume(**contact_of(f"person {number}")) for number in range(MOST + 2)]
        return [(await hr.ingest(one))["ids"][0] for one in sent]

    return io_loop.run_sync(make, timeout=60)


async def young(server, address):
    """Such an account with a feed that lists the people; it unlocks by `unlock`."""
    hr = await register(server, address)
    await hr.all_scored()
    feed_id = await hr.submit(**PYTHON_FEED)

    async def unlock(resume_id):
        return await hr.unlock(feed_id, resume_id)

    return SimpleNamespace(hr=hr, unlock=unlock, user=hr.user)


async def document_of(server, one):
    return await server.stores._database.accounts.find_one({"_id": ObjectId(one.user)})


@pytest.mark.long
async def test_all_young_accounts_of_one_address_share_a_day(server, ids):
    first, second = [await young(server, HERE) for _ in range(2)]
    assert [(await first.unlock(id_))["unlocks_left"] for id_ in ids[:2]] == [2, 1]
    # Whom another account has unlocked counts for this one too.
    assert (await second.unlock(ids[0]))["unlocks_left"] == 0
    for one in (first, second):
        refused = await one.unlock(ids[3])
        assert (refused.http, refused.status) == (429, "too_many")
        assert 86_000 < int(refused.headers["Retry-After"]) <= 86_400
        assert refused["msg"].startswith("这个网络今日查看联系方式的次数已用完，")
        assert await server.stores.audit.reads_of(ids[3]) == []
    # A refusal takes nothing of the account's own day, and what is unlocked stays so.
    assert await server.stores.allowances.left(second.user, "unlock", 10) == 9
    assert (await first.unlock(ids[0])).status == "ok"
    # It is kept in MongoDB, and a VIP has no more of it.
    await server.stores._redis.client.flushall()
    await change_account(server.stores, first.user, vip=True)
    assert (await first.unlock(ids[3])).http == 429
    # A new account there has nothing left, and one of another address has its own.
    assert (await (await young(server, HERE)).unlock(ids[3])).http == 429
    assert (await (await young(server, ELSEWHERE)).unlock(ids[3])).status == "ok"


async def test_of_ipv6_a_network_of_64_bits_is_one_address(server, ids):
    near = [await young(server, address) for address in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9")]
    for number in range(MOST):
        assert (await near[number % 2].unlock(ids[number])).status == "ok"
    assert [(await one.unlock(ids[MOST])).http for one in near] == [429, 429]
    assert (await (await young(server, "2001:db8:1:3::1")).unlock(ids[MOST])).status == "ok"


async def test_who_unlocks_at_once_unlocks_no_more_together(server, ids):
    accounts = [await young(server, HERE) for _ in range(3)]
    answers = await asyncio.gather(*(one.unlock(id_) for one in accounts for id_ in ids[:2]))
    assert sorted(answer.http for answer in answers) == [200] * MOST + [429] * (6 - MOST)
    left = [await server.stores.allowances.left(one.user, "unlock", 10) for one in accounts]
    assert sum(left) == 30 - MOST


async def test_an_account_is_bound_for_thirty_days_and_then_nothing_says_where_it_was(server, ids):
    one = await young(server, HERE)
    for id_ in ids[:MOST]:
        assert (await one.unlock(id_)).status == "ok"
    document = await document_of(server, one)
    assert HERE not in str(document)
    assert document["origin_until"] - document["created_at"] == ORIGIN_FOR == timedelta(days=30)
    accounts = server.stores._database.accounts
    past = datetime.now(UTC) - timedelta(seconds=1)
    await accounts.update_one({"_id": document["_id"]}, {"$set": {"origin_until": past}})
    assert (await one.unlock(ids[MOST])).status == "ok"
    # Another that is young still keeps where it came from.
    other = await register(server, HERE)
    assert sum([count async for count in expire(server.stores._database, datetime.now(UTC))]) >= 1
    document = await document_of(server, one)
    assert document["email"] == one.hr.email
    assert not document.keys() & {"origin", "origin_until"}
    assert (await document_of(server, other))["origin"]


async def test_who_is_deleted_leaves_nothing_of_where_they_came_from(server, ids):
    one = await young(server, HERE)
    origin = (await server.stores.accounts.get(one.user)).origin
    await server.stores.deletions.delete(one.user)
    for name in await server.stores._database.list_collection_names():
        found = await server.stores._database[name].find({}).to_list(None)
        assert origin not in str(found), name


async def test_what_an_operator_makes_is_from_nowhere(server):
    account = await server.stores.accounts.create(
        email="made@example.com", password_hash="x", company_name="公司", phone="12345"
    )
    assert account.origin == ""


async def test_accounts_that_look_like_one_persons_are_told_of_once(server, ids, monkeypatch, caplog):
    monkeypatch.setattr(people, "MANY_OF_ADDRESS", 2)
    monkeypatch.setattr(people, "MANY_OF_PERSON", 3)
    here = [await young(server, HERE) for _ in range(2)]
    elsewhere = await young(server, ELSEWHERE)

    def told():
        lines = [record.data for record in caplog.records if record.name == "talentfeed.security"]
        return [(one["event"], one["outcome"]) for one in lines if one["event"].startswith("unlock")]

    async def counted():
        text = (await here[0].hr.get("/metrics")).body.decode()
        found = re.findall(r'security_events_total\{event="(unlock\w+)",outcome="(\w+)"\} (\S+)', text)
        return Counter({(event, outcome): float(count) for event, outcome, count in found})

    before = await counted()
    assert (await here[0].unlock(ids[0])).status == "ok"
    assert told() == []
    assert (await here[1].unlock(ids[0])).status == "ok"
    assert told() == [("unlock_address", "burst")]
    assert (await elsewhere.unlock(ids[0])).status == "ok"
    assert told()[1:] == [("unlock_same", "burst")]
    assert (await here[1].unlock(ids[1])).status == "ok"
    assert (await here[0].unlock(ids[2])).http == 429
    assert told()[2:] == [("unlock_address", "throttled")]
    assert await counted() - before == Counter(told())
