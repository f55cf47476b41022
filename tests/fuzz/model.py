"""What recruiters must see, by the simplest rules there are: no scoring, no stores, no time.

A resume is about one job and so is a feed, and they match when it is the same one. That this is how
the engine sees these jobs is tried before anything else is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

JOBS = {
    "Python开发": "使用Python、Django和MySQL开发后端接口",
    "护士": "负责病房护理、输液、静脉采血、护理记录",
}
"""Titles of feeds and resumes, with the duties that resumes name."""

HRS = ("A", "B")

View = dict[str, Any]
"""What one recruiter sees, in a form to compare: see `Model.view`."""


@dataclass
class Resume:
    """A stored resume; `arrival` grows, an update keeps it."""

    job: str
    version: int
    arrival: int


@dataclass
class Entry:
    """One resume in one feed's list."""

    read: bool = False
    deleted: bool = False

    @property
    def is_unread(self) -> bool:
        return not (self.read or self.deleted)


@dataclass
class Feed:
    """A feed with its entries by the resume's number."""

    name: str
    hr: str
    job: str
    entries: dict[int, Entry] = field(default_factory=dict)
    live: bool = True

    @property
    def unread(self) -> int:
        return sum(entry.is_unread for entry in self.entries.values())


class Model:
    """All recruiters, feeds and resumes. Feeds have names like `A0`, resumes have numbers."""

    def __init__(self) -> None:
        self.resumes: dict[int, Resume] = {}
        self.feeds: dict[str, Feed] = {}
        self.favourites: dict[str, dict[int, str]] = {hr: {} for hr in HRS}
        """By resume the feed where it was found; the newest last."""
        self.seen: dict[str, set[int]] = {hr: set() for hr in HRS}
        """Resumes that are or were in a list of the recruiter's."""
        self.perhaps_seen: dict[str, set[int]] = {hr: set() for hr in HRS}
        """Those, and what may have been in one for a moment: what changes twice may be scored once."""
        self._arrivals = 0

    def submit(self, hr: str, job: str) -> str:
        name = f"{hr}{sum(feed.hr == hr for feed in self.feeds.values())}"
        self.feeds[name] = Feed(name, hr, job)
        self.edit(name, job)
        return name

    def edit(self, feed: str, job: str) -> None:
        self.feeds[feed].job = job
        for number in list(self.resumes):
            self._score(self.feeds[feed], number)

    def delete_feed(self, feed: str) -> None:
        self.feeds[feed].live = False

    def ingest(self, number: int, job: str, version: int) -> str:
        known = self.resumes.get(number)
        if known and (known.job, known.version) == (job, version):
            return "duplicate"
        if known is None:
            self._arrivals += 1
        self.resumes[number] = Resume(job, version, known.arrival if known else self._arrivals)
        for feed in self.live_feeds():
            self._score(feed, number)
        return "updated" if known else "accepted"

    def _score(self, feed: Feed, number: int) -> None:
        entry = feed.entries.get(number)
        if self.resumes[number].job == feed.job:
            feed.entries.setdefault(number, Entry())
            self.perhaps_seen[feed.hr].add(number)
        elif entry and entry.is_unread and self.favourites[feed.hr].get(number) != feed.name:
            del feed.entries[number]

    def erase(self, number: int) -> None:
        del self.resumes[number]
        for feed in self.feeds.values():
            feed.entries.pop(number, None)
        for hr in HRS:
            self.favourites[hr].pop(number, None)
            self.seen[hr].discard(number)
            self.perhaps_seen[hr].discard(number)

    def settle(self) -> None:
        """All that was asked for is done."""
        for feed in self.live_feeds():
            self.seen[feed.hr] |= set(feed.entries)

    def read(self, feed: str, number: int) -> None:
        self.feeds[feed].entries[number].read = True

    def set_deleted(self, feed: str, number: int, *, deleted: bool) -> None:
        self.feeds[feed].entries[number].deleted = deleted

    def may_watch(self, feed: str, number: int) -> bool | None:
        """Whether a feed's recruiter may keep a resume as a favourite; None where that is not known."""
        hr = self.feeds[feed].hr
        if number in self.seen[hr]:
            return True
        return None if number in self.perhaps_seen[hr] else False

    def watch(self, feed: str, number: int, *, is_allowed: bool) -> None:
        """Who watches again changes nothing: the favourite keeps its place, and is of the first feed."""
        hr = self.feeds[feed].hr
        if is_allowed:
            self.seen[hr].add(number)
            self.favourites[hr].setdefault(number, feed)
        else:
            self.perhaps_seen[hr].discard(number)

    def unwatch(self, feed: str, number: int) -> None:
        """Take a favourite off, whichever feed it is of."""
        self.favourites[self.feeds[feed].hr].pop(number)

    def may_stay_by_chance(self, numbers: Iterable[int]) -> bool:
        """Whether one of some resumes stays if it is in a list for a moment: a favourite that has left it."""
        some = set(numbers)
        return any(
            number in some and number not in self.feeds[feed].entries
            for feed, number in self.all_favourites()
            if self.feeds[feed].live
        )

    def live_feeds(self, hr: str | None = None) -> list[Feed]:
        """Live feeds, of one recruiter or all, oldest first."""
        return [feed for feed in self.feeds.values() if feed.live and hr in {None, feed.hr}]

    def entries(self, *, deleted: bool | None = None) -> list[tuple[str, int]]:
        """The entries of live feeds: all, or those that are deleted or not."""
        return [
            (feed.name, number)
            for feed in self.live_feeds()
            for number, entry in sorted(feed.entries.items())
            if deleted in {None, entry.deleted}
        ]

    def arrivals(self) -> dict[int, int]:
        """The order in which the resumes came."""
        return {number: resume.arrival for number, resume in self.resumes.items()}

    def all_favourites(self) -> list[tuple[str, int]]:
        """Feeds and resumes of the favourites of all recruiters."""
        return [(feed, number) for hr in HRS for number, feed in self.favourites[hr].items()]

    def view(self, hr: str) -> View:
        """What a recruiter must see: feeds newest first, entries by number, favourites newest first."""
        return {
            "feeds": [
                {
                    "name": feed.name,
                    "job": feed.job,
                    "unread_count": feed.unread,
                    "newest_recommend_count": feed.unread,
                    "total_recommend_count": sum(not entry.deleted for entry in feed.entries.values()),
                    "list": {
                        number: {
                            "version": self.resumes[number].version,
                            "status": "read" if entry.read else "unread",
                            "favourite": number in self.favourites[hr],
                        }
                        for number, entry in sorted(feed.entries.items())
                        if not entry.deleted
                    },
                }
                for feed in reversed(self.live_feeds(hr))
            ],
            "favourites": [
                {"resume": number, "feed": feed, "version": self.resumes[number].version}
                for number, feed in reversed(self.favourites[hr].items())
            ],
        }

    def shown(self, hr: str) -> View:
        """What a recruiter's socket must have told once all is settled; badges that show 0 left out."""
        badges = {feed.name: feed.unread for feed in self.live_feeds(hr) if feed.unread}
        return {"badges": badges, "total": sum(badges.values()), "scoring": [], "faults": []}
