"""Who a made-up resume is of, and what is true of them.

The trades, schools, employers and careers are the demo's; what only a file has (a second phone, projects,
missing fields, dates of years alone) is drawn here.
"""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec

from config.demo.occupations import LEVELS, draw_duties, occupations
from config.demo.resumes import REFERENCE_DATE, demo_resumes

NOW = "至今"
# No range of Chinese mobile numbers is kept for examples. Zeros after the prefix are what examples have.
_PREFIXES = ("130", "131", "135", "136", "138", "139", "150", "155", "159", "177", "186", "188", "189")
_HOSTS = ("example.com", "example.org", "example.net", "mail.example.com")
_FIRST_NAMES = ("David", "Lily", "Kevin", "Grace", "Jason", "Vivian", "Tom", "Cindy", "Eric", "Helen")
_LONG_NAMES = ("阿依古丽·买买提", "古丽娜尔·艾合买提", "扎西·次仁", "艾力·吐尔逊")
_PROJECTS = (
    "客户管理系统升级", "新门店开业筹备", "年度预算编制", "会员积分改版", "仓库搬迁", "线上活动专题",
    "质量体系认证", "流程梳理与优化", "数据报表平台", "新员工培训体系", "成本专项改善", "老系统迁移",
)  # fmt: skip
_ROLES = ("项目负责人", "核心成员", "参与者", "组长")
_LANGUAGES = ("英语（CET-4）", "英语（CET-6）", "普通话二级甲等", "英语：读写良好，听说一般")
_CAMPUS = (
    "班级学习委员，组织期末复习小组",
    "校学生会外联部干事，为迎新晚会拉到赞助",
    "志愿者协会成员，服务时长120小时",
)


class Job(msgspec.Struct, kw_only=True):
    """One job; dates are `2018-03`, `2018` or `至今`."""

    company: str
    title: str
    start: str
    end: str
    lines: list[str]
    industry: str = ""
    kind: str = ""
    scale: str = ""
    salary: str = ""
    duration: str = ""
    department: str = ""


class School(msgspec.Struct, kw_only=True):
    """One school; dates as of a job, or none."""

    school: str
    major: str
    degree: str
    start: str
    end: str


class Project(msgspec.Struct, kw_only=True):
    """One project, which no field of the record takes."""

    name: str
    role: str
    start: str
    end: str
    lines: list[str]


class Person(msgspec.Struct, kw_only=True):
    """What a resume says; "" where it does not.

    Attributes:
        latin_name: An English name that stands beside the other.
        phones: The person's own, the first one first.
        born: `1996-04`, shown in place of the age.
        years: As the person says it, such as `5年工作经验`.
    """

    name: str
    latin_name: str = ""
    phones: list[str]
    email: str
    gender: str
    age: int
    born: str = ""
    address: str
    years: str
    career: str
    salary: str
    area: str
    wanted_industry: str
    category: str
    state: str
    jobs: list[Job]
    schools: list[School]
    projects: list[Project] = []
    skills: list[str] = []
    certificates: list[str] = []
    campus: list[str] = []
    about: list[str] = []

    def record(self) -> dict[str, Any]:
        """The resume as a sender of JSON would have it; what has no field of its own is in the evaluation."""
        projects = [
            "\n".join([f"{one.name} {one.role} {one.start} - {one.end}", *one.lines]) for one in self.projects
        ]
        texts = [*self.about, *projects, "、".join(self.skills), *self.certificates, *self.campus]
        return {
            "name": self.name,
            "phone": self.phones[0] if self.phones else "",
            "email": self.email,
            "gender": self.gender,
            "age": self.age or None,
            "address": self.address,
            "work_years": self.years,
            "job_target": {
                "job_career": self.career,
                "salary": self.salary,
                "expectation_area": self.area,
                "job_industry": self.wanted_industry,
                "job_category": self.category,
                "job_hunting_state": self.state,
            },
            "works": [
                {
                    "compnay_name": job.company,
                    "position_title": job.title,
                    "start_time": job.start,
                    "end_time": job.end,
                    "industry_category": job.industry,
                    "company_category": job.kind,
                    "company_scale": job.scale,
                    "salary": job.salary,
                    "job_desc": "\n".join(job.lines),
                }
                for job in self.jobs
            ],
            "education": [
                {
                    "school": one.school,
                    "major": one.major,
                    "degree": one.degree,
                    "start_time": one.start,
                    "end_time": one.end,
                }
                for one in self.schools
            ],
            "self_evaluation": "\n".join(text for text in texts if text),
        }


def people(count: int, seed: int = 1) -> list[Person]:
    """The first people of a seed, the same for every count."""
    resumes = demo_resumes(count, seed + 1000)
    return [_person(Random(f"{seed}/person/{number}"), number, one) for number, one in enumerate(resumes, 1)]


def _person(rng: Random, number: int, resume: dict[str, Any]) -> Person:
    target = resume["job_target"]
    age = resume["age"]
    is_years_alone = rng.random() < 0.08
    cut = len("2018") if is_years_alone else len("2018-03")
    name, latin_name = _names(rng, resume)
    jobs = [_job(rng, work, cut) for work in resume["works"]]
    if not jobs and rng.random() < 0.6:
        jobs = [_internship(rng, resume, cut)]
    person = Person(
        name=name,
        latin_name=latin_name,
        phones=[_phone(rng, number) for _ in range(rng.choices((1, 2), (9, 1))[0])],
        email=_email(rng, resume["email"], number),
        gender=resume["gender"],
        age=age,
        born=f"{REFERENCE_DATE.year - age}-{rng.randint(1, 10):02d}" if rng.random() < 0.35 else "",
        address=resume["address"],
        years=_years(resume["work_years"]),
        career=target["job_career"],
        salary=str(target["salary"]),
        area=target["expectation_area"],
        wanted_industry=target["job_industry"] if rng.random() < 0.5 else "",
        category=target["job_category"],
        state=target["job_hunting_state"],
        jobs=jobs,
        schools=[_school(one, cut) for one in resume["education"]],
        projects=[_project(rng, job, cut) for job in jobs[:2] if rng.random() < 0.35],
        skills=_skills(rng, jobs, target["job_career"]),
        certificates=rng.sample(_LANGUAGES, 1) if rng.random() < 0.3 else [],
        campus=rng.sample(_CAMPUS, rng.choice((1, 2))) if len(jobs) < 2 and rng.random() < 0.5 else [],
        about=resume["self_evaluation"].split("\n"),
    )
    return _without_some(rng, person)


def _without_some(rng: Random, person: Person) -> Person:
    """Most people leave something out."""
    absent: dict[str, Any] = {"email": "", "gender": "", "age": 0, "address": "", "years": "", "salary": ""}
    absent |= {"area": "", "category": "", "state": "", "about": []}
    for field, nothing in absent.items():
        if rng.random() < 0.12:
            setattr(person, field, nothing)
    if not person.age:
        person.born = ""
    if rng.random() < 0.08:
        for school in person.schools:
            school.start = school.end = ""
    if rng.random() < 0.5:
        for job in person.jobs:
            job.salary = job.kind = job.scale = job.industry = ""
    return person


def _names(rng: Random, resume: dict[str, Any]) -> tuple[str, str]:
    """The name, and an English one beside it where there is one."""
    latin = (
        f"{rng.choice(_FIRST_NAMES)} {resume['email'].partition('@')[0].rstrip('0123456789').capitalize()}"
    )
    kind = rng.random()
    if kind < 0.03:
        return latin, ""
    if kind < 0.05:
        return rng.choice(_LONG_NAMES), ""
    return resume["name"], latin if kind < 0.11 else ""


def _phone(rng: Random, number: int) -> str:
    return f"{rng.choice(_PREFIXES)}0000{number % 1000:03d}{rng.randrange(10)}"


def _email(rng: Random, email: str, number: int) -> str:
    user = email.partition("@")[0].rstrip("0123456789")
    word = rng.choice(("", "work", "job", "hr")) + rng.choice((".", "_", "-", ""))
    shapes = (f"{user}{number:04d}", f"{word}{user}{number}".strip("._-"), f"{user}{word}{number}")
    return f"{rng.choice(shapes)}@{rng.choice(_HOSTS)}"


def _years(said: Any) -> str:
    return f"{said}年" if isinstance(said, int | float) and said else str(said or "")


def _job(rng: Random, work: dict[str, Any], cut: int) -> Job:
    lines = work["job_desc"].split("\n")
    if rng.random() < 0.15:
        lines += _more_duties(rng, work["position_category"])
    return Job(
        company=work["compnay_name"],
        title=work["position_title"],
        start=_date(work["start_time"], cut),
        end=_date(work["end_time"], cut),
        lines=lines,
        industry=work["industry_category"],
        kind=work["company_category"],
        scale=work["company_scale"],
        salary=str(work["salary"]),
        duration=work["duration"],
        department=rng.choice(("", "", "", "技术部", "运营中心", "财务部", "综合部", "市场部")),
    )


def _internship(rng: Random, resume: dict[str, Any], cut: int) -> Job:
    year = int(resume["education"][0]["end_time"][:4])
    career = resume["job_target"]["job_career"]
    stem = resume["address"][:2] + rng.choice(("远图", "锦帆", "蓝枫", "易帆"))
    return Job(
        company=f"{stem}{rng.choice(('科技', '商贸', '咨询'))}有限公司",
        title=f"{career}实习生",
        start=_date(f"{year}-0{rng.choice((1, 2, 3))}", cut),
        end=_date(f"{year}-06", cut),
        lines=["协助导师完成日常工作，整理资料并更新台账", "参与部门周会，记录问题并跟进结果"],
    )


def _school(row: dict[str, Any], cut: int) -> School:
    return School(
        school=row["school"],
        major=row["major"],
        degree=row["degree"],
        start=_date(row["start_time"], cut),
        end=_date(row["end_time"], cut),
    )


def _project(rng: Random, job: Job, cut: int) -> Project:
    year = job.start[:4]
    first = rng.randint(1, 5)
    return Project(
        name=f"{rng.choice(_PROJECTS)}项目",
        role=rng.choice(_ROLES),
        start=_date(f"{year}-{first + 6:02d}", cut),
        end=_date(f"{int(year) + 1}-{first:02d}", cut),
        lines=["负责方案编写、进度跟踪与各方沟通，按期上线", "上线后处理时间缩短了三成，得到客户认可"],
    )


def _skills(rng: Random, jobs: list[Job], career: str) -> list[str]:
    if rng.random() < 0.55:
        return []
    bank = occupations()
    of_career = [one for one in bank.values() if any(career in titles for titles in one.titles.values())]
    own = of_career[0].skills if of_career else ["Office"]
    return rng.sample(own, min(len(own), rng.randint(3, 8)))


def _more_duties(rng: Random, category: str) -> list[str]:
    """Many more lines, as those who tell everything write them."""
    trade = next(one for one in occupations().values() if one.category == category)
    told: set[str] = set()
    return [f"{duty}。" for level in LEVELS for duty in draw_duties(rng, trade, level, 4, told)]


def _date(text: str, cut: int) -> str:
    return text if text == NOW else text[:cut]
