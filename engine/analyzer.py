"""Feeds and resumes to what can be scored.

Pure and deterministic: the same lexicon and the same text give the same query and the same profile in
every process, so that scoring as resumes come equals scoring them all afterwards::

    analyzer = Analyzer.from_data(data)
    score(analyzer.feed(FeedSpec(title="Java开发")), analyzer.resume(body))
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Protocol

from engine.extend import extend
from engine.feed_analysis import query_of
from engine.feedspec import FeedSpec
from engine.lexicon import Lexicon, LexiconData
from engine.parts import Parts
from engine.places import City, Places
from engine.profile import ResumeProfile
from engine.query import FeedQuery
from engine.relations import NOTHING_LEARNED, Relations
from engine.resume_analysis import profile_of
from engine.tags import SchoolRow

PURE = (
    "analyzer career domains evidence experience extend feed_analysis feedspec idf index lexicon occupations "
    "parts places points profile query reading relations resume_analysis salary score tags tally text titles "
    "tokens"
)
"""The modules whose rules decide a result."""


class RulesData(LexiconData, Protocol):
    """What `config` loads."""

    @property
    def cities(self) -> Iterable[City]:
        """Places."""

    @property
    def domains(self) -> Mapping[str, Iterable[str]]:
        """Name of a domain -> words of its industry."""

    @property
    def schools(self) -> Iterable[SchoolRow]:
        """Universities with a class."""


class Analyzer:
    """Turns feeds into queries and resumes into profiles. Safe to share between threads.

    Attributes:
        relations: What was learned of how terms relate; it shapes queries alone.
        version: Changes whenever the data or the rules do, and with them possibly a result.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        places: Places,
        domains: Mapping[str, Iterable[str]] | None = None,
        schools: Iterable[SchoolRow] = (),
    ) -> None:
        self.relations = NOTHING_LEARNED
        self._parts = Parts(lexicon, places, domains or {}, tuple(schools))
        revisions = (
            lexicon.revision,
            places.revision,
            self._parts.domains.revision,
            self._parts.schools.revision,
            version("rjieba"),
            version("jieba"),
        )
        digest = hashlib.sha256(" ".join(revisions).encode())
        for module in PURE.split():
            digest.update(files("engine").joinpath(module + ".py").read_bytes())
        self.version = digest.hexdigest()[:16]

    @classmethod
    def from_data(cls, data: RulesData) -> Analyzer:
        """The analyzer of loaded rows; takes about a second."""
        return cls(Lexicon.from_data(data), Places(data.cities), data.domains, data.schools)

    def adopt(self, relations: Relations) -> None:
        """Make the queries from now on with these relations."""
        self.relations = relations

    def feed(self, spec: FeedSpec, relations: Relations | None = None) -> FeedQuery:
        """The query of a feed. Any text will do; a feed without a usable word matches nobody.

        Args:
            spec: The feed.
            relations: None for those adopted last.
        """
        query = query_of(self._parts, spec)
        return extend(query, self.relations if relations is None else relations, self._parts.lexicon.shown)

    def idf(self, word: str) -> float:
        """How telling a normalised word is, 0..11."""
        return self._parts.lexicon.idf(word)

    def resume(self, body: Mapping[str, Any]) -> ResumeProfile:
        """The profile of a resume record. Never raises: what cannot be read is unknown.

        About 0.5 ms for an ordinary resume, and at most 10,000 characters of any are looked at.
        """
        return profile_of(self._parts, body)
