"""A whole scene: a recruiter with a full feed, a full person in its list, and everything done to both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from process.life import Server
from tests.support import INGEST_TOKEN, PASSWORD, Answer, Api, Hr, eventually, python_resume

INGEST = {"Authorization": f"Bearer {INGEST_TOKEN}"}
JSON_INGEST = {**INGEST, "Content-Type": "application/json"}
NDJSON_INGEST = {**INGEST, "Content-Type": "application/x-ndjson"}
UNKNOWN = "f" * 24

FULL_FEED = {
    "title": "Python开发工程师",
    "job_desc": "用Python和Django开发后端接口\n维护MySQL",
    "skill_required": "熟悉Linux、Kubernetes",
    "keywords": ["python", "nodejs"],
    "salary_min": 15000,
    "salary_max": 25000,
    "talent_level": "中级,高级",
    "expect_area": "广州,成都,北京",
    "job_welfare": "不加班,364天都放假",
    "company_prefer": [1],
    "job_domain": [7],
    "categorys": [{"id": 1, "category": "医疗健康"}],
    "analyze_job_domain": [14],
    "occupations": ["python开发工程师"],
    "requirements": {
        "degree": "大专",
        "years_min": 1,
        "years_max": 30,
        "certificates": ["软件设计师"],
        "licence": "C1",
        "languages": ["英语"],
        "must": ["degree", "languages"],
    },
}
CONTACT = {"name": "林晚照", "phone": "13900001234", "email": "lin.wanzhao@example.com", "qq": "987654321"}
FULL_RESUME: dict[str, Any] = {
    **CONTACT,
    "source": "scene",
    "source_id": "full",
    "contact_status": "public",
    "job_target": {
        "job_career": "Python开发工程师",
        "salary": "15000-20000",
        "job_category": "全职",
        "job_hunting_state": "在职，考虑机会",
        "job_industry": "O2O",
        "enroll_time": "2024-03-05 09:08:07",
        "expectation_area": "北京",
    },
    "education": [
        {
            "school": "清华大学",
            "start_time": "2012-09",
            "end_time": "2019-06",
            "degree": "硕士",
            "major": "软件工程",
        }
    ],
    "works": [
        {
            "salary": 18000,
            "company_category": "上市公司",
            "start_time": "2019-07-01",
            "position_category": "后端开发",
            "company_scale": "500-999人",
            "compnay_name": "甲乙丙科技",
            "industry_category": "互联网",
            "position_title": "Python开发工程师",
            "job_desc": "用Python、Django、MySQL开发后端接口，也写Node.js",
            "duration": "5年",
            "end_time": "至今",
        }
    ],
    "address": "北京海淀",
    "gender": "女",
    "age": 31,
    "self_evaluation": "熟悉Python、MySQL、Linux",
    "work_years": "5年",
    "hr_evaluate": "沟通顺畅",
    "last_contact": "2025-01-02 03:04:05",
}


INTERVIEW = {
    "at": "2030-01-02 10:00",
    "minutes": 60,
    "kind": "onsite",
    "place": "海淀",
    "note": "请带证件",
}


@dataclass
class Scene:
    """A recruiter, its feed, and the person in the feed's list."""

    hr: Hr
    feed_id: str
    resume_id: str

    async def unlock(self) -> Answer:
        return await self.hr.post(f"/resumes/download/{self.resume_id}", {"feed_id": self.feed_id})

    async def watch(self) -> Answer:
        return await self.hr.get(f"/resumes/add_watch/{self.resume_id}", feed_id=self.feed_id)

    async def mark(self, name: str, *, good: bool, **more: Any) -> Answer:
        body = {"feed_id": self.feed_id, "mark_name": name, "good_result": good, **more}
        return await self.hr.post(f"/resumes/mark/{self.resume_id}", body)

    async def comment(self, content: str) -> Answer:
        return await self.hr.post(f"/resumes/comment/{self.resume_id}", {"content": content})

    async def fill(self) -> None:
        """Do everything to the person that an account can do."""
        answers = (
            await self.unlock(),
            await self.watch(),
            await self.mark("约面试", good=True, interview=INTERVIEW),
            await self.comment("电话里谈得不错"),
        )
        assert [answer.status for answer in answers] == ["ok"] * 4


async def listed_person(hr: Hr, resume: dict[str, Any] | None = None, **feed: Any) -> Scene:
    """A scene in which nothing was done to the person yet."""
    feed_id = await hr.submit(**(feed or FULL_FEED))
    (resume_id,) = await hr.scored(resume or FULL_RESUME)
    assert [item["resume"]["id"] for item in await hr.results(feed_id)] == [resume_id]
    return Scene(hr, feed_id, resume_id)


async def log_in_again(hr: Hr) -> Hr:
    """The same account with a session of its own."""
    answer = await Api(hr.port).post("/hr/login/", {"username": hr.email, "password": PASSWORD})
    return Hr.logged_in(hr.port, hr.email, answer["auth_info"])


async def news_is_out(server: Server) -> None:
    """Wait until all sockets are told that lists are scored, which `calced` says a moment before.

    A socket that is opened in that moment has it in its snapshot, and is told once more.
    """
    assert server.services.engine.scoring is not None
    backfill = server.services.engine.scoring.backfill

    await eventually(lambda: not backfill._passes, what="the end of the backfills")


def small_resume(source_id: str, **changes: Any) -> dict[str, Any]:
    """A person whom `FULL_FEED` lists."""
    return python_resume(source_id=source_id, job_target={"job_career": "Python开发工程师"}, **changes)


Documents = dict[str, list[dict[str, Any]]]


async def everything(server: Server, *, but: set[str] = frozenset()) -> Documents:  # type: ignore[assignment]
    """Every document of every collection, to see what a request has changed.

    What was clicked before is learned a moment later, which is waited for, and what changed in lists is
    counted so. Work for later is done by the clock, and left out, as is what sources sent, and what
    transactions need.
    """

    async def is_learned() -> bool:
        return not await server.stores.feedback.due(10)

    await eventually(is_learned, what="learning")
    database = server.stores._database
    names = sorted(
        set(await database.list_collection_names()) - but - {"arrivals", "jobs", "gate", "transactors"}
    )
    found = {name: await database[name].find().sort("_id", 1).to_list(None) for name in names}
    for document in found.get("counters", ()):
        document.pop("untold", None)
    return found


def kept(documents: Documents, test: Callable[[str, dict[str, Any]], bool]) -> Documents:
    """Those of the documents that pass a test of their collection and themselves."""
    return {name: [one for one in found if test(name, one)] for name, found in documents.items()}
