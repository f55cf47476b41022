"""One URL and who answers it. The table of all of them is `handlers/routes.py`."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import ClassVar

import msgspec

from handlers.api.contract import Contract
from runtime.roles import ProcessRole
from store.accounts.operators import Role


class Endpoint:
    """What a route's handler says of itself: the description and the tests read it, too.

    The base of `ApiHandler` and of the WebSocket's handler.
    """

    contract: ClassVar[Contract]
    """What it takes and gives."""
    methods: ClassVar[tuple[str, ...]] = ("GET",)
    """What the endpoint answers to; HEAD goes with GET unless it changes state."""
    needs_login: ClassVar[bool] = True
    needs_ingest_token: ClassVar[bool] = False
    needs_role: ClassVar[Role | None] = None
    """The operator's role that it is for; an admin may do what a viewer may."""
    is_for_operators: ClassVar[bool] = False
    """It is found from the addresses of operators alone; see the setting `admin_addresses`."""
    changes_state: ClassVar[bool | None] = None
    """True keeps cross-site pages, prefetching browsers and HEAD from running it; None: as of any GET it is
    False, as of any other method True."""
    units: ClassVar[int] = 1
    """What a request takes of the account's budget, where nothing else is said by `cost`."""
    searches_by: ClassVar[str] = ""
    """The parameter by which it searches. That makes a request heavy: it reads many resumes, a page ten."""

    @classmethod
    def changes_state_by(cls, method: str) -> bool:
        """Whether a method of the endpoint changes state."""
        return method not in {"GET", "HEAD"} if cls.changes_state is None else cls.changes_state

    handle: ClassVar[Callable[..., Awaitable[None]]]
    """Answers the request. Takes what the route's template names by name; ids are well-formed."""


class Route(msgspec.Struct, frozen=True):
    """One URL: `{name}` in its path stands for a part of it; those that end in `_id` are ids.

    Attributes:
        path: The template, as logs, metrics and the description name it.
        tag: The heading that it is described under.
        handler: Who answers; it declares by annotation what it needs (`handlers/api/dependencies.py`).
        role: The role of the processes that answer; None where all do.
    """

    path: str
    tag: str
    handler: type[Endpoint]
    role: ProcessRole | None = "web"

    @property
    def names(self) -> list[str]:
        """The names in the path, in order."""
        return re.findall(r"\{(\w+)\}", self.path)

    @property
    def pattern(self) -> str:
        """The path as Tornado takes it, with and without its last slash."""
        if self.path == "/":
            return "/"
        pieces = re.split(r"\{(\w+)\}", self.path.rstrip("/"))
        texts = [f"(?P<{piece}>[^/]+)" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)]
        return "".join(texts) + "/?"
