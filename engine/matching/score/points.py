"""The arithmetic of a match: a feed and a resume to a sheet of points.

Whole numbers only, and no order of a set or dict that matters: the same pair gives the same sheet in every
process and on every machine, and a loop over arrays can repeat it exactly. Points and the weights of a
resume are hundredths, the weights of a feed ten-thousandths, losses thousandths; every division rounds down,
and no product passes 64 bits. What a row of the sheet means in words is `evidence`'s business.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.matching.feed_query import FeedQuery, Keyword
from engine.matching.lexicon.salary import apart, is_open
from engine.matching.resume_profile import ResumeProfile

FULL = 10_000
"""One whole, in ten-thousandths; also the most points a match can have, in hundredths."""
MIN_POINTS = 1_000
"""A pair below this is no match: an HR would not want to see it in the list."""

ROLE, SKILL, WORD = 58, 26, 16
"""Percent of the text's points that the occupation, the skills and the remaining words can bring."""
TITLE_TRUST, SHOWN_TRUST = 95, 70
"""Percent of the occupation that is believed from a title alone, and from the duties alone."""
HALF_SKILLS, HALF_WORDS = 3_500, 1_200
"""Weighted share of the skills, and of the words, that earns half the points."""
BEARING = 3_500
"""What skills and words are worth without the occupation, in ten-thousandths of what they are with it."""

WISHES = ("city", "salary", "degree", "years", "level", "domain", "preference")
"""The structured wishes, in the order in which they are settled."""
GAINS = (300, 300, 150, 150, 100, 100, 100)
"""What agreement on each can bring."""

HOME_GAIN = 100
"""What an address in the right place brings where no wish is stated."""
AWAY = 70
"""The loss where the address is elsewhere and no wish is stated."""
SALARY_SOFT = 200
"""Salaries further apart than this are no match."""
SALARY_APART = 250
"""The loss where salaries do not overlap, to which how far they are apart is added."""
DEGREE_BELOW, DEGREE_STEP, DEGREE_MOST = 50, 50, 300
"""The loss for a degree below the one asked for, for each rank, and at most."""
YEAR_SHORT, YEARS_MOST = 40, 200
"""The loss for each year of experience that lacks, and at most."""
YEARS_OVER, YEARS_OVER_FROM = 40, 36
"""The loss for much more experience than asked for, and from how many months more on."""
LEVEL_STEP, LEVEL_MOST = 20, 150
"""The loss for each rank outside the levels asked for, and at most."""
DOMAIN_OTHER = PREFERENCE_OTHER = 40


class ScoreBreakdown(NamedTuple):
    """The points of a match, in hundredths.

    Attributes:
        title: What the titles bring.
        duties: What the duties bring beyond the titles.
        skills: What each keyword of the feed brings, in the feed's order.
        words: What the other words of the description bring.
        wishes: What each of `WISHES` brings, or takes when negative.
        near_title: How near the titles come to the occupation asked for, in ten-thousandths.
    """

    title: int
    duties: int
    skills: tuple[int, ...]
    words: int
    wishes: tuple[int, ...]
    near_title: int

    @property
    def total(self) -> int:
        """The score, in hundredths, `MIN_POINTS`..`FULL`."""
        return self.title + self.duties + sum(self.skills) + self.words + sum(self.wishes)


def breakdown_of(query: FeedQuery, profile: ResumeProfile) -> ScoreBreakdown | None:
    """The points of a feed and a resume, or None when they do not match.

    None when they share no gate term, when both name places and none is shared, when the salaries are more
    than 20 % apart, or when the points stay under `MIN_POINTS`.
    """
    if query.gate_terms.isdisjoint(profile.key_terms):
        return None
    if query.places and profile.places and query.places.isdisjoint(profile.places):
        return None
    gap = apart((profile.salary_low, profile.salary_high), query.salary)
    if gap > SALARY_SOFT:
        return None
    near_title, near_shown, nearest = nearness(query, profile)
    by_title = TITLE_TRUST * near_title // 100
    role = FULL - (FULL - by_title) * (FULL - SHOWN_TRUST * near_shown // 100) // FULL
    role = min(role, nearest)
    most = ROLE * query.text_points // 100
    role_points = most * role // FULL
    title = min(most * by_title // FULL, role_points)
    bearing = BEARING + (FULL - BEARING) * role // FULL
    skills = _skills(query, profile, SKILL * query.text_points // 100 * bearing // FULL)
    words = _words(query, profile, WORD * query.text_points // 100 * bearing // FULL)
    text = role_points + sum(skills) + words
    if text < MIN_POINTS:
        return None
    wishes = _wishes(query, profile, gap, text, bearing)
    if text + sum(wishes) < MIN_POINTS:
        return None
    return ScoreBreakdown(title, role_points - title, skills, words, wishes, near_title)


def nearness(query: FeedQuery, profile: ResumeProfile) -> tuple[int, int, int]:
    """How near the resume is to the occupation asked for, in ten-thousandths.

    Returns:
        Nearness of the titles, of the duties, and of the nearest occupation of all: titles and duties that
        agree on a neighbouring occupation do not make it the one asked for.
    """
    reach = query.reach
    title = shown = nearest = 0
    for name, weight in profile.titled.items():
        near = reach.get(name, 0)
        nearest = max(nearest, near)
        title = max(title, near * weight)
    for name, weight in profile.shown.items():
        near = reach.get(name, 0)
        nearest = max(nearest, near)
        shown += near * weight
    mine = profile.title_words
    words = sum(share * mine.get(word, 0) for word, share in query.title_words.items()) // 100
    title = max(title // 100, words // 2 if query.known else words)
    return title, shown // 100, max(nearest, words)


def strength(keyword: Keyword, profile: ResumeProfile) -> int:
    """How far the resume bears a keyword out, in hundredths: as far as the weakest of its terms."""
    terms = profile.terms
    return min(100, *(terms.get(term, 0) for term in keyword.terms))


def _skills(query: FeedQuery, profile: ResumeProfile, most: int) -> tuple[int, ...]:
    """The points of each keyword. Together they saturate, so that the tenth tells less than the first."""
    gains = [keyword.weight * strength(keyword, profile) // 100 for keyword in query.keywords]
    total = sum(gains)
    if not total:
        return (0,) * len(gains)
    earned = most * (FULL + HALF_SKILLS) * total // ((total + HALF_SKILLS) * FULL)
    # Shared out so that nothing is lost by rounding: else one more skill could cost a hundredth.
    points = []
    upto = before = 0
    for gain in gains:
        upto += gain
        points.append(earned * upto // total - before)
        before += points[-1]
    return tuple(points)


def _words(query: FeedQuery, profile: ResumeProfile, most: int) -> int:
    terms = profile.terms
    total = sum(share * min(terms.get(word, 0), 100) for word, share in query.words.items()) // 100
    return most * (FULL + HALF_WORDS) * total // ((total + HALF_WORDS) * FULL)


def _wishes(query: FeedQuery, profile: ResumeProfile, gap: int, text: int, bearing: int) -> tuple[int, ...]:
    """What each wish brings or takes; a loss is a share of what is left of the text's points."""
    verdicts = (
        _city(query, profile),
        _salary(query, profile, gap),
        _degree(query, profile),
        _years(query, profile),
        _level(query, profile),
        _sets(query.domains, profile.domains, GAINS[5], DOMAIN_OTHER),
        _sets(query.preferences, profile.classes, GAINS[6], PREFERENCE_OTHER),
    )
    left = text
    points = []
    for gain, loss in verdicts:
        lost = left * loss // 1_000
        left -= lost
        points.append(gain * bearing // FULL - lost)
    return tuple(points)


def _city(query: FeedQuery, profile: ResumeProfile) -> tuple[int, int]:
    if not query.places:
        return 0, 0
    if profile.places:  # shared, or the pair would be none
        return GAINS[0], 0
    if not profile.home:
        return 0, 0
    return (0, AWAY) if query.places.isdisjoint(profile.home) else (HOME_GAIN, 0)


def _salary(query: FeedQuery, profile: ResumeProfile, gap: int) -> tuple[int, int]:
    if is_open(*query.salary) or is_open(profile.salary_low, profile.salary_high):
        return 0, 0
    return (0, SALARY_APART + gap) if gap else (GAINS[1], 0)


def _degree(query: FeedQuery, profile: ResumeProfile) -> tuple[int, int]:
    if not query.degree or not profile.degree:
        return 0, 0
    short = query.degree - profile.degree
    return (0, min(DEGREE_BELOW + DEGREE_STEP * short, DEGREE_MOST)) if short > 0 else (GAINS[2], 0)


def _years(query: FeedQuery, profile: ResumeProfile) -> tuple[int, int]:
    if query.months is None or profile.months is None:
        return 0, 0
    least, most = query.months
    if profile.months < least:
        return 0, min(YEAR_SHORT * (least - profile.months) // 12, YEARS_MOST)
    return (0, YEARS_OVER) if profile.months > most + YEARS_OVER_FROM else (GAINS[3], 0)


def _level(query: FeedQuery, profile: ResumeProfile) -> tuple[int, int]:
    if query.level is None or profile.level is None:
        return 0, 0
    low, high = query.level
    off = max(low - profile.level, profile.level - high)
    return (0, min(LEVEL_STEP * off, LEVEL_MOST)) if off > 0 else (GAINS[4], 0)


def _sets(wanted: frozenset[str], given: tuple[str, ...], gain: int, loss: int) -> tuple[int, int]:
    if not wanted or not given:
        return 0, 0
    return (0, loss) if wanted.isdisjoint(given) else (gain, 0)
