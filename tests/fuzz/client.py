"""A server process and the recruiters' clients, as the state machine drives them.

The machine is synchronous: it runs coroutines on a loop that stands still in between. What the
sockets are sent meanwhile waits.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections import Counter
from collections.abc import Coroutine, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from store.ids import resume_id
from tests.api.scene import INGEST
from tests.fuzz.model import HRS, JOBS, View
from tests.integration.processes import Process, kill_stores
from tests.support import Answer, Hr, eventually

SETTINGS = {"register_per_minute": 100_000}
Person = tuple[int, str, int]
"""A resume to send: its number, its job, its version."""
T = TypeVar("T")


class Badges:
    """One socket, and what a client shows by it."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.total = 0
        self.removed: set[str] = set()
        self.scoring: set[str] = set()
        self.faults: list[str] = []
        self._seq = 0
        self._begun, self._closed = asyncio.Event(), asyncio.Event()
        self._connection: WebSocketClientConnection

    @classmethod
    async def connect(cls, hr: Hr) -> Badges:
        """Connect, and wait for the snapshot."""
        badges = cls()
        url = f"ws://127.0.0.1:{hr.port}/special_feed/ws/"
        headers = {"Authorization": hr.authorization}
        request = HTTPRequest(url, headers=headers, connect_timeout=60, request_timeout=60)
        badges._connection = await websocket_connect(request, on_message_callback=badges._on_event)
        async with asyncio.timeout(60):
            await badges._begun.wait()
        return badges

    async def ended(self) -> int | None:
        """Wait until the server closes; the close code."""
        async with asyncio.timeout(60):
            await self._closed.wait()
        return self._connection.close_code

    async def close(self) -> None:
        """Close, and wait until it is: the loop may stand still for ever from then on."""
        self._connection.close()
        await self.ended()

    def _on_event(self, text: str | bytes | None) -> None:
        if text is None:
            self._closed.set()
            return
        frame = json.loads(text)
        self._seq += 1
        kind, feed_id = frame["type"], frame.get("feed_id", "")
        if frame["seq"] != self._seq or (kind == "snapshot") != (self._seq == 1) or feed_id in self.removed:
            self.faults.append(f"as number {self._seq}, {self.removed} being removed: {frame}")
        match kind:
            case "snapshot":
                self.counts = {row["feed_id"]: row["unread_count"] for row in frame["feeds"]}
                self.total = frame["total"]
                self._begun.set()
            case "unread":
                self.counts[feed_id] = frame["unread_count"]
                self.total = frame["total"]
            case "progress":
                (self.scoring.discard if frame["calced"] else self.scoring.add)(feed_id)
            case "removed":
                self.removed.add(feed_id)
                self.scoring.discard(feed_id)
                self.total -= self.counts.pop(feed_id, 0)
            case _:
                self.faults.append(f"unknown: {frame}")


class Server:
    """A data directory, the process that serves it at present, and the loop that talks with it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.examples = 0
        self._runner = asyncio.Runner()
        self._logs: list[Path] = []
        self.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def start(self) -> None:
        self.process = Process(self.data_dir, **SETTINGS)
        self._logs.append(self.process.log)
        self.run(self.process.ready())

    def faults(self) -> list[str]:
        """Lines of the logs that tell of a bug, or of a 5xx other than "not ready" while a process starts."""
        faults = []
        for log in self._logs:
            # A killed process may leave half a line.
            for text in log.read_text("utf-8").rpartition("\n")[0].splitlines():
                line = json.loads(text)
                is_refusal = line.get("status", 0) >= 500 and line["route"] != "/readyz"
                if is_refusal or line["level"] in {"error", "critical"}:
                    faults.append(text)
        return faults

    def end(self) -> None:
        """Stop the process, and whatever of its stores is left."""
        if self.process.child.poll() is None and self.process.stop() != 0:
            self.process.child.kill()
        kill_stores(self.data_dir)
        self._runner.close()


class Recruiter(Hr):
    """One who comes again where the own requests before kept one waiting too long, as on a busy machine."""

    async def call(self, method: str, path: str, **request: Any) -> Answer:
        async def ask() -> Answer | None:
            answer = await Hr.call(self, method, path, **request)
            return None if answer.http == 429 else answer

        return await eventually(ask, what=f"an answer to {path}")


class Office:
    """The recruiters of one example, with an open socket each, and the resumes that only it sends."""

    def __init__(self, server: Server) -> None:
        self._server = server
        server.examples += 1
        self._source = f"example-{server.examples}"
        self._feed_ids: dict[str, str] = {}
        self._sent: set[int] = set()
        self._erased: set[int] = set()
        self._lives: Counter[int] = Counter()
        self.hrs: dict[str, Recruiter] = {}
        self.badges: dict[str, Badges] = {}

    async def open(self) -> None:
        """Register the recruiters."""
        for name in HRS:
            self.hrs[name] = await Recruiter.register(self._server.process.port)
            await self.connect(name)

    async def close(self) -> None:
        """Delete and erase all there is, so that no other example meets it."""
        for name, feed_id in self._feed_ids.items():
            await self.hrs[name[0]].get(f"/feed/delete/{feed_id}")
        for number in self._sent:
            await self.erase(number)
        for name in HRS:
            await self.badges[name].close()
            self.hrs[name].http.close()

    async def connect(self, hr: str) -> None:
        """Open a recruiter's socket, instead of the one there was."""
        if hr in self.badges:
            await self.badges[hr].close()
        self.badges[hr] = await Badges.connect(self.hrs[hr])

    async def move(self) -> None:
        """Go on with the process that serves now, with the old sessions."""
        for name, hr in self.hrs.items():
            hr.port = self._server.process.port
            await self.connect(name)

    def feed(self, name: str) -> str:
        """A feed's id."""
        return self._feed_ids[name]

    def resume(self, number: int) -> str:
        """A resume's id, which is known before it is there."""
        return resume_id(self._source, self._source_id(number))

    def _source_id(self, number: int) -> str:
        """What the source calls a resume; one that was erased is refused, and comes by another name."""
        return f"{number} {self._lives[number]}"

    async def submit(self, feed: str, job: str, *, hr: str = "") -> Answer:
        """Submit a feed, or submit it again; as its recruiter, or as another."""
        known = {"feed_id": self._feed_ids[feed]} if feed in self._feed_ids else {}
        answer = await self.hrs[hr or feed[0]].post("/special_feed/submit_feed/", {"title": job, **known})
        self._feed_ids.setdefault(feed, answer["feed_id"])
        return answer

    async def ingest(self, people: Iterable[Person]) -> Answer:
        """Send resumes, one a line."""
        # All of them say one phone and one e-mail, each with a name of its own: nobody is one person by it.
        shared = zlib.crc32(self._source.encode())
        lines = []
        for number, job, version in people:
            self._sent.add(number)
            if number in self._erased:
                self._erased.discard(number)
                self._lives[number] += 1
            lines.append(
                {
                    "source": self._source,
                    "source_id": self._source_id(number),
                    "job_target": {"job_career": job},
                    "works": [{"position_title": job, "job_desc": JOBS[job]}],
                    "hr_evaluate": f"第{version}版",
                    "name": f"申屠{'甲乙丙丁戊己庚辛'[number]}",
                    "phone": f"139{shared % 10**8:08d}",
                    "email": f"{shared}@example.com",
                }
            )
        return await self.hrs["A"].ingest(*lines)

    async def erase(self, number: int) -> Answer:
        self._erased.add(number)
        return await self.hrs["A"].call("DELETE", f"/resumes/{self.resume(number)}", headers=INGEST)

    async def look(self, arrivals: Mapping[int, int], *, within_s: float) -> dict[str, View]:
        """What each recruiter sees, as `Model.view` gives it, once nothing is left to be done.

        Args:
            arrivals: The order in which the resumes came: lists must be in order.
            within_s: How long to wait for the scoring of every feed against every resume.
        """

        async def settled_pages() -> list[Answer] | None:
            # In this order: what is not scored yet makes no feed wait.
            if (await self.hrs["A"].get("/readyz")).json.get("unscored") != 0:
                return None
            pages = await asyncio.gather(*(hr.get("/special_feed/page/") for hr in self.hrs.values()))
            feeds = [row["feed"] for page in pages for row in page["data"]["all_feed"]]
            return pages if all(feed["calced"] for feed in feeds) else None

        pages = await eventually(settled_pages, within_s=within_s, what="the scoring of everything")
        views = await asyncio.gather(
            *(self._view(hr, page, arrivals) for hr, page in zip(self.hrs.values(), pages, strict=True))
        )
        return dict(zip(self.hrs, views, strict=True))

    async def _view(self, hr: Hr, page: Answer, arrivals: Mapping[int, int]) -> View:
        rows = [row["feed"] for row in page["data"]["all_feed"]]
        assert page.status == ("ok" if rows else "no_feed")
        *lists, follow = await asyncio.gather(
            *(self._list(hr, row, arrivals) for row in rows), self._favourites(hr)
        )
        return {"feeds": lists, "favourites": follow}

    async def _favourites(self, hr: Hr) -> list[dict[str, Any]]:
        answer = await hr.get("/resume/follow/list/", size=50)
        assert answer["total_count"] == len(answer["data"])
        return [
            {
                "resume": self._number(item["resume"]["id"]),
                "feed": self._name(item["feed_id"]),
                "version": _version(item),
            }
            for item in answer["data"]
        ]

    async def _list(self, hr: Hr, row: dict[str, Any], arrivals: Mapping[int, int]) -> dict[str, Any]:
        answer = await hr.get(f"/special_feed/feed_list/{row['id']}", size=50)
        items = answer["data"]
        numbers = [self._number(item["resume"]["id"]) for item in items]
        places = [
            (item["pub_time"][:10], item["score"], arrivals.get(number, 0))
            for number, item in zip(numbers, items, strict=True)
        ]
        assert places == sorted(places, reverse=True), "the list is out of order"
        assert len(set(numbers)) == len(numbers), "a resume is listed twice"
        assert all(item["feed"]["id"] == row["id"] for item in items)
        return {
            "name": self._name(row["id"]),
            "job": row["title"],
            "unread_count": row["unread_count"],
            "newest_recommend_count": answer["newest_recommend_count"],
            "total_recommend_count": answer["total_recommend_count"],
            "list": {
                number: {
                    "version": _version(item),
                    "status": item["user_read_status"],
                    "favourite": item["favStatus"],
                }
                for number, item in zip(numbers, items, strict=True)
            },
        }

    def shown(self, hr: str) -> dict[str, Any]:
        """What a recruiter's client shows by its socket, as `Model.shown` gives it."""
        badges = self.badges[hr]
        return {
            "badges": {self._name(feed_id): count for feed_id, count in badges.counts.items() if count},
            "total": badges.total,
            "scoring": sorted(self._name(feed_id) for feed_id in badges.scoring),
            "faults": badges.faults,
        }

    def _name(self, feed_id: str) -> str:
        return next((name for name, id_ in self._feed_ids.items() if id_ == feed_id), feed_id)

    def _number(self, id_: str) -> int | str:
        return next((number for number in self._sent if self.resume(number) == id_), id_)


def _version(item: dict[str, Any]) -> int:
    return int(item["resume"]["hr_evaluate"].strip("第版"))
