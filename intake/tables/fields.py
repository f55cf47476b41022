"""What a column of a table may be: the fields of a resume that one cell can hold, with their names.

Of works and schools a row has one, the latest: `work.…`, `education.…`. `is_secret` is `contact_status` asked
the other way round: 是 keeps the contact secret.
"""

from __future__ import annotations

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
