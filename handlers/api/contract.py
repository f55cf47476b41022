"""What an endpoint takes and gives, said once: decoding, answers and `/openapi.json` all read it here.

    class CommentHandler(ApiHandler):
        contract = Contract("Comment on a resume", body=NewComment, answer=CommentAnswer)

A body, parameters and an answer are msgspec structs: their types are the validation and the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

import msgspec

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
NDJSON = "application/x-ndjson"
MULTIPART = "multipart/form-data"
UPGRADE = "websocket"

Moment = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$",
        description="`YYYY-MM-DD HH:MM:SS` in Asia/Shanghai.",
    ),
]
OptionalMoment = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})?$",
        description="`YYYY-MM-DD HH:MM:SS` in Asia/Shanghai, or empty.",
    ),
]
Seconds = Annotated[int, msgspec.Meta(ge=0, description="Unix seconds; 0 for never.")]
Flag = Literal[0, 1]
Truth = bool | Annotated[int, msgspec.Meta(ge=0, le=1)]
Count = Annotated[int, msgspec.Meta(ge=0)]


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    """A part of an answer: exactly its fields."""


class Answer(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The least that every answer says.

    Attributes:
        status: What came of the request.
        msg: For people, in Chinese.
    """

    status: str
    msg: str


class Ok(Answer):
    """Done."""

    status: Literal["ok"]


class Contract(msgspec.Struct, frozen=True):
    """What one endpoint takes and gives.

    Attributes:
        summary: One line for the description.
        query: Parameters of the URL; a POST may send them as a form in its body.
        body: What a POST's body holds.
        answer: What HTTP 200 says, whatever its `status`; with `other_answer`, what it says instead of that.
        unavailable: What HTTP 503 says, where it is not always a refusal.
        body_kinds: The media types that the body may have; one that names none has the first of these.
        refuses_unknown: A field of the body that `body` does not have is an error.
        other_answer: The media type of an answer that is not JSON; `UPGRADE` for a WebSocket.
        also_answers: Other media types that it may have, as a parameter asks.
        answer_headers: Headers of that answer, and what they say.
        frames: What the server sends over that WebSocket, one tagged type each.
        messages: What a client may send over it.
        redirect: Where a browser is sent with HTTP 302; HTTP 200, if it is described too, says why not.
        has_page: A browser that asks for HTML gets a page instead of JSON, refusals too.
        throttled: It may answer 429.
        may_be_malformed: It may answer 400, though it takes no id, parameter or body.
        may_be_missing: Whether it may answer 404; None: if an id is in its path.
        by_role: It may answer 403, as not every member may do it; None: if an id is in its path.
    """

    summary: str
    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    answer: type[msgspec.Struct] = Ok
    unavailable: type[msgspec.Struct] | None = None
    body_kinds: tuple[str, ...] = (JSON, FORM)
    refuses_unknown: bool = False
    other_answer: str = ""
    also_answers: tuple[str, ...] = ()
    answer_headers: Mapping[str, str] = MappingProxyType({})
    frames: tuple[type[msgspec.Struct], ...] = ()
    messages: tuple[type[msgspec.Struct], ...] = ()
    redirect: str = ""
    has_page: bool = False
    throttled: bool = False
    may_be_malformed: bool = False
    may_be_missing: bool | None = None
    by_role: bool | None = False

    def fill(self, status: str, msg: str, fields: dict[str, Any], *, is_checked: bool) -> dict[str, Any]:
        """An answer as plain values; what is left out of its fields has its default.

        With `is_checked` the values are held to the answer's types, as tests do.

        Raises:
            TypeError: The answer has no such field.
            msgspec.ValidationError: A value is of another type.
        """
        # Fields that the answer does not have, or lacks, are an error here, always. Whether their values are
        # of the right type is looked at in tests alone: msgspec checks types when it decodes, not when it
        # builds.
        answer = self.answer(status=status, msg=msg, **fields)
        values: dict[str, Any] = {"status": status, "msg": msg} | msgspec.to_builtins(answer)
        if is_checked:
            msgspec.convert(values, self.answer)
        return values
