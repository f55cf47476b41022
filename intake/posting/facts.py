"""Short pieces of a posting to values: pay, degree, years, places. What is not surely one gives None.

Each value comes with the piece that it was read from, as it stands in the text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.matching.lexicon import degrees, experience, salary
from engine.matching.lexicon.places import Places
from engine.matching.text.normalise import normalise
from intake.posting.lines import MAX_LINE_CHARS

MAX_PLACE_CHARS = 80
"""Characters of an address that are read; the city is among the first."""
MAX_CELL_CHARS = 40
"""Characters of the longest cell that may be a fact by itself."""
NO_TOP = int(experience.MAX_YEARS)
"""Years that mean no upper bound."""


class Pay(NamedTuple):
    """Yuan a month, as the form has them."""

    low: int
    high: int
    said: str


class Degree(NamedTuple):
    """The rank of the lowest degree that will do, 0 where any will."""

    rank: int
    said: str


class Years(NamedTuple):
    """Years of work asked for; `NO_TOP` for no upper bound, 0 and `NO_TOP` where any will do."""

    least: int
    most: int
    said: str


class Area(NamedTuple):
    """Cities."""

    cities: tuple[str, ...]
    said: str


_NUMBER = r"\d{1,3}(?:\.\d{1,3})?"
_DASH = r"\s*+(?:[-~–—－～]+|至|到)\s*+"
_MONTHS = r"(?:\s*+[·*×xX•]?\s*+1[2-9](?:\.\d)?\s*+薪)?"
_FOR = (
    r"(?:\s*+/\s*+(?:每)?个?(?:月|年|天|日|周|小时|时)|\s*+每?(?:月|年|天)(?![一-鿿])"
    r"|\s*+(?:per|a)\s*+(?:month|year|day|hour))?"
)
_PAY = re.compile(
    rf"(?<![\d.]){_NUMBER}\s*+[kK千万wW]?{_DASH}{_NUMBER}\s*+[kK千万wW](?![a-zA-Z一-鿿])(?:元)?{_MONTHS}{_FOR}"
    rf"|(?<![\d.]){_NUMBER}\s*+[kK千万wW]?{_DASH}{_NUMBER}\s*+[kK千万wW](?:元|左右|以上|每|/|·|\*|年|月|薪|起){_MONTHS}{_FOR}"
    rf"|(?<![\d.-])\d{{4,6}}\s*+元?{_DASH}\d{{4,6}}(?![\d.])\s*+(?:元)?{_MONTHS}{_FOR}"
    rf"|(?<![\d.])\d{{2,4}}\s*+元?{_DASH}\d{{2,4}}\s*+元?\s*+/\s*+(?:每)?(?:天|日|小时|时|周)"
    rf"|(?<![\d.-])\d{{2,3}}\s*+元\s*+/\s*+(?:天|日|小时|时)"
    rf"|(?:日薪|时薪)[:：约为]{{0,2}}\s*+\d{{2,4}}(?:{_DASH}\d{{2,4}})?(?![\d.kK千万wW])\s*+元?"
    rf"|(?:年薪|月薪|日薪|时薪|底薪|无责底薪|薪资|工资|综合|保底|到手)[^\d\n。；;]{{0,6}}(?:\d{{4,6}}|{_NUMBER}\s*+[kK千万wW])(?:{_DASH}(?:\d{{4,6}}|{_NUMBER}\s*+[kK千万wW]))?"
    rf"(?:元)?(?:以上|起|左右|\+|以内)*(?:\s*+\+?\s*+(?:提成|奖金|绩效))?{_MONTHS}{_FOR}"
    rf"|(?<![\d.]){_NUMBER}\s*+[kKwW万千](?:元)?(?:以上|起|\+|左右|/月|/年)+{_MONTHS}"
    rf"|(?:RMB|CNY|rmb|¥|￥)\s*+\d{{1,3}}(?:,?\d{{3}})+(?:{_DASH}(?:RMB|CNY|¥|￥)?\s*+\d{{1,3}}(?:,?\d{{3}})+)?{_FOR}"
    rf"|(?<![\d.,])\d{{1,3}},\d{{3}}{_DASH}\d{{1,3}},\d{{3}}\s*+(?:RMB|CNY|元)?{_FOR}"
)
_NO_PAY = re.compile(
    r"注册|资本|融资|营收|产值|估值|投资|规模|市值|销售额|业绩|流水|用户|粉丝|预算|面积|平米|㎡|订单|GMV|罚|保证金|客户|产能|营业额|项目金额"
)
_YEARS_ALONE = re.compile(r"\s*+(?:19|20)\d{2}\s*+[-~–—至到]+\s*+(?:19|20)\d{2}\s*+")
_NEGOTIABLE = re.compile(
    r"(?:薪资|薪酬|工资|月薪|待遇){0,4}(?:从优)?(?:面议|面谈|可谈|可议)|negotiable", re.IGNORECASE
)

_RANGE = re.compile(rf"\d[kK千万wW元]*{_DASH}\d")
_MORE = re.compile(r"[+\s]{0,3}(?:高额)?(?:提成|奖金|绩效)")
_WHICH = re.compile(
    r"(?P<part>底薪|基本工资|基本薪|保底|固定|试用)|(?P<whole>综合|到手|转正|总收入|月收入|月入|平均收入|年收入|年入|年薪)"
)
_ENDS_AS_A_TITLE = re.compile(r"[师员工计理管监长手生秘责傅商人]$|公司|集团|店$")
_A_YEAR = re.compile(r"(?:年收入|年入|年总收入|全年收入)(?:约|可达|可至|达|[:：]){0,2}\s?$")
_WHICH_CHARS = 8
"""Characters before a pay in which a word says that it is a part of the pay, or all of it."""

_CLAUSE = re.compile(r"[，,。；;\n]|(?:^|(?<=\s))\d{1,2}[、.．)）]")

_DEGREE = r"(?:博士|硕士|研究生|本科|学士|大专|专科|高职|中专|高中|职高|技校|中技|初中|小学)"
_DEGREE_CELL = re.compile(
    rf"(?:最低)?(?:学历|教育)?(?:要求)?[:：]?(?:全日制|统招|统一招生|国家|重点|正规|公办|一本|二本|985|211|/|、)*{_DEGREE}"
    rf"(?:[/、及或和]+(?:{_DEGREE}))*(?:学历|毕业|学位)?(?:\(?(?:及|或|含)?(?:其)?以上\)?)?(?:学历|毕业|学位)?(?:优先)?"
)
_NO_DEGREE = re.compile(
    r"(?:学历)?(?:要求)?[:：]?(?:学历)?(?:不限|无要求|不作要求)(?:学历)?|不限学历|无学历要求"
)
_YEARS_CELL = re.compile(
    r"(?:需|要求|至少|满)?(?:(?:工作|相关|从业)?(?:经验|年限))?(?:要求)?[:：]?(?:至少|满)?(\d{1,2})(?:[-~–—－～至到]+(\d{1,2}))?\+?年(?:及)?(以上|以下|以内)?"
    r"(?:的)?(?:(?:相关)?(?:工作)?(?:经验|经历|工龄))?(?:优先)?|(\d{1,2})(?:[-~–]+(\d{1,2}))?\+?(?:years?|yrs?)(?:of)?(?:experience)?"
)
_ANY_YEARS = re.compile(
    r"(?:工作)?(?:经验|年限)(?:要求)?[:：]?不限|不限(?:工作)?经验|无(?:需)?经验(?:要求|均可|可)?|经验不限"
)
_FRESH = re.compile(
    r"(?:\d{2,4}届?)?(?:应届(?:毕业)?生?|在校(?:/|生/?)?应届生?|校招|无经验)(?:/在校生?)?(?:可|均可)?|在校生?"
)


def pay_in(text: str) -> Pay | None:
    """The first pay that a text states, or what all comes to (`综合`, `转正`) behind a part of it."""
    part = None
    for found in _PAY.finditer(text[:MAX_LINE_CHARS]):
        said = found[0].strip(" ·*/")
        if _YEARS_ALONE.fullmatch(said) or _NO_PAY.search(text[max(0, found.start() - 12) : found.end() + 6]):
            continue
        # Two words behind it may leave an end open; more would be another statement.
        tail = re.match(r"\s*(?:以上|起|\+?\s*提成|\+?\s*奖金)?", text[found.end() :])
        # A range is what is said; only of one figure a commission leaves the end open.
        plain = _MORE.sub("", said) if _RANGE.search(said) else said + (tail[0] if tail else "")
        is_a_year = _A_YEAR.search(text[max(0, found.start() - _WHICH_CHARS) : found.start()])
        low, high = salary.parse(f"年薪{plain}" if is_a_year else plain)
        if salary.is_open(low, high) or low > high:
            continue
        which = _which(text, found)
        if which == "whole" or (part is None and which != "part"):
            return Pay(low, high, said)
        part = part or Pay(low, high, said)
    return part


def _which(text: str, found: re.Match[str]) -> str | None:
    """Whether a pay is `part` of what is paid or the `whole`: the last word on it before, or in brackets."""
    before = re.split(r"[，,。；;、\n]", text[max(0, found.start() - _WHICH_CHARS) : found.start()])[-1]
    words = [one.lastgroup for one in _WHICH.finditer(before + found[0])]
    behind = re.match(rf"\s{{0,2}}[（(](?:{_WHICH.pattern})", text[found.end() : found.end() + _WHICH_CHARS])
    return words[-1] if words else behind.lastgroup if behind else None


def pay_of(value: str) -> Pay | None:
    """The pay in the value of a label."""
    if found := pay_in(value):
        return found
    short = value.strip()[:60]
    if negotiable := _NEGOTIABLE.search(short):
        return Pay(*salary.OPEN, negotiable[0])
    if not re.search(r"\d", short) or _NO_PAY.search(short):
        return None
    low, high = salary.parse(short)
    return None if salary.is_open(low, high) else Pay(low, high, short)


def is_negotiable(cell: str) -> bool:
    """Whether a cell says that pay is to be talked about."""
    return bool(_NEGOTIABLE.fullmatch(cell.strip()))


def degree_of(cell: str) -> Degree | None:
    """The degree that a cell of its own, or the value of a label, names."""
    key = _squeezed(cell)
    if _NO_DEGREE.fullmatch(key):
        return Degree(0, cell.strip())
    if not _DEGREE_CELL.fullmatch(key):
        return None
    # Of several (`大专/本科`) the lowest will do.
    ranks = [degrees.DEGREES[word] for word in re.findall(_DEGREE, key)]
    return Degree(min(ranks), cell.strip())


def degree_in(text: str) -> Degree | None:
    """The degree that a text asks for, see `degrees.required_degree`, and the clause that says it."""
    rank = degrees.required_degree(normalise(text))
    if not rank:
        return None
    said = (one for one in _CLAUSE.split(text) if degrees.required_degree(normalise(one, 300)) == rank)
    return Degree(rank, next(said, text))


def years_of(cell: str) -> Years | None:
    """The years of work that a cell of its own, or the value of a label, names."""
    key = _squeezed(cell)
    if _ANY_YEARS.fullmatch(key) or (key in {"不限", "无要求"}):
        return Years(0, NO_TOP, cell.strip())
    if _FRESH.fullmatch(key):
        return Years(0, 0, cell.strip())
    found = _YEARS_CELL.fullmatch(key)
    if found is None:
        return None
    least, most = int(found[1] or found[4]), found[2] or found[5]
    if found[3] in {"以下", "以内"}:
        return Years(0, least, cell.strip())
    return _years(least, int(most) if most else NO_TOP, cell.strip())


def years_in(text: str) -> Years | None:
    """The years that a text asks for, see `experience.required_years`, and the clause that says it."""
    found = experience.required_years(normalise(text))
    if not found:
        return None
    said = (one for one in _CLAUSE.split(text) if experience.required_years(normalise(one, 300)) == found)
    return _years(int(found[0]), int(found[1]), next(said, text))


def _years(least: int, most: int, said: str) -> Years | None:
    return Years(least, most, said) if least <= experience.MAX_REQUIRED_YEARS and least <= most else None


class Cities:
    """Finds cities by the engine's table of places."""

    def __init__(self, places: Places, names: frozenset[str]) -> None:
        self._places = places
        self._names = {normalise(name): name for name in names}

    def of(self, value: str) -> Area | None:
        """The cities that the value of a label, or an address, names; None where any place will do."""
        said = value.strip()[:MAX_PLACE_CHARS]
        keys = self._places.wish((said,))
        if len(said) > MAX_CELL_CHARS or re.search(r"[路街号楼栋层室厦园]", said):
            # An address is in one city, though it may have the name of another in it.
            keys = self._places.home(said)
        return self._area(keys, said)

    def cell(self, text: str) -> Area | None:
        """The cities of a cell that is nothing but a place: `深圳`, `上海-浦东新区`, `北京·朝阳区·望京`."""
        said = text.strip(" ()（）【】[]")
        if not 2 <= len(said) <= MAX_CELL_CHARS:
            return None
        keys = self._places.whole(said)
        first = re.split(r"[-—·.•/\s、,，|]", said, maxsplit=1)[0]
        if not keys and 2 <= len(first) < len(said) and (begin := self._places.whole(first)):
            rest = said[len(first) :].strip(" -—·.•/、,，|")
            if re.fullmatch(r"[\w一-鿿()（）·\-—./ ]{2,20}", rest) and not re.search(
                r"\d|公司|集团|有限", rest
            ):
                keys = begin
        if not keys and (re.fullmatch(r"[一-鿿]{4,12}[区县]", said) or self._is_city_and_part(said)):
            keys = self._places.home(said)
        return self._area(keys, said)

    def begun(self, text: str) -> Area | None:
        """The city that a short line begins with, and that names nobody: `南京新街口`."""
        if not re.fullmatch(r"[一-鿿]{4,8}", text) or _ENDS_AS_A_TITLE.search(text):
            return None
        found = (self._places.whole(text[:length]) for length in (2, 3))
        keys = next(filter(None, found), ())
        return self._area(keys, text)

    def _is_city_and_part(self, said: str) -> bool:
        """Whether a city and one of its parts stand together: `上海浦东`, but not `上海会计`."""
        if not re.fullmatch(r"[一-鿿]{4,8}", said):
            return False
        home = self._places.home(said)
        parts = ((said[:at], said[at:]) for at in (2, 3))
        return any(home == self._places.whole(city) != () and self._places.home(rest) for city, rest in parts)

    def _area(self, keys: tuple[str, ...], said: str) -> Area | None:
        found = [self._names[key] for key in keys if key in self._names]
        # In the order of the text.
        found.sort(key=lambda name: said.find(name) if name in said else len(said))
        # Several are a list; `杭州阿里中心` is one, with a name in it that is a city elsewhere.
        if len(found) > 1 and not re.search(r"[、,，/|｜;；\s和及或&·]", said):
            found = found[:1]
        return Area(tuple(dict.fromkeys(found)), said) if found else None


def _squeezed(cell: str) -> str:
    return (
        normalise(cell, 100).replace(" ", "").strip(":：;；,，。.()[]【】")
        if len(cell) <= MAX_CELL_CHARS
        else ""
    )
