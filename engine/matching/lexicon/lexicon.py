"""The words we know: skills with their aliases, occupations with their signs, level words, stop words, cues.

The rows are handed in (`rows` says what they have). Here each spelling is folded to one term and made ready
to look up. A lexicon does not change once it is built, so threads may share it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from itertools import chain

from engine.matching.lexicon.companies import Companies
from engine.matching.lexicon.experience import MAX_LEVEL
from engine.matching.lexicon.rows import LexiconData, SkillRow
from engine.matching.text.normalise import normalise
from engine.matching.text.tokens import Tokenizer

NO_ROWS = LexiconData()
CUES = {
    "deny_before": "不会|不懂|没接触过|未接触过|没用过|没做过|从未",
    "deny_after": "不会|不懂|除外",
    "lack": "没有",
    "unneeded": "无需|不需要|不要求",
    "weaken_before": "略懂|了解过|听说过",
    "weaken_after": "了解即可",
    "others_before": "配合|协助|对接|招聘|面向",
    "others": "同事|反馈问题|处理进度",
}
"""Kind -> cues that hold even if the lexicon's files name none.

A kind says where its cue stands: before or after the skill that it is about, or (`others`) anywhere in the
sentence. Cues of `deny` say that a skill is lacking, of `weaken` that it is a slight acquaintance, of
`others` that somebody else has it. Those of `lack` stand before a skill and say that it is lacking where the
clause ends in experience or the like (`没有Java经验`); those of `unneeded` that a posting does without it.
"""


class Lexicon:
    """Folded words.

    Attributes:
        idf: How telling a word is.
        titles: The rows of the occupations.
        terms: Alias or spelling -> term, both normalised.
        display: Term -> how it is shown.
        trades: Term -> the trade it belongs to.
        skills: The terms that are skills.
        general: Term of a special skill -> the term of the general one that it proves (`centos` -> `linux`).
        beside: Term of a skill -> terms that are signs of the same occupations as it is.
        guarded: Spellings that count only where another skill stands in the same sentence.
        vague: Titles that say nothing about the work, without spaces.
        levels: Level word -> rank, 0..`MAX_LEVEL`.
        stopwords: Words without content.
        cues: Kind -> phrases, the longest first.
        companies: Companies by their short names.
        parts: A name or a sign of an occupation, as a term -> what it consists of, by the dictionary alone.
        tokenizer: Cuts text and keeps all these words in one piece.
        revision: Changes whenever a row does.
    """

    def __init__(self, data: LexiconData = NO_ROWS, idf: Mapping[str, float] | None = None) -> None:
        self.titles = data.titles
        self.terms: dict[str, str] = {}
        self.display: dict[str, str] = {}
        self.trades: dict[str, str] = {}
        guarded: set[str] = set()
        squeezed: list[tuple[str, str]] = []
        rows_of: list[tuple[str, SkillRow]] = []
        digest = hashlib.sha256()
        for skill in data.skills:
            term = normalise(skill.term)
            self.display[term] = skill.term.strip()
            self.trades[term] = skill.trade
            for alias in (skill.term, *skill.aliases):
                key = normalise(alias)
                self.terms.setdefault(key, term)
                squeezed.append((key.replace(" ", ""), term))
            guarded.update(map(normalise, skill.guarded))
            rows_of.append((term, skill))
            lists = (skill.aliases, skill.guarded, skill.kinds, skill.beside)
            digest.update(repr((term, skill.trade, *map(sorted, lists))).encode())
        self.general: dict[str, str] = {}
        self.beside: dict[str, list[str]] = {}
        for term, skill in rows_of:
            for kind in skill.kinds:
                name = normalise(kind)
                if name not in self.terms:
                    self.terms[name], self.display[name], self.trades[name] = name, kind.strip(), skill.trade
                    squeezed.append((name.replace(" ", ""), name))
                self.general[self.terms[name]] = term
            self.beside[term] = [self.fold(normalise(other)) for other in skill.beside]
        # Only now, so that an exact spelling of one skill wins over another's without its spaces.
        for key, term in squeezed:
            self.terms.setdefault(key, term)
        self.skills = frozenset(self.display)
        self.guarded = frozenset(guarded)
        self.vague = frozenset(map(_key, data.vague_titles))
        self.levels = {normalise(word): min(max(int(rank), 0), MAX_LEVEL) for word, rank in data.levels}
        self.stopwords = frozenset(map(normalise, data.stopwords))
        self.cues: dict[str, tuple[str, ...]] = {}
        rows = [(kind, phrase) for kind, phrases in CUES.items() for phrase in phrases.split("|")]
        rows += [(kind, normalise(phrase)) for kind, phrase in data.negations]
        for kind in {kind for kind, _ in rows}:
            phrases = {phrase for one, phrase in rows if one == kind and phrase}
            self.cues[kind] = tuple(sorted(phrases, key=lambda phrase: (-len(phrase), phrase)))
        names = sorted(map(normalise, data.companies))
        self.companies = Companies(names)
        signs = {normalise(sign) for title in self.titles for sign in title.signs}
        for title in self.titles:
            row = (title.title, sorted(title.aliases), title.trade, title.family, sorted(title.signs))
            digest.update(repr(row).encode())
        others = (
            sorted(self.vague),
            sorted(self.levels.items()),
            sorted(self.stopwords),
            sorted(rows),
            names,
        )
        digest.update(repr(others).encode())
        self.revision = digest.hexdigest()[:16]
        self.parts: dict[str, list[str]] = {}
        self.tokenizer = Tokenizer({*self.terms, *signs, *names}, idf, self._more_words)
        self.idf = self.tokenizer.idf

    def _more_words(self, cut: Callable[[list[str]], list[list[str]]]) -> set[str]:
        """Words that some table knows, beside those that stay in one piece: stop words, parts of names."""
        names = {name for row in self.titles for name in (row.title, *row.aliases, *row.signs)}
        terms = sorted({self.fold(normalise(name)) for name in names})
        self.parts = dict(zip(terms, cut(terms), strict=True))
        return {*self.stopwords, *terms, *chain.from_iterable(self.parts.values())}

    def fold(self, word: str) -> str:
        """The term of a normalised word; the word itself when it is not a known skill."""
        return self.terms.get(word, word)

    def shown(self, term: str) -> str:
        """How a term is spelled for people."""
        return self.display.get(term, term)


def _key(text: str) -> str:
    return normalise(text).replace(" ", "")
