"""The title of a posting: behind its label, at its head, or in the sentence that says who is sought."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from engine.matching.analysis.analyzer import Analyzer
from intake.posting import facts
from intake.posting.lines import EMOJI, Line, key_of
from intake.posting.words import NOISE

MAX_TITLE_CHARS = 40
"""Characters of the longest title at the head of a posting; behind a label the form's 100 are taken."""
MAX_CELL_CHARS = 200
"""Characters of a cell that are read as a title, with what stands around it."""
MIN_ROW = 3
"""Titles beside each other that are a list by themselves; two (`行政、人事专员`) may be one job."""
HEAD_LINES = 40
"""Lines of the head in which a title is looked for."""

NEAR = 4
"""Lines between a title and what else a head says."""

CELLS = re.compile(rf"\t|\s{{2,}}|[|｜丨！!]|(?:{EMOJI})+|\s/\s|(?<=[^\x00-\x7f])\s(?=[^\x00-\x7f(（])")
"""What stands between the cells of a line."""
_SOUGHT = re.compile(
    r"(?:招聘|诚聘|急聘|急招|高薪诚聘|招募|(?:寻|在)?找|招收|招(?!投|标|商|生|采)|诚招|聘)(?:以下)?(?:岗位|职位)?[:：]?\s*+(?:一[名位个]|\d{1,3}\s?[名位人个]|若干名?|多名)?(?:[一-鿿]{1,10}的)?"
    r"\s*+([^\s，。；,;！!、（(:：]{2,20}?)(?:若干|\d{1,3}[-~]?\d{0,3}\s*+[名人位]|数名)?(?=[，。；,;！!\s（(、:：]|$)"
)
_SOUGHT_ENGLISH = re.compile(
    r"\b(?:hiring|looking for|seeking|recruiting|seeks|searching for|hire)\s++"
    r"(?:an?|the|our|experienced|talented|skilled|\s)*"
    r"([A-Za-z][\w/+#.&’' -]{2,50}?)(?=\s{1,3}(?:to|who|with|in|for|at|based|that|on|and)\b|[,.;!()\n]|$)",
    re.IGNORECASE,
)
_CALL = re.compile(
    r"^(?:(?:高薪|紧急|公司|我司|现|本公司|招聘|长期|大量|直招|厂家|因业务发展需要)*(?:招聘(?!专员|经理|主管|顾问|助理|总监|负责人|[官师]|运营|实习|hr)|诚聘|急聘|急招|诚招|热招|招募|招(?!商|投|标|生|采|聘|募)|聘(?!用))(?:岗位|职位)?|hiring|job)\s*+[:：!！\-—]*\s*+"
    r"|^(?:急|热|新|荐|置顶|精|推荐|紧急)\s+",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r".{2,20}?(?:招聘|诚聘|急聘|招募)(?!专员|经理|主管|顾问|助理|总监|负责人|[官师]|运营|实习|hr|启事|信息|公告|简章|需求)(.{2,})"
    r"|.{0,20}?(?:[店厂馆司另现]|我们|工地)招(?!商|投|标|生|采|聘|募|牌|待)(.{2,})"
)
_NO_SPECIALITY = re.compile(
    r"[、，,；;：:]|^(?:会|需|须|要|有|懂|可|包|限|接受|待遇|工资|月薪|底薪|坐标|地点)"
)
"""What stands in brackets behind a title, and narrows the work down no further."""
_COUNT = re.compile(
    r"(?:招(?:聘|收)?|各)?\s{0,2}(?:\d{1,3}\s*+(?:[-~至]\s*+\d{1,3})?|若干|数|多|[一两二三四五六七八九十])\s*+[名人位]"
)
_TAIL = re.compile(rf"\s{{0,3}}(?:{_COUNT.pattern}|招聘(?:启事|信息|公告|简章|需求)?|[!！])\s*+$")
_DECORATION = " \t*_=~·•-—–:：|/“”\"'‘’!！+&#"
_FIRST_BRACKET = re.compile(r"[【\[〔「《（(]([^【】\[\]〔〕「」《》（）()]{1,24})[】\]〕」》）)]")
_LAST_PIECE = re.compile(
    r"\s{0,3}(?:[（(【\[〔「]([^【】\[\]〔〕「」（）()]{1,30})[）)】\]〕」]?|(?<![\s\d])\s{0,3}[-—–·/+|]\s{0,3}([^-—–·/+|（）()【】\[\]]{1,12}))$"
)
_ASIDE = re.compile(
    r"(?:[急热新荐精]|[急热直诚]招|急[聘需]|高薪|招聘|诚聘|招人|紧急|置顶|推荐|[日周月]结|长?白班|夜班|两班倒|坐班|[全兼]职|长期|短期"
    r"|接受(?:小白|无经验|应届生?)|可(?:实习|兼职|居家)|计件|无责底薪|(?:男女|年龄)不限|保底|提成|月薪|月入|年薪|收入|轻松|上不封顶|过[千万])++|[A-Z]{0,3}\d{3,}"
)
_LISTED = re.compile(r"([、，,；;])")
_CALLING = re.compile(r"^[^：:，。]{0,24}(?:招|聘|岗位|职位)[^：:，。]{0,8}[：:！!]")
_NOT_TITLE = re.compile(
    r"公司|集团|有限|厂$|先生|女士|小姐|活跃|在线$|经验不限|学历不限|险一金|双休|补贴|年假|体检|奖金|福利|包[吃住食]|坐标|面议|地址|人以[上下]|融资|上市|\d-\d+人|hr$|招聘者|工作制|负责(?!人)|熟悉|具备|要求|职责|优先|以上"
)
_VERB = re.compile(
    r"^(?:根据|按照|协助|配合|设计[、和]|订单|完成|参与|负责|熟悉|熟练|具备|具有|精通|掌握|了解|有(?![机色限轨害声])|能(?!源)|会(?![计议展务员籍所])|对(?![外公账话接])|与|为|并(?!购)|及时|做好|制定|编写|维护|管理[、和]|独立(?!站)|积极|善于|热爱|提供|处理|从事|需要|我们|本(?!地)|良好|较强|优秀|扎实|全日制|统招)"
    r"|(?:能力|经验|技能|知识|专业|精神|意识|素质|水平|方案|报告|任务|优先|(?<![记作愿])者|等|学历|证书?|操作)$"
)
_ITEM = re.compile(r"^\s*+(?:[(（]?\d{1,2}\s*+[)）、.．]|[①-⑳])")
_PROSE = re.compile(r"[。；;？?，,：:]")


class Title(NamedTuple):
    """A title, and the line that it was read from."""

    text: str
    said: str


class TitleFinder:
    """Finds titles, by what the engine knows of them; places and benefits are none.

    `is_benefit` tells whether a text is a benefit, and nothing else.
    """

    def __init__(self, analyzer: Analyzer, cities: facts.Cities, is_benefit: Callable[[str], bool]) -> None:
        self._read = analyzer.title
        self._is_name = analyzer.occupation
        self._cities = cities
        self._is_benefit = is_benefit

    def labelled(self, line: Line) -> Title | None:
        """The title behind a label."""
        # `招聘：杭州 | 前端开发 | 20-30K`
        cells = map(self._clean, CELLS.split(_without_pay(line.value)))
        text = next((cell for cell in cells if cell and not self.is_fact(cell)), "")
        return Title(text[:100], line.text) if text and not _PROSE.search(text[:3]) else None

    def head(self, lines: Sequence[Line]) -> Title | None:
        """The title among the lines before any heading.

        The first that names an occupation; else the first beside a pay, or the first line that says as
        little as `店员`.
        """
        vague: Title | None = None
        lines = lines[:HEAD_LINES]
        tells = [number for number, line in enumerate(lines) if self._tells(line)]
        for number, line in enumerate(lines):
            if line.label and line.label != "title":
                continue
            # Deeper in a text without pay, place or the like, a short line is some line of it.
            is_last = number == len(lines) - 1 and number < NEAR
            if number > 1 and not is_last and not any(abs(number - other) <= NEAR for other in tells):
                continue
            text = line.value if line.label else line.text
            pay = facts.pay_in(text)
            # Items are lines of a text, but for those of a list of positions: `1、行政主管 8-10K`.
            if _ITEM.match(line.text) and not pay:
                continue
            if pay:
                text = text.replace(pay.said, "  ")
            # A message begins with it: `急聘高中老师，月薪1.2万，…`.
            begin = _PROSE.split(text)[:1] if number < 2 else []
            for cell in (*CELLS.split(text), *begin):
                title = self._clean(cell)
                if not self._may_be(title):
                    continue
                reading = self._read(title)
                if reading.occupations:
                    return Title(title, line.text)
                is_beside_pay = pay or (number + 1 < len(lines) and facts.pay_in(lines[number + 1].text))
                if vague is None and (reading.vague or is_beside_pay):
                    vague = Title(title, line.text)
        return vague

    def _tells(self, line: Line) -> bool:
        """Whether a line says pay, place, degree or years, as the head of a posting does."""
        if line.label in {"pay", "place", "degree", "years"} or facts.pay_in(line.text):
            return True
        return any(map(self.is_fact, [cell for cell in CELLS.split(line.text) if cell][:8]))

    def single(self, line: Line) -> Title | None:
        """The title that a line is, and nothing else: it names an occupation."""
        if line.heading or (line.label and line.label != "title"):
            return None
        title = self._clean(CELLS.split(_without_pay(line.value if line.label else line.text))[0])
        return Title(title, line.text) if self._may_be(title) and self._read(title).occupations else None

    def entries(self, line: Line) -> list[tuple[Title, str]]:
        """The jobs that a line offers beside each other, and what it says of each; none where it is no list.

        `招聘岗位：会计、出纳`, `电工8000-10000，焊工9000-12000`, `会计2名，6-8K；出纳1名，4-5K`
        """
        is_labelled = line.label == "title"
        text = line.value if is_labelled else _CALL.sub("", _CALLING.sub("", line.text))
        titles = line.text.split("、")
        is_called = (
            is_labelled or text != line.text or (len(titles) >= MIN_ROW and all(map(self._offered, titles)))
        )
        if line.heading or (line.label and not is_labelled) or not 4 <= len(text) <= MAX_CELL_CHARS:
            return []
        found: list[tuple[Title, str]] = []
        # Titles in a row are a list where the line calls for people; else each has its pay, or how many.
        is_row, mark = is_called, ""
        pieces = _LISTED.split(text)
        for number, piece in enumerate(pieces):
            if _LISTED.fullmatch(piece):
                mark = piece
                continue
            title = self._offered(piece)
            behind = "".join(pieces[number + 2 : number + 3])
            has_offer = self._is_offer(piece) or (
                mark in {"", "；", ";"} and self._is_offer(behind) and not self._offered(behind)
            )
            is_row = is_row and title is not None and (is_labelled or mark in {"", "、"})
            if title and (is_row or has_offer):
                found.append((title, piece.strip()))
            elif not found:
                return []
            else:
                found[-1] = found[-1][0], f"{found[-1][1]}{mark}{piece}"
        names = [title.text for title, _ in found]
        is_list = is_called or all(self._is_offer(said) for _, said in found)
        return found if is_list and 1 < len(set(names)) == len(names) else []

    def entry(self, line: Line) -> tuple[Title, str] | None:
        """The job that a line offers, with its pay or how many are sought, and what it says of it."""
        if line.heading or line.label or not self._is_offer(line.text):
            return None
        text = line.text[:MAX_CELL_CHARS]
        title = self._offered(re.split(r"[，,；;。：:]", text, maxsplit=1)[0])
        return (title, text) if title else None

    def _offered(self, piece: str) -> Title | None:
        """The title at the beginning of a piece, before its pay or a number of people."""
        bare = _without_pay(_COUNT.sub("\t", _ITEM.sub("", piece)))
        title = self._clean(re.split(r"[：:]", CELLS.split(bare.strip())[0], maxsplit=1)[0])
        return Title(title, piece) if self._may_be(title) and self._read(title).occupations else None

    @staticmethod
    def _is_offer(text: str) -> bool:
        return bool(_COUNT.search(text) or facts.pay_in(text))

    def tells(self, line: Line) -> bool:
        """Whether a line says pay, place, degree, years or a benefit: short pieces that hold for a job."""
        pieces = re.split(r"[，,；;。、：:]", line.text[:MAX_CELL_CHARS])
        return self._tells(line) or any(self._is_benefit(one) or self._cities.cell(one) for one in pieces[:8])

    def sought(self, lines: Sequence[Line]) -> Title | None:
        """The title in a sentence that says who is sought."""
        for line in lines:
            for pattern in (_SOUGHT, _SOUGHT_ENGLISH):
                for found in pattern.finditer(line.text[:600]):
                    title = self._clean(found[1])
                    if self._may_be(title) and self._read(title).occupations:
                        return Title(title, found[0].strip())
        return None

    def _may_be(self, title: str) -> bool:
        if not 2 <= len(title) <= (MAX_TITLE_CHARS if not title.isascii() else 70):
            return False
        key = key_of(title)
        if not key or NOISE.fullmatch(key) or _PROSE.search(title):
            return False
        # `单证` and `对账` look like a line of a text, and are names; `hr` behind a name is who recruits.
        if (_NOT_TITLE.search(key) or _VERB.search(key)) and (title.isascii() or not self._is_name(title)):
            return False
        is_fact = self.is_fact(title) or self._is_benefit(title) or all(map(self.is_fact, title.split()))
        return not is_fact and bool(re.search(r"[^\W\d_]{2}|[A-Za-z]", title))

    def is_fact(self, text: str) -> bool:
        """Whether a text is a degree, years or a place, and nothing else."""
        return bool(facts.degree_of(text) or facts.years_of(text) or self._cities.cell(text))

    def _clean(self, text: str) -> str:
        """A title without what stands around it: `急招！Java工程师（2名）`, `【双休】前端开发【上海】`."""
        text = re.sub(EMOJI, " ", text[:MAX_CELL_CHARS])
        while True:
            before = text
            text = text.lstrip(_DECORATION).rstrip(_DECORATION[:-3] + "（(【[「")
            if first := _FIRST_BRACKET.match(text):
                rest = text[first.end() :].strip(_DECORATION)
                if not rest:
                    text = first[1]
                elif self._is_aside(first[1]) or _NOT_TITLE.search(first[1]):
                    text = rest
            text = _CALL.sub("", text)
            if called := _CALLED.match(text):
                text = called[1] or called[2]
            text = re.sub(r"^(?:[一二三四五六七八九十]{1,2}|\d{1,2})\s*[、.．)）]\s*", "", text)
            text = _TAIL.sub("", text)
            last = _LAST_PIECE.search(text)
            if last and last.start() and self._is_aside(last[1] or last[2], is_bracket=last[1] is not None):
                text = text[: last.start()]
            if text == before:
                return text

    def _is_aside(self, text: str, *, is_bracket: bool = False) -> bool:
        """Whether a piece beside a title is about the job and not about what the work is."""
        if is_bracket and _NO_SPECIALITY.search(text):
            return True
        pieces = [piece for piece in re.split(r"[\s、，,+/·|&；;!！]+", text) if piece]
        return all(
            self.is_fact(one)
            or self._is_benefit(one)
            or _ASIDE.fullmatch(one)
            or _COUNT.fullmatch(one)
            or facts.pay_in(one)
            or facts.is_negotiable(one)
            for one in pieces
        )


def _without_pay(text: str) -> str:
    """A text with a gap between cells in place of the pay that it states."""
    pay = facts.pay_in(text)
    return text.replace(pay.said, "\t") if pay else text
