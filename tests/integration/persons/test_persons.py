"""A person is once in a list, the newest resume first, whatever comes in which order and whoever dies."""

import asyncio
from random import Random

import pytest
from bson import ObjectId

from store.errors import NotFound
from store.persons import person_entries
from store.persons.person_groups import MOST_RESUMES, Card, Decision, persons_of
from store.persons.reach import person_keys, reach_of
from tests.integration.engines import NURSE, PYTHON
from tests.support import IS_LONG, nurse_resume, python_resume

SAME = {"phone": "13800001111", "name": "林晚照"}


@pytest.fixture
def feed(engine, io_loop):
    """A feed that is scored, and known to the engine."""

    async def submit():
        await engine.load()
        made = await engine.submit()
        await engine.score_feeds()
        return made

    return io_loop.run_sync(submit)


async def shown(engine, feed):
    """A list: each resume that is listed, whether it is read, and those under it."""
    found = await engine.results_of(feed)
    return {resume: (one.read, one.others) for resume, one in found.items()}


async def unread(stores, feed):
    return (await stores.result_counters.read([feed.company]))[feed.company].unread_of(feed.id, "all")


async def broken(stores):
    return [line async for line in stores.invariants.broken()]


async def test_the_newest_resume_of_a_person_is_listed_and_the_others_stand_under_it(stores, engine, feed):
    (other,) = await engine.bring(python_resume())
    first, second, third = [(await engine.bring(python_resume(), contact=SAME))[0] for _ in range(3)]
    assert await shown(engine, feed) == {other: (False, []), third: (False, [second, first])}
    assert await stores.persons.groups([first, other]) == {first: sorted([second, third]), other: []}
    # A backfill makes the same list.
    again = await engine.submit()
    await engine.score_feeds()
    assert await shown(engine, again) == await shown(engine, feed)
    assert await broken(stores) == []


async def test_read_and_deleted_are_the_persons_and_a_newer_resume_moves_no_badge(stores, engine, feed):
    (old,) = await engine.bring(python_resume(), contact=SAME)
    await stores.results.mark_read(feed.company, feed.id, old)
    assert await unread(stores, feed) == 0
    (new,) = await engine.bring(python_resume(), contact=SAME)
    assert await shown(engine, feed) == {new: (True, [old])}
    assert await unread(stores, feed) == 0
    # Deleted by the older one's id, the person is gone from the list, and so is what comes later.
    await stores.results.set_deleted(feed.company, feed.id, old, deleted=True, reasons=["title"])
    (newest,) = await engine.bring(python_resume(), contact=SAME)
    assert await shown(engine, feed) == {}
    await stores.results.set_deleted(feed.company, feed.id, newest, deleted=False)
    assert await shown(engine, feed) == {newest: (True, [new, old])}
    assert await unread(stores, feed) == 0
    assert await broken(stores) == []


async def test_a_part_gives_each_its_own_state_and_a_join_undoes_it_for_that_account_alone(stores, engine):
    await engine.load()
    mine, theirs = await engine.submit(), await engine.submit()
    await engine.score_feeds()
    (old,) = await engine.bring(python_resume(), contact=SAME)
    await stores.results.mark_read(mine.company, mine.id, old)
    (new,) = await engine.bring(python_resume(), contact=SAME)
    await stores.persons.part(mine.company, new, old)
    assert await shown(engine, mine) == {old: (True, []), new: (False, [])}
    assert await shown(engine, theirs) == {new: (False, [old])}
    assert await stores.persons.groups_for(mine.company, [old]) == {old: []}
    assert await stores.persons.groups_for(theirs.company, [old]) == {old: [new]}
    # It holds for what is scored again, and what comes later joins one of the two.
    await stores.resumes.requeue([old, new])
    await engine.percolate()
    assert len(await shown(engine, mine)) == 2
    await stores.persons.join(mine.company, old, new)
    assert await shown(engine, mine) == {new: (True, [old])}
    (stranger,) = await engine.bring(python_resume())
    await stores.persons.join(mine.company, stranger, old)
    assert await shown(engine, mine) == {stranger: (True, [new, old])}
    assert await shown(engine, theirs) == {new: (False, [old]), stranger: (False, [])}
    # A backfill knows it too.
    again = await engine.submit(user=mine.company)
    await engine.score_feeds()
    assert await shown(engine, again) == {stranger: (False, [new, old])}
    await stores.persons.part(mine.company, stranger, old)
    await stores.persons.part(mine.company, stranger, new)
    assert await shown(engine, mine) == {stranger: (False, []), new: (True, [old])}
    assert await broken(stores) == []


async def test_what_strangers_send_with_somebodys_phone_and_email_changes_nothing_of_them(
    stores, engine, feed
):
    own = SAME | {"email": "lin@example.com"}
    old, new = [(await engine.bring(python_resume(), contact=own))[0] for _ in range(2)]
    names = ["甲", "乙", "丙", "丁", "林晚", ""]
    strangers = [(await engine.bring(python_resume(), contact=own | {"name": name}))[0] for name in names]
    assert await shown(engine, feed) == {new: (False, [old]), **dict.fromkeys(strangers, (False, []))}
    # Nor does one of the same name who writes others' numbers behind their own.
    others = {"phone": "13900002222 / 13800001111", "email": "x@y.cn lin@example.com", "name": "林晚照"}
    (ninth,) = await engine.bring(python_resume(), contact=others)
    assert (await shown(engine, feed))[ninth] == (False, [])
    assert await broken(stores) == []


async def test_a_person_has_sixteen_resumes_at_most_and_whoever_goes_makes_room(stores, engine, feed):
    ids = [(await engine.bring(python_resume(), contact=SAME))[0] for _ in range(MOST_RESUMES + 2)]
    person, left = sorted(ids)[:MOST_RESUMES], sorted(ids)[MOST_RESUMES:]
    assert set(await shown(engine, feed)) == {max(person, key=ids.index), *left}
    await stores.erasures.erase(person[0])
    person = sorted([*person[1:], left[0]])
    assert set(await shown(engine, feed)) == {max(person, key=ids.index), left[1]}
    assert await stores.persons.groups([left[0]]) == {left[0]: person[:-1]}
    assert await broken(stores) == []


async def test_a_crowd_of_one_name_and_number_stands_alone_and_is_not_read_to_its_end(
    stores, engine, monkeypatch, feed
):
    monkeypatch.setattr(person_entries, "CROWD", 20)
    await engine.arrive(*(python_resume() for _ in range(30)), contact=SAME)
    await engine.percolate()
    (late,) = await engine.bring(python_resume(), contact=SAME)
    assert (await shown(engine, feed))[late] == (False, [])
    assert await stores.persons.groups([late]) == {late: []}
    assert await broken(stores) == []


async def test_an_operator_sets_a_resume_apart_for_everybody_also_when_it_comes_again(stores, engine, feed):
    (old,) = await engine.bring(python_resume(), contact=SAME)
    body = python_resume()
    (false,) = await engine.bring(body, contact=SAME)
    assert await shown(engine, feed) == {false: (False, [old])}
    await stores.contacts.set_apart(false, apart=True)
    assert await shown(engine, feed) == {false: (False, []), old: (False, [])}
    await engine.bring(body | {"age": 44}, contact=SAME)
    assert await shown(engine, feed) == {false: (False, []), old: (False, [])}
    assert await broken(stores) == []
    await stores.contacts.set_apart(false, apart=False)
    assert await shown(engine, feed) == {false: (False, [old])}
    assert await broken(stores) == []
    with pytest.raises(NotFound):
        await stores.contacts.set_apart("0" * 24, apart=True)


async def test_an_erased_resume_leaves_the_person_with_the_next_one_in_the_same_state(stores, engine):
    await engine.load()
    feed, other = await engine.submit(), await engine.submit()
    await engine.score_feeds()
    old, new = [(await engine.bring(python_resume(), contact=SAME))[0] for _ in range(2)]
    await stores.results.mark_read(feed.company, feed.id, new)
    assert await stores.erasures.erase(new)
    assert await shown(engine, feed) == {old: (True, [])}
    assert await shown(engine, other) == {old: (False, [])}
    assert await stores.persons.groups([old]) == {old: []}
    assert await broken(stores) == []


async def test_a_form_that_matches_other_resumes_of_a_person_shows_those(stores, engine, feed):
    (coder,) = await engine.bring(python_resume(), contact=SAME)
    (nurse,) = await engine.bring(nurse_resume(), contact=SAME)
    (coder2,) = await engine.bring(python_resume(), contact=SAME)
    assert await shown(engine, feed) == {coder2: (False, [coder])}
    await stores.feeds.update(feed.company, feed.id, NURSE)
    await engine.score_feeds()
    assert await shown(engine, feed) == {nurse: (False, [])}
    await stores.feeds.update(feed.company, feed.id, PYTHON)
    await engine.score_feeds()
    assert await shown(engine, feed) == {coder2: (False, [coder])}
    assert await broken(stores) == []


async def test_two_processes_that_score_a_persons_resumes_at_once_agree(stores, engine, other, feed):
    await other.load()
    for round_ in range(4):
        contact = {"phone": f"1380000111{round_}", "name": "林晚照"}
        ids = await engine.arrive(python_resume(), python_resume(), contact=contact)
        await asyncio.gather(
            engine.percolator.score(await stores.resumes.load(ids[:1])),
            other.percolator.score(await stores.resumes.load(ids[1:])),
        )
        assert (await shown(engine, feed))[ids[1]] == (False, [ids[0]])
    assert len(await shown(engine, feed)) == 4
    assert await broken(stores) == []


async def test_whatever_happens_in_whatever_order_lists_are_as_keys_and_decisions_say(stores, engine, feed):
    rng = Random(16)
    bodies, cards, decided, persons, arrived, read = {}, {}, {}, {}, [], set()
    for step in range(200 if IS_LONG else 25):
        act = rng.choice(("come", "come", "come", "update", "erase", "join", "part", "read"))
        ids = sorted(cards)
        if act in {"come", "update"} or len(ids) < 2:
            phone = rng.choice(("", "13800000001", "13800000002"))
            email = rng.choice(("", "", "a@b.cn", "c@d.cn"))
            contact = {"phone": phone, "email": email, "name": rng.choice("甲甲乙")}
            id_ = rng.choice(ids) if act == "update" and ids else None
            body = bodies[id_] | {"age": 20 + step} if id_ else python_resume()
            (id_,) = await engine.bring(body, contact=contact)
            arrived += [] if id_ in arrived else [id_]
            bodies[id_], cards[id_] = (
                body,
                Card(id_, tuple(person_keys(reach_of(phone, email), contact["name"]))),
            )
        elif act == "erase":
            id_ = rng.choice(ids)
            await stores.erasures.erase(id_)
            # What the recruiter did to a person stays with the next resume.
            if read & (person := persons[id_]) and (heirs := person - {id_}):
                read.add(max(heirs, key=arrived.index))
            del cards[id_]
            decided = {pair: same for pair, same in decided.items() if id_ not in pair}
        elif act == "read":
            id_ = rng.choice(ids)
            await stores.results.mark_read(feed.company, feed.id, id_)
            read.add(max(persons[id_], key=arrived.index))
        else:
            a, b = sorted(rng.sample(ids, 2))
            await (stores.persons.join if act == "join" else stores.persons.part)(feed.company, a, b)
            decided.pop((a, b), None)
            decided[a, b] = act == "join"
        at = {pair: n for n, pair in enumerate(decided)}
        decisions = [
            Decision(*pair, same, ObjectId(f"{at[pair]:08x}" + "0" * 16).generation_time)
            for pair, same in decided.items()
        ]
        found = await shown(engine, feed)
        persons = persons_of(list(cards.values()), decisions)
        assert found == {
            max(person, key=arrived.index): (
                not read.isdisjoint(person),
                sorted(person, key=arrived.index, reverse=True)[1:],
            )
            for person in persons.values()
        }, act
    assert await broken(stores) == []
