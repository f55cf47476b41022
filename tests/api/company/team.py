"""A company of several, made as its people make it: by invitations, whose links stand in the log."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support import PASSWORD, Answer, Api, Hr, eventually

_numbers = itertools.count(1)


@contextmanager
def links() -> Iterator[list[str]]:
    """The links that the outbox writes into the log in the block, as there is no mail server."""
    found: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(getattr(record, "data", {}).get("link", ""))

    handler, logger = Keep(), logging.getLogger("mail.outbox")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield found
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)


async def invited(owner: Hr, email: str, role: str = "recruiter") -> str:
    """Invite an address; gives the token of the link."""
    with links() as found:
        answer = await owner.post("/company/invite/", {"email": email, "role": role})
        assert answer.status == "ok", answer.body

        async def is_sent() -> bool:
            return bool(found)

        await eventually(is_sent, what="the letter")
    return found[-1].partition("#join=")[2]


async def register(port: int, email: str, **fields: Any) -> Answer:
    """Register an address, without a company's name unless it is given."""
    form = {"user_email": email, "password": PASSWORD, "phone": "13800000000", **fields}
    return await Api(port).post("/hr/register/", form)


async def colleague(owner: Hr, role: str = "recruiter") -> Hr:
    """Somebody who registers by an invitation."""
    email = f"colleague{next(_numbers)}@example.com"
    answer = await register(owner.port, email, invite=await invited(owner, email, role))
    assert answer.status == "ok", answer.body
    return Hr.logged_in(owner.port, email, answer["auth_info"])


async def share(owner: Hr, feed_id: str, roles: dict[Hr, str]) -> None:
    """Share a feed."""
    members = [{"id": one.user, "role": role} for one, role in roles.items()]
    answer = await owner.post(f"/special_feed/share/{feed_id}", {"members": members})
    assert answer.status == "ok", answer.body


async def feeds_of(hr: Hr) -> dict[str, dict[str, Any]]:
    """The feeds on somebody's page, in its order."""
    return {
        row["feed"]["id"]: row["feed"] for row in (await hr.get("/special_feed/page/"))["data"]["all_feed"]
    }
