"""Splits a stream of bytes into the lines of NDJSON, in bounded memory. What a line holds is not its concern.

splitter = LineSplitter(max_line_bytes=1024 * 1024)
for number, line in splitter.feed(chunk):
...

A gzip stream is unpacked piece by piece: whatever it is packed from, no more than a piece is in memory.

    gunzip = Gunzip()
    for piece in gunzip.feed(chunk):
        ...
    gunzip.finish()
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from runtime.decoding import InvalidFields

_BOM = b"\xef\xbb\xbf"


class LineSplitter:
    """Collects chunks and gives complete lines with their numbers, from 1.

    A byte order mark at the start is skipped. Blank lines are given as b"", because they count, and because
    a caller that gets a million of them can pause in between. A line longer than `max_line_bytes`, without
    its line end and a byte order mark, is given as None, and no more of it than that is held.
    """

    def __init__(self, max_line_bytes: int) -> None:
        self._max = max_line_bytes
        self._rest = bytearray()
        self._overlong = False
        self._number = 0

    @property
    def held_bytes(self) -> int:
        """How much of an unfinished line is in memory."""
        return len(self._rest)

    def feed(self, chunk: bytes) -> Iterator[tuple[int, bytes | None]]:
        """Give the lines that `chunk` completes."""
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            self._hold(chunk[start:end])
            yield from self._line()
            start = end + 1
        self._hold(chunk[start:])

    def finish(self) -> Iterator[tuple[int, bytes | None]]:
        """Give the last line, if it does not end in a line end."""
        if self._rest or self._overlong:
            yield from self._line()

    def _hold(self, part: bytes) -> None:
        # A carriage return before the line end and a byte order mark do not belong to the line, so there is
        # room for both. `_line` looks at the length again without them.
        if self._overlong or len(self._rest) + len(part) > self._max + len(_BOM) + 1:
            self._overlong = True
            self._rest.clear()
        else:
            self._rest += part

    def _line(self) -> Iterator[tuple[int, bytes | None]]:
        self._number += 1
        line = bytes(self._rest)
        overlong, self._overlong = self._overlong, False
        self._rest.clear()
        if self._number == 1:
            line = line.removeprefix(_BOM)
        line = line.strip(b" \t\r")
        if overlong or len(line) > self._max:
            yield self._number, None
        else:
            yield self._number, line


PIECE_BYTES = 64 * 1024
"""The longest piece. Unpacking one takes a tenth of a millisecond, after which others may have their turn."""
_GZIP = 16 + zlib.MAX_WBITS


class Gunzip:
    """One stream, of one or several members, as `cat a.gz b.gz` makes it."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._is_between = True

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Give what a chunk unpacks to, in pieces.

        An empty member gives an empty one: a chunk may be made of thousands, and others want their turn.

        Raises:
            InvalidFields: It is no gzip.
        """
        is_more = True
        while chunk or is_more:
            if self._is_between:
                chunk = chunk.lstrip(b"\0")  # tape drives fill up blocks with it
                if not chunk:
                    return
                self._is_between = False
            try:
                piece = self._member.decompress(chunk, PIECE_BYTES)
            except zlib.error:
                raise InvalidFields({"body": ["不是有效的 gzip 数据"]}) from None
            if piece or self._member.eof:
                yield piece
            # All input may have been read while there is more to come out of it.
            is_more = len(piece) == PIECE_BYTES
            chunk = self._member.unconsumed_tail
            if self._member.eof:
                chunk = self._member.unused_data
                self._member, self._is_between, is_more = zlib.decompressobj(_GZIP), True, False

    def finish(self) -> None:
        """Note that nothing more comes.

        Raises:
            InvalidFields: The stream is cut short.
        """
        if not self._is_between:
            raise InvalidFields({"body": ["gzip 数据不完整"]})
