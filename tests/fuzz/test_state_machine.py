"""Recruiters, resumes and restarts in any order, on a real server, held to a simple model after every step.

A normal run plays the same examples every time; `TALENTFEED_FUZZ=long` plays new ones for half an
hour. The steps of an example that fails stand in its failure.
"""

from __future__ import annotations

import faulthandler
import functools
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, assume, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.fuzz.client import Person, Server
from tests.fuzz.model import HRS, JOBS
from tests.fuzz.steps import COUNTED, STOPS, TO_COUNT, Entry, Steps
from tests.integration.processes import check_stores

pytestmark = pytest.mark.faults
IS_LONG = os.environ.get("TALENTFEED_FUZZ") == "long"
LONG_S = 1800.0
SETTINGS = settings(
    max_examples=25 if IS_LONG else 8,
    stateful_step_count=30,
    derandomize=not IS_LONG,
    database=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
SEED = 3
"""Of a normal run. Left to Hypothesis, it would change with every word of the machine's source."""
MOST_FEEDS = 3
"""Of one recruiter, live."""
MOST = {"restart": 3 if IS_LONG else 1, "erase": 2, "delete_feed": 2, "reconnect": 2}
"""How often in one example: they empty the lists, or take seconds."""
NUMBERS = range(5)
"""Of the resumes that are sent: few, so that most are sent again."""
REASONS = ("title", "degree_low", "salary_high", "industry", "area")

some_job = st.sampled_from(sorted(JOBS))
some_number = st.sampled_from(NUMBERS)
some_people = st.lists(st.tuples(some_number, some_job, st.integers(1, 2)), min_size=1, max_size=4)


def step(by: Callable[..., Any] = rule, **arguments: Any) -> Any:
    """A rule that is also written down."""

    def decorate(function: Callable[..., None]) -> Any:
        @functools.wraps(function)
        def run(machine: Recruiting, **values: Any) -> None:
            machine.told.append(f"{function.__name__}({values})")
            machine.done[function.__name__] += 1
            function(machine, **values)

        rule_ = by(**arguments)(run)
        if function.__name__ not in MOST:
            return rule_
        return precondition(lambda machine: machine.done[function.__name__] < MOST[function.__name__])(rule_)

    return decorate


def one_of(what: str, **which: Any) -> st.SearchStrategy[Any]:
    """One of what there is by now; `has` is to see that there is any."""
    return st.runner().flatmap(lambda machine: st.sampled_from(getattr(machine, what)(**which)))


def has(what: str, **which: Any) -> Any:
    return precondition(lambda machine: getattr(machine, what)(**which))


class Recruiting(RuleBasedStateMachine):
    """Two recruiters, and whoever sends resumes."""

    server: Server
    failure: ClassVar[list[str] | None] = None
    """The steps of the first example that failed."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = Steps(self.server)
        self.model = self.steps.model
        self.told: list[str] = []
        self.done: Counter[str] = Counter()

    def teardown(self) -> None:
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, HypothesisException):
            Recruiting.failure = Recruiting.failure or self.told
        self.steps.close()

    # What there is to act on.

    def feeds(self) -> list[str]:
        return [feed.name for feed in self.model.live_feeds()]

    def feeds_ever(self) -> list[str]:
        return list(self.model.feeds)

    def entries(self, **which: bool) -> list[Entry]:
        return self.model.entries(**which)

    def favourites(self) -> list[Entry]:
        return self.model.all_favourites()

    def resumes(self) -> list[int]:
        return sorted(self.model.resumes)

    def recruiters_with_room(self) -> list[str]:
        return [hr for hr in HRS if len(self.model.live_feeds(hr)) < MOST_FEEDS]

    def out_of_reach(self) -> list[tuple[str, Entry]]:
        """Recruiters, each with an entry that is not theirs, or not there."""
        return [
            (hr, (feed.name, number))
            for hr in HRS
            for feed in self.model.feeds.values()
            for number in NUMBERS
            if feed.hr != hr or not feed.live or number not in feed.entries
        ]

    # What happens.

    @step(
        by=initialize,
        feeds=st.lists(st.tuples(st.sampled_from(HRS), some_job), max_size=MOST_FEEDS),
        people=some_people,
    )
    def begin(self, feeds: list[tuple[str, str]], people: list[Person]) -> None:
        for hr, job in feeds:
            self.steps.submit(hr, job)
        self.steps.ingest(people)

    @has("recruiters_with_room")
    @step(hr=one_of("recruiters_with_room"), job=some_job)
    def submit(self, hr: str, job: str) -> None:
        self.steps.submit(hr, job)

    @has("feeds")
    @step(feed=one_of("feeds"), job=some_job)
    def edit(self, feed: str, job: str) -> None:
        self.steps.edit(feed, job)

    @has("feeds")
    @step(feed=one_of("feeds"))
    def delete_feed(self, feed: str) -> None:
        self.steps.delete_feed(feed)

    @step(people=some_people)
    def ingest(self, people: list[Person]) -> None:
        numbers = [number for number, _, _ in people]
        self.assume_told([one for one in people if numbers.count(one[0]) > 1])
        self.steps.ingest(people)

    @has("resumes")
    @step(number=one_of("resumes"))
    def erase(self, number: int) -> None:
        self.steps.erase(number)

    @has("entries")
    @step(entry=one_of("entries"))
    def read(self, entry: Entry) -> None:
        self.steps.read(entry)

    @has("entries", deleted=False)
    @step(entry=one_of("entries", deleted=False), reason=st.sampled_from(REASONS))
    def delete(self, entry: Entry, reason: str) -> None:
        self.steps.delete(entry, reason)

    @has("entries", deleted=True)
    @step(entry=one_of("entries", deleted=True))
    def restore(self, entry: Entry) -> None:
        self.steps.restore(entry)

    @has("entries")
    @step(entry=one_of("entries"))
    def watch(self, entry: Entry) -> None:
        self.steps.watch(entry)

    @has("feeds_ever")
    @step(entry=st.tuples(one_of("feeds_ever"), some_number))
    def try_to_watch(self, entry: Entry) -> None:
        """Also what never was in a list, what once was, and in a feed that is deleted."""
        self.steps.watch(entry)

    @has("favourites")
    @step(entry=one_of("favourites"))
    def unwatch(self, entry: Entry) -> None:
        self.steps.unwatch(entry)

    @has("out_of_reach")
    @step(what=one_of("out_of_reach"))
    def reach_for(self, what: tuple[str, Entry]) -> None:
        self.steps.reach_for(*what)

    @has("entries")
    @step(people=some_people, feed=one_of("feeds"), job=some_job, entry=one_of("entries"))
    def do_at_once(self, people: list[Person], feed: str, job: str, entry: Entry) -> None:
        self.assume_told(people)
        self.steps.do_at_once(people, feed, job, entry)

    @step(hr=st.sampled_from(HRS))
    def reconnect(self, hr: str) -> None:
        self.steps.reconnect(hr)

    @has("feeds")
    @step(
        how=st.sampled_from(STOPS),
        people=some_people,
        # Now and then: whoever kills a server that scores a feed waits for 10 s.
        feed=st.sampled_from([st.none(), st.none(), one_of("feeds")]).flatmap(lambda which: which),
        job=some_job,
    )
    def restart(self, how: str, people: list[Person], feed: str | None, job: str) -> None:
        self.assume_told(people)
        self.steps.restart(how, people, feed, job)

    def assume_told(self, people: list[Person]) -> None:
        """Of what changes twice at once, it is not told whether it is listed in between."""
        assume(not self.model.may_stay_by_chance(number for number, _, _ in people))

    @invariant()
    def everybody_sees_what_they_must(self) -> None:
        seen, wanted = self.steps.look()
        assert seen == wanted


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the state machine's own, as it is stopped and killed."""
    running = Server(tmp_path_factory.mktemp("states") / "data")
    yield running
    running.end()


def test_the_engine_sees_the_jobs_as_the_model_does(server):
    steps = Steps(server)
    for job in JOBS:
        steps.submit("A", job)
    steps.ingest([(number, job, 1) for number, job in enumerate([*JOBS, *JOBS])])
    for job in JOBS:
        steps.submit("B", job)
    seen, wanted = steps.look()
    assert seen == wanted
    steps.close()


def test_whatever_happens_everybody_sees_what_the_model_says(server, capsys):
    # Every wait here has a deadline of its own; it takes longer where one fails.
    faulthandler.cancel_dump_traceback_later()
    Recruiting.server = server
    if not IS_LONG:
        seed(SEED)(Recruiting)
    until = time.monotonic() + LONG_S
    try:
        run_state_machine_as_test(Recruiting, settings=SETTINGS)
        while IS_LONG and time.monotonic() < until:
            run_state_machine_as_test(Recruiting, settings=SETTINGS)
    except Exception as error:
        if Recruiting.failure:
            error.add_note("\n".join(Recruiting.failure))
        raise
    with capsys.disabled():
        print(f"\n{server.examples} examples: {dict(COUNTED.most_common())}")
    assert {what for what, count in COUNTED.items() if count} >= TO_COUNT


def test_it_goes_on_however_the_server_ends(server):
    steps = Steps(server)
    steps.submit("A", "护士")
    steps.submit("B", "护士")
    for number, how in enumerate(STOPS):
        steps.ingest([(number, "护士", 1)])
        seen, wanted = steps.look()
        assert seen == wanted
        steps.read(("A0", number))
        steps.restart(how, [(number, "护士", 2), (number + 1, "护士", 1)], None, "")
        seen, wanted = steps.look()
        assert seen == wanted
    steps.close()


@pytest.mark.last
def test_logs_and_stores_are_well_after_all_that(server):
    assert server.faults() == []
    check_stores(server.data_dir)
