"""A feed and a resume to the points of their match, part by part.

    breakdown = breakdown_of(query, profile)
    breakdown.points == sum of all its parts

The rules are those of `rules`; here they are given the values of one query and one profile. What a part
means in words is `reasons`' business.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.matching.feed_query import FeedQuery, Keyword
from engine.matching.learned.topics import NO_PLACE, Located, vector_of
from engine.matching.lexicon.salary import is_open
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score import rules
from engine.matching.score.rules import MIN_POINTS, UNSAID, Asked, Evidence, Shared, Stated


class ScoreBreakdown(NamedTuple):
    """The points of a match, in hundredths.

    Attributes:
        title: What the titles bring.
        duties: What the duties bring beyond the titles.
        skills: What each keyword of the feed brings, in the feed's order.
        words: What the other words of the description bring.
        wishes: What each of `rules.WISHES` brings, or takes when negative.
        similar: What likeness among learned topics brings beyond all these.
        near_title: How near the titles come to the occupation asked for, in ten-thousandths.
        logit: How likely it is that the pair fits, see `rules.fit_logit`.
        total: The score, in hundredths, 0..`FULL`, see `rules.score_of`.
    """

    title: int
    duties: int
    skills: tuple[int, ...]
    words: int
    wishes: tuple[int, ...]
    similar: int
    near_title: int
    logit: int
    total: int

    @property
    def text(self) -> int:
        """What titles, duties, skills, words and likeness bring together."""
        return self.title + self.duties + sum(self.skills) + self.words + self.similar

    @property
    def points(self) -> int:
        """What all parts bring, in hundredths, 0..`FULL`; of a match `MIN_POINTS` at least."""
        return self.text + sum(self.wishes)


def breakdown_of(
    query: FeedQuery, profile: ResumeProfile, place: Located = NO_PLACE
) -> ScoreBreakdown | None:
    """The points of a feed and a resume, or None when they do not match.

    None when they neither share a gate term nor are about the same, when both name places and none is shared,
    when the salaries are more than 20 % apart, or when the points stay under `MIN_POINTS`.
    """
    if query.gate_terms.isdisjoint(profile.key_terms) and likeness(query, place) < rules.SIMILAR_GATE:
        return None
    if query.places and profile.places and query.places.isdisjoint(profile.places):
        return None
    if gap_between(query.salary, (profile.salary_low, profile.salary_high)) > rules.SALARY_SOFT:
        return None
    breakdown = judge(query, profile, place)
    return breakdown if min(breakdown.text, breakdown.points) >= MIN_POINTS else None


def judge(query: FeedQuery, profile: ResumeProfile, place: Located = NO_PLACE) -> ScoreBreakdown:
    """The points of a feed and a resume, whether they match or not.

    Of a pair that matches they are those of `breakdown_of`. Any other is judged by the same rules, from 0
    points on, because somebody sent the resume to the feed.
    """
    gap = gap_between(query.salary, (profile.salary_low, profile.salary_high))
    near_title, near_shown, nearest = nearness(query, profile)
    stated = stated_by(profile)
    other = rules.other_work(stated.titled, near_title)
    by_title, role = rules.role_of(near_title, near_shown, nearest, other, stated.is_silent)
    title, duties = rules.role_points(query.text_points, by_title, role)
    bearing = rules.bearing_of(role)
    skills = _skills(query, profile, bearing)
    words = rules.word_points(query.text_points, bearing, _shared_words(query, profile))
    text = title + duties + sum(skills) + words
    seen = seen_likeness(query, place)
    similar = rules.similar_points(query.text_points, text, max(seen, 0), query.known)
    text += similar
    wishes = rules.wish_points(text, bearing, gap, _asked(query), stated, _shared_names(query, profile))
    near = near_title, near_shown, nearest
    points = text + sum(wishes)
    logit = rules.fit_logit(evidence_of(query, stated, near, points, seen))
    total = rules.score_of(points, logit - query.cut)
    return ScoreBreakdown(title, duties, skills, words, wishes, similar, near_title, logit, total)


def likeness(query: FeedQuery, place: Located) -> int:
    """How near a feed and a resume are among learned topics, see `rules.likeness`."""
    if not _is_placed(query, place):
        return 0  # without a call of compiled code, as nearly always where nothing is learned
    return rules.likeness(query.table, vector_of(query.topics), place.table, place.vector)


def seen_likeness(query: FeedQuery, place: Located) -> int:
    """The same; `UNSAID` where not both have a place among the same topics."""
    like = likeness(query, place)
    return like if like or (_is_placed(query, place) and place.vector.any()) else UNSAID


def evidence_of(
    query: FeedQuery, stated: Stated, near: tuple[int, int, int], points: int, like: int
) -> Evidence:
    """What tells how likely a pair fits.

    Args:
        query: The feed.
        stated: The resume, see `stated_by`.
        near: See `nearness`.
        points: What all parts bring together, in hundredths.
        like: See `seen_likeness`.
    """
    near_title, near_shown, nearest = near
    level_low, _ = query.level or (UNSAID, UNSAID)
    return Evidence(
        points=points,
        nearest=nearest,
        other_titles=rules.other_work(stated.titled, near_title),
        other_duties=rules.other_work(stated.shown, near_shown),
        is_unread=query.clear and not query.known,
        likeness=like,
        below=rules.ranks_below(level_low, stated.level),
    )


def _is_placed(query: FeedQuery, place: Located) -> bool:
    return bool(query.table) and query.table == place.table


def nearness(query: FeedQuery, profile: ResumeProfile) -> tuple[int, int, int]:
    """How near the resume is to the occupation asked for, in ten-thousandths.

    Returns:
        Nearness of the titles, of the duties, and of the nearest occupation of all.
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
    return rules.title_nearness(title // 100, words, query.known), shown // 100, max(nearest, words)


def possible_gain(query: FeedQuery) -> int:
    """What the wishes that a feed makes can bring, in hundredths; the text can bring the rest."""
    made = (
        query.places,
        not is_open(*query.salary),
        query.degree,
        query.months,
        query.level,
        query.domains,
        query.preferences,
    )
    return sum(gain for gain, is_made in zip(rules.GAINS, made, strict=True) if is_made)


def gap_between(asked: tuple[int, int], stated: tuple[int, int]) -> int:
    """How far two salaries are apart, see `rules.salary_gap`; `UNSAID` where either is open."""
    return UNSAID if is_open(*asked) or is_open(*stated) else rules.salary_gap(*asked, *stated)


def strength(keyword: Keyword, profile: ResumeProfile) -> int:
    """How far the resume bears a keyword out, in hundredths: as far as the weakest of its terms."""
    # Called for every keyword of every match, and most are one term: a generator takes twice as long.
    weakest, terms = 100, profile.terms
    for term in keyword.terms:
        if (weight := terms.get(term, 0)) < weakest:
            weakest = weight
    return weakest


def stated_by(profile: ResumeProfile) -> Stated:
    """What a resume states beyond its text, as the rules take it."""
    return Stated(
        salary_low=profile.salary_low,
        salary_high=profile.salary_high,
        salary_is_open=is_open(profile.salary_low, profile.salary_high),
        places=bool(profile.places),
        home=bool(profile.home),
        degree=profile.degree,
        months=UNSAID if profile.months is None else profile.months,
        level=UNSAID if profile.level is None else profile.level,
        domains=bool(profile.domains),
        classes=bool(profile.classes),
        titled=profile.most_titled,
        shown=profile.all_shown,
        is_silent=not (profile.titled or profile.title_words),
    )


def _asked(query: FeedQuery) -> Asked:
    months_low, months_high = query.months or (UNSAID, UNSAID)
    level_low, level_high = query.level or (UNSAID, UNSAID)
    return Asked(
        places=bool(query.places),
        degree=query.degree,
        months_low=months_low,
        months_high=months_high,
        level_low=level_low,
        level_high=level_high,
        domains=bool(query.domains),
        preferences=bool(query.preferences),
    )


def _shared_names(query: FeedQuery, profile: ResumeProfile) -> Shared:
    return Shared(
        places=not query.places.isdisjoint(profile.places),
        home=not query.places.isdisjoint(profile.home),
        domain=not query.domains.isdisjoint(profile.domains),
        preference=not query.preferences.isdisjoint(profile.classes),
    )


def _skills(query: FeedQuery, profile: ResumeProfile, bearing: int) -> tuple[int, ...]:
    """The points of each keyword."""
    gains = [keyword.weight * strength(keyword, profile) // 100 for keyword in query.keywords]
    total = sum(gains)
    if not total:
        return (0,) * len(gains)
    earned = rules.skill_points(query.text_points, bearing, total)
    points = []
    upto = before = 0
    for gain in gains:
        upto += gain
        points.append(rules.share_upto(earned, upto, total) - before)
        before += points[-1]
    return tuple(points)


def _shared_words(query: FeedQuery, profile: ResumeProfile) -> int:
    terms = profile.terms
    return sum(share * min(terms.get(word, 0), 100) for word, share in query.words.items()) // 100
