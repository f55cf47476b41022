"""What a piece of a header is: a company, a title, a department, a school, a degree or a place.

A header says several things in a row, in any order. Each reader here gives points for one of them; who is
asked decides by comparing.
"""

from __future__ import annotations

import re
from functools import cache

from config.data import load_lexicon
from engine.matching.lexicon import salary
from engine.matching.lexicon.companies import Companies
from engine.matching.lexicon.places import Places
from engine.matching.lexicon.schools import Schools
from engine.matching.lexicon.titles import TitleReader
from engine.matching.text.normalise import normalise
from engine.matching.text.traditional import to_simplified
from intake.reading.words import Words, words

MAX_PIECE_CHARS = 60
"""Characters of the longest name of a company, school or title."""

_NOTE = re.compile(r"\s?[(\[【（][^()\[\]【】（）]{0,40}[)\]】）]\s?$")
_SURELY_COMPANY = re.compile(
    r"(?:公司|集团|事务所|研究院|研究所|设计院|银行|支行|分行|医院|诊所|卫生院|门诊部|幼儿园|酒店|宾馆|饭店|大酒店|工作室|出版社|杂志社|报社|电视台|合作社|工厂|协会|基金会|委员会|管理局|税务局|法院|检察院|超市|商场|百货|旗舰店|专卖店|大药房|药店|俱乐部|养老院|经营部|门市部|福利院|培训学校|个体工商户|\(有限合伙\)|办事处|代表处|分公司|总公司|子公司)(?:[一-鿿()]{0,8}(?:分公司|支行|分行|分店|分院|店|厂|总部))?$"
    r"|\b(?:inc|ltd|llc|llp|corp|corporation|limited|gmbh|plc|pte|company|group|holdings?|technolog(?:y|ies)|bank|hospital|hotel|studios?|labs?|solutions|systems|partners|associates|industries|enterprises|international|institute|co)\.?$",
)
_LIKELY_COMPANY = re.compile(
    r"(?:科技|网络|信息|软件|电子|传媒|教育|咨询|物流|地产|贸易|商贸|实业|控股|证券|保险|能源|汽车|食品|智能|互动|物业|餐饮|医疗|生物|制药|文化|广告|装饰|建设|重工|电器|电气|股份|资本|基金|商城|学校|大学|学院|中学|小学|厂|店|馆|中心|局|所|社|游戏|通信|通讯|数科|云|在线|时代|国际|机械|化工|服饰|家居|农业|航空|旅行社|旅游|超市|科创|创新|网|金服|支付|影业|人寿|人力|环保|新材|光电|半导体|微电子|机器人)$"
)
_TITLE_END = re.compile(
    r"(?:师|员|经理|总监|主管|专员|助理|主任|代表|顾问|总裁|工程师|开发|运营|设计|测试|会计|出纳|文员|教师|老师|店长|店员|司机|厨师|实习生|实习|管培生|组长|班长|队长|负责人|专家|架构师|秘书|客服|前台|合伙人|创始人|董事长?|副总|总经理|厂长|院长|校长|所长|部长|处长|科长|干事|站长|领班|领队|学徒|普工|技工|焊工|电工|钳工|车工|保安|保洁|护士|医生|医师|律师|法务|人事|行政|采购|销售|策划|编辑|记者|主播|导购|收银|仓管|跟单|助教|讲师|教练|教授|讲解|翻译|导演|摄影|美工|前端|后端|运维|算法|产品|业务员?|内勤|外勤|岗|岗位|储备干部|(?:经纪|合伙|创始|负责|主持|策划|代理|撰稿|调解|投资|制片|经办)人|干部|职员|员工|店经理|督导|主编|制片|剪辑|投放|推广|策略|风控|审计|税务|财务|招聘|培训|薪酬|hrbp|hr|ceo|cto|cfo|coo|cmo|vp|pm|qa|qc|sqe|pmc|ui|ue|ux|dba|bd)$"
    r"|\b(?:engineer|developer|programmer|manager|director|assistant|analyst|intern|trainee|specialist|consultant|designer|officer|lead|leader|head|architect|accountant|auditor|executive|representative|coordinator|supervisor|administrator|scientist|researcher|teacher|lecturer|professor|nurse|secretary|clerk|associate|president|founder|co-founder|partner|editor|writer|advisor|planner|buyer|technician|operator|agent|producer|recruiter|tester|controller|sales|chef|driver|cashier|strategist|ceo|cto|cfo|coo)s?(?:\s(?:i{1,3}|iv|[1-4]))?$"
    r"|^(?:head|vp|vice president|director|manager|chief) (?:of )?",
)
_TITLE_START = re.compile(
    r"^(?:高级|资深|初级|中级|首席|副|助理|实习|见习|senior|junior|sr\.?|jr\.?|chief|principal|lead|staff|assistant|associate)"
)
_DEPARTMENT = re.compile(
    r"^[\w一-鿿&/·()-]{1,24}(?:(?<!经营)(?<!门市)部|部门|事业部|事业群|bu|(?:研发|技术|运营|数据|客服|营销|销售|产品|管理|财务|市场|培训|设计|测试|共享|质量|制造|生产|采购|物流|配送|创新)中心|组|小组|科室|处|条线|department|dept\.?|division)$"
)
_SCHOOL = re.compile(
    r"(?:[\w一-鿿()·\s-]{1,28}?(?:大学|学院|学校|中学|高中|技校|职高|中专|党校|一中(?!学)|二中(?!学)|研究生院|专科学校|科学院|电大(?!学))(?:\([^()]{1,20}\))?(?:[\w一-鿿]{0,12}(?:校区|学院|分校))?)"
    r"|(?:(?<![A-Za-z])[A-Za-z][A-Za-z.'& -]{0,60})?(?:university|college|institute|polytechnic"
    r"|academy|school)(?:\s(?:of|at|in|for)\s[A-Za-z.'& -]{2,50})?",
    re.IGNORECASE,
)
_DEGREE = re.compile(
    r"博士后|博士研究生|博士|硕士研究生|硕士|研究生|emba|mba|mpa|本科|学士|大学本科|大专|专科|高职|中专|中技|职高|技校|高中|初中|小学"
    r"|\b(?:ph\.?\s?d\.?|doctor(?:ate)?|master(?:['’]?s)?|bachelor(?:['’]?s)?"
    r"|b\.?\s?sc\.?|m\.?\s?sc\.?|b\.?\s?eng\.?|m\.?\s?eng\.?|b\.a\.?|ba|m\.a\.?"
    r"|ma|b\.s\.?|bs|m\.s\.?|ms|b\.?tech|m\.?tech|bba|associate degree|high school diploma)(?![a-z])",
    re.IGNORECASE,
)
_SCHOOL_NOTE = re.compile(
    r"^(?:统招|非统招|全日制|非全日制|统分|自考|成人|成教|函授|网络教育|专升本|本硕连读|硕博连读|985|211|双一流|985/211|c9|qs\d*|一本|二本|三本|公办|民办|在读|毕业|已毕业|应届|学历|学位|统一招生|全日制统招|是|否|海外|重点|主修|辅修|第一学历|最高学历|[/、·,\s])+$",
    re.IGNORECASE,
)
_PAY = re.compile(r"^\D{0,8}\d[\d.,~-]*\s?(?:k|千|万|元|w)|面议|薪", re.IGNORECASE)
_PIECES = re.compile(
    r"\t|\s{2,}|\s?[|｜;；]\s?|\s[/·•,，\-–—―@]{1,2}\s|[,，](?=\s?[\u4e00-\u9fff])"
    r"|,\s(?!(?:ltd|inc|llc|co|corp|limited)\b)|\s(?:at|@)\s"
    r"|(?<=[\u4e00-\u9fff)）])(?:——|—|–)(?=[\u4e00-\u9fffA-Za-z])",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"[A-Za-z一-鿿]")


class PieceReader:
    """Reads pieces of headers, with the engine's own tables of titles, places, schools and companies."""

    def __init__(self, words: Words) -> None:
        lexicon = load_lexicon()
        self._words = words
        self._titles = TitleReader(lexicon.titles, lexicon.vague_titles)
        self._places = Places(lexicon.cities, lexicon.regions, lexicon.abroad)
        self._companies = Companies(lexicon.companies)
        self._schools = Schools(lexicon.schools)
        self._company_points = cache(self._company)
        self._title_points = cache(self._title)

    def company(self, text: str) -> float:
        """How much a piece looks like an employer: 3 surely, 1 and above likely, 0 or below hardly."""
        return self._company_points(text) if 2 <= len(text) <= MAX_PIECE_CHARS else -1.0

    def title(self, text: str) -> float:
        """How much a piece looks like a position, as `company`."""
        return self._title_points(text) if 2 <= len(text) <= MAX_PIECE_CHARS else -1.0

    def forget(self) -> None:
        """Let go of the pieces of one document; they belong to a person."""
        self._company_points.cache_clear()
        self._title_points.cache_clear()

    def _company(self, piece: str) -> float:
        text = normalise(_NOTE.sub("", piece))
        if not _PLAIN.search(text):
            return -1.0
        points = 3.0 if _SURELY_COMPANY.search(text) else 1.5 if _LIKELY_COMPANY.search(text) else 0.0
        if self._companies.find(text):
            points = max(points, 2.0)
        if points and self._places.home(text[:4]):
            points += 0.5
        return points

    def _title(self, piece: str) -> float:
        text = normalise(_NOTE.sub("", piece))
        if not _PLAIN.search(text) or _SURELY_COMPANY.search(text):
            return -1.0
        points = 2.5 if _TITLE_END.search(text) else 0.0
        if _TITLE_START.search(text):
            points += 0.5
        if points < 3:
            if self._titles.named(text):
                points += 2.0
            elif self._titles.read(text).occupations:
                points += 1.0
        return points

    def department(self, text: str) -> bool:
        """Whether a piece is a part of a company."""
        return len(text) <= 30 and bool(_DEPARTMENT.match(normalise(_NOTE.sub("", text))))

    def school(self, text: str) -> str:
        """The school that a text names; "" for none."""
        text = text[:200]
        # Characters become simplified one by one, so that places in the text stay.
        if found := _SCHOOL.search(to_simplified(text)):
            name = text[found.start() : found.end()].strip(" ,-·|:")
            return name if len(name) > 2 or self._schools.kind(name) else ""
        return text.strip() if len(text) <= 40 and self._schools.kind(text) else ""

    def degree(self, text: str) -> re.Match[str] | None:
        """The first word for a degree in a text."""
        return _DEGREE.search(to_simplified(text[:200]))

    def is_school_note(self, text: str) -> bool:
        """Whether a piece says how somebody studied (统招, 全日制, 985) and neither what nor where."""
        return bool(_SCHOOL_NOTE.match(text))

    def place(self, text: str) -> bool:
        """Whether a piece is a place, or several, and nothing else."""
        text = normalise(text).strip(" ()")
        if not 2 <= len(text) <= 40:
            return False
        parts = [part for part in re.split(r"[\s,、/;·|-]+", text) if part]
        return all(len(part) <= 12 and self._is_place(part) for part in parts) if parts else False

    def _is_place(self, text: str) -> bool:
        return bool(self._places.whole(text)) or (
            len(text) >= 3 and text[-1] in "市区县省" and bool(self._places.home(text))
        )

    def in_place(self, text: str) -> bool:
        """Whether a text has a place in it."""
        return bool(self._places.home(text[:60]))

    def industry(self, text: str) -> bool:
        """Whether a piece is the name of one or several industries; what is a position too (会计) is none."""
        parts = [part for part in re.split(r"[/、,，\s()|·-]+", normalise(text)) if part]
        return bool(parts) and all(part in self._words.industries for part in parts) and self.title(text) < 2

    def company_kind(self, text: str) -> bool:
        """Whether a piece says who owns a company."""
        return bool(self._words.company_kinds.fullmatch(normalise(text).replace(" ", "")))

    def scale(self, text: str) -> bool:
        """Whether a piece says how many people a company has."""
        return bool(self._words.scales.fullmatch(normalise(text).replace(" ", "")))


@cache
def piece_reader() -> PieceReader:
    """The reader of a process; made on first use, as its tables take a second to build."""
    return PieceReader(words())


def pieces_of(text: str) -> list[str]:
    """The pieces of a header between its marks and wide blanks."""
    parts = _PIECES.split(text)
    stripped = (_bare(part) for part in parts)
    return [part for part in stripped if part]


def _bare(piece: str) -> str:
    """A piece without the marks around it; brackets stay where both are there."""
    piece = piece.strip(" \t|·•-–—,，:：/*#、")
    for opening, closing in ("()", "[]", "【】"):
        if piece.count(opening) != piece.count(closing) or (
            piece.startswith(opening) and piece.endswith(closing)
        ):
            piece = piece.strip(opening + closing + " ")
    return piece


def is_pay(text: str) -> bool:
    """Whether a piece states pay."""
    if len(text) > 30 or not _PAY.search(text):
        return False
    return "面议" in text or not salary.is_open(*salary.parse(text))
