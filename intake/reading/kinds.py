"""Whether a document is a resume at all; else what it is, as far as that can be told.

A resume may quote duties, contracts and invoices: what somebody did for a living is never held against them.
So a document is refused only where it shows nothing of a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from intake.files.outcome import Reason
from intake.reading.lines import Line


def _patterns(*texts: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(text, re.IGNORECASE) for text in texts)


_ADVERT = _patterns(
    r"^\W{0,3}(?:岗位|工作|职位|主要)(?:职责|描述|内容)|^\W{0,3}(?:key )?responsibilities\b"
    r"|^\W{0,3}what you.{0,3}ll do",
    r"^\W{0,3}(?:任职|岗位|职位|应聘|招聘|录用)(?:要求|资格|条件)|^\W{0,3}(?:job )?requirements\b"
    r"|^\W{0,3}qualifications\b|^\W{0,3}what we.{0,3}re looking for",
    r"^\W{0,3}(?:薪资|薪酬|福利|公司|职位)(?:福利|待遇|亮点)|五险一金|带薪年假|^\W{0,3}(?:we offer"
    r"|benefits)\b|^\W{0,3}职位诱惑",
    r"(?:诚聘|急聘|高薪聘|招聘|急招|招募).{0,20}|we are (?:hiring|looking for)|join our team",
    r"^\W{0,3}(?:公司|企业)(?:介绍|简介|概况)|^\W{0,3}about (?:us|the company)",
    r"简历(?:投递|发送|发至|请发)|投递(?:邮箱|方式|简历)|欢迎(?:投递|加入)|有意者"
    r"|apply now|send your (?:cv|resume)",
    r"招聘人数|若干名|\d{1,3}(?:人|名)$|面试(?:地址|时间|地点)|工作(?:地点|地址|时间)\s?(?:[:：]|$)"
    r"|(?:发布|更新|截止)(?:时间|日期)\s?[:：]|汇报对象|职位编号",
    r"\d\d\s?[-~至到]\s?\d\d\s?周?岁|\d\d周?岁(?:以[上下内]|左右)|(?:学历|经验|性别|年龄)\s?[:：]?\s?不限",
    r"^[^:：]{2,40}\s\d{1,2}-\d{1,2}k(?:·\d\d薪)?$|^[^:：]{2,40}\s\d{4,5}-\d{4,5}元?/?月?$",
    r"(?:本科|大专|中专|高中|硕士)(?:及|或)?以上(?:学历)?|\d年以上.{0,12}经验"
    r"|经验(?:者)?优先|优先(?:考虑|录用)|years of experience",
)
_CONTRACT = _patterns(
    r"甲\s?方|party a\b",
    r"乙\s?方|party b\b",
    r"(?:合同|协议书?)\s?$|^.{0,20}(?:合同|协议)书?$|合同编号|\bagreement\b",
    r"^第[一二三四五六七八九十\d]{1,3}[条章]|^(?:article|clause) \d",
    r"签(?:字|订|署|章)|盖章|\bsignature\b",
    r"违约|本(?:合同|协议)|争议|hereby|hereinafter|termination",
)
_INVOICE = _patterns(
    r"发票(?:代码|号码)|invoice (?:no|number|#)",
    r"价税合计|合计金额|小写|amount due|total due|subtotal",
    r"纳税人识别号|统一社会信用代码|vat (?:no|number|id)|tax id",
    r"购买方|购方|bill to",
    r"销售方|销方|开票人|收款人|复核",
    r"开票日期|invoice date|due date",
    r"税率|税额|\bvat\b|unit price|单价",
    r"(?:增值税|电子|普通|专用)?发票$|^invoice$",
)


class Signs(msgspec.Struct):
    """What a document shows of a person.

    Attributes:
        has_contact: Whether a phone or an e-mail was read.
        has_person: Whether gender or age were.
        works: How many dated jobs.
        whole_works: How many of these with a company and a title.
        is_called_resume: Whether its title or a line says 简历 or resume.
    """

    has_name: bool
    has_contact: bool
    has_person: bool
    works: int
    whole_works: int
    schools: int
    sections: set[str]
    is_called_resume: bool

    @property
    def points(self) -> int:
        """How much it looks like a resume."""
        told = self.sections & {
            "works",
            "education",
            "target",
            "evaluation",
            "projects",
            "internships",
            "skills",
        }
        return (
            self.has_name
            + self.has_contact
            + 2 * self.has_person
            + 2 * min(self.works, 2)
            + min(self.schools, 2)
            + min(len(told), 4)
            + 2 * self.is_called_resume
        )


def refusal(lines: Sequence[Line], signs: Signs) -> Reason | None:
    """Why a document is no resume; None for a resume."""
    texts = [line.text[:200] for line in lines[:600]]
    if not signs.whole_works and signs.points < 5 and _hits(_INVOICE, texts) >= 4:
        return "invoice"
    if not signs.whole_works and signs.points < 6 and _hits(_CONTRACT, texts) >= 5:
        return "contract"
    # It asks for somebody of an age, a sex, a degree, and says whom to call: none of that is a person.
    has_career = bool(signs.sections & {"education", "works"})
    shows_life = signs.whole_works or (signs.has_name and has_career)
    if not shows_life and _hits(_ADVERT, texts) >= (4 if signs.is_called_resume or has_career else 3):
        return "job_advert"
    shows_career = signs.works or (
        signs.schools and (signs.has_name or signs.has_contact or signs.has_person)
    )
    is_introduced = (
        signs.has_name
        and signs.has_contact
        and (signs.has_person or signs.is_called_resume or signs.sections - {"other"})
    )
    says_who = signs.has_person and (signs.has_name or signs.has_contact)
    if not (shows_career or is_introduced or says_who or signs.points >= 5):
        return "no_resume"
    return None


def _hits(patterns: Sequence[re.Pattern[str]], texts: Sequence[str]) -> int:
    return sum(any(pattern.search(text) for text in texts) for pattern in patterns)
