"""A posting put together: what each field of a form says, and what it was read from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feed_spec import FeedSpec
from engine.matching.lexicon import degrees, experience
from engine.matching.text.normalise import normalise
from intake.posting import facts, finding
from intake.posting.lines import Line, key_of, lines_of
from intake.posting.parts import Posting, postings_of
from intake.posting.required import required_by, said_of
from intake.posting.titles import CELLS, Title, TitleFinder
from intake.posting.tools import tools_in
from intake.posting.words import BENEFITS
from store.feeds.feed_documents import FeedRequirements

MAX_KEYWORDS = 10
"""Keywords that are read; the form takes 15, and more would say less each."""
MAX_SKILL_CHARS = 5_000
"""Characters that the form's requirements may have."""
MAX_SAID_CHARS = 80
"""Characters of a piece that is shown beside a field."""
MAX_TAG_CHARS = 20
"""Characters of the longest tag."""

_LEVEL_WORDS = ("实习", "应届", "初级", "中级", "高级", "资深", "专家", "主管", "总监")
_SENIOR = {
    "senior": "高级",
    "junior": "初级",
    "intern": "实习",
    "expert": "专家",
    "director": "总监",
    "sr": "高级",
    "jr": "初级",
}
_BY_RANK = ("应届", "初级", "中级", "高级", "高级")
_IS_LEVEL = re.compile(rf"{'|'.join(_LEVEL_WORDS)}|中高级|初中级|\b(?:{'|'.join(_SENIOR)})\b", re.IGNORECASE)
_OPEN_ENDED = "及以上"


class FormOptions(msgspec.Struct, frozen=True):
    """What the form chooses from; domains by their ids."""

    cities: frozenset[str]
    levels: frozenset[str]
    benefits: frozenset[str]
    domains: Mapping[int, str]


class ReadPosting(msgspec.Struct, kw_only=True):
    """What a posting says. Every field may be missing: then it is empty, or None.

    Attributes:
        salary: Yuan a month; 0 to 1,000,000 where it is negotiable.
        degree: The name of the lowest degree that will do.
        years: Least and most years of work; the most is None where there is no bound.
        domains: Ids of the form's domains.
        requirements: What people must have, or should.
        sources: Field -> the piece that it was read from.
        others: Title and text of the further postings in the text.
        jobs: All postings of the text, the first too, where there are several.
    """

    title: str = ""
    keywords: list[str] = []
    expect_area: list[str] = []
    salary: tuple[int, int] | None = None
    talent_level: list[str] = []
    job_desc: str = ""
    skill_required: str = ""
    job_welfare: list[str] = []
    domains: list[int] = []
    degree: str = ""
    years: tuple[int, int | None] | None = None
    requirements: FeedRequirements = FeedRequirements()
    sources: dict[str, str] = {}
    others: list[tuple[str, str]] = []
    jobs: list[ReadPosting] = []


class PostingReader:
    """Reads postings. Threads may share it."""

    def __init__(self, analyzer: Analyzer, options: FormOptions) -> None:
        self._analyzer = analyzer
        self._options = options
        self._cities = facts.Cities(analyzer.places, options.cities)
        self._titles = TitleFinder(analyzer, self._cities, self._is_benefit)
        self._benefits = [
            (name, re.compile(pattern)) for name, pattern in BENEFITS if name in options.benefits
        ]

    def read(self, text: str) -> ReadPosting:
        """What a text says; nothing of one that says nothing. Of several postings the first is read."""
        postings = postings_of(lines_of(text), self._titles)
        if not postings:
            return ReadPosting()
        read, *others = map(self._posting, postings)
        for posting, other in zip(postings[1:], others, strict=True):
            read.others.append((other.title, "\n".join(line.text for line in posting.lines)))
        read.jobs = [read, *others] if others else []
        return read

    def _posting(self, posting: Posting) -> ReadPosting:
        read = ReadPosting()
        title = self._title(posting)
        if title:
            read.title, read.sources["title"] = title.text, _shown(title.said)
        head = finding.head_cells(posting)
        if pay := finding.pay(posting, head):
            read.salary, read.sources["salary"] = (pay.low, pay.high), _shown(pay.said)
        if area := finding.area(posting, head, self._cities):
            read.expect_area, read.sources["expect_area"] = list(area.cities), _shown(area.said)
        degree, years = finding.degree(posting, head), finding.years(posting, head)
        if degree and degree.rank:
            read.degree = degrees.DEGREE_NAMES[degree.rank]
            read.sources["degree"] = _shown(degree.said)
        if years and (years.least or years.most < facts.NO_TOP):
            read.years = (years.least, years.most if years.most < facts.NO_TOP else None)
            read.sources["years"] = _shown(years.said)
        self._level(title, years, read)
        self._texts(posting, title, read)
        self._wishes(posting, read, degree, years)
        self._keywords(posting, read)
        asked = posting.of("head", "wants", "body")
        read.requirements = required_by(
            "\n".join(line.text for line in asked), degree, years, self._analyzer.credentials
        )
        if said := said_of(read.requirements):
            read.sources["requirements"] = _shown(said)
        return read

    def _title(self, posting: Posting) -> Title | None:
        for line in posting.lines:
            if line.label == "title" and (found := self._titles.labelled(line)):
                return found
        return self._titles.head(posting.head) or self._titles.sought(posting.lines)

    def _level(self, title: Title | None, years: facts.Years | None, read: ReadPosting) -> None:
        """The levels that the title names, else those that the years of work usually bring."""
        words = _levels_of(title.text) if title else []
        if words:
            read.talent_level = [word for word in words if word in self._options.levels]
            read.sources["talent_level"] = _shown(title.text if title else "")
        elif years and (years.least or years.most < facts.NO_TOP):
            top = years.most - 0.1 if years.least < years.most < facts.NO_TOP else years.least
            ranks = [experience.level(years.least) or 0, experience.level(top) or 0]
            if years.least == 0 and years.most:
                ranks[0] = max(1, ranks[0])  # `1年以内` is no student
                ranks[1] = max(ranks)
            names = dict.fromkeys(_BY_RANK[rank] for rank in range(ranks[0], ranks[1] + 1))
            read.talent_level = [name for name in names if name in self._options.levels]
            read.sources["talent_level"] = _shown(years.said)

    def _texts(self, posting: Posting, title: Title | None, read: ReadPosting) -> None:
        wants = [text for line in posting.of("wants") if (text := _told(line))]
        duties = [text for line in posting.of("duties", "body") if (text := _told(line))]
        has_parts = bool(wants or duties)
        titled = title.said if title else ""
        prose = [
            line.text
            for line in posting.head
            if self._is_prose(line, is_all=not has_parts, is_title=line.text == titled)
        ]
        read.job_desc = "\n".join((*prose, *duties))[:20_000].strip()
        read.skill_required = _whole_lines(wants, MAX_SKILL_CHARS)
        for field in ("job_desc", "skill_required"):
            if text := getattr(read, field):
                read.sources[field] = _shown(text.partition("\n")[0])

    def _is_prose(self, line: Line, *, is_all: bool, is_title: bool) -> bool:
        """Whether a line before any heading says something of the work.

        Where there is no heading (`is_all`), short lines may too, but the one that the title was read from.
        """
        if line.label:
            return False
        if re.search(r"[，。；,;]", line.text):
            return len(line.text) >= 12 or is_all
        if is_title or not is_all or len(line.text) < 4:
            return False
        cells = [cell for cell in CELLS.split(line.text) if cell.strip()]
        return not all(map(self._is_fact, cells))

    def _is_fact(self, cell: str) -> bool:
        return bool(
            self._titles.is_fact(cell)
            or facts.pay_in(cell)
            or facts.is_negotiable(cell)
            or self._is_benefit(cell)
        )

    def _wishes(
        self, posting: Posting, read: ReadPosting, degree: facts.Degree | None, years: facts.Years | None
    ) -> None:
        """Degree and years into the requirements, where the texts do not say them; benefits and domains."""
        text = normalise(f"{read.skill_required}\n{read.job_desc}")
        said = []
        if read.degree and degree and degrees.required_degree(text) != degree.rank:
            said.append(f"{read.degree}{_OPEN_ENDED}学历")
        if years and years.least:
            asked = experience.required_years(text)
            if asked is None or (int(asked[0]), int(asked[1])) != (years.least, years.most):
                bound = f"-{years.most}年" if years.least < years.most < facts.NO_TOP else "年以上"
                said.append(f"{years.least}{bound}工作经验")
        if said:
            read.skill_required = _whole_lines(("，".join(said), read.skill_required), MAX_SKILL_CHARS)
            read.sources.setdefault("skill_required", _shown("，".join(said)))
        pieces = {}
        text = "\n".join(key_of(line.text) for line in posting.all_but("company", "left out"))
        for name, pattern in self._benefits:
            if found := pattern.search(text):
                pieces[name] = found[0]
        read.job_welfare = list(pieces)
        if pieces:
            read.sources["job_welfare"] = _shown("、".join(dict.fromkeys(pieces.values())))
        industry = [line.value for line in posting.lines if line.label == "industry"]
        named = {part.strip() for value in industry for part in re.split(r"[,，、/|；; ]", value)}
        read.domains = [id_ for id_, name in self._options.domains.items() if name in named]
        if read.domains:
            read.sources["job_domain"] = _shown(industry[0])

    def _keywords(self, posting: Posting, read: ReadPosting) -> None:
        tags = list(dict.fromkeys((*self._tags(posting), *tools_in(line.text for line in posting.told))))
        query = self._analyzer.feed(
            FeedSpec(
                title=read.title,
                keywords=tuple(tags),
                job_desc=read.job_desc,
                skill_required=read.skill_required,
            )
        )
        text = normalise("\n".join((read.title, *tags, read.skill_required, read.job_desc)), 20_000)
        found = [one for one in query.keywords if not one.related][:MAX_KEYWORDS]
        # As the posting names them, one after the other.
        found.sort(key=lambda one: (at := text.find(normalise(one.shown))) < 0 or at)
        read.keywords = [posting.spelling(one.shown) for one in found]
        if found:
            read.sources["keywords"] = _shown("、".join(read.keywords))

    def _tags(self, posting: Posting) -> Iterable[str]:
        """Words that the posting lists as its keywords, or alone on lines right behind a heading."""
        listed = [line.value for line in posting.lines if line.label == "tags"]
        listed += [line.value if line.heading else line.text for line in posting.of("tags")]
        for value in listed:
            # Where nothing else parts them, blanks do; `Spring Cloud` alone is one.
            parts = re.split(r"[,，、;；/|]", value)
            if len(parts) == 1 and (len(value) > MAX_TAG_CHARS or not value.isascii()):
                parts = value.split()
            for part in parts:
                tag = part.strip()
                is_tag = not self._titles.is_fact(tag) and not self._is_benefit(tag)
                if 2 <= len(tag) <= MAX_TAG_CHARS and is_tag:
                    yield tag

    def _is_benefit(self, text: str) -> bool:
        key = key_of(text)
        return any(pattern.fullmatch(key) for _, pattern in self._benefits)


def _told(line: Line) -> str:
    """What a line adds to a text: nothing where it is a heading alone, or tells another field."""
    if line.label and line.label not in {"degree", "years"}:
        return ""
    return line.value if line.heading else line.text


def _levels_of(title: str) -> list[str]:
    """The level words of a title. `经理` is left out: mostly it is the work, as of a 产品经理."""
    words = []
    for found in _IS_LEVEL.finditer(title):
        word = found[0].lower()
        words += {"中高级": ["中级", "高级"], "初中级": ["初级", "中级"]}.get(word, [_SENIOR.get(word, word)])
    return list(dict.fromkeys(words))


def _whole_lines(lines: Iterable[str], most: int) -> str:
    """The first lines that fit, one of them cut if it is the first."""
    text = ""
    for line in filter(None, lines):
        if len(text) + len(line) + 1 > most:
            return text or line[:most]
        text = f"{text}\n{line}" if text else line
    return text


def _shown(said: str) -> str:
    said = " ".join(said.split())
    return said if len(said) <= MAX_SAID_CHARS else said[: MAX_SAID_CHARS - 1] + "…"
