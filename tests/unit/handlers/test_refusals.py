"""What exceptions mean to a client."""

import pymongo
import pytest
from pymongo.errors import InvalidOperation

from handlers.api.errors import refusal_of


def test_stores_that_this_process_has_closed_are_away_and_no_fault():
    client = pymongo.MongoClient("127.0.0.1", 1, connect=False)
    client.close()
    with pytest.raises(InvalidOperation) as closed:
        client.admin.command("ping")
    assert refusal_of(closed.value).http == 503


def test_what_the_driver_cannot_do_otherwise_is_a_fault():
    assert refusal_of(InvalidOperation("No operations to execute")).http == 500
