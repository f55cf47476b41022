"""An erased person is nowhere, whoever still wrote about them and whoever died in the middle."""

import asyncio
from datetime import UTC, datetime, timedelta

import bson
import pytest
from bson import ObjectId

from process.life import Server
from services.tasks import finish_erasures
from store.errors import NotFound
from store.results.result_filter import ResultFilter
from store.retry import Sweep, sweep
from tests.integration.gates import Gate, Killed, Trap
from tests.integration.processes import manage
from tests.support import PYTHON_FEED, Hr, eventually, nurse_resume, python_resume

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


@pytest.fixture
def nobody_else(erasures):
    """No finisher: what is found clean was cleaned by the one that the test is about."""

    async def finish_recent():
        pass

    finish, erasures.finish_recent = erasures.finish_recent, finish_recent
    return finish


async def scored(api, *resumes):
    ids = (await api.ingest(*resumes))["ids"]
    await api.all_scored()
    return ids


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


async def make_older(server, minutes):
    """Let erasures have happened a while ago."""
    then = datetime.now(UTC) - timedelta(minutes=minutes)
    await server.stores._database.erasures.update_many({}, {"$set": {"erased_at": then}})


@pytest.mark.gen_test
async def test_nothing_of_an_erased_person_is_found_anywhere(server, hr, other_hr, erasures, nobody_else):
    feeds = [await one.submit(**PYTHON_FEED) for one in (hr, other_hr)]
    id_, neighbour = await scored(hr, python_resume(**PERSON), python_resume())
    stores = server.stores
    await hr.get(f"/feed/get/{feeds[0]}/{id_}")
    await stores.candidate_records.watch(hr.user, id_, feeds[0])
    await stores.candidate_records.unlock(hr.user, id_)
    await stores.candidate_records.comment(hr.user, id_, "备注说她很好")
    await stores.candidate_records.mark(other_hr.user, id_, feeds[1], "已面试", True)
    await stores.contacts.disclose(hr.user, [id_], "unlock", "r")
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


@pytest.mark.gen_test
async def test_erasing_again_is_harmless_and_erasing_nobody_is_not_found(server, api, erasures):
    (id_,) = await scored(api, python_resume())
    for unknown in (str(ObjectId()), "no id"):
        with pytest.raises(NotFound):
            await erasures.erase(unknown)
    outcomes = await asyncio.gather(*(erasures.erase(id_) for _ in range(5)))
    assert outcomes == [set()] * 5
    assert await erasures.erase(id_) == set()
    (tombstone,) = await server.stores._database.erasures.find({}).to_list(None)
    assert tombstone["done"] is True
    assert tombstone.keys() == {"_id", "rev", "source", "arrived_at", "erased_at", "done"}


@pytest.mark.gen_test
async def test_an_update_in_the_middle_of_an_erasure_is_erased_too(server, api, erasures):
    resume = python_resume(**PERSON)
    (id_,) = await scored(api, resume)
    gate = Gate(erasures, "_delete")
    erasing = asyncio.create_task(erasures.erase(id_))
    await gate.reached.wait()
    await scored(api, resume | {"phone": "10000000009"})
    await all_delivered(server)
    gate.open()
    await erasing
    assert await about(server, id_) == set()
    assert await places(server) == set()


def takes_the_resume(collection, *_):
    return collection == "resumes"


@pytest.mark.gen_test
async def test_a_worker_that_still_saw_the_resume_leaves_nothing(server, hr, nobody_else):
    await hr.submit(**PYTHON_FEED)
    late = Gate(server.stores.contacts, "put")
    (id_,) = (await hr.ingest(python_resume(**PERSON)))["ids"]
    await late.reached.wait()
    gate = Gate(server.stores.erasures, "_delete", takes_the_resume)
    erasing = asyncio.create_task(server.stores.erasures.erase(id_))
    await gate.reached.wait()
    late.open()
    await hr.all_scored()
    await all_delivered(server)
    # Its profile was written beside its contact, before the erasure or in it.
    assert await about(server, id_) - {"profiles"} == {"resumes", "contacts", "results"}
    gate.open()
    await erasing
    assert await about(server, id_) == set()


@pytest.mark.gen_test
async def test_one_who_comes_again_in_the_middle_of_an_erasure_is_unread(server, hr, nobody_else):
    feed_id = await hr.submit(**PYTHON_FEED)
    resume = python_resume()
    (id_,) = await scored(hr, resume)
    await hr.get(f"/feed/get/{feed_id}/{id_}")
    erasures = server.stores.erasures
    gone = Gate(erasures, "_delete", takes_the_resume)
    erasing = asyncio.create_task(erasures.erase(id_))
    await gone.reached.wait()
    last = Gate(erasures, "_delete_kept")
    gone.open()
    await last.reached.wait()
    await erasures.lift(id_)
    assert (await hr.ingest(resume))["accepted"] == 1
    await hr.all_scored()
    last.open()
    await erasing
    assert await hr.unread(feed_id) == 1


WRITES = [("contacts", "put"), ("profiles", "save"), ("results", "save")]


@pytest.mark.gen_test
@pytest.mark.parametrize(("part", "write"), WRITES)
async def test_a_worker_that_comes_late_clears_what_it_wrote(server, hr, nobody_else, part, write):
    feed_id = await hr.submit(**PYTHON_FEED)
    gate = Gate(getattr(server.stores, part), write)
    (id_,) = (await hr.ingest(python_resume(**PERSON)))["ids"]
    await gate.reached.wait()
    live = await hr.socket()
    await live.until("snapshot")
    await server.stores.erasures.erase(id_)
    assert await about(server, id_) <= {"redis"}
    settled = Gate(server.stores.erasures, "clear")
    gate.open()
    await settled.reached.wait()
    assert part in await about(server, id_)  # so there was something to clear
    await live.until("unread", unread_count=1)  # or nobody need be told that there is none
    settled.open()
    await live.until("unread", unread_count=0)

    async def is_clean():
        return await about(server, id_) == set()

    await eventually(is_clean, what="the late worker's cleaning")
    assert await places(server) == set()
    assert await hr.results(feed_id) == []


@pytest.mark.gen_test
async def test_a_resume_that_cannot_be_scored_and_is_erased_meanwhile_leaves_no_contact(
    server, api, analyzer, monkeypatch, nobody_else
):
    def fail(*_):
        raise ValueError

    monkeypatch.setattr(analyzer, "resume", fail)
    gate = Gate(server.stores.contacts, "put")
    (id_,) = (await api.ingest(python_resume(**PERSON)))["ids"]
    await gate.reached.wait()
    await server.stores.erasures.erase(id_)
    settled = Gate(server.stores.erasures, "clear")
    gate.open()
    await settled.reached.wait()
    assert "contacts" in await about(server, id_)
    settled.open()

    async def is_clean():
        return await about(server, id_) == set()

    await eventually(is_clean, what="the late worker's cleaning")


@pytest.mark.gen_test
async def test_a_backfill_that_comes_late_clears_what_it_wrote(server, hr, nobody_else):
    id_, neighbour = await scored(hr, python_resume(**PERSON), python_resume())
    await all_delivered(server)
    gate = Gate(server.stores.results, "save")
    feed_id = await hr.submit(wait=False, **PYTHON_FEED)
    await gate.reached.wait()
    await server.stores.erasures.erase(id_)
    settled = Gate(server.stores.erasures, "clear")
    gate.open()
    await settled.reached.wait()
    assert await about(server, id_) == {"results"}
    live = await hr.socket()
    await live.until("snapshot")
    settled.open()
    await live.until("unread", feed_id=feed_id, unread_count=1)
    await hr.calced(feed_id)
    assert await about(server, id_) == set()
    assert [item["resume"]["id"] for item in await hr.results(feed_id)] == [neighbour]
    assert await broken(server) == []


@pytest.mark.gen_test
async def test_one_who_comes_again_is_new_and_a_late_worker_does_not_spoil_it(
    server, settings, analyzer, hr, nobody_else
):
    feed_id = await hr.submit(**PYTHON_FEED)
    resume = python_resume(**PERSON)
    late = Gate(server.stores.contacts, "put")
    (id_,) = (await hr.ingest(resume))["ids"]
    await late.reached.wait()
    second = Server(settings, analyzer=analyzer)
    running = asyncio.create_task(second.run())
    await asyncio.gather(second.started.wait(), second._prepared.wait())
    second.stores.erasures.finish_recent = server.stores.erasures.finish_recent
    await second.stores.erasures.erase(id_)
    await second.stores.erasures.lift(id_)
    nurse = nurse_resume(source_id=resume["source_id"], name="新人", phone="10000000002")
    answer = await Hr(second.port).ingest(nurse)
    assert (answer["accepted"], answer["updated"], answer["ids"]) == (1, 0, [id_])
    await hr.all_scored()  # by the second
    again = Gate(
        server.stores.resumes, "requeue"
    )  # once it has cleared what it wrote, and let the resume wait
    again.open()
    late.open()
    await again.reached.wait()
    await hr.all_scored()
    assert await places(server) == set()
    assert await hr.results(feed_id) == []
    found = await server.stores.contacts.disclose(hr.user, [id_], "list", "r")
    assert (found[id_].name, found[id_].phone) == ("新人", "10000000002")
    assert await broken(server) == []
    await make_older(server, 2)
    assert await broken(server) == []
    second.stop()
    await running


@pytest.mark.gen_test
async def test_one_who_comes_again_starts_unread_without_favourite_and_above_the_tombstone(
    server, hr, erasures, nobody_else
):
    feed_id = await hr.submit(**PYTHON_FEED)
    resume = python_resume()
    (id_,) = await scored(hr, resume)
    await scored(hr, resume | {"age": 29})
    await hr.get(f"/feed/get/{feed_id}/{id_}")
    await server.stores.candidate_records.watch(hr.user, id_, feed_id)
    assert await erasures.erase(id_) == {(hr.user, feed_id)}
    assert await erasures.lift(id_)
    assert await scored(hr, resume) == [id_]
    assert await hr.unread(feed_id) == 1
    assert await server.stores.candidate_records.find_for(hr.user, [id_]) == {}
    rev, _ = (await server.stores.resumes.revisions([id_]))[id_]
    assert rev == 3
    for _ in range(2):  # neither the finisher nor a late process touches the new one
        await nobody_else()
        await erasures.clear([id_])
    assert await hr.unread(feed_id) == 1
    assert await broken(server) == []
    await all_delivered(server)
    await erasures.erase(id_)
    assert await about(server, id_) == set()


async def write_late(stores, old):
    """What a worker wrote that was killed before it looked again."""
    resume, profiles, results = old
    await stores.contacts.move([resume])
    await stores.profiles.save(profiles)
    await stores.results.save(results)
    await stores.candidate_records.trace([(results[0].user, resume.id)])


async def as_a_worker_has_it(stores, feed_id, id_):
    (resume,) = await stores.resumes.load([id_])
    user = (await stores.feeds.accounts_of([feed_id]))[feed_id]
    page = await stores.results.page(user, feed_id, ResultFilter(tier="all"), order="score", skip=0, limit=9)
    results = [result for result in page if result.resume == id_]
    return resume, await stores.profiles.load([id_]), results


@pytest.mark.gen_test
async def test_what_a_killed_worker_left_is_erased_within_minutes(server, hr, nobody_else):
    finish = nobody_else
    stores = server.stores
    feed_id = await hr.submit(**PYTHON_FEED)
    gate = Gate(stores.resumes, "mark_scored")
    (id_,) = (await hr.ingest(python_resume(**PERSON)))["ids"]
    await gate.reached.wait()
    old = await as_a_worker_has_it(stores, feed_id, id_)
    gate.open()
    await hr.all_scored()
    await all_delivered(server)
    await stores.erasures.erase(id_)
    await write_late(stores, old)
    assert await about(server, id_) == {"contacts", "profiles", "results", "candidate_records"}
    assert await broken(server) == []  # for a minute nobody need be alarmed
    await make_older(server, 2)
    assert {line.split()[0] for line in await broken(server)} == {"contact", "profile", "result", "candidate"}
    await finish()
    assert await about(server, id_) == set()
    await finish()


@pytest.mark.gen_test
async def test_the_finisher_spares_one_who_came_again(server, hr, nobody_else):
    finish = nobody_else
    stores = server.stores
    feed_id = await hr.submit(**PYTHON_FEED)
    resume = python_resume(**PERSON)
    gate = Gate(stores.resumes, "mark_scored")
    (id_,) = (await hr.ingest(resume))["ids"]
    await gate.reached.wait()
    old = await as_a_worker_has_it(stores, feed_id, id_)
    gate.open()
    await hr.all_scored()
    await stores.erasures.erase(id_)
    await stores.erasures.lift(id_)
    nurse = nurse_resume(source_id=resume["source_id"], name="新人")
    nurse_feed = await hr.submit(title="护士")
    await scored(hr, nurse)
    await stores.candidate_records.watch(hr.user, id_, nurse_feed)
    await write_late(stores, old)
    assert await hr.unread(feed_id) == 1  # the old one's
    await make_older(server, 2)
    assert [line.split()[-3:] for line in await broken(server)] == [["an", "erased", "resume"]]
    await finish()
    assert await hr.unread(feed_id) == 0
    assert await hr.unread(nurse_feed) == 1
    assert (await stores.contacts.disclose(hr.user, [id_], "list", "r"))[id_].name == "新人"
    assert await stores.candidate_records.count_watched(hr.user) == 1
    assert await places(server) == set()
    assert await broken(server) == []


@pytest.mark.gen_test
@pytest.mark.parametrize("step", ["_delete_kept", "_delete"])
async def test_an_erasure_that_is_killed_after_its_tombstone_is_finished(
    sweeping, server, hr, nobody_else, step
):
    feed_id = await hr.submit(**PYTHON_FEED)
    (id_,) = await scored(hr, python_resume(**PERSON))
    erasures = server.stores.erasures
    await all_delivered(server)
    trap = Trap(erasures, step)
    with pytest.raises(Killed):
        await erasures.erase(id_)
    trap.take_away()
    assert await about(server, id_) >= {"resumes", "contacts"}
    # What only repeats the resume meanwhile does not save it.
    await server.stores.resumes.requeue([id_])
    await hr.all_scored()
    await make_older(server, 2)
    assert f"erasure of {id_} is not finished" in await broken(server)
    live = await hr.socket()
    await live.until("snapshot")
    erasures.finish_recent = nobody_else
    again = asyncio.create_task(sweep([Sweep("erasure", lambda: finish_erasures(server.stores), 0.1)]))
    await live.until("unread", feed_id=feed_id, unread_count=0)

    async def is_done():
        return await server.stores._database.erasures.count_documents({"done": True}) == 1

    await eventually(is_done)
    again.cancel()
    assert await about(server, id_) == set()
    assert await places(server) == set()
    assert await broken(server) == []


@pytest.mark.gen_test
async def test_an_erasure_that_is_killed_after_the_resume_went_spares_one_who_came_again(
    server, hr, nobody_else
):
    resume = python_resume(**PERSON)
    (id_,) = await scored(hr, resume)
    erasures = server.stores.erasures
    kept = erasures._delete_kept
    calls = []

    async def twice_is_too_much(revs):
        calls.append(revs)
        if len(calls) == 2:
            raise Killed
        return await kept(revs)

    erasures._delete_kept = twice_is_too_much
    with pytest.raises(Killed):
        await erasures.erase(id_)
    erasures._delete_kept = kept
    assert await erasures.lift(id_)
    assert await scored(hr, nurse_resume(source_id=resume["source_id"], name="新人")) == [id_]
    await nobody_else()
    found = await server.stores.contacts.disclose(hr.user, [id_], "list", "r")
    assert found[id_].name == "新人"
    assert await server.stores._database.erasures.count_documents({"done": True}) == 1
    await make_older(server, 2)
    assert await broken(server) == []


@pytest.mark.gen_test
async def test_check_tells_what_is_about_nobody(server, hr):
    (id_,) = await scored(hr, python_resume())
    database = server.stores._database
    await server.stores.candidate_records.unlock(hr.user, id_)
    assert await broken(server) == []
    await database.candidate_records.insert_one(
        {"_id": ObjectId(), "user": ObjectId(hr.user), "resume": ObjectId(id_), "marks": []}
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


@pytest.mark.gen_test
async def test_the_command_erases_beside_a_running_server(start):
    engine = await start().ready()
    hr = await Hr.register(engine.port)
    feed_id = await hr.submit(**PYTHON_FEED)
    id_, _ = await scored(hr, python_resume(), python_resume())
    engine.stop()
    # Engines finish erasures: one could be who takes the result out of the list.
    process = await start(roles="web").ready()
    hr = Hr.logged_in(process.port, hr.email, {"user": hr.user, "token": hr.token})
    live = await hr.socket()
    await live.until("snapshot", total=2)
    erased = await asyncio.to_thread(manage, process.data_dir, "erase-resume", id_.upper())
    assert erased.returncode == 0, erased.stderr
    assert f"resume {id_} is erased, lists that had it: 1" in erased.stdout.decode()
    await live.until("unread", feed_id=feed_id, unread_count=1, within_s=70)  # a lost hint costs a minute
    again = await asyncio.to_thread(manage, process.data_dir, "erase-resume", id_)
    assert again.returncode == 0
    for words, status, told in (("0" * 24, 1, b"no resume"), ("x", 2, b"24 hex digits")):
        outcome = await asyncio.to_thread(manage, process.data_dir, "erase-resume", words)
        assert outcome.returncode == status
        assert told in outcome.stderr
        assert b"Traceback" not in outcome.stderr
    check = await asyncio.to_thread(manage, process.data_dir, "check")
    assert check.returncode == 0, check.stderr
    live.connection.close()
    await live.closed()
