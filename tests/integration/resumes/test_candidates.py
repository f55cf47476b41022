"""The cold candidates of a feed, newest first, however their arrivals lie in time."""

import random
import secrets
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from store.resumes import profiles as module
from store.resumes.profiles import Profiles, StoredProfile
from tests.integration.stored import new_profile

TERMS = ["o:one", "o:two", "o:three"]
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def profiles(stores, monkeypatch) -> Profiles:
    """Profiles that are read in small pages."""
    monkeypatch.setattr(module, "_PAGE", 20)
    return stores.profiles


async def stored(profiles, arrivals, terms=TERMS, **changes) -> list[StoredProfile]:
    """Cold profiles that arrived at these times, each with some of the terms; newest first."""
    draw = random.Random(len(arrivals))
    made = [
        new_profile(
            arrived_at=arrived_at.replace(microsecond=arrived_at.microsecond // 1000 * 1000),
            key_terms=draw.sample(terms, draw.randint(1, len(terms))),
            **changes,
        )
        for arrived_at in arrivals
    ]
    await profiles.save(made)
    await profiles.set_cold([one.resume for one in made])
    return sorted(made, key=lambda one: one.arrived_at, reverse=True)


async def candidates(profiles, terms, limit=10_000, places=()) -> list[str]:
    """All that can match a feed, in the order in which they are found."""
    return [id_ async for page in profiles.newest_cold(terms, limit, places) for id_ in page]


def every(step: timedelta, count: int, newest: datetime) -> list[datetime]:
    return [newest - number * step for number in range(count)]


def some_history(seed: int) -> list[datetime]:
    """Arrival times, all different: uploads of many at once, single ones, and years with nothing."""
    draw = random.Random(seed)
    at, arrivals = datetime.now(UTC), []
    for _ in range(8):
        step = draw.choice([SECOND / 1000, SECOND, 1000 * SECOND])
        arrivals += every(step, draw.choice([1, 5, 19, 20, 21, 70]), at)
        at = arrivals[-1] - draw.choice([SECOND, DAY, 200 * DAY, 2000 * DAY])
    return arrivals


@pytest.mark.parametrize("seed", range(5))
async def test_all_are_found_once_and_newest_first(stores, profiles, seed):
    everybody = await stored(profiles, some_history(seed))
    await stored(profiles, every(SECOND, 30, datetime.now(UTC) - DAY), ["o:other"])
    for terms in ([*TERMS, "o:nobody"], TERMS[:1], TERMS, ["o:nobody"], []):
        wanted = [one.resume for one in everybody if set(terms) & set(one.key_terms)]
        # What was found before makes the next search cheaper, never different.
        assert await candidates(profiles, terms) == wanted
        assert await candidates(Profiles(stores._database), terms) == wanted


async def test_those_who_would_not_go_to_any_of_the_places_are_left_out(profiles):
    now = datetime.now(UTC)
    (near,) = await stored(profiles, [now], TERMS[:1], places=["广州", "@广东"])
    (anywhere,) = await stored(profiles, [now - SECOND], TERMS[:1])
    await stored(profiles, [now - 2 * SECOND], TERMS[:1], places=["北京"])
    found = await candidates(profiles, TERMS, places={"广州", "深圳"})
    assert found == [one.resume for one in (near, anywhere)]


async def test_those_that_are_in_memory_or_have_come_anew_are_not_cold(profiles):
    still, changed = await stored(profiles, every(SECOND, 2, datetime.now(UTC)))
    fresh = [
        msgspec.structs.replace(changed, rev=2),
        msgspec.structs.replace(changed, resume=secrets.token_hex(12)),
    ]
    await profiles.save(fresh)
    assert await candidates(profiles, TERMS) == [still.resume]


async def test_those_that_were_sent_to_some_feeds_are_found_by_feed(profiles):
    mine, other, nobodys = (secrets.token_hex(12) for _ in range(3))
    now = datetime.now(UTC)
    (sent,) = await stored(profiles, [now], send_to=[mine])
    (both,) = await stored(profiles, [now], ["o:other"], send_to=[other], partner_for=[mine])
    await stored(profiles, [now], send_to=[secrets.token_hex(12)])
    found = await profiles.forced_into([mine, other, nobodys])
    assert {feed: sorted(ids) for feed, ids in found.items()} == {
        mine: sorted([sent.resume, both.resume]),
        other: [both.resume],
    }
