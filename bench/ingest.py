"""Ingest of real resumes, end to end: from the first byte of the upload to the last list.

    python -m bench.ingest --data ../shared/data/matching-dev

starts a server with stores of its own, submits the data's feeds, uploads its resumes as one NDJSON
stream, and waits until all are scored. Beside it, in the same run, stands what bounds it: the
analysis alone, and the bare journalled insert of the same resumes. The data is read where it lies
and never copied: it has no licence to be part of this project.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient

from config.settings import Settings
from server import Server, keep_for_good, make_analyzer
from store.embedded import EmbeddedStores
from store.mongo import connect
from tests.support import INGEST_TOKEN, Hr, eventually

DATA = Path("../shared/data/matching-dev")


def read_gz(path: Path) -> list[bytes]:
    """The lines of a gzip file."""
    with gzip.open(path) as lines:
        return [line.strip() for line in lines if line.strip()]


async def end_to_end(port: int, feeds: list[dict[str, Any]], resumes: list[bytes]) -> dict[str, float]:
    """Seconds until the upload is answered, until all is scored, and how many results came of it."""
    AsyncHTTPClient.configure(None, max_clients=10)
    hr = await Hr.register(port)
    for feed in feeds:
        await hr.submit(wait=False, **feed["submit"])
    began = time.perf_counter()
    headers = {"Authorization": f"Bearer {INGEST_TOKEN}", "Content-Type": "application/x-ndjson"}
    answer = await hr.call("POST", "/resumes/", body=b"\n".join(resumes), headers=headers)
    answered = time.perf_counter() - began
    if answer.http != 200 or answer["accepted"] != len(resumes):
        raise SystemExit(f"not all resumes were accepted: {answer.json}")
    await hr.all_scored(every_s=0.25)
    scored = time.perf_counter() - began
    page = await hr.get("/special_feed/page/")
    results = sum(row["feed"]["unread_count"] for row in page["data"]["all_feed"])
    return {"answered": answered, "scored": scored, "results": results}


async def bare_insert(url: str, resumes: list[bytes]) -> float:
    """Seconds that the store takes for the same documents, journalled, a hundred at a time."""
    client = connect(url)
    documents = [json.loads(line) for line in resumes]
    began = time.perf_counter()
    for start in range(0, len(documents), 100):
        await client["bench"]["bare"].insert_many(documents[start : start + 100], ordered=False)
    seconds = time.perf_counter() - began
    await client.drop_database("bench")
    client.close()
    return seconds


async def measure(data: Path) -> None:
    """Run everything once and print the table."""
    feeds = [json.loads(line) for line in read_gz(data / "feeds.jsonl.gz")]
    resumes = read_gz(data / "resumes.jsonl.gz")
    bodies = [json.loads(line) for line in resumes]
    analyzer = make_analyzer()
    began = time.perf_counter()
    for body in bodies:
        analyzer.resume(body)
    analysis = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as directory:
        embedded = EmbeddedStores(Path(directory), ["mongo", "redis"])
        await embedded.start()
        settings = Settings(
            port=0,
            mongo_url=embedded.urls["mongo"],
            redis_url=embedded.urls["redis"],
            data_dir=Path(directory),
            ingest_token=INGEST_TOKEN,
            secret_key=INGEST_TOKEN,
            feed_quota=len(feeds),
        )
        server = Server(settings, analyzer=analyzer)
        keep_for_good()

        async def is_prepared() -> bool:
            return server._prepared.is_set()

        running = asyncio.create_task(server.run())
        await server.started.wait()
        await eventually(is_prepared, what="the start")
        times = await end_to_end(server.port, feeds, resumes)
        server.stop()
        await running
        bare = await bare_insert(embedded.urls["mongo"], resumes)
        await embedded.stop()
    count = len(resumes)
    print(f"{count} real resumes against {len(feeds)} feeds, {times['results']:.0f} results\n")
    print(f"{'':<44}{'seconds':>9}{'a second':>10}{'x bare':>8}")
    for name, seconds in (
        ("upload answered, every resume durable", times["answered"]),
        ("all scored, results durable, counts right", times["scored"]),
        ("limit: analysis alone", analysis),
        ("limit: bare journalled insert", bare),
    ):
        print(f"{name:<44}{seconds:>9.2f}{count / seconds:>10.0f}{bare / seconds:>8.2f}")


def main() -> int:
    """Read the command line and measure; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bench.ingest")
    parser.add_argument("--data", type=Path, default=DATA)
    options = parser.parse_args()
    if not (options.data / "resumes.jsonl.gz").exists():
        print(f"bench.ingest: no data in {options.data}: nothing measured", file=sys.stderr)
        return 0
    asyncio.run(measure(options.data))
    return 0


if __name__ == "__main__":
    sys.exit(main())
