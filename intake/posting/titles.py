"""The title of a posting: behind its label, at its head, or in the sentence that says who is sought."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from engine.matching.lexicon.titles import TitleReading
from intake.posting import facts
from intake.posting.lines import EMOJI, Line, key_of
from intake.posting.words import NOISE

MAX_TITLE_CHARS = 40
"""Characters of the longest title at the head of a posting; behind a label the form's 100 are taken."""
MAX_CELL_CHARS = 200
"""Characters of a cell that are read as a title, with what stands around it."""
HEAD_LINES = 40
"""Lines of the head in which a title is looked for."""

NEAR = 4
"""Lines between a title and what else a head says."""

READ = Callable[[str], TitleReading]
IS_NAME = Callable[[str], object]

CELLS = re.compile(rf"\t|\s{{2,}}|[|｜丨]|(?:{EMOJI})+|\s/\s|(?<=[^\x00-\x7f])\s(?=[^\x00-\x7f(（])")
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
)
_TAIL = re.compile(
    r"\s{0,3}(?:[（(【\[]?(?:招)?\s{0,3}(?:\d{1,3}\s*+(?:[-~至]\s*+\d{1,3})?|若干|数|多|[一两二三四五六七八九十])\s*+[名人位][）)】\]]?|招聘(?:启事|信息|公告|简章|需求)?$|[（(]\s*+(?:急招|急聘|急|双休|五险一金|包吃住?|高薪|接受小白|可实习|无责底薪|[A-Z]{0,3}\d{3,})\s*+[）)])\s*+$"
)
_NOT_TITLE = re.compile(
    r"公司|集团|有限|厂$|先生|女士|小姐|活跃|在线$|经验不限|学历不限|险一金|双休|补贴|年假|体检|奖金|福利|面议|地址|人以[上下]|融资|上市|\d-\d+人|hr$|招聘者|工作制|负责(?!人)|熟悉|具备|要求|职责|优先|以上"
)
_VERB = re.compile(
    r"^(?:根据|按照|协助|配合|设计[、和]|订单|完成|参与|负责|熟悉|熟练|具备|具有|精通|掌握|了解|有(?![机色限轨害声])|能(?!源)|会(?![计议展务员籍所])|对(?![外公账话接])|与|为|并(?!购)|及时|做好|制定|编写|维护|管理[、和]|独立(?!站)|积极|善于|热爱|提供|处理|从事|需要|我们|本(?!地)|良好|较强|优秀|扎实|全日制|统招)"
    r"|(?:能力|经验|技能|知识|专业|精神|意识|素质|水平|方案|报告|任务|优先|(?<![记作愿])者|等|学历|证书?|操作)$"
)
_ITEM = re.compile(r"^\s*+(?:[(（]?\d{1,2}\s*+[)）、.．]|[①-⑳])")
_PROSE = re.compile(r"[。；;！？!?，,：:]")


class Title(NamedTuple):
    """A title, and the line that it was read from."""

    text: str
    said: str


class TitleFinder:
    """Finds titles.

    Args:
        read: Reads a title, see `Analyzer.title`.
        is_name: Tells whether a text is a name of an occupation, and nothing else.
        cities: Tells places, which are no titles.
    """

    def __init__(self, read: READ, is_name: IS_NAME, cities: facts.Cities) -> None:
        self._read = read
        self._is_name = is_name
        self._cities = cities

    def labelled(self, line: Line) -> Title | None:
        """The title behind a label."""
        # `招聘：杭州 | 前端开发 | 20-30K`
        cells = map(self._clean, CELLS.split(line.value))
        text = next((cell for cell in cells if not self._is_fact(cell) and not facts.pay_in(cell)), "")
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
            begin = _PROSE.split(text.replace("！", "").replace("!", ""))[:1] if number < 2 else []
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
        cells = [cell for cell in CELLS.split(line.text) if cell][:8]
        return any(facts.degree_of(one) or facts.years_of(one) or self._cities.cell(one) for one in cells)

    def single(self, line: Line) -> Title | None:
        """The title that a line is, and nothing else: it names an occupation."""
        if line.heading or (line.label and line.label != "title"):
            return None
        text = line.value if line.label else line.text
        if pay := facts.pay_in(text):
            text = text.replace(pay.said, "  ")
        title = self._clean(CELLS.split(text)[0])
        return Title(title, line.text) if self._may_be(title) and self._read(title).occupations else None

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
        is_fact = self._is_fact(title) or all(map(self._is_fact, title.split()))
        return not is_fact and bool(re.search(r"[^\W\d_]{2}|[A-Za-z]", title))

    def _is_fact(self, text: str) -> bool:
        return bool(facts.degree_of(text) or facts.years_of(text) or self._cities.cell(text))

    def _clean(self, text: str) -> str:
        """A title without what stands around it: `急招：Java工程师（2名）`, `前端开发【上海】`."""
        text = re.sub(EMOJI, " ", text[:MAX_CELL_CHARS]).strip(" \t*#_=~·•-—–:：|/“”\"'‘’")
        if text[:1] in "【[〔「《" and text[-1:] in "】]〕」》":
            text = text[1:-1]
        text = re.sub(r"^[【\[](?:急招?|热招?|急聘|招聘|诚聘|直招|高薪)[】\]]\s*", "", text)
        text = _CALL.sub("", text.lstrip("!！"))
        if called := _CALLED.match(text):
            text = called[1]
        text = re.sub(r"^(?:[一二三四五六七八九十]{1,2}|\d{1,2})\s*[、.．)）]\s*", "", text)
        while (shorter := _TAIL.sub("", text)) != text:
            text = shorter
        # A place in brackets is no part of what the work is.
        found = re.search(
            r"\s{0,3}[（(【\[]([^）)】\]]{2,16})[）)】\]]?\s*+$|\s{0,3}[-—–·]\s*+([一-鿿]{2,8})$", text
        )
        if found and self._cities.cell(found[1] or found[2]):
            text = text[: found.start()]
        return text.strip(" \t*#_=~·•-—–:：|/")
