"""The sessions of an account: where it is logged in, and ending that."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import FORM, JSON, Contract, Moment, Ok, Shape, Truth
from handlers.api.errors import BadRequest
from runtime.clock import clock_text
from runtime.decoding import Id, OptionalId
from store.accounts.revocations import Revocations
from store.accounts.sessions import Sessions, token_hash


class SessionView(Shape):
    """One session.

    Attributes:
        id: What it is called; it opens nothing.
        created: When it began.
        last_used: Some minutes late at most.
        agent: The client's own name at the login, at most 200 characters.
        current: Whether it is the one that asks.
    """

    id: Id
    created: Moment
    last_used: Moment
    agent: str
    current: bool


class SessionsAnswer(Ok):
    """The account's sessions.

    Attributes:
        data: The one that was used last first.
    """

    data: list[SessionView]


class EndedSession(msgspec.Struct):
    """Which sessions to end: one of them, or all but the one that asks.

    Attributes:
        id: One session's.
        all: True, or 1, for all but the one that asks.
    """

    id: OptionalId = ""
    all: Truth = False


class SessionsHandler(ApiHandler):
    """`GET /hr/sessions/`."""

    contract = Contract("Where the account is logged in", answer=SessionsAnswer)

    sessions: Sessions

    async def handle(self) -> None:
        """Only sessions that hold are listed."""
        mine, now = token_hash(self.token), datetime.now(UTC)
        self.ok(
            data=[
                SessionView(
                    id=one.id,
                    created=clock_text(one.created_at),
                    last_used=clock_text(now if one.token_hash == mine else one.used_at),
                    agent=one.agent,
                    current=one.token_hash == mine,
                )
                for one in await self.sessions.list_for(self.user_id)
            ]
        )


class RevokeHandler(ApiHandler):
    """`POST /hr/sessions/revoke/`."""

    contract = Contract("End sessions", body=EndedSession, body_kinds=(FORM, JSON), may_be_missing=True)
    methods = ("POST",)

    form: EndedSession
    revocations: Revocations
    sessions: Sessions

    async def handle(self) -> None:
        """Their sockets are closed with 4401."""
        form = self.form
        if not (form.id or form.all):
            raise BadRequest({"id": ["请给出 id，或 all=1"]})
        async with self.revocations.of(self.user_id):
            if form.all:
                await self.sessions.end_all(self.user_id, but=token_hash(self.token))
            else:
                await self.sessions.end(self.user_id, form.id)
        self.report("session_revoke", "ok", self.user_id)
        self.ok()
