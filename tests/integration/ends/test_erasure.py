"""An erased person is nowhere, whoever still wrote about them and whoever died in the middle."""

import asyncio
from datetime import UTC, datetime, timedelta

import bson
import pytest
from bson import ObjectId

from store.ends import erasures as module
from store.errors import NotFound
from tests.integration.engines import another
from tests.integration.gates import Gate, Killed, Trap
from tests.integration.processes import check_stores, manage, urls
from tests.support import PYTHON_FEED, Hr, alone, eventually, nurse_resume, python_resume

PERSON = {
    "name": "欧阳翡翠",
    "phone": "10000654321",
    "email": "feicui.ouyang@example.com",
    "qq": "100998877",
    "self_evaluation": "熟悉Python，业余修复紫砂茶壶",
}
NEEDLES = [*PERSON.values(), "紫砂", "备注说她很好"]


@pytest.fixture
def erasures(server):
    return server.stores.erasures


async def everything(server):
    """All that is stored, as (where, bytes)."""
    database = server.stores._database
    for name in await database.list_collection_names():
        async for document in database[name].find({}):
            yield name, bson.encode(document)
    redis = server.stores._redis.client
    for key in await redis.keys("*"):
        kind = await redis.type(key)
        if kind == "none":
            continue  # its time was up between the two questions
        read = {
            "stream": redis.xrange,
            "string": redis.get,
            "set": redis.smembers,
            "zset": lambda key: redis.zrange(key, 0, -1),
        }
        assert kind in read, f"{key} is a {kind}, which this test cannot read"
        value = await read[kind](key)
        yield "redis", f"{key} {value}".encode()


async def places(server):
    """The places where something of the person is."""
    return {
        where
        async for where, content in everything(server)
        if any(needle.encode() in content for needle in NEEDLES)
    }


async def about(server, resume):
    """The collections that say anything about a resume, those apart that are meant to."""
    id_ = ObjectId(resume).binary
    return {
        where async for where, content in everything(server) if id_ in content or resume.encode() in content
    } - {"erasures", "audit"}


async def all_delivered(server):
    """Wait until the stream of work is empty: a resume is taken off it a moment after it is scored."""

    async def is_empty():
        return not await server.stores.queue.behind()

    await eventually(is_empty, what="the end of the deliveries")


async def broken(server):
    return [line async for line in server.stores.invariants.broken()]


async def test_nothing_of_an_erased_person_is_found_anywhere(server, hr, other_hr, erasures):
    feeds = [await one.submit(**PYTHON_FEED) for one in (hr, other_hr)]
    id_, neighbour = await hr.scored(python_resume(**PERSON), python_resume())
    stores = server.stores
    await hr.get(f"/feed/get/{feeds[0]}/{id_}")
    await stores.person_records.watch(alone(hr.user), id_, feeds[0])
    await stores.person_records.unlock(hr.user, id_)
    await stores.person_records.comment(alone(hr.user), id_, "备注说她很好")
    await stores.person_records.mark(alone(other_hr.user), id_, feeds[1], "已面试", True)
    await stores.contacts.disclose(alone(hr.user), [id_], "unlock", "r")
    await all_delivered(server)
    assert await places(server) >= {"resumes", "contacts", "candidate_records"}
    assert await about(server, id_) >= {"resumes", "contacts", "profiles", "results", "candidate_records"}

    lists = await erasures.erase(id_)
    assert lists == {(hr.user, feeds[0]), (other_hr.user, feeds[1])}
    assert await places(server) == set()
    assert await about(server, id_) == set()
    assert [item["resume"]["id"] for item in await hr.results(feeds[0])] == [neighbour]
    assert [await one.unread(feed) for one, feed in ((hr, feeds[0]), (other_hr, feeds[1]))] == [1, 1]
    assert (await hr.get(f"/feed/get/{feeds[0]}/{id_}")).http == 404
    (entry,) = await stores.audit.reads_of(id_)
    assert (entry.user, entry.action) == (hr.user, "unlock")
    assert await broken(server) == []


async def test_erasing_again_is_harmless_and_erasing_nobody_is_not_found(server, api, erasures):
    (id_,) = await api.scored(python_resume())
    for unknown in (str(ObjectId()), "no id"):
        with pytest.raises(NotFound):
            await erasures.erase(unknown)
    outcomes = await asyncio.gather(*(erasures.erase(id_) for _ in range(5)))
    assert outcomes == [set()] * 5
    assert await erasures.erase(id_) == set()
    (tombstone,) = await server.stores._database.erasures.find({}).to_list(None)
    assert tombstone.keys() == {"_id", "rev", "source", "erased_at"}


async def test_an_update_that_comes_in_the_middle_is_refused_or_erased_too(server, api, erasures):
    resume = python_resume(**PERSON)
    (id_,) = await api.scored(resume)
    gate = Gate(server.stores.resumes, "_write")
    updating = asyncio.create_task(api.ingest(resume | {"phone": "10000000009"}))
    await gate.reached.wait()
    await erasures.erase(id_)
    gate.open()
    answer = await updating
    assert answer["updated"] == 0
    assert [one["status"] for one in answer["rejected"]] == ["erased"]
    await all_delivered(server)
    assert await about(server, id_) == set()
    assert await places(server) == set()


STEPS = [("contacts", "comparable"), ("lookalikes", "settle"), ("profiles", "save"), ("results", "save")]


@pytest.mark.parametrize(("part", "step"), STEPS)
async def test_a_worker_that_still_saw_the_resume_leaves_nothing(server, hr, part, step):
    feed_id = await hr.submit(**PYTHON_FEED)
    gate = Gate(getattr(server.stores, part), step)
    (id_,) = (await hr.ingest(python_resume(**PERSON)))["ids"]
    await gate.reached.wait()
    await server.stores.erasures.erase(id_)
    gate.open()
    await all_delivered(server)
    assert await about(server, id_) == set()
    assert await places(server) == set()
    assert await hr.results(feed_id) == []
    assert await hr.unread(feed_id) == 0
    assert await broken(server) == []


@pytest.mark.parametrize("step", ["save_spared", "save", "settle_saved"])
async def test_a_backfill_that_still_saw_the_resume_leaves_nothing(server, hr, step):
    id_, neighbour = await hr.scored(python_resume(**PERSON), python_resume())
    await all_delivered(server)
    gate = Gate(server.stores.results, step)
    feed_id = await hr.submit(wait=False, **PYTHON_FEED)
    await gate.reached.wait()
    await server.stores.erasures.erase(id_)
    gate.open()
    await hr.calced(feed_id)
    assert await about(server, id_) == set()
    assert [item["resume"]["id"] for item in await hr.results(feed_id)] == [neighbour]
    assert await broken(server) == []


async def test_a_learner_that_still_saw_the_resume_has_learned_nothing_of_it(server, hr):
    feed_id, (id_,) = await hr.feed_with(python_resume(**PERSON))
    gate = Gate(server.stores.feedback, "save")
    await hr.get(f"/feed/get/{feed_id}/{id_}")
    await gate.reached.wait()
    await server.stores.erasures.erase(id_)
    gate.open()

    async def has_learned():
        return not (await server.stores.feedback.begin(hr.user, feed_id)).is_needed

    await eventually(has_learned, what="the next round")
    assert await about(server, id_) == set()
    assert await broken(server) == []


async def test_one_who_comes_again_is_new_and_a_late_worker_does_not_spoil_it(server, settings, analyzer, hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    resume = python_resume(**PERSON)
    late = Gate(server.stores.lookalikes, "settle")
    (id_,) = (await hr.ingest(resume))["ids"]
    await late.reached.wait()
    async with another(settings, analyzer) as second:
        await second.stores.erasures.erase(id_)
        await second.stores.erasures.lift(id_)
        nurse = nurse_resume(source_id=resume["source_id"], name="新人", phone="10000000002")
        answer = await Hr(second.port).ingest(nurse)
        assert (answer["accepted"], answer["updated"], answer["ids"]) == (1, 0, [id_])
        await hr.all_scored()  # by the second
        late.open()
        await all_delivered(server)
        assert await places(server) == set()
        assert await hr.results(feed_id) == []
        found = await server.stores.contacts.disclose(alone(hr.user), [id_], "list", "r")
        assert (found[id_].name, found[id_].phone) == ("新人", "10000000002")
        assert await broken(server) == []


@pytest.mark.long
@pytest.mark.parametrize("step", ["_thin_out", "_bury", "_delete", "_delete_results"])
async def test_an_erasure_that_is_killed_has_erased_nothing(server, hr, erasures, step):
    feed_id, (id_,) = await hr.feed_with(python_resume(**PERSON))
    trap = Trap(erasures, step)
    with pytest.raises(Killed):
        await erasures.erase(id_)
    trap.take_away()
    assert await hr.unread(feed_id) == 1
    assert await erasures.since(datetime.now(UTC) - timedelta(hours=1)) == []
    assert await broken(server) == []
    await erasures.erase(id_)
    assert await about(server, id_) == set()


async def test_one_who_is_in_very_many_lists_leaves_them_some_at_a_time(server, hr, erasures, monkeypatch):
    monkeypatch.setattr(module, "_MOST", 2)
    feeds = [await hr.submit(**PYTHON_FEED) for _ in range(5)]
    id_, _ = await hr.scored(python_resume(**PERSON), python_resume())
    assert await erasures.erase(id_) == {(hr.user, feed) for feed in feeds}
    assert await about(server, id_) == set()
    assert [await hr.unread(feed) for feed in feeds] == [1] * 5
    assert await broken(server) == []


async def test_one_who_comes_again_starts_unread_without_favourite_and_above_the_tombstone(
    server, hr, erasures
):
    feed_id = await hr.submit(**PYTHON_FEED)
    resume = python_resume()
    (id_,) = await hr.scored(resume)
    await hr.scored(resume | {"age": 29})
    await hr.get(f"/feed/get/{feed_id}/{id_}")
    await server.stores.person_records.watch(alone(hr.user), id_, feed_id)
    assert await erasures.erase(id_) == {(hr.user, feed_id)}
    assert await erasures.lift(id_)
    assert await hr.scored(resume) == [id_]
    assert await hr.unread(feed_id) == 1
    assert await server.stores.candidate_records.find_for(hr.user, [id_]) == {}
    rev, _ = (await server.stores.resumes.revisions([id_]))[id_]
    assert rev == 3
    assert await broken(server) == []
    await all_delivered(server)
    await erasures.erase(id_)
    assert await about(server, id_) == set()


async def test_check_tells_what_is_about_nobody(server, hr):
    (id_,) = await hr.scored(python_resume())
    database = server.stores._database
    await server.stores.person_records.unlock(hr.user, id_)
    assert await broken(server) == []
    await database.candidate_records.insert_one(
        {"_id": ObjectId(), "company": ObjectId(hr.user), "resume": ObjectId(id_), "marks": []}
    )
    assert [line.split(maxsplit=3)[3] for line in await broken(server)] == ["has an id of something else"]
    await database.candidate_records.delete_many({"marks": []})
    await database.resumes.delete_many({})
    assert sorted(line.replace(id_, "ID").split()[0] for line in await broken(server)) == [
        "candidate",
        "contact",
        "profile",
    ]
    assert all(line.endswith("has no resume") for line in await broken(server))


@pytest.mark.long
async def test_the_command_erases_beside_a_running_server(server, hr, settings):
    feed_id, (id_, _) = await hr.feed_with(python_resume(), python_resume())
    live = await hr.live(total=2)

    async def run(*words):
        return await asyncio.to_thread(manage, settings.data_dir, *words, **urls(settings))

    erased = await run("erase-resume", id_.upper())
    assert erased.returncode == 0, erased.stderr
    assert f"resume {id_} is erased, lists that had it: 1" in erased.stdout.decode()
    await live.until("unread", feed_id=feed_id, unread_count=1, within_s=70)  # a lost hint costs a minute
    assert (await run("erase-resume", id_)).returncode == 0
    for words, status, told in (("0" * 24, 1, b"no resume"), ("x", 2, b"24 hex digits")):
        outcome = await run("erase-resume", words)
        assert outcome.returncode == status
        assert told in outcome.stderr
        assert b"Traceback" not in outcome.stderr
    await asyncio.to_thread(check_stores, settings.data_dir, **urls(settings))
