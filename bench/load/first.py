"""New resumes come first, then what somebody waits for, then the rest; and nothing fails meanwhile.

Many submit feeds that each resume matches, three do so without end, and dozens share name, school and year.
"""

from __future__ import annotations

import asyncio
import contextlib
import time

from bench.harness.client import Client, new_clients, send, upload
from bench.harness.machine import Process, own_stores
from bench.harness.people import resumes
from bench.harness.table import Row
from bench.harness.waiting import until_scored
from bench.harness.watched import TOLD
from bench.load.feeds import submit_all
from bench.load.stored import FORMS, backfill

_DEVELOPER = {
    "works": [{"position_title": FORMS[0]["title"], "job_desc": FORMS[0]["job_desc"]}],
    "job_target": {"job_career": FORMS[0]["title"], "expectation_area": "北京"},
}
_NAMES, _SCHOOLS, _FRESH, _GIVE_UP_S = 20, "东西南北中上下左右前", 20, 15.0


async def measure(accounts: int, feeds: int, stored: int, alike: int) -> list[Row]:
    """So many feeds of so many accounts over so many resumes; in the end so many resumes that look alike."""
    async with (
        own_stores() as stores,
        Process.server(stores, watched=True) as server,
        new_clients(server.port, accounts + 5) as (first, one, *many),
    ):
        fresh = until_fresh_are_scored(server.port, "beside loops")
        beside_loops, _ = await asyncio.gather(fresh, asyncio.gather(*map(submit_on, many[:3])))
        await upload(server.port, [resume | _DEVELOPER for resume in resumes(stored)])
        await until_scored(server.port)
        await backfill(first, FORMS[0])  # it is warm from here on
        _, alone, _ = await backfill(one, FORMS[0])
        await submit_all(many[3:], FORMS[:1], feeds)
        _, beside, _ = await backfill(one, FORMS[0])
        beside_feeds = await until_fresh_are_scored(server.port, "beside feeds")
        people, began = resumes(alike, "alike"), time.perf_counter()
        for number, resume in enumerate(people):
            school = {"school": f"{_SCHOOLS[number // _NAMES % len(_SCHOOLS)]}城大学", "end_time": "2014-06"}
            resume |= {"name": people[number % _NAMES]["name"], "gender": "", "education": [school]}
        await upload(server.port, people)
        answered = time.perf_counter() - began
        given_up = sum(log.read_text().count(TOLD) for log in stores.data_dir.glob("*.log"))
    return [
        Row(f"{_FRESH} resumes beside 3 who submit in a loop", beside_loops, "s").at_most(5),
        Row(f"a feed beside {feeds} of {accounts} accounts", beside, "s", alone, "alone").at_most_times(3),
        Row(f"  {_FRESH} resumes meanwhile, all scored", beside_feeds, "s").at_most(5),
        Row(f"  {alike:,} resumes of {_NAMES} names, all stored", answered, "s"),
        Row("  commands that MongoDB did not answer in time", given_up, "").at_most(0),
    ]


async def submit_on(client: Client) -> None:
    """Submit one feed again and again."""
    form, began = {**FORMS[0], "feed_id": await client.submit(FORMS[0])}, time.perf_counter()
    while time.perf_counter() < began + _GIVE_UP_S:
        with contextlib.suppress(SystemExit):  # where it is too much
            await client.submit({**form, "keywords": [f"词{time.perf_counter()}"]})


async def until_fresh_are_scored(port: int, source: str) -> float:
    """Seconds from the first of some resumes, of which ten a second come, until all are; or all there are."""
    began = time.perf_counter()
    await send(port, [resume | _DEVELOPER for resume in resumes(_FRESH, source)], rate_a_s=10)
    with contextlib.suppress(TimeoutError):
        await until_scored(port, within_s=_GIVE_UP_S)
    return time.perf_counter() - began
