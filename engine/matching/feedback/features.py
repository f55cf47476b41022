"""What feedback looks at in a resume, and what of it the feed itself asks for.

A feature is a kind and a name: `o:` an occupation, `w:` a word of a title, `t:` a skill or other term, `d:`
an industry. `trainer` and `adjustment` must read a resume in exactly the same way, so both take it from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.matching.analysis.topical import SURE
from engine.matching.feed_query import FeedQuery
from engine.matching.learned.topics import SHOWN_SHARE
from engine.matching.lexicon.salary import MAX_YUAN, is_open
from engine.matching.resume_profile import ResumeProfile

PAY_STEP = 500
"""Yuan a month. Salaries are rounded down to this step, so that 12,000 and 12,400 count as the same."""
PRESENT = 50
"""Weight, in hundredths, at or above which an occupation or word of the titles counts as the person's title.

Below it a title is old, or only wished for, and says too little about who was deleted.
"""


def strength(feature: str, profile: ResumeProfile) -> int:
    """How strong a feature is in a resume, 0..100."""
    kind, name = feature[0], feature[2:]
    if kind == "t":
        return min(profile.terms.get(name, 0), 100)
    if kind == "w":
        return min(profile.title_words.get(name, 0), 100)
    if kind == "o":
        return occupation_strength(name, profile)
    return 100 if name in profile.domains else 0


def occupation_strength(name: str, profile: ResumeProfile) -> int:
    """How strong an occupation is in a resume, 0..100: by its titles, or else by its duties."""
    return min(max(profile.titled.get(name, 0), SHOWN_SHARE * profile.shown.get(name, 0) // 100), 100)


def measure(reason: str, profile: ResumeProfile) -> int | None:
    """The value of a resume that a reason such as `salary_high` is about.

    Returns:
        A number that grows the more the reason applies, so it is negative for the reasons that say "too
        low". None when the resume does not state it.
    """
    value = _MEASURES[reason.rpartition("_")[0]](profile)
    return value if value is None or reason.endswith("_high") else -value


def _pay(profile: ResumeProfile) -> int | None:
    """The expected salary, yuan a month in whole steps: the middle of the range, or its one stated end."""
    low, high = profile.salary_low, profile.salary_high
    if is_open(low, high):
        return None
    middle = low if high >= MAX_YUAN else high if low <= 0 else (low + high) // 2
    return middle // PAY_STEP * PAY_STEP


_MEASURES: dict[str, Callable[[ResumeProfile], int | None]] = {
    "salary": _pay,
    "degree": lambda profile: profile.degree or None,
    "level": lambda profile: profile.level,
}


def _titles(profile: ResumeProfile) -> list[str]:
    """The features of the titles that count as the person's, see `PRESENT`."""
    names = {*profile.titled, *profile.shown}
    occupations = [f"o:{name}" for name in names if occupation_strength(name, profile) >= PRESENT]
    return occupations + [f"w:{word}" for word, weight in profile.title_words.items() if weight >= PRESENT]


def _places(profile: ResumeProfile) -> list[str]:
    """The cities where the candidate lives, or else would go; the provinces where no city is known."""
    keys = profile.home or profile.places
    return [key for key in keys if key[0] != "@"] or list(keys)


NAMES_BY_REASON: dict[str, Callable[[ResumeProfile], list[str]]] = {
    "title": _titles,
    "industry": lambda profile: list(profile.domains),
    "area": _places,
}
"""Reason -> the names in a resume of which one may be the wrong one. All other reasons have a `measure`."""


def asked_features(query: FeedQuery) -> frozenset[str]:
    """The features that the feed itself asks for. They earn points already, so feedback leaves them alone."""
    words: Iterable[str] = {
        *query.title_words,
        *query.words,
        *(term for keyword in query.keywords for term in keyword.terms),
    }
    return frozenset(
        {f"{kind}:{word}" for word in words for kind in "tw"}
        | {f"d:{name}" for name in query.domains}
        | _asked_occupations(query)
    )


def title_features(query: FeedQuery) -> frozenset[str]:
    """The features that the feed's own title names. None of them can be the wrong title.

    An occupation that was guessed from the description is not among them, since the guess may be wrong.
    """
    words = {f"w:{word}" for word in query.title_words}
    if query.known:
        words.update(_asked_occupations(query))
    return frozenset(words)


def _asked_occupations(query: FeedQuery) -> set[str]:
    """Neighbouring occupations are not among them: a recruiter may well come to dislike those."""
    return {f"o:{name}" for name, near in query.reach.items() if near >= SURE}
