"""Many stored resumes: one feed over them, then previews while others come.

The resumes are written as an earlier scoring would have left them; uploading so many and having them scored
would take a quarter of an hour. A feed is submitted, and its list is read until the first page is there and
until it is complete. Meanwhile `/healthz` says how late the server's loop is.

Then a recruiter types one form after the other and pauses now and then, so each preview is of a longer text:
at rest, and while resumes come. In the end nothing waits: then some forms are previewed and submitted, and
each list must have as many results as its preview counted.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from bench.harness.client import Client, new_clients, send
from bench.harness.machine import DATABASE, OwnStores, Process, own_stores, patient_database
from bench.harness.table import Row
from bench.harness.waiting import eventually, until_calced, until_scored
from bench.harness.wire import asking, quantile
from bench.load.feeds import rate_alone
from bench.load.market import Market, text_market
from bench.match.data import CITIES
from engine.matching.analysis.analyzer import Analyzer
from process.rules import make_analyzer
from store.parts import part_of
from store.stores import Stores

FIRST_PAGE = 40
"""Results that a recruiter's first page shows."""
FORMS: Sequence[Mapping[str, Any]] = (
    {"title": "Java开发工程师", "job_desc": "负责后端服务的开发，熟悉MySQL", "expect_area": ["北京"]},
    {"title": "Java开发工程师", "job_desc": "负责后端服务的开发，熟悉MySQL"},
    {"title": "工程师", "job_desc": "负责软件开发，算法，测试，硬件设计", "expect_area": list(CITIES[:10])},
)
"""An ordinary feed, for which the aims are; one without a city; and a vague one that reaches everybody."""
RATE_A_S = 50
"""Resumes that come in a second while previews are asked for."""
EXACT = 10
"""Forms that are previewed and then submitted."""
_TYPED, _PAUSES, _PAUSE_S = 20, 8, 0.1
"""Characters that a recruiter types between two previews; previews of one form, the first before its
description is begun; and seconds from an answer to the next preview."""
_REST_S = 2.0
"""How long the server is measured at rest."""
_ASK_EVERY_S = 0.005
"""Seconds between two questions how late the loop is."""
_GIVE_UP_S = 120.0
_BATCH = 500
"""Documents of one insert."""


async def measure(count: int, distinct: int, preview_s: float) -> list[Row]:
    """Store so many resumes, of which so many differ; then one feed, and previews for so long."""
    analyzer = make_analyzer()
    market = text_market(analyzer, distinct, 200)
    async with own_stores() as stores:
        await store(stores, market, analyzer, count)
        async with (
            patient_database(stores) as database,
            Process.server(stores) as server,
            new_clients(server.port, 1) as (client,),
        ):
            await complete_preview(client, market.feeds[0])
            rows = await one_feed(stores, server.port, client, count)
            return rows + await previews(server.port, client, database, market, count, preview_s)


async def store(stores: OwnStores, market: Market, analyzer: Analyzer, count: int) -> None:
    """Write so many resumes with their profiles: scored, arrived and written one second apart.

    Those of the market are stored many times under other ids, as analysing takes longer. No server may run
    yet: it would read what is written now, and this says that it was written long ago.
    """
    opened, began = Stores(stores.mongo_url, DATABASE, stores.redis_url), time.perf_counter()
    await opened.prepare()  # its indexes are there first, as in a store that was filled over the years
    await opened.close()
    made, now = [(body, analyzer.resume(body)) for body in market.resumes[:count]], datetime.now(UTC)
    async with patient_database(stores) as database:
        for start in range(0, count, _BATCH):
            records, profiles = [], []
            for number in range(start, min(start + _BATCH, count)):
                body, profile = made[number % len(made)]
                id_ = ObjectId(hashlib.sha256(str(number).encode()).digest()[:12])
                arrived_at = now - timedelta(seconds=number)
                common = {"_id": id_, "rev": 1, "arrived_at": arrived_at, "send_to": [], "partner_for": []}
                named = {"source": "stored", "source_id": str(number), "digest": "", "masked": ""}
                records.append({**common, **named, "body": body})
                analysed = {"data": profile.encode(), "version": analyzer.version}
                found_by = {"key_terms": list(profile.key_terms), "places": list(profile.places)}
                profiles.append(
                    {**common, **analysed, **found_by, "part": part_of(id_), "updated_at": arrived_at}
                )
            await database.resumes.insert_many(records, ordered=False)
            await database.profiles.insert_many(profiles, ordered=False)
    print(f"{count:,} {market.name} resumes stored in {time.perf_counter() - began:.0f} s", flush=True)


async def one_feed(stores: OwnStores, port: int, client: Client, count: int) -> list[Row]:
    """Submit each form; the rows are of the first, but for the lag, of which the worst counts."""
    ran: list[tuple[float, float, int]] = []
    late: list[float] = []
    async with asking(port, "/healthz", every_s=_ASK_EVERY_S) as answers:
        await asyncio.sleep(_REST_S)
        rest = 1_000 * quantile(answers, 0.99)
        for form in FORMS:
            answers.clear()
            first, complete, results = await backfill(client, form)
            ran.append((first, complete, results))
            late.append(1_000 * quantile(answers, 0.99))
            print(
                f"{form['title']}: first page {first:.2f} s, complete {complete:.1f} s, {results:,} results; "
                f"/healthz p99 {late[-1]:.1f} ms, at rest {rest:.1f}",
                flush=True,
            )
    (first, complete, results), alone = ran[0], await rate_alone(stores)
    name = f"one feed over {count:,} resumes"
    return [
        Row(f"{name}, first page listed", 1_000 * first, "ms").at_most(200),
        Row("  it is complete", complete, "s", results / alone, "the results written alone").at_most(1),
        Row(
            "  /healthz meanwhile, p99, worst of 3 feeds", max(late), "ms", rest, "the same server at rest"
        ).at_most(20),
    ]


async def backfill(client: Client, form: Mapping[str, Any]) -> tuple[float, float, int]:
    """Submit a feed; the seconds until its first page is listed and until it is complete, and its results."""
    began = time.perf_counter()
    feed_id = await client.submit(form)

    async def is_scored() -> bool:
        return await client.is_scored(feed_id)

    async def is_shown() -> bool:
        return len((await client.page(feed_id))["data"]) >= FIRST_PAGE or await is_scored()

    await eventually(is_shown, within_s=_GIVE_UP_S, every_s=0.01, what="the first page")
    first = time.perf_counter() - began
    await eventually(is_scored, within_s=_GIVE_UP_S, every_s=0.02, what="the end")
    return first, time.perf_counter() - began, await client.unread(feed_id)


async def previews(
    port: int, client: Client, database: Any, market: Market, count: int, seconds: float
) -> list[Row]:
    """Preview at rest and under load, so long each; then compare what is promised with what is listed."""
    forms = typing(market.feeds)
    rest = await type_on(client, forms, seconds)
    typed = asyncio.create_task(type_on(client, forms, seconds))
    bodies = itertools.islice(itertools.cycle(market.resumes), int(RATE_A_S * seconds))
    arriving = [{**body, "source": "new", "source_id": str(number)} for number, body in enumerate(bodies)]
    await send(port, arriving, rate_a_s=RATE_A_S)
    busy = await typed
    await until_scored(port, within_s=_GIVE_UP_S)
    wrong = await count_wrong(client, database, market.feeds[:EXACT])
    print(f"previews: {len(busy)}, at worst {max(busy):.1f} ms", flush=True)
    name = f"preview of {count:,}, {RATE_A_S} resumes/s"
    p50, p95 = (
        Row(
            f"{name}, p{share}",
            quantile(busy, share / 100),
            "ms",
            quantile(rest, share / 100),
            "the same at rest",
        )
        for share in (50, 95)
    )
    return [p50, p95.at_most(60), Row(f"  of {EXACT}, lists of another length", wrong, "").at_most(0)]


def typing(forms: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """What stands in a form at each pause, one form after the other, without end."""
    for form in itertools.cycle(forms):
        for pause in range(_PAUSES):
            yield {**form, "job_desc": form["job_desc"][: pause * _TYPED]}


async def type_on(client: Client, forms: Iterator[Mapping[str, Any]], seconds: float) -> list[float]:
    """Ask for previews one after the other, for so long; gives the milliseconds of each."""
    times, began = [], time.perf_counter()
    while (asked := time.perf_counter()) < began + seconds:
        await client.preview(next(forms))
        times.append(1_000 * (time.perf_counter() - asked))
        await asyncio.sleep(_PAUSE_S)
    return times


async def complete_preview(client: Client, form: Mapping[str, Any]) -> int:
    """What a preview that is complete counts: none is until the index is read, nor each on a busy machine."""
    counts: list[int] = []

    async def is_complete() -> bool:
        answer = await client.preview(form)
        counts.append(answer["total_count"])
        return bool(answer["complete"])

    await eventually(is_complete, within_s=_GIVE_UP_S, what="a complete preview", every_s=0.2)
    return counts[-1]


async def count_wrong(client: Client, database: Any, forms: Sequence[Mapping[str, Any]]) -> int:
    """Preview and submit forms; returns how many lists have not as many results as was promised."""
    promised = [await complete_preview(client, form) for form in forms]
    feeds = [await client.submit(form) for form in forms]
    await until_calced(database, within_s=_GIVE_UP_S)
    counts = [
        await database.results.count_documents({"feed": ObjectId(feed), "deleted": False}) for feed in feeds
    ]
    print(f"previews promised {promised}, the lists have {counts}")
    return sum(told != count for told, count in zip(promised, counts, strict=True))
