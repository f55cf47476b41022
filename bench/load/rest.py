"""REST: how many pages and lists a second, and how slow the slowest, beside bare Tornado.

`bench.harness.bare` makes the same reads of results in the same database, gives the same JSON, and does
nothing else. Both processes run all the time and are loaded in turn, several rounds each. The best figures of
each count, since the others measure what else the machine was doing.
"""

from __future__ import annotations

import asyncio
import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from bench.harness.client import upload
from bench.harness.machine import Process, own_stores, patient_database
from bench.harness.people import create_recruiters, resumes
from bench.harness.table import Row
from bench.harness.waiting import until_scored
from bench.harness.wire import Connection, load, quantile

ACCOUNTS, FEEDS_EACH, RESUMES = 50, 5, 1_000
CONNECTIONS = 6
"""As many as one account may have in flight: they can all meet at the same account."""


async def measure(seconds: float, rounds: int) -> list[Row]:
    """Fill a database, load both processes, compare."""
    async with own_stores() as stores:
        recruiters = await create_recruiters(stores, ACCOUNTS, feeds_each=FEEDS_EACH)
        async with (
            Process.server(stores) as ours,
            Process.bare(stores) as bare,
            patient_database(stores) as database,
        ):
            await upload(ours.port, resumes(RESUMES))
            await until_scored(ours.port)
            of = {feed: one.authorization for one in recruiters for feed in one.feeds}
            stages = [{"$group": {"_id": "$feed", "count": {"$sum": 1}}}]
            counts = await database.results.aggregate(stages).to_list(None)
            full = _in_turn([str(row["_id"]) for row in counts if row["count"] >= 10], of)
            print(f"{sum(row['count'] for row in counts)} results, {len(full)} feeds with a full first page")
            at_rest = await _at_rest((ours, bare), seconds, rounds)
            rows = []
            for name, paths in (
                ("page", [("/special_feed/page/", one.authorization) for one in recruiters]),
                ("feed_list", [(f"/special_feed/feed_list/{feed}", of[feed]) for feed in full]),
            ):
                await _compare(ours, bare, *paths[0])
                best: dict[str, Loaded] = {}
                for _ in range(rounds):
                    for who, process in (("ours", ours), ("bare", bare)):
                        loaded = await _load(process, paths, seconds, at_rest[process])
                        print(
                            f"{name}, {who}: {loaded.rate:.0f} a second; CPU of each: "
                            f"{loaded.cpu_ms:.2f} ms, store {loaded.store_ms:.2f} ms",
                            flush=True,
                        )
                        best[who] = loaded.better(best.get(who))
                rows += compared(name, best["ours"], best["bare"])
    rows.append(
        Row("a server that nobody asks, CPU", 1_000 * at_rest[ours], "ms/s", 1_000 * at_rest[bare], "bare")
    )
    return rows


async def _compare(ours: Process, bare: Process, path: str, authorization: str) -> None:
    """Check that both give the same JSON.

    Raises:
        SystemExit: They do not.
    """
    answers = []
    for process in (ours, bare):
        connection = Connection(process.port)
        answer = msgspec.json.decode((await connection.ask(path, authorization))[1])
        connection.close()
        answer.pop("understood", None)  # of the feed; the bare one knows no occupations
        answers.append(answer)
    if answers[0] != answers[1]:
        raise SystemExit(f"other answers to {path}:\n{answers[0]}\n{answers[1]}")


def _in_turn(feeds: Iterable[str], of: Mapping[str, str]) -> list[str]:
    """The feeds that accounts have, each account's first one first: what one asks for waits for its turn."""
    nth: Counter[str] = Counter()
    placed = []
    for feed in feeds:
        if feed in of:
            placed.append((nth[of[feed]], feed))
            nth[of[feed]] += 1
    return [feed for _, feed in sorted(placed)]


class Loaded(msgspec.Struct, frozen=True):
    """How a process did under load: answers a second, and milliseconds of each; of CPU, those beyond rest."""

    rate: float
    p99_ms: float
    cpu_ms: float
    store_ms: float

    def better(self, other: Loaded | None) -> Loaded:
        """The better figures of two rounds."""
        if other is None:
            return self
        return Loaded(
            max(self.rate, other.rate),
            min(self.p99_ms, other.p99_ms),
            min(self.cpu_ms, other.cpu_ms),
            min(self.store_ms, other.store_ms),
        )


async def _at_rest(processes: Sequence[Process], seconds: float, rounds: int) -> dict[Process, float]:
    """Seconds of CPU that each uses in a second in which nobody asks anything; the least of some rounds."""
    least = dict.fromkeys(processes, float("inf"))
    for _ in range(rounds):
        before = {process: process.used()[0] for process in processes}
        await asyncio.sleep(seconds)
        for process in processes:
            least[process] = min(least[process], float(process.used()[0] - before[process]) / seconds)
    return least


async def _load(process: Process, paths: Sequence[tuple[str, str]], seconds: float, at_rest: float) -> Loaded:
    used = process.used()
    timed = await load(process.port, paths, connections=CONNECTIONS, seconds=seconds)
    if timed.failed:
        raise SystemExit(f"{timed.failed} of {len(timed.times)} requests failed")
    spent = process.used() - used
    spent[0] -= at_rest * timed.seconds  # its tasks are not of these requests, however few fit beside others
    own, store = 1_000 * spent / len(timed.times)
    return Loaded(timed.rate, 1_000 * quantile(timed.times, 0.99), own, store)


def compared(name: str, ours: Loaded, bare: Loaded) -> list[Row]:
    """The rows of one endpoint."""
    row = functools.partial(Row, against="bare Tornado, same reads")
    return [
        row(f"{name}, {CONNECTIONS} connections", ours.rate, "a second", bare.rate).at_least_times(0.7),
        row(f"{name}, p99", ours.p99_ms, "ms", bare.p99_ms),
        row(f"{name}, CPU without the store's", ours.cpu_ms, "ms", bare.cpu_ms).at_most_times(1.1),
    ]
