"""The bank of occupations: what each is called, knows and does at every level.

The texts are data in `trades/*.toml`; this file says what shape they have.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Final

LEVELS: Final = ("junior", "middle", "senior", "lead")
# Pay after so many years, against the pay of the middle level; straight lines between the points.
_PAY_CURVE: Final = ((0, 0.62), (4, 1.0), (8, 1.45), (12, 1.85), (18, 2.1))

_TRADES: Final = Path(__file__).parent / "trades"
_SLOT: Final = re.compile(r"\{(\d+)-(\d+)\}")


@dataclass(frozen=True, slots=True)
class Occupation:
    """One occupation. `pay` is yuan a month for the middle level where living costs are middling."""

    name: str
    category: str
    industry: str
    employer: str
    pay: int
    women: float
    schooling: str
    majors: tuple[str, ...]
    titles: dict[str, tuple[str, ...]]
    skills: tuple[str, ...]
    certificates: tuple[str, ...]
    duties: dict[str, tuple[str, ...]]


@cache
def occupations() -> dict[str, Occupation]:
    """Read the bank once: name -> occupation, in the order of the files."""
    bank = {}
    for path in sorted(_TRADES.glob("*.toml")):
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["occupation"]:
            duties = {level: tuple(texts) for level, texts in row["duties"].items()}
            bank[row["name"]] = Occupation(
                name=row["name"],
                category=row["category"],
                industry=row["industry"],
                employer=row["employer"],
                pay=round(row["salary"] * 1000),
                women=row["women"],
                schooling=row["schooling"],
                majors=tuple(row["majors"]),
                titles=dict(zip(LEVELS, map(tuple, row["titles"]), strict=True)),
                skills=tuple(row["skills"]),
                certificates=tuple(row["certificates"]),
                duties=duties | {"lead": duties["senior"]},
            )
    return bank


def level_of(years: float) -> str:
    """Say which level somebody has reached after so many years in an occupation."""
    for limit, level in ((2, "junior"), (5.5, "middle"), (10, "senior")):
        if years < limit:
            return level
    return "lead"


def pay_factor(years: float) -> float:
    """Say how an occupation pays after so many years, 1.0 being its middle level."""
    for (x0, y0), (x1, y1) in pairwise(_PAY_CURVE):
        if years <= x1:
            return y0 + (y1 - y0) * (max(years, x0) - x0) / (x1 - x0)
    return _PAY_CURVE[-1][1]


def fill(rng: Random, text: str) -> str:
    """Put a number into every `{a-b}` of a text, rounded as people round what they boast of."""

    def number(match: re.Match[str]) -> str:
        low, high = int(match[1]), int(match[2])
        step = 100 if low >= 1000 else 10 if low >= 100 else 5 if high - low >= 20 and low >= 10 else 1
        return str(rng.randrange(-(-low // step), high // step + 1) * step)

    return _SLOT.sub(number, text)


def draw_duties(rng: Random, occupation: Occupation, level: str, count: int, told: set[str]) -> list[str]:
    """Draw duties of a level, rounded out with one of the level below: `count`, where there are so many.

    Those in `told`, of the person's other jobs, come last; it grows by those drawn.
    """

    def shuffled(texts: Sequence[str]) -> list[str]:
        return sorted(rng.sample(texts, len(texts)), key=told.__contains__)

    below = {"junior": "junior", "middle": "junior"}.get(level, "middle")
    own = shuffled(occupation.duties[level])
    spare = shuffled(occupation.duties[below]) if below != level else own[count - 1 :]
    drawn = own[: count - 1] + spare[:1]
    told.update(drawn)
    return [fill(rng, text) for text in drawn]
