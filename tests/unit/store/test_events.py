"""What is sent between processes, and what is passed over."""

from typing import get_args, get_type_hints
from unittest.mock import MagicMock

import pytest

from store.redis.events import Event, Events

KINDS = get_args(get_type_hints(Event)["kind"])


@pytest.fixture
def events():
    return Events(MagicMock(), "redis://nobody.listens", "db")


@pytest.mark.parametrize("text", [b"{}", b"no json", b'{"kind": "other"}', b'{"kind": 1}', b"\xff"])
@pytest.mark.parametrize("channel", ["db:hints:feed", "db:hints:u"])
def test_what_is_no_event_is_passed_over(events, channel, text):
    told = []
    events.listen(told.append, *KINDS)
    events.listen_to_followed(told.append)
    events._receive(channel, text)
    assert told == []
