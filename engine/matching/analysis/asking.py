"""Which occupations a feed asks for: those that were chosen, else those that its title names, else a guess.

    asked = asked_by(readers, said_by(readers, spec))
    asked.occupations  # {"前端开发工程师": 1.0, "web开发工程师": 0.42}

The query is made of this, and this is what a recruiter is told was understood (`understood_from`). So both
always say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from engine.matching.analysis.career import OPEN_TITLE
from engine.matching.analysis.readers import TextReaders
from engine.matching.analysis.reading import Reading
from engine.matching.feed_query import MAX_NAMED
from engine.matching.feed_spec import FeedSpec
from engine.matching.lexicon.occupations import OccupationScores
from engine.matching.lexicon.titles import FOLLOWED, TitleReading, without_denied
from engine.matching.text.normalise import normalise
from engine.matching.understood import MAX_CHOSEN, Occupation, Understood

MAX_FEED_CHARS = 6_000
"""Characters of description and requirements together that are analysed."""
MAX_TITLE_CHARS = 200
"""Characters of the title in which skills are looked for."""
MAX_KEYWORD_CHARS = 60
"""Characters of one keyword that are read; the form allows 50."""

NAMED, LISTED, DESCRIBED = 2.0, 1.2, 0.7
"""Weight of a word as a sign of the occupation: in the title, among the keywords, in the description.

A keyword is what the recruiter picked out of the description, so it says more.
"""
FEED_NEAR = 0.3
"""Relation to what is asked for at or above which an occupation opens the gate of the feed.

It lies between `GENERAL` and `SAME_FAMILY`: whoever does other work of the family is a candidate, whoever is
related only by a general title is not.
"""
SPECIAL = 0.5
"""Share of the description at or above which it says which occupation an open title means.

A second one is meant too where its share is at least this part of the first one's.
"""
BORNE_OUT = 0.8
"""Share of the text at or above which an open title means the very occupation that it names (`销售经理`)."""
SOUGHT = 3.0
"""Score, in signs, of an occupation that the description names as the person sought."""
BESIDE = 0.5
"""Weight of a related occupation that the description is about, beside the one that the title names."""
CONTRADICTED = 0.9
"""Share of an unrelated occupation in the text at or above which a title that the text does not bear out is
doubted.

Titles are mostly right even then, so the query follows the title. Below, asking would be a false alarm in
nineteen of twenty cases.
"""
GUESSED, CHOSEN = "理解为", "选定"
"""What reasons call an occupation that was guessed, and one that the recruiter chose."""
MAX_OTHERS = 4
"""Occupations that are named beside those asked for, where a recruiter is asked."""
MEANINGS = 2
"""Occupations that reasons show as what a title was taken to mean, at most."""
MEANT_TOO = 0.8
"""Weight, as a part of the best one's, at or above which a second occupation is shown as meant too."""


class Said(NamedTuple):
    """What a feed says, as read.

    Attributes:
        title: The title.
        text: Requirements and description, normalised.
        named: The words of a title that is not vague.
        listed: Those of the keywords.
        described: Those of the text.
        chosen: The occupations that were chosen, as stored.
    """

    title: TitleReading
    text: str
    named: Reading
    listed: Reading
    described: Reading
    chosen: tuple[str, ...]


class Asked(NamedTuple):
    """What a feed asks for.

    Attributes:
        occupations: Occupation -> weight, 0..1.
        known: Whether they are certain: named by the title, or chosen.
        ask: See `Understood`.
        source: Where they come from, if the title alone does not say them: `GUESSED` or `CHOSEN`.
        others: Occupations that are not asked for, but may be meant, the likeliest first.
    """

    occupations: dict[str, float]
    known: bool
    ask: bool
    source: str = ""
    others: tuple[str, ...] = ()


def said_by(readers: TextReaders, spec: FeedSpec) -> Said:
    """Read the texts of a feed."""
    read = readers.reader.read
    title = readers.titles.read(spec.title)
    keywords = "\n".join(keyword[:MAX_KEYWORD_CHARS] for keyword in spec.keywords[:MAX_NAMED])
    text = normalise(f"{spec.skill_required}\n{spec.job_desc}", MAX_FEED_CHARS)
    return Said(
        title=title,
        text=text,
        named=read(
            "" if title.vague else without_denied(normalise(spec.title, MAX_TITLE_CHARS)), lists=False
        ),
        listed=read(normalise(keywords), lists=False),
        described=read(text, lists=False),
        chosen=spec.occupations[:MAX_CHOSEN],
    )


def asked_by(readers: TextReaders, said: Said) -> Asked:
    """The occupations that a feed asks for. Those that were chosen are asked for alone, and alike."""
    chosen = dict.fromkeys(_chosen(readers, said.chosen), 1.0)
    if chosen:
        is_said = chosen.keys() == said.title.occupations.keys()
        return Asked(chosen, known=True, ask=False, source="" if is_said else CHOSEN)
    scores = readers.occupations.scores(_signs(readers, said))
    asked = _of_title(readers, said, scores) if said.title.occupations else _guess(readers, said, scores)
    # What was chosen is gone from the lexicon.
    return asked._replace(ask=True) if said.chosen else asked


def _guess(readers: TextReaders, said: Said, scores: OccupationScores) -> Asked:
    """What a feed asks for whose title names no occupation."""
    for name in readers.titles.sought(said.text):
        scores[readers.occupations.number[name]] += SOUGHT
    guess = readers.occupations.asked(scores)
    return Asked(guess, known=False, ask=bool(guess or said.title.text), source=GUESSED if guess else "")


def understood_from(readers: TextReaders, asked: Asked) -> Understood:
    """What a recruiter is told of it: weights in thousandths of their sum, ties by name; of others 0."""
    ranked = sorted(asked.occupations.items(), key=lambda item: (-item[1], item[0]))
    total = sum(asked.occupations.values())
    parts = [round(1000 * weight / total) for _, weight in ranked]
    if parts:
        parts[0] += 1000 - sum(parts)  # what rounding has left over or taken
    weights = dict(zip([name for name, _ in ranked], parts, strict=True))
    for name in asked.others[: MAX_OTHERS if asked.ask else 0]:
        weights.setdefault(name, 0)
    names = readers.names
    told = ((Occupation(name, names.shown(name)), part / 1000) for name, part in weights.items())
    return Understood(tuple(told), asked.ask)


def meaning(readers: TextReaders, asked: Asked) -> str:
    """What reasons say that a title means, behind the title itself; empty where the title says it."""
    weights = asked.occupations
    best = sorted(weights, key=lambda name: (-weights[name], name))[:MEANINGS]
    shown = [readers.names.shown(name) for name in best if weights[name] >= MEANT_TOO * weights[best[0]]]
    return f"（{asked.source}：{'、'.join(shown)}）" if asked.source else ""


def _chosen(readers: TextReaders, ids: Iterable[str]) -> list[str]:
    """Chosen occupations. One that the lexicon has no more is read as a title, which may say enough."""
    found: dict[str, None] = {}
    for id_ in ids:
        name = readers.names.find(id_)
        found.update(dict.fromkeys([name] if name else readers.titles.read(id_).occupations))
    return list(found)


def _signs(readers: TextReaders, said: Said, *, has_title: bool = True) -> dict[str, float]:
    """Word -> its weight as a sign of the occupation."""
    words = dict.fromkeys(said.described.terms, DESCRIBED)
    words.update(dict.fromkeys(said.listed.terms, LISTED))
    if has_title:
        words.update(dict.fromkeys(said.named.terms, NAMED))
    # A resume that names a special skill states the general one too, see `counting`; so what shows its
    # occupation shows that of a feed.
    general = readers.lexicon.general
    for term, weight in [*words.items()]:
        if term in general:
            words[general[term]] = max(words.get(general[term], 0.0), weight)
    return words


def _of_title(readers: TextReaders, said: Said, scores: OccupationScores) -> Asked:
    """What a title asks for that names occupations, with what the text says of them."""
    occupations, title = readers.occupations, said.title.occupations
    shown = occupations.asked(scores)
    asked = dict(title)
    # The text alone, since a title says nothing of what it leaves open.
    told = occupations.scores(_signs(readers, said, has_title=False))
    others = list(occupations.asked(told))
    is_guessed, is_left_open = False, False
    for name in filter(occupations.is_open, title):
        meant = occupations.meant(name, scores)
        best = max(meant.values(), default=0.0)
        for one, part in meant.items():
            if best >= SPECIAL and part >= SPECIAL * best:
                asked[one] = max(asked.get(one, 0.0), round(part / best, 3))
                asked[name] = OPEN_TITLE * title[name]
                is_guessed = is_guessed or one not in title
        others[:0] = occupations.meant(name, told)
        is_borne_out = occupations.shown(told).get(name, 0.0) >= BORNE_OUT
        is_left_open = is_left_open or not (best >= SPECIAL or is_borne_out)
    # A title that trades share means the work that the text tells of; the others have it by half.
    if elsewhere := occupations.meant_elsewhere(said.title.text, told):
        best = max(elsewhere.values())
        asked = {name: OPEN_TITLE * weight for name, weight in asked.items()}
        asked |= {name: round(part / best, 3) for name, part in elsewhere.items() if part >= SPECIAL * best}
        others[:0], is_guessed = elsewhere, True
    for name, weight in shown.items():
        if name not in asked and _near(readers, title, name) >= FEED_NEAR:
            asked[name] = BESIDE * weight
    is_doubtful = asked.keys().isdisjoint(others) and _is_doubtful(readers, title, told)
    ask = is_guessed or is_left_open or is_doubtful
    source = GUESSED if is_guessed else ""
    return Asked(asked, known=True, ask=ask, source=source, others=tuple(others))


def _is_doubtful(readers: TextReaders, title: Mapping[str, float], told: OccupationScores) -> bool:
    """Whether a title that the text does not bear out was read with reserve, or the text contradicts it."""
    if max(title.values()) == FOLLOWED:
        return True
    return max(readers.occupations.shown(told).values(), default=0.0) >= CONTRADICTED


def _near(readers: TextReaders, title: Mapping[str, float], name: str) -> float:
    """How near an occupation is to those that a title names."""
    related = readers.occupations.related
    return max(related[other].get(name, 0.0) for other in title)
