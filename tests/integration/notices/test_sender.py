"""The sender on real stores: whoever is away is told what is strong and unread, once, by a way."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from notices import sender as sender_module
from notices.schedule import SPACING, Rules
from notices.waits import waits_of
from notices.ways import NobodyAnswers, NotTaken, Unanswered
from store.notes import notices
from store.redis import presence as presence_module
from store.redis.presence import Presence
from tests.integration.gates import Trap, calls_of
from tests.integration.notices.notice_scene import (
    NEVER_QUIET,
    RecordedWay,
    an_hour_later,
    counter,
    due_now,
    list_results,
    look,
    make_sender,
    move,
    recruiter,
    state,
)
from tests.integration.sweeps import swept


@pytest.fixture(autouse=True)
def unhurried(monkeypatch):
    """What a process said once of its sockets holds for as long as a test takes."""
    monkeypatch.setattr(presence_module, "_FORGET_S", 3600)


@pytest.fixture
def way():
    return RecordedWay()


@pytest.fixture
def sender(stores, way):
    return make_sender(stores, way)


async def with_the_page(stores, sender, count=1):
    """Recruiters with something unread, looked at while they had the page open; and the set of who has it."""
    accounts = [await recruiter(stores, number) for number in range(count)]
    users = [user for user, _ in accounts]
    with_page = set(users)
    stores.presence.accounts = lambda: with_page
    for user, feed in accounts:
        await list_results(stores, user, feed, [80.0])
    await look(sender)
    return users, with_page


async def see_it_closed(stores, sender, user):
    """Let the sender see that an account's page is closed, and look at the account 15 s later."""
    await look(sender)
    await move(stores, user, due=timedelta(seconds=15))
    await look(sender)


async def test_what_is_strong_and_unread_is_told_once(stores, sender, way):
    user, feed = await recruiter(stores)
    await list_results(stores, user, feed, [61.5, 88.9, 70.0])
    await list_results(stores, user, feed, [99.0], strong=False)
    await look(sender)
    ((told, notice),) = way.sent
    assert (told, notice.unread, notice.best) == (user, 3, 88)
    assert notice.link == f"https://talent.example.com/#/feeds/{feed}/queue"
    await due_now(stores, user)
    await an_hour_later(stores, user)
    await look(sender)
    assert len(way.sent) == 1
    assert "due" not in await state(stores, user)
    # What comes later is told, with all that is unread.
    await list_results(stores, user, feed, [50.0])
    await look(sender)
    assert [(notice.unread, notice.best) for _, notice in way.sent] == [(3, 88), (4, 50)]


async def test_a_feed_that_is_deleted_is_not_told_of(stores, sender, way):
    user, feed = await recruiter(stores)
    await list_results(stores, user, feed, [80.0])
    await stores.feeds.delete(user, feed)
    await look(sender)
    assert way.tries == 0


async def test_a_page_that_is_only_loaded_anew_was_not_closed(stores, sender, way):
    (user,), with_page = await with_the_page(stores, sender)
    with_page.clear()
    await look(sender)
    with_page.add(user)
    await move(stores, user, due=timedelta(seconds=15))
    await look(sender)
    assert way.tries == 0
    assert (await state(stores, user))["due"] > datetime.now(UTC) + timedelta(minutes=4)
    with_page.clear()
    await see_it_closed(stores, sender, user)
    assert way.told(user) == 1


async def test_who_closes_the_page_is_found_however_many_have_it_open(stores, sender, way, monkeypatch):
    monkeypatch.setattr(sender_module, "_WATCHED", 2)
    users, with_page = await with_the_page(stores, sender, 5)
    for user in (users[4], users[0]):
        with_page.discard(user)
        for _ in range(2):
            await look(sender)
        await see_it_closed(stores, sender, user)
        assert way.told(user) == 1
    assert len(way.sent) == 2


async def test_nobody_is_told_while_redis_does_not_say_who_has_the_page_open(
    stores, sender, way, elsewhere, monkeypatch
):
    monkeypatch.setattr(presence_module, "_SURE_AFTER_S", 3600.0)
    user, feed = await recruiter(stores)
    elsewhere.presence.accounts = lambda: {user}
    await elsewhere.presence.say()
    await list_results(stores, user, feed, [80.0])
    with monkeypatch.context() as away:
        away.setattr(stores._redis, "quickly", _Away().quickly)
        await look(sender)
    assert way.tries == 0
    assert (await state(stores, user))["due"] > datetime.now(UTC) + timedelta(seconds=20)
    elsewhere.presence.accounts = set
    await elsewhere.presence.say()
    await due_now(stores, user)
    await look(sender)
    assert way.tries == 0  # another process may not have said yet whose sockets it has
    stores.presence._sure_from = 0.0  # it has had the time to
    await due_now(stores, user)
    await look(sender)
    assert way.told(user) == 1


async def test_after_redis_was_wiped_nobody_is_absent_before_all_have_said_whom_they_have(stores, elsewhere):
    mine, theirs = stores.presence, elsewhere.presence
    theirs.accounts = lambda: {"a"}
    for one in (mine, theirs):
        await one._say()
    assert await mine.present(["a", "b"]) == {"a"}
    await stores._redis.client.flushdb()
    assert await mine.present(["a", "b"]) == {"a", "b"}
    await mine._say()
    assert await mine.present(["a", "b"]) == {"a", "b"}
    await theirs._say()
    mine._sure_from = 0.0
    assert await mine.present(["a", "b"]) == {"a"}


async def test_where_redis_is_away_for_good_the_sockets_of_this_process_are_known(monkeypatch):
    presence = Presence(_Away(), "x", "y")
    presence.accounts = lambda: {"a"}
    assert await presence.present(["a", "b"]) == {"a", "b"}
    monkeypatch.setattr(presence_module, "_GIVE_UP_S", 0.0)
    assert await presence.present(["a", "b"]) == {"a"}
    await presence.say()


async def test_wishes_that_change_during_a_look_bring_no_second_message(stores, elsewhere, way):
    """A lease holds whatever makes the account due meanwhile."""
    way.takes_s = 0.4
    one, other = make_sender(stores, way), make_sender(elsewhere, way)
    user, feed = await recruiter(stores)
    await list_results(stores, user, feed, [80.0])
    looking = asyncio.create_task(look(one))
    while not way.tries:
        await asyncio.sleep(0.01)
    await stores.notices.change(user, {"quiet": [0, 0]})
    await list_results(stores, user, feed, [85.0])
    await look(other)
    assert way.tries == 1
    await looking
    # What came during the look is not lost.
    await look(other)
    await an_hour_later(stores, user)
    await look(other)
    assert [notice.unread for _, notice in way.sent] == [1, 2]


async def test_a_way_that_takes_too_long_is_away(stores, sender, way, monkeypatch):
    monkeypatch.setattr(sender_module, "SEND_S", 0.05)
    user, feed = await recruiter(stores)
    await list_results(stores, user, feed, [80.0])
    way.takes_s = 5
    await look(sender)
    job = await state(stores, user)
    assert (way.sent, job["attempts"], job["error"]) == ([], 1, "Unanswered")


async def test_a_message_without_an_answer_comes_once_more_and_never_a_third_time(stores, sender, way):
    user, feed = await recruiter(stores)
    await list_results(stores, user, feed, [80.0])
    # Where it is sure that it did not come, it is tried for as long as that takes.
    way.ends = [NobodyAnswers(), Unanswered(), NobodyAnswers(), NotTaken(), Unanswered(), Unanswered()]
    for tries in range(1, 6):
        await look(sender)
        assert way.tries == tries
        if tries == 2:
            wait = (await state(stores, user))["due"] - datetime.now(UTC)
            assert timedelta(seconds=50) < wait <= timedelta(minutes=1)
        await due_now(stores, user)
    await look(sender)
    assert way.tries == 5
    assert "due" not in await state(stores, user)
    # What comes later is told again, and by the same rule.
    await list_results(stores, user, feed, [85.0])
    await an_hour_later(stores, user)
    await look(sender)
    assert "last_sent" in await state(stores, user)
    await due_now(stores, user)
    await look(sender)
    assert [(one, notice.unread) for one, notice in way.sent] == [(user, 2)]


async def test_senders_that_die_over_a_message_bring_it_twice_at_most(stores, sender, way):
    user, feed = await recruiter(stores)
    await list_results(stores, user, feed, [80.0])
    trap = Trap(stores.notices, "settle")
    for _ in range(3):
        with pytest.raises(ExceptionGroup):
            await look(sender)
        await stores._database.jobs.update_many({}, {"$set": {"lease": datetime.now(UTC)}})
    trap.take_away()
    await look(sender)
    assert way.told(user) == 2
    assert "due" not in await state(stores, user)


async def test_without_any_way_nothing_is_looked_at_until_something_changes(stores, sender, way):
    user, feed = await recruiter(stores)
    way.serves = False
    await list_results(stores, user, feed, [80.0])
    await look(sender)
    assert "due" not in await state(stores, user)
    assert await stores.notices.waiting(timedelta(0)) == []
    way.serves = True
    await stores.notices.turn_on(user, "robot")
    await look(sender)
    assert way.told(user) == 1


async def test_a_busy_account_is_looked_at_once_a_grace_at_most(stores, way):
    way.serves = False
    sender = make_sender(stores, way, defaults=Rules(quiet=(0, 0), digests=(), grace=timedelta(minutes=2)))
    user, feed = await recruiter(stores)
    looks = calls_of(stores.news, "untold")
    for _ in range(10):
        await list_results(stores, user, feed, [80.0])
        await look(sender)
    assert len(looks) == 1  # of the new wishes
    await due_now(stores, user)
    for _ in range(10):
        await look(sender)
        await list_results(stores, user, feed, [80.0])
    assert len(looks) == 2


async def test_a_result_that_comes_while_its_account_is_gathered_keeps_the_mark(stores, monkeypatch):
    user, feed = await recruiter(stores)
    await list_results(stores, user, feed, [80.0])
    take_away = notices.bulk_matched

    async def take_away_late(collection, writes):
        await list_results(stores, user, feed, [80.0])
        return await take_away(collection, writes)

    monkeypatch.setattr(notices, "bulk_matched", take_away_late)
    await stores.notices.gather(datetime.now(UTC), timedelta(0), SPACING)
    assert "untold" in await counter(stores, user)
    monkeypatch.undo()
    await stores.notices.gather(datetime.now(UTC), timedelta(0), SPACING)
    assert "untold" not in await counter(stores, user)


async def test_disabled_and_deleted_accounts_get_nothing(stores, sender, way):
    disabled, feed = await recruiter(stores, 1)
    deleted, other_feed = await recruiter(stores, 2)
    await list_results(stores, disabled, feed, [80.0])
    await list_results(stores, deleted, other_feed, [80.0])
    await stores.accounts.set_disabled(disabled, disabled=True)
    await stores.deletions.delete(deleted)
    assert await state(stores, deleted) == {}
    await due_now(stores, deleted)  # somebody was just about to
    await look(sender)
    assert way.tries == 0
    assert await stores.notices.waiting(timedelta(0)) == []
    await swept(stores, deleted)
    assert await state(stores, deleted) == {}


@pytest.mark.faults
async def test_a_stop_waits_for_the_message_that_is_under_way(stores, sender, way):
    way.takes_s = 1.0
    sender._together = asyncio.Semaphore(10)
    made = [await recruiter(stores, number) for number in range(12)]
    for user, feed in made:
        await list_results(stores, user, feed, [80.0])
    task = asyncio.create_task(sender.run())
    while not way.tries:
        await asyncio.sleep(0.01)
    while not task.done():  # as a server does
        task.cancel()
        await asyncio.wait({task}, timeout=0.05)
    assert task.cancelled()
    assert len(way.sent) == way.tries < len(made)
    # The others are given back, and are told at once by the next process.
    await look(make_sender(stores, way))
    assert sorted(user for user, _ in way.sent) == sorted(user for user, _ in made)


async def test_results_that_are_seen_late_are_told_and_others_not_again(stores, sender, way):
    """A result carries the time of its writer, which may be seconds before it is seen."""
    user, feed = await recruiter(stores)
    await list_results(stores, user, feed, [80.0])
    await look(sender)
    await list_results(stores, user, feed, [70.0])
    await stores._database.results.update_one(
        {"score": 70.0}, {"$set": {"pub_time": datetime.now(UTC) - timedelta(seconds=20)}}
    )
    await an_hour_later(stores, user)
    await look(sender)
    assert [(notice.unread, notice.best) for _, notice in way.sent] == [(1, 80), (2, 70)]


async def test_operators_see_what_accounts_wait_for(stores, sender, way):
    later, feed = await recruiter(stores, 1, digests=[540], at_once_score=None)
    away, other_feed = await recruiter(stores, 2)
    way.ends = [NobodyAnswers()]
    await list_results(stores, later, feed, [80.0])
    await list_results(stores, away, other_feed, [80.0])
    await look(sender)
    waits = await waits_of(stores, NEVER_QUIET, datetime.now(UTC))
    assert {wait.user: wait.reason for wait in waits} == {later: "digest", away: "channel"}
    assert waits[-1].user == later


async def test_paused_feeds_are_not_told_of_until_they_go_on(stores, sender, way):
    user, feed = await recruiter(stores)
    await list_results(stores, user, feed, [80.0])
    await stores.feeds.pause(user, feed)
    assert [wait.reason for wait in await waits_of(stores, NEVER_QUIET, datetime.now(UTC))] == ["nothing"]
    await look(sender)
    assert way.sent == []
    await stores.feeds.resume(user, feed, 5)
    await stores.notices.look_again(user)
    await look(sender)
    assert [(notice.unread, notice.best) for _, notice in way.sent] == [(1, 80)]


class _Away:
    async def quickly(self, *_):
        raise TimeoutError
