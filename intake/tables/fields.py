"""What a column of a table may be, and what it probably is.

It may be a field of a resume that one cell can hold.

Of works and schools a row has one, the latest: `work.…`, `education.…`. `is_secret` is `contact_status` asked
the other way round: 是 keeps the contact secret.

What it probably is say the words above it: those of `intake/reading/words.toml`, and some more.

    propose(["姓名", "手机号码", "期望薪资", "附件"])     # {0: "name", 1: "phone", 2: "job_target.salary"}
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from intake.reading.labels import LabelReader
from intake.reading.words import words

FIELDS: dict[str, str] = {
    "name": "姓名",
    "phone": "电话",
    "email": "邮箱",
    "qq": "QQ",
    "gender": "性别",
    "age": "年龄",
    "birth": "出生日期",
    "address": "现居地",
    "work_years": "工作年限",
    "job_target.job_career": "期望职位",
    "job_target.salary": "期望薪资",
    "job_target.expectation_area": "期望城市",
    "job_target.job_industry": "期望行业",
    "job_target.job_category": "工作性质",
    "job_target.job_hunting_state": "求职状态",
    "work.compnay_name": "最近公司",
    "work.position_title": "最近职位",
    "work.industry_category": "所在行业",
    "work.start_time": "入职时间",
    "work.end_time": "离职时间",
    "work.salary": "目前薪资",
    "work.job_desc": "工作内容",
    "education.school": "学校",
    "education.degree": "学历",
    "education.major": "专业",
    "education.start_time": "入学时间",
    "education.end_time": "毕业时间",
    "self_evaluation": "自我评价",
    "hr_evaluate": "备注",
    "last_contact": "最近联系时间",
    "source_id": "来源编号",
    "person_id": "来源的人员编号",
    "contact_status": "联系方式是否公开",
    "is_secret": "联系方式是否保密",
    "consent": "同意依据",
    "collected_at": "收集时间",
}
"""Field -> what operators call it, in the order in which a form offers them."""

SAYS_SOMETHING = ("job_target.", "work.", "self_evaluation")
"""Of these one column at least is needed: a resume without any cannot be matched to anything."""


def mapping_errors(mapping: dict[int, str], columns: int) -> list[str]:
    """What is wrong with a mapping of columns to fields."""
    errors = []
    if unknown := sorted({field for field in mapping.values() if field not in FIELDS}):
        errors.append(f"没有这个字段：{'、'.join(field[:40] for field in unknown[:5])}")
    if any(not 0 <= column < columns for column in mapping):
        errors.append(f"列号应为 0 到 {columns - 1}")
    fields = list(mapping.values())
    if twice := sorted({FIELDS.get(field, field) for field in fields if fields.count(field) > 1}):
        errors.append(f"有两列对应同一个字段：{'、'.join(one[:40] for one in twice[:5])}")
    if not errors and not any(field.startswith(SAYS_SOMETHING) for field in fields):
        errors.append("期望职位、最近职位、工作内容、自我评价等至少对应一列")
    return errors


_OF_LABEL = {
    "name": "name",
    "gender": "gender",
    "age": "age",
    "birth": "birth",
    "phone": "phone",
    "email": "email",
    "qq": "qq",
    "address": "address",
    "work_years": "work_years",
    "state": "job_target.job_hunting_state",
    "target_job": "job_target.job_career",
    "target_area": "job_target.expectation_area",
    "target_salary": "job_target.salary",
    "target_industry": "job_target.job_industry",
    "target_kind": "job_target.job_category",
    "degree": "education.degree",
    "school": "education.school",
    "major": "education.major",
    "graduated": "education.end_time",
    "company": "work.compnay_name",
    "title": "work.position_title",
    "industry": "work.industry_category",
    "started": "work.start_time",
    "ended": "work.end_time",
    "job_salary": "work.salary",
    "duties": "work.job_desc",
}
"""Which field a label of `words.toml` stands for. Of two labels with the same word the first counts."""

_OWN = {
    "source_id": "简历编号|简历id|候选人编号|人才编号|编号|id|resumeid|candidateid",
    "person_id": "人员编号|用户id|用户编号|userid",
    "self_evaluation": "自我评价|自我介绍|个人评价|个人优势|个人简介|自我描述|优势亮点|summary|profile",
    "hr_evaluate": "备注|说明|评语|hr评价|面试评价|顾问评语|remarks?|notes?|comments?",
    "last_contact": "最近联系时间|最后联系时间|最近联系|上次联系时间|lastcontact",
    "contact_status": "联系方式是否公开|是否公开|contactstatus",
    "is_secret": "(?:联系方式)?(?:是否)?(?:需要?)?(?:保密|不公开)|issecret|secret|confidential",
    "consent": "同意依据|授权|是否授权|授权说明|隐私授权|consent",
    "collected_at": "收集时间|收集日期|获取时间|入库时间|投递时间|投递日期|collectedat",
    "job_target.job_hunting_state": "求职状态|在职状态",
    "work.compnay_name": "(?:最近|目前|当前|现|上一?家|现任|目前所在)?(?:工作)?(?:公司|单位|企业)(?:名称)?"
    "|(?:现|目前|最近)就职(?:公司|单位)?",
    "work.position_title": "(?:最近|目前|当前|现|现任|上一?份)(?:工作)?(?:职位|岗位|职务)(?:名称)?",
    "work.salary": "(?:目前|当前|现|税前)(?:月薪|年薪|薪资|薪酬|工资)",
    "work.job_desc": "工作经历|工作经验描述|工作描述|项目经历|经历",
    "education.start_time": "入学时间|入学日期",
    "education.school": "(?:最高学历)?(?:毕业)?(?:院校|学校)(?:名称)?",
    "education.degree": "最高学历|学历",
    "phone": "联系方式|联系电话|手机|电话|手机号码?|mobile|phone(?:number)?|tel",
    "job_target.job_career": "(?:应聘|求职|期望|意向|投递|申请)(?:职位|岗位)(?:名称)?",
    "address": "(?:现|目前)?(?:居住|所在)(?:城市|地区?|地址)|城市|地区|地址|location|city",
}
"""Field -> what a header of a table matches as a whole, without blanks and in lower case. It goes first."""

_PATTERNS = {field: re.compile(pattern) for field, pattern in _OWN.items()}
_NOTE = re.compile(r"[(（\[【][^)）\]】]{0,30}[)）\]】]|[*＊:：]")
_LONGEST = 30


def propose(header: Sequence[str]) -> dict[int, str]:
    """Column -> field, of those columns whose header says what they are; each field once, the first."""
    reader = LabelReader(words(), tuple(_OF_LABEL))
    found: dict[int, str] = {}
    for column, text in enumerate(header):
        field = _field(text, reader)
        if field is not None and field not in found.values():
            found[column] = field
    return found


def _field(text: str, reader: LabelReader) -> str | None:
    plain = _NOTE.sub("", text).strip()
    key = "".join(plain.lower().split())
    if not key or len(key) > _LONGEST:
        return None
    for field, pattern in _PATTERNS.items():
        if pattern.fullmatch(key):
            return field
    label = reader.field(plain)
    return _OF_LABEL.get(label) if label else None
