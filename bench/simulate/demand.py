"""What recruiters do: assumptions about every one of them, and the rates that follow."""

from __future__ import annotations

import msgspec

_DAY_S = 86_400.0


class Habits(msgspec.Struct, frozen=True):
    """What is assumed of a recruiter, to be replaced by what is known.

    Attributes:
        feeds: Live feeds of one.
        online: The share who have a socket open at the busiest hour.
        page_every_s: How often one who is online opens a page.
        list_every_s: How often a list.
        resumes_a_day: For each recruiter.
        results_a_day: For each feed.
        kept_days: For which results are kept.
        peak: The busiest hour against the average of a day.
    """

    feeds: float = 3.0
    online: float = 0.3
    page_every_s: float = 60.0
    list_every_s: float = 120.0
    resumes_a_day: float = 0.5
    results_a_day: float = 20.0
    kept_days: float = 90.0
    peak: float = 4.0


class Demand(msgspec.Struct, frozen=True):
    """Rates a second at the busiest hour, and what is there at once."""

    sockets: float
    feeds: float
    pages: float
    lists: float
    resumes: float
    results: float
    stored_results: float
    stored_resumes: float

    @property
    def results_each(self) -> float:
        """In how many lists one resume is."""
        return self.results / self.resumes if self.resumes else 0.0

    @property
    def frames(self) -> float:
        """Results whose recruiter has a socket open: one frame each, at most."""
        return self.results * self.online

    online: float = 0.3

    def times(self, factor: float) -> Demand:
        """So many times the rates, over the same feeds."""
        names = ("pages", "lists", "resumes", "results")
        return msgspec.structs.replace(self, **{name: factor * getattr(self, name) for name in names})


def demand_of(recruiters: float, habits: Habits | None = None) -> Demand:
    """What so many recruiters ask for at the busiest hour."""
    one = habits or Habits()
    sockets, feeds = one.online * recruiters, one.feeds * recruiters
    resumes_a_day, results_a_day = one.resumes_a_day * recruiters, one.results_a_day * feeds
    return Demand(
        sockets=sockets,
        feeds=feeds,
        pages=sockets / one.page_every_s,
        lists=sockets / one.list_every_s,
        resumes=resumes_a_day / _DAY_S * one.peak,
        results=results_a_day / _DAY_S * one.peak,
        stored_results=results_a_day * one.kept_days,
        stored_resumes=resumes_a_day * 365,
        online=one.online,
    )
