"""Three search engines that could find a resume's feeds, or a feed's resumes, given the words already cut.

Each indexes some documents, takes a batch of queries and returns their best documents; bm25s is measured both
one query at a time and with the whole batch. They know nothing about cities, salaries, negation or synonyms,
and give no reasons. They are a measure of speed, not of what is found.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import bm25s
import numpy as np
import scipy.sparse as sparse
import tantivy

BEST = 50
K1, B = 1.5, 0.75
T = TypeVar("T")
Words = Sequence[str]
Search = Callable[[Sequence[Words]], Any]
Searches = dict[str, Search]


def bm25s_numba(documents: Sequence[Words]) -> Searches:
    """The library bm25s with its compiled back end."""
    engine = bm25s.BM25(backend="numba")
    engine.index([list(words) for words in documents], show_progress=False)
    best = min(BEST, len(documents))

    def together(batch: Sequence[Words]) -> Any:
        return engine.retrieve([*map(list, batch)], k=best, show_progress=False, n_threads=1)

    together([[next(iter(documents[0]))]])
    return {"bm25s, numba": each(lambda words: together([words])), "bm25s, numba, a batch at once": together}


def each(work: Callable[[T], Any]) -> Callable[[Sequence[T]], Any]:
    """The same for a batch, one item after the other."""
    return lambda batch: [work(item) for item in batch]


def tantivy_index(documents: Sequence[Words]) -> Searches:
    """The library tantivy, an index in memory."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("words", stored=False, tokenizer_name="whitespace", index_option="freq")
    schema = builder.build()
    index = tantivy.Index(schema)
    writer = index.writer(200_000_000, 1)
    for words in documents:
        writer.add_document(tantivy.Document(words=[" ".join(words)]))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def search(words: Words) -> Any:
        terms = [
            (tantivy.Occur.Should, tantivy.Query.term_query(schema, "words", word, "freq"))
            for word in dict.fromkeys(words)
        ]
        return searcher.search(tantivy.Query.boolean_query(terms), BEST, count=False).hits

    return {"tantivy": each(search)}


def scipy_product(documents: Sequence[Words]) -> Searches:
    """BM25 weights in a sparse matrix, and one product for each resume."""
    vocabulary: dict[str, int] = {}
    counts = [Counter(words) for words in documents]
    mean = sum(map(len, documents)) / len(documents)
    rows, columns, weights = [], [], []
    for number, count in enumerate(counts):
        norm = K1 * (1 - B + B * len(documents[number]) / mean)
        for word, times in count.items():
            rows.append(vocabulary.setdefault(word, len(vocabulary)))
            columns.append(number)
            weights.append(times * (K1 + 1) / (times + norm))
    holders = np.bincount(rows, minlength=len(vocabulary))
    idf = np.array([math.log1p((len(documents) - held + 0.5) / (held + 0.5)) for held in holders])
    matrix = sparse.csr_matrix(
        (np.array(weights) * idf[rows], (rows, columns)), shape=(len(vocabulary), len(documents))
    ).astype(np.float32)
    best = min(BEST, len(documents))

    def search(words: Words) -> Any:
        known = [vocabulary[word] for word in words if word in vocabulary]
        times = np.ones(len(known), np.float32)
        asked = sparse.csr_matrix((times, (np.zeros(len(known), int), known)), shape=(1, len(vocabulary)))
        scores = (asked @ matrix).toarray()[0]
        found = np.argpartition(-scores, best - 1)[:best]
        return found[np.argsort(-scores[found])]

    return {"SciPy, one product": each(search)}


RIVALS: tuple[Callable[[Sequence[Words]], Searches], ...] = (bm25s_numba, tantivy_index, scipy_product)
