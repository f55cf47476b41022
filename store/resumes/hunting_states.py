"""Whether somebody looks for work, as lists are filtered by it: one of four states of what sites write.

    hunting_state("在职-考虑机会")      # "open"

Sites let people choose among texts of their own. What does not say it in any of these ways is unknown. Pure.
"""

from __future__ import annotations

import re
from typing import Literal

HuntingState = Literal["left", "open", "graduate", "closed"]
"""`left` a job, `open` to another one while at work, a `graduate` or student, or `closed` to offers."""

# In this order: `在职，暂不考虑` is closed, and `应届生，正在找工作` is a graduate. What follows `不` is no
# offer to think about.
_STATES: tuple[tuple[HuntingState, re.Pattern[str]], ...] = (
    (
        "closed",
        re.compile(
            r"暂不|暂无|不想|不考虑|不找|[无没]有?(?:跳槽|换|求职)|(?<!\w)not (?:looking|open|seeking)"
        ),
    ),
    ("graduate", re.compile(r"应届|在校|在读|学生|毕业生|student|graduate")),
    ("left", re.compile(r"离职|离岗|辞职|待业|失业|无业|unemployed|between jobs")),
    ("open", re.compile(r"在职|在岗|观望|考虑|机会|跳槽|月内到岗|employed|open to|considering")),
    # Nothing is said of a job, so there is none to leave first.
    ("left", re.compile(r"随时|立即|马上|即时|到岗|找工作|求职|available|immediate|looking|seeking")),
)


def hunting_state(text: str) -> HuntingState | Literal[""]:
    """The state that a text says; empty where it says none."""
    folded = text.casefold()
    return next((state for state, pattern in _STATES if pattern.search(folded)), "")
