"""The profiles that were written since some time are all found, however their times lie."""

import random
import secrets
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from pymongo.errors import NetworkTimeout

from store import profiles as module
from store.profiles import Profiles, StoredProfile

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
    await stores.profiles.save(
        [
            StoredProfile(
                resume=id_,
                rev=1,
                arrived_at=at,
                send_to=[],
                partner_for=[],
                key_terms=[],
                data=b"",
                version="1",
            )
            for id_, at in made.items()
        ]
    )
    for id_, at in made.items():
        await stores._database.profiles.update_one({"_id": ObjectId(id_)}, {"$set": {"updated_at": at}})
    return made


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
@pytest.mark.gen_test
async def test_every_one_is_found_once(stores, profiles, seed):
    everybody = await stored(stores, some_history(seed))
    assert await changed(profiles) == everybody
    for since in sorted(set(everybody.values()))[:: len(everybody) // 4 or 1]:
        for overlap in (NOTHING, MS, 10 * SECOND, 300 * DAY):
            # What was written in the very moment of the watermark is looked for again.
            wanted = {id_: at for id_, at in everybody.items() if at >= since - overlap}
            assert await changed(profiles, since, overlap) == wanted


@pytest.mark.gen_test
async def test_none_are_found_where_there_are_none(profiles):
    assert await changed(profiles) == {}
    assert await changed(profiles, datetime.now(UTC), 10 * SECOND) == {}


@pytest.mark.parametrize("most", [2 * SECOND, timedelta(minutes=20), 100 * DAY])
@pytest.mark.gen_test
async def test_spans_that_take_too_long_are_shortened_and_nothing_is_left_out(
    stores, profiles, monkeypatch, most
):
    now = datetime.now(UTC)
    times = [now - number * SECOND for number in range(30)] + [now - number * DAY for number in range(1, 6)]
    everybody = await stored(stores, times)
    ask, tried = profiles._changes, []

    async def slow(since, until):
        """As a store that holds so many that it answers for short spans alone, as far as there are any."""
        length = (until or now) - (since or now - 4000 * DAY)
        tried.append(length)
        if length > most and (until or now) > now - 7 * DAY:
            raise NetworkTimeout("timed out")
        return await ask(since, until)

    monkeypatch.setattr(profiles, "_changes", slow)
    if most < timedelta(minutes=1):
        # Days in spans of seconds would take the whole day here.
        since = now - timedelta(minutes=1)
        assert await changed(profiles, since) == {id_: at for id_, at in everybody.items() if at >= since}
    else:
        assert await changed(profiles) == everybody
    assert max(tried) > most


@pytest.mark.gen_test
async def test_a_store_that_answers_for_no_span_is_said_to_be_away(profiles, monkeypatch):
    asked = 0

    async def silent(*_):
        nonlocal asked
        asked += 1
        raise NetworkTimeout("timed out")

    monkeypatch.setattr(profiles, "_changes", silent)
    with pytest.raises(NetworkTimeout):
        await changed(profiles)
    assert asked < 10


@pytest.mark.gen_test
async def test_a_poll_is_one_query(stores, profiles, monkeypatch):
    await stored(stores, [datetime.now(UTC) - number * SECOND for number in range(50)])
    ask, asked = profiles._changes, []

    async def noted(since, until):
        asked.append(since)
        return await ask(since, until)

    monkeypatch.setattr(profiles, "_changes", noted)
    await changed(profiles, datetime.now(UTC) - 3 * SECOND, 10 * SECOND)
    assert len(asked) == 1


@pytest.mark.gen_test
async def test_years_are_crossed_in_few_queries(stores, profiles, monkeypatch):
    now = datetime.now(UTC)
    await stored(stores, [now, now - 1200 * DAY])
    ask, asked = profiles._changes, []

    async def noted(since, until):
        asked.append(since)
        return await ask(since, until)

    monkeypatch.setattr(profiles, "_changes", noted)
    assert len(await changed(profiles)) == 2
    assert len(asked) <= 8
