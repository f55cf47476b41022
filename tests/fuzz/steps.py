"""What may happen, each done to the model and to the server alike, and what is to be seen then.

The model comes first: where a step makes no sense, as there is no such feed or resume, it is a KeyError.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, TypeVar

from tests.fuzz.client import Office, Person, Server
from tests.fuzz.model import HRS, Model
from tests.support import Answer, eventually

DELETE, RESTORE = -150, 150
STOPS = ("SIGTERM", "SIGKILL", "SIGKILL, the stores too")

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
    "a resume is unwatched",
    "somebody reaches for what is not theirs",
    "things happen at once",
    "the socket connects anew",
    "the server starts again",
}

Entry = tuple[str, int]
"""A feed's name, whose first letter is its recruiter's, and a resume's number."""
T = TypeVar("T")


class Steps:
    """One example: its model, and its recruiters on the server."""

    settled_within_s: ClassVar[float] = 120.0
    """A killed process holds the feed that it was at for 10 s; a busy machine may take much longer."""
    badges_within_s: ClassVar[float] = 40.0
    """Less than the minute within which a badge becomes right though no hint told of it."""

    def __init__(self, server: Server) -> None:
        self.model = Model()
        self._server = server
        if server.process.child.poll() is not None:
            server.start()
        self._office = Office(server)
        self._run(self._office.open())

    def close(self) -> None:
        self._run(self._office.close())

    def submit(self, hr: str, job: str) -> None:
        name = self.model.submit(hr, job)
        assert self._run(self._office.submit(name, job)).status == "ok"
        COUNTED["a feed is submitted"] += 1

    def edit(self, feed: str, job: str) -> None:
        self._edited(feed, job)
        assert self._run(self._office.submit(feed, job)).status == "ok"

    def delete_feed(self, feed: str) -> None:
        self.model.delete_feed(feed)
        feed_id, badges = self._office.feed(feed), self._office.badges[feed[0]]
        for _ in range(2):  # the second time is harmless
            assert self._get(feed[0], f"/feed/delete/{feed_id}").status == "ok"
        assert self._in_time(lambda: feed_id in badges.removed, True)
        COUNTED["a feed is deleted"] += 1

    def ingest(self, people: list[Person]) -> None:
        self._ingested(people, self._run(self._office.ingest(people)))

    def erase(self, number: int) -> None:
        self.model.erase(number)
        for _ in range(2):
            assert self._run(self._office.erase(number)).status == "ok"
        COUNTED["a resume is erased"] += 1

    def read(self, entry: Entry) -> None:
        self._was_read(entry)
        answer = self._run(self._read(entry))
        assert answer.status == "ok"
        assert answer["data"]["user_read_status"] == "read"

    def delete(self, entry: Entry, reason: str) -> None:
        self.model.set_deleted(*entry, deleted=True)
        assert self._modify(entry[0][0], entry, DELETE, feedback=reason).status == "ok"
        COUNTED["a result is deleted"] += 1

    def restore(self, entry: Entry) -> None:
        self.model.set_deleted(*entry, deleted=False)
        assert self._modify(entry[0][0], entry, RESTORE).status == "ok"
        COUNTED["a result is restored"] += 1

    def watch(self, entry: Entry) -> None:
        """What is or was in a list of the recruiter's may be watched, in any feed of theirs."""
        answer = self._watch("add", entry[0][0], entry)
        is_ok = answer.status == "ok"
        assert is_ok or (answer.http, answer.status) == (404, "not_found")
        assert self.model.may_watch(*entry) in {None, is_ok}
        self.model.watch(*entry, is_allowed=is_ok)
        COUNTED[f"a watch is {answer.status}"] += 1

    def unwatch(self, entry: Entry) -> None:
        self.model.unwatch(*entry)
        for _ in range(2):
            assert self._watch("remove", entry[0][0], entry).status == "ok"
        COUNTED["a resume is unwatched"] += 1

    def reach_for(self, hr: str, entry: Entry) -> None:
        """A recruiter tries what is not theirs, or not there: nothing comes of it."""
        feed, number = entry
        feed_id = self._office.feed(feed)
        answers = [self._get(hr, f"/feed/get/{feed_id}/{self._office.resume(number)}")]
        answers += [self._modify(hr, entry, to) for to in (DELETE, RESTORE)]
        if not self.model.feeds[feed].live or feed[0] != hr:
            assert self._get(hr, f"/special_feed/feed_list/{feed_id}").status == "no_feed"
            assert self._get(hr, f"/special_feed/edit_feed/{feed_id}").status == "feed_error"
            assert self._run(self._office.submit(feed, "护士", hr=hr)).status == "feed_error"
        if feed[0] != hr:
            answers += [self._watch(verb, hr, entry) for verb in ("add", "remove")]
            answers.append(self._get(hr, f"/feed/delete/{feed_id}"))
        assert {(answer.http, answer.status) for answer in answers} == {(404, "not_found")}
        COUNTED["somebody reaches for what is not theirs"] += 1

    def do_at_once(self, people: list[Person], feed: str, job: str, entry: Entry) -> None:
        """Resumes arrive and a feed is edited while one is read, which may just go off the list."""

        async def run() -> tuple[Answer, Answer, Answer]:
            return await asyncio.gather(
                self._office.ingest(people), self._office.submit(feed, job), self._read(entry)
            )

        was_unread = self.model.feeds[entry[0]].entries[entry[1]].is_unread
        ingested, edited, read = self._run(run())
        assert edited.status == "ok"
        if read.status == "ok":
            self._was_read(entry)
        else:
            assert read.status == "not_found"
            assert was_unread
            assert entry[0] == feed or entry[1] in {number for number, _, _ in people}
        self._ingested(people, ingested)
        self._edited(feed, job)
        COUNTED["things happen at once"] += 1

    def reconnect(self, hr: str) -> None:
        self._run(self._office.connect(hr))
        COUNTED["the socket connects anew"] += 1

    def restart(self, how: str, people: list[Person], feed: str | None, job: str) -> None:
        """The server has just been given work: what it has answered for is done by whoever comes next."""
        self.ingest(people)
        if feed:
            self.edit(feed, job)
        if how == "SIGTERM":
            self._run(self._stop())
        elif how == "SIGKILL":
            self._server.process.kill()
        else:
            self._server.process.kill_all()
        self._server.start()
        self._run(self._office.move())
        COUNTED["the server starts again"] += 1

    def look(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Wait until nothing is left to be done, and look at everything.

        Returns:
            By recruiter what the server's answers and the socket show; and what they must show.
        """
        self.model.settle()
        seen = self._run(self._office.look(self.model.arrivals(), within_s=self.settled_within_s))
        wanted = {hr: self.model.view(hr) for hr in HRS}
        if seen != wanted:  # the badges can wait
            return seen, wanted
        for hr in HRS:
            wanted[hr]["socket"] = self.model.shown(hr)
            seen[hr]["socket"] = self._in_time(lambda hr=hr: self._office.shown(hr), wanted[hr]["socket"])
        return seen, wanted

    def _in_time(self, get: Callable[[], T], wanted: T) -> T:
        """What `get` gives as soon as it is as wanted, or at last."""
        with contextlib.suppress(AssertionError):
            self._run(eventually(lambda: bool(get() == wanted), within_s=self.badges_within_s))
        return get()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._server.run(work)

    def _get(self, hr: str, path: str, **query: Any) -> Answer:
        return self._run(self._office.hrs[hr].get(path, **query))

    async def _read(self, entry: Entry) -> Answer:
        feed, number = entry
        path = f"/feed/get/{self._office.feed(feed)}/{self._office.resume(number)}"
        return await self._office.hrs[feed[0]].get(path)

    def _modify(self, hr: str, entry: Entry, to: int, **query: str) -> Answer:
        ids = {"feed_id": self._office.feed(entry[0]), "resume_id": self._office.resume(entry[1])}
        return self._get(hr, "/feed/modify_feed_result", **ids, reco_index=to, **query)

    def _watch(self, verb: str, hr: str, entry: Entry) -> Answer:
        path = f"/resumes/{verb}_watch/{self._office.resume(entry[1])}"
        return self._get(hr, path, feed_id=self._office.feed(entry[0]))

    async def _stop(self) -> None:
        """Stop politely: every socket is told to come again."""
        sockets = [badges.ended() for badges in self._office.badges.values()]
        status, *codes = await asyncio.gather(asyncio.to_thread(self._server.process.stop), *sockets)
        assert (status, codes) == (0, [1012, 1012])

    def _was_read(self, entry: Entry) -> None:
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
        assert answer["ids"] == [self._office.resume(number) for number, _, _ in people]
        self._count_unmatched("an update", before)
        COUNTED.update({f"a resume is {name}": count for name, count in outcomes.items()})

    def _count_unmatched(self, by: str, before: list[Entry]) -> None:
        """Count whether entries went off a list, and whether there are any without a match."""
        after = self.model.entries()
        COUNTED[f"{by} takes unread ones off"] += bool(set(before) - set(after))
        COUNTED[f"{by} leaves others"] += any(
            self.model.feeds[feed].job != self.model.resumes[number].job for feed, number in after
        )
