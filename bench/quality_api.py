"""The lists as a recruiter gets them: a real server, ordinary accounts, everything over HTTP, tiers too.

Accounts are registered and submit five feeds each, the quota of an ordinary one. Then all resumes are
uploaded as one NDJSON stream, and when none of them waits to be scored every list is read page by page.
"""

from __future__ import annotations

import json

from bench.client import Client, upload
from bench.machine import Process, own_stores
from bench.quality_data import Judged
from bench.quality_lists import Listed
from bench.waiting import eventually
from bench.wire import until_scored

QUOTA = 5


async def api_lists(judged: Judged) -> dict[str, list[Listed]]:
    """Every feed's list, best first, both tiers, as `feed_list` gives it."""
    async with own_stores() as stores, Process.server(stores) as server:
        return await _lists(server.port, judged)


async def _lists(port: int, judged: Judged) -> dict[str, list[Listed]]:
    owners: dict[str, tuple[Client, str]] = {}
    for start in range(0, len(judged.feeds), QUOTA):
        client = await Client.register(port)
        for feed in judged.feeds[start : start + QUOTA]:
            owners[feed["feed_key"]] = client, await client.submit(feed["submit"])
    ids = await upload(port, [json.dumps(resume, ensure_ascii=False).encode() for resume in judged.resumes])
    sources = dict(zip(ids, (resume["source_id"] for resume in judged.resumes), strict=True))
    await until_scored(port, every_s=0.25)
    lists = {}
    for key, (owner, feed_id) in owners.items():

        async def is_scored(owner: Client = owner, feed_id: str = feed_id) -> bool:
            return await owner.is_scored(feed_id)

        await eventually(is_scored, within_s=60, what="a backfill", every_s=0.02)
        items = await owner.results(feed_id, sort="score", tier="all")
        lists[key] = [
            Listed(sources[item["resume"]["id"]], item["fit"], item["tier"] == "strong") for item in items
        ]
    return lists
