"""Relations and topics are learned by themselves: by one process, when there is enough, and again."""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.learning import learning_task
from engine.matching.learned.relations import NOTHING_LEARNED
from engine.matching.learned.topics import NO_TOPICS
from store.jobs import runner
from tests.integration.engine.test_relearn import craftsmen
from tests.integration.gates import Gate
from tests.integration.processes import entries_of, is_alive
from tests.support import Hr, eventually

ENOUGH = 90
BEES = {"title": "蜂农", "job_desc": "蜂箱，取蜜，蜂王，巢脾"}


@pytest.fixture(autouse=True)
def forgets(analyzer):
    """The analyzer is of all tests."""
    yield
    analyzer.adopt(NOTHING_LEARNED, NO_TOPICS)


@pytest.fixture
def settings(settings, monkeypatch):
    """A server that looks often, and to which a fraction of the resumes is enough."""
    monkeypatch.setattr(learning_task, "_LOOK_S", 0.2)
    monkeypatch.setattr(runner, "_IDLE_S", 0.1)
    monkeypatch.setattr(learning_task, "_REST", -learning_task._REST)
    return replace(settings, learn_from=ENOUGH)


async def bring(hr, count, source):
    """Have so many scored. What is enough comes with the last one: a batch may be scored in parts."""
    resumes = [*craftsmen(count, source)]
    for part in (resumes[: ENOUGH - 1], resumes[ENOUGH - 1 :]):
        if part:
            await hr.scored(*part)


async def bring_last(server, hr, source):
    """Have one more scored, at which no look comes before it is committed: the count has it earlier."""
    look = Gate(server.stores.profiles, "count")
    await asyncio.wait_for(look.reached.wait(), 60)
    await bring(hr, 1, source)
    look.open()


async def of_how_many(hr):
    learned = (await hr.get("/readyz"))["learned"]
    return learned and learned["resumes"]


async def has_learned(hr, count):
    async def yet():
        return await of_how_many(hr) == count

    await eventually(yet, within_s=120, what=f"what {count} resumes teach", every_s=0.1)


async def one_look(server):
    """Until a look has ended that began after this."""
    for _ in range(2):
        look = Gate(server.stores.profiles, "count")
        await asyncio.wait_for(look.reached.wait(), 60)
        look.open()


def _learning_children():
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"engine.learning.child" in words:
            found[int(words[words.index(b"engine.learning.child") + 1])] = int(path.name)
    return found


async def learning_children():
    """The process ids of those that learn on this machine, by those of their parents."""
    return await asyncio.to_thread(_learning_children)


async def test_a_server_learns_once_enough_are_scored_and_its_lists_follow(server, hr, analyzer):
    await bring(hr, ENOUGH - 1, "craft")
    bees = await hr.submit(**BEES)
    await hr.calced(bees)
    before = await hr.results(bees)
    await one_look(server)
    assert await of_how_many(hr) is None
    assert "talentfeed_learned_resumes NaN" in (await hr.get("/metrics")).body.decode()
    assert not analyzer.topics.words

    began = time.time()
    await bring(hr, 1, "last")
    await has_learned(hr, ENOUGH)
    ready = await hr.get("/readyz")
    assert int(began) <= ready["learned"]["time"] <= time.time()
    assert f"talentfeed_learned_resumes {ENOUGH}.0" in (await hr.get("/metrics")).body.decode()

    async def follows():
        found = await hr.results(bees)
        return len(found) > len(before) and all(
            "similar" in [row["field"] for row in item["why"]] for item in found
        )

    await eventually(follows, what="the list by what was learned", every_s=0.1)
    assert analyzer.topics.words


@pytest.mark.long
async def test_it_learns_again_when_there_are_a_fifth_more_or_fewer(server, hr):
    await bring(hr, ENOUGH, "craft")
    await has_learned(hr, ENOUGH)
    await bring(hr, 17, "later")
    await one_look(server)
    assert await of_how_many(hr) == ENOUGH
    await bring_last(server, hr, "last")
    await has_learned(hr, 108)
    await bring(hr, 21, "more")
    await bring_last(server, hr, "the last")
    await has_learned(hr, 130)
    profiles = server.stores._database.profiles
    some = await profiles.find({}, {"_id": 1}).limit(26).to_list(None)
    await profiles.delete_many({"_id": {"$in": [one["_id"] for one in some]}})
    await has_learned(hr, 104)


async def test_one_that_is_counted_before_it_is_committed_costs_no_topics(server, hr, analyzer, monkeypatch):
    profiles = server.stores.profiles
    counted = profiles.count

    async def early():
        return await counted() + 1

    monkeypatch.setattr(profiles, "count", early)
    await bring(hr, ENOUGH - 1, "craft")
    await has_learned(hr, ENOUGH - 1)
    assert not analyzer.topics.words
    monkeypatch.setattr(profiles, "count", counted)
    await bring(hr, 1, "last")
    await has_learned(hr, ENOUGH)
    await eventually(lambda: analyzer.topics.words, what="the topics", every_s=0.1)


async def test_what_fails_is_told_and_tried_later_and_what_is_in_force_stays(server, hr):
    await bring(hr, ENOUGH, "craft")
    await has_learned(hr, ENOUGH)
    before = await server.stores.relations.load()
    profiles = server.stores._database.profiles
    (one,) = await profiles.find({}).limit(1).to_list(None)
    await profiles.update_one({"_id": one["_id"]}, {"$set": {"data": b"\xff"}})
    await hr.ingest(*craftsmen(30, "later"))

    async def has_failed():
        (job,) = await server.stores.jobs.of_kind("learning")
        return job.get("error") and job["due"] > datetime.now(UTC) and job

    job = await eventually(has_failed, what="a try that fails", every_s=0.1)
    assert "lease" not in job
    assert (await server.stores.relations.load()).revision == before.revision
    await hr.all_scored()
    await profiles.replace_one({"_id": one["_id"]}, one)
    assert await of_how_many(hr) == ENOUGH, "it waits"
    assert await server.stores.jobs.retry("learning:")
    await has_learned(hr, ENOUGH + 30)


class TestTwoEngines:
    """Both could learn; of each learning one does."""

    @pytest.fixture
    def both(self, start, store_urls, stores):
        given = {
            "mongo_url": store_urls["mongo"],
            "redis_url": store_urls["redis"],
            "mongo_db": stores._database.name,
            "learn_from": ENOUGH,
        }

        async def ready():
            return [await process.ready() for process in (start(**given), start(**given))]

        return ready

    @staticmethod
    def said(processes, message):
        return [
            sum(entry["message"] == message for entry in entries_of(one.log.read_text())) for one in processes
        ]

    @pytest.mark.long
    async def test_exactly_one_learns_and_both_go_by_it(self, both):
        processes = await both()
        hr = await Hr.register(processes[0].port)
        await bring(hr, ENOUGH, "craft")
        await eventually(
            lambda: self.said(processes, "relations taken over") == [1, 1],
            within_s=120,
            what="what was learned in both",
            every_s=0.2,
        )
        await eventually(
            lambda: sorted(self.said(processes, "learned from the stored resumes")) == [0, 1],
            what="the end of the step",
            every_s=0.1,
        )
        for one in processes:
            hr.port = one.port
            assert await of_how_many(hr) == ENOUGH

    @pytest.mark.faults
    async def test_what_one_left_in_the_middle_the_other_learns(self, both, stores):
        processes = await both()
        hr = await Hr.register(processes[0].port)
        await bring(hr, ENOUGH, "craft")

        async def learns():
            children = await learning_children()
            return [(one, children[one.child.pid]) for one in processes if one.child.pid in children]

        ((dies, child),) = await eventually(learns, what="a process that learns", every_s=0.01)
        (lives,) = [one for one in processes if one is not dies]
        dies.kill()
        # Its lease lasts for half a minute.
        over = {"$set": {"lease": datetime(2026, 1, 1, tzinfo=UTC)}}
        assert (await stores._database.jobs.update_one({"_id": "learning:"}, over)).modified_count
        hr.port = lives.port
        await has_learned(hr, ENOUGH)

        async def has_said():  # once the feeds are asked for, too
            return self.said([lives], "learned from the stored resumes") == [1]

        await eventually(has_said, what="the end of the other's step", every_s=0.1)
        assert not is_alive(child)
