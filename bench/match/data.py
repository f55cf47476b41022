"""A market for `bench.match`: feeds and resumes out of real texts.

Every feed is made of one text, the title that its words are signs of, one of thirty cities and a salary.
Every resume is made in the same way from another text. The texts are of few trades, so a resume finds many
feeds: the market is dense.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feed_query import FeedQuery
from engine.matching.feed_spec import FeedSpec
from engine.matching.resume_profile import ResumeProfile
from engine.matching.text.normalise import normalise

DATA = Path("../shared/data/51job_4class")
FILES = ("software.txt", "algorithm.txt", "hardware.txt", "program.txt")
_CITIES = (
    "北京 上海 广州 深圳 杭州 成都 武汉 南京 西安 苏州 重庆 天津 长沙 郑州 青岛 厦门 合肥 福州 济南 大连 "
    "宁波 无锡 东莞 佛山 珠海 沈阳 昆明 南昌 哈尔滨 石家庄"
)
CITIES = tuple(_CITIES.split())
LEVELS = ("", "", "", "初级", "中级", "高级", "资深")
DEGREES = ("大专", "本科", "本科", "硕士", "")
DISTINCT = 4_000
"""Resumes that `Market.profiles` analyses; analysing more would take longer than what is measured."""
SEED = 11


def texts_of(folder: Path) -> list[str]:
    """The distinct texts, in the order of the files."""
    lines = (line for name in FILES for line in (folder / name).read_text("utf-8").splitlines())
    return [line for line in dict.fromkeys(lines) if len(line) >= 40]


class Market:
    """Feeds and resumes, the same in every run.

    Args:
        analyzer: The rules.
        texts: Real descriptions.
    """

    def __init__(self, analyzer: Analyzer, texts: list[str]) -> None:
        self._analyzer = analyzer
        draw = random.Random(SEED)
        shuffled = draw.sample(texts, len(texts))
        half = len(shuffled) // 2
        self.texts = texts
        self._offers, self._people = shuffled[:half], shuffled[half:]

    def feeds(self, count: int) -> Iterator[tuple[str, FeedQuery]]:
        """Feeds as (id, query). Feeds may share a text; each has its own city and salary."""
        draw = random.Random(SEED + 1)
        places = [self._analyzer.feed(FeedSpec(title="", expect_area=(city,))).places for city in CITIES]
        known: dict[str, FeedQuery] = {}
        for number in range(count):
            text = self._offers[number % len(self._offers)]
            if text not in known:
                spec = FeedSpec(
                    self._title(text, draw), text, expect_area=("北京",), salary_min=1, salary_max=2
                )
                known[text] = self._analyzer.feed(spec)
            low = draw.randrange(5, 30) * 1_000
            query = msgspec.structs.replace(
                known[text], places=draw.choice(places), salary=(low, low + draw.randrange(2, 15) * 1_000)
            )
            yield f"{number:024x}", query

    def resumes(self, count: int) -> Iterator[tuple[dict[str, Any], str]]:
        """Resumes as (record, text)."""
        draw = random.Random(SEED + 2)
        for number in range(count):
            text = self._people[number % len(self._people)]
            title, low = self._title(text, draw), draw.randrange(5, 30)
            yield self._record(number, text, title, low, draw), text

    def forms(self, count: int) -> Iterator[FeedSpec]:
        """Feeds as their forms."""
        draw = random.Random(SEED + 3)
        for number in range(count):
            text = self._offers[number % len(self._offers)]
            low = draw.randrange(5, 30) * 1_000
            high = low + draw.randrange(2, 15) * 1_000
            city = draw.choice(CITIES)
            yield FeedSpec(self._title(text, draw), text, (), "", low, high, (), (city,))

    def profiles(self, count: int) -> Iterator[ResumeProfile]:
        """Resumes as profiles. `DISTINCT` are analysed; each has its own city and salary."""
        draw = random.Random(SEED + 4)
        made = [self._analyzer.resume(body) for body, _ in self.resumes(min(count, DISTINCT))]
        places = [self._analyzer.feed(FeedSpec(title="", expect_area=(city,))).places for city in CITIES]
        for number in range(count):
            low = draw.randrange(5, 30) * 1_000
            yield msgspec.structs.replace(
                made[number % len(made)],
                places=tuple(sorted(draw.choice(places))),
                salary_low=low,
                salary_high=low + draw.randrange(2, 10) * 1_000,
            )

    def _record(self, number: int, text: str, title: str, low: int, draw: random.Random) -> dict[str, Any]:
        return {
            "source": "bench",
            "source_id": str(number),
            "job_target": {
                "job_career": title,
                "salary": f"{low}-{low + draw.randrange(2, 10)}K",
                "expectation_area": draw.choice(CITIES),
            },
            "education": [{"school": "", "degree": draw.choice(DEGREES), "major": "计算机"}],
            "works": [
                {"position_title": title, "job_desc": text, "start_time": "2019-03", "end_time": "至今"}
            ],
            "work_years": draw.randrange(1, 15),
        }

    def _title(self, text: str, draw: random.Random) -> str:
        """The title of the occupation that a text's words are signs of, with or without a level."""
        readers = self._analyzer._readers
        reading = readers.reader.read(normalise(text), lists=False)
        asked = readers.occupations.asked(readers.occupations.scores(dict.fromkeys(reading.terms, 1.0)))
        name = next(iter(asked), "")
        return draw.choice(LEVELS) + readers.occupations.titles.get(name, "工程师")
