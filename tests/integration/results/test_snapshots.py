"""At every moment the numbers are those of the lists, whatever two processes do at once.

A reader compares them in snapshots, from the first act to the last.
"""

import asyncio
import contextlib
from random import Random

import pytest
from bson import ObjectId

from tests.counting import Checker
from tests.integration.engines import NURSE, PYTHON
from tests.support import IS_LONG, alone, nurse_resume, python_resume

ACTS = 600 if IS_LONG else 16
"""Acts of each process: some seconds, or a minute."""
CONTACTS = [{"phone": f"1380000111{number}", "name": "林晚照"} for number in range(3)]


class Actor:
    """One process, and what it does at random."""

    def __init__(self, engine, feeds, seed) -> None:
        self.engine, self.stores, self.feeds, self.rng = engine, engine.stores, feeds, Random(seed)
        self.bodies = {}

    async def act(self):
        often, seldom = ("come", "click"), ("update", "persons", "erase", "edit", "end")
        await getattr(self, self.rng.choice([*often * 3, *seldom]))()

    def contact(self):
        return self.rng.choice([*CONTACTS, *({"phone": str(ObjectId())} for _ in range(3))])

    async def come(self):
        made = self.rng.choice([python_resume, nurse_resume])
        bodies = [made() for _ in range(self.rng.randint(1, 3))]
        ids = await self.engine.arrive(*bodies, contact=self.contact())
        self.bodies |= zip(ids, bodies, strict=True)
        await self.score(ids)

    async def update(self):
        """Somebody's resume says something else, and may match no more."""
        if self.bodies:
            id_, body = self.rng.choice([*self.bodies.items()])
            other = self.rng.choice([python_resume(), nurse_resume()]) | {"source_id": body["source_id"]}
            await self.engine.arrive(other | {"age": self.rng.randint(20, 60)}, contact=self.contact())
            await self.score([id_])

    async def score(self, ids):
        waiting = [one for one in await self.stores.resumes.load(ids) if one.pending]
        await self.engine.percolator.score(waiting)

    async def listed(self):
        """One of a list, or None where it is empty."""
        feed = self.rng.choice(self.feeds)
        found = [*await self.engine.results_of(feed)]
        return (feed.company, feed.id, self.rng.choice(found)) if found else None

    async def click(self):
        if key := await self.listed():
            what = self.rng.choice(["read", "delete", "restore", "watch", "unwatch"])
            if what == "read":
                await ignoring(self.stores.results.mark_read(*key))
            elif what == "watch":
                await ignoring(self.stores.person_records.watch(alone(key[0]), key[2], key[1]))
            elif what == "unwatch":
                await self.stores.person_records.unwatch(alone(key[0]), key[2])
            else:
                await ignoring(self.stores.results.set_deleted(*key, deleted=what == "delete"))

    async def persons(self):
        if (one := await self.listed()) and (two := await self.listed()) and one[2] != two[2]:
            does = self.rng.choice([self.stores.persons.join, self.stores.persons.part])
            await does(one[0], one[2], two[2])

    async def erase(self):
        if len(self.bodies) > 5:
            id_ = self.rng.choice([*self.bodies])
            del self.bodies[id_]
            await ignoring(self.stores.erasures.erase(id_))

    async def edit(self):
        """Another form, and its backfill."""
        feed = self.rng.choice(self.feeds)
        await self.stores.feeds.update(feed.company, feed.id, self.rng.choice([PYTHON, NURSE]))
        for _ in range(3):
            await self.engine.backfill._step()

    async def end(self):
        """Scores of a form that is gone leave the list."""
        feed = self.rng.choice(self.feeds)
        rev = (await self.stores.feeds.get(feed.company, feed.id)).rev
        async for _ in self.stores.results.drop_outdated(feed.company, feed.id, rev):
            pass


async def ignoring(click):
    """Do something to a result that may be gone by now."""
    with contextlib.suppress(LookupError):
        await click


@pytest.mark.gen_test(timeout=250)
async def test_a_reader_never_sees_numbers_that_its_lists_do_not_have(stores, engine, other):
    await engine.load()
    users = [str(ObjectId()) for _ in range(2)]
    feeds = [await engine.submit(form, user=user) for user in users for form in (PYTHON, NURSE)]
    await engine.score_feeds()
    await other.load()
    checker = Checker(stores, users)

    async def acts(actor):
        for _ in range(ACTS):
            await actor.act()

    try:
        await asyncio.gather(*(acts(Actor(one, feeds, seed)) for seed, one in enumerate((engine, other))))
    finally:
        found = await checker.end()
    assert found == []
    assert checker.looks > ACTS
    await engine.percolate()
    await engine.score_feeds()
    assert [line async for line in stores.invariants.broken()] == []
