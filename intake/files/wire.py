"""What the server and its reading child say to one another: frames of MessagePack over two pipes.

A frame is its length in four bytes and the message. Bytes of files follow their frame as they are, so that
nobody packs megabytes in one go.

Long work says by `slow_page` that it goes on, so that its time is not up. Outside the child nobody listens.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Literal

import msgspec

from intake.files.outcome import Outcome

LENGTH = struct.Struct(">I")
MAX_FRAME_BYTES = 16 * 1024 * 1024
"""Of one message. The largest are resumes of 200,000 characters, of a few MiB."""
CHUNK_BYTES = 128 * 1024
"""Bytes that are handed over at a time, which takes a fraction of a millisecond."""


class Ask(msgspec.Struct, array_like=True):
    """One file, whose `size` bytes follow.

    Attributes:
        page: The page that is wanted as a picture, from 1; 0 where the file is to be read.
        sheet: The sheet of a table that is wanted, "" for the first; None where the file is no table.
    """

    name: str
    size: int
    page: int = 0
    sheet: str | None = None


class Answer(msgspec.Struct, array_like=True):
    """One of several answers to one file.

    Attributes:
        state: `ready` once, before the first file; `slow` where a page takes long and there will be more;
            `more` with an outcome, a picture, or a part of a table; `done` at the end.
        outcome: Without the bytes of its part.
        size: How many bytes of an outcome's part, of a picture or of a table follow; -1 where there are none.
    """

    state: Literal["ready", "slow", "more", "done"]
    outcome: Outcome | None = None
    size: int = -1


encode = msgspec.msgpack.Encoder().encode
decode_ask = msgspec.msgpack.Decoder(Ask).decode
decode_answer = msgspec.msgpack.Decoder(Answer).decode


_listeners: list[Callable[[], None]] = []


def listen(listener: Callable[[], None]) -> None:
    """Have `listener` called whenever a page is begun that takes seconds."""
    _listeners.append(listener)


def slow_page() -> None:
    """A page is begun that takes seconds."""
    for listener in _listeners:
        listener()
