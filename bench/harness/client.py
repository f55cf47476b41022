"""A recruiter who uses the API as clients do: registers, submits feeds, reads lists.

    client = await Client.register(port)
    feed_id = await client.submit(form)
    await upload(port, resumes)
    await send(port, resumes, rate_a_s=20)    # one by one, as they come

Each is one kept-alive connection (`bench.harness.wire.Connection`) with an account. Benchmarks that need
thousands of accounts write them into the database instead, see `bench.harness.people`.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec

from bench.harness.machine import INGEST_TOKEN
from bench.harness.wire import Connection, at_rate, basic

_numbers = itertools.count(1)
_PAGE = 50
"""Results a page, the most that the API gives."""


class Client:
    """A logged-in recruiter on a connection of their own.

    Attributes:
        authorization: What their requests carry.
    """

    def __init__(self, port: int, authorization: str) -> None:
        self._connection = Connection(port)
        self.authorization = authorization

    @classmethod
    async def register(cls, port: int) -> Client:
        """A new account."""
        client = cls(port, "")
        form = {
            "user_email": f"hr{next(_numbers)}-{time.time_ns()}@example.com",
            "password": "correct horse battery",
            "company_name": "示例公司",
            "phone": "010-12345678",
        }
        auth = (await client._ask("/hr/register/", form))["auth_info"]
        client.authorization = basic(auth["user"], auth["token"])
        return client

    async def submit(self, form: Mapping[str, Any]) -> str:
        """Submit a feed; returns its id at once, while it is still being scored."""
        return str((await self._ask("/special_feed/submit_feed/", form))["feed_id"])

    async def preview(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """What a form would match: `total_count`, whether that is `complete`, and the best in `data`."""
        return await self._ask("/special_feed/preview/", form)

    async def is_scored(self, feed_id: str) -> bool:
        """Whether a feed was scored against all stored resumes."""
        return bool((await self._ask(f"/special_feed/edit_feed/{feed_id}/"))["data"]["calced"])

    async def page(self, feed_id: str, start: int = 0, **query: str) -> dict[str, Any]:
        """One page of a feed's list of both tiers: `data`, and `next_start`, negative behind the last."""
        given = urlencode({"start": start, "size": _PAGE, "tier": "all", **query})
        return await self._ask(f"/special_feed/feed_list/{feed_id}?{given}")

    async def results(self, feed_id: str, **query: str) -> list[dict[str, Any]]:
        """A feed's whole list, page by page."""
        items: list[dict[str, Any]] = []
        start = 0
        while start >= 0:
            page = await self.page(feed_id, start, **query)
            items += page["data"]
            start = page["next_start"]
        return items

    async def unread(self, feed_id: str) -> int:
        """How many results of a new feed are unread, of both tiers."""
        feeds = (await self._ask("/special_feed/page/"))["data"]["all_feed"]
        feed = next(row["feed"] for row in feeds if row["feed"]["id"] == feed_id)
        return int(feed["unread_count"] + feed["possible_count"])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    async def _ask(self, path: str, form: Mapping[str, Any] | None = None) -> dict[str, Any]:
        body = None if form is None else json.dumps(form).encode()
        status, content = await self._connection.ask(path, self.authorization, body=body)
        answer: dict[str, Any] = json.loads(content)
        if status != 200 or answer["status"] != "ok":
            raise SystemExit(f"{path} was refused: {status} {content[:500]!r}")
        return answer


@contextlib.asynccontextmanager
async def new_clients(port: int, count: int) -> AsyncIterator[list[Client]]:
    """So many new accounts; their connections are closed at the end."""
    clients = [await Client.register(port) for _ in range(count)]
    try:
        yield clients
    finally:
        for client in clients:
            client.close()


async def upload(port: int, resumes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Send resumes as one NDJSON stream.

    Returns:
        The id of each, in order.
    """
    connection = Connection(port)
    body = b"\n".join(map(msgspec.json.encode, resumes))
    status, content = await connection.ask("/resumes/", f"Bearer {INGEST_TOKEN}", body=body, kind="x-ndjson")
    connection.close()
    answer = json.loads(content)
    if status != 200 or answer["rejected"] or answer["accepted"] != len(resumes):
        raise SystemExit(f"not all resumes were accepted: {content[:500]!r}")
    ids: list[str] = answer["ids"]
    return ids


async def send(port: int, resumes: Sequence[Mapping[str, Any]], *, rate_a_s: float) -> dict[str, float]:
    """Send resumes one by one at a rate, whether or not those before are answered.

    Returns:
        By id, when it was sent (`time.perf_counter`).
    """
    sent: dict[str, float] = {}
    connections: list[Connection] = []
    bodies = [msgspec.json.encode(resume) for resume in resumes]

    async def send_one(number: int) -> None:
        connection = connections.pop() if connections else Connection(port)
        began = time.perf_counter()
        status, answer = await connection.ask("/resumes/", f"Bearer {INGEST_TOKEN}", body=bodies[number])
        if status != 200:
            raise SystemExit(f"a resume was refused: {answer[:500]!r}")
        sent[json.loads(answer)["ids"][0]] = began
        connections.append(connection)

    try:
        await at_rate(rate_a_s, len(bodies) / rate_a_s, send_one)
    finally:
        for connection in connections:
            connection.close()
    return sent
