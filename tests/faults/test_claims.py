"""Two colleagues at two servers: of two claims at once one wins, and a dead server takes none with it."""

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

from tests.faults.team import joined, opened
from tests.integration.processes import urls
from tests.support import IS_LONG, PYTHON_FEED, Hr, python_resume

ROUNDS = 1_000 if IS_LONG else 10
_SEED = 35


async def claim(hr, resume, feed, kind="look"):
    return await hr.post(f"/resumes/claim/{resume}", {"feed_id": feed, "kind": kind})


async def two_at_two_servers(settings, start, stores, count):
    """Two servers, each with one of two colleagues who work in a feed; gives all of it and its people."""
    one, other = [await start(**urls(settings)).ready() for _ in range(2)]
    hr, wei = await Hr.register(one.port), await Hr.register(other.port)
    await joined(stores, hr, wei)
    feed = await hr.submit(**PYTHON_FEED)
    share = {"members": [{"id": wei.user, "role": "work"}]}
    assert (await hr.post(f"/special_feed/share/{feed}", share)).status == "ok"
    ids = await hr.scored(*(python_resume() for _ in range(count)))
    return one, other, hr, wei, feed, ids


async def test_of_two_claims_at_once_at_two_servers_one_wins_each_time(settings, start):
    chance, winners = random.Random(_SEED), Counter()
    async with opened(settings) as stores:
        _, _, hr, wei, feed, ids = await two_at_two_servers(settings, start, stores, 5)
        by_id = {hr.user: hr, wei.user: wei}
        for _ in range(ROUNDS):
            resume, kind = chance.choice(ids), chance.choice(["look", "call"])
            pair = [hr, wei]
            chance.shuffle(pair)
            answers = await asyncio.gather(*(claim(one, resume, feed, kind) for one in pair))
            assert sorted(answer.status for answer in answers) == ["claimed", "ok"]
            (winner,) = {answer["by"]["id"] for answer in answers}
            (won,) = [one for one, answer in zip(pair, answers, strict=True) if answer.status == "ok"]
            assert won.user == winner
            winners[winner == hr.user] += 1
            assert (await by_id[winner].post(f"/resumes/release/{resume}", {})).status == "ok"
    print(f"\n{ROUNDS} rounds of two claims at two servers: won {sorted(winners.values())}, one each time")


async def test_a_claim_outlives_its_server_and_ends_by_its_time(settings, start):
    async with opened(settings) as stores:
        one, other, hr, wei, feed, (resume, *_) = await two_at_two_servers(settings, start, stores, 1)
        until = (await claim(hr, resume, feed, "call"))["until"]
        one.kill()
        refused = await claim(wei, resume, feed, "call")
        assert (refused.status, refused["by"]["id"], refused["until"]) == ("claimed", hr.user, until)
        hr.port = other.port  # as a page comes back at another server, and says so again
        assert (await claim(hr, resume, feed, "call"))["until"] >= until
        over = {"$set": {"claim_until": datetime.now(UTC) - timedelta(seconds=1)}}
        await stores._database.candidate_records.update_many({"claim_until": {"$exists": True}}, over)
        assert [row["claim"] for row in await wei.results(feed)] == [None]
        assert (await claim(wei, resume, feed, "call")).status == "ok"
        assert (await claim(hr, resume, feed, "call")).status == "claimed"
