"""The profiles that were written since some time are all found, however their times lie."""

import random
import secrets
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from pymongo.errors import ExecutionTimeout

from store.parts import part_of
from store.resumes import profiles as module
from store.resumes.profiles import Profiles
from tests.integration.stored import new_profile

MS, SECOND, DAY = timedelta(milliseconds=1), timedelta(seconds=1), timedelta(days=1)
NOTHING = timedelta(0)


@pytest.fixture
def profiles(stores, monkeypatch) -> Profiles:
    """Profiles that are looked for in small pages."""
    monkeypatch.setattr(module, "_PAGE", 20)
    return stores.profiles


async def stored(stores, times) -> dict[str, datetime]:
    """Profiles that were written at these times, by id."""
    made = {secrets.token_hex(12): at.replace(microsecond=at.microsecond // 1000 * 1000) for at in times}
    await save(stores, list(made))
    for id_, at in made.items():
        await stores._database.profiles.update_one({"_id": ObjectId(id_)}, {"$set": {"updated_at": at}})
    return made


async def save(stores, ids, rev=1):
    await stores.profiles.save([new_profile(resume=id_, rev=rev) for id_ in ids])


async def changed(profiles, watermark=None, overlap=NOTHING) -> dict[str, datetime]:
    found = [change async for page in profiles.changed_since(watermark, overlap) for change in page]
    assert max(Counter(change.resume for change in found).values(), default=1) == 1
    return {change.resume: change.updated_at for change in found}


def some_history(seed: int) -> list[datetime]:
    """Times of writes: many at once, single ones, years with nothing, and some that are yet to come."""
    draw = random.Random(seed)
    at, times = datetime.now(UTC) + 5 * SECOND, []
    for _ in range(7):
        step = draw.choice([NOTHING, MS, SECOND, 1000 * SECOND])
        times += [at - number * step for number in range(draw.choice([1, 5, 20, 21, 60]))]
        at = times[-1] - draw.choice([SECOND, DAY, 200 * DAY, 2000 * DAY])
    return times


@pytest.mark.parametrize("seed", range(6))
async def test_every_one_is_found_once(stores, profiles, seed):
    everybody = await stored(stores, some_history(seed))
    read_at = datetime.now(UTC)
    found = await changed(profiles)
    assert found.keys() == everybody.keys()
    for id_, at in everybody.items():
        # Another machine's clock may be ahead, see `changed_since`.
        assert found[id_] == at or at > read_at <= found[id_] < at
    for since in sorted(set(everybody.values()))[:: len(everybody) // 4 or 1]:
        for overlap in (NOTHING, MS, 10 * SECOND, 300 * DAY):
            # What was written in the very moment of the watermark is looked for again.
            wanted = {id_: at for id_, at in everybody.items() if at >= since - overlap}
            assert await changed(profiles, since, overlap) == wanted


class Busy:
    """A collection that has too much for a poll, as far as times are asked for."""

    def __init__(self, collection):
        self._collection = collection

    def find(self, which, *args):
        if "updated_at" in which:
            raise ExecutionTimeout("too much")
        return self._collection.find(which, *args)


async def test_where_more_has_changed_than_a_poll_can_give_everything_is_read(stores, profiles, monkeypatch):
    now = datetime.now(UTC)
    everybody = await stored(stores, [now - number * SECOND for number in range(60)])
    since = now - 30 * SECOND
    wanted = {id_: at for id_, at in everybody.items() if at >= since - 5 * SECOND}
    monkeypatch.setattr(profiles, "_profiles", Busy(profiles._profiles))
    assert await changed(profiles, since, 5 * SECOND) == wanted


async def test_whoever_reads_on_from_what_was_seen_misses_nothing_that_was_written_meanwhile(
    stores, profiles
):
    ids = [f"{number:024x}" for number in range(200)]
    first, last = min(ids, key=part), max(ids, key=part)
    await save(stores, ids)
    pages = profiles.changed_since(None, NOTHING)
    seen = list(await anext(pages))
    # The part of the first has been read, and that of the last has not.
    await save(stores, [first, last], rev=2)
    async for page in pages:
        seen += page
    assert {change.resume for change in seen} == set(ids)
    watermark = max(change.updated_at for change in seen)
    again = [change async for page in profiles.changed_since(watermark, NOTHING) for change in page]
    assert {(first, 2), (last, 2)} <= {(change.resume, change.rev) for change in again}


def part(id_):
    return part_of(ObjectId(id_))
