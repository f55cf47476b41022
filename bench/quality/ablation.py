"""What each part of the matching is worth: nDCG@10 with one part switched off at a time.

    python -m bench.quality.ablation

The engine has no switches for this. A part is taken out by replacing its data, or its constant, in this
process alone. A constant that no longer exists is an error, and a test looks for all of them, so that no
line of the table measures nothing.

Compiled code holds its constants for good. Parts that replace one of these are measured by a second process
that runs the same code as Python. It takes what the first has analysed, but where a part changes the
analysis itself; so the whole takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import pkgutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from bench.quality.data import DATA, Judged, missing, read, spec_of
from bench.quality.measures import mean, measure_all
from config.data import LexiconData, load_lexicon
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feed_query import FeedQuery
from engine.matching.lexicon.lexicon import Lexicon
from engine.matching.lexicon.occupation_relations import GENERAL, SAME_FAMILY
from engine.matching.lexicon.places import Places
from engine.matching.lexicon.salary import OPEN
from engine.matching.lexicon.titles import TitleReader
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.breakdown import breakdown_of, nearness
from engine.matching.score.rules import FULL
from engine.matching.text.idf import Idf

NEVER = "\ue000"
"""A phrase that no text holds."""
ANY = "*"
Queries = dict[str, FeedQuery]
Profiles = dict[str, ResumeProfile]


class Part(NamedTuple):
    """One part of the matching, and how it is taken out.

    Attributes:
        name: As it is printed.
        constants: Dotted path of a constant or function -> what replaces it.
        data: Changes the rows of the lexicon.
        query, profile: Changes an analysed feed or resume.
        idf: A table that replaces jieba's.
    """

    name: str
    constants: Mapping[str, Any] = MappingProxyType({})
    data: Callable[[LexiconData], LexiconData] = lambda data: data
    query: Callable[[FeedQuery], FeedQuery] = lambda query: query
    profile: Callable[[ResumeProfile], ResumeProfile] = lambda profile: profile
    idf: Idf | None = None


def _changed(**fields: Any) -> Callable[[Any], Any]:
    return lambda one: msgspec.structs.replace(one, **fields)


def _without(*kinds: str) -> dict[str, Any]:
    """The built-in cues, those of some kinds replaced by one that never occurs; see also `_cueless`."""
    from engine.matching.lexicon.lexicon import CUES

    return {
        "engine.matching.lexicon.lexicon.CUES": {
            kind: NEVER if kind in kinds else cues for kind, cues in CUES.items()
        }
    }


def _cueless(*kinds: str) -> Callable[[LexiconData], LexiconData]:
    """Drops the cues of some kinds from the lexicon's rows."""
    return lambda data: replace(data, negations=tuple(row for row in data.negations if row[0] not in kinds))


def _first_hit(self: TitleReader, text: str, joints: frozenset[int]) -> list[tuple[int, int, str]]:
    return _HITS(self, text, joints)[:1]


def _uncapped(query: FeedQuery, profile: ResumeProfile) -> tuple[int, int, int]:
    return (*_NEARNESS(query, profile)[:2], FULL)


_HITS, _NEARNESS = TitleReader._hits, nearness


def _bare(data: LexiconData) -> LexiconData:
    return replace(
        data, cities=tuple(replace(city, aliases=(), districts=(), shared=()) for city in data.cities)
    )


def _signless(data: LexiconData) -> LexiconData:
    return replace(data, titles=tuple(replace(title, signs=()) for title in data.titles))


def _unguarded(data: LexiconData) -> LexiconData:
    return replace(data, skills=tuple(replace(skill, guarded=()) for skill in data.skills))


def _no_aliases(data: LexiconData) -> LexiconData:
    return replace(data, skills=tuple(replace(skill, aliases=(), guarded=()) for skill in data.skills))


def _no_kinds(data: LexiconData) -> LexiconData:
    return replace(data, skills=tuple(replace(skill, kinds=(), guarded=()) for skill in data.skills))


def _nothing_beside(data: LexiconData) -> LexiconData:
    return replace(data, skills=tuple(replace(skill, beside=()) for skill in data.skills))


def _itself(query: FeedQuery) -> FeedQuery:
    return msgspec.structs.replace(
        query, reach={name: near for name, near in query.reach.items() if near == FULL}
    )


DENY, WEAKEN = ("deny_before", "deny_after", "lack", "unneeded"), ("weaken_before", "weaken_after")
OTHERS = ("others", "others_before")

PARTS = (
    Part("lexicon of occupations", data=lambda data: replace(data, titles=())),
    Part("signs of occupations", data=_signless),
    Part("lexicon of skills", data=lambda data: replace(data, skills=())),
    Part("aliases of skills", data=_no_aliases),
    Part("kinds of skills", data=_no_kinds),
    Part("signs that go along with a skill", data=_nothing_beside),
    Part("ordinary words as skills need company", data=_unguarded),
    Part("list of vague titles", data=lambda data: replace(data, vague_titles=())),
    Part("head noun of a title", {"engine.matching.lexicon.titles.TitleReader._hits": _first_hit}),
    Part("open titles", {"engine.matching.lexicon.occupations.OPEN_LIKE": 10**9}),
    Part("title words of unknown titles", query=_changed(title_words={})),
    Part("titles in the role", {"engine.matching.score.rules.TITLE_TRUST": 0}),
    Part("duties in the role", {"engine.matching.score.rules.SHOWN_TRUST": 0}),
    Part("titles of other work", {"engine.matching.score.rules.TITLE_DOUBT": 0}),
    Part(
        "what the duties show never passes the nearest",
        {"engine.matching.score.breakdown.nearness": _uncapped},
    ),
    Part("wishes must be lived", {"engine.matching.analysis.career.UNLIVED": 1.0}),
    Part("gate", query=_changed(gate_terms=frozenset({ANY})), profile=_changed(key_terms=(ANY,))),
    Part("related occupations", query=_itself),
    Part(
        "relation by family",
        {
            "engine.matching.lexicon.occupation_relations.SAME_FAMILY": 0.0,
            "engine.matching.lexicon.occupation_relations.KIND": GENERAL,
        },
    ),
    Part(
        "relation of general and special",
        {
            "engine.matching.lexicon.occupation_relations.GENERAL": 0.0,
            "engine.matching.lexicon.occupation_relations.KIND": SAME_FAMILY,
        },
    ),
    Part("keywords and skills", {"engine.matching.score.rules.SKILL": 0}),
    Part("other words of the description", {"engine.matching.score.rules.WORD": 0}),
    Part("skills count by the role", {"engine.matching.score.rules.BEARING": FULL}),
    Part(
        "saturation",
        {"engine.matching.score.rules.HALF_SKILLS": 10**6, "engine.matching.score.rules.HALF_WORDS": 10**6},
    ),
    Part("inverse document frequency", idf=Idf(defaultdict(lambda: 6.0))),
    Part("negation", _without(*DENY), _cueless(*DENY)),
    Part("weak claims", _without(*WEAKEN), _cueless(*WEAKEN)),
    Part("colleagues' work", _without(*OTHERS), _cueless(*OTHERS)),
    Part(
        "padded lists",
        {
            "engine.matching.analysis.stretches.SHORT_LIST": 1.0,
            "engine.matching.analysis.stretches.LONG_LIST": 1.0,
        },
    ),
    Part(
        "recency",
        {
            "engine.matching.analysis.career.RECENCY": (1.0,),
            "engine.matching.analysis.gathering.TERM_RECENCY": (1.0,),
        },
    ),
    Part("duties before self-evaluation", {"engine.matching.analysis.gathering.SELF": 1.0}),
    Part("city", query=_changed(places=frozenset())),
    Part("names and districts of cities", data=_bare),
    Part("salary", query=_changed(salary=OPEN)),
    Part("level", query=_changed(level=None)),
    Part("years", query=_changed(months=None)),
    Part("degree", query=_changed(degree=0)),
    Part("agreement as points", {"engine.matching.score.rules.GAINS": (0,) * 7}),
)


SCORE = "engine.matching.score."
COMPILED = (SCORE + "rules.", "engine.matching.analysis.stretches.", "engine.matching.analysis.gathering.")
"""Modules whose constants compiled code holds."""
WHOLE = Part("nothing: the whole")
Row = tuple[float, float]
"""nDCG@10 and recall@50."""


def is_compiled(part: Part) -> bool:
    """Whether compiled code holds a constant that a part replaces."""
    return any(path.startswith(COMPILED) for path in part.constants)


def analyses(part: Part) -> bool:
    """Whether a part changes how texts are read; else it only changes how pairs are scored."""
    is_read = part.data is not WHOLE.data or part.idf is not None
    return is_read or not all(path.startswith(SCORE) for path in part.constants)


class Read(NamedTuple):
    """Feeds and resumes, as analysed."""

    queries: Queries
    profiles: Profiles


def read_without(judged: Judged, part: Part) -> Read:
    """All feeds and resumes as they are read without a part."""
    data = part.data(load_lexicon())
    places = Places(data.cities, data.regions, data.abroad)
    analyzer = Analyzer(Lexicon.from_data(data, part.idf), places, data.domains, data.schools)
    return Read(
        {feed["feed_key"]: analyzer.feed(spec_of(feed["submit"])) for feed in judged.feeds},
        {resume["source_id"]: analyzer.resume(resume) for resume in judged.resumes},
    )


def rankings(judged: Judged, part: Part, whole: Read) -> dict[str, list[str]]:
    """Every feed's list without a part. All pairs are scored one by one, without an index."""
    with _patched(part.constants):
        read = read_without(judged, part) if analyses(part) else whole
        queries = {key: part.query(query) for key, query in read.queries.items()}
        found: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for resume, profile in read.profiles.items():
            changed = part.profile(profile)
            for feed, query in queries.items():
                breakdown = breakdown_of(query, changed)
                if breakdown is not None:
                    found[feed].append((-breakdown.total, resume))
    return {feed_key: [one for _, one in sorted(items)] for feed_key, items in found.items()}


def measured(judged: Judged, parts: Sequence[Part], whole: Read) -> dict[str, Row]:
    """The figures without each of some parts, by name."""
    rows = {}
    for part in parts:
        found = list(measure_all(judged, rankings(judged, part, whole)).values())
        rows[part.name] = mean(found), mean(found, "R@50")
        print(part.name, *rows[part.name], file=sys.stderr, flush=True)
    return rows


def _measured_uncompiled(data: Path, whole: Read) -> dict[str, Row]:
    """The figures of the parts that compiled code holds, by a process that compiles nothing."""
    with tempfile.NamedTemporaryFile() as file:
        pickle.dump(whole, file)
        file.flush()
        command = [sys.executable, "-m", "bench.quality.ablation", "--data", str(data), "--whole", file.name]
        environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)  # noqa: S603
    rows: dict[str, Row] = json.loads(done.stdout)
    return rows


@contextmanager
def _patched(constants: Mapping[str, Any]) -> Iterator[None]:
    """Replace the attributes with these dotted paths while the context is open.

    Raises:
        AttributeError: One of them does not exist.
    """
    before = []
    for path, value in constants.items():
        owner, name = find_attribute(path)
        before.append((owner, name, getattr(owner, name)))
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


def find_attribute(path: str) -> tuple[Any, str]:
    """The module or class that an attribute belongs to, and the attribute's name.

    Raises:
        ImportError: There is no such module.
        AttributeError: There is no such class in it.
    """
    owner, _, name = path.rpartition(".")
    return pkgutil.resolve_name(owner), name


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; 0 also when there is nothing to measure."""
    parser = argparse.ArgumentParser(prog="bench.quality.ablation")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--whole", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    lacking = missing(options.data)
    if lacking:
        print(f"no judgements to measure with: {options.data} lacks {', '.join(lacking)}")
        return 0
    judged = read(options.data)
    held = [part for part in PARTS if is_compiled(part)]
    if options.whole:
        whole = pickle.loads(options.whole.read_bytes())  # noqa: S301 - of our own parent
        print(json.dumps(measured(judged, held, whole)))
        return 0
    whole = read_without(judged, WHOLE)
    rows = measured(judged, [WHOLE, *(part for part in PARTS if part not in held)], whole)
    rows |= _measured_uncompiled(options.data, whole)
    ndcg, recall = rows[WHOLE.name]
    print("| without | nDCG@10 | loss | loss of R@50 |")
    print("|---|---|---|---|")
    print(f"| {WHOLE.name} | {ndcg:.4f} | | |")
    for part in PARTS:
        mine, found = rows[part.name]
        print(f"| {part.name} | {mine:.4f} | {ndcg - mine:+.4f} | {recall - found:+.4f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
