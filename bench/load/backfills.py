"""Many feeds submitted at once: to an empty store, and over stored resumes.

The time that counts goes from the answer of the last submit until every feed is `calced`, which means that
its results are journalled. Beside it stands what bounds it: the submits themselves, and writing the same
number of results alone. Without the data, feeds and resumes are made up.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import msgspec

from bench.harness.client import new_clients, upload
from bench.harness.machine import OwnStores, Process, cpu_s, own_stores, patient_database
from bench.harness.table import Row, at_most, at_most_beyond
from bench.harness.wire import until_scored
from bench.load.ingest import Market, market
from bench.load.results_alone import rate_alone
from bench.load.submitting import submit_all, until_calced

_GIVE_UP_S = 180.0
"""How long the feeds may take after the last submit; beyond, the figure is infinite."""


class Size(msgspec.Struct, frozen=True):
    """How much is measured."""

    feeds: int
    accounts: int
    resumes: int


FULL, QUICK = Size(1_000, 20, 2_000), Size(100, 10, 200)


class Times(msgspec.Struct, frozen=True):
    """Seconds of the submits, seconds from the last one's answer until all are calced, and the results."""

    submits: float
    calced: float
    results: int

    @property
    def whole(self) -> float:
        """Seconds from the first submit on."""
        return self.submits + self.calced


async def measure(data: Path, size: Size = FULL) -> list[Row]:
    """Run both scenes, each on stores of its own."""
    given = market(data, size.resumes)
    async with own_stores() as stores:
        empty = await _submit(stores, msgspec.structs.replace(given, resumes=[]), size)
    async with own_stores() as stores:
        full = await _submit(stores, given, size)
        alone = full.results / await rate_alone(stores)
    feeds, over = f"{size.feeds:,} feeds", f"over {size.resumes:,} resumes"
    return [
        at_most(
            3,
            Row(f"{feeds} on an empty store, all calced", empty.calced, "s", empty.submits, "their submits"),
        ),
        at_most_beyond(
            5, Row(f"{feeds} {over}, all durable", full.calced, "s", alone, "the results written alone")
        ),
        Row("  since the first submit", full.whole, "s", empty.whole + alone, "on an empty store + alone"),
    ]


async def _submit(stores: OwnStores, given: Market, size: Size) -> Times:
    """Store the resumes, if any; then submit all feeds and wait."""
    async with (
        patient_database(stores) as database,
        Process.server(stores) as server,
        new_clients(server.port, size.accounts) as clients,
    ):
        if given.resumes:
            await upload(server.port, given.resumes)
            await until_scored(server.port)
        used, used_store = server.cpu_s(), cpu_s(stores.mongo_pid)
        began = time.perf_counter()
        await submit_all(clients, given.feeds, size.feeds)
        submitted = time.perf_counter()
        calced = float("inf")
        with contextlib.suppress(TimeoutError):
            await until_calced(database, within_s=_GIVE_UP_S)
            calced = time.perf_counter() - submitted
        used, used_store = server.cpu_s() - used, cpu_s(stores.mongo_pid) - used_store
        results = await database.results.count_documents({})
    print(
        f"{size.feeds:,} {given.name} feeds over {len(given.resumes):,} resumes: submitted in "
        f"{submitted - began:.1f} s, calced {calced:.1f} s later, {results:,} results; "
        f"CPU: server {used:.1f} s, store {used_store:.1f} s",
        flush=True,
    )
    return Times(submitted - began, calced, results)
