"""What writing results takes alone: the limit of whatever ends with results that are durable.

    rate = await rate_alone(stores)

The results that a run has left are written once more, to another database of the same store: the same
documents in the same order, with the same indexes, as many at a time, and journalled. Nothing scores, words
or tells anybody meanwhile.
"""

from __future__ import annotations

import time

from pymongo import WriteConcern

from bench.harness.machine import OwnStores, patient_database
from store.mongo import INDEXES
from store.paging import pages

BATCH = 200
"""Results of one write, as many as the server's own writes take. When it takes others, this must follow."""
_MOST = 40_000
"""Results that are written at most, in about 10 s. More would be written no faster."""
_BARE = "bare"
"""The other database; it is dropped at the end."""


async def rate_alone(stores: OwnStores) -> float:
    """Results a second; infinity where there are none. The server should have ended, or be idle."""
    written, seconds = 0, 0.0
    async with patient_database(stores) as database, patient_database(stores, _BARE) as bare:
        results = bare.get_collection("results", write_concern=WriteConcern("majority", j=True))
        await results.create_indexes(INDEXES["results"])
        async for documents in pages(database.results.find({}, limit=_MOST), BATCH):
            began = time.perf_counter()
            await results.insert_many(documents, ordered=False)
            seconds += time.perf_counter() - began
            written += len(documents)
        await bare.client.drop_database(_BARE)
    return written / seconds if written else float("inf")
