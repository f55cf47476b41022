"""The judged data: feeds, resumes, and the grade of each pair.

    judged = read(Path("../shared/data/matching-dev"))
    judged.grades["dev-f001"]["26eb6da86b34"]

It has no licence to be part of this project, so it is read where it lies and never copied.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from engine.matching.feed_spec import FeedSpec
from engine.matching.lexicon.salary import MAX_YUAN

DATA = Path("../shared/data/matching-dev")
FEEDS, RESUMES, META, QRELS = "feeds.jsonl.gz", "resumes.jsonl.gz", "resumes_meta.tsv.gz", "qrels.tsv.gz"


class Judged(NamedTuple):
    """The data of one folder.

    Attributes:
        feeds: `feed_key`, `submit` (a body of `submit_feed`), and the labels `role`, `vague`, `terse`.
        resumes: Lines as `POST /resumes/` takes them.
        kinds: `source_id` -> kind (`plain`, `stuffed`, `trap` ...).
        grades: `feed_key` -> `source_id` -> grade, 1..3. A pair that is absent has grade 0.
    """

    feeds: list[dict[str, Any]]
    resumes: list[dict[str, Any]]
    kinds: dict[str, str]
    grades: dict[str, dict[str, int]]


def missing(data: Path) -> list[str]:
    """The files that are not in a folder."""
    return [name for name in (FEEDS, RESUMES, META, QRELS) if not (data / name).is_file()]


def read(data: Path) -> Judged:
    """Read a folder of judged data."""
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for feed, resume, grade in _rows(data / QRELS):
        if grade.isdigit():
            grades[feed][resume] = int(grade)
    return Judged(
        feeds=[json.loads(line) for line in _lines(data / FEEDS)],
        resumes=[json.loads(line) for line in _lines(data / RESUMES)],
        kinds={row[0]: row[3] for row in _rows(data / META)},
        grades=grades,
    )


def spec_of(submit: Mapping[str, Any], breadth: str = "balanced") -> FeedSpec:
    """A feed from the body of `submit_feed`, of some breadth."""
    return FeedSpec(
        title=submit["title"],
        job_desc=submit.get("job_desc") or "",
        keywords=_split(submit.get("keywords")),
        skill_required=submit.get("skill_required") or "",
        salary_min=submit.get("salary_min") or 0,
        salary_max=submit.get("salary_max") or MAX_YUAN,
        talent_level=_split(submit.get("talent_level")),
        expect_area=_split(submit.get("expect_area")),
        breadth=breadth,
    )


def _split(value: Any) -> tuple[str, ...]:
    """A list field of `submit_feed`, which may be a list or text with commas."""
    if isinstance(value, str):
        value = value.replace("，", ",").replace("、", ",").split(",")
    return tuple(item.strip() for item in value or () if isinstance(item, str) and item.strip())


def _lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\n")


def _rows(path: Path) -> Iterator[list[str]]:
    return (line.split("\t") for line in _lines(path))
