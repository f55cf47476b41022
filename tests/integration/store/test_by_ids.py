"""Many ids are asked for a hundred at a time, whichever method is given them."""

from datetime import UTC, datetime

import pytest
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorCollection

from store.by_ids import SIZE, update_by_ids
from store.results.counter_documents import Counts
from store.resumes.resume_values import IncomingResume, StoredResume
from tests.integration.results.test_scores import scored
from tests.support import each

USER = str(ObjectId())
IDS = [str(ObjectId()) for _ in range(250)]
REVISIONS = {id_: (str(ObjectId()), 1) for id_ in IDS}


@pytest.fixture
def collection(stores):
    return stores._database.numbers


@pytest.fixture
def asked(monkeypatch):
    """The lengths of every `$in` that MongoDB is asked for."""
    lengths: list[int] = []

    def note(query):
        for value in query.values():
            if isinstance(value, dict) and "$in" in value:
                lengths.append(len(value["$in"]))

    def noted(method, which):
        def call(self, first, *args, **kwargs):
            note(which(first))
            return method(self, first, *args, **kwargs)

        return call

    driver = AsyncIOMotorCollection
    for name in ("find", "update_many", "delete_many"):
        monkeypatch.setattr(driver, name, noted(getattr(driver, name), lambda query: query))
    aggregate = noted(driver.aggregate, lambda pipeline: pipeline[0]["$match"])
    monkeypatch.setattr(driver, "aggregate", aggregate)
    return lengths


async def numbers(collection, count):
    await collection.insert_many(
        [{"_id": number, "n": 0, "even": number % 2 == 0} for number in range(count)]
    )


async def test_each_document_is_changed_once_and_only_where_the_condition_holds(collection):
    await numbers(collection, 250)
    ids = [*range(200), *range(50)]
    assert await update_by_ids(collection, ids, {"$inc": {"n": 1}}, where={"even": True}) == 100
    changed = await collection.find({"n": 1}).to_list(None)
    assert sorted(document["_id"] for document in changed) == list(range(0, 200, 2))
    assert await collection.count_documents({"n": 0}) == 150


READS_AND_WRITES = {
    "backfills.finish": lambda stores: stores.backfills.finish([], REVISIONS),
    "backfills.note_progress": lambda stores: stores.backfills.note_progress(REVISIONS, 0.5),
    "backfills.request": lambda stores: stores.backfills.request(IDS),
    "backfills.scored_revisions": lambda stores: stores.backfills.scored_revisions(REVISIONS),
    "candidate_records.find_for": lambda stores: stores.candidate_records.find_for(USER, IDS),
    "contacts.statuses": lambda stores: stores.contacts.statuses(USER, IDS),
    "feedback.find": lambda stores: stores.feedback.find(IDS),
    "feedback.set_pending": lambda stores: stores.feedback.set_pending(IDS),
    "feedback.which_learn": lambda stores: stores.feedback.which_learn(dict.fromkeys(IDS, USER)),
    "feeds.find_active": lambda stores: stores.feeds.find_active(dict.fromkeys(IDS, USER)),
    "feeds.mark_partner": lambda stores: stores.feeds.mark_partner(dict.fromkeys(IDS, USER)),
    "feeds.states": lambda stores: stores.feeds.states([(USER, USER, id_) for id_ in IDS]),
    "feeds.states_for": lambda stores: stores.feeds.states_for([(id_, id_) for id_ in IDS]),
    "profiles.forced_into": lambda stores: stores.profiles.forced_into(IDS),
    "profiles.load": lambda stores: stores.profiles.load(IDS),
    "profiles.set_cold": lambda stores: stores.profiles.set_cold(IDS),
    "quarantine.claim": lambda stores: stores.quarantine.claim(IDS, "me", fewer_than=1),
    "quarantine.release": lambda stores: stores.quarantine.release(IDS),
    "quarantine.withdraw": lambda stores: stores.quarantine.withdraw(IDS, "me"),
    "results.find_keywords": lambda stores: stores.results.find_keywords(USER, [(USER, id_) for id_ in IDS]),
    "results.keep_unchanged": lambda stores: stores.results.keep_unchanged(scores()),
    "result_counters.read": lambda stores: stores.result_counters.read(IDS),
    "resumes.bodies": lambda stores: stores.resumes.bodies(IDS),
    "resumes.load": lambda stores: stores.resumes.load(IDS),
    "resumes.mark_scored": lambda stores: stores.resumes.mark_scored(
        [resume(id_) for id_ in IDS], datetime.now(UTC)
    ),
    "resumes.requeue": lambda stores: stores.resumes.requeue(IDS),
    "resumes.revisions": lambda stores: stores.resumes.revisions(IDS),
    "resumes.save": lambda stores: stores.resumes.save([incoming(id_) for id_ in IDS]),
    "resumes.states": lambda stores: stores.resumes.states(IDS),
    "sessions.check": lambda stores: stores.sessions.check([(USER, id_) for id_ in IDS]),
    "sessions.companies_of": lambda stores: stores.sessions.companies_of(IDS),
}


def resume(id_):
    return StoredResume(
        id=id_, rev=1, arrived_at=datetime.now(UTC), pending=True, send_to=[], partner_for=[], body={}
    )


def scores():
    return [scored(resume=id_) for id_ in IDS]


def incoming(number):
    return IncomingResume(source="test", source_id=number, digest="", body={}, contact={})


@each("name", READS_AND_WRITES)
async def test_no_method_names_more_than_a_hundred_ids_in_a_query(stores, asked, name):
    asked.clear()
    await READS_AND_WRITES[name](stores)
    assert sum(asked) >= len(IDS)
    assert max(asked) <= SIZE


async def test_a_hundred_are_one_round_trip_for_badges_and_one_for_states(stores, asked):
    assert await stores.result_counters.read(IDS[:SIZE]) == dict.fromkeys(IDS[:SIZE], Counts())
    assert await stores.feeds.states([(USER, USER, id_) for id_ in IDS[:SIZE]]) == {}
    assert asked == [SIZE, SIZE]


async def test_what_is_read_by_many_ids_comes_in_their_order(stores):
    resumes = [incoming(str(number)) for number in range(250)]
    ids = [resume.id for resume in resumes]
    assert await stores.resumes.save(resumes) == ["accepted"] * 250
    assert await stores.resumes.save(resumes) == ["duplicate"] * 250
    assert [resume.id for resume in await stores.resumes.load(ids)] == ids
    await stores.resumes.requeue([*ids, ids[0]])
    assert set((await stores.resumes.revisions(ids)).values()) == {(2, True)}
