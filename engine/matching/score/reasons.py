"""A breakdown of points in words that people can read: what was asked, what the resume says, what it brings.

Every part that gives or takes points becomes one reason. What gives some is scaled so that all reasons add up
to the score. What a reason shows as matched stands in the resume, in the resume's own words.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from engine.matching.feed_query import FeedQuery
from engine.matching.learned.topics import NO_PLACE, Located, vector_of
from engine.matching.lexicon.degrees import DEGREE_NAMES
from engine.matching.lexicon.experience import MAX_YEARS
from engine.matching.lexicon.salary import MAX_YUAN
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.breakdown import ScoreBreakdown, strength
from engine.matching.score.requirements import Judged, degree_of, judge, unmet_musts
from engine.matching.score.rules import WISHES
from engine.matching.score.tiers import probability

TITLE_MATCH = 7_500
"""Nearness of the titles, in ten-thousandths, at or above which `title_match` says that the title itself
agrees. A related occupation reaches 6,000, the occupation itself in the job before the present one
7,500."""
HAD = 20
"""Strength, in hundredths, at or above which a keyword counts as one that the resume has. One item of a
long list of words has 15: it brings its few points, but it is no skill to show."""
BY_DUTIES = "（按对方的工作内容）"
"""Behind what the feed asks for, where the resume's title is an open one (`软件工程师`) silent on it."""
BEST_WORDS = 3
"""Words shown of those that a description and a resume share."""
MAX_NAMES = 5
"""Names shown of a set, such as the cities that both name."""


# The garbage collector need not look at strings and a number, and there are many of them.
class Reason(msgspec.Struct, gc=False):
    """One row under a result: a part of the score, and what it comes from.

    `term` is what the feed asks for, `matched` the resume's wording, `points` what it brings (2 decimals).
    A term ends in brackets where the feed's occupation was guessed (`助理（理解为：会计）`), and in
    `BY_DUTIES` where the resume's was.
    """

    field: str
    term: str
    matched: str
    points: float


class Match(msgspec.Struct):
    """A match: `score` is 0..100 with 2 decimals and the sum of the points in `why`, best first.

    Attributes:
        logit: How likely it is that it fits, in thousandths of a logit.
        cut: From which `logit` on the feed takes it for strong.
        requirements: What the feed requires, and what the resume says of it.
        unmet: Names of the musts among them that are not met: then it is possible at most.
    """

    score: float
    logit: int
    cut: int
    title_match: bool
    why: list[Reason]
    missing: list[str]
    keywords: list[str]
    requirements: list[Judged] = []
    unmet: list[str] = []

    @property
    def fit(self) -> float:
        """The probability, 0..1 with 3 decimals, that a recruiter calls it fitting."""
        return probability(self.logit)

    @property
    def is_strong(self) -> bool:
        """Whether it is worth reading, rather than merely possible."""
        return self.logit >= self.cut and not self.unmet


def match_of(
    query: FeedQuery, profile: ResumeProfile, breakdown: ScoreBreakdown, place: Located = NO_PLACE
) -> Match:
    """A match in words.

    Args:
        query: The feed.
        profile: The resume.
        breakdown: The points of the two.
        place: Where the resume lies among learned topics, as for the breakdown.
    """
    rows: list[tuple[int, str, str, str]] = []
    if breakdown.title:
        matched, is_meant = _titled(query, profile)
        rows.append((breakdown.title, "title", query.title + BY_DUTIES * is_meant, matched))
    if breakdown.duties:
        rows.append((breakdown.duties, "duties", query.title, _shown(query, profile)))
    had: list[str] = []
    missing: list[str] = []
    for keyword, points in zip(query.keywords, breakdown.skills, strict=True):
        strong = strength(keyword, profile)
        if keyword.related:
            pass
        elif not strong:
            missing.append(keyword.shown)
        elif strong >= HAD:
            had.append(keyword.shown)
        if points:
            field = "related" if keyword.related else "skill"
            rows.append((points, field, keyword.shown, _worded(profile, keyword.terms)))
    if breakdown.words:
        best = _best_words(query, profile)
        rows.append((breakdown.words, "description", " ".join(best), _worded(profile, best)))
    if breakdown.similar:
        rows.append((breakdown.similar, "similar", query.about, _alike(query, profile, place)))
    for field, points in zip(WISHES, breakdown.wishes, strict=True):
        if points:
            rows.append((points, field, *_wish(field, query, profile)))
    rows.sort(key=lambda row: (-row[0], row[1], row[2]))
    rows = _scaled(rows, breakdown.total)
    judged = judge(query.asks, profile) if query.asks else []
    return Match(
        score=breakdown.total / 100,
        logit=breakdown.logit,
        cut=query.cut,
        title_match=query.clear and breakdown.near_title >= TITLE_MATCH,
        why=[Reason(field, term, matched, points / 100) for points, field, term, matched in rows],
        missing=missing,
        keywords=had,
        requirements=judged,
        unmet=unmet_musts(query.asks, judged),
    )


def _scaled(rows: list[tuple[int, str, str, str]], total: int) -> list[tuple[int, str, str, str]]:
    """Rows, best first, whose points add up to a score: what each takes stays, what brings some is scaled.

    What rounding leaves over is the best row's.
    """
    gained = sum(row[0] for row in rows if row[0] > 0)
    if not gained:
        return rows
    wanted = total - sum(row[0] for row in rows if row[0] < 0)
    scaled = [(wanted * row[0] // gained if row[0] > 0 else row[0], *row[1:]) for row in rows]
    best = scaled[0]
    scaled[0] = best[0] + total - sum(row[0] for row in scaled), *best[1:]
    return [row for row in scaled if row[0]]


def _titled(query: FeedQuery, profile: ResumeProfile) -> tuple[str, bool]:
    """The title that comes nearest to what is asked for, or else shares its most telling word.

    Returns:
        The title, and whether it is an open one whose duties alone say that it comes near.
    """
    reach = query.reach
    near = {name: reach.get(name, 0) * weight for name, weight in profile.titled.items()}
    name = max(near, key=lambda one: (near[one], one), default="")
    if name and near[name]:
        return profile.title_of.get(f"o:{name}", profile.title), name in profile.meant
    mine = profile.title_words
    gains = {word: share * mine[word] for word, share in query.title_words.items() if word in mine}
    word = max(gains, key=lambda one: (gains[one], one), default="")
    return profile.title_of.get(f"w:{word}", profile.title), False


def _shown(query: FeedQuery, profile: ResumeProfile) -> str:
    """The words that give away the occupation which the duties show and that comes nearest."""
    reach = query.reach
    near = {name: reach.get(name, 0) * weight for name, weight in profile.shown.items()}
    name = max(near, key=lambda one: (near[one], one), default="")
    return " ".join(profile.signs.get(name, ()))


def _alike(query: FeedQuery, profile: ResumeProfile, place: Located) -> str:
    """The resume's words that bring it nearest to what the feed is about, or else its title."""
    if query.table != place.table:
        return profile.title
    return _worded(profile, place.nearest(vector_of(query.topics))) or profile.title


def _best_words(query: FeedQuery, profile: ResumeProfile) -> list[str]:
    words, terms = query.words, profile.terms
    gains = [(-words[word] * min(terms[word], 100), word) for word in words.keys() & terms.keys()]
    return [word for _, word in sorted(gains)[:BEST_WORDS]]


def _worded(profile: ResumeProfile, terms: Iterable[str]) -> str:
    """Terms in the resume's own words."""
    wording = profile.wording
    return " ".join([wording.get(term, term) for term in terms])


def _wish(field: str, query: FeedQuery, profile: ResumeProfile) -> tuple[str, str]:
    """What a structured wish asks for, and what the resume states."""
    match field:
        case "city":
            given = set(profile.places or profile.home)
            return _names(query.places), _names(given & query.places or _elsewhere(given))
        case "salary":
            return pay_range(*query.salary), pay_range(profile.salary_low, profile.salary_high)
        case "degree":
            return DEGREE_NAMES[query.degree], degree_of(profile)[1]
        case "years":
            least, most = query.months or (0, 0)
            above = most >= 12 * MAX_YEARS
            asked = f"{_years(least)}年以上" if above else f"{_years(least)}-{_years(most)}年"
            return asked, f"{_years(profile.months or 0)}年"
        case "level":
            return query.level_words, level_of(profile)
        case "domain":
            return _names(query.domains), _shared(query.domains, profile.domains)
        case "preference":
            return _names(query.preferences), _shared(query.preferences, profile.classes)
        case _:
            raise ValueError(f"no words for the wish {field}")


def level_of(profile: ResumeProfile) -> str:
    """A resume's level in its title's word, else the years of work that tell it."""
    years = (profile.months or 0) // 12
    return profile.level_word or (f"工作{years}年" if years else "工作不满1年")


def _shared(wanted: Iterable[str], given: Iterable[str]) -> str:
    """What both name; where that is nothing, what is given."""
    given = set(given)
    return _names(given.intersection(wanted) or given)


def _elsewhere(places: set[str]) -> set[str]:
    """The cities of some place keys; their provinces where there are too many to show."""
    cities = {key for key in places if key[:1] != "@"}
    return cities if 0 < len(cities) <= MAX_NAMES else places - cities


def _names(names: Iterable[str]) -> str:
    """Some names, cities before provinces (`@广东`)."""
    ordered = sorted(names, key=lambda name: (name[:1] == "@", name))
    return ",".join(name.removeprefix("@") for name in ordered[:MAX_NAMES])


def pay_range(low: int, high: int) -> str:
    """A range of pay in words; one without a top is not shown with the number that stands for that."""
    return f"{low}-{high}" if high < MAX_YUAN else f"{low}以上"


def _years(months: int) -> str:
    return f"{months / 12:.1f}".removesuffix(".0")
