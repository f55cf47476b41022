"""Feeds and resumes to what can be scored.

Pure and deterministic: the same lexicon and the same text give the same query and the same profile in
every process, so that scoring as resumes come equals scoring them all afterwards::

    analyzer = Analyzer.from_data(data)
    score(analyzer.feed(FeedSpec(title="Java开发")), analyzer.resume(body))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any, Protocol

from engine.matching.analysis.feed import query_of
from engine.matching.analysis.readers import TextReaders
from engine.matching.analysis.related import extend
from engine.matching.analysis.resume import profile_of
from engine.matching.feed_query import FeedQuery
from engine.matching.feed_spec import FeedSpec
from engine.matching.lexicon.lexicon import Lexicon, LexiconData
from engine.matching.lexicon.places import City, Places
from engine.matching.lexicon.schools import SchoolRow
from engine.matching.relations import NOTHING_LEARNED, Relations
from engine.matching.resume_profile import ResumeProfile
from engine.matching.version import rules_version


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
        self._readers = TextReaders(lexicon, places, domains or {}, tuple(schools))
        revisions = (
            lexicon.revision,
            places.revision,
            self._readers.domains.revision,
            self._readers.schools.revision,
            version("rjieba"),
            version("jieba"),
        )
        self.version = rules_version(revisions)

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
        query = query_of(self._readers, spec)
        return extend(query, self.relations if relations is None else relations, self._readers.lexicon.shown)

    def idf(self, word: str) -> float:
        """How telling a normalised word is, 0..11."""
        return self._readers.lexicon.idf(word)

    def resume(self, body: Mapping[str, Any]) -> ResumeProfile:
        """The profile of a resume record. Never raises: what cannot be read is unknown.

        About 0.5 ms for an ordinary resume, and at most 10,000 characters of any are looked at.
        """
        return profile_of(self._readers, body)
