"""One account does its worst, and a neighbour reads their lists: how much slower than in a quiet hour?

Each kind of attack has an account of its own, with a list that holds every resume. It asks on ten
connections, as often as it is answered. The neighbour asks for their feeds and a list of usual length, again
and again. The limit is the neighbour's own p95 while nobody else asks, measured before and after the attacks;
the better one.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence

from bson import ObjectId

from bench.harness.client import upload
from bench.harness.machine import OwnStores, Process, own_stores, patient_database
from bench.harness.people import Recruiter, create_recruiters, forms, resumes
from bench.harness.table import Row
from bench.harness.waiting import until_scored
from bench.harness.wire import Connection, asking, quantile
from store.accounts.companies import Member
from store.notes.candidate_records import CandidateRecords

CONNECTIONS = 10
"""Of the attacker; more than an account may have in flight."""
_EVERY_S = 0.02
"""Seconds from an answer that the neighbour gets to their next request."""
_CALM_S = 1.0
"""Seconds between two attacks, for what the one before has left to do."""
_LISTED = 20
"""Resumes in the neighbour's list."""
Attack = tuple[str, bool, bool]
"""A path with places for the attacker's feed and a number; whether it takes a form, and for this feed."""
ATTACKS: dict[str, Attack] = {
    "statistics": ("/special_feed/statistics/{feed}?days=90", False, False),
    "the export": ("/feed/export/{feed}.csv", False, False),
    "searches in favourites": ("/resume/follow/list/?keywords=a{number}", False, False),
    "previews": ("/special_feed/preview/", True, False),
    "lists by score": ("/special_feed/feed_list/{feed}?size=50&sort=score", False, False),
    "filtered lists": ("/special_feed/feed_list/{feed}?size=50&current_area=%E4%BA%AC", False, False),
    "submits": ("/special_feed/submit_feed/", True, True),
}


async def measure(listed: int, favourites: int, seconds: float) -> list[Row]:
    """Fill a database, then attack after attack, in the end with all but submits at once.

    Args:
        listed: Resumes in each attacker's list.
        favourites: How many of them are favourites.
        seconds: Of each attack.
    """
    attacks = {name: [attack] for name, attack in ATTACKS.items()}
    attacks["everything at once"] = list(ATTACKS.values())[:-1]
    p95s: dict[str, float] = {}
    failed = 0
    async with own_stores() as stores:
        neighbour, *attackers = await create_recruiters(stores, 1 + len(attacks), feeds_each=1)
        async with Process.server(stores, account_budget=None, preview_per_hour=None) as server:
            await _fill(server.port, listed, neighbour, attackers)
            await _make_favourites(stores, attackers, favourites)
            await _make_vip(stores, neighbour)

            async def observe(name: str, seconds: float = seconds) -> None:
                nonlocal failed
                paths = ("/special_feed/page/", f"/special_feed/feed_list/{neighbour.feeds[0]}")
                async with asking(
                    server.port, *paths, authorization=neighbour.authorization, every_s=_EVERY_S
                ) as times:
                    await asyncio.sleep(seconds)
                p95s[name] = 1_000 * quantile(times, 0.95)
                failed += times.count(float("inf"))

            await observe("the first moment", 1.0)  # it is warm from here on
            await observe("nobody")
            for (name, attack), attacker in zip(attacks.items(), attackers, strict=True):
                async with _attacking(server.port, attacker, attack) as answers:
                    await observe(name)
                print(f"beside {name}: p95 {p95s[name]:.1f} ms; the attacker got {dict(answers)}", flush=True)
                await asyncio.sleep(_CALM_S)
            await observe("nobody again")
    limit = min(p95s["nobody"], p95s["nobody again"])
    rows = (
        Row(f"neighbour's p95 beside {name}", p95s[name], "ms", limit, "nobody else asks") for name in attacks
    )
    wrong = Row("neighbour's answers that were no 200", failed, "").at_most(0)
    return [*(row.at_most_times(3) for row in rows), wrong]


async def _fill(port: int, count: int, neighbour: Recruiter, attackers: Sequence[Recruiter]) -> None:
    """Put every resume into the attackers' lists, and a few into the neighbour's."""
    theirs = [one.feeds[0] for one in attackers]
    made = [
        {**resume, "send_to": [*theirs, neighbour.feeds[0]] if number < _LISTED else theirs}
        for number, resume in enumerate(resumes(count))
    ]
    await upload(port, made)
    await until_scored(port)


async def _make_favourites(stores: OwnStores, attackers: Sequence[Recruiter], count: int) -> None:
    async with patient_database(stores) as database:
        records = CandidateRecords(database)
        for one in attackers:
            which = {"feed": ObjectId(one.feeds[0])}
            for row in await database.results.find(which, {"resume": 1}).limit(count).to_list(None):
                await records.watch(Member(one.user, one.user), str(row["resume"]), one.feeds[0])


async def _make_vip(stores: OwnStores, neighbour: Recruiter) -> None:
    """Let the neighbour ask more often than people do, so that a few seconds give enough answers."""
    async with patient_database(stores) as database:
        await database.accounts.update_one({"_id": ObjectId(neighbour.user)}, {"$set": {"vip": True}})


@contextlib.asynccontextmanager
async def _attacking(port: int, attacker: Recruiter, attack: Sequence[Attack]) -> AsyncIterator[Counter[int]]:
    """Ask in turn on all connections, as often as it is answered; gets the statuses, 0 where one broke."""
    answers: Counter[int] = Counter()
    typed = [{**form, "job_desc": form["job_desc"] * 2} for form in itertools.islice(forms(), 40)]
    feed = attacker.feeds[0]
    connections = [Connection(port) for _ in range(CONNECTIONS)]

    async def ask_on(connection: Connection) -> None:
        for number in itertools.count():
            path, has_form, is_edit = attack[number % len(attack)]
            form = typed[number % len(typed)] | ({"feed_id": feed} if is_edit else {})
            body = json.dumps(form).encode() if has_form else None
            path = path.format(feed=feed, number=number)
            try:
                status, _ = await connection.ask(path, attacker.authorization, body=body)
            except OSError:
                status = 0
            answers[status] += 1

    tasks = [asyncio.ensure_future(ask_on(connection)) for connection in connections]
    try:
        yield answers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in connections:
            connection.close()
