"""What is sent between processes: of two releases, as servers are restarted one after the other."""

import json
from typing import get_args, get_type_hints
from unittest.mock import MagicMock

import msgspec
import pytest

from store.redis import old_hints
from store.redis.events import Event, Events, _decode

KINDS = get_args(get_type_hints(Event)["kind"])


@pytest.fixture
def events():
    return Events(MagicMock(), "redis://nobody.listens", "db")


@pytest.mark.parametrize("kind", sorted({*KINDS} - {"resync"}))
def test_an_event_is_said_where_those_listen_who_act_on_it_and_comes_back_as_it_was(events, kind):
    events._old_are_heard = False
    said = events._said(Event(kind, user="u", feed="f", token="t"))
    of_account, of_kind = "db:hints:u", f"db:hints:{kind}"
    assert [channel for channel, _ in said] == {
        "unread": [of_account],
        "progress": [of_account],
        "removed": [of_account],
    }.get(kind, [of_kind])
    assert {_decode(text) for _, text in said} == {
        Event(kind, user="u", feed="f", token="t", origin=events._origin)
    }


def test_what_a_process_finds_by_itself_is_said_to_nobody(events):
    assert events._said(Event("resync")) == []


@pytest.mark.parametrize(("kind", "sent"), [("unread", "count"), ("feedback", "lesson"), ("feed", "feed")])
def test_processes_of_the_release_before_are_spoken_to_in_its_words(events, kind, sent):
    (_, _), (channel, text) = events._said(Event(kind, user="u", feed="f"))
    assert channel == "db:events"
    assert json.loads(text) == {
        "kind": sent,
        "user": "u",
        "feed": "f",
        "origin": events._origin,
        "is_said_twice": True,
    }


@pytest.mark.parametrize(("sent", "kind"), [("count", "unread"), ("lesson", "feedback"), ("feed", "feed")])
def test_processes_of_the_release_before_are_understood(events, sent, kind):
    told = []
    events.listen(told.append, kind)
    events._receive("db:events", json.dumps({"kind": sent, "user": "u", "feed": "f", "origin": "o"}).encode())
    assert told == [Event(kind, user="u", feed="f", origin="o")]


def test_what_was_said_twice_is_heard_once(events):
    told = []
    events.listen(told.append, "feed")
    another = Events(MagicMock(), "redis://nobody.listens", "db")
    for channel, text in another._said(Event("feed", feed="f")):
        events._receive(channel, text)
    assert [event.feed for event in told] == ["f"]


@pytest.mark.parametrize("text", [b"{}", b"no json", b'{"kind": "other"}', b'{"kind": 1}', b"\xff"])
@pytest.mark.parametrize("channel", ["db:events", "db:hints:u"])
def test_what_is_no_event_is_passed_over(events, channel, text):
    told = []
    events.listen(told.append, *KINDS)
    events.listen_to_followed(told.append)
    events._receive(channel, text)
    assert told == []


def test_the_release_before_knows_other_words_for_kinds_that_there_are():
    assert old_hints._WIRE_KINDS.keys() <= set(KINDS)
    with pytest.raises(msgspec.MsgspecError):
        old_hints.decode(b"{}")
