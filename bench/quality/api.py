"""The lists as a recruiter gets them: a real server, ordinary accounts, everything over HTTP, tiers too.

Accounts are registered and submit five feeds each, the quota of an ordinary one. Then all resumes are
uploaded as one NDJSON stream, and when none of them waits to be scored every list is read page by page. Then
`manage.py learn` learns from these resumes, and when all feeds have been scored again the lists are read once
more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from bench.harness.client import Client, upload
from bench.harness.machine import Process, manage, own_stores
from bench.harness.waiting import eventually, until_scored
from bench.quality.data import Judged
from bench.quality.lists import Listed

QUOTA = 5


async def api_lists(judged: Judged) -> AsyncIterator[dict[str, list[Listed]]]:
    """Every feed's list, best first, both tiers, as `feed_list` gives it: before `learn`, then after it."""
    async with own_stores() as stores, Process.server(stores) as server:
        owners: dict[str, tuple[Client, str]] = {}
        for start in range(0, len(judged.feeds), QUOTA):
            client = await Client.register(server.port)
            for feed in judged.feeds[start : start + QUOTA]:
                owners[feed["feed_key"]] = client, await client.submit(feed["submit"])
        ids = await upload(server.port, judged.resumes)
        sources = dict(zip(ids, (resume["source_id"] for resume in judged.resumes), strict=True))

        async def read() -> dict[str, list[Listed]]:
            await until_scored(server.port, every_s=0.25)
            return {key: await _list(*owned, sources) for key, owned in owners.items()}

        yield await read()
        print(await manage(stores, "learn"))
        yield await read()


async def _list(owner: Client, feed_id: str, sources: Mapping[str, str]) -> list[Listed]:
    async def is_scored() -> bool:
        return await owner.is_scored(feed_id)

    await eventually(is_scored, within_s=600, what="a backfill", every_s=0.02)
    items = await owner.results(feed_id, sort="score", tier="all")
    return [Listed(sources[item["resume"]["id"]], item["fit"], item["tier"] == "strong") for item in items]
