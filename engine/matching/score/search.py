"""One resume's way through the feeds: candidates, their points, and at last their reasons.

A search works in slices of about a millisecond. Between two of them others may run, and feeds may come and
go::

    search = index.search(profile)
    while not search.is_done:
        search.step()
    for feed_id, match in search.worded():
        ...

A feed that comes or changes after the search began is left out: its own backfill finds the resume.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.matching.learned.topics import NO_PLACE, Located
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score import rules
from engine.matching.score.breakdown import stated_by
from engine.matching.score.feed_arrays import ANYWHERE, COLUMNS, FeedArrays
from engine.matching.score.layout import POINTS, Mine, breakdown_from
from engine.matching.score.place_bits import sought
from engine.matching.score.reasons import Match, match_of

MAX_AT_ONCE = 4_000
"""Candidates whose points are worked out in one step; it takes about a millisecond."""
MAX_VISITS = 100_000
"""Entries of postings after which a step begins no further term; they take about a millisecond too."""

MAX_LOOKS = 50_000
"""Feeds that one step looks at for what they are about; it takes less than a millisecond."""


class Scored(NamedTuple):
    """Some feeds that match, by slot, and their points, of type `layout.POINTS`."""

    slots: NDArray[np.int32]
    points: NDArray[Any]


class Search:
    """A search of one resume.

    Attributes:
        scored: What was found so far, a part for each step that worked points out.
    """

    def __init__(
        self, feeds: FeedArrays, profile: ResumeProfile, now: float, place: Located = NO_PLACE
    ) -> None:
        self._feeds = feeds
        self._place = place
        self._profile = profile
        self._now = now
        self._version = feeds.version
        self._stated = stated_by(profile)
        self._near = rules.NEAR if profile.places else 0
        find = feeds.blocks.words.find
        terms = [number for term in profile.key_terms if (number := find(term)) is not None]
        self._terms = np.array(terms, np.int64)
        places: list[int] = []
        weights: list[int] = []
        for column, mine, more in (
            (rules.TERM, profile.terms, 0),
            (rules.TITLE_WORD, profile.title_words, 0),
            (rules.TITLED, profile.titled, 1),
            (rules.SHOWN, profile.shown, 1),
        ):
            for word, weight in mine.items():
                if (number := find(word)) is not None:
                    places.append(number * COLUMNS + column)
                    weights.append(weight + more)
        # Where in `FeedArrays.mine` each weight goes, counted through all its rows: faster than by row and
        # column.
        self._places, self._weights = np.array(places, np.int64), np.array(weights, np.int16)
        said: dict[int, int] = defaultdict(int)
        for what, names in (
            (rules.NEAR, (ANYWHERE, *profile.places)),
            (rules.HOME, profile.home),
            (rules.DOMAIN, profile.domains),
            (rules.CLASS, profile.classes),
        ):
            for name in names:
                if (number := find(name)) is not None:
                    said[number] |= what
        self._said, self._saying = np.array([*said], np.int64), np.array([*said.values()], np.uint8)
        numbers = [number for name in profile.places if (number := find(name)) is not None]
        self._near_bits = np.uint64(sought(numbers, is_anywhere=not profile.places))
        self._gathered = self._evaluated = 0
        # Up to which slot feeds were looked at that are about the same; where nothing is learned, none are.
        self._looked = 0 if place.table else len(feeds.ids)
        self._seen = np.zeros(len(feeds.ids), np.uint8)
        self._found = np.empty(len(feeds.ids), np.int32)
        self._count = 0
        self.scored: list[Scored] = []

    @property
    def is_done(self) -> bool:
        """Whether all candidates are gathered and scored."""
        is_gathered = self._gathered == len(self._terms) and self._looked == len(self._seen)
        return is_gathered and self._evaluated == self._count

    def step(self) -> None:
        """Do some more, for a millisecond or so."""
        feeds = self._feeds
        # The index has one such array for all searches: it is filled for this step, and emptied after it.
        feeds.says[self._said] = self._saying
        if self._gathered < len(self._terms):
            gathered, self._count = feeds.postings.gather(
                self._terms[self._gathered :],
                feeds.says,
                self._near,
                self._seen,
                self._found,
                self._count,
                MAX_VISITS,
            )
            self._gathered += gathered
        elif self._looked < len(self._seen):
            self._look()
        elif self._evaluated < self._count:
            self._evaluate(self._found[self._evaluated : self._count][:MAX_AT_ONCE])
        feeds.says[self._said] = 0

    def _look(self) -> None:
        """Look for feeds that share no gate term but are about the same."""
        feeds, begin = self._feeds, self._looked
        self._looked = min(begin + MAX_LOOKS, len(self._seen))
        self._count = rules.near_feeds(
            begin,
            self._looked,
            feeds.records["near"],
            self._near_bits,
            feeds.records["feed"],
            feeds.blocks.items["ids"],
            feeds.says,
            self._stated,
            self._place.table,
            self._place.vector,
            self._seen,
            self._found,
            self._count,
        )

    def _evaluate(self, slots: NDArray[np.int32]) -> None:
        feeds = self._feeds
        found = np.empty(len(slots), np.int32)
        points = np.empty(len(slots), POINTS)
        mine = feeds.mine.reshape(-1)
        mine[self._places] = self._weights
        matches = rules.evaluate(
            slots,
            feeds.records["feed"],
            feeds.blocks.items["ids"],
            feeds.blocks.items["weights"],
            feeds.mine,
            feeds.says,
            self._stated,
            self._place.table,
            self._place.vector,
            self._now,
            self._version,
            found,
            points,
        )
        mine[self._places] = 0
        self.scored.append(Scored(found[:matches], points[:matches]))
        self._evaluated += len(slots)

    def worded(self) -> Iterator[tuple[str, Match]]:
        """The matches in feed id order, worded one at a time."""
        ids, records = self._feeds.ids, self._feeds.records
        mine = self._mine()
        places = sorted(
            (ids[slot], slot, part, row)
            for part, one in enumerate(self.scored)
            for row, slot in enumerate(one.slots.tolist())
        )
        for feed_id, slot, part, row in places:
            feed = records["feed"][slot]
            # It changed while its neighbours were worded: what stands there now is another query.
            if feed["changed"] > self._version:
                continue
            query = self._feeds.blocks.read(feed, mine)
            breakdown = breakdown_from(self.scored[part].points[row], len(query.keywords))
            yield feed_id, match_of(query, self._profile, breakdown, self._place)

    def _mine(self) -> Mine:
        of: list[set[int]] = [set() for _ in range(COLUMNS)]
        for place in self._places.tolist():
            of[place % COLUMNS].add(place // COLUMNS)
        return Mine(of[rules.TERM], of[rules.TITLE_WORD], of[rules.TITLED] | of[rules.SHOWN])
