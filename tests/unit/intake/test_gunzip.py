"""Gunzip: whatever is packed, no piece takes long."""

import gzip

from intake.ndjson import PIECE_BYTES, Gunzip


def test_members_are_one_stream_and_no_piece_is_long():
    gunzip = Gunzip()
    packed = gzip.compress(b"a" * 1_000_000) + b"\0" * 100 + gzip.compress(b"b")
    pieces = [*gunzip.feed(packed[:50]), *gunzip.feed(packed[50:])]
    gunzip.finish()
    assert b"".join(pieces) == b"a" * 1_000_000 + b"b"
    assert max(map(len, pieces)) == PIECE_BYTES


def test_of_empty_members_each_is_a_piece():
    assert list(Gunzip().feed(gzip.compress(b"") * 1_000)) == [b""] * 1_000
