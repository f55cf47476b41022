"""A handful of words, places and people that serve every engine test; all made up."""

from functools import cache
from typing import Any

from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feed_spec import FeedSpec
from engine.matching.lexicon.lexicon import Lexicon
from engine.matching.lexicon.places import Places
from engine.matching.lexicon.rows import CityRow, LexiconData, SchoolRow, SkillRow, TitleRow
from engine.matching.score.match import score
from engine.matching.score.reasons import Match, Reason


def skill(term: str, aliases: tuple[str, ...] = (), trade: str = "software", **more: Any) -> SkillRow:
    return SkillRow(term, aliases, trade, **more)


SKILLS = (
    skill("Java", ("Java语言",)),
    skill("Kubernetes", ("k8s",)),
    skill("JavaScript", ("js", "es6"), guarded=("js",)),
    skill("Go", ("golang",), guarded=("go",)),
    skill("Node.js", ("nodejs",)),
    skill("C++"),
    skill("C#", ("csharp",)),
    skill(".NET", ("dotnet",)),
    skill("Spring Boot", ("springboot",)),
    skill("CI/CD"),
    skill("MySQL"),
    skill("Vue", ("vue.js",)),
    skill("Excel", trade="office"),
)
TITLES = (
    TitleRow(
        "Java开发工程师",
        ("Java", "Java开发", "Java工程师", "Java后端"),
        "software",
        "backend",
        ("java", "spring boot", "mysql", "微服务", "jvm"),
    ),
    TitleRow(
        "Python开发工程师", ("Python", "Python开发"), "software", "backend", ("python", "django", "flask")
    ),
    TitleRow(
        "前端开发工程师",
        ("前端", "前端开发", "前端工程师"),
        "software",
        "frontend",
        ("vue", "javascript", "css", "浏览器兼容"),
    ),
    TitleRow(
        "软件测试工程师",
        ("测试", "测试工程师", "软件测试"),
        "software",
        "testing",
        ("测试用例", "缺陷", "回归测试"),
    ),
    TitleRow("测试开发工程师", ("测试开发",), "software", "testing", ("测试平台", "自动化框架")),
    TitleRow(
        "销售",
        ("销售经理", "销售代表", "业务员"),
        "sales",
        "sales",
        ("开发客户", "客户拜访", "销售目标", "回款"),
    ),
    TitleRow("培训讲师", ("讲师", "培训师"), "education", "training", ("授课", "课件", "备课")),
    TitleRow("招聘专员", ("招聘", "招聘经理"), "hr_admin", "hr", ("筛选简历", "面试邀约", "招聘渠道")),
    TitleRow("会计", ("财务会计",), "finance", "accounting", ("记账", "凭证", "纳税申报", "报表")),
)
CITIES = (
    CityRow("北京", "北京", ("帝都", "beijing"), ("朝阳区", "海淀区"), ("朝阳区",)),
    CityRow("广东", "广州", ("羊城",), ("天河区", "白云区")),
    CityRow("广东", "深圳", ("鹏城", "SZ"), ("南山区", "宝安区")),
    CityRow("辽宁", "朝阳", (), ("双塔区",), ambiguous=True),
    CityRow("吉林", "吉林", (), ("昌邑区",), ambiguous=True),
)
DOMAINS = {"医疗健康": ("医院", "医疗"), "教育": ("学校", "培训")}
SCHOOLS = (SchoolRow("清华大学", ("清华",), ("985",)), SchoolRow("苏州大学", (), ("211",)))


@cache
def lexicon(**changes: Any) -> Lexicon:
    """The lexicon of these rows, but for what is changed: one takes two seconds to build."""
    rows: dict[str, Any] = {
        "skills": SKILLS,
        "titles": TITLES,
        "vague_titles": ("员工", "工程师", "专员", "经理", "技术员"),
        "levels": (("初级", 1), ("中级", 2), ("高级", 3), ("资深", 4)),
        "stopwords": ("负责", "公司", "工作", "以及", "进行", "熟悉", "精通"),
        "negations": (("deny_after", "一窍不通"),),
        "idf": {"负责": 5.0},
    }
    idf = changes.pop("idf", rows.pop("idf"))
    return Lexicon(LexiconData(**{**rows, **changes}), idf)


@cache
def places() -> Places:
    return Places(CITIES)


@cache
def analyzer() -> Analyzer:
    return Analyzer(lexicon(), places(), DOMAINS, SCHOOLS)


def feed(**changes: Any) -> FeedSpec:
    """A feed for a Java developer in Guangzhou, but for what is changed."""
    fields: dict[str, Any] = {
        "title": "高级Java开发工程师",
        "job_desc": "负责微服务开发\n熟悉Spring Boot与MySQL\n本科及以上学历，3年以上开发经验",
        "keywords": ("Java", "springboot"),
        "salary_min": 10_000,
        "salary_max": 15_000,
        "expect_area": ("广州",),
    }
    return FeedSpec(**{**fields, **changes})


def resume(**changes: Any) -> dict[str, Any]:
    """A Java developer in Guangzhou, but for what is changed."""
    fields: dict[str, Any] = {
        "job_target": {"job_career": "Java开发", "salary": "10-15K", "expectation_area": "广州"},
        "education": [{"school": "清华大学", "degree": "本科", "major": "软件工程", "end_time": "2018-06"}],
        "works": [
            {
                "position_title": "Java工程师",
                "job_desc": "1、负责微服务开发，使用Spring Boot和MySQL；\n2、优化JVM",
                "start_time": "2019-07",
                "end_time": "至今",
                "company_category": "民营",
            }
        ],
        "address": "广州市天河区",
        "self_evaluation": "熟悉k8s",
        "work_years": "5年",
    }
    return {**fields, **changes}


def work(title: str, duties: str, **more: Any) -> dict[str, Any]:
    return {"position_title": title, "job_desc": duties, **more}


def seller() -> dict[str, Any]:
    """Somebody quite different, in Beijing."""
    return {
        "job_target": {"job_career": "销售经理", "salary": "面议", "expectation_area": "北京"},
        "works": [work("销售代表", "开发客户，客户拜访，完成销售目标与回款")],
        "self_evaluation": "抗压能力强",
    }


def accountant() -> dict[str, Any]:
    return {
        "job_target": {"job_career": "会计", "salary": "6000-8000", "expectation_area": "不限"},
        "works": [work("会计", "记账，凭证整理，纳税申报，Excel报表")],
        "work_years": 3,
    }


def match(spec: FeedSpec, body: dict[str, Any]) -> Match | None:
    return score(analyzer().feed(spec), analyzer().resume(body))


def points(spec: FeedSpec, body: dict[str, Any]) -> float:
    found = match(spec, body)
    return found.score if found else 0.0


def rows(spec: FeedSpec, body: dict[str, Any]) -> dict[str, Reason]:
    found = match(spec, body)
    assert found is not None
    return {row.field: row for row in found.why}
