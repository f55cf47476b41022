"""Unpacking a stream and splitting it into lines, however it is cut."""

import gzip

import pytest

from intake.ndjson import PIECE_BYTES, Gunzip, LineSplitter


def split(data: bytes, size: int, most: int = 100) -> list[tuple[int, bytes | None]]:
    splitter = LineSplitter(most)
    lines = [
        line for start in range(0, len(data), size) for line in splitter.feed(data[start : start + size])
    ]
    return [(number, line) for number, line in [*lines, *splitter.finish()] if line != b""]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_lines_are_the_same_however_the_stream_is_cut(size):
    data = '\ufeff{"a":1}\r\n\n  \n{"b":"中"}\n{"c":3}'.encode()
    assert split(data, size) == [(1, b'{"a":1}'), (4, '{"b":"中"}'.encode()), (5, b'{"c":3}')]


@pytest.mark.parametrize("size", [1, 64, 1000])
def test_an_overlong_line_is_given_as_none_and_its_neighbours_as_they_are(size):
    assert split(b"a\n" + b"x" * 101 + b"\nb", size) == [(1, b"a"), (2, None), (3, b"b")]


def test_a_line_of_just_the_limit_passes():
    assert split(b"x" * 100 + b"\r\ny", 9) == [(1, b"x" * 100), (2, b"y")]


def test_an_overlong_line_is_not_held():
    splitter = LineSplitter(100)
    for _ in range(1000):
        assert list(splitter.feed(b"x" * 1000)) == []
        assert len(splitter._rest) <= 1000
    assert list(splitter.finish()) == [(1, None)]


def test_nothing_gives_nothing():
    assert split(b"", 1) == []


def test_members_are_one_stream_and_no_piece_is_long():
    gunzip = Gunzip()
    packed = gzip.compress(b"a" * 1_000_000) + b"\0" * 100 + gzip.compress(b"b")
    pieces = [*gunzip.feed(packed[:50]), *gunzip.feed(packed[50:])]
    gunzip.finish()
    assert b"".join(pieces) == b"a" * 1_000_000 + b"b"
    assert max(map(len, pieces)) == PIECE_BYTES


def test_of_empty_members_each_is_a_piece():
    assert list(Gunzip().feed(gzip.compress(b"") * 1_000)) == [b""] * 1_000
