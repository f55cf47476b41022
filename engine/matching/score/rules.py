"""The rules of a match, each one compiled function over single numbers, and the loops that apply them.

A rule stands here once. The loop over arrays (`evaluate`) calls it with what stands in the arrays, and
`breakdown` calls it with the values of a query and a profile, so the two cannot differ::

    gap = salary_gap(10_000, 15_000, 18_000, 22_000)  # 200: the higher begins 20 % above the lower's end
    wish_points(5_000, FULL, gap, asked, stated, shared)

Whole numbers only, and no order of a set or dict that matters: the same pair gives the same points in every
process and on every machine. Points and the weights of a resume are hundredths, the weights of a feed
ten-thousandths, losses thousandths. Every division rounds down, and no product passes 64 bits.

`evaluate_resumes` is the same loop the other way round: one feed, and the resumes that it can reach.

Everything that the compiled functions use is in this file. Numba keeps compiled code on disk and makes it
anew when this file changes, but it does not notice a change of another file; a test holds the file to that.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.matching.compiled import compiled

FULL = 10_000
"""One whole, in ten-thousandths; also the most points a match can have, in hundredths."""
MIN_POINTS = 1_000
"""Hundredths under which a pair is no match. Lower, and lists fill with people whom no recruiter would call;
higher, and vague titles lose the few who fit."""

ROLE, SKILL, WORD = 58, 26, 16
"""Percent of the text's points that the occupation, the skills and the remaining words can bring."""
TITLE_TRUST, SHOWN_TRUST = 95, 70
"""Percent of the occupation that is believed from a title alone, and from the duties alone. Both are evidence
of the same thing, so together they come nearer to 100 without reaching it."""
SILENT_TRUST = 95
"""Percent that is believed from the duties where no title says anything. A row of a table often has none."""
TITLE_DOUBT = 40
"""Percent of the occupation that is no longer believed where the titles name wholly other work, whatever the
duties show: somebody else's work is often told of. Titles that say nothing raise no doubt."""
HALF_SKILLS, HALF_WORDS = 3_500, 1_200
"""Weighted share of the skills, and of the words, that earns half the points. It is BM25's saturation: the
first skill tells more than the tenth."""
BEARING = 3_500
"""What skills and words are worth without the occupation, in ten-thousandths of what they are with it. A
nurse who writes Excel is no accountant."""

SIMILAR, SIMILAR_UNKNOWN = 60, 100
"""Percent of what the rest of the text leaves over that a text about the same brings; more where nobody knows
the feed's occupation, as then there is little else to go by."""
SIMILAR_FROM, SIMILAR_FULL = 3_000, 9_000
"""Likeness from which on it counts, and at which it counts in full."""
SIMILAR_GATE = 5_000
"""Likeness that opens the gate to a resume which shares no gate term."""
TOPICS, TOPIC_LENGTH = 40, 127
"""Topics of a learned table, and the length of a place among them; those of `learned.topics`."""

WISHES = ("city", "salary", "degree", "years", "level", "domain", "preference")
"""The structured wishes, in the order in which they are settled."""
GAINS = (300, 300, 150, 150, 100, 100, 100)
"""Hundredths that agreement on each can bring."""

HOME_GAIN = 100
"""Hundredths that an address in the right place brings where the candidate states no wish."""
AWAY = 70
"""Loss where the address is elsewhere and no wish is stated: some would move, most would not."""
CITY_OTHER = 300
"""Loss where two stated wishes differ. Such a pair is listed only where the candidate or a partner sent the
resume to this very feed: whoever did would perhaps move, so it costs less than salaries far apart."""
SALARY_SOFT = 200
"""Salaries further apart than this, in thousandths, are no match. People bargain over a fifth, not more."""
SALARY_APART, SALARY_MOST = 250, 600
"""Loss where salaries do not overlap, to which how far they are apart is added; and at most, which only pairs
beyond `SALARY_SOFT` reach."""
DEGREE_BELOW, DEGREE_STEP, DEGREE_MOST = 50, 50, 300
"""Loss for a degree below the one asked for, for each rank below it, and at most."""
YEAR_SHORT, YEARS_MOST = 40, 200
"""Loss for each year of experience that is missing, and at most."""
YEARS_OVER, YEARS_OVER_FROM = 40, 36
"""Loss for much more experience than asked for, and from how many months more on."""
LEVEL_BELOW, LEVEL_ABOVE = (0, 30, 100, 250, 500, 600), 20
"""Loss by ranks below the levels asked for, 0 to 5, and for each rank above them.

Who is one rank below grows into it. An intern is no architect, and who sells no director of sales.
"""
DOMAIN_OTHER = PREFERENCE_OTHER = 40
"""Loss where the resume names other industries, or other classes of school, than the feed prefers."""

FIT_BASE = -3_213
"""Thousandths of a logit of a pair about which nothing is known. This and what follows is learned from judged
pairs by `bench.quality.calibrate`, which writes it here; see ADR 39. None of it is changed by hand."""
FIT_SLOPE = 412
"""Millionths of a logit that a hundredth of the score brings."""
FIT_UNREAD = 79
"""Millionths that it brings less where a feed's title is clear but names no known occupation: then what the
score rests on was guessed."""
FIT_NEAR = 2_242
"""Thousandths of a logit where the nearest occupation of all is the one asked for."""
FIT_NEAR_PLACED = 1_745
"""Thousandths of it that are left out where both have a place among topics: likeness says the same better."""
FIT_OTHER_TITLES = 1_534
"""Thousandths of a logit that are lost where the titles name wholly other work. The score does not know this,
since it counts what speaks for a pair. Titles that say nothing are no loss."""
FIT_OTHER_DUTIES = 947
"""Thousandths of a logit that are lost where the duties show wholly other work."""
FIT_LIKE = 3_806
"""Thousandths of a logit for texts that are wholly about the same, where both have a place among topics."""
FIT_UNLIKE = 1_035
"""Thousandths of a logit that are lost where both have a place, and nothing in common."""

FIT_FAR_BELOW = (0, 0, 0, 3_000, 4_000, 5_000)
"""Thousandths of a logit that are lost by ranks below the levels asked for, 0 to 5. Set by hand:
nobody in the judged pairs is so far below, and no text makes an intern fit for a director's place."""

STRONG = 6_000
"""The score, in hundredths, from which on a match is strong, whatever the breadth of its feed."""
MERELY_POSSIBLE = 5_949
"""The highest score of any other, in hundredths: one that is not rounded to that of a strong one."""
TYPICAL = 4_000
"""Points, in hundredths, of a pair at the border. Those above and those below it are spread evenly over what
is left of the score on either side."""
SURE, DOUBTFUL = 500, 6_000
"""Hundredths by which the score of a pair is away from the border for each logit that its likelihood is, at
least and at most. So likelihood decides the tier and the points the order within it, without a leap between.
With a greater least, lists are in a worse order; with a smaller one, people whose rows say little and fit are
all at the border."""

UNSAID = -1
"""In the place of a number that a feed does not ask for or a resume does not say."""

TERM, TITLE_WORD, TITLED, SHOWN = 0, 1, 2, 3
"""What a resume's weight of a word is about, by column: a term of its text, a word of its titles, an
occupation of its titles, one that its duties show. Occupation weights are stored plus one: 0 means the resume
lacks the occupation, 1 that it has it with weight 0."""
NEAR, HOME, DOMAIN, CLASS = 1, 2, 4, 8
"""What a resume says of a name, as bits: a place that it reaches, its home, its domain, a class of its
schools."""
PASSED_OVER = 2
"""Stands in the place of whether a resume shares a gate term, for one that is left out in any case."""
PLACE_BITS = 63
"""Bits that stand for the places of a feed or a resume, so that one comparison tells most pairs that have no
place in common. A place has the bit of its number modulo this; one more bit stands for no place at all."""


class Asked(NamedTuple):
    """What a feed asks for beyond its text; of places, domains and preferences, whether it names any."""

    places: Any
    degree: Any
    months_low: Any
    months_high: Any
    level_low: Any
    level_high: Any
    domains: Any
    preferences: Any


class Stated(NamedTuple):
    """What a resume states beyond its text; of places, home, domains and classes, whether it names any.

    `titled` is the greatest weight of an occupation of its titles, `shown` the sum of those that its duties
    show, in hundredths; `is_silent` whether no title says anything of the work.
    """

    salary_low: Any
    salary_high: Any
    salary_is_open: Any
    places: Any
    home: Any
    degree: Any
    months: Any
    level: Any
    domains: Any
    classes: Any
    titled: Any
    shown: Any
    is_silent: Any


class Shared(NamedTuple):
    """What a feed and a resume have in common.

    Attributes:
        places: Whether the candidate wishes for one of the feed's places.
        home: Whether the candidate's address is in one of the feed's places.
        domain: Whether both name a common domain.
        preference: Whether both name a common class of school.
    """

    places: Any
    home: Any
    domain: Any
    preference: Any


class Evidence(NamedTuple):
    """What tells how likely a pair fits.

    Attributes:
        points: What all parts bring together, in hundredths.
        nearest: How near the nearest occupation of all is, in ten-thousandths.
        other_titles: How far the titles name other work, in ten-thousandths.
        other_duties: How far the duties show other work.
        is_unread: Whether the feed's title is clear, but names no known occupation.
        likeness: How near both are among learned topics, in ten-thousandths; `UNSAID` where not both have a
            place among the same ones.
        below: Ranks below the levels asked for, 0 to 5.
    """

    points: Any
    nearest: Any
    other_titles: Any
    other_duties: Any
    is_unread: Any
    likeness: Any
    below: Any


@compiled
def salary_gap(low: int, high: int, other_low: int, other_high: int) -> int:
    """How far two ranges of pay are apart, in thousandths of the lower one's end, rounded up; 0 if none."""
    if other_low < low or (other_low == low and other_high < high):
        low, high, other_low, other_high = other_low, other_high, low, high
    if other_low <= high:
        return 0
    return -(-1_000 * (other_low - high) // max(high, 1))


@compiled
def other_work(named: int, near: int) -> int:
    """How far titles or duties tell of other work, in ten-thousandths.

    Args:
        named: The greatest weight of an occupation of the titles, or the sum of those of the duties, in
            hundredths. 0 where they say nothing.
        near: How near they come to what is asked for.
    """
    return max(0, FULL * named // 100 - near)


@compiled
def role_of(title: int, shown: int, nearest: int, other: int, is_silent: bool) -> tuple[int, int]:
    """How far the occupation is the one asked for, by the titles alone and by all that there is.

    Titles and duties are independent evidence. Together they do not pass the nearest occupation of all:
    titles and duties that agree on a neighbouring occupation do not make it the one asked for. Titles that
    name other work (`other_work`) raise doubt; where none says anything, the duties are believed more.
    """
    by_title = TITLE_TRUST * title // 100
    trust = SILENT_TRUST if is_silent else SHOWN_TRUST
    both = FULL - (FULL - by_title) * (FULL - trust * shown // 100) // FULL
    return by_title, min(both, nearest) * (100 * FULL - TITLE_DOUBT * other) // (100 * FULL)


@compiled
def title_nearness(by_occupation: int, by_words: int, is_known: bool) -> int:
    """How near the titles come. Where the feed's occupation is known, shared words alone count by half."""
    return max(by_occupation, by_words // 2 if is_known else by_words)


@compiled
def role_points(text_points: int, by_title: int, role: int) -> tuple[int, int]:
    """What the titles bring, and what the duties bring beyond them."""
    most = ROLE * text_points // 100
    whole = most * role // FULL
    title = min(most * by_title // FULL, whole)
    return title, whole - title


@compiled
def bearing_of(role: int) -> int:
    """What skills, words and agreement are worth, in ten-thousandths: little without the occupation."""
    return BEARING + (FULL - BEARING) * role // FULL


@compiled
def skill_points(text_points: int, bearing: int, total: int) -> int:
    """Points of the skills. `total` is the sum of each one's weight times how strongly the resume has it."""
    most = SKILL * text_points // 100 * bearing // FULL
    return most * (FULL + HALF_SKILLS) * total // ((total + HALF_SKILLS) * FULL)


@compiled
def share_upto(earned: int, upto: int, total: int) -> int:
    """Points of the first skills together, whose gains sum to `upto`.

    One skill's points are the difference of two such sums, so rounding loses nothing.
    """
    return earned * upto // total


@compiled
def word_points(text_points: int, bearing: int, total: int) -> int:
    """Points of the description's other words, of which the resume has a share of `total`."""
    most = WORD * text_points // 100 * bearing // FULL
    return most * (FULL + HALF_WORDS) * total // ((total + HALF_WORDS) * FULL)


@compiled
def likeness(table: int, place: Any, other_table: int, other: Any) -> int:
    """How near two places among learned topics are: their cosine, in ten-thousandths, at least 0.

    Places of different tables have nothing to do with each other.
    """
    if table == 0 or table != other_table:
        return 0
    product = 0
    for topic in range(TOPICS):
        product += int(place[topic]) * int(other[topic])
    return max(0, min(FULL, FULL * product // (TOPIC_LENGTH * TOPIC_LENGTH)))


@compiled
def is_nowhere(place: Any) -> bool:
    """Whether a text has no place: the table knows none of its words."""
    said = 0
    for topic in range(TOPICS):
        said |= place[topic]
    return said == 0


@compiled
def similar_share(like: int) -> int:
    """How far likeness counts, in ten-thousandths."""
    return max(0, min(FULL, FULL * (like - SIMILAR_FROM) // (SIMILAR_FULL - SIMILAR_FROM)))


@compiled
def similar_points(text_points: int, text: int, like: int, is_known: bool) -> int:
    """What likeness brings: a share of what titles, duties, skills and words leave over."""
    share = similar_share(like)
    return (SIMILAR if is_known else SIMILAR_UNKNOWN) * share // 100 * max(0, text_points - text) // FULL


@compiled
def city(asked: Asked, stated: Stated, shared: Shared) -> tuple[int, int]:
    """Gain and loss by place. Stated wishes that differ are no match: only a delivered pair loses by them."""
    if not asked.places:
        return 0, 0
    if stated.places:
        return (GAINS[0], 0) if shared.places else (0, CITY_OTHER)
    if not stated.home:
        return 0, 0
    return (HOME_GAIN, 0) if shared.home else (0, AWAY)


@compiled
def salary(gap: int) -> tuple[int, int]:
    """Gain and loss by pay; `UNSAID` where either side is open."""
    if gap == UNSAID:
        return 0, 0
    return (0, min(SALARY_APART + gap, SALARY_MOST)) if gap else (GAINS[1], 0)


@compiled
def degree(asked: int, stated: int) -> tuple[int, int]:
    """Gain and loss by degree; ranks, 0 for unknown."""
    if not asked or not stated:
        return 0, 0
    short = asked - stated
    return (0, min(DEGREE_BELOW + DEGREE_STEP * short, DEGREE_MOST)) if short > 0 else (GAINS[2], 0)


@compiled
def years(least: int, most: int, months: int) -> tuple[int, int]:
    """Gain and loss by experience, in months."""
    if least == UNSAID or months == UNSAID:
        return 0, 0
    if months < least:
        return 0, min(YEAR_SHORT * (least - months) // 12, YEARS_MOST)
    return (0, YEARS_OVER) if months > most + YEARS_OVER_FROM else (GAINS[3], 0)


@compiled
def ranks_below(low: int, rank: int) -> int:
    """How many ranks a level is below the lowest one asked for; 0 where either side is open."""
    return max(0, low - rank) if low != UNSAID and rank != UNSAID else 0


@compiled
def level(low: int, high: int, rank: int) -> tuple[int, int]:
    """Gain and loss by level."""
    if low == UNSAID or rank == UNSAID:
        return 0, 0
    below = ranks_below(low, rank)
    if below:
        return 0, LEVEL_BELOW[below]
    return (0, LEVEL_ABOVE * (rank - high)) if rank > high else (GAINS[4], 0)


@compiled
def domain(is_asked: bool, is_stated: bool, is_shared: bool) -> tuple[int, int]:
    """Gain and loss by industry."""
    if not is_asked or not is_stated:
        return 0, 0
    return (GAINS[5], 0) if is_shared else (0, DOMAIN_OTHER)


@compiled
def preference(is_asked: bool, is_stated: bool, is_shared: bool) -> tuple[int, int]:
    """Gain and loss by class of school."""
    if not is_asked or not is_stated:
        return 0, 0
    return (GAINS[6], 0) if is_shared else (0, PREFERENCE_OTHER)


@compiled
def fit_logit(evidence: Evidence) -> int:
    """How likely it is that a recruiter calls the pair fitting, in thousandths of a logit; see `tiers`.

    It rises with each point and with likeness, and falls with what tells of other work or of a beginner.
    """
    slope = FIT_SLOPE - FIT_UNREAD if evidence.is_unread else FIT_SLOPE
    is_placed = evidence.likeness != UNSAID
    near = FIT_NEAR - FIT_NEAR_PLACED if is_placed else FIT_NEAR
    gain = slope * evidence.points // 1_000 + near * evidence.nearest // FULL
    loss = FIT_OTHER_TITLES * evidence.other_titles + FIT_OTHER_DUTIES * evidence.other_duties
    like = FIT_LIKE * evidence.likeness // FULL - FIT_UNLIKE if is_placed else 0
    logit: int = FIT_BASE + gain + like - loss // FULL - FIT_FAR_BELOW[evidence.below]
    return logit


@compiled
def score_of(points: int, above: int) -> int:
    """The score, in hundredths: the points, as far as likelihood lets them say the tier.

    It rises with both, and is `STRONG` or more just where likelihood reaches the cut. Without any points it
    is 0, as there is nothing to name.

    Args:
        points: What all parts bring together, in hundredths.
        above: How far the likelihood is above the cut of the feed, in thousandths of a logit.
    """
    low, high = STRONG + SURE * above // 1_000, STRONG + DOUBTFUL * above // 1_000
    if points == 0:
        return 0
    if above < 0:
        low, high = min(high, MERELY_POSSIBLE), min(low, MERELY_POSSIBLE)
    if points < TYPICAL:
        score = STRONG * points // TYPICAL
    else:
        score = STRONG + (FULL - STRONG) * (points - TYPICAL) // (FULL - TYPICAL)
    return max(0, min(FULL, max(low, min(high, score))))


@compiled
def wish_points(
    text: int, bearing: int, gap: int, asked: Asked, stated: Stated, shared: Shared
) -> tuple[int, int, int, int, int, int, int]:
    """What each of `WISHES` brings, or takes when negative.

    A gain counts as far as the occupation fits. A loss is a share of what is left of the text's points, so
    that losses multiply and never take more than there is.

    Args:
        text: Points of titles, duties, skills and words.
        bearing: See `bearing_of`.
        gap: See `salary_gap`; `UNSAID` where either side is open.
        asked: The feed.
        stated: The resume.
        shared: What both name.
    """
    left = text
    one, left = _settle(left, bearing, city(asked, stated, shared))
    two, left = _settle(left, bearing, salary(gap))
    three, left = _settle(left, bearing, degree(asked.degree, stated.degree))
    four, left = _settle(left, bearing, years(asked.months_low, asked.months_high, stated.months))
    five, left = _settle(left, bearing, level(asked.level_low, asked.level_high, stated.level))
    six, left = _settle(left, bearing, domain(asked.domains, stated.domains, shared.domain))
    seven, left = _settle(left, bearing, preference(asked.preferences, stated.classes, shared.preference))
    return one, two, three, four, five, six, seven


@compiled
def _settle(left: int, bearing: int, verdict: tuple[int, int]) -> tuple[int, int]:
    """The points of one wish, and what is left of the text's points after it."""
    gain, loss = verdict
    lost = left * loss // 1_000
    return gain * bearing // FULL - lost, left - lost


@compiled
def _wide(number: Any) -> Any:
    """A number of an array as 64 bits, so that no product of narrower ones overflows."""
    return np.int64(number)


@compiled
def evaluate(
    slots: Any,
    feeds: Any,
    ids: Any,
    weights: Any,
    mine: Any,
    says: Any,
    stated: Stated,
    table: int,
    topics: Any,
    now: float,
    version: int,
    found: Any,
    points: Any,
) -> int:
    """Work out the points of one resume and some feeds that it can reach.

    Args:
        slots: The feeds, as places in `feeds`.
        feeds: The records of all feeds, see `layout.FEED`.
        ids: The numbers in the blocks of all feeds, see `layout`.
        weights: The weights in them.
        mine: The resume's weights: a row a word, and the columns `TERM` ... `SHOWN`.
        says: By word, what the resume says of it, as bits.
        stated: What the resume states.
        table: The number of the table of topics; 0 for none.
        topics: Where the resume lies among them.
        now: Feeds whose scoring ended by then are left out.
        version: Feeds that came or changed after this version of the index are left out.
        found: Where the slots of the feeds that match are written.
        points: Where their points are written, see `layout.POINTS`.

    Returns:
        How many match.
    """
    count = 0
    for slot in slots:
        feed = feeds[slot]
        if feed.until <= now or feed.changed > version:
            continue
        gap = _gap(feed, stated)
        if gap > SALARY_SOFT:
            continue
        if _evaluate_pair(feed, ids, weights, mine, says, stated, table, topics, gap, points[count]):
            found[count] = slot
            count += 1
    return count


@compiled
def near_feeds(
    begin: int,
    end: int,
    nears: Any,
    near: Any,
    feeds: Any,
    ids: Any,
    says: Any,
    stated: Stated,
    table: int,
    topics: Any,
    seen: Any,
    found: Any,
    count: int,
) -> int:
    """Collect the feeds that share no gate term with a resume but are about the same.

    Slots from `begin` to before `end` are looked at. `nears` and `near` are the places of all feeds and of
    the resume as bits, see `place_bits`. `seen` says by slot whether the feed was found before. Slots are
    written to `found`, behind the `count` that stand there already. The rest is as for `evaluate`.

    Returns:
        How many stand there now.
    """
    for slot in range(begin, end):
        if seen[slot] or not nears[slot] & near:
            continue
        feed = feeds[slot]
        if _gap(feed, stated) > SALARY_SOFT:
            continue
        if likeness(feed.table, feed.topics, table, topics) < SIMILAR_GATE:
            continue
        places = feed.block + feed.length - feed.gates - feed.preferences - feed.domains - feed.places
        # Two places may have the same bit, so those that pass are looked at once more.
        if not feed.places or not stated.places or _says(ids, places, feed.places, says, NEAR):
            found[count] = slot
            count += 1
    return count


@compiled
def evaluate_resumes(
    feeds: Any,
    ids: Any,
    weights: Any,
    near: Any,
    nears: Any,
    seen: Any,
    table: int,
    begin: int,
    end: int,
    most: int,
    resumes: Any,
    words: Any,
    word_weights: Any,
    local: Any,
    mine: Any,
    says: Any,
    version: int,
    found: Any,
    points: Any,
) -> tuple[int, int]:
    """Work out the points of one feed and some resumes that it can reach.

    Args:
        feeds: The feed's record alone, see `layout.FEED`.
        ids: Its block, in numbers of its own from 1 on.
        weights: The weights in it.
        near: Its places as bits, see `resume_layout.near_of_feed`.
        nears: The places of all resumes as bits, see `resume_layout.near_of_resume`.
        seen: By slot, whether the resume shares a gate term with the feed; `PASSED_OVER` for one that is not
            looked at in any case.
        table: The number of the table among whose topics the resumes lie; 0 for none.
        begin: The first slot to look at.
        end: The slot to end before.
        most: Items of the feed and of resumes, compared, after which no further pair is begun.
        resumes: The records of all resumes, see `resume_layout.RESUME`.
        words: The numbers in the blocks of all resumes, see `resume_layout`.
        word_weights: The weights in them.
        local: By number of a resume's word, the feed's own number; 0 for a word that it does not name.
        mine: By the feed's numbers, room for the weights of a resume; zeros, before and after.
        says: By the feed's numbers, room for what a resume says of a name; zeros, before and after.
        version: Resumes that came or changed after this version of the index are left out.
        found: Where the slots of the resumes that match are written; when it is full, no further pair is
            begun.
        points: Where their points are written, see `layout.POINTS`.

    Returns:
        Where to go on, and how many match.
    """
    feed = feeds[0]
    places = feed.block + feed.length - feed.gates - feed.preferences - feed.domains - feed.places
    has_topics = table != 0 and table == feed.table
    items = count = 0
    for slot in range(begin, end):
        # Two places may have the same bit, so those that pass are looked at once more.
        if seen[slot] == PASSED_OVER or not nears[slot] & near or not (seen[slot] or has_topics):
            continue
        resume = resumes[slot]
        stated = _stated(resume)
        gap = _gap(feed, stated)
        if gap > SALARY_SOFT or resume.changed > version:
            continue
        if not seen[slot] and likeness(feed.table, feed.topics, table, resume.topics) < SIMILAR_GATE:
            continue
        if items >= most or count == len(found):
            return slot, count
        items += feed.length + resume.terms
        _spread(resume, words, word_weights, local, mine, says)
        is_near = not feed.places or not resume.places or _says(ids, places, feed.places, says, NEAR)
        if is_near and _evaluate_pair(
            feed, ids, weights, mine, says, stated, table, resume.topics, gap, points[count]
        ):
            found[count] = slot
            count += 1
        mine[:] = 0
        says[:] = 0
    return end, count


@compiled
def _spread(resume: Any, words: Any, weights: Any, local: Any, mine: Any, says: Any) -> None:
    """Write a resume's weights, and what it says, where a feed's numbers point.

    All words that the feed does not name go to row 0, which it does not read.
    """
    at = resume.block
    for item in range(at, at + resume.titled):
        mine[local[words[item]], TITLED] = weights[item] + 1
    at += resume.titled
    for item in range(at, at + resume.shown):
        mine[local[words[item]], SHOWN] = weights[item] + 1
    at += resume.shown
    for item in range(at, at + resume.title_words):
        mine[local[words[item]], TITLE_WORD] = weights[item]
    at += resume.title_words
    for item in range(at, at + resume.terms):
        mine[local[words[item]], TERM] = weights[item]
    at += resume.terms
    at = _say(words, at, resume.places, local, says, NEAR)
    at = _say(words, at, resume.home, local, says, HOME)
    at = _say(words, at, resume.domains, local, says, DOMAIN)
    _say(words, at, resume.classes, local, says, CLASS)


@compiled
def _say(words: Any, at: int, count: int, local: Any, says: Any, what: int) -> int:
    """Set a bit for each name of a section; returns where the block goes on."""
    for item in range(at, at + count):
        says[local[words[item]]] |= what
    return at + count


@compiled
def _stated(resume: Any) -> Stated:
    return Stated(
        _wide(resume.salary_low),
        _wide(resume.salary_high),
        resume.salary_is_open,
        resume.places > 0,
        resume.home > 0,
        _wide(resume.degree),
        _wide(resume.months),
        _wide(resume.level),
        resume.domains > 0,
        resume.classes > 0,
        _wide(resume.most_titled),
        _wide(resume.all_shown),
        resume.titled == 0 and resume.title_words == 0,
    )


@compiled
def _evaluate_pair(
    feed: Any,
    ids: Any,
    weights: Any,
    mine: Any,
    says: Any,
    stated: Stated,
    table: int,
    topics: Any,
    gap: int,
    out: Any,
) -> bool:
    """Work out the points of one pair, as `breakdown` does, into `out`; false where it is no match."""
    title, shown, nearest, at = _nearness(feed, ids, weights, mine, feed.block)
    other = other_work(stated.titled, title)
    by_title, role = role_of(title, shown, nearest, other, stated.is_silent)
    text_points = _wide(feed.text_points)
    by_titles, by_duties = role_points(text_points, by_title, role)
    bearing = bearing_of(role)
    skills, at = _skills(feed, ids, weights, mine, at, text_points, bearing, out)
    total, at = _words(feed, ids, weights, mine, at)
    words = word_points(text_points, bearing, total)
    text = by_titles + by_duties + skills + words
    like = likeness(feed.table, feed.topics, table, topics)
    similar = similar_points(text_points, text, like, feed.known)
    text += similar
    if text < MIN_POINTS:
        return False
    wishes = wish_points(text, bearing, gap, _asked(feed), stated, _shared(feed, ids, at, says))
    whole = text
    for number in range(len(wishes)):
        out.wishes[number] = wishes[number]
        whole += wishes[number]
    out.title, out.duties, out.words, out.near_title = by_titles, by_duties, words, title
    is_unread = feed.clear and not feed.known
    if feed.table == 0 or feed.table != table or (like == 0 and is_nowhere(topics)):
        like = UNSAID
    others = other, other_work(stated.shown, shown)
    out.similar = similar
    below = ranks_below(_wide(feed.level_low), stated.level)
    logit = fit_logit(Evidence(whole, nearest, others[0], others[1], is_unread, like, below))
    out.logit, out.total = logit, score_of(whole, logit - _wide(feed.cut))
    return bool(whole >= MIN_POINTS)


@compiled
def _gap(feed: Any, stated: Stated) -> Any:
    """As `salary_gap`; `UNSAID` where either side is open."""
    if feed.salary_is_open or stated.salary_is_open:
        return UNSAID
    return salary_gap(_wide(feed.salary_low), _wide(feed.salary_high), stated.salary_low, stated.salary_high)


@compiled
def _asked(feed: Any) -> Asked:
    return Asked(
        feed.places > 0,
        _wide(feed.degree),
        _wide(feed.months_low),
        _wide(feed.months_high),
        _wide(feed.level_low),
        _wide(feed.level_high),
        feed.domains > 0,
        feed.preferences > 0,
    )


@compiled
def _shared(feed: Any, ids: Any, places: int, says: Any) -> Shared:
    """What both name, of the sections of a block from its places on.

    Both loops have left out the pairs that state places and share none.
    """
    domains = places + feed.places
    preferences = domains + feed.domains
    return Shared(
        True,
        _says(ids, places, feed.places, says, HOME),
        _says(ids, domains, feed.domains, says, DOMAIN),
        _says(ids, preferences, feed.preferences, says, CLASS),
    )


@compiled
def _nearness(feed: Any, ids: Any, weights: Any, mine: Any, at: int) -> Any:
    """As `breakdown.nearness`; the last is where the block goes on."""
    title: Any = _wide(0)
    shown: Any = _wide(0)
    nearest: Any = _wide(0)
    words: Any = _wide(0)
    for item in range(at, at + feed.reach):
        word, near = ids[item], _wide(weights[item])
        titled, seen = _wide(mine[word, TITLED]), _wide(mine[word, SHOWN])
        if titled:
            nearest = max(nearest, near)
            title = max(title, near * (titled - 1))
        if seen:
            nearest = max(nearest, near)
            shown += near * (seen - 1)
    at += feed.reach
    for item in range(at, at + feed.title_words):
        words += _wide(weights[item]) * _wide(mine[ids[item], TITLE_WORD])
    words //= 100
    return (
        title_nearness(title // 100, words, feed.known),
        shown // 100,
        max(nearest, words),
        at + feed.title_words,
    )


@compiled
def _skills(
    feed: Any, ids: Any, weights: Any, mine: Any, at: int, text_points: int, bearing: int, out: Any
) -> Any:
    """The points of each keyword, into `out`; returns their sum, and where the block goes on."""
    total: Any = _wide(0)
    for keyword in range(feed.keywords):
        strength: Any = _wide(100)
        end = at + 2 + ids[at]
        for item in range(at + 2, end):
            strength = min(strength, _wide(mine[ids[item], TERM]))
        gain = _wide(weights[at]) * strength // 100
        out.skills[keyword] = gain
        total += gain
        at = end
    if not total:
        return total, at
    earned = skill_points(text_points, bearing, total)
    upto: Any = _wide(0)
    before: Any = _wide(0)
    for keyword in range(feed.keywords):
        upto += out.skills[keyword]
        out.skills[keyword] = share_upto(earned, upto, total) - before
        before += out.skills[keyword]
    return earned, at


@compiled
def _words(feed: Any, ids: Any, weights: Any, mine: Any, at: int) -> Any:
    """The share of the description's other words that the resume has, and where the block goes on."""
    total: Any = _wide(0)
    end = at + feed.words
    for item in range(at, end):
        mine_of: Any = _wide(mine[ids[item], TERM])
        total += _wide(weights[item]) * min(mine_of, 100)
    return total // 100, end


@compiled
def _says(ids: Any, start: int, count: int, says: Any, what: int) -> bool:
    """Whether the resume says a thing of one of a block's names."""
    for position in range(start, start + count):  # noqa: SIM110 - a generator is not compiled
        if says[ids[position]] & what:
            return True
    return False
