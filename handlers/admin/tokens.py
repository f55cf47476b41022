"""Ingest tokens of single sources at the desk: seen, made, revoked. The one for all sources is not here."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from handlers.admin.desk import AdminHandler, DeskHandler
from handlers.api.contract import Answer, Contract, Moment, Ok, Shape
from handlers.api.errors import WrongForm
from intake.record import Key
from runtime.clock import clock_text
from store.accounts.ingest_tokens import PER_SOURCE, SlotsUsedUp
from store.errors import NotFound


class TokenView(Shape):
    """A token without its secret.

    Attributes:
        id: Names it to `revoke`.
        revoked_at: Null while it is valid.
    """

    id: str
    source: str
    created_at: Moment
    revoked_at: Moment | None


class TokensAnswer(Ok):
    """All tokens there ever were, by source, the oldest first."""

    tokens: list[TokenView]


class TokenSource(msgspec.Struct):
    """Whose token.

    Attributes:
        source: The source that it sends, and erases, resumes of.
    """

    source: Key


class MadeAnswer(Answer):
    """A new token.

    Attributes:
        token: With `ok`; it cannot be had again.
        errors: With `form_error`.
    """

    status: Literal["ok", "form_error"]
    token: str | None = None
    errors: dict[str, list[str]] = msgspec.field(default_factory=dict)


class TokenId(msgspec.Struct):
    """Which token."""

    id: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{12}$")]


class TokensHandler(DeskHandler):
    """`GET /admin/api/tokens/`."""

    contract = Contract("Ingest tokens of single sources", answer=TokensAnswer)

    async def handle(self) -> None:
        """Revoked ones are there too."""
        self.ok(
            tokens=[
                TokenView(
                    id=one.id,
                    source=one.source,
                    created_at=clock_text(one.created_at),
                    revoked_at=clock_text(one.revoked_at) if one.revoked_at else None,
                )
                for one in await self.context.ingest_tokens.list()
            ]
        )


class MakeTokenHandler(AdminHandler):
    """`POST /admin/api/tokens/make/`."""

    contract = Contract("Make an ingest token of a source", body=TokenSource, answer=MadeAnswer)

    form: TokenSource

    async def handle(self) -> None:
        """It sends and erases that source's resumes alone, and is shown this once. Two may be valid."""
        source = self.form.source
        if not source.strip() or not source.isprintable():
            raise WrongForm({"source": ["请填写来源的名字"]})
        try:
            token = await self.context.ingest_tokens.create(source)
        except SlotsUsedUp:
            raise WrongForm({"source": [f"这个来源已有 {PER_SOURCE} 个有效的令牌，请先停用一个"]}) from None
        self.answer("ok", "令牌只显示这一次", token=token)


class RevokeTokenHandler(AdminHandler):
    """`POST /admin/api/tokens/revoke/`."""

    contract = Contract("Revoke an ingest token", body=TokenId, may_be_missing=True)

    form: TokenId

    async def handle(self) -> None:
        """It is refused from then on, in every process."""
        if not await self.context.ingest_tokens.revoke(self.form.id):
            raise NotFound(f"no valid token {self.form.id}")
        self.ok()
