"""Feeds and resumes of a whole country: as many as one likes, the same in every run.

    for feed_id, form in feeds(1_000_000): ...
    for body in resumes(500): ...

A benchmark of few feeds takes real texts. A million made of those would be in one trade, and each resume in
a hundred thousand lists. Here titles are those of the lexicon in turn, each with some of its signs for
skills, and cities are drawn as people are spread over them: the first has 46 of a thousand, the 300th has one
in 1,300. So of a million feeds a resume matches some hundreds.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from bson import ObjectId

from store.feeds.feed_documents import FeedForm
from store.shards.parts import part_of

_CONFIG = Path(__file__).resolve().parents[2] / "config"
SEED = 60
VARIANTS = 8
"""Different feeds of one title, but for their city and salary. So some thousand texts serve them all."""


class Post(msgspec.Struct, frozen=True):
    """What a feed or a person is about: a title, skills, and which of the variants of its title it is."""

    title: str
    skills: tuple[str, ...]
    number: int


@cache
def posts() -> tuple[Post, ...]:
    """All titles with their skills, `VARIANTS` of each."""
    draw = random.Random(SEED)
    made: list[Post] = []
    for path in sorted((_CONFIG / "lexicon" / "titles").glob("*.tsv")):
        for row in _rows(path):
            signs = row[4].split("|")
            for _ in range(VARIANTS):
                skills = draw.sample(signs, min(len(signs), draw.randrange(3, 7)))
                made.append(Post(row[0], tuple(skills), len(made)))
    draw.shuffle(made)
    return tuple(made)


@cache
def cities() -> tuple[list[str], list[float]]:
    """All cities, and how much of the people is in each and those before it."""
    names = [row[2] for row in _rows(_CONFIG / "options" / "cities.tsv")]
    return names, list(itertools.accumulate(1 / (rank + 5) for rank in range(len(names))))


def feeds(count: int) -> Iterator[tuple[str, Post, str, tuple[int, int]]]:
    """So many feeds: the id, what it is about, the city, and the lowest and the highest salary."""
    draw, (names, weights) = random.Random(SEED + 1), cities()
    for number, post in zip(range(count), itertools.cycle(posts()), strict=False):
        low = draw.randrange(4, 25) * 1_000
        city = draw.choices(names, cum_weights=weights)[0]
        yield feed_id(number), post, city, (low, low + draw.randrange(2, 15) * 1_000)


def feed_id(number: int) -> str:
    """The id of a feed."""
    return f"{(number << 8) + (1 << 90):024x}"


def form_of(post: Post, city: str, salary: tuple[int, int]) -> FeedForm:
    """What a recruiter fills in for it."""
    return FeedForm(
        title=post.title,
        job_desc=f"负责{'、'.join(post.skills)}等工作，能独立完成，按时交付",
        keywords=list(post.skills[:3]),
        expect_area=[city],
        salary_min=salary[0],
        salary_max=salary[1],
    )


def documents(count: int) -> Iterator[dict[str, Any]]:
    """So many feeds as a submit stores them, scored long ago; five of each account."""
    now = datetime.now(UTC)
    for number, (id_, post, city, salary) in enumerate(feeds(count)):
        yield {
            "_id": ObjectId(id_),
            "user": ObjectId(f"{number // 5 + 1:024x}"),
            "slot": number % 5,
            "part": part_of(ObjectId(id_)),
            "rev": 1,
            "form": msgspec.to_builtins(form_of(post, city, salary)),
            "start_time": now,
            "expires_at": now + timedelta(days=365),
            "last_click_time": now,
            # A moment each: many of one moment are read at once by whoever asks for the last ones.
            "updated_at": now - timedelta(milliseconds=5 * (count - number)),
            "progress": 1.0,
            "deleted": False,
            "vip": False,
            "partner": False,
        }


def resumes(count: int) -> Iterator[dict[str, Any]]:
    """So many resumes, as `POST /resumes/` takes them."""
    draw, (names, weights) = random.Random(SEED + 2), cities()
    for number in range(count):
        post, low = draw.choice(posts()), draw.randrange(4, 25)
        city = draw.choices(names, cum_weights=weights)[0]
        yield {
            "source": "many",
            "source_id": f"many-{number}",
            "name": "某人",
            "phone": f"1000{number:07d}",
            "job_target": {
                "job_career": post.title,
                "salary": f"{low}000-{low + draw.randrange(2, 10)}000",
                "expectation_area": city,
            },
            "works": [
                {
                    "position_title": post.title,
                    "job_desc": f"负责{'、'.join(post.skills)}，与同事一起完成项目",
                    "start_time": f"{draw.randrange(2012, 2024)}-03",
                    "end_time": "至今",
                }
            ],
            "education": [{"school": "某某大学", "degree": "本科", "major": "管理学"}],
            "address": city,
            "work_years": f"{draw.randrange(1, 15)}年",
            "self_evaluation": f"熟悉{'、'.join(post.skills)}",
        }


def _rows(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]
