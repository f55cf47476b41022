"""Security events: one line and one count each, and no account by name."""

import json
import logging

import pytest

from runtime.logs import JsonFormatter
from runtime.metrics import Metrics
from runtime.security_log import account_hash, report, set_key

SECRET = "a-secret-key-of-the-test"


@pytest.fixture(autouse=True)
def key():
    set_key(SECRET)


def line_of(caplog) -> dict:
    (record,) = caplog.records
    return json.loads(JsonFormatter(str).format(record))


def test_an_event_is_a_line_with_a_hashed_account_its_outcome_and_the_address(caplog):
    with caplog.at_level(logging.INFO):
        report("login", account="Hr@Example.com ", outcome="failed", address="203.0.113.7")
    line = line_of(caplog)
    assert (line["event"], line["outcome"], line["address"]) == ("login", "failed", "203.0.113.7")
    assert line["level"] == "warning"
    assert line["account"] == account_hash("hr@example.com")
    assert "example" not in json.dumps(line).lower()


def test_what_went_well_is_no_warning_and_says_nothing_that_was_not_given(caplog):
    with caplog.at_level(logging.INFO):
        report("operator", outcome="ok")
    assert line_of(caplog)["level"] == "info"
    assert not {"account", "address"} & line_of(caplog).keys()


def test_a_hash_is_the_same_in_each_process_of_a_key_and_of_no_other_key():
    first = account_hash("hr@example.com")
    set_key(SECRET)
    assert account_hash("hr@example.com") == first
    set_key("another-secret-key")
    assert account_hash("hr@example.com") != first


def test_every_series_is_there_before_its_first_event_and_counts(caplog):
    metrics = Metrics()
    name = 'talentfeed_security_events_total{event="unlock",outcome="burst"}'

    def count() -> float:
        (line,) = [line for line in metrics.text().decode().splitlines() if line.startswith(name)]
        return float(line.split()[1])

    before = count()
    report("unlock", account="6b064ce8eafc27a898b70a33", outcome="burst")
    assert count() == before + 1
