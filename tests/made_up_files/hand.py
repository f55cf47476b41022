"""How one person writes: labels, headings, dates and numbers, spelled in one way in one file."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from tests.made_up_files.person import NOW, Job, Person, Project, School

LABELS: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "姓名", "姓 名", "姓　名", "Name"),
    "gender": ("性别", "性别", "性 别"),
    "age": ("年龄", "年龄", "年 龄"),
    "born": ("出生日期", "出生年月", "生日"),
    "phone": ("手机", "电话", "联系电话", "手机号码", "手机号", "联系方式", "Tel", "Mobile", "移动电话"),
    "email": ("邮箱", "电子邮箱", "E-mail", "Email", "电子邮件", "邮件", "邮 箱"),
    "address": ("现居住地", "居住地", "现居地", "所在地", "目前所在地", "现居", "居住城市"),
    "years": ("工作年限", "工作经验", "工作年限", "从业年限"),
    "career": ("期望职位", "求职意向", "应聘职位", "意向岗位", "期望岗位", "目标职位"),
    "salary": ("期望薪资", "期望月薪", "薪资要求", "期望待遇", "期望薪水"),
    "area": ("期望城市", "期望工作地点", "工作地点", "意向城市", "期望地点"),
    "industry": ("期望行业", "意向行业", "行业"),
    "category": ("工作性质", "工作类型", "求职类型"),
    "state": ("求职状态", "目前状态", "在职状态"),
    "degree": ("学历", "最高学历", "学历", "文化程度"),
    "school": ("学校", "毕业院校", "学校名称", "院校"),
    "major": ("专业", "所学专业", "专业名称", "主修专业"),
    "company": ("公司", "公司名称", "工作单位", "单位名称", "企业名称"),
    "title": ("职位", "岗位", "职务", "职位名称", "担任职务"),
    "span": ("时间", "起止时间", "在职时间", "工作时间"),
    "desc": ("工作描述", "工作内容", "职责描述", "工作职责", "岗位职责"),
}
HEADINGS: dict[str, tuple[str, ...]] = {
    "basic": ("基本信息", "个人信息", "个人资料", "基本资料"),
    "target": ("求职意向", "求职意向", "职业意向", "求职期望"),
    "jobs": ("工作经历", "工作经历", "工作经验", "任职经历", "职业经历", "工作履历"),
    "intern": ("实习经历", "实习经验", "工作经历"),
    "projects": ("项目经历", "项目经验"),
    "schools": ("教育经历", "教育背景", "学习经历", "教育经历"),
    "skills": ("专业技能", "技能特长", "技能", "掌握技能"),
    "certificates": ("证书", "语言能力", "技能证书", "证书与语言"),
    "campus": ("校园经历", "在校经历", "校内活动"),
    "about": ("自我评价", "个人优势", "自我介绍", "个人评价", "自我评价"),
}
_ENGLISH = {
    "basic": "PROFILE",
    "target": "OBJECTIVE",
    "jobs": "WORK EXPERIENCE",
    "intern": "INTERNSHIP",
    "projects": "PROJECTS",
    "schools": "EDUCATION",
    "skills": "SKILLS",
    "certificates": "CERTIFICATES",
    "campus": "CAMPUS",
    "about": "ABOUT ME",
}
_MARKS = ("{}", "{}", "{}", "{}", "■ {}", "【{}】", "◆{}", "▍{}", "{}：", "● {}")
_ORDERS = (
    ("target", "jobs", "projects", "schools", "skills", "certificates", "campus", "about"),
    ("target", "about", "jobs", "projects", "schools", "campus", "certificates", "skills"),
    ("schools", "target", "skills", "jobs", "projects", "campus", "certificates", "about"),
    ("about", "skills", "target", "jobs", "projects", "schools", "certificates", "campus"),
)
_DATES = (
    "{year}.{month:02d}", "{year}.{month:02d}", "{year}-{month:02d}", "{year}/{month:02d}", "{year}/{month}",
    "{year}.{month}", "{year}年{month}月", "{year}年{month:02d}月",
)  # fmt: skip
_DASHES = (" - ", "-", " – ", "—", "~", "至", " 至 ", "--", " -- ", "－")
_PHONES = (
    "{a}{b}{c}", "{a}{b}{c}", "{a}{b}{c}", "{a} {b} {c}", "{a}-{b}-{c}", "+86 {a}{b}{c}", "+86-{a}{b}{c}",
    "(+86) {a} {b} {c}", "{a}{b}{c}（微信同号）",
)  # fmt: skip
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_HEADS = (
    "{span}  {company}  {title}",
    "{span}\n{company}\n{title}",
    "{company}  {span}\n{title}",
    "{company} | {title} | {span}",
    "{title}  {span}\n{company}",
    "{company}  {title}  {span}",
    "{span}  {company}\n{department}  {title}",
    "{company}  {span}\n{label_title}{title}",
    "{label_company}{company}\n{label_title}{title}\n{label_span}{span}",
    "{span}：{company}（{scale}）[{duration}]\n{department} | {title}",
)
_SCHOOL_HEADS = (
    "{span}  {school}  {major}  {degree}",
    "{school}  {span}\n{major} | {degree}",
    "{school} | {major} | {degree} | {span}",
    "{span}\n{school}\n{degree} {major}",
    "{school}（{degree}）  {major}  {span}",
    "{label_span}{span}\n{label_school}{school}\n{label_major}{major}\n{label_degree}{degree}",
    "{span}  {school}  {degree}\n{major}",
)
_BULLETS = ("", "", "", "• ", "- ", "· ", "● ")


class Hand:
    """The spellings that one file has.

    Attributes:
        rng: Whatever else the layout leaves open.
        order: The sections, those the person has nothing for too.
    """

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.order = rng.choice(_ORDERS)
        self.colon = rng.choice(("：", "：", ":", ": ", " ： "))
        self.bullet = rng.choice(_BULLETS)
        self.head, self.school_head = rng.choice(_HEADS), rng.choice(_SCHOOL_HEADS)
        self._labels = {key: rng.choice(words) for key, words in LABELS.items()}
        self._headings = {key: rng.choice(words) for key, words in HEADINGS.items()}
        self._mark = rng.choice(_MARKS)
        self._translates = rng.choice(("", "", "", "", "", "{heading} {english}", "{english} {heading}"))
        self._is_spaced = rng.random() < 0.05
        self._date, self._dash = rng.choice(_DATES), rng.choice(_DASHES)
        self._now = rng.choice((NOW, NOW, NOW, "现在", "今", "至今"))
        self._phone = rng.choice(_PHONES)
        self._is_wide = rng.random() < 0.05

    def label(self, key: str) -> str:
        """A label alone."""
        return self._labels[key]

    def pair(self, key: str, value: str) -> str:
        """A label, a colon, a value."""
        return f"{self._labels[key]}{self.colon}{value}"

    def heading(self, key: str) -> str:
        """The name of a section with its decoration."""
        heading, english = self._headings[key], _ENGLISH[key]
        if self._is_spaced:
            heading = " ".join(heading)
        if self._translates:
            return self._translates.format(heading=heading, english=english)
        return self._mark.format(heading)

    def date(self, text: str) -> str:
        """A date; of a year alone the year."""
        if text == NOW:
            return self._now
        year, _, month = text.partition("-")
        return self._date.format(year=year, month=int(month)) if month else year

    def span(self, start: str, end: str) -> str:
        """From when to when, or nothing."""
        return f"{self.date(start)}{self._dash}{self.date(end)}" if start else ""

    def phone(self, number: str) -> str:
        """A phone number."""
        text = self._phone.format(a=number[:3], b=number[3:7], c=number[7:])
        return text.translate(_WIDE) if self._is_wide else text

    def name(self, person: Person) -> str:
        """The name, the English one beside it."""
        return f"{person.name}（{person.latin_name}）" if person.latin_name else person.name

    def job_lines(self, job: Job) -> list[str]:
        """The lines above what was done; two blanks or more where a layout may put room."""
        return _filled(
            self.head,
            span=self.span(job.start, job.end),
            company=job.company,
            title=job.title,
            department=job.department,
            scale=job.scale,
            duration=job.duration,
            **self._labelled("company", "title", "span"),
        )

    def school_lines(self, school: School) -> list[str]:
        """The lines of a school."""
        return _filled(
            self.school_head,
            span=self.span(school.start, school.end),
            school=school.school,
            major=school.major,
            degree=school.degree,
            **self._labelled("school", "major", "degree", "span"),
        )

    def _labelled(self, *keys: str) -> dict[str, str]:
        return {f"label_{key}": self.pair(key, "") for key in keys}

    def project_lines(self, project: Project) -> list[str]:
        """The lines of a project, what was done among them."""
        span = self.span(project.start, project.end)
        return [f"{span}  {project.name}  {project.role}", *self.bulleted(project.lines)]

    def bulleted(self, lines: Sequence[str]) -> list[str]:
        """Lines with the bullet of this hand, where they have none."""
        return [line if line[:1] in "-0123456789" else self.bullet + line for line in lines]

    def facts(self, person: Person) -> dict[str, str]:
        """What stands at the top: label's key -> value, without what is not there."""
        born = self.date(person.born) if person.born else ""
        phones = " / ".join(self.phone(one) for one in person.phones)
        degree = person.schools[0].degree if person.schools else ""
        return _there(
            name=self.name(person),
            gender=person.gender,
            born=born,
            age="" if born else f"{person.age}岁" if person.age else "",
            years=person.years,
            degree=degree,
            address=person.address,
            phone=phones,
            email=person.email,
        )

    def wishes(self, person: Person) -> dict[str, str]:
        """What the person looks for, in the same form."""
        return _there(
            career=person.career,
            salary=person.salary,
            area=person.area,
            industry=person.wanted_industry,
            category=person.category,
            state=person.state,
        )

    def sections(self, person: Person) -> list[tuple[str, str]]:
        """The sections that the person has something for, in order: key and heading."""
        is_student = person.jobs and all("实习" in job.title for job in person.jobs)
        there: dict[str, Any] = {
            "target": person.career,
            "jobs": person.jobs,
            "projects": person.projects,
            "schools": person.schools,
            "skills": person.skills,
            "certificates": person.certificates,
            "campus": person.campus,
            "about": person.about,
        }
        return [
            (key, self.heading("intern" if key == "jobs" and is_student else key))
            for key in self.order
            if there[key]
        ]

    def plain_lines(self, person: Person, key: str) -> list[str]:
        """The lines of a section as plain text."""
        if key == "jobs":
            return [line for job in person.jobs for line in (*self.job_lines(job), *self.desc_lines(job))]
        if key == "schools":
            return [line for one in person.schools for line in self.school_lines(one)]
        if key == "projects":
            return [line for one in person.projects for line in self.project_lines(one)]
        if key == "target":
            return [self.pair(*item) for item in self.wishes(person).items()]
        if key == "skills":
            return ["、".join(person.skills)]
        return self.bulleted(getattr(person, key))

    def desc_lines(self, job: Job) -> list[str]:
        """What was done, at times behind a label."""
        lines = self.bulleted(job.lines)
        has_label = self._labels["desc"] in ("工作描述", "工作内容") and not lines[0].startswith("工作内容")
        return [f"{self._labels['desc']}{self.colon}", *lines] if has_label else lines


def _there(**values: str) -> dict[str, str]:
    return {key: value for key, value in values.items() if value}


def _filled(pattern: str, **values: str) -> list[str]:
    """The lines of a pattern, without empty brackets, labels of nothing, and separators at the ends."""
    lines = []
    for part in pattern.split("\n"):
        names = [name for name in values if f"{{{name}}}" in part and not name.startswith("label_")]
        if not any(values[name] for name in names):
            continue
        line = part.format(**values).replace("（）", "").replace("[]", "").replace(" |  |", " |")
        lines.append(line.strip(" |："))
    return lines
