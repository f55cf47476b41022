"""The table that an export writes: its columns, and its lines as CSV that a spreadsheet can open safely.

Pure. `handlers.results.export` reads the list and sends the lines.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Sequence

import msgspec

from runtime.clock import clock_text
from store.notes.candidate_records import CandidateRecord
from store.results.result_documents import Requirement, Result
from store.resumes.contacts import Contact
from store.resumes.resume_record import Education, Resume, Work

BOM = "\ufeff"
"""Goes in front of the table. Without it Excel takes UTF-8 for the encoding of the country."""
# A cell that begins with one of these is a formula to Excel and its like (OWASP, CSV Injection); full width
# counts too. A spreadsheet skips white space in front of it, and some skip what nobody sees: control
# characters, zero-width ones and marks of direction (category C of Unicode).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_SELECTORS = map(chr, range(0xFE00, 0xFE10))
# Drawn as nothing too, though they count as letters and marks: fillers, joiners, selectors.
_BLANK_LETTERS = frozenset([*"\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800", *_SELECTORS])


_STATES = {"met": "符合", "unmet": "不符", "unknown": "未注明"}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What one row is made of.

    Attributes:
        candidate: What the account keeps of the person; None for nothing.
        contact: The contact, where the account has unlocked it.
        summary: The reasons, see `summary_of`.
    """

    result: Result
    resume: Resume
    candidate: CandidateRecord | None
    contact: Contact | None
    summary: str

    @property
    def job(self) -> Work:
        """The latest job; an empty one where there is none."""
        return self.resume.works[0] if self.resume.works else Work()

    @property
    def school(self) -> Education:
        """The latest school; an empty one where there is none."""
        return self.resume.education[0] if self.resume.education else Education()


_CELLS: dict[str, Callable[[Entry], object]] = {
    "匹配度": lambda entry: f"{entry.result.score:g}",
    "推荐等级": lambda entry: "强匹配" if entry.result.strong else "可能合适",
    "合适概率": lambda entry: f"{entry.result.fit:.0%}",
    "职位匹配": lambda entry: _yes(entry.result.title_match),
    "推荐理由": lambda entry: entry.summary,
    "推荐时间": lambda entry: clock_text(entry.result.pub_time),
    "已读": lambda entry: _yes(entry.result.read),
    "收藏": lambda entry: _yes(entry.candidate is not None and entry.candidate.watch is not None),
    "命中关键词": lambda entry: "、".join(entry.result.keywords),
    "缺少关键词": lambda entry: "、".join(entry.result.missing),
    "硬性要求": lambda entry: "；".join(map(_required, entry.result.requirements)),
    "性别": lambda entry: entry.resume.gender,
    "年龄": lambda entry: entry.resume.age,
    "现居地": lambda entry: entry.resume.address,
    "工作年限": lambda entry: entry.resume.work_years,
    "期望职位": lambda entry: entry.resume.job_target.job_career,
    "期望城市": lambda entry: entry.resume.job_target.expectation_area,
    "期望薪资": lambda entry: entry.resume.job_target.salary,
    "求职状态": lambda entry: entry.resume.job_target.job_hunting_state,
    "最近公司": lambda entry: entry.job.compnay_name,
    "最近职位": lambda entry: entry.job.position_title,
    "学校": lambda entry: entry.school.school,
    "学历": lambda entry: entry.school.degree,
    "专业": lambda entry: entry.school.major,
    "自我评价": lambda entry: entry.resume.self_evaluation,
    "姓名": lambda entry: entry.contact and entry.contact.name,
    "电话": lambda entry: entry.contact and entry.contact.phone,
    "邮箱": lambda entry: entry.contact and entry.contact.email,
    "QQ": lambda entry: entry.contact and entry.contact.qq,
    "标记": lambda entry: "；".join(mark.name for mark in entry.candidate.marks) if entry.candidate else "",
    "备注": lambda entry: (
        "；".join(one.content for one in entry.candidate.comments) if entry.candidate else ""
    ),
    "简历编号": lambda entry: entry.result.resume,
}
"""A row, cell by cell, under the heads of the columns. None is an empty cell."""
COLUMNS = tuple(_CELLS)


def _required(one: Requirement) -> str:
    found = f"（{one.found}）" if one.found and one.found != one.asked else ""
    return f"{one.asked}：{_STATES[one.state]}{found}"


def row_of(entry: Entry) -> list[str]:
    """The cells of one row, in the order of `COLUMNS`."""
    values = [cell(entry) for cell in _CELLS.values()]
    return ["" if value is None else str(value) for value in values]


def csv_lines(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV (RFC 4180), every cell quoted and safe to open."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def safe_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe goes in front of what looks like one."""
    if text.startswith(_FORMULA):
        return f"'{text}"
    seen = next((at for at, char in enumerate(text) if not _is_unseen(char)), len(text))
    return f"'{text}" if text.startswith(_FORMULA, seen) else text


def _is_unseen(char: str) -> bool:
    return char.isspace() or unicodedata.category(char)[0] in "CZ" or char in _BLANK_LETTERS


def _yes(truth: bool) -> str:
    return "是" if truth else "否"
