"""Recruiters, resumes and restarts in any order, on a real server, held to a simple model after every step.

A normal run plays the same examples every time; `TALENTFEED_FUZZ=long` plays new ones for half an
hour. A failure is shrunk to the fewest steps that show it, which may take minutes.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.fuzz.client import Office, Person, Server
from tests.fuzz.model import HRS, JOBS, Model
from tests.integration.processes import manage
from tests.support import Answer, eventually

IS_LONG = os.environ.get("TALENTFEED_FUZZ") == "long"
LONG_S = 1800.0
SETTINGS = settings(
    max_examples=25 if IS_LONG else 10,
    stateful_step_count=30,
    derandomize=not IS_LONG,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
MOST_FEEDS = 3
"""Of one recruiter, live."""
MOST = {"restart": 3 if IS_LONG else 1, "erase": 2, "delete a feed": 2, "connect": 2}
"""What empties the lists, or takes seconds, is done so often in one example."""
NUMBERS = range(5)
"""Of the resumes that are sent: few, so that most are sent again."""
DELETE, RESTORE = -150, 150
STOPS = ("SIGTERM", "SIGKILL", "SIGKILL, the stores too")
REASONS = ("title", "degree_low", "salary_high", "industry", "area")

COUNTED: Counter[str] = Counter()
"""What the steps of all examples came to."""
TO_COUNT = {
    "a feed is submitted",
    "a feed is edited",
    "an edit takes unread ones off",
    "an edit leaves others",
    "a feed is deleted",
    "a resume is accepted",
    "a resume is updated",
    "a resume is duplicate",
    "an update takes unread ones off",
    "an update leaves others",
    "a resume is erased",
    "a result is read",
    "a result is deleted",
    "a result is restored",
    "a watch is ok",
    "a watch is not_found",
    "an unwatch takes one off",
    "an unwatch is not_found",
    "somebody reaches for what is not theirs",
    "things happen at once",
    "the socket connects anew",
    *STOPS,
}

jobs = st.sampled_from(sorted(JOBS))
some_people = st.lists(st.tuples(st.sampled_from(NUMBERS), jobs, st.integers(1, 2)), min_size=1, max_size=4)


def one_of(what: str, **which: Any) -> st.SearchStrategy[Any]:
    """One of what there is by now; `has` is to see that there is any."""
    return st.runner().flatmap(lambda machine: st.sampled_from(getattr(machine, what)(**which)))


def has(what: str, **which: Any) -> Any:
    return precondition(lambda machine: getattr(machine, what)(**which))


def rarely(what: str) -> Any:
    return precondition(lambda machine: machine.done[what] < MOST[what])


class Recruiting(RuleBasedStateMachine):
    """Two recruiters, and whoever sends resumes."""

    server: Server
    badges_within_s = 10.0

    def __init__(self) -> None:
        super().__init__()
        if self.server.process.child.poll() is not None:
            self.server.start()
        self.model = Model()
        self.office = Office(self.server)
        self.done: Counter[str] = Counter()
        self.server.run(self.office.open())

    def teardown(self) -> None:
        self.server.run(self.office.close())

    # What there is to act on.

    def feeds(self) -> list[str]:
        return [feed.name for feed in self.model.live_feeds()]

    def feeds_ever(self) -> list[str]:
        return list(self.model.feeds)

    def entries(self, **which: bool) -> list[tuple[str, int]]:
        return self.model.entries(**which)

    def resumes(self) -> list[int]:
        return sorted(self.model.resumes)

    def recruiters_with_room(self) -> list[str]:
        return [hr for hr in HRS if len(self.model.live_feeds(hr)) < MOST_FEEDS]

    def out_of_reach(self) -> list[tuple[str, str, int]]:
        """Recruiters with a feed and a resume that is not in it, or the feed is not theirs, or deleted."""
        return [
            (hr, feed.name, number)
            for hr in HRS
            for feed in self.model.feeds.values()
            for number in NUMBERS
            if feed.hr != hr or not feed.live or number not in feed.entries
        ]

    # What happens.

    @initialize(
        feeds=st.lists(st.tuples(st.sampled_from(HRS), jobs), max_size=MOST_FEEDS), people=some_people
    )
    def begin(self, feeds: list[tuple[str, str]], people: list[Person]) -> None:
        for hr, job in feeds:
            self.submit(hr, job)
        self.ingest(people)

    @has("recruiters_with_room")
    @rule(hr=one_of("recruiters_with_room"), job=jobs)
    def submit(self, hr: str, job: str) -> None:
        name = self.model.submit(hr, job)
        assert self.server.run(self.office.submit(name, job)).status == "ok"
        COUNTED["a feed is submitted"] += 1

    @has("feeds")
    @rule(feed=one_of("feeds"), job=jobs)
    def edit(self, feed: str, job: str) -> None:
        assert self.server.run(self.office.submit(feed, job)).status == "ok"
        self._edited(feed, job)

    @rarely("delete a feed")
    @has("feeds")
    @rule(feed=one_of("feeds"))
    def delete_feed(self, feed: str) -> None:
        self.model.delete_feed(feed)
        feed_id, badges = self.office.feed(feed), self.office.badges[feed[0]]
        for _ in range(2):  # the second time is harmless
            assert self._get(feed[0], f"/feed/delete/{feed_id}").status == "ok"
        self._wait(lambda: feed_id in badges.removed, True)
        self.done["delete a feed"] += 1
        COUNTED["a feed is deleted"] += 1

    @rule(people=some_people)
    def ingest(self, people: list[Person]) -> None:
        self._ingested(people, self.server.run(self.office.ingest(people)))

    @rarely("erase")
    @has("resumes")
    @rule(number=one_of("resumes"))
    def erase(self, number: int) -> None:
        for _ in range(2):
            assert self.server.run(self.office.erase(number)).status == "ok"
        self.model.erase(number)
        self.done["erase"] += 1
        COUNTED["a resume is erased"] += 1

    @has("entries")
    @rule(entry=one_of("entries"))
    def read(self, entry: tuple[str, int]) -> None:
        self._was_read(entry, self.server.run(self._read(entry)))

    @has("entries", deleted=False)
    @rule(entry=one_of("entries", deleted=False), reason=st.sampled_from(REASONS))
    def delete(self, entry: tuple[str, int], reason: str) -> None:
        assert self._modify(entry[0][0], entry, DELETE, feedback=reason).status == "ok"
        self.model.set_deleted(*entry, deleted=True)
        COUNTED["a result is deleted"] += 1

    @has("entries", deleted=True)
    @rule(entry=one_of("entries", deleted=True))
    def restore(self, entry: tuple[str, int]) -> None:
        assert self._modify(entry[0][0], entry, RESTORE).status == "ok"
        self.model.set_deleted(*entry, deleted=False)
        COUNTED["a result is restored"] += 1

    @has("feeds_ever")
    @rule(feed=one_of("feeds_ever"), number=st.sampled_from(NUMBERS))
    def watch(self, feed: str, number: int) -> None:
        """Also what was in a list once, and in a feed that is deleted."""
        status = self._watch("add", feed[0], feed, number).status
        assert status == ("ok" if number in self.model.seen[feed[0]] else "not_found")
        if status == "ok":
            self.model.watch(feed, number)
        COUNTED[f"a watch is {status}"] += 1

    @has("feeds_ever")
    @rule(feed=one_of("feeds_ever"), number=st.sampled_from(NUMBERS))
    def unwatch(self, feed: str, number: int) -> None:
        status = self._watch("remove", feed[0], feed, number).status
        assert status == ("ok" if number in self.model.seen[feed[0]] else "not_found")
        COUNTED["an unwatch takes one off"] += number in self.model.favourites[feed[0]]
        self.model.unwatch(feed[0], number)
        COUNTED[f"an unwatch is {status}"] += 1

    @has("out_of_reach")
    @rule(what=one_of("out_of_reach"))
    def reach_for(self, what: tuple[str, str, int]) -> None:
        """Nothing comes of it, as the next look at everything shows."""
        hr, feed, number = what
        feed_id, entry = self.office.feed(feed), (feed, number)
        answers = [self._get(hr, f"/feed/get/{feed_id}/{self.office.resume(number)}")]
        answers += [self._modify(hr, entry, to) for to in (DELETE, RESTORE)]
        if not self.model.feeds[feed].live or feed[0] != hr:
            assert self._get(hr, f"/special_feed/feed_list/{feed_id}").status == "no_feed"
            assert self._get(hr, f"/special_feed/edit_feed/{feed_id}").status == "feed_error"
            assert self.server.run(self.office.submit(feed, "护士", hr=hr)).status == "feed_error"
        if feed[0] != hr:
            answers += [self._watch(verb, hr, feed, number) for verb in ("add", "remove")]
            answers.append(self._get(hr, f"/feed/delete/{feed_id}"))
        assert {(answer.http, answer.status) for answer in answers} == {(404, "not_found")}
        COUNTED["somebody reaches for what is not theirs"] += 1

    @has("entries")
    @rule(people=some_people, feed=one_of("feeds"), job=jobs, entry=one_of("entries"))
    def do_at_once(self, people: list[Person], feed: str, job: str, entry: tuple[str, int]) -> None:
        """Resumes arrive and a feed is edited while one is read, which may just go off the list."""

        async def run() -> tuple[Answer, Answer, Answer]:
            return await asyncio.gather(
                self.office.ingest(people), self.office.submit(feed, job), self._read(entry)
            )

        ingested, edited, read = self.server.run(run())
        assert edited.status == "ok"
        if read.status == "ok":
            self._was_read(entry, read)
        else:
            assert read.status == "not_found"
            assert self.model.feeds[entry[0]].entries[entry[1]].is_unread
            assert entry[0] == feed or entry[1] in {number for number, _, _ in people}
        self._ingested(people, ingested)
        self._edited(feed, job)
        COUNTED["things happen at once"] += 1

    @rarely("connect")
    @rule(hr=st.sampled_from(HRS))
    def reconnect(self, hr: str) -> None:
        self.server.run(self.office.connect(hr))
        self.done["connect"] += 1
        COUNTED["the socket connects anew"] += 1

    @rarely("restart")
    @has("feeds")
    @rule(
        how=st.sampled_from(STOPS),
        people=some_people,
        feed=st.sampled_from([False, False, True]).flatmap(
            lambda is_edited: one_of("feeds") if is_edited else st.none()
        ),
        job=jobs,
    )
    def restart(self, how: str, people: list[Person], feed: str | None, job: str) -> None:
        """The server has just been given work: what it has answered for is done by whoever comes next."""
        self._ingested(people, self.server.run(self.office.ingest(people)))
        if feed:
            self.edit(feed, job)
        if how == "SIGTERM":
            self.server.run(self._stop())
        elif how == "SIGKILL":
            self.server.process.kill()
        else:
            self.server.process.kill_all()
        self.server.start()
        self.server.run(self.office.move())
        self.done["restart"] += 1
        COUNTED[how] += 1

    # What must be true whenever nothing is left to be done.

    @invariant()
    def everybody_sees_what_they_must(self) -> None:
        self.server.run(self.office.settled())
        arrivals = {number: resume.arrival for number, resume in self.model.resumes.items()}
        for hr in HRS:
            assert self.server.run(self.office.view(hr, arrivals)) == self.model.view(hr)
        for hr in HRS:
            self._wait(lambda hr=hr: self.office.shown(hr), self.model.shown(hr))

    # How it is done.

    def _get(self, hr: str, path: str, **query: Any) -> Answer:
        return self.server.run(self.office.hrs[hr].get(path, **query))

    async def _read(self, entry: tuple[str, int]) -> Answer:
        feed, number = entry
        path = f"/feed/get/{self.office.feed(feed)}/{self.office.resume(number)}"
        return await self.office.hrs[feed[0]].get(path)

    def _modify(self, hr: str, entry: tuple[str, int], to: int, **query: str) -> Answer:
        feed_id, resume_id = self.office.feed(entry[0]), self.office.resume(entry[1])
        return self._get(
            hr, "/feed/modify_feed_result", feed_id=feed_id, resume_id=resume_id, reco_index=to, **query
        )

    def _watch(self, verb: str, hr: str, feed: str, number: int) -> Answer:
        path = f"/resumes/{verb}_watch/{self.office.resume(number)}"
        return self._get(hr, path, feed_id=self.office.feed(feed))

    def _was_read(self, entry: tuple[str, int], answer: Answer) -> None:
        assert answer.status == "ok"
        assert answer["data"]["user_read_status"] == "read"
        self.model.read(*entry)
        COUNTED["a result is read"] += 1

    def _edited(self, feed: str, job: str) -> None:
        before = self.model.entries()
        self.model.edit(feed, job)
        self._count_unmatched("an edit", before)
        COUNTED["a feed is edited"] += 1

    def _ingested(self, people: list[Person], answer: Answer) -> None:
        before = self.model.entries()
        outcomes = Counter(self.model.ingest(*person) for person in people)
        got = {name: answer[name] for name in ("accepted", "updated", "duplicate")}
        assert got == {name: outcomes[name] for name in got}
        assert answer["ids"] == [self.office.resume(number) for number, _, _ in people]
        self._count_unmatched("an update", before)
        COUNTED.update({f"a resume is {name}": count for name, count in outcomes.items()})

    def _count_unmatched(self, by: str, before: list[tuple[str, int]]) -> None:
        """Count whether entries of before went off a list, and whether any stayed without a match."""
        after = self.model.entries()
        COUNTED[f"{by} takes unread ones off"] += bool(set(before) - set(after))
        COUNTED[f"{by} leaves others"] += any(
            self.model.feeds[feed].job != self.model.resumes[number].job for feed, number in after
        )

    async def _stop(self) -> None:
        """Stop politely: every socket is told to come again."""
        sockets = [badges.ended() for badges in self.office.badges.values()]
        status, *codes = await asyncio.gather(asyncio.to_thread(self.server.process.stop), *sockets)
        assert (status, codes) == (0, [1012, 1012])

    def _wait(self, get: Callable[[], Any], wanted: Any) -> None:
        """Wait for what the socket brings."""

        async def check() -> bool:
            return bool(get() == wanted)

        try:
            self.server.run(eventually(check, within_s=Recruiting.badges_within_s))
        except AssertionError:
            # Shrinking waits for hundreds of failures: what did not come once is not waited for so long.
            Recruiting.badges_within_s = 2.0
        assert get() == wanted


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the state machine's own, as it is stopped and killed."""
    running = Server(tmp_path_factory.mktemp("states") / "data")
    yield running
    running.end()


def test_the_engine_sees_the_jobs_as_the_model_does(server):
    office, model = Office(server), Model()
    server.run(office.open())
    people = [(number, job, 1) for number, job in enumerate([*JOBS, *JOBS])]
    for job in JOBS:
        server.run(office.submit(model.submit("A", job), job))
    server.run(office.ingest(people))
    for person in people:
        model.ingest(*person)
    for job in JOBS:
        server.run(office.submit(model.submit("B", job), job))
    server.run(office.settled())
    arrivals = {number: resume.arrival for number, resume in model.resumes.items()}
    for hr in HRS:
        assert server.run(office.view(hr, arrivals)) == model.view(hr)
    server.run(office.close())


def test_whatever_happens_everybody_sees_what_the_model_says(server, capsys):
    # Every wait here has a deadline of its own; the whole takes longer where a failure is shrunk.
    faulthandler.cancel_dump_traceback_later()
    Recruiting.server = server
    until = time.monotonic() + LONG_S
    while True:
        run_state_machine_as_test(Recruiting, settings=SETTINGS)
        if not IS_LONG or time.monotonic() > until:
            break
    with capsys.disabled():
        print(f"\n{server.examples} examples: {dict(COUNTED.most_common())}")
    assert {what for what, count in COUNTED.items() if count} >= TO_COUNT
    assert server.faults() == []
    checked = manage(server.data_dir, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
