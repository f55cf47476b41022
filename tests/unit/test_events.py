"""What is sent between processes: of two releases, as servers are restarted one after the other."""

import json
from typing import get_args, get_type_hints

import msgspec
import pytest

from store.events import Event, _decode, _encode

KINDS = get_args(get_type_hints(Event)["kind"])


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_comes_back_as_it_was_sent(kind):
    event = Event(kind, user="u", feed="f", token="t")
    assert _decode(_encode(event, "me")) == msgspec.structs.replace(event, origin="me")


@pytest.mark.parametrize(("kind", "sent"), [("unread", "count"), ("feedback", "lesson"), ("feed", "feed")])
def test_processes_of_the_release_before_are_spoken_to_in_its_words(kind, sent):
    assert json.loads(_encode(Event(kind, feed="f"), "me")) == {"kind": sent, "feed": "f", "origin": "me"}
    assert _decode(json.dumps({"kind": sent, "feed": "f"})).kind == kind


@pytest.mark.parametrize("text", ["{}", "no json", '{"kind": "other"}', '{"kind": 1}'])
def test_what_is_no_event_is_refused(text):
    with pytest.raises(msgspec.MsgspecError):
        _decode(text)
