"""Many stored resumes, as an earlier scoring would have left them.

    market = read_market(data, analyzer)
    await store(stores, market, analyzer, 100_000)

Uploading so many and having them scored would take a quarter of an hour. Resumes and feeds are made of real
texts (`bench.match.data`), or are made up where there are none.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from bson import ObjectId

from bench.harness.machine import DATABASE, OwnStores, patient_database
from bench.harness.people import forms, resumes
from bench.match.data import FILES, texts_of
from bench.match.data import Market as RealMarket
from engine.matching.analysis.analyzer import Analyzer
from store.parts import part_of
from store.stores import Stores

DISTINCT = 4_000
"""Resumes that are analysed. They are stored many times under other ids, since analysing takes longer."""
FORMS = 200
"""Forms of feeds."""
_BATCH = 500
"""Documents of one insert."""


class Market(msgspec.Struct, frozen=True):
    """Records of resumes, and forms of feeds that match some of them."""

    name: str
    resumes: list[dict[str, Any]]
    forms: list[dict[str, Any]]


def read_market(data: Path, analyzer: Analyzer, distinct: int = DISTINCT) -> Market:
    """So many records of real texts, or made-up ones where the data is not there."""
    if not all((data / name).exists() for name in FILES):
        made_up = [json.loads(line) for line in resumes(distinct)]
        return Market("made-up", made_up, list(itertools.islice(forms(), FORMS)))
    real = RealMarket(analyzer, texts_of(data))
    return Market(
        "real",
        [record for record, _ in real.resumes(distinct)],
        [msgspec.to_builtins(spec) for spec, _ in real.forms(FORMS)],
    )


async def store(stores: OwnStores, market: Market, analyzer: Analyzer, count: int) -> None:
    """Write so many resumes with their profiles: scored, arrived and written one second apart.

    No server may run yet: it would read what is written now, and this says that it was written long ago.
    """
    made = [(body, analyzer.resume(body)) for body in market.resumes[:count]]
    now = datetime.now(UTC)
    await _prepare(stores)
    async with patient_database(stores) as database:
        for start in range(0, count, _BATCH):
            records, profiles = [], []
            for number in range(start, min(start + _BATCH, count)):
                body, profile = made[number % len(made)]
                id_ = ObjectId(hashlib.sha256(str(number).encode()).digest()[:12])
                arrived_at = now - timedelta(seconds=number)
                common = {"_id": id_, "rev": 1, "arrived_at": arrived_at, "send_to": [], "partner_for": []}
                records.append(
                    {
                        **common,
                        "digest": "",
                        "masked": "",
                        "body": body,
                        "source": "stored",
                        "source_id": str(number),
                    }
                )
                profiles.append(
                    {
                        **common,
                        "part": part_of(id_),
                        "updated_at": arrived_at,
                        "key_terms": list(profile.key_terms),
                        "data": profile.encode(),
                        "version": analyzer.version,
                        "places": list(profile.places),
                    }
                )
            await database.resumes.insert_many(records, ordered=False)
            await database.profiles.insert_many(profiles, ordered=False)


async def _prepare(stores: OwnStores) -> None:
    """Make the indexes first, as a store has them that was filled over the years."""
    opened = Stores(stores.mongo_url, DATABASE, stores.redis_url)
    await opened.prepare()
    await opened.close()
