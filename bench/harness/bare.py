"""The bound that the server is measured against: plain Tornado with the same driver and the same reads.

    python -m bench.harness.bare PORT MONGO_URL DATABASE

It checks nothing, counts nothing and logs nothing, and takes the account from the credentials unread. Its
handlers make exactly the reads that ours make of feeds, results and resumes for `GET /special_feed/page/` and
`GET /special_feed/feed_list/…`, and answer the same JSON, which the scene compares. Of a list's entries the
views are ours; all else is the least that does it. When ours make other reads, these must follow, or the
comparison is unfair.
"""

from __future__ import annotations

import asyncio
import base64
import signal
import sys
from datetime import UTC, datetime
from typing import Any

import msgspec
import tornado.httpserver
import tornado.web
import tornado.websocket
from bson import ObjectId

from handlers.views.items import item
from store.ids import candidate_record_id
from store.mongo import Database, connect
from store.results.counter_documents import Counts, counts_from
from store.results.result_documents import result_from
from store.resumes.resume_record import Resume
from store.resumes.resume_values import ShownResume

_SOCKETS: set[Socket] = set()
_SHOWN = ("body", "to_confirm", "maybe_same", "original")
"""What a list reads of a resume."""


class Socket(tornado.websocket.WebSocketHandler):
    """A WebSocket as Tornado gives it."""

    def open(self, *_args: str, **_kwargs: str) -> None:
        """Remember it, and send a snapshot as ours does."""
        _SOCKETS.add(self)
        self.write_message('{"type":"snapshot","seq":1,"feeds":[],"total":0}')

    def on_close(self) -> None:
        """Forget it."""
        _SOCKETS.discard(self)


class Broadcast(tornado.web.RequestHandler):
    """`GET /broadcast`: one frame to every socket."""

    async def get(self) -> None:
        """Write to each; answered when the last one is written."""
        for seq, one in enumerate(list(_SOCKETS)):
            frame = f'"seq":{seq},"feed_id":"55cbfe688230db3518998292","unread_count":1,"total":1'
            one.write_message(f'{{"type":"unread",{frame}}}')
        self.write("{}")


class Bare(tornado.web.RequestHandler):
    """A handler with a database."""

    def initialize(self, database: Database) -> None:
        """Take the database."""
        self.database = database

    def user(self) -> ObjectId:
        """The account of the request."""
        word = base64.b64decode(self.request.headers["Authorization"][6:]).decode()
        return ObjectId(word.partition(":")[0])

    def answer(self, **fields: Any) -> None:
        """Answer what was found, as JSON."""
        self.set_header("Content-Type", "application/json; charset=UTF-8")
        self.finish(msgspec.json.encode({"status": "ok", "msg": "ok", **fields}))


class Page(Bare):
    """The reads of `/special_feed/page/`."""

    async def get(self) -> None:
        """Feeds, counters."""
        user = self.user()
        cursor = self.database.feeds.find({"company": user, "deleted": False})
        feeds = await cursor.sort([("start_time", -1), ("_id", -1)]).to_list(None)
        counts = counts_from(await self.database.counters.find_one({"_id": user}) or {})
        self.answer(
            data={
                "all_feed": [{"feed": _feed(one, counts)} for one in feeds],
                "has_rest_feed": True,
                "vip_user": False,
                "feed_quota": 1_000,
                "vip_feed_quota": 1_000,
            }
        )


def _feed(feed: dict[str, Any], counts: Counts) -> dict[str, Any]:
    form, id_ = feed["form"], str(feed["_id"])
    return {
        "id": id_,
        "title": form["title"],
        "job_type": "全职",
        "feed_type": 1,
        "partner_feed": feed["partner"],
        "job_desc": form["job_desc"],
        "keywords": form["keywords"],
        "salary_min": form["salary_min"],
        "salary_max": form["salary_max"],
        "talent_level": ", ".join(form["talent_level"]),
        "expect_area": ",".join(form["expect_area"]),
        "start_time": int(feed["start_time"].timestamp()),
        "last_click_time": int(feed["last_click_time"].timestamp()),
        "has_expire": False,
        "expire_status": False,
        "unread_count": counts.unread_of(id_),
        "possible_count": counts.kept_of(id_, "possible"),
        "undecided_count": counts.undecided.get(id_, 0),
        "calced": feed["progress"] == 1.0,
        "progress": 1.0,
        "paused": False,
    }


class FeedList(Bare):
    """The reads of `/special_feed/feed_list/<feed>`."""

    async def get(self, feed_id: str) -> None:
        """The time of the click, the counters, a page, its resumes, whose they are, what is kept of them."""
        user, feed = self.user(), ObjectId(feed_id)
        now, database = datetime.now(UTC), self.database
        own = {"_id": feed, "company": user, "deleted": False}
        await database.feeds.find_one(own)
        await database.feeds.update_one(own, {"$set": {"last_click_time": now}})
        listed = {"company": user, "feed": feed, "deleted": False, "possible": None}
        counts = counts_from(await database.counters.find_one({"_id": user}) or {})
        order = [("day", -1), ("score", -1), ("arrived_at", -1), ("_id", -1)]
        # One more, which tells whether there is a next page.
        more = await database.results.find(listed).sort(order).skip(0).limit(11).to_list(None)
        page = more[:10]
        ids = [result["resume"] for result in page]
        people = await database.resumes.find({"_id": {"$in": ids}}, dict.fromkeys(_SHOWN, 1)).to_list(None)
        await database.persons.find({"_id": {"$in": ids}}).to_list(None)
        record_ids = [ObjectId(candidate_record_id(str(user), str(id_))) for id_ in ids]
        await database.candidate_records.find({"_id": {"$in": record_ids}, "company": user}).to_list(None)
        shown = {
            one["_id"]: ShownResume(body=msgspec.convert(one["body"], Resume), has_original="original" in one)
            for one in people
        }
        kept = counts.kept_of(feed_id)
        self.answer(
            total_recommend_count=kept,
            newest_recommend_count=counts.unread_of(feed_id),
            feed_query_count=kept,
            total_count=kept,
            possible_count=counts.kept_of(feed_id, "possible"),
            searched_count=0,
            next_start=1 if len(more) > 10 else -1,
            data=[item(result_from(one), shown[one["resume"]], None, None, {}, {}, {}) for one in page],
        )


class Health(tornado.web.RequestHandler):
    """`GET /healthz`."""

    def get(self) -> None:
        """Alive."""
        self.write("{}")


async def serve(port: int, url: str, database: str) -> None:
    """Serve until SIGTERM."""
    given = {"database": connect(url)[database]}
    application = tornado.web.Application(
        [
            (r"/special_feed/page/", Page, given),
            (r"/special_feed/feed_list/(\w+)", FeedList, given),
            (r"/special_feed/ws/", Socket),
            (r"/broadcast", Broadcast),
            (r"/healthz", Health),
        ],
        log_function=lambda _: None,
        websocket_ping_interval=25,
        websocket_ping_timeout=20,
    )
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    http = tornado.httpserver.HTTPServer(application)
    http.listen(port, "127.0.0.1", backlog=4096)
    await stop.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
