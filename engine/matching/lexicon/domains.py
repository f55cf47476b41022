"""Industries, called domains: found in what a resume says about employers, and in what a feed asks for."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping

from engine.matching.text.latin import stands_in
from engine.matching.text.normalise import normalise

MAX_TEXT_CHARS = 400
"""Characters in which domains are looked for: a few fields such as the company's name, not whole texts."""
MAX_DOMAINS = 6
"""Domains kept of one text. Somebody with more has seen everything, which tells nothing."""


class Domains:
    """Domain names and the words that stand for them. It does not change, so threads may share it.

    Attributes:
        revision: Changes whenever a row does.
    """

    def __init__(self, domains: Mapping[str, Iterable[str]]) -> None:
        self._names = {
            normalise(word): name
            for name, words in sorted(domains.items())
            for word in (name, *words)
            if normalise(word)
        }
        # By first character, because almost none of the words is in any one text.
        self._by_first: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for word, name in self._names.items():
            self._by_first[word[0]].append((word, name))
        self.revision = hashlib.sha256(repr(sorted(self._names.items())).encode()).hexdigest()[:16]

    def name(self, domain: str) -> str:
        """The canonical name of a domain; the name itself when it is unknown."""
        return self._names.get(normalise(domain), domain.strip())

    def find(self, text: str) -> tuple[str, ...]:
        """The domains named in a text, sorted, at most `MAX_DOMAINS`."""
        text = normalise(text, MAX_TEXT_CHARS)
        near = (self._by_first[first] for first in self._by_first.keys() & set(text))
        found = {name for words in near for word, name in words if stands_in(word, text)}
        return tuple(sorted(found))[:MAX_DOMAINS]
