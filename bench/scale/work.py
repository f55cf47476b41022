"""The same work for every deployment: who submits what, which resumes come, and what is clicked.

    work = Work(deployment, given)
    await work.register()
    await work.everything()

Feeds and accounts are called by their number in it, as their ids are others in every deployment. Ids of
resumes follow from their sources, so these are the same.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterator, Sequence
from typing import Any

from bench.harness.waiting import eventually
from bench.load.ingest import Market
from bench.scale.deployment import Deployment
from bench.scale.quiet import until_learned, until_quiet
from bench.scale.recruiter import Recruiter, intake, pour

RECRUITERS = 3
BATCH = 40
"""Resumes of one upload."""
_CHANGED_EACH = 9
"""Every ninth resume comes again, changed."""


class Work:
    """One run of it.

    Args:
        deployment: Where.
        given: The forms and the resumes.

    Attributes:
        feeds: By number, whose it is and its id.
        recruiters: The accounts.
    """

    def __init__(self, deployment: Deployment, given: Market) -> None:
        self._deployment = deployment
        self._forms = given.feeds
        self._lines = given.resumes
        self._intake = intake(self._gateways)
        self.recruiters: list[Recruiter] = []
        self.feeds: dict[int, tuple[Recruiter, str]] = {}

    def _gateways(self) -> Sequence[int]:
        return self._deployment.gateways

    @property
    def cut_off(self) -> int:
        """Requests that were not answered, and repeated."""
        return self._intake.cut_off + sum(one.cut_off for one in self.recruiters)

    async def register(self) -> None:
        """Make the accounts."""
        for number in range(1, RECRUITERS + 1):
            self.recruiters.append(await Recruiter.register(self._gateways, f"recruiter{number}"))

    async def everything(self) -> None:
        """Feeds before, between and after resumes; edits, pauses, clicks; changed, sent and erased resumes.

        Clicks come when there is quiet. What is scored at the same moment may be scored before or after them,
        and both are right.
        """
        quarter = len(self._lines) // 4
        third = len(self._forms) // 3
        await self.submit(range(third))
        await asyncio.gather(
            self.pour(self._lines[:quarter]), self.submit(range(third, 2 * third))
        )  # feeds while resumes arrive
        await self.quiet()
        await self.click(range(0, third, 2))
        await self.quiet(has_clicked=True)
        await asyncio.gather(
            self.pour(self._lines[quarter : 2 * quarter]),
            self.edit(range(third, 2 * third, 3)),
            self.pause(range(third + 1, 2 * third, 3), True),
        )
        await self.quiet()
        await self.edit(range(0, third, 4))  # of those that have learned, while nothing arrives
        await self.quiet(has_clicked=True)
        await asyncio.gather(
            self.pour(self._lines[2 * quarter : 3 * quarter]),
            self.submit(range(2 * third, len(self._forms))),
            self.pause(range(third + 1, 2 * third, 3), False),
            self.pour(list(self.changed(0, quarter))),
        )
        await self.quiet()
        await self.erase(self._lines[:quarter:15])
        await self.delete(range(2 * third, len(self._forms), 5))
        await self.pour([*self._lines[3 * quarter :], *self.sent()])
        await self.quiet(has_clicked=True)

    async def submit(self, numbers: Sequence[int]) -> None:
        """Submit feeds, each for an account in turn; ends when the last is answered."""
        for number in numbers:
            owner = self.recruiters[number % RECRUITERS]
            id_ = await owner.submit(self._forms[number], client_id=f"feed-{number:06}")
            self.feeds[number] = owner, id_

    async def edit(self, numbers: Sequence[int]) -> None:
        """Give feeds the form of the one before them."""
        for number in numbers:
            owner, id_ = self.feeds[number]
            await owner.submit(self._forms[number - 1], feed_id=id_)

    async def pause(self, numbers: Sequence[int], is_paused: bool) -> None:
        """Pause feeds, or let them go on."""
        for number in numbers:
            owner, id_ = self.feeds[number]
            await owner.ok("/special_feed/pause/", {"feed_id": id_, "paused": int(is_paused)})

    async def delete(self, numbers: Sequence[int]) -> None:
        """Delete feeds."""
        for number in numbers:
            owner, id_ = self.feeds.pop(number)
            await owner.ok(f"/feed/delete/{id_}")

    async def pour(self, lines: Sequence[bytes]) -> None:
        """Send resumes, some at a time."""
        for start in range(0, len(lines), BATCH):
            await pour(self._intake, lines[start : start + BATCH])

    async def erase(self, lines: Sequence[bytes]) -> None:
        """Erase resumes that came."""
        for id_ in await pour(self._intake, lines):  # they are duplicates, so this only tells their ids
            await self._intake.ask(f"/resumes/{id_}", method="DELETE")

    async def click(self, numbers: Sequence[int]) -> None:
        """Read, delete, restore, favour, unlock, mark and comment, at places of the lists by score."""
        for number in numbers:
            owner, id_ = self.feeds[number]
            people = [item["resume"]["id"] for item in ordered(await owner.results(id_))]
            modify = f"/feed/modify_feed_result?feed_id={id_}&resume_id="
            for place, person in enumerate(people[:8]):
                if place in (0, 5):
                    await owner.ok(f"/feed/get/{id_}/{person}")
                elif place in (1, 4):
                    await owner.ok(f"{modify}{person}&reco_index=-150&feedback=salary_high,area")
                elif place == 2:
                    await owner.ok(f"{modify}{person}&reco_index=-150")
                    await owner.ok(f"{modify}{person}&reco_index=150")
                elif place == 3:
                    await self._note(owner, id_, person)

    async def _note(self, owner: Recruiter, feed_id: str, person: str) -> None:
        of_feed = {"feed_id": feed_id}
        await owner.ok(f"/resumes/add_watch/{person}?feed_id={feed_id}")
        await owner.post(f"/resumes/download/{person}", of_feed)  # `secret` where it is kept so
        mark = {"mark_name": "已面试", "good_result": True, "client_id": f"mark-{person}"}
        await owner.ok(f"/resumes/mark/{person}", {**of_feed, **mark})
        comment = {"content": "电话里谈得不错", "client_id": f"word-{person}"}
        await owner.ok(f"/resumes/comment/{person}", comment)

    def changed(self, start: int, stop: int) -> Iterator[bytes]:
        """Every ninth of some resumes with the works of the one before."""
        for number in range(start, stop, _CHANGED_EACH):
            body = json.loads(self._lines[number])
            body["works"] = json.loads(self._lines[max(0, number - 1)])["works"]
            yield json.dumps(body, ensure_ascii=False).encode()

    def sent(self) -> Iterator[bytes]:
        """People who come to two feeds by themselves, and by a partner."""
        for number, (_, id_) in itertools.islice(self.feeds.items(), 4):
            body: dict[str, Any] = json.loads(self._lines[number])
            body["source"] += "-sent"
            body["send_to" if number % 2 else "partner_for"] = [id_]
            yield json.dumps(body, ensure_ascii=False).encode()

    async def quiet(self, *, has_clicked: bool = False) -> None:
        """Wait until nothing is left to do, and where something was clicked until all know of it."""
        wait = until_learned if has_clicked else until_quiet
        await wait(self._deployment.database, self.look)

    async def until_few_wait(self, most: int) -> None:
        """Wait until no more than so many resumes wait to be scored."""

        async def do_few_wait() -> bool:
            waiting = await self._deployment.database.resumes.count_documents({"pending": True})
            return int(waiting) <= most

        await eventually(do_few_wait, within_s=900.0, what="the scoring of most resumes", every_s=0.5)

    async def look(self) -> None:
        """Have every recruiter look at their page."""
        for one in self.recruiters:
            await one.ask("/special_feed/page/")

    def close(self) -> None:
        """Close all connections."""
        for one in (self._intake, *self.recruiters):
            one.close()


def ordered(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A list by score, people of equal score by id: the same wherever they came from."""
    return sorted(items, key=lambda item: (-item["score"], item["resume"]["id"]))
