"""The lists as a recruiter gets them: a real server, real accounts, the whole way over HTTP.

Accounts are registered for five feeds each, as ordinary ones have; all feeds are submitted, all resumes
uploaded as one NDJSON stream, and when nothing waits to be scored every list is read page by page.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bench.quality_data import Judged
from bench.quality_measures import Rankings
from tests.integration.processes import Process
from tests.support import INGEST_TOKEN, Hr

QUOTA = 5


async def api_rankings(judged: Judged) -> Rankings:
    """Every feed's list, best first, as `feed_list` gives it."""
    with tempfile.TemporaryDirectory() as directory:
        server = await Process(Path(directory) / "data", register_per_minute=1_000).ready()
        try:
            return await _lists(server.port, judged)
        finally:
            server.stop()


async def _lists(port: int, judged: Judged) -> Rankings:
    owners: dict[str, tuple[Hr, str]] = {}
    for start in range(0, len(judged.feeds), QUOTA):
        hr = await Hr.register(port)
        for feed in judged.feeds[start : start + QUOTA]:
            owners[feed["feed_key"]] = hr, await hr.submit(wait=False, **feed["submit"])
    body = "\n".join(json.dumps(resume, ensure_ascii=False) for resume in judged.resumes).encode()
    headers = {"Authorization": f"Bearer {INGEST_TOKEN}", "Content-Type": "application/x-ndjson"}
    answer = await hr.call("POST", "/resumes/", body=body, headers=headers)
    if answer.http != 200 or answer["rejected"]:
        raise SystemExit(f"not all resumes were accepted: {answer.json.get('rejected')}")
    sources = dict(zip(answer["ids"], (resume["source_id"] for resume in judged.resumes), strict=True))
    await hr.all_scored(every_s=0.25)
    rankings = {}
    for key, (owner, feed_id) in owners.items():
        await owner.calced(feed_id)
        items = await owner.results(feed_id, sort="score")
        rankings[key] = [sources[item["resume"]["id"]] for item in items]
    return rankings
