"""A company of several: how soon all see who is with whom, what that costs the rest, and a shared list.

Two servers share the stores: at one are all who work in the feeds that are claimed in, at the other one
colleague of each company who is in none of them. A hint about a claim reaches both.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Sequence

from bson import ObjectId

from bench.harness.client import upload
from bench.harness.crowd import Crowd
from bench.harness.machine import OwnStores, Process, own_stores, patient_database, raise_limits
from bench.harness.people import SEED, Recruiter, create_recruiters, resumes
from bench.harness.table import Row
from bench.harness.waiting import until_scored
from bench.harness.wire import Connection, at_rate, quantile

MEMBERS, RATE_A_S = 5, 20
"""Who works in each feed that is claimed in, and claims a second in all companies together."""
_SHARED_BY = 10
_PEOPLE = 20
"""People in the list of each company."""
_SETTLE_S = 1.0
Team = Sequence[Recruiter]


async def measure(companies: int, seconds: float, listed: int, pages: int) -> list[Row]:
    """Make the companies, claim in them, and read one list as its only reader and as one of ten.

    Args:
        companies: How many, of `MEMBERS` and one who is in no feed.
        seconds: How long somebody claims.
        listed: People in the list that is shared by ten, and in the other's own.
        pages: How often each of the two is read.
    """
    raise_limits()
    size = MEMBERS + 1
    async with own_stores() as stores:
        alone, *others = await create_recruiters(stores, 1 + _SHARED_BY + companies * size)
        ten, rest = others[:_SHARED_BY], others[_SHARED_BY:]
        teams = [rest[start : start + size] for start in range(0, len(rest), size)]
        await _found(stores, ten, ten)
        for team in teams:
            await _found(stores, team, team[:MEMBERS])
        async with Process.server(stores) as server, Process.server(stores, roles="web") as other:  # type: ignore[arg-type]
            feeds = [team[0].feeds[0] for team in teams]
            ids = await upload(server.port, [one | {"send_to": feeds} for one in resumes(_PEOPLE, "claims")])
            both = [alone.feeds[0], ten[0].feeds[0]]
            await upload(server.port, [one | {"send_to": both} for one in resumes(listed, "shared")])
            await until_scored(server.port)
            return [
                *await _claims(server, other, teams, ids, seconds),
                *await _lists(server, alone, ten, pages),
            ]


async def _found(stores: OwnStores, team: Team, members: Team) -> None:
    """Have accounts be in the company of the first, some of whom share the first's feed."""
    first, users = team[0], [ObjectId(one.user) for one in team[1:]]
    async with patient_database(stores) as database:
        those = {"_id": {"$in": users}}
        fields = {"company_id": ObjectId(first.user), "role": "recruiter"}
        await database.accounts.update_many(those, {"$set": fields})
        await database.companies.delete_many(those)
        await database.feeds.delete_many({"company": {"$in": users}})
        shares = [{"user": ObjectId(one.user), "role": "work"} for one in members[1:]]
        await database.feeds.update_one({"_id": ObjectId(first.feeds[0])}, {"$set": {"shares": shares}})


async def _claims(
    server: Process, other: Process, teams: Sequence[Team], ids: Sequence[str], seconds: float
) -> list[Row]:
    """The time from sending a claim to its frame at each colleague's socket, and what the others pay."""
    concerned = {one.authorization: team[0].feeds[0] for team in teams for one in team[:MEMBERS]}
    crowd = Crowd(server.port, [*concerned])
    outsiders = Crowd(other.port, [team[-1].authorization for team in teams])
    await crowd.connect()
    await outsiders.connect()
    await asyncio.sleep(_SETTLE_S)
    quiet = await _used(other, seconds)
    draw, sent = random.Random(SEED), dict[tuple[str, str], float]()
    free, refused = list[Connection](), list[bytes]()

    async def claim(number: int) -> None:
        team = teams[number % len(teams)]
        feed, resume = team[0].feeds[0], ids[number // len(teams) % len(ids)]
        connection = free.pop() if free else Connection(server.port)
        body = json.dumps({"feed_id": feed, "kind": "look"}).encode()
        sent[feed, resume] = time.perf_counter()
        path = f"/resumes/claim/{resume}"
        status, answer = await connection.ask(path, draw.choice(team[:MEMBERS]).authorization, body=body)
        if status != 200:
            refused.append(answer[:100])
        free.append(connection)

    busy, _ = await asyncio.gather(_used(other, seconds), at_rate(RATE_A_S, seconds, claim))
    await asyncio.sleep(_SETTLE_S)
    crowd.close()
    outsiders.close()
    for connection in free:
        connection.close()
    late = [at - sent[feed, resume] for name, feed, resume, at in crowd.claims if concerned[name] == feed]
    strangers = len(crowd.claims) - len(late) + len(outsiders.claims)
    untold = len(sent) * MEMBERS - len(late)
    print(
        f"claims: {len(sent)}, {len(refused)} refused {set(refused)}, {len(late)} frames, {untold} missing, "
        f"{strangers} to whom it does not concern"
    )
    late += [float("inf")] * untold
    p50, p99 = (1_000 * quantile(late, share) for share in (0.5, 0.99))
    measure = f"claim to {len(concerned)} sockets of {len(teams)} companies"
    cost = 1_000 * (busy - quiet) / len(sent)
    return [
        Row(f"{measure}, p50", p50, "ms"),
        Row(f"{measure}, p99", p99, "ms").at_most(300),
        Row("frames of it to sockets not concerned", strangers, "").at_most(0),
        Row("CPU of a server of others, a claim", cost, "ms").at_most(1),
    ]


async def _used(process: Process, seconds: float) -> float:
    """The CPU seconds that a process takes within so many seconds."""
    before = process.used()[0]
    await asyncio.sleep(seconds)
    return float(process.used()[0] - before)


async def _lists(server: Process, alone: Recruiter, ten: Team, pages: int) -> list[Row]:
    """The first page of a list that is one's own, and of one that ten share, read in turn."""
    connection, times = Connection(server.port), dict[str, list[float]](own=[], shared=[])
    for number in range(-2, pages):
        for name, who, feed in (
            ("own", alone, alone.feeds[0]),
            ("shared", ten[number % 9 + 1], ten[0].feeds[0]),
        ):
            began = time.perf_counter()
            status, answer = await connection.ask(
                f"/special_feed/feed_list/{feed}?size=20", who.authorization
            )
            if status != 200 or not json.loads(answer)["data"]:
                raise SystemExit(f"a list was refused: {answer[:500]!r}")
            if number >= 0:  # everything is warm
                times[name].append(1_000 * (time.perf_counter() - began))
    connection.close()
    own, shared = (quantile(times[name], 0.5) for name in ("own", "shared"))
    row = Row(f"a page of a feed shared by {len(ten)}, p50", shared, "ms", own, "of one's own feed")
    return [row.at_most_times(1.25)]
