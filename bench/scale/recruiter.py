"""A client that goes on asking until it is answered, at whichever gateway is there.

    recruiter = await Recruiter.register(ports, name="first")
    feed_id = await recruiter.submit(form, client_id="feed-0001")
    answer = await pour(ports, lines)

What is repeated does nothing twice: ids of clients, of feeds and of resumes see to that. So the end is the
same however often a request was cut off.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from bench.harness.machine import INGEST_TOKEN
from bench.harness.wire import Connection, basic

_PATIENCE_S = 180.0
"""Seconds until an answer, repetitions included; longer than all processes of a machine take to start."""
_AGAIN_S = 0.05
_PAGE = 50
_PASSWORD = "correct horse battery"  # noqa: S105 - of accounts that live as long as a run

Ports = Callable[[], Sequence[int]]
"""Gives the ports that there are at the moment."""


class Unanswered(Exception):
    """No gateway answered a request for as long as the client had patience."""


class Patient:
    """Asks the gateways in turn, and the next one where one does not answer.

    Attributes:
        cut_off: How many requests were not answered.
    """

    def __init__(self, ports: Ports, authorization: str = "", turn: int = 0) -> None:
        self._ports = ports
        # Those that are free, by port: several requests may be under way.
        self._free: dict[int, list[Connection]] = {}
        self._turn = turn
        self.authorization = authorization
        self.cut_off = 0

    async def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        body: bytes = b"",
        kind: str = "",
        patience_s: float = _PATIENCE_S,
    ) -> Any:
        """The JSON of an answer with status 200.

        Raises:
            Unanswered: Nobody answered for so long.
            SystemExit: The request was refused.
        """
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            ports = self._ports()
            self._turn += 1
            port = ports[self._turn % len(ports)]
            free = self._free.setdefault(port, [])
            connection = free.pop() if free else Connection(port)
            try:
                status, content = await connection.ask(
                    path, self.authorization, method=method, body=body, kind=kind
                )
            except ConnectionRefusedError:
                connection.close()
            except (OSError, ValueError, IndexError):  # cut off, perhaps in the middle of a head
                connection.close()
                self.cut_off += 1
            else:
                free.append(connection)
                if status == 200:
                    return json.loads(content)
                if status not in (429, 503):  # it starts, stops, or has too much to do
                    raise SystemExit(f"{method} {path} was refused: {status} {content[:500]!r}")
            await asyncio.sleep(_AGAIN_S)
        raise Unanswered(f"{method} {path} was not answered within {patience_s:.0f} s")

    async def post(self, path: str, body: Mapping[str, Any], *, patience_s: float = _PATIENCE_S) -> Any:
        """Post JSON."""
        given, kind = json.dumps(body).encode(), "application/json"
        return await self.ask(path, method="POST", body=given, kind=kind, patience_s=patience_s)

    def close(self) -> None:
        """Close all connections."""
        for free in self._free.values():
            while free:
                free.pop().close()


class Recruiter(Patient):
    """A logged-in recruiter. `name` makes the account the same in every deployment."""

    user: str

    @classmethod
    async def register(cls, ports: Ports, name: str) -> Recruiter:
        """Make the account, or log in where an earlier try has made it."""
        recruiter = cls(ports, turn=len(name))
        email = f"{name}@example.com"
        form = {
            "user_email": email,
            "password": _PASSWORD,
            "company_name": "示例公司",
            "phone": "010-12345678",
        }
        answer = await recruiter.post("/hr/register/", form)
        if answer["status"] != "ok":
            answer = await recruiter.post("/hr/login/", {"username": email, "password": _PASSWORD})
        auth = answer["auth_info"]
        recruiter.user = auth["user"]
        recruiter.authorization = basic(auth["user"], auth["token"])
        return recruiter

    async def ok(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask, and have it done.

        Raises:
            SystemExit: The answer's status is another.
        """
        answer = await (self.ask(path) if body is None else self.post(path, body))
        if answer["status"] != "ok":
            raise SystemExit(f"{path} was refused: {answer}")
        return answer

    async def submit(self, form: Mapping[str, Any], **more: Any) -> str:
        """Submit a feed, which is not waited for; returns its id."""
        return str((await self.ok("/special_feed/submit_feed/", {**form, **more}))["feed_id"])

    async def results(self, feed_id: str, **query: str) -> list[dict[str, Any]]:
        """A feed's whole list, page by page."""
        items: list[dict[str, Any]] = []
        start = 0
        while start >= 0:
            given = urlencode({"start": start, "size": _PAGE, "tier": "all", **query})
            page = await self.ok(f"/special_feed/feed_list/{feed_id}?{given}")
            items += page["data"]
            start = page["next_start"]
        return items

    async def counts(self) -> dict[str, dict[str, Any]]:
        """What the page says of each feed, by id."""
        answer = await self.ask("/special_feed/page/")
        return {row["feed"]["id"]: row["feed"] for row in answer["data"]["all_feed"]}


async def pour(ingest: Patient, lines: Sequence[bytes]) -> list[str]:
    """Send resumes as one NDJSON stream, until they are durable; returns their ids, in order.

    Raises:
        SystemExit: One was rejected.
    """
    answer = await ingest.ask("/resumes/", method="POST", body=b"\n".join(lines), kind="application/x-ndjson")
    if answer["rejected"]:
        raise SystemExit(f"not all resumes were accepted: {answer['rejected'][:3]}")
    ids: list[str] = answer["ids"]
    return ids


def intake(ports: Ports) -> Patient:
    """A source of resumes."""
    return Patient(ports, f"Bearer {INGEST_TOKEN}")
