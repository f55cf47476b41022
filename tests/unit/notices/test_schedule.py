"""When a notice is due, held to a walk through the minutes."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.schedule import (
    SPACING,
    Rules,
    digests_from,
    digests_text,
    due_at,
    is_quiet,
    quiet_from,
    quiet_text,
)
from runtime.clock import SHANGHAI

MIDNIGHT = datetime(2026, 3, 2, tzinfo=SHANGHAI)
MINUTE = timedelta(minutes=1)


def at(clock, day=0):
    hour, minute = map(int, clock.split(":"))
    return MIDNIGHT + timedelta(days=day, hours=hour, minutes=minute)


def rules(**changes):
    usual = {"quiet": quiet_from("22:00-08:00"), "digests": digests_from("09:00,14:00"), "grace": 2 * MINUTE}
    return Rules(**{**usual, **changes})


@pytest.mark.parametrize(
    ("arrived", "due"),
    [
        (at("08:30"), at("09:00")),
        (at("09:00"), at("09:02")),  # its digest is this one, after the grace
        (at("08:59"), at("09:01")),
        (at("09:01"), at("14:00")),
        (at("14:30"), at("09:00", 1)),
        (at("03:00"), at("09:00")),
    ],
)
def test_whatever_is_new_waits_for_the_next_digest(arrived, due):
    assert due_at(rules(), oldest=arrived, best=99, last_sent=None) == due


def test_a_good_one_is_told_at_once_but_not_at_night():
    at_once = rules(at_once_score=80.0)
    assert due_at(at_once, oldest=at("10:00"), best=80, last_sent=None) == at("10:02")
    assert due_at(at_once, oldest=at("10:00"), best=79.9, last_sent=None) == at("14:00")
    assert due_at(at_once, oldest=at("21:59"), best=80, last_sent=None) == at("08:00", 1)
    assert due_at(at_once, oldest=at("23:00"), best=80, last_sent=None) == at("08:00", 1)


def test_a_digest_in_the_quiet_hours_comes_after_them():
    early = rules(digests=digests_from("07:00"))
    assert due_at(early, oldest=at("06:00"), best=50, last_sent=None) == at("08:00")


CLOCKS = st.integers(0, 24 * 60 - 1)
RULES = st.builds(
    Rules,
    quiet=st.tuples(CLOCKS, CLOCKS),
    digests=st.lists(CLOCKS, max_size=3, unique=True).map(lambda times: tuple(sorted(times))),
    grace=st.integers(0, 120).map(lambda minutes: minutes * MINUTE),
    at_once_score=st.none() | st.integers(0, 100),
)


def walked(rules, oldest, best, last_sent):
    """The first minute at which all that the module promises holds, looked for minute by minute."""
    moment, has_digest = oldest, False
    for _ in range(3 * 24 * 60):
        minute = moment.hour * 60 + moment.minute
        has_digest = has_digest or minute in rules.digests
        may_go = has_digest or (rules.at_once_score is not None and best >= rules.at_once_score)
        is_spaced = last_sent is None or moment >= last_sent + SPACING
        if may_go and is_spaced and moment >= oldest + rules.grace and not is_quiet(rules.quiet, moment):
            return moment
        moment += MINUTE
    return None


@given(RULES, CLOCKS, st.integers(0, 100), st.none() | st.integers(-90, 90))
def test_it_is_due_at_the_first_minute_that_may_carry_it(rules, arrived, best, ago):
    oldest = MIDNIGHT + arrived * MINUTE
    last_sent = None if ago is None else oldest - ago * MINUTE
    assert due_at(rules, oldest=oldest, best=best, last_sent=last_sent) == walked(
        rules, oldest, best, last_sent
    )


@given(st.tuples(CLOCKS, CLOCKS), st.lists(CLOCKS, max_size=6, unique=True))
def test_times_are_written_as_they_are_read(quiet, digests):
    assert quiet_from(quiet_text(quiet)) == quiet
    assert digests_from(digests_text(digests)) == tuple(sorted(digests))


@pytest.mark.parametrize("text", ["", "22:00", "22:00-", "24:00-08:00", "22:60-08:00", "9:00-10:00", "a-b"])
def test_what_is_no_range_of_times_is_refused(text):
    with pytest.raises(ValueError, match="looks like"):
        quiet_from(text)


@pytest.mark.parametrize("text", ["25:00", "9:00", "09:00;10:00", "٠٩:٠٠", ",".join(["09:00"] * 7)])
def test_what_is_no_list_of_times_is_refused(text):
    with pytest.raises(ValueError, match=r"looks like|at most"):
        digests_from(text)
