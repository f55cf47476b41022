"""The audit's chains: several processes append at once, and whatever is changed afterwards is named."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from store import spans
from store.audit import check as audit_check
from store.audit import retention as audit_retention
from store.audit.rows import Sealer, link
from store.errors import WriteFailed
from store.mongo import connect, whole
from store.stores import Stores

USER = str(ObjectId())
KEY = "the-key-of-the-test"


@pytest.fixture
def make_stores(settings, io_loop):
    """Stores of one more process, each with a chain of its own."""
    opened = []

    def make():
        async def one():
            return Stores(settings.mongo_url, settings.mongo_db, settings.redis_url, KEY)

        opened.append(io_loop.run_sync(one))
        return opened[-1]

    yield make
    for stores in opened:
        io_loop.run_sync(stores.close)


@pytest.fixture
def database(settings, io_loop):
    async def open_():
        return connect(settings.mongo_url)

    client = io_loop.run_sync(open_)
    yield whole(client[settings.mongo_db])
    io_loop.run_sync(lambda: client.drop_database(settings.mongo_db))
    client.close()


@pytest.fixture
def stores(make_stores, database, io_loop):
    made = make_stores()
    io_loop.run_sync(made.prepare)
    return made


async def broken(stores):
    return [line async for line in stores.audit_check.broken()]


async def write(stores, count, action="view"):
    for number in range(count):
        await stores.audit.record(USER, action, [str(ObjectId())], f"r{number}")


async def rows_of(database, chain=1):
    return await database.audit.find({"chain": chain}).sort("seq", 1).to_list(None)


async def test_what_is_appended_at_once_is_in_one_chain_that_holds(database, stores):
    await asyncio.gather(*(write(stores, 20) for _ in range(5)))
    assert await broken(stores) == []
    assert stores.audit_check.verified.rows == 100
    assert {row["chain"] for row in await database.audit.find({}).to_list(None)} == {1}


def test_each_process_has_a_chain_and_they_begin_at_once(make_stores, database, stores, io_loop):
    several = [make_stores() for _ in range(6)]

    async def all_at_once():
        await asyncio.gather(*(write(one, 10) for one in several for _ in range(3)))
        return await broken(stores)

    assert io_loop.run_sync(all_at_once) == []
    assert (stores.audit_check.verified.rows, stores.audit_check.verified.last) == (180, 6)


@pytest.mark.parametrize("change", [{"user": ObjectId()}, {"note": "x"}, {"resumes": []}], ids=list)
async def test_a_changed_row_is_named_and_no_other(database, stores, change):
    await write(stores, 9)
    id_ = (await rows_of(database))[4]["_id"]
    await database.audit.update_one({"_id": id_}, {"$set": change})
    told = f"audit row {id_} (chain 1, row 5) was changed, or is not where it was"
    assert await broken(stores) == [told]


async def test_a_changed_row_with_a_fresh_hash_is_named_and_what_follows_it(database, stores):
    await write(stores, 9)
    rows = await rows_of(database)
    forged = {**rows[4], "user": ObjectId()}
    forged["hash"] = link(rows[3]["hash"], forged)
    await database.audit.replace_one({"_id": forged["_id"]}, forged)
    lines = await broken(stores)
    assert [line.split()[2] for line in lines] == [str(rows[4]["_id"]), str(rows[5]["_id"])]


async def test_a_chain_that_is_computed_anew_lacks_the_seals(database, stores):
    await write(stores, 9)
    rows = await rows_of(database)
    hash_ = rows[3]["hash"]
    for row in rows[4:]:
        row["user"] = ObjectId()
        row["hash"] = hash_ = link(hash_, row)
        row["seal"] = Sealer.of("another-key").seal("row", hash_)
        await database.audit.replace_one({"_id": row["_id"]}, row)
    head = {"head.hash": hash_, "head.seal": Sealer.of("another-key").seal("head", b"")}
    await database.audit_chains.update_one({"_id": 1}, {"$set": head})
    lines = await broken(stores)
    assert lines[0] == "the head of audit chain 1 was changed"
    assert len(lines) == 6


@pytest.mark.parametrize(
    ("removed", "told"), [([1], "row 1"), ([5], "row 5"), ([5, 6], "rows 5 to 6"), ([8, 9], "rows 8 to 9")]
)
async def test_removed_rows_are_told_wherever_they_stood(database, stores, removed, told):
    await write(stores, 9)
    await database.audit.delete_many({"seq": {"$in": removed}})
    assert await broken(stores) == [f"audit chain 1 lacks {told}"]


@pytest.mark.parametrize(
    "place",
    [{}, {"chain": 1, "seq": 4}, {"chain": 1, "seq": 10}, {"chain": 1, "seq": "x"}, {"chain": 7, "seq": 1}],
    ids=str,
)
async def test_an_inserted_row_is_named_wherever_it_claims_to_stand(database, stores, place):
    await write(stores, 9)
    copy = {**(await rows_of(database))[3], "_id": ObjectId()}
    forged = {key: copy[key] for key in ("_id", "at", "user", "action", "resumes", "request")}
    if place:
        forged |= {**place, "hash": copy["hash"], "seal": copy["seal"]}
    await database.audit.insert_one(forged)
    lines = await broken(stores)
    assert any(str(forged["_id"]) in line for line in lines), lines


async def test_a_removed_chain_a_moved_head_and_a_changed_registry_are_told(database, stores):
    await write(stores, 3)
    old = await database.audit_chains.find_one({"_id": 1})
    await write(stores, 3)
    await database.audit_chains.update_one({"_id": 1}, {"$set": {"head.seq": 4}})
    assert "the head of audit chain 1 was changed" in await broken(stores)
    await database.audit_chains.replace_one({"_id": 1}, {**old, "opened_at": old["opened_at"] - timedelta(1)})
    assert "audit chain 1 was changed" in await broken(stores)
    await database.audit_chains.delete_one({"_id": 1})
    assert "audit chain 1 is missing" in await broken(stores)
    for change in ({"$set": {"last": 0}}, {"$unset": {"seal": ""}}):
        await database.audit_chains.update_one({"_id": 0}, change)
        assert "the audit's registry of chains was changed" in await broken(stores)
    await database.audit_chains.insert_one(old)
    await database.audit_chains.delete_one({"_id": 0})
    assert "the audit's registry of chains is missing" in await broken(stores)


async def test_what_fails_or_is_cancelled_leaves_chains_that_hold(database, stores):
    await write(stores, 3)
    real = stores._chain._chains

    class Gone:
        """The head does not move any more, as after a kill between the two writes."""

        def __getattr__(self, name):
            return getattr(real, name)

        async def update_one(self, *_):
            raise WriteFailed("gone")

    stores._chain._chains = Gone()
    with pytest.raises(WriteFailed):
        await write(stores, 1)
    stores._chain._chains = real
    first = asyncio.create_task(write(stores, 1))
    others = [asyncio.create_task(write(stores, 1)) for _ in range(5)]
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(*others)
    assert await broken(stores) == []
    assert stores.audit_check.verified.rows >= 3 + 1 + 5


async def test_who_has_another_key_verifies_links_alone_and_says_so(database, stores, settings):
    await write(stores, 3)
    other = Stores(settings.mongo_url, settings.mongo_db, settings.redis_url, "another-key")
    assert await broken(other) == []
    assert other.audit_check.verified.foreign == [1]
    await database.audit.update_one({"seq": 2}, {"$set": {"user": ObjectId()}})
    assert len(await broken(other)) == 1
    await other.close()


async def test_old_rows_end_and_the_others_still_prove_themselves(database, stores, monkeypatch):
    monkeypatch.setattr(audit_retention, "_PART", 4)
    monkeypatch.setattr(audit_check, "_PART", 4)
    await write(stores, 10)
    border = datetime.now(UTC) + timedelta(milliseconds=1)
    await asyncio.sleep(0.01)
    await write(stores, 5)
    assert await stores.audit_retention.cut(border) == 10
    assert await stores.audit_retention.cut(border) == 0
    assert [row["seq"] for row in await rows_of(database)] == [11, 12, 13, 14, 15]
    assert await broken(stores) == []
    await write(stores, 1)
    await database.audit.delete_one({"seq": 11})
    assert await broken(stores) == ["audit chain 1 lacks row 11"]


async def test_a_cut_that_was_killed_is_finished_by_the_next_and_hides_no_forgery(database, stores):
    await write(stores, 10)
    rows = await rows_of(database)
    await stores.audit_retention.cut(rows[4]["at"] + timedelta(milliseconds=1))
    left = [row for row in rows if row["seq"] not in {row["seq"] for row in await rows_of(database)}]
    await database.audit.insert_many(left)  # the base is stored, the rows are not removed yet
    assert await broken(stores) == []
    await database.audit.update_one({"_id": left[0]["_id"]}, {"$set": {"hash": b"x"}})
    assert len(await broken(stores)) == 1
    await stores.audit_retention.cut(datetime.now(UTC) - timedelta(days=1))
    assert await broken(stores) == []
    assert stores.audit_check.verified.rows == 10 - len(left)


async def test_history_finds_rows_by_account_resume_and_time(database, stores, monkeypatch):
    monkeypatch.setattr(spans, "_AIM", 2)
    other, resume = str(ObjectId()), str(ObjectId())
    await write(stores, 7)
    await stores.audit.record(other, "unlock", [resume], "r")
    await stores.audit.record(None, "operator", [], "", command="person --erase")
    history = stores.audit_history
    assert [row.seq for row in await history.rows()] == list(range(1, 10))
    assert [row.resumes for row in await history.rows(account=other)] == [[resume]]
    assert [row.account for row in await history.rows(resume=resume)] == [other]
    assert await history.rows(resume=resume, account=USER) == []
    assert await history.rows(since=datetime.now(UTC) + timedelta(minutes=1)) == []
    (command,) = await history.commands(datetime.now(UTC) - timedelta(minutes=1))
    assert (command.command, command.account) == ("person --erase", "")
