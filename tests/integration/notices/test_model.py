"""The whole sender against a model that looks at one moment alone, over days of a moved clock.

A normal run tries some walks, `TALENTFEED_FAULTS=long` (`make faults`) two thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from notices import sender as sender_module
from notices.schedule import SPACING, Rules
from notices.ways import GivenUp, NobodyAnswers, Receiver
from notices.wording import Notice
from runtime.clock import SHANGHAI
from store.jobs import jobs as jobs_module
from store.notes import notices as notices_module
from store.results import result_counters, results
from tests.integration.notices.notice_scene import list_results, look, make_sender
from tests.integration.stored import new_account, new_feed
from tests.support import IS_LONG

WALKS = 100 if IS_LONG else 12
ROUNDS = range(20 if IS_LONG else 1)
GRACE = timedelta(minutes=2)
MIDNIGHT = datetime(2026, 3, 2, tzinfo=SHANGHAI)
DEFAULTS = Rules(quiet=(22 * 60, 8 * 60), digests=(9 * 60, 14 * 60), grace=GRACE)


class Clock(datetime):
    """A clock that goes on only when it is told to."""

    moment = MIDNIGHT

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return cls.moment.astimezone(tz or UTC)


class Way:
    """A way that is there, away, or gives up; `mini` needs a consent for each message."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.mood = "there"
        self.sent: list[tuple[str, Notice]] = []

    def lacks(self, receiver: Receiver) -> str:
        return "没有次数" if self.kind == "mini" and receiver.wishes.left.get("mini", 0) <= 0 else ""

    async def send(self, receiver: Receiver, notice: Notice) -> None:
        if self.mood == "away":
            raise NobodyAnswers
        if self.mood == "gone":
            raise GivenUp("不再可用", used_up=self.kind == "mini")
        self.sent.append((receiver.user, notice))


class Page:
    """Whether the account has the page open."""

    is_open = False

    async def present(self, user_ids: Sequence[str]) -> set[str]:
        return set(user_ids) if self.is_open else set()


class Listed:
    """A result as the model knows it."""

    def __init__(self, resume: str, at: datetime, score: int, *, strong: bool) -> None:
        self.resume, self.at, self.score, self.strong = resume, at, score, strong
        self.is_seen = self.is_told = False

    @property
    def counts(self) -> bool:
        return self.strong and not self.is_seen


def is_quiet(quiet: tuple[int, int], minute: int) -> bool:
    hours = [*range(quiet[0], quiet[1])] if quiet[0] <= quiet[1] else None
    return minute in hours if hours is not None else not quiet[1] <= minute < quiet[0]


class Model:
    """One account, and what it should be told at a moment."""

    def __init__(self) -> None:
        self.quiet, self.digests, self.at_once = DEFAULTS.quiet, DEFAULTS.digests, None
        self.listed: list[Listed] = []
        self.last_sent: datetime | None = None
        self.is_on = {"robot": True, "mini": True}
        self.consents = 0

    def told_at(self, now: datetime, page: Page, moods: dict[str, str]) -> tuple[str, int, int] | None:
        """The way, the unread and the best that a look at this moment should send."""
        news = [one for one in self.listed if one.counts and not one.is_told]
        if not news or page.is_open or not self._may_go(now, news):
            return None
        for kind in ("robot", "mini"):
            if not self.is_on[kind] or (kind == "mini" and self.consents <= 0):
                continue
            if moods[kind] == "away":
                return None
            if moods[kind] == "gone":
                self.is_on[kind] = False
                self.consents = 0 if kind == "mini" else self.consents
                continue
            self.consents -= kind == "mini"
            self.last_sent = now
            unread = sum(one.counts for one in self.listed)
            for one in news:
                one.is_told = True
            return kind, unread, max(one.score for one in news)
        return None

    def _may_go(self, now: datetime, news: list[Listed]) -> bool:
        oldest, best = min(one.at for one in news), max(one.score for one in news)
        midnight = oldest.replace(hour=0, minute=0)
        has_digest = any(
            oldest <= midnight + timedelta(days=day, minutes=minute) <= now
            for day in range((now - midnight).days + 1)
            for minute in self.digests
        )
        return (
            (has_digest or (self.at_once is not None and best >= self.at_once))
            and now >= oldest + GRACE
            and (self.last_sent is None or now >= self.last_sent + SPACING)
            and not is_quiet(self.quiet, now.hour * 60 + now.minute)
        )


MINUTES = st.integers(0, 24 * 60 - 1)
WAIT = st.tuples(st.just("wait"), st.integers(1, 5) | st.integers(1, 90) | st.integers(60, 900))
LIST = st.tuples(st.just("list"), st.tuples(st.integers(0, 99), st.just(True)))
AT_TIMES = [
    st.tuples(st.just("list"), st.tuples(st.integers(0, 99), st.just(False))),
    st.tuples(st.sampled_from(["read", "delete"]), st.integers(0, 20)),
    st.tuples(st.just("page"), st.booleans()),
    st.tuples(st.just("mood"), st.tuples(st.just("robot"), st.sampled_from(["there", "away"]))),
    st.tuples(st.just("mood"), st.tuples(st.just("robot"), st.sampled_from(["there", "gone"]))),
    st.tuples(st.just("mood"), st.tuples(st.just("mini"), st.sampled_from(["there", "away", "gone"]))),
    st.tuples(st.just("turn_on"), st.just("robot")),
    st.tuples(st.just("consent"), st.integers(1, 3)),
    st.tuples(st.just("quiet"), st.tuples(MINUTES, MINUTES)),
    st.tuples(st.just("digests"), st.lists(MINUTES, max_size=3, unique=True).map(sorted).map(tuple)),
    st.tuples(st.just("at_once"), st.none() | st.sampled_from([0, 50, 90])),
    st.tuples(st.just("die"), st.none()),
]


@st.composite
def walks(draw):
    """Steps of a few kinds: with all of them in every walk, hardly anything would come to its end."""
    kinds = draw(st.lists(st.sampled_from(AT_TIMES), max_size=4))
    return draw(st.lists(st.one_of(WAIT, WAIT, LIST, *kinds), min_size=5, max_size=30))


class Walk:
    """One account on real stores and its model, which must be told the same."""

    def __init__(self, stores: Any) -> None:
        self.stores, self.model, self.page = stores, Model(), Page()
        self.ways = {kind: Way(kind) for kind in ("robot", "mini")}
        self.senders = [
            make_sender(stores, *self.ways.values(), defaults=DEFAULTS, presence=self.page) for _ in range(2)
        ]

    async def run(self, begins: int, steps: Sequence[tuple[str, Any]]) -> None:
        Clock.moment = MIDNIGHT + timedelta(minutes=begins)
        self.user = (await new_account(self.stores)).id
        self.feed = (await new_feed(self.stores, self.user, service_days=9)).id
        try:
            for step, value in steps:
                await getattr(self, f"_{step}")(value)
        finally:
            await self.stores._database.notices.delete_many({})
            await self.stores._database.jobs.delete_many({})
            await self.stores._database.accounts.delete_many({})

    async def _wait(self, minutes: int) -> None:
        Clock.moment += timedelta(minutes=minutes)
        before = {kind: len(way.sent) for kind, way in self.ways.items()}
        await look(*self.senders)
        moods = {kind: way.mood for kind, way in self.ways.items()}
        expected = self.model.told_at(Clock.moment, self.page, moods)
        sent = [
            (kind, notice.unread, notice.best)
            for kind, way in self.ways.items()
            for _, notice in way.sent[before[kind] :]
        ]
        assert sent == ([expected] if expected else [])
        wishes = await self.stores.notices.wishes(self.user)
        assert wishes.left.get("mini", 0) == self.model.consents
        assert {kind for kind in self.ways if kind in wishes.failed} == {
            kind for kind, is_on in self.model.is_on.items() if not is_on
        }

    async def _list(self, given: tuple[int, bool]) -> None:
        score, strong = given
        (resume,) = await list_results(self.stores, self.user, self.feed, [float(score)], strong=strong)
        self.model.listed.append(Listed(resume, Clock.moment, score, strong=strong))

    def _one(self, number: int) -> Listed | None:
        return self.model.listed[number % len(self.model.listed)] if self.model.listed else None

    async def _read(self, number: int) -> None:
        if one := self._one(number):
            await self.stores.results.mark_read(self.user, self.feed, one.resume)
            one.is_seen = True

    async def _delete(self, number: int) -> None:
        if one := self._one(number):
            await self.stores.results.set_deleted(self.user, self.feed, one.resume, deleted=True)
            one.is_seen = True

    async def _page(self, is_open: bool) -> None:
        self.page.is_open = is_open

    async def _mood(self, given: tuple[str, str]) -> None:
        kind, mood = given
        self.ways[kind].mood = mood

    async def _turn_on(self, kind: str) -> None:
        await self.stores.notices.turn_on(self.user, kind)
        self.model.is_on[kind] = True

    async def _consent(self, more: int) -> None:
        await self.stores.notices.add_consents(self.user, "mini", more, 50)
        self.model.consents = min(50, self.model.consents + more)
        self.model.is_on["mini"] = True

    async def _quiet(self, quiet: tuple[int, int]) -> None:
        await self.stores.notices.change(self.user, {"quiet": list(quiet)})
        self.model.quiet = quiet

    async def _digests(self, digests: tuple[int, ...]) -> None:
        await self.stores.notices.change(self.user, {"digests": list(digests)})
        self.model.digests = digests

    async def _at_once(self, score: int | None) -> None:
        await self.stores.notices.change(self.user, {"at_once_score": score})
        self.model.at_once = score

    async def _die(self, _: None) -> None:
        """A process claims what is due, and is seen no more. Its lease is over before the next look."""
        await self.stores.notices.gather(Clock.now(UTC), GRACE, SPACING)
        await self.stores.notices.claim(Clock.now(UTC), 100)


@pytest.mark.parametrize("attempt", ROUNDS)
def test_whoever_is_away_is_told_what_the_model_says_when_it_says_so(stores, io_loop, monkeypatch, attempt):
    for module in (sender_module, notices_module, jobs_module, results, result_counters):
        monkeypatch.setattr(module, "datetime", Clock)
    # The model knows only minutes: a page is closed or open.
    monkeypatch.setattr(sender_module, "_GONE_FOR", timedelta(0))

    # Due in the day, and free to be told at night.
    @example(
        13 * 60,
        [
            ("mood", ("robot", "away")),
            ("list", (50, True)),
            ("wait", 600),
            ("mood", ("robot", "there")),
            ("wait", 30),
        ],
    )
    @example(13 * 60, [("page", True), ("list", (50, True)), ("wait", 600), ("page", False), ("wait", 30)])
    @settings(max_examples=WALKS, deadline=None)
    @given(MINUTES, walks())
    def walk(begins, steps):
        io_loop.run_sync(lambda: Walk(stores).run(begins, steps))

    walk()
