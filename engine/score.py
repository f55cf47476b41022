"""One feed against one resume: points with their evidence, or no match.

The explanation is the computation: points are whole hundredths, every step adds a row, and the score is
their sum. What multiplies (a salary that is too high, a missing degree) is a row of its own with negative
points. Nothing here looks at a clock, a store or another resume.
"""

from __future__ import annotations

import msgspec

from engine.experience import DEGREE_NAMES, LEVEL_NAMES
from engine.profile import ResumeProfile
from engine.query import FeedQuery, Keyword
from engine.salary import gap, is_open

MIN_SCORE = 10.0
"""A pair below this is no match: an HR would not want to see it in the list."""

ROLE_POINTS = 58
SKILL_POINTS = 24
WORD_POINTS = 18
"""What the occupation, the skills and the remaining words of the description can bring; together 100."""

TITLE_TRUST = 0.85
SHOWN_TRUST = 0.75
"""How much of the occupation is believed from a title alone, and from the duties alone."""
TITLE_MATCH = 0.75
"""Nearness of the titles from which on the title itself agrees."""
SEEN = 8
"""Share, in hundredths, from which on an occupation that the duties show may be the nearest."""
LEVEL_STEP = 0.02
"""Share of the points that each rank outside the levels asked for costs."""
HALF_SKILLS = 0.35
"""Weighted share of the skills that earns half the points."""
HALF_WORDS = 0.12
SALARY_SOFT = 0.2
"""Salaries further apart than this are no match; up to here they cost a part."""


class Evidence(msgspec.Struct):
    """One row of the computation.

    `term` is what the feed asks for, `matched` the resume's wording, `points` what it brings (2 decimals).
    """

    field: str
    term: str
    matched: str
    points: float


class Match(msgspec.Struct):
    """A match: `score` is 0..100 with 2 decimals and the sum of the points in `why`, best first."""

    score: float
    title_match: bool
    why: list[Evidence]
    missing: list[str]
    keywords: list[str]


def score(query: FeedQuery, profile: ResumeProfile) -> Match | None:
    """The match of a feed and a resume, or None.

    None when they share no gate term, when both name places and none is shared, when the salaries are more
    than 20 % apart, or when the points stay under `MIN_SCORE`.
    """
    if query.gate_terms.isdisjoint(profile.key_terms):
        return None
    if query.places and profile.places and query.places.isdisjoint(profile.places):
        return None
    apart = gap((profile.salary_low, profile.salary_high), query.salary)
    if apart > SALARY_SOFT:
        return None
    rows: list[tuple[str, str, str, int]] = []
    near_title, near_shown, nearest = _role(query, profile)
    role = 1.0 - (1.0 - TITLE_TRUST * near_title) * (1.0 - SHOWN_TRUST * near_shown)
    role = min(role, nearest)
    role_points = _hundredths(ROLE_POINTS * role)
    title_points = min(_hundredths(ROLE_POINTS * TITLE_TRUST * near_title), role_points)
    if title_points:
        rows.append(("title", query.title, profile.title, title_points))
    if role_points > title_points:
        rows.append(("duties", query.title, _borne(query, profile), role_points - title_points))
    bearing = 0.25 + 0.75 * role
    had, missing = _skills(query, profile, bearing, rows)
    _words(query, profile, bearing, rows)
    base = sum(row[3] for row in rows)
    if base < MIN_SCORE * 100:
        return None
    _wishes(query, profile, apart, base, rows)
    total = sum(row[3] for row in rows)
    if total < MIN_SCORE * 100:
        return None
    rows.sort(key=lambda row: (-row[3], row[0], row[1]))
    return Match(
        score=total / 100,
        title_match=query.clear and near_title >= TITLE_MATCH,
        why=[Evidence(field, term, matched, points / 100) for field, term, matched, points in rows],
        missing=missing,
        keywords=had,
    )


def _role(query: FeedQuery, profile: ResumeProfile) -> tuple[float, float, float]:
    """How near the resume's titles and its duties are to the occupation asked for, each 0..1.

    Returns:
        Nearness of the titles, of the duties, and of the nearest occupation of all: titles and duties that
        agree on a neighbouring occupation do not make it the one asked for.
    """
    reach = query.reach
    title = shown = strange = nearest = 0.0
    for name, weight in profile.titled.items():
        nearness = reach.get(name, 0.0)
        nearest = max(nearest, nearness)
        title = max(title, nearness * weight / 100)
    for name, weight in profile.shown.items():
        nearness = reach.get(name, 0.0)
        if weight >= SEEN:
            nearest = max(nearest, nearness)
        shown += nearness * weight / 100
        if nearness < 0.2:
            strange = max(strange, weight / 100)
    words = 0.0
    mine = profile.title_words
    for word, share in query.title_words.items():
        if word in mine:
            words += share * mine[word] / 100
    title = max(title, 0.5 * words if query.known else words)
    if profile.titled and title < 0.3:
        shown *= 0.45
    if strange > 0.5 and shown < 0.5 * strange:
        title *= 1.0 - 0.4 * strange
    return title, shown, max(nearest, words)


def _borne(query: FeedQuery, profile: ResumeProfile) -> str:
    """The occupation that the duties bear out and that comes nearest to what is asked for."""
    reach = query.reach
    return max(profile.shown, key=lambda name: profile.shown[name] * reach.get(name, 0.0), default="")


def _skills(
    query: FeedQuery, profile: ResumeProfile, bearing: float, rows: list[tuple[str, str, str, int]]
) -> tuple[list[str], list[str]]:
    """Add the skill rows; returns the feed's keywords that the resume has, and those it lacks."""
    terms = profile.terms
    had: list[str] = []
    missing: list[str] = []
    hits: list[tuple[float, Keyword]] = []
    total = 0.0
    for keyword in query.keywords:
        strength = 1.0
        for term in keyword.terms:
            weight = terms.get(term, 0)
            if weight == 0:
                strength = 0.0
                break
            strength = min(strength, weight / 100)
        if strength > 0.0:
            gain = keyword.weight * strength
            total += gain
            hits.append((gain, keyword))
            if strength >= 0.2 and not keyword.related:
                had.append(keyword.shown)
        elif not keyword.related:
            missing.append(keyword.shown)
    if total > 0.0:
        share = SKILL_POINTS * bearing * (1.0 + HALF_SKILLS) / (total + HALF_SKILLS)
        for gain, keyword in hits:
            points = int(100 * share * gain)
            if points:
                wording = profile.wording.get(keyword.terms[0], keyword.terms[0])
                rows.append(("related" if keyword.related else "skill", keyword.shown, wording, points))
    return had, missing


def _words(
    query: FeedQuery, profile: ResumeProfile, bearing: float, rows: list[tuple[str, str, str, int]]
) -> None:
    """Add one row for the description's other words, naming the best three."""
    terms, words = profile.terms, query.words
    shared = words.keys() & terms.keys()
    if not shared:
        return
    gains = sorted(((words[word] * min(terms[word], 100) / 100, word) for word in shared), reverse=True)
    total = sum(gain for gain, _ in gains)
    points = _hundredths(WORD_POINTS * bearing * total * (1.0 + HALF_WORDS) / (total + HALF_WORDS))
    if points:
        best = " ".join(word for _, word in gains[:3])
        rows.append(("description", best, best, points))


def _wishes(
    query: FeedQuery, profile: ResumeProfile, apart: float, base: int, rows: list[tuple[str, str, str, int]]
) -> None:
    """Add what the structured wishes take away, each a share of the points so far."""
    left = base

    def take(field: str, term: str, matched: str, factor: float) -> None:
        nonlocal left
        points = int(left * (1.0 - factor))
        if points:
            left -= points
            rows.append((field, term, matched, -points))

    low, high = query.salary
    if apart > 0.0:
        take("salary", f"{low}-{high}", f"{profile.salary_low}-{profile.salary_high}", 0.75 - apart)
    elif is_open(profile.salary_low, profile.salary_high) and not is_open(low, high):
        take("salary", f"{low}-{high}", "", 0.98)
    if query.degree and profile.degree and profile.degree < query.degree:
        short = query.degree - profile.degree
        take(
            "degree", DEGREE_NAMES[query.degree], DEGREE_NAMES[profile.degree], max(0.95 - 0.05 * short, 0.7)
        )
    if query.places and not profile.places:
        home = bool(profile.home) and query.places.isdisjoint(profile.home)
        take("city", ",".join(sorted(query.places)), ",".join(profile.home[:1]), 0.9 if home else 0.97)
    if query.years and profile.years is not None:
        least, most = query.years
        if profile.years < least:
            take(
                "years",
                f"{least:g}年",
                f"{profile.years:g}年",
                max(1.0 - 0.04 * (least - profile.years), 0.8),
            )
        elif profile.years > most + 3:
            take("years", f"{most:g}年", f"{profile.years:g}年", 0.96)
    if query.level and profile.level is not None:
        low_level, high_level = query.level
        off = max(low_level - profile.level, profile.level - high_level)
        if off > 0:
            take(
                "level", LEVEL_NAMES[low_level], LEVEL_NAMES[profile.level], max(1.0 - LEVEL_STEP * off, 0.85)
            )
    if query.domains and profile.domains and query.domains.isdisjoint(profile.domains):
        take("domain", ",".join(sorted(query.domains)), ",".join(profile.domains[:2]), 0.96)
    if query.preferences and profile.classes and query.preferences.isdisjoint(profile.classes):
        take("preference", ",".join(sorted(query.preferences)), ",".join(profile.classes[:2]), 0.96)


def _hundredths(points: float) -> int:
    return int(100 * points + 0.5)
