"""What an unread count costs where little and where much is unread.

Two accounts have a feed each. One resume, stored many times, fills the list of the one, and another resume
that of the other. Then each asks for `GET /special_feed/page/` in turn, so that a busy moment of the machine
meets both.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import msgspec

from bench.harness.client import new_clients
from bench.harness.machine import Process, own_stores, patient_database
from bench.harness.table import Row, no_more_than
from bench.load.stored import Market, store
from bench.load.submitting import until_calced
from process.setup import make_analyzer

_FORMS = (
    {"title": "会计", "job_desc": "负责账务处理和纳税申报", "expect_area": ["上海"]},
    {"title": "Java开发工程师", "job_desc": "负责后端服务的开发", "expect_area": ["北京"]},
)
"""The feed of the few and that of the many; no resume of the one matches the other."""
_GIVE_UP_S = 120.0


class Size(msgspec.Struct, frozen=True):
    """Unread results of each feed, and how often each page is asked for."""

    few: int
    many: int
    rounds: int


FULL, QUICK = Size(10, 10_000, 300), Size(10, 1_000, 50)


async def measure(size: Size = FULL) -> list[Row]:
    """Store, submit, and ask for pages."""
    analyzer = make_analyzer()
    few, many = (_resume(form) for form in _FORMS)
    market = Market("made-up", [few] * size.few + [many] * size.many, [])
    async with own_stores() as stores:
        await store(stores, market, analyzer, size.few + size.many)
        async with (
            patient_database(stores) as database,
            Process.server(stores) as server,
            new_clients(server.port, len(_FORMS)) as clients,
        ):
            feeds = [await client.submit(form) for client, form in zip(clients, _FORMS, strict=True)]
            await until_calced(database, within_s=_GIVE_UP_S)
            times: tuple[list[float], ...] = ([], [])
            for _ in range(size.rounds):
                for client, feed, seconds, truth in zip(
                    clients, feeds, times, (size.few, size.many), strict=True
                ):
                    began = time.perf_counter()
                    count = await client.unread(feed)
                    seconds.append(time.perf_counter() - began)
                    if count != truth:
                        raise SystemExit(f"{count} unread, but the feed matches {truth}")
    short, long = (1_000 * statistics.median(seconds) for seconds in times)
    row = Row(f"page with {size.many:,} unread, median", long, "ms", short, f"with {size.few} unread")
    return [no_more_than(1.2, row)]


def _resume(form: dict[str, Any]) -> dict[str, Any]:
    """Somebody whom a form asks for."""
    work = {
        "position_title": form["title"],
        "job_desc": form["job_desc"],
        "start_time": "2019-03",
        "end_time": "至今",
    }
    target = {"job_career": form["title"], "expectation_area": form["expect_area"][0]}
    return {"job_target": target, "works": [work], "work_years": 6}
