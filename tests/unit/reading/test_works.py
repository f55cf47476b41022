"""Jobs: every form of a header gives the same jobs."""

import pytest

from tests.support import each
from tests.unit.reading.reading_samples import HEAD, SCHOOL, read, works_of

TWO = [
    ("上海启明信息技术有限公司", "高级Java开发工程师", "2020.03", "至今"),
    ("云联", "测试工程师", "2018.07", "2020.02"),
]
FORMS = {
    "company, title and time in a row": """
工作经历
上海启明信息技术有限公司  高级Java开发工程师  2020.03 - 至今
1. 负责订单系统的设计。
云联  测试工程师  2018.07 - 2020.02
1. 编写用例。
""",
    "time first": """
■ 任职经历
2020.03-至今 | 上海启明信息技术有限公司 | 高级Java开发工程师
负责订单系统的设计，使用多种框架。
2018.07-2020.02 | 云联 | 测试工程师
编写用例。
""",
    "title first": """
工 作 经 历
高级Java开发工程师 / 上海启明信息技术有限公司 / 2020.03 至 至今
工作描述：
负责订单系统
测试工程师 / 云联 / 2018.07 至 2020.02
工作描述：
编写用例
""",
    "a line each": """
【工作经验】
上海启明信息技术有限公司
高级Java开发工程师
2020.03—至今（5年10个月）
• 负责订单系统
云联
测试工程师
2018.07—2020.02（1年7个月）
• 编写用例
""",
    "time above": """
WORK EXPERIENCE 工作经历
2020.03 ~ 至今
上海启明信息技术有限公司
高级Java开发工程师
负责订单系统
2018.07 ~ 2020.02
云联
测试工程师
编写用例
""",
    "labels": """
工作经历
公司名称：上海启明信息技术有限公司
起止时间：2020.03 - 至今
担任职位：高级Java开发工程师
工作内容：负责订单系统
公司名称：云联
起止时间：2018.07 - 2020.02
担任职位：测试工程师
工作内容：编写用例
""",
    "labels on lines of their own": """
工作经历
(1) 公司名称
上海启明信息技术有限公司
职位
高级Java开发工程师
起止时间
2020.03-至今
(2) 公司名称
云联
职位
测试工程师
起止时间
2018.07-2020.02
""",
    "a table with a row of labels": """
工作经历
起止时间\t工作单位\t职务\t离职原因\t证明人
2020.03-至今\t上海启明信息技术有限公司\t高级Java开发工程师\t\t王五
2018.07-2020.02\t云联\t测试工程师\t个人发展\t赵六
""",
    "a table whose last date was broken": """
职历
时间\t单位\t岗位\t工作内容
2020.03-至今\t上海启明信息技术有限公司\t高级Java开发工程师\t负责订单
2018.07-\t云联\t测试工程师\t编写用例
2020.02
""",
    "dates in a column": """
工作经历
2020.03\t上海启明信息技术有限公司
至今\t高级Java开发工程师
2018.07\t云联
2020.02\t测试工程师
""",
    "a form": """
工作经历
起止时间\t2020.03-至今\t工作单位\t上海启明信息技术有限公司
职务\t高级Java开发工程师\t薪资\t20000元/月
工作内容\t负责订单系统\t\t
起止时间\t2018.07-2020.02\t工作单位\t云联
职务\t测试工程师\t薪资\t9000元/月
工作内容\t编写用例\t\t
""",
    "facts in brackets": """
工作经历
上海启明信息技术有限公司（100-499人）[5年10个月]  2020.03 - 至今
研发部 | 高级Java开发工程师
负责订单系统
云联（民营）[1年7个月]  2018.07 - 2020.02
测试部 | 测试工程师
编写用例
""",
    "sentences": """
工作经历
2020.03至今，在上海启明信息技术有限公司担任高级Java开发工程师。负责订单系统。
2018.07到2020.02，就职于云联，任测试工程师一职。
""",
    "Markdown": """
## 工作经历
### 上海启明信息技术有限公司 — 高级Java开发工程师（2020.03 - 至今）
- 负责**订单系统**
### 云联 — 测试工程师（2018.07 - 2020.02）
- 编写用例
""",
    "title @ company": """
职场足迹
2020.03 到 至今
高级Java开发工程师 @ 上海启明信息技术有限公司
负责订单系统
2018.07 到 2020.02
测试工程师 @ 云联
编写用例
""",
}


@each("text", FORMS.values())
def test_all_forms_give_the_same_jobs(text):
    assert works_of(text) == TWO


def test_a_name_that_nothing_tells_is_known_by_the_place_of_the_others():
    assert works_of("""
工作经历
王府井百货集团  营业员  2018.03-2019.02
蓝色空间  店长  2016.03-2018.02
日月星  领班  2014.03-2016.02
""")[1:] == [("蓝色空间", "店长", "2016.03", "2018.02"), ("日月星", "领班", "2014.03", "2016.02")]


@pytest.mark.parametrize(
    "rows", ["营业员  王府井百货集团|小二  蓝色空间", "王府井百货集团  营业员|蓝色空间  小二"]
)
def test_the_order_of_the_sure_headers_decides_for_the_others(rows):
    sure, unsure = rows.split("|")
    works = works_of(f"\n工作经历\n{sure}  2018.03-2019.02\n{unsure}  2016.03-2018.02\n")
    assert works[1][:2] == ("蓝色空间", "小二")


def test_the_labels_of_columns_decide_in_a_table():
    assert works_of("""
工作经历
职务\t证明人\t单位\t起止时间
小二\t赵六\t蓝色空间\t2016.03-2018.02
""") == [("蓝色空间", "小二", "2016.03", "2018.02")]


def test_companies_and_titles_in_english_are_told_apart():
    assert works_of("""
Work Experience
Google Inc., Shanghai
Senior Software Engineer
Mar 2018 - Present
- Built things
Acme Co., Ltd., Beijing
Intern
Jul 2016 – Feb 2018
""") == [
        ("Google Inc.", "Senior Software Engineer", "Mar 2018", "Present"),
        ("Acme Co., Ltd.", "Intern", "Jul 2016", "Feb 2018"),
    ]


def test_positions_grouped_by_company_have_it_in_common():
    assert works_of("""
Experience
Alibaba Group
5 years 2 months
Senior Software Engineer
March 2020 - Present (3 years 2 months)
Software Engineer
March 2018 - February 2020 (2 years)
""") == [
        ("Alibaba Group", "Senior Software Engineer", "March 2020", "Present"),
        ("Alibaba Group", "Software Engineer", "March 2018", "February 2020"),
    ]


def test_a_project_within_a_job_is_part_of_its_description():
    (work,) = read(f"""{HEAD}
工作经历
2018.03-2020.05 上海启明信息技术有限公司 工程师
项目一：2018.06-2018.12 订单系统
2019.01-2019.06 结算系统改造
负责接口
""").record["works"]
    assert "订单系统" in work["job_desc"]
    assert "结算系统改造" in work["job_desc"]


def test_headings_within_a_job_do_not_end_it():
    (work,) = read(f"""{HEAD}
■ 工作经历
2018.03-2020.05 上海启明信息技术有限公司 工程师
技术栈：
Java, Redis
业绩：
提升一倍
■ 自我评价
认真。
""").record["works"]
    assert work["job_desc"] == "技术栈:\nJava, Redis\n业绩:\n提升一倍"


def test_facts_beside_a_job_have_their_fields():
    (work,) = read(f"""{HEAD}
工作经历
2018.03-2020.05  上海启明信息技术有限公司  工程师
计算机软件 | 500-999人 | 民营公司
月薪：8000元/月
部门：研发部
工作内容：工作职责：写代码
""").record["works"]
    assert work["industry_category"] == "计算机软件"
    assert work["company_scale"] == "500-999人"
    assert work["company_category"] == "民营公司"
    assert work["salary"] == "8000元/月"
    assert work["job_desc"].split("\n") == ["研发部", "写代码"]


def test_a_school_among_the_jobs_is_a_school():
    record = read(f"""{HEAD}
学习与工作经历
2018.07-至今 苏州天平电子厂 焊工
焊接
2014.09-2018.06 苏州大学 机械工程 本科
""").record
    assert [work["compnay_name"] for work in record["works"]] == ["苏州天平电子厂"]
    assert [school["school"] for school in record["education"]] == ["苏州大学"]


def test_jobs_are_found_without_any_heading():
    record = read("""
周涛
电话 13511112222
2018.01-至今  上海长风汽车有限公司  质量工程师
2010.09-2014.06  江苏大学  车辆工程  本科
""").record
    assert record["works"][0]["compnay_name"] == "上海长风汽车有限公司"
    assert record["education"][0]["school"] == "江苏大学"


def test_what_names_nobody_is_never_made_a_job():
    record = read(f"{HEAD}工作经历\n2018.03-2019.02\n{SCHOOL}自我评价\n认真负责，能吃苦。").record
    assert record["works"] == []


def test_jobs_and_schools_that_stand_the_oldest_first_are_turned():
    text = f"""{HEAD}
教育经历
杭州第二中学  高中  2011.09-2014.06
浙江大学  计算机科学与技术  本科  2014.09-2018.06
工作经历
云联  测试工程师  2018.07 - 2020.02
1. 编写用例。
上海启明信息技术有限公司  高级Java开发工程师  2020.03 - 至今
1. 负责订单系统的设计。
"""
    record = read(text).record
    assert [work["compnay_name"] for work in record["works"]] == ["上海启明信息技术有限公司", "云联"]
    assert record["works"][1]["job_desc"] == "1. 编写用例。"
    assert [school["school"] for school in record["education"]] == ["浙江大学", "杭州第二中学"]
