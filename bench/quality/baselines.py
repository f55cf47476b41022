"""The baselines of quality: BM25, BM25 with title and filters, and latent semantic analysis.

Each does what a good search engine does out of the box, over the same texts, with jieba's words and no
lexicon. The filters read cities and salaries exactly as the engine does, so that the difference is the
matching. SciPy is needed here; the server does not need it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import rjieba
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds

from bench.quality.data import Judged, spec_of
from bench.quality.measures import Rankings
from engine.matching.lexicon.places import Places
from engine.matching.lexicon.salary import parse
from engine.matching.score.breakdown import gap_between
from engine.matching.text.normalise import as_text, normalise, record, records

K1, B = 1.5, 0.75
TITLE_WEIGHT = 3.0
"""Weight of BM25 over the titles, against 1 for BM25 over all text."""
TOPICS = 50
"""Dimensions of the latent space."""
TITLE_TIMES = 3
"""How often a title is repeated in the text whose topics are computed."""
TITLE_SHARE = 0.15
"""Weight of BM25 over the titles, against 1 for the likeness of the topics."""
RAREST, COMMONEST = 3, 0.3
"""Words in fewer texts than this, or in a greater share of them, are left out of the topics."""

Matrix = NDArray[np.float64]


def baselines(judged: Judged, places: Places) -> dict[str, Rankings]:
    """The rankings of every baseline, by name."""
    cutter = rjieba.Jieba()

    def cut(text: str) -> list[str]:
        words = (word.strip() for word in cutter.cut(normalise(text, 20_000), hmm=False))
        return [word for word in words if len(word) > 1]

    feeds = [spec_of(feed["submit"]) for feed in judged.feeds]
    asked = [
        cut(f"{one.title}\n{one.job_desc}\n{one.skill_required}\n{' '.join(one.keywords)}") for one in feeds
    ]
    titles = [cut(one.title) for one in feeds]
    told = [cut(_text(resume)) for resume in judged.resumes]
    held = [cut(_titles(resume)) for resume in judged.resumes]
    words = _bm25(asked, told)
    titled = words + TITLE_WEIGHT * _bm25(titles, held)
    topics = _lsa(
        [TITLE_TIMES * title + text for title, text in zip(titles, asked, strict=True)],
        [TITLE_TIMES * title + text for title, text in zip(held, told, strict=True)],
    )
    likeness = 1.0 + topics + TITLE_SHARE * _share(_bm25(titles, held))
    passes = _filters(judged, places)
    return {
        "BM25, jieba, all text": _ranked(judged, words),
        "BM25, title weighted, city and salary": _ranked(judged, titled * passes),
        "TF-IDF + LSA + title, city and salary": _ranked(judged, likeness * passes),
    }


def _text(resume: dict[str, Any]) -> str:
    works = records(resume.get("works"), 200)
    duties = [as_text(work.get("job_desc")) for work in works]
    return "\n".join([_titles(resume), *duties, as_text(resume.get("self_evaluation"))])


def _titles(resume: dict[str, Any]) -> str:
    works = records(resume.get("works"), 200)
    wish = as_text(record(resume.get("job_target")).get("job_career"))
    return "\n".join([wish, *(as_text(work.get("position_title")) for work in works)])


def _bm25(queries: Sequence[list[str]], documents: Sequence[list[str]]) -> Matrix:
    """Scores of all pairs (Robertson and Zaragoza 2009, eq. 3.15), queries by documents."""
    counts, vocabulary = _counts(documents)
    lengths = counts.sum(axis=1).A1
    found = np.asarray((counts > 0).sum(axis=0)).ravel()
    idf = np.log1p((len(documents) - found + 0.5) / (found + 0.5))
    entries = counts.tocoo()
    norm = K1 * (1 - B + B * lengths / max(lengths.mean(), 1e-9))
    weights = idf[entries.col] * entries.data * (K1 + 1) / (entries.data + norm[entries.row])
    weighted = csr_matrix((weights, (entries.row, entries.col)), shape=counts.shape)
    asked, _ = _counts([list(dict.fromkeys(query)) for query in queries], vocabulary)
    return np.asarray((asked @ weighted.T).todense())


def _lsa(queries: Sequence[list[str]], documents: Sequence[list[str]]) -> Matrix:
    """Cosines in the space of the strongest topics (Deerwester et al. 1990), queries by documents."""
    spread = Counter(word for document in documents for word in set(document))
    most = COMMONEST * len(documents)
    kept = [[word for word in document if RAREST <= spread[word] <= most] for document in documents]
    counts, vocabulary = _counts(kept)
    found = np.asarray((counts > 0).sum(axis=0)).ravel()
    idf = np.log(len(documents) / np.maximum(found, 1)) + 1

    def weigh(matrix: csr_matrix) -> csr_matrix:
        weighted = matrix.copy()
        weighted.data = 1 + np.log(weighted.data)
        return weighted.multiply(idf).tocsr()

    corpus = weigh(counts)
    rank = min(TOPICS, min(corpus.shape) - 1)
    _, _, topics = svds(corpus, k=rank, random_state=np.random.default_rng(0))
    asked, _ = _counts(queries, vocabulary)
    return np.asarray(_unit(weigh(asked) @ topics.T) @ _unit(corpus @ topics.T).T)


def _counts(
    texts: Sequence[list[str]], vocabulary: dict[str, int] | None = None
) -> tuple[csr_matrix, dict[str, int]]:
    """Texts by words; words outside a given vocabulary are dropped."""
    known = vocabulary if vocabulary is not None else {}
    rows, columns, data = [], [], []
    for row, text in enumerate(texts):
        for word, count in Counter(text).items():
            column = known.get(word) if vocabulary is not None else known.setdefault(word, len(known))
            if column is not None:
                rows.append(row)
                columns.append(column)
                data.append(float(count))
    return csr_matrix((data, (rows, columns)), shape=(len(texts), max(len(known), 1))), known


def _unit(rows: Matrix) -> Matrix:
    unit: Matrix = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return unit


def _share(scores: Matrix) -> Matrix:
    """Scores as a share of each query's best."""
    shares: Matrix = scores / np.maximum(scores.max(axis=1, keepdims=True), 1e-12)
    return shares


def _filters(judged: Judged, places: Places) -> Matrix:
    """1 where city and salary allow a pair, 0 elsewhere."""
    wishes = []
    for resume in judged.resumes:
        target = record(resume.get("job_target"))
        area = as_text(target.get("expectation_area"))
        wishes.append((set(places.reach(places.wish((area,)))), parse(target.get("salary"))))
    passes = np.zeros((len(judged.feeds), len(wishes)))
    for row, feed in enumerate(judged.feeds):
        spec = spec_of(feed["submit"])
        wanted, offered = set(places.wish(spec.expect_area)), (spec.salary_min, spec.salary_max)
        for column, (areas, salary) in enumerate(wishes):
            near = not wanted or not areas or bool(wanted & areas)
            passes[row, column] = near and gap_between(salary, offered) <= 0
    return passes


def _ranked(judged: Judged, scores: Matrix) -> Rankings:
    """The resumes with any score, best first, ties in the order of the data."""
    rankings = {}
    for feed, row in zip(judged.feeds, scores, strict=True):
        order = np.argsort(-row, kind="stable")
        rankings[feed["feed_key"]] = [judged.resumes[i]["source_id"] for i in order if row[i] > 0]
    return rankings
