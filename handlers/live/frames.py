"""What goes over `/special_feed/ws/`, both ways, as types: `/openapi.json` describes it from these.

    text = FrameText(UnreadFrame(seq=UNNUMBERED, feed_id=feed_id, unread_count=2, total=3))
    text.at(7)    # {"type":"unread","seq":7,"feed_id":"…","unread_count":2,"total":3}

A new kind of frame is a struct here, one more member of `ServerFrame`, and a line of the table in `hub.py`.
Close codes are in `close_codes.py`; `writer.py` decides when a frame is written. No I/O here.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, get_args

import msgspec

from handlers.api.contract import Count
from handlers.views.candidate_view import CommentView
from handlers.views.member_names import MemberName
from runtime.decoding import Id

UNNUMBERED = 0
"""The `seq` of a frame that no connection has sent yet. Each connection counts its own frames from 1."""

Seq = Annotated[int, msgspec.Meta(ge=1)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Frame(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """What every frame of the server has: its `type`."""


class NumberedFrame(Frame, frozen=True, kw_only=True):
    """A frame that tells of a change.

    Attributes:
        seq: Grows by one a frame on a connection, from 1.
    """

    seq: Seq


class FeedCount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many unread results a feed has.

    Attributes:
        feed_id: The feed.
        unread_count: Its strong results that are neither read nor deleted.
    """

    feed_id: Id
    unread_count: Count


class SnapshotFrame(NumberedFrame, frozen=True, kw_only=True, tag="snapshot"):
    """The first frame of every connection, right after authentication.

    Attributes:
        feeds: All feeds of the account.
        total: The sum of their counts.
    """

    feeds: list[FeedCount]
    total: Count


class UnreadFrame(NumberedFrame, frozen=True, kw_only=True, tag="unread"):
    """A feed's count changed, for any reason and in any process. Numbers are absolute.

    Attributes:
        feed_id: The feed.
        unread_count: Its strong results that are neither read nor deleted.
        total: The sum over all feeds of the account.
    """

    feed_id: Id
    unread_count: Count
    total: Count


class UndecidedFrame(NumberedFrame, frozen=True, kw_only=True, tag="undecided"):
    """As `unread`, of people of whom nothing came yet; for who asked for it with `auth`.

    Attributes:
        undecided_count: As of a listed feed.
    """

    feed_id: Id
    undecided_count: Count


class ProgressFrame(NumberedFrame, frozen=True, kw_only=True, tag="progress"):
    """A submitted feed is being scored against the stored resumes.

    Attributes:
        feed_id: The feed.
        progress: How much of that is done.
        calced: Whether all of it is done.
    """

    feed_id: Id
    progress: Share
    calced: bool


class RemovedFrame(NumberedFrame, frozen=True, kw_only=True, tag="removed"):
    """A feed was deleted.

    Attributes:
        feed_id: The feed.
        total: The sum over the feeds that are left.
    """

    feed_id: Id
    total: Count


class ClaimFrame(NumberedFrame, frozen=True, kw_only=True, tag="claim"):
    """Who is with a person of a feed's list, for all who are in the feed.

    Attributes:
        by: None where nobody is any more.
        kind: For a look or for a call; empty where nobody is.
        until: Unix seconds at which it ends by itself; 0 where nobody is.
        comment_log: All comments on them, where somebody without an account has said something; else null.
    """

    feed_id: Id
    resume_id: Id
    by: MemberName | None
    kind: Literal["look", "call", ""]
    until: Annotated[int, msgspec.Meta(ge=0)]
    comment_log: list[CommentView] | None


class AskedFrame(NumberedFrame, frozen=True, kw_only=True, tag="asked"):
    """A colleague asks whoever is with a person.

    Attributes:
        by: Who asks.
    """

    feed_id: Id
    resume_id: Id
    by: MemberName


class PongFrame(Frame, frozen=True, kw_only=True, tag="pong"):
    """The answer to `ping`."""


class ErrorFrame(Frame, frozen=True, kw_only=True, tag="error"):
    """The answer to a message that the server does not know. The connection stays open.

    Attributes:
        msg: For people, in Chinese.
    """

    msg: str


ServerFrame: TypeAlias = (
    SnapshotFrame
    | UnreadFrame
    | UndecidedFrame
    | ProgressFrame
    | RemovedFrame
    | ClaimFrame
    | AskedFrame
    | PongFrame
    | ErrorFrame
)


class AuthMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="auth"):
    """The first message of a client that could not send the header at the handshake.

    Attributes:
        authorization: What the `Authorization` header would hold.
        undecided: Whether it wants to be told of undecided people too.
    """

    authorization: str
    undecided: bool = False


class PingMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="ping"):
    """Asks for a `pong`, to find out whether the connection still works."""


ClientMessage: TypeAlias = AuthMessage | PingMessage

SERVER_FRAMES: tuple[type[msgspec.Struct], ...] = get_args(ServerFrame)
CLIENT_MESSAGES: tuple[type[msgspec.Struct], ...] = get_args(ClientMessage)

_NUMBER = f'"seq":{UNNUMBERED}'
encode = msgspec.json.encode
_decoder: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)


def read_message(message: str | bytes) -> ClientMessage | None:
    """What a client said; None where it is nothing that a client may say, such as a binary frame."""
    if isinstance(message, bytes):
        return None
    try:
        return _decoder.decode(message)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None


class FrameText:
    """A frame as text: serialised once, however many connections it goes to.

    Attributes:
        key: Of two frames with the same key the newer one says all that the older one did.
        is_numbered: Whether the frame takes a number of the connection.
    """

    def __init__(self, frame: ServerFrame) -> None:
        tag = frame.__struct_config__.tag
        about = (getattr(frame, name, "") for name in ("feed_id", "resume_id"))
        self.key: str = ":".join((str(tag), *about))
        # The number stands between these two, so that only it differs from one connection to the next.
        self._head, number, self._tail = encode(frame).decode().partition(_NUMBER)
        self.is_numbered = bool(number)

    def at(self, seq: int) -> str:
        """The frame's text as the `seq`-th of a connection; one without a number is always the same."""
        return f'{self._head}"seq":{seq}{self._tail}' if self.is_numbered else self._head
