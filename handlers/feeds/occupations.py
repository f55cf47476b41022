"""Occupations: what was understood of a form, what was chosen instead, and the search for others.

A form's title is read by `engine.matching`. What it was taken for is told with every form, so that people can
correct it. How a form's choice is checked is in `feed_form`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec

from engine.indexes.specs import understood_of
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.understood import Occupation
from handlers.api.base import ApiHandler
from handlers.api.contract import Contract, Ok, Shape
from store.feeds.feed_documents import FeedForm

MAX_FOUND = 20
"""Occupations that one search answers. Whoever sees so many types another character."""

Weight = Annotated[float, msgspec.Meta(ge=0, le=1)]


class OccupationView(Shape):
    """An occupation with its stable id."""

    id: str
    name: str


class WeighedOccupation(OccupationView):
    """An occupation, and how much of what is sought it is."""

    weight: Weight


class UnderstoodView(Shape):
    """The occupations that a form asks for.

    Attributes:
        occupations: Best first; their weights add up to 1. Empty where nothing was understood. With `ask`
            some may follow that are not looked for but may be meant: their weight is 0.
        ask: Whether the title leaves open what is sought, so that they are guesses.
    """

    occupations: list[WeighedOccupation]
    ask: bool


NOTHING_UNDERSTOOD = UnderstoodView([], ask=False)
"""Of a form that was refused."""


def understood_view(analyzer: Analyzer, form: FeedForm) -> UnderstoodView:
    """What is understood of a form, as it is scored."""
    understood = understood_of(analyzer, form)
    return UnderstoodView(
        [WeighedOccupation(one.id, one.name, weight) for one, weight in understood.occupations],
        understood.ask,
    )


def chosen_view(analyzer: Analyzer, ids: Iterable[str]) -> list[OccupationView]:
    """Chosen occupations. One that the lexicon has no more is given back under its id."""
    found = [analyzer.occupation(id_) or Occupation(id_, id_) for id_ in ids]
    return [OccupationView(one.id, one.name) for one in found]


class OccupationQuery(msgspec.Struct, kw_only=True):
    """What is searched for.

    Attributes:
        words: A part of a name; every spelling that the lexicon knows counts.
    """

    words: Annotated[str, msgspec.Meta(max_length=60)] = ""


class OccupationsAnswer(Ok):
    """What was found, the nearest first; at most 20."""

    data: list[OccupationView]


class OccupationsHandler(ApiHandler):
    """`GET /special_feed/occupations/`."""

    contract = Contract(
        "Occupations to choose from, by their names", query=OccupationQuery, answer=OccupationsAnswer
    )

    params: OccupationQuery
    analyzer: Analyzer

    async def handle(self) -> None:
        """The search reads no store. Without `words` nothing is found."""
        found = self.analyzer.occupations_like(self.params.words, MAX_FOUND)
        self.ok(data=[OccupationView(one.id, one.name) for one in found])
