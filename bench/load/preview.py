"""Previews over many stored resumes while others come: how fast, and whether what they promise is true.

`backfill` stores the resumes and calls `over`. A recruiter types one form after the other and pauses
now and then, so each preview is of a longer text. The same is measured before, while no resumes come. In the
end nothing waits: then some forms are previewed and submitted, and each list must have as many results as its
preview counted.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from bson import ObjectId

from bench.harness.client import Client, new_clients, send
from bench.harness.machine import OwnStores, Process, patient_database
from bench.harness.table import Row, at_most
from bench.harness.waiting import eventually
from bench.harness.wire import quantile, until_scored
from bench.load.stored import Market
from bench.load.submitting import until_calced

RATE_A_S = 50
"""Resumes that come in a second meanwhile."""
EXACT = 10
"""Forms that are previewed and then submitted."""
_TYPED = 20
"""Characters that a recruiter types between two previews."""
_PAUSES = 8
"""Previews of one form, the first before its description is begun."""
_PAUSE_S = 0.1
"""Seconds from an answer to the next preview."""
_GIVE_UP_S = 120.0


class Typed(msgspec.Struct):
    """The seconds of each preview, and how many of them counted all stored resumes."""

    times: list[float] = []
    complete: int = 0

    def quantile_ms(self, share: float) -> float:
        """Milliseconds below which a share of the previews lies."""
        return 1_000 * quantile(self.times, share)

    def __str__(self) -> str:
        return (
            f"{len(self.times)} previews, {self.complete} complete, p50 {self.quantile_ms(0.5):.1f} ms, "
            f"p95 {self.quantile_ms(0.95):.1f} ms, at worst {1_000 * max(self.times):.1f} ms"
        )


async def over(stores: OwnStores, market: Market, count: int, seconds: float) -> list[Row]:
    """Start a server on stores with so many resumes, and measure at rest and under load, so long each."""
    async with (
        patient_database(stores) as database,
        Process.server(stores) as server,
        new_clients(server.port, 1) as (client,),
    ):
        forms = _typing(market.forms)
        await _complete(client, market.forms[0])
        rest = await _type(client, forms, seconds)
        typing = asyncio.create_task(_type(client, forms, seconds))
        await send(server.port, _arrivals(market, int(RATE_A_S * seconds)), rate_a_s=RATE_A_S)
        busy = await typing
        await until_scored(server.port, within_s=_GIVE_UP_S)
        wrong = await _count_wrong(client, database, market.forms[:EXACT])
    print(f"at rest: {rest}\nwhile {RATE_A_S} resumes a second come: {busy}", flush=True)
    name = f"preview of {count:,}, {RATE_A_S} resumes/s"
    p50, p95 = (
        Row(
            f"{name}, p{100 * share:.0f}",
            busy.quantile_ms(share),
            "ms",
            rest.quantile_ms(share),
            "the same at rest",
        )
        for share in (0.5, 0.95)
    )
    exact = Row(f"  of {EXACT}, lists of another length", wrong, "")
    return [p50, at_most(60, p95), at_most(0, exact)]


def _typing(forms: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """What stands in a form at each pause, one form after the other, without end."""
    for form in itertools.cycle(forms):
        for pause in range(_PAUSES):
            yield {**form, "job_desc": form["job_desc"][: pause * _TYPED]}


async def _type(client: Client, forms: Iterator[Mapping[str, Any]], seconds: float) -> Typed:
    """Ask for previews one after the other, for so long."""
    typed, began = Typed(), time.perf_counter()
    while (asked := time.perf_counter()) < began + seconds:
        answer = await client.preview(next(forms))
        typed.times.append(time.perf_counter() - asked)
        typed.complete += answer["complete"]
        await asyncio.sleep(_PAUSE_S)
    return typed


async def _complete(client: Client, form: Mapping[str, Any]) -> dict[str, Any]:
    """A preview that counts everything: not each does on a busy machine, and none until the index is read."""
    answer: dict[str, Any] = {}

    async def is_complete() -> bool:
        answer.update(await client.preview(form))
        return bool(answer["complete"])

    await eventually(is_complete, within_s=_GIVE_UP_S, what="a complete preview", every_s=0.2)
    return answer


def _arrivals(market: Market, count: int) -> list[bytes]:
    """Resumes like the stored ones, of another source."""
    bodies = itertools.islice(itertools.cycle(market.resumes), count)
    return [
        json.dumps({**body, "source": "arriving", "source_id": str(number)}, ensure_ascii=False).encode()
        for number, body in enumerate(bodies)
    ]


async def _count_wrong(client: Client, database: Any, forms: Sequence[Mapping[str, Any]]) -> int:
    """Preview and submit forms; returns how many lists have not as many results as was promised."""
    promised = [(await _complete(client, form))["total_count"] for form in forms]
    feeds = [await client.submit(form) for form in forms]
    await until_calced(database, within_s=_GIVE_UP_S)
    counts = [
        await database.results.count_documents({"feed": ObjectId(feed), "deleted": False}) for feed in feeds
    ]
    print(f"previews promised {promised}, the lists have {counts}")
    return sum(told != count for told, count in zip(promised, counts, strict=True))
