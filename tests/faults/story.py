"""A recruiter's whole story with a server that may die at any moment of it, and what is left in the end.

Every step is repeated until it is answered, as clients do; where doing it twice would be two things, they
look first. So the end is the same however often the server was killed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

from bson import ObjectId
from tornado.httpclient import HTTPClientError

from config.demo import DEMO_FEEDS, demo_resumes
from store.ids import resume_id
from store.stores import Stores
from tests.api.scene import INGEST
from tests.integration.processes import Process
from tests.support import PASSWORD, Answer, Hr, basic, eventually, nurse_resume

PYTHON, ACCOUNTING, SHOPS = DEMO_FEEDS
EMAIL = "story@example.com"
PEOPLE = [person | {"contact_status": "public"} for person in demo_resumes(60)]
# By their place in PEOPLE, and in whose list they are.
READ, DELETED, RESTORED, FAVOURITE, CHANGED = 15, 20, 30, 2, 39  # of the first feed
GONE, ONCE_FAVOURITE, ERASED = 10, 26, 7  # of the second, as long as it is about accounting
SELLER = 34  # of the third, which is deleted
T = TypeVar("T")


class Patient(Hr):
    """To whom a server that is not ready yet is like one that is not there."""

    async def call(self, *args: Any, **kwargs: Any) -> Answer:
        answer = await super().call(*args, **kwargs)
        if answer.http == 503:
            raise ConnectionError(answer["msg"])
        return answer


class Story:
    """Plays on `process`, and after its death on what `successor` starts."""

    def __init__(self, process: Process, successor: Callable[[], Process], stores: Stores) -> None:
        self.died = False
        self.process = process
        self._successor = successor
        self._stores = stores
        self._hr = Patient(process.port)

    async def play(self) -> dict[str, Any]:
        """Do everything that writes; returns what there is in the end, without ids and times."""
        await self._do(self._register)
        first = await self._submit(PYTHON)
        await self._ingest(*PEOPLE[:40], _nurse("sent", send_to=[first]))
        await self._scored_and_learned()
        changed = PEOPLE[RESTORED] | {"self_evaluation": "熟悉Python、Tornado、Redis、Linux"}
        recommended = _nurse("recommended", partner_for=[first])
        known = [_elsewhere(place) for place in (DELETED, ERASED, GONE)]
        await self._ingest(changed, _turned(CHANGED), PEOPLE[READ], *PEOPLE[40:], *known, recommended)
        await self._scored_and_learned()
        second, third = await self._submit(ACCOUNTING), await self._submit(SHOPS)
        await self._click_in_first(first)
        await self._click_in_others(second, third)
        await self._scored_and_learned()
        await self._do(lambda: self._hr.submit(feed_id=second, wait=False, **PYTHON))
        for paused in (1, 0):
            pause = {"feed_id": third, "paused": paused}
            await self._do(lambda pause=pause: self._ok("POST", "/special_feed/pause/", pause))  # type: ignore[misc]
        await self._do(lambda: self._ok("GET", f"/feed/delete/{third}"))
        await self._scored_and_learned()
        await self._do(lambda: self._ok("DELETE", f"/resumes/{_id(ERASED)}", headers=INGEST))
        # Who was read is somebody else now: the feed learns anew, the result stays as it was.
        # Before that they have come by another way, which moves no badge.
        await self._ingest(_elsewhere(READ))
        await self._scored_and_learned()
        await self._ingest(_turned(READ))
        await self._scored_and_learned()
        return await self._do(lambda: self._outcome({"first": first, "second": second, "third": third}))

    async def _click_in_first(self, feed: str) -> None:
        modify = f"/feed/modify_feed_result?feed_id={feed}&resume_id="
        await self._do(lambda: self._ok("GET", f"/feed/get/{feed}/{_id(READ)}"))
        feedback = "&reco_index=-150&feedback=salary_high,area"
        await self._do(lambda: self._ok("GET", f"{modify}{_id(DELETED)}{feedback}"))
        for index in (-150, 150):
            there = f"{modify}{_id(RESTORED)}&reco_index={index}"
            await self._do(lambda there=there: self._ok("GET", there))  # type: ignore[misc]
        person, of_feed = _id(FAVOURITE), {"feed_id": feed}
        await self._do(lambda: self._ok("GET", f"/resumes/add_watch/{person}?feed_id={feed}"))
        await self._do(lambda: self._ok("POST", f"/resumes/download/{person}", of_feed))
        mark = {**of_feed, "mark_name": "已面试", "good_result": True, "client_id": "the-mark"}
        await self._do(lambda: self._ok("POST", f"/resumes/mark/{person}", mark))
        comment = {"content": "电话里谈得不错", "client_id": "the-comment"}
        await self._do(lambda: self._ok("POST", f"/resumes/comment/{person}", comment))
        await self._do(lambda: self._correct(feed, "mark", {"remind_on": "2099-12-31"}))
        await self._do(lambda: self._correct(feed, "comment", {"content": "电话里谈得很好"}))

    async def _click_in_others(self, second: str, third: str) -> None:
        erased, once = _id(ERASED), _id(ONCE_FAVOURITE)
        for path in (
            f"/feed/get/{second}/{erased}",
            f"/resumes/add_watch/{erased}?feed_id={second}",
            f"/feed/modify_feed_result?feed_id={second}&resume_id={_id(GONE)}&reco_index=-150&feedback=title",
            f"/resumes/add_watch/{once}?feed_id={second}",
            f"/resumes/remove_watch/{once}?feed_id={second}",
            f"/feed/get/{third}/{_id(SELLER)}",
        ):
            await self._do(lambda path=path: self._ok("GET", path))  # type: ignore[misc]
        await self._do(lambda: self._ok("POST", f"/resumes/download/{erased}", {"feed_id": second}))

    async def _do(self, step: Callable[[], Awaitable[T]]) -> T:
        """Repeat a step until it is answered, by another server where this one is dead."""
        while True:
            try:
                return await step()
            except (OSError, HTTPClientError):
                if not self.process.is_dead():  # it starts, or is just dying
                    await asyncio.sleep(0.02)
                    continue
                assert not self.died, "the second server is gone"
                self.died = True
                self.process = self._successor()
                self._hr.port = self.process.port

    async def _ok(self, method: str, path: str, body: Any = None, **how: Any) -> None:
        answer = await self._hr.call(method, path, json_body=body, **how)
        assert answer.status == "ok", (path, answer.json)

    async def _register(self) -> None:
        """Where the address is taken the first try came through, and the password opens it."""
        form = {
            "user_email": EMAIL,
            "password": PASSWORD,
            "company_name": "示例公司",
            "phone": "010-12345678",
        }
        answer = await self._hr.post("/hr/register/", form)
        if answer.status != "ok":
            assert "user_email" in answer["errors"]
            answer = await self._hr.post("/hr/login/", {"username": EMAIL, "password": PASSWORD})
        self._hr.user = answer["auth_info"]["user"]
        self._hr.authorization = basic(self._hr.user, answer["auth_info"]["token"])

    async def _submit(self, form: dict[str, Any]) -> str:
        once = form["title"].encode().hex()[:64]
        feed = await self._do(lambda: self._hr.submit(wait=False, client_id=once, **form))
        await self._do(lambda: self._hr.calced(feed))
        return feed

    async def _ingest(self, *resumes: dict[str, Any]) -> None:
        answer = await self._do(lambda: self._hr.ingest(*resumes))
        assert not answer["rejected"]

    async def _correct(self, feed: str, what: str, change: dict[str, Any]) -> None:
        listed = await self._hr.results(feed)
        (person,) = [item for item in listed if item["resume"]["id"] == _id(FAVOURITE)]
        (note,) = person[f"{what}_log"]
        await self._ok("POST", f"/resumes/{what}/{_id(FAVOURITE)}/{note['id']}", change)

    async def _scored_and_learned(self) -> None:
        """Wait until nothing is left to do, whoever does it."""

        async def is_quiet() -> bool:
            await self._do(lambda: self._hr.get("/healthz"))
            stores = self._stores
            removed = await stores._database.feeds.distinct("_id", {"deleted": True})
            return not (
                await stores.resumes.count_pending()
                or await stores.jobs.count("backfill")
                or await stores.feedback.due(10)
                or await stores._database.feedback.count_documents({"_id": {"$in": removed}})
                or await stores._database.erasures.count_documents({"done": False})
            )

        await eventually(is_quiet, within_s=90, what="the end of all work")

    async def _outcome(self, feeds: dict[str, str]) -> dict[str, Any]:
        names = {ObjectId(id_): name for name, id_ in feeds.items()} | {ObjectId(self._hr.user): "recruiter"}
        outcome: dict[str, Any] = {}
        page = await self._hr.get("/special_feed/page/")
        outcome["unread"] = [row["feed"]["unread_count"] for row in page["data"]["all_feed"]]
        favourites = await self._hr.get("/resume/follow/list/")
        outcome["favourites"] = [item["resume"]["id"] for item in favourites["data"]]
        for name in ("first", "second"):
            outcome[f"list of {name}"] = [
                (
                    item["resume"]["id"],
                    item["score"],
                    item["user_read_status"],
                    item["contact_info"],
                    item["why"],
                )
                for item in await self._hr.results(feeds[name], sort="score")
            ]
        database = self._stores._database
        for name in sorted(await database.list_collection_names()):
            # Counters and the audit's chains are proved by the invariants. Retention's one document and those
            # of notices are about the clock: where a lease dies with a server, the next look comes later.
            # Arrivals are figures that may lack the last two seconds of a server that died. Transactors are
            # processes.
            left_out = {"sessions", "counters", "audit_chains", "jobs", "notices", "arrivals", "transactors"}
            if name not in left_out:
                # The database's own id is another each time.
                found = database[name].find({"_id": {"$ne": "database"}} if name == "meta" else {})
                rows = [_plain(row, names) async for row in found]
                outcome[name] = sorted(rows, key=repr)
        # Who reads again, as the answer was lost, has read twice; an erasure that is repeated likewise.
        outcome["audit"] = sorted({repr(row) for row in outcome["audit"]})
        return outcome


def _id(place: int) -> str:
    return resume_id(PEOPLE[place]["source"], PEOPLE[place]["source_id"])


def _nurse(source_id: str, **changes: Any) -> dict[str, Any]:
    return nurse_resume(source="story", source_id=source_id) | changes


def _elsewhere(place: int) -> dict[str, Any]:
    """A newer resume of somebody, from another source."""
    return PEOPLE[place] | {"source": "elsewhere", "age": 41}


def _turned(place: int) -> dict[str, Any]:
    """Somebody who has become a nurse."""
    nurse = nurse_resume()
    return PEOPLE[place] | {"job_target": nurse["job_target"], "works": nurse["works"], "self_evaluation": ""}


# What is another in every run: a repeated write makes one more of it, it is random, or made of such.
_OTHER = {
    *("_id", "id", "part", "rev", "feed_rev", "resume_rev", "clicks", "moves", "known", "round", "request"),
    *("password_hash", "digest", "chain", "seq", "hash", "seal", "n"),
}


def _plain(value: Any, names: dict[ObjectId, str]) -> Any:
    if isinstance(value, dict):
        keeps_id = not isinstance(value.get("_id"), ObjectId) or value["_id"] in names
        return {
            key: _plain(one, names)
            for key, one in sorted(value.items())
            if key not in _OTHER or (key == "_id" and keeps_id)
        }
    if isinstance(value, list):
        return [_plain(one, names) for one in value]
    if isinstance(value, ObjectId):
        return names.get(value, str(value))
    if isinstance(value, str):  # an allowance's id begins with the account's
        for id_, name in names.items():
            value = value.replace(str(id_), name)
    return "a time" if isinstance(value, datetime) else value
