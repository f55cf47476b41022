"""The examples of docs/matching.md and of the package's docstring are what the program gives."""

import doctest
import inspect
import re
from pathlib import Path

import engine.matching
from engine.matching.feed_spec import FeedSpec
from engine.matching.score import rules
from engine.matching.score.match import score

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "matching.md"
FEED = FeedSpec(
    title="高级Java开发工程师",
    job_desc="负责订单系统的微服务设计与开发\n本科及以上学历，3年以上Java开发经验\n熟悉Redis、Kafka，有高并发经验者优先",
    keywords=("Java", "Spring Boot", "MySQL", "Kubernetes"),
    salary_min=18_000,
    salary_max=28_000,
    expect_area=("上海", "杭州"),
    talent_level=("高级",),
)
RESUME = {
    "job_target": {"job_career": "Java开发", "salary": "20-25K", "expectation_area": "上海市浦东新区"},
    "works": [
        {
            "position_title": "Java工程师",
            "job_desc": "1、负责支付系统的微服务拆分，使用SpringBoot和MySQL；\n2、引入redis缓存，支撑高并发",
        },
        {"position_title": "软件开发工程师", "job_desc": "参与后台管理系统的编码与单元测试"},
    ],
    "education": [{"school": "苏州大学", "degree": "大专"}],
    "work_years": "4年",
    "self_evaluation": "熟悉Java，了解k8s。不会Vue",
}


def test_the_example_is_what_the_program_gives(analyzer):
    found = score(analyzer.feed(FEED), analyzer.resume(RESUME))
    told = {" ".join(line.split()) for line in DOCUMENT.read_text(encoding="utf-8").splitlines()}
    given = [f"{row.field} {row.term} {row.matched} {row.points:+.2f}" for row in found.why]
    assert [line for line in given if line not in told] == []
    assert f"{found.score:.2f} title_match missing: {','.join(found.missing)}" in told


def test_the_rule_that_is_shown_is_the_one_in_the_code():
    (shown,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert "".join(line.removeprefix("   ") for line in shown.splitlines(keepends=True)).rstrip() == (
        inspect.getsource(rules.preference.py_func).rstrip()
    )


def test_the_files_that_a_rule_touches_are_there():
    named = re.findall(r"^\d\. \*\*`(\w+\.py)`\*\*", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    folder = DOCUMENT.parents[1] / "engine" / "matching" / "score"
    assert len(named) == 4
    assert all((folder / name).is_file() for name in named)


def test_the_example_of_the_package_runs():
    done = doctest.testmod(engine.matching)
    assert done.attempted
    assert not done.failed
