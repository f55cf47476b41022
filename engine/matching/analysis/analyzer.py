"""The entrance of the analysis: a feed to its query, a resume to its profile.

    analyzer = Analyzer.from_data(load_lexicon())
    score(analyzer.feed(FeedSpec(title="Java开发")), analyzer.resume(body))

The same lexicon and the same text give the same query and the same profile in every process. That is why
scoring resumes one by one as they arrive gives the same lists as scoring all of them afterwards.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.metadata import version
from typing import Any

from engine.matching.analysis.asking import asked_by, said_by, understood_from
from engine.matching.analysis.feed import query_of
from engine.matching.analysis.readers import TextReaders
from engine.matching.analysis.related import extend
from engine.matching.analysis.resume import profile_of
from engine.matching.analysis.topical import placed
from engine.matching.feed_query import FeedQuery
from engine.matching.feed_spec import FeedSpec
from engine.matching.learned.relations import NOTHING_LEARNED, Relations
from engine.matching.learned.revision import revision_of
from engine.matching.learned.topics import NO_TOPICS, Topics
from engine.matching.lexicon.credentials import Credentials
from engine.matching.lexicon.lexicon import Lexicon
from engine.matching.lexicon.places import Places
from engine.matching.lexicon.rows import CredentialRow, LexiconData, SchoolRow
from engine.matching.lexicon.titles import TitleReading
from engine.matching.resume_profile import ResumeProfile
from engine.matching.understood import Occupation, Understood
from engine.matching.version import rules_version


class Analyzer:
    """Turns feeds into queries and resumes into profiles. Threads may share it.

    Attributes:
        places: The table of places.
        relations: Learned relations between terms. They shape queries alone, never profiles.
        topics: Learned topics. They place queries; resumes are placed when they are matched.
        version: Changes whenever the rules or their data do, because a result may change with them.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        places: Places,
        domains: Mapping[str, Iterable[str]] | None = None,
        schools: Iterable[SchoolRow] = (),
        credentials: Iterable[CredentialRow] = (),
    ) -> None:
        self.places = places
        self.relations = NOTHING_LEARNED
        self.topics = NO_TOPICS
        self._readers = TextReaders(lexicon, places, domains or {}, tuple(schools), tuple(credentials))
        # The libraries cut text and say how rare words are, so another version of them may change results.
        revisions = (
            lexicon.revision,
            places.revision,
            self._readers.domains.revision,
            self._readers.schools.revision,
            self._readers.credentials.revision,
            version("jieba"),
        )
        self.version = rules_version(revisions)

    @classmethod
    def from_data(cls, data: LexiconData) -> Analyzer:
        """The analyzer of loaded rows. Building it takes about a second."""
        # Nothing that is built here is garbage, and to look for it takes as long as a third of the work.
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            places = Places(data.cities, data.regions, data.abroad)
            return cls(Lexicon(data), places, data.domains, data.schools, data.credentials)
        finally:
            if was_enabled:
                gc.enable()

    def warm(self) -> None:
        """Compile what compiles on first use, or read it from where it is kept.

        It takes seconds, or a fraction of one. Call it in a thread, and before anything is analysed on an
        event loop, which a first call would hold.
        """
        self.resume({"job_target": {"job_career": "a"}, "self_evaluation": "a"})
        self.feed(FeedSpec(title="a", job_desc="a"))
        self.idf("a")
        # What an open title means is asked for by such a title alone.
        self._readers.occupations.shown(self._readers.occupations.scores({}))

    def adopt(self, relations: Relations, topics: Topics = NO_TOPICS) -> None:
        """Use what was learned for all queries from now on."""
        self.relations, self.topics = relations, topics

    @property
    def learned(self) -> str:
        """The revision of all that was learned."""
        return revision_of(self.relations, self.topics)

    def feed(
        self, spec: FeedSpec, relations: Relations | None = None, topics: Topics | None = None
    ) -> FeedQuery:
        """The query of a feed. Any text is accepted; a feed without a usable word matches nobody.

        Args:
            spec: The feed.
            relations: The relations to use; None for those adopted last.
            topics: The topics to use; likewise.
        """
        query, shown = query_of(self._readers, spec), self._readers.lexicon.shown
        # Before relations add to it: they say less of what the feed itself is about.
        topics = self.topics if topics is None else topics
        if topics.number:
            query = placed(query, topics, self._title_words(spec), shown)
        return extend(query, self.relations if relations is None else relations, shown)

    def _title_words(self, spec: FeedSpec) -> Mapping[str, float]:
        title = self._readers.titles.read(spec.title)
        return {} if title.vague else self._readers.title_words(title)

    def understood(self, spec: FeedSpec) -> Understood:
        """Which occupations the query of a feed asks for; nothing for an empty one."""
        return understood_from(self._readers, asked_by(self._readers, said_by(self._readers, spec)))

    @property
    def credentials(self) -> Credentials:
        """The table of certificates, licences and languages."""
        return self._readers.credentials

    def occupation(self, text: str) -> Occupation | None:
        """The occupation with an id or a whole name; None where there is none."""
        name = self._readers.names.find(text)
        return None if name is None else Occupation(name, self._readers.names.shown(name))

    def occupations_like(self, words: str, most: int) -> list[Occupation]:
        """Occupations whose names contain some words, the nearest first; see `OccupationNames.like`."""
        names = self._readers.names
        return [Occupation(name, names.shown(name)) for name in names.like(words, most)]

    def title(self, text: str) -> TitleReading:
        """What a title says, see `TitleReader.read`."""
        return self._readers.titles.read(text)

    def idf(self, word: str) -> float:
        """How telling a normalised word is, 0..11."""
        return self._readers.lexicon.idf(word)

    def resume(self, body: Mapping[str, Any], arrived: date | None = None) -> ResumeProfile:
        """The profile of a resume record. Never raises: a field that cannot be read is unknown.

        It takes some 0.17 ms for an ordinary resume; at most 10,000 characters of any resume are read.

        Args:
            body: The record.
            arrived: When it first came, in UTC: until then a job that goes on has gone on. Whoever stores
                what comes of this gives it, always the same for the same resume.
        """
        return profile_of(self._readers, body, arrived)
