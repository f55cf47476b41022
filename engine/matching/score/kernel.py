"""The two loops of matching, compiled: which feeds a resume can reach, and the points of each.

`points` is the definition; `evaluate` repeats it exactly over arrays, and a test holds the two together. All
numbers are 64 bits wide once they are loaded. Compiling takes seconds, once: the code is kept on disk.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.matching.compiled import compiled

# Where the numbers of a feed stand, from the beginning of its block.
TEXT_POINTS, FLAGS, SALARY_LOW, SALARY_HIGH, DEGREE = 0, 1, 2, 3, 4
MONTHS_LOW, MONTHS_HIGH, LEVEL_LOW, LEVEL_HIGH = 5, 6, 7, 8
REACH, TITLE_WORDS, KEYWORDS, WORDS, PLACES, DOMAINS, PREFERENCES, GATES = 9, 10, 11, 12, 13, 14, 15, 16
SIZE, SHOWN_TITLE = 17, 18
HEAD = 19
KNOWN, BY_HAND, CLEAR = 1, 2, 4
"""Flags: the occupations come from the title; the pair is scored by `points`; the title says something."""
NONE = -1

# A resume's weights of one word stand side by side; those of occupations are greater by one than they are,
# for one that is there with a weight of nothing is not the same as one that is not.
KINDS = 4
OF_TERM, OF_TITLE_WORD, OF_TITLED, OF_SHOWN = 0, 1, 2, 3

NEAR, HOME, DOMAIN, CLASS = 1, 2, 4, 8
"""What a resume says of a name: a place that it reaches, its home, its domain, a class of school."""

# What stands in a row of points.
TITLE, DUTIES, TEXT_WORDS, NEAR_TITLE, TOTAL, WISHES, SKILLS = 0, 1, 2, 3, 4, 5, 12
MAX_KEYWORDS = 24
ROW = SKILLS + MAX_KEYWORDS
UNKNOWN = -1
"""In the place of `TITLE`: this pair is scored by hand."""

# The rules, by their names in `points`. They are handed over in an array: compiled code that is kept on disk
# is made anew when this file changes, not when another does.
_NAMES = (
    "ROLE SKILL WORD TITLE_TRUST SHOWN_TRUST HALF_SKILLS HALF_WORDS BEARING MIN_POINTS HOME_GAIN AWAY "
    "SALARY_SOFT SALARY_APART DEGREE_BELOW DEGREE_STEP DEGREE_MOST YEAR_SHORT YEARS_MOST YEARS_OVER "
    "YEARS_OVER_FROM LEVEL_STEP LEVEL_MOST DOMAIN_OTHER PREFERENCE_OTHER"
)
RULES = tuple(_NAMES.split())
ROLE, SKILL, WORD, TITLE_TRUST, SHOWN_TRUST, HALF_SKILLS, HALF_WORDS, BEARING = range(8)
MIN_POINTS, HOME_GAIN, AWAY, SALARY_SOFT, SALARY_APART, DEGREE_BELOW, DEGREE_STEP, DEGREE_MOST = range(8, 16)
YEAR_SHORT, YEARS_MOST, YEARS_OVER, YEARS_OVER_FROM, LEVEL_STEP, LEVEL_MOST = range(16, 22)
DOMAIN_OTHER, PREFERENCE_OTHER, GAINS = range(22, 25)
FULL = 10_000
MAX_YUAN = 1_000_000


def rules_of(module: ModuleType) -> NDArray[np.int64]:
    """The rules of `points` as `evaluate` takes them."""
    return np.array([*(getattr(module, name) for name in RULES), *module.GAINS], np.int64)


@compiled
def gather(
    terms: Any,
    says: Any,
    anywhere: bool,
    first_list: Any,
    list_place: Any,
    list_head: Any,
    list_next: Any,
    entry_slot: Any,
    entry_next: Any,
    seen: Any,
    found: Any,
    count: int,
    most: int,
) -> tuple[int, int]:
    """Collect the feeds under some key terms that lie in places within reach, each once.

    Args:
        terms: Key terms, as numbers.
        says: By name, what the resume says of it.
        anywhere: Whether it reaches every place.
        first_list: By term, its first list.
        list_place: By list, its place.
        list_head: By list, its first entry.
        list_next: By list, the next list of its term.
        entry_slot: By entry, its feed.
        entry_next: By entry, the next of its list.
        seen: By feed, whether it was found before.
        found: Where feeds are written.
        count: How many stand there already.
        most: Entries after which no further term is begun.

    Returns:
        How many terms are done, and how many feeds stand there now.
    """
    done = visits = 0
    for term in terms:
        if visits >= most:
            break
        done += 1
        one = first_list[term]
        while one >= 0:
            if anywhere or says[list_place[one]] & NEAR:
                entry = list_head[one]
                while entry >= 0:
                    visits += 1
                    slot = entry_slot[entry]
                    # One beyond came while the search was under way.
                    if slot < len(seen) and not seen[slot]:
                        seen[slot] = 1
                        found[count] = slot
                        count += 1
                    entry = entry_next[entry]
            one = list_next[one]
    return done, count


@compiled
def evaluate(
    slots: Any,
    ids: Any,
    weights: Any,
    offset: Any,
    until: Any,
    changed: Any,
    mine: Any,
    says: Any,
    facts: Any,
    rules: Any,
    now: float,
    version: int,
    found: Any,
    rows: Any,
) -> int:
    """Work out the points of one resume and some feeds that it can reach.

    Args:
        slots: The feeds.
        ids: The numbers in the blocks of all feeds.
        weights: The weights in them.
        offset: By feed, where its block begins.
        until: By feed, when it ends to be scored.
        changed: By feed, at which version of the index it came.
        mine: The resume's weights, by `KINDS` times word plus kind.
        says: By name, what the resume says of it.
        facts: Salary low and high, months, degree, level, and whether it names places, a home, domains,
            classes.
        rules: See `rules_of`.
        now: Feeds that end to be scored before are left out.
        version: Feeds that came after are left out.
        found: Where the feeds that match are written.
        rows: Where their points are written.

    Returns:
        How many match, or are to be scored by hand.
    """
    losses = np.zeros(7, np.int64)
    count = 0
    for slot in slots:
        if until[slot] <= now or changed[slot] > version:
            continue
        at = offset[slot]
        row = rows[count]
        found[count] = slot
        if ids[at + FLAGS] & BY_HAND:
            row[TITLE] = UNKNOWN
            count += 1
            continue
        gap = _gap(ids, at, facts)
        if gap > rules[SALARY_SOFT]:
            continue
        title, shown, nearest = _nearness(ids, weights, at, mine)
        by_title = rules[TITLE_TRUST] * title // 100
        role = min(FULL - (FULL - by_title) * (FULL - rules[SHOWN_TRUST] * shown // 100) // FULL, nearest)
        whole = np.int64(ids[at + TEXT_POINTS])
        most = rules[ROLE] * whole // 100
        role_points = most * role // FULL
        bearing = rules[BEARING] + (FULL - rules[BEARING]) * role // FULL
        position = at + HEAD + ids[at + REACH] + ids[at + TITLE_WORDS]
        position, skills = _skills(
            ids, weights, at, position, mine, rules, rules[SKILL] * whole // 100 * bearing // FULL, row
        )
        words = _words(ids, weights, at, position, mine, rules, rules[WORD] * whole // 100 * bearing // FULL)
        text = role_points + skills + words
        if text < rules[MIN_POINTS]:
            continue
        _wishes(ids, at, position + ids[at + WORDS], says, facts, rules, gap, row, losses)
        left, total = text, text
        for wish in range(7):
            lost = left * losses[wish] // 1_000
            left -= lost
            row[WISHES + wish] = row[WISHES + wish] * bearing // FULL - lost
            total += row[WISHES + wish]
        if total < rules[MIN_POINTS]:
            continue
        row[TITLE] = min(most * by_title // FULL, role_points)
        row[DUTIES] = role_points - row[TITLE]
        row[TEXT_WORDS] = words
        row[NEAR_TITLE] = title
        row[TOTAL] = total
        count += 1
    return count


@compiled
def _is_open(low: Any, high: Any) -> Any:
    return low <= 0 and (high <= 0 or high >= MAX_YUAN)


@compiled
def _gap(ids: Any, at: int, facts: Any) -> Any:
    """As `salary.apart`; `NONE` where either side is open."""
    low, high = np.int64(ids[at + SALARY_LOW]), np.int64(ids[at + SALARY_HIGH])
    other_low, other_high = facts[0], facts[1]
    if _is_open(low, high) or _is_open(other_low, other_high):
        return NONE
    if other_low < low or (other_low == low and other_high < high):
        low, high, other_low, other_high = other_low, other_high, low, high
    if other_low <= high:
        return 0
    return -(-1_000 * (other_low - high) // max(high, 1))


@compiled
def _nearness(ids: Any, weights: Any, at: int, mine: Any) -> Any:
    """As `points.nearness`."""
    title: Any = np.int64(0)
    shown: Any = np.int64(0)
    nearest: Any = np.int64(0)
    words: Any = np.int64(0)
    middle = at + HEAD + ids[at + REACH]
    for item in range(at + HEAD, middle):
        word = KINDS * np.int64(ids[item])
        titled, seen = np.int64(mine[word + OF_TITLED]), np.int64(mine[word + OF_SHOWN])
        near = np.int64(weights[item])
        if titled:
            nearest = max(nearest, near)
            title = max(title, near * (titled - 1))
        if seen:
            nearest = max(nearest, near)
            shown += near * (seen - 1)
    for item in range(middle, middle + ids[at + TITLE_WORDS]):
        words += np.int64(weights[item]) * np.int64(mine[KINDS * np.int64(ids[item]) + OF_TITLE_WORD])
    words //= 100
    title = max(title // 100, words // 2 if ids[at + FLAGS] & KNOWN else words)
    return title, shown // 100, max(nearest, words)


@compiled
def _skills(
    ids: Any, weights: Any, at: int, position: int, mine: Any, rules: Any, most: Any, row: Any
) -> Any:
    """As `points._skills`, into the row; returns where the block goes on, and the sum."""
    keywords = ids[at + KEYWORDS]
    total = np.int64(0)
    for keyword in range(SKILLS, SKILLS + keywords):
        strength: Any = np.int64(100)
        end = position + 2 + ids[position]
        for item in range(position + 2, end):
            strength = min(strength, np.int64(mine[KINDS * np.int64(ids[item]) + OF_TERM]))
        row[keyword] = np.int64(weights[position]) * strength // 100
        total += row[keyword]
        position = end
    if not total:
        return position, total
    earned = most * (FULL + rules[HALF_SKILLS]) * total // ((total + rules[HALF_SKILLS]) * FULL)
    upto = before = np.int64(0)
    for keyword in range(SKILLS, SKILLS + keywords):
        upto += row[keyword]
        row[keyword] = earned * upto // total - before
        before += row[keyword]
    return position, earned


@compiled
def _words(ids: Any, weights: Any, at: int, position: int, mine: Any, rules: Any, most: Any) -> Any:
    """As `points._words`."""
    total = np.int64(0)
    for item in range(position, position + ids[at + WORDS]):
        mine_of: Any = np.int64(mine[KINDS * np.int64(ids[item]) + OF_TERM])
        total += np.int64(weights[item]) * min(mine_of, 100)
    total //= 100
    return most * (FULL + rules[HALF_WORDS]) * total // ((total + rules[HALF_WORDS]) * FULL)


@compiled
def _wishes(
    ids: Any, at: int, position: int, says: Any, facts: Any, rules: Any, gap: int, row: Any, losses: Any
) -> None:
    """As the verdicts of `points._wishes`: gains go to the row, losses to `losses`."""
    months, degree, level = facts[2], facts[3], facts[4]
    has_places, has_home, has_domains, has_classes = facts[5], facts[6], facts[7], facts[8]
    losses[:] = 0
    gains = row[WISHES : WISHES + 7]
    gains[:] = 0
    places, domains, preferences = ids[at + PLACES], ids[at + DOMAINS], ids[at + PREFERENCES]
    if places and has_places:
        gains[0] = rules[GAINS]
    elif places and has_home:
        if _shares(ids, position, places, says, HOME):
            gains[0] = rules[HOME_GAIN]
        else:
            losses[0] = rules[AWAY]
    if gap > 0:
        losses[1] = rules[SALARY_APART] + gap
    elif gap == 0:
        gains[1] = rules[GAINS + 1]
    if ids[at + DEGREE] and degree:
        short = ids[at + DEGREE] - degree
        if short > 0:
            losses[2] = min(rules[DEGREE_BELOW] + rules[DEGREE_STEP] * short, rules[DEGREE_MOST])
        else:
            gains[2] = rules[GAINS + 2]
    if ids[at + MONTHS_LOW] != NONE and months != NONE:
        if months < ids[at + MONTHS_LOW]:
            losses[3] = min(rules[YEAR_SHORT] * (ids[at + MONTHS_LOW] - months) // 12, rules[YEARS_MOST])
        elif months > ids[at + MONTHS_HIGH] + rules[YEARS_OVER_FROM]:
            losses[3] = rules[YEARS_OVER]
        else:
            gains[3] = rules[GAINS + 3]
    if ids[at + LEVEL_LOW] != NONE and level != NONE:
        off = max(ids[at + LEVEL_LOW] - level, level - ids[at + LEVEL_HIGH])
        if off > 0:
            losses[4] = min(rules[LEVEL_STEP] * off, rules[LEVEL_MOST])
        else:
            gains[4] = rules[GAINS + 4]
    position += places
    if domains and has_domains:
        if _shares(ids, position, domains, says, DOMAIN):
            gains[5] = rules[GAINS + 5]
        else:
            losses[5] = rules[DOMAIN_OTHER]
    position += domains
    if preferences and has_classes:
        if _shares(ids, position, preferences, says, CLASS):
            gains[6] = rules[GAINS + 6]
        else:
            losses[6] = rules[PREFERENCE_OTHER]


@compiled
def _shares(ids: Any, start: int, count: int, says: Any, what: int) -> Any:
    """Whether the resume says a thing of one of a block's names."""
    for position in range(start, start + count):  # noqa: SIM110 - a generator is not compiled
        if says[ids[position]] & what:
            return True
    return False


@compiled
def link(
    slot: int,
    gates: Any,
    places: Any,
    entry: int,
    first_list: Any,
    list_place: Any,
    list_head: Any,
    list_next: Any,
    lists: int,
    entry_slot: Any,
    entry_next: Any,
    entry_last: Any,
    entry_list: Any,
) -> int:
    """List a feed under every pair of a gate and a place, with entries from `entry` on; see `gather`.

    Returns:
        How many lists there are now.
    """
    for gate in gates:
        for place in places:
            one = first_list[gate]
            while one >= 0 and list_place[one] != place:
                one = list_next[one]
            if one < 0:
                one = lists
                lists += 1
                list_place[one], list_head[one], list_next[one] = place, NONE, first_list[gate]
                first_list[gate] = one
            head = list_head[one]
            entry_slot[entry], entry_list[entry] = slot, one
            entry_next[entry], entry_last[entry] = head, NONE
            if head >= 0:
                entry_last[head] = entry
            list_head[one] = entry
            entry += 1
    return lists


@compiled
def unlink(begin: int, end: int, list_head: Any, entry_next: Any, entry_last: Any, entry_list: Any) -> None:
    """Take a feed's entries off their lists."""
    for entry in range(begin, end):
        after, before = entry_next[entry], entry_last[entry]
        if after >= 0:
            entry_last[after] = before
        if before >= 0:
            entry_next[before] = after
        else:
            list_head[entry_list[entry]] = after
