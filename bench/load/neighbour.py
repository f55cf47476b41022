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
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import msgspec
from bson import ObjectId

from bench.harness.client import upload
from bench.harness.machine import DATABASE, OwnStores, Process, own_stores, patient_database
from bench.harness.people import Recruiter, create_recruiters, forms, resumes
from bench.harness.table import Row, at_most, no_more_than
from bench.harness.wire import Connection, quantile, until_scored
from store.notes.candidate_records import CandidateRecords

CONNECTIONS = 10
"""Of the attacker; more than an account may have in flight."""
_EVERY_S = 0.02
"""Seconds from an answer that the neighbour gets to their next request."""
_CALM_S = 1.0
"""Seconds between two attacks, for what the one before has left to do."""
_LISTED = 20
"""Resumes in the neighbour's list."""


class Size(msgspec.Struct, frozen=True):
    """How much is measured: resumes in each attacker's list, favourites of each, and seconds of an attack."""

    resumes: int
    favourites: int
    seconds: float


FULL = Size(resumes=3_000, favourites=1_000, seconds=8.0)
QUICK = Size(resumes=500, favourites=100, seconds=2.0)

Ask = Callable[[int, Recruiter, int], Awaitable[int]]
"""One request of an attack: the server's port, who asks, and the number of the request; gives the status."""


class Asked(msgspec.Struct):
    """What the neighbour saw: seconds of each answer, and the statuses."""

    times: list[float] = []
    statuses: Counter[int] = msgspec.field(default_factory=Counter)

    @property
    def p95_ms(self) -> float:
        """Milliseconds below which 95 of a hundred answers lie."""
        return 1_000 * quantile(self.times, 0.95)


async def measure(size: Size = FULL) -> list[Row]:
    """Fill a database, then attack after attack."""
    async with own_stores() as stores:
        attacks = _attacks()
        neighbour, *attackers = await create_recruiters(stores, 1 + len(attacks), feeds_each=1)
        async with Process.server(stores, bounds_accounts=True) as server:
            await _fill(server.port, size, neighbour, attackers)
            await _make_favourites(stores, attackers, size.favourites)
            await _make_vip(stores, neighbour)
            await _observe(server.port, neighbour, 1.0)  # it is warm from here on
            quiet = [await _observe(server.port, neighbour, size.seconds)]
            seen = {}
            for (name, ask), attacker in zip(attacks.items(), attackers, strict=True):
                seen[name], answers = await _attack(server.port, ask, attacker, neighbour, size.seconds)
                print(
                    f"beside {name}: p95 {seen[name].p95_ms:.1f} ms, {dict(seen[name].statuses)}; the "
                    f"attacker got {dict(answers)}",
                    flush=True,
                )
                await asyncio.sleep(_CALM_S)
            quiet.append(await _observe(server.port, neighbour, size.seconds))
    limit = min(one.p95_ms for one in quiet)
    rows = [
        no_more_than(3, Row(f"neighbour's p95 beside {name}", one.p95_ms, "ms", limit, "nobody else asks"))
        for name, one in seen.items()
    ]
    failed = sum(one.statuses.total() - one.statuses[200] for one in [*quiet, *seen.values()])
    return [*rows, at_most(0, Row("neighbour's answers that were no 200", failed, ""))]


async def _fill(port: int, size: Size, neighbour: Recruiter, attackers: Sequence[Recruiter]) -> None:
    """Put every resume into the attackers' lists, and a few into the neighbour's."""
    lines = []
    for number, line in enumerate(resumes(size.resumes)):
        feeds = [one.feeds[0] for one in attackers]
        if number < _LISTED:
            feeds.append(neighbour.feeds[0])
        lines.append(json.dumps({**json.loads(line), "send_to": feeds}, ensure_ascii=False).encode())
    await upload(port, lines)
    await until_scored(port)


async def _make_favourites(stores: OwnStores, attackers: Sequence[Recruiter], count: int) -> None:
    async with patient_database(stores, DATABASE) as database:
        records = CandidateRecords(database)
        for one in attackers:
            which = {"feed": ObjectId(one.feeds[0])}
            for row in await database.results.find(which, {"resume": 1}).limit(count).to_list(None):
                await records.watch(one.user, str(row["resume"]), one.feeds[0])


async def _make_vip(stores: OwnStores, neighbour: Recruiter) -> None:
    """Let the neighbour ask more often than people do, so that a few seconds give enough answers."""
    async with patient_database(stores, DATABASE) as database:
        await database.accounts.update_one({"_id": ObjectId(neighbour.user)}, {"$set": {"vip": True}})


async def _observe(port: int, neighbour: Recruiter, seconds: float) -> Asked:
    """Ask as the neighbour, for so long."""
    asked, connection = Asked(), Connection(port)
    paths = itertools.cycle(["/special_feed/page/", f"/special_feed/feed_list/{neighbour.feeds[0]}"])
    began = time.perf_counter()
    while (sent := time.perf_counter()) < began + seconds:
        status, _ = await connection.ask(next(paths), neighbour.authorization)
        asked.times.append(time.perf_counter() - sent)
        asked.statuses[status] += 1
        await asyncio.sleep(_EVERY_S)
    connection.close()
    return asked


async def _attack(
    port: int, ask: Ask, attacker: Recruiter, neighbour: Recruiter, seconds: float
) -> tuple[Asked, Counter[int]]:
    """Ask as the neighbour while an account does its worst; also the statuses that this one got."""
    answers: Counter[int] = Counter()

    async def loop() -> None:
        for number in itertools.count():
            answers[await ask(port, attacker, number)] += 1

    tasks = [asyncio.ensure_future(loop()) for _ in range(CONNECTIONS)]
    try:
        return await _observe(port, neighbour, seconds), answers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _attacks() -> dict[str, Ask]:
    typed = [{**form, "job_desc": form["job_desc"] * 2} for form in itertools.islice(forms(), 40)]

    def get(path: str) -> Ask:
        async def ask(port: int, who: Recruiter, number: int) -> int:
            return await _once(port, path.format(feed=who.feeds[0], number=number), who)

        return ask

    def post(path: str, *, edits: bool) -> Ask:
        async def ask(port: int, who: Recruiter, number: int) -> int:
            form = {**typed[number % len(typed)], **({"feed_id": who.feeds[0]} if edits else {})}
            return await _once(port, path, who, json.dumps(form).encode())

        return ask

    named = {
        "statistics": get("/special_feed/statistics/{feed}?days=90"),
        "the export": get("/feed/export/{feed}.csv"),
        "searches in favourites": get("/resume/follow/list/?keywords=a{number}"),
        "previews": post("/special_feed/preview/", edits=False),
        "lists by score": get("/special_feed/feed_list/{feed}?size=50&sort=score"),
        "filtered lists": get("/special_feed/feed_list/{feed}?size=50&current_area=%E4%BA%AC"),
        "submits": post("/special_feed/submit_feed/", edits=True),
    }

    async def everything(port: int, who: Recruiter, number: int) -> int:
        return await list(named.values())[number % (len(named) - 1)](port, who, number)

    return {**named, "everything at once": everything}


async def _once(port: int, path: str, who: Recruiter, body: bytes | None = None) -> int:
    """One request on a connection of its own, whose answer is read to its end; 0 where it broke."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            head = (
                f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n"
            )
            head += f"Authorization: {who.authorization}\r\n"
            if body is not None:
                head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            writer.write(head.encode() + b"\r\n" + (body or b""))
            answer = await reader.readuntil(b"\r\n")
            while await reader.read(1 << 16):
                pass
            return int(answer.split()[1])
        finally:
            writer.close()
    return 0
