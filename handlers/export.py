"""`GET /feed/export/<feed_id>.csv`: a feed's list as a table for Excel, streamed; nothing of it is kept."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from tornado.iostream import StreamClosedError

from handlers.api.base import ApiHandler
from handlers.api.contract import Contract
from handlers.items import unlocked
from handlers.results import ListFilter
from runtime.clock import clock_text
from runtime.slices import Slices
from store.candidate_records import CandidateRecord, CandidateRecords
from store.contacts import Contact, Contacts
from store.feeds import Feeds
from store.result_documents import Result
from store.results import Results
from store.resumes import Resumes

_CHUNK = 100
_READ_WITHIN_S = 10.0
"""How long a client may take to read a chunk."""
_BOM = "\ufeff"
# A cell that begins so is a formula to Excel and its like (OWASP, CSV Injection); full width counts too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

COLUMNS = (
    *("匹配度", "职位匹配", "推荐时间", "已读", "收藏", "命中关键词", "缺少关键词"),
    *("性别", "年龄", "现居地", "工作年限", "期望职位", "期望城市", "期望薪资", "求职状态"),
    *("最近公司", "最近职位", "学校", "学历", "专业", "自我评价"),
    *("姓名", "电话", "邮箱", "QQ", "标记", "备注", "简历编号"),
)


class ExportHandler(ApiHandler):
    """The list of one feed, with the filters and the order of `feed_list`."""

    contract = Contract("A feed's list as CSV", query=ListFilter, other_answer="text/csv")
    params: ListFilter
    feeds: Feeds
    results: Results
    resumes: Resumes
    records: CandidateRecords
    contacts: Contacts

    async def handle(self, feed_id: str) -> None:
        """UTF-8 with a byte order mark, for Excel. What fails in the middle is cut, never ended short."""
        feed = await self.feeds.get(self.user_id, feed_id)
        name = quote(f"{feed.form.title}.csv", safe="")
        self.set_header("Content-Type", "text/csv; charset=UTF-8")
        self.set_header(
            "Content-Disposition", f"attachment; filename=\"feed-{feed_id}.csv\"; filename*=UTF-8''{name}"
        )
        self.write(_BOM + rows_of([COLUMNS]))
        if self.request.method != "HEAD":  # which shows nobody's contact
            await self._write_list(feed_id)
        self.finish()

    async def _write_list(self, feed_id: str) -> None:
        which, by_score = self.params.filter(), self.params.sort == "score"
        slices = Slices()
        async for chunk in self.results.each(feed_id, which, by_score=by_score, chunk=_CHUNK):
            self.write(rows_of(await self._rows(chunk)))
            self.lift_deadline()
            try:
                async with asyncio.timeout(_READ_WITHIN_S):
                    await self.flush()
            except TimeoutError:
                raise StreamClosedError from None  # as good as gone
            await slices.rest()

    async def _rows(self, results: Sequence[Result]) -> list[list[str]]:
        ids = [result.resume for result in results]
        bodies = await self.resumes.bodies(ids)
        records = await self.records.find_for(self.user_id, ids)
        contacts = await self.contacts.disclose(self.user_id, unlocked(records), "export", self.request_id)
        return [
            _row(result, bodies[result.resume], records.get(result.resume), contacts.get(result.resume))
            for result in results
            if result.resume in bodies
        ]


def rows_of(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV (RFC 4180), every cell safe to open."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([safe_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def safe_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe goes in front of what looks like one."""
    looks_like_one = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if looks_like_one else text


def _row(
    result: Result, body: dict[str, Any], record: CandidateRecord | None, contact: Contact | None
) -> list[str]:
    target = body["job_target"]
    job = body["works"][0] if body["works"] else {}
    school = body["education"][0] if body["education"] else {}
    marks = record.marks if record else []
    comments = record.comments if record else []
    values = [
        f"{result.score:g}",
        _yes(result.title_match),
        clock_text(result.pub_time),
        _yes(result.read),
        _yes(record is not None and record.watch is not None),
        "、".join(result.keywords),
        "、".join(result.missing),
        body["gender"],
        body["age"],
        body["address"],
        body["work_years"],
        target["job_career"],
        target["expectation_area"],
        target["salary"],
        target["job_hunting_state"],
        job.get("compnay_name"),
        job.get("position_title"),
        school.get("school"),
        school.get("degree"),
        school.get("major"),
        body["self_evaluation"],
        *((contact.name, contact.phone, contact.email, contact.qq) if contact else ("", "", "", "")),
        "；".join(mark.name for mark in marks),
        "；".join(comment.content for comment in comments),
        result.resume,
    ]
    return ["" if value is None else str(value) for value in values]


def _yes(truth: bool) -> str:
    return "是" if truth else "否"
