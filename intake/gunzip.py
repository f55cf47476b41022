"""Unpacks a gzip stream piece by piece: however little it was packed from, no more than a piece is in memory.

gunzip = Gunzip()
for piece in gunzip.feed(chunk):
    ...
gunzip.finish()
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from runtime.decoding import InvalidFields

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
