"""What a page shows by its socket, and what it would show were it opened anew.

`Window` does to its rows what `web/src/stores/live.ts` does. Beside that it keeps the counts of frames alone:
a page that reads its feeds anew, as it does for one that it does not know, hides that a count was not told.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.support import Hr

TOLD = ("unread_count", "calced", "progress")
"""What frames tell of a feed."""

Rows = dict[str, dict[str, Any]]
"""Feeds by id."""


def rows_of(page: Any) -> Rows:
    return {row["feed"]["id"]: {name: row["feed"][name] for name in TOLD} for row in page["data"]["all_feed"]}


class Window:
    """One page of a recruiter, with a socket of its own."""

    def __init__(self, hr: Hr) -> None:
        self.frames: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.closed = asyncio.Event()
        self._hr = hr
        self._rows: Rows = {}
        self._counts: dict[str, int] = {}
        self._total = -1
        self._removed: set[str] = set()
        self._told_at: dict[tuple[str, str], int] = {}
        self._newest_asked = 0
        self._begun = asyncio.Event()
        self._reads: set[asyncio.Task[None]] = set()
        self._connection: WebSocketClientConnection

    @classmethod
    async def open(cls, hr: Hr) -> Window:
        """Open the page: it reads its feeds while the snapshot comes."""
        window = cls(hr)
        request = HTTPRequest(
            f"ws://127.0.0.1:{hr.port}/special_feed/ws/",
            headers={"Authorization": hr.authorization},
            connect_timeout=60,
            request_timeout=60,
        )
        window._connection = await websocket_connect(request, on_message_callback=window._on_message)
        window._read_feeds()
        async with asyncio.timeout(60):
            await window._begun.wait()
        return window

    async def close(self) -> None:
        self._connection.close()
        async with asyncio.timeout(60):
            await self.closed.wait()
            await asyncio.gather(*self._reads)

    @property
    def is_reading(self) -> bool:
        """Whether it reads its feeds: what it shows is about to change."""
        return bool(self._reads)

    def shown(self) -> dict[str, Any]:
        """What the page shows, and what the frames alone have said, as `fresh` gives both."""
        return {"rows": self._rows, "counts": self._counts, "total": self._total, "faults": self.faults}

    def _on_message(self, text: str | bytes | None) -> None:
        if text is None:
            self.closed.set()
            return
        frame = json.loads(text)
        self.frames.append(frame)
        number, kind, feed_id = len(self.frames), frame["type"], frame.get("feed_id", "")
        if frame["seq"] != number or (kind == "snapshot") != (number == 1) or feed_id in self._removed:
            self.faults.append(f"as number {number}, {self._removed} being removed: {frame}")
        self._apply(kind, feed_id, frame)

    def _apply(self, kind: str, feed_id: str, frame: dict[str, Any]) -> None:
        match kind:
            case "snapshot":
                self._counts = {row["feed_id"]: row["unread_count"] for row in frame["feeds"]}
                self._total = frame["total"]
                for row in frame["feeds"]:
                    self._set(row["feed_id"], unread_count=row["unread_count"])
                self._begun.set()
            case "unread":
                self._counts[feed_id] = frame["unread_count"]
                self._total = frame["total"]
                self._set(feed_id, unread_count=frame["unread_count"])
            case "progress":
                self._counts.setdefault(feed_id, 0)  # a new feed, before its first result
                self._set(feed_id, progress=frame["progress"], calced=frame["calced"])
            case "removed":
                self._removed.add(feed_id)
                self._counts.pop(feed_id, None)
                self._total = frame["total"]
                self._rows.pop(feed_id, None)
                self._read_feeds()
            case _:
                self.faults.append(f"unknown: {frame}")

    def _set(self, feed_id: str, **values: Any) -> None:
        for name in values:
            self._told_at[feed_id, name] = len(self.frames)
        if row := self._rows.get(feed_id):
            row.update(values)
        else:
            self._read_feeds()

    def _read_feeds(self) -> None:
        task = asyncio.create_task(self._read())
        self._reads.add(task)
        task.add_done_callback(self._reads.discard)

    async def _read(self) -> None:
        self._newest_asked = asked = self._newest_asked + 1
        asked_at = len(self.frames)
        page = await self._hr.read("/special_feed/page/")
        if asked != self._newest_asked:
            return
        before, self._rows = self._rows, rows_of(page)
        # What came over the socket since it was asked is newer, of the rows that there were.
        for (feed_id, name), told_at in self._told_at.items():
            if told_at > asked_at and feed_id in before and feed_id in self._rows:
                self._rows[feed_id][name] = before[feed_id][name]


async def fresh(hr: Hr) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """What a page that is opened now shows, as `Window.shown` gives it; and whom each feed lists.

    The counts that the page has are held to the lists themselves.
    """
    page = await hr.read("/special_feed/page/")
    rows = rows_of(page)
    listed = {}
    for feed_id, row in rows.items():
        items = await hr.results(feed_id, tier="strong")
        first = await hr.read(f"/special_feed/feed_list/{feed_id}", size=1)
        unread = sum(item["user_read_status"] == "unread" for item in items)
        counted = [row["unread_count"], first["newest_recommend_count"], first["total_recommend_count"]]
        if counted != [unread, unread, len(items)]:
            return {"lists": f"{feed_id} lists {len(items)}, {unread} unread, and counts {counted}"}, {}
        listed[feed_id] = [item["resume"]["id"] for item in items]
    counts = {feed_id: row["unread_count"] for feed_id, row in rows.items()}
    return {"rows": rows, "counts": counts, "total": sum(counts.values()), "faults": []}, listed
