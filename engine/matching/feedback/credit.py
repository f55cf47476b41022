"""How much a click counts, and how far a number of clicks is believed."""

from __future__ import annotations

from typing import Literal

Act = Literal["deleted", "favourite", "read"]
"""What a recruiter did with a resume in the feed's list."""

CLICK_WEIGHT: dict[Act, int] = {"deleted": 4, "favourite": 4, "read": 1}
"""What a click counts, in quarters of a deletion.

A resume that was read and left in the list was at least not deleted, so a read counts a little.
"""
CREDIBLE_CLICKS = 3
"""So many deletions or favourites are believed by half.

A smaller number lets one click move a match far, and that click may be a mistake. A larger one makes a
recruiter repeat the same reason many times before it shows.
"""


def credit(bound: int, quarters: int) -> int:
    """The part of a bound that clicks earn: n of n + k (the credibility of Buehlmann 1967).

    Args:
        bound: What infinitely many clicks would earn.
        quarters: The sum of `CLICK_WEIGHT` over the clicks; 0 or less earns nothing.
    """
    return bound * quarters // (quarters + 4 * CREDIBLE_CLICKS) if quarters > 0 else 0
