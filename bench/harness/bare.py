"""The bound that the server is measured against: plain Tornado with the same driver and the same reads.

    python -m bench.harness.bare PORT MONGO_URL DATABASE

It checks nothing, counts nothing and logs nothing. Its handlers make exactly the reads that ours make for
`GET /special_feed/page/` and `GET /special_feed/feed_list/…`, and answer what they found as JSON. When ours
make other reads, these must follow, or the comparison is unfair.
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
import ujson
from bson import ObjectId

from store.accounts.sessions import token_hash
from store.ids import candidate_record_id
from store.mongo import Database, connect

_SOCKETS: set[Socket] = set()
_SHOWN = ("body", "to_confirm", "maybe_same", "original", "digest", "masked", "queued_at")
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

    async def user(self) -> ObjectId:
        """The account of the request's session."""
        word = base64.b64decode(self.request.headers["Authorization"][6:]).decode()
        user, _, token = word.partition(":")
        key = {"_id": token_hash(token), "user": ObjectId(user)}
        if await self.database.sessions.find_one(key) is None:
            raise tornado.web.HTTPError(401)
        return ObjectId(user)

    def answer(self, data: Any) -> None:
        """Answer what was found, as JSON."""
        self.set_header("Content-Type", "application/json; charset=UTF-8")
        self.finish(ujson.dumps(data, default=str, ensure_ascii=False))


class Page(Bare):
    """The reads of `/special_feed/page/`."""

    async def get(self) -> None:
        """Account, feeds, counters."""
        user = await self.user()
        await self.database.accounts.find_one({"_id": user})
        cursor = self.database.feeds.find({"company": user, "deleted": False})
        feeds = await cursor.sort([("start_time", -1), ("_id", -1)]).to_list(None)
        counters = await self.database.counters.find_one({"_id": user})
        self.answer({"feeds": feeds, "counts": counters})


class FeedList(Bare):
    """The reads of `/special_feed/feed_list/<feed>`."""

    async def get(self, feed_id: str) -> None:
        """The time of the click, the counters, a page, its resumes, whose they are, what is kept of them."""
        user, feed = await self.user(), ObjectId(feed_id)
        now, database = datetime.now(UTC), self.database
        own = {"_id": feed, "company": user, "deleted": False}
        await database.feeds.find_one(own)
        await database.feeds.update_one(own, {"$set": {"last_click_time": now}})
        listed = {"company": user, "feed": feed, "deleted": False, "possible": None}
        counters = await database.counters.find_one({"_id": user})
        order = [("day", -1), ("score", -1), ("arrived_at", -1), ("_id", -1)]
        # One more, which tells whether there is a next page.
        more = await database.results.find(listed).sort(order).skip(0).limit(11).to_list(None)
        page = more[:10]
        for result in page:
            result["shown"] = msgspec.msgpack.decode(result["shown"])
        ids = [result["resume"] for result in page]
        people = await database.resumes.find({"_id": {"$in": ids}}, dict.fromkeys(_SHOWN, 1)).to_list(None)
        same = await database.persons.find({"_id": {"$in": ids}}).to_list(None)
        record_ids = [ObjectId(candidate_record_id(str(user), str(id_))) for id_ in ids]
        records = await database.candidate_records.find(
            {"_id": {"$in": record_ids}, "company": user}
        ).to_list(None)
        self.answer({"counts": counters, "page": page, "people": people, "same": same, "records": records})


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
