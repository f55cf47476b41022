"""What was understood of a feed: the occupations that it asks for, and whether its title leaves them open.

It is what a recruiter is shown and may correct. `Analyzer.understood` answers it, from the same reading that
makes the query.
"""

from __future__ import annotations

import msgspec

MAX_CHOSEN = 5
"""Occupations that one feed may choose. Whoever needs more has no use for choosing."""


class Occupation(msgspec.Struct, frozen=True):
    """An occupation.

    Attributes:
        id: A text that is stored and lasts, see `lexicon.occupation_names`.
        name: As people read it.
    """

    id: str
    name: str


class Understood(msgspec.Struct, frozen=True):
    """The occupations that a feed asks for.

    Attributes:
        occupations: Each with its weight, 0..1, best first; the weights add up to 1. With `ask` some may
            follow that are not asked for but may be meant: their weight is 0.
        ask: Whether the title leaves open what is sought, so that it was guessed or not found out.
    """

    occupations: tuple[tuple[Occupation, float], ...] = ()
    ask: bool = False
