"""What `manage.py notices` says that an account waits for."""

from datetime import datetime, timedelta

from notices.schedule import Rules, digests_from, quiet_from
from notices.waits import wait_of
from runtime.clock import SHANGHAI
from store.notes.news import FeedNews
from store.notes.notices import Waiting, Wishes
from tests.support import each

NOON = datetime(2026, 3, 2, 12, tzinfo=SHANGHAI)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
RULES = Rules(quiet=quiet_from("22:00-08:00"), digests=digests_from("09:00,14:00"), grace=2 * MINUTE)
AT_ONCE = Wishes(at_once_score=50.0)


@each(
    "wishes, arrived, last_sent, now, tries, present, due, reason",
    [
        (Wishes(), NOON, None, NOON, 0, False, NOON + 2 * HOUR, "digest"),
        (AT_ONCE, NOON, None, NOON, 0, False, NOON + 2 * MINUTE, "grace"),
        (AT_ONCE, NOON, NOON - 9 * MINUTE, NOON, 0, False, NOON + 51 * MINUTE, "hour"),
        (AT_ONCE, NOON - 13 * HOUR, None, NOON - 12 * HOUR, 0, False, NOON - 4 * HOUR, "quiet"),
        (AT_ONCE, NOON - HOUR, None, NOON, 0, True, NOON, "present"),
        (AT_ONCE, NOON - HOUR, None, NOON, 2, False, NOON, "channel"),
        (AT_ONCE, NOON - HOUR, None, NOON, 0, False, NOON - 58 * MINUTE, "sender"),
        (Wishes(digests=()), NOON - HOUR, None, NOON, 0, False, NOON, "nothing"),
    ],
)
def test_of_several_things_it_waits_for_the_last(
    wishes, arrived, last_sent, now, tries, present, due, reason
):
    one = Waiting(
        user="u", due=NOON, wishes=wishes, last_sent=last_sent, told_until=None, told=frozenset(), tries=tries
    )
    news = [FeedNews(feed="f", oldest=arrived, best=80.0, results={})]
    wait = wait_of(one, news, RULES, now, is_present=present)
    assert (wait.due, wait.reason) == (due, reason)
    assert wait_of(one, [], RULES, now, is_present=present).reason == "nothing"
