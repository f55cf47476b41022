"""The few documents that the supervisor exchanges with MongoDB, held to the driver's own."""

import struct
from datetime import UTC, datetime

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.embedded.wire import decode, encode

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
VALUES = st.recursive(
    st.one_of(st.text(max_size=20), st.binary(max_size=20), st.integers(-(2**31), 2**31 - 1)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_what_is_sent_is_what_the_driver_would_send(document):
    assert encode(document) == bson.encode(document)


def test_what_a_reply_may_have_is_read_as_the_driver_reads_it():
    reply = {
        "ok": 1.0,
        "done": False,
        "payload": b"r=abc",
        "errmsg": "无",
        "code": 18,
        "long": 2**40,
        "nothing": None,
        "id": bson.ObjectId(),
        "inner": {"a": [1, 2]},
        "at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    read = decode(bson.encode(reply))
    assert read.keys() == reply.keys()
    same = ("ok", "done", "payload", "errmsg", "code", "long", "nothing")
    assert {name: read[name] for name in same} == {name: reply[name] for name in same}


@given(st.binary(max_size=60), st.integers(0, 80))
def test_what_is_no_document_is_refused_and_never_a_surprise(data, length):
    for text in (data, struct.pack("<i", length) + data + b"\0"):
        try:
            decode(text)
        except (ValueError, struct.error):
            continue


def test_a_type_that_no_reply_has_is_refused():
    with pytest.raises(ValueError, match="type"):
        decode(bson.encode({"x": bson.Regex("a")}))
