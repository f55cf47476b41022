"""Pasted postings: what is read of them, and that nothing is made up. All of them are made up themselves."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.data import load_options
from engine.matching.feed_spec import FeedSpec
from engine.matching.text.normalise import simplify
from handlers.feeds.options import OptionLists
from handlers.feeds.postings import options_of
from intake.posting import PostingReader
from tests.growth import takes_squares

BOSS = """首页
职位
公司
消息
招聘中
Java开发工程师 15-25K·14薪
深圳
3-5年
本科
五险一金
带薪年假
收藏
立即沟通
职位描述
Java
Spring Cloud
微服务
岗位职责：
1、负责核心交易系统的设计与开发；
任职要求：
1、熟悉MySQL、Redis、Kafka；
李先生
刚刚活跃
示例科技 · 招聘经理
公司介绍
示例科技成立于2012年，总部位于北京，注册资本5000万元，有10年以上行业经验。
工作地址
深圳南山区科技园高新南一道
点击查看地图
看过该职位的人还看了
前端开发工程师 20-30K
"""
JOB51 = """财务主管
1.2-1.8万
杭州-西湖区 | 5-7年经验 | 大专 | 招1人 | 03-15发布
餐饮补贴 年终奖金 周末双休
职位信息
【岗位职责】
1. 负责公司日常账务处理；
【任职要求】
1. 熟练使用用友软件。
职能类别：财务主管
关键字：财务 会计 税务
联系方式
上班地址：杭州市西湖区某某路100号
公司信息
某某有限公司 上海分公司
"""
ENGLISH = """Senior Backend Engineer
Location: Shanghai
Salary: RMB 30,000 - 45,000 per month
About us
We are a company founded in 2010 in Beijing.
Responsibilities
- Design services in Go and Java
Requirements
- Bachelor's degree or above
- 5+ years of experience in backend development
Benefits
Flexible working hours, annual leave
"""
CHAT = "我们公司在找一名有经验的产品经理，base北京，要求3年以上B端产品经验，本科，薪资20k-30k，双休"
LABELS = (
    "职位名称：资深前端开发工程师 工作地点：上海市浦东新区 薪资待遇：25K-40K*15薪 "
    "学历要求：硕士及以上 工作经验：5-10年\n"
    "岗位职责：1、负责前端架构；2、带领团队。任职要求：1、精通Vue、React。"
)
EMOJI = "🔥急招🔥 外卖骑手 💰8000-12000元/月 📍成都\n✅要求：会骑电动车，学历不限，经验不限\n✅福利：包住"
TWO = """一、Java开发工程师（2名）
岗位职责：
1、负责后端开发。
任职要求：
1、本科以上学历，3年以上Java经验。
二、前端开发工程师（1名）
岗位职责：
1、负责前端页面。
任职要求：
1、熟悉Vue。
"""


@pytest.fixture(scope="module")
def reader(analyzer):
    lists = msgspec.convert(load_options(), OptionLists, from_attributes=True)
    return PostingReader(analyzer, options_of(lists))


def facts(read):
    return read.title, read.expect_area, read.salary, read.degree, read.years, read.talent_level


@pytest.mark.parametrize(
    ("text", "title", "area", "salary", "degree", "years", "level"),
    [
        (BOSS, "Java开发工程师", ["深圳"], (15_000, 25_000), "本科", (3, 5), ["中级"]),
        (JOB51, "财务主管", ["杭州"], (12_000, 18_000), "大专", (5, 7), ["主管"]),
        (ENGLISH, "Senior Backend Engineer", ["上海"], (30_000, 45_000), "本科", (5, None), ["高级"]),
        (CHAT, "产品经理", ["北京"], (20_000, 30_000), "本科", (3, None), ["中级"]),
        (LABELS, "资深前端开发工程师", ["上海"], (25_000, 40_000), "硕士", (5, 10), ["资深"]),
        (EMOJI, "外卖骑手", ["成都"], (8_000, 12_000), "", None, []),
        (TWO, "Java开发工程师", [], None, "本科", (3, None), ["中级"]),
        ("招聘：会计\n薪资面议\n广州、佛山", "会计", ["广州", "佛山"], (0, 1_000_000), "", None, []),
        ("店员 4-6K\n广州·天河区\n学历不限", "店员", ["广州"], (4_000, 6_000), "", None, []),
        (
            "算法实习生【北京】200-300元/天\n硕士在读",
            "算法实习生",
            ["北京"],
            (4_350, 6_525),
            "",
            None,
            ["实习"],
        ),
        (
            "UI设计师\n年薪20-30万\n1-3年\n统招本科",
            "UI设计师",
            [],
            (16_667, 25_000),
            "本科",
            (1, 3),
            ["初级"],
        ),
    ],
)
def test_a_posting_gives_its_title_places_pay_degree_years_and_level(
    reader, text, title, area, salary, degree, years, level
):
    assert facts(reader.read(text)) == (title, area, salary, degree, years, level)


@pytest.mark.parametrize(
    "title", ["会计主管", "会计（成本方向）", "有机合成研究员", "技术负责人", "在线客服", "对账员"]
)
@pytest.mark.parametrize(
    "page",
    ["{} 10-15K\n上海 3-5年 本科", "{}\n10-15K·13薪\n上海", "{} 10-15K 上海 3-5年\n职位描述\n按时上班"],
)
def test_a_title_that_begins_or_ends_as_a_line_of_a_text_does_is_one(reader, title, page):
    assert reader.read(page.format(title)).title == title


def test_facts_beside_a_title_are_read_behind_its_label_too(reader):
    read = reader.read("【招聘】杭州余杭 | 高级Java开发 | 25-40K*16薪\n要求：5年以上Java经验，本科")
    assert facts(read) == ("高级Java开发", ["杭州"], (25_000, 40_000), "本科", (5, None), ["高级"])


def test_of_a_list_of_positions_with_their_pay_the_first_is_read(reader):
    read = reader.read("我司诚聘：\n1、行政主管 1名 8-10K\n2、人事专员 2名 6-8K\n地点：南京江宁")
    assert (read.title, read.salary, read.expect_area) == ("行政主管", (8_000, 10_000), ["南京"])


def test_pay_by_the_day_is_read_behind_its_word(reader):
    read = reader.read("招 电焊工 5人 日薪350-400 宁波北仑")
    assert (read.title, read.salary, read.expect_area) == (
        "电焊工",
        reader.read("350-400元/天").salary,
        ["宁波"],
    )


def test_facts_beside_each_other_are_no_title(reader):
    assert reader.read("上海 3-5年 10-15K\n本科 2年 10-15K").title == ""


def test_a_city_and_its_part_are_a_place_also_where_nothing_parts_them(reader):
    read = reader.read("招会计一名，月薪1万到1.5万，上海浦东，本科")
    assert (read.title, read.expect_area) == ("会计", ["上海"])
    assert reader.read("上海会计 10-15K\n广州").expect_area == ["广州"]


def test_the_texts_are_the_postings_own_without_what_other_fields_say_and_what_the_page_says(reader):
    read = reader.read(BOSS)
    assert read.job_desc == "1、负责核心交易系统的设计与开发；"
    assert read.skill_required == "本科及以上学历，3-5年工作经验\n1、熟悉MySQL、Redis、Kafka；"
    assert read.keywords == ["Java", "Spring Cloud", "微服务", "MySQL", "Redis", "Kafka"]
    assert read.job_welfare == ["五险一金", "带薪年假"]
    assert reader.read(JOB51).job_welfare == ["双休", "年终奖", "餐饮补贴"]
    assert reader.read(LABELS).job_desc == "1、负责前端架构；2、带领团队。"


def test_every_field_says_what_it_was_read_from(reader):
    sources = reader.read(BOSS).sources
    assert sources["salary"] == "15-25K·14薪"
    assert (sources["expect_area"], sources["degree"], sources["years"]) == ("深圳", "本科", "3-5年")
    assert sources["talent_level"] == "3-5年"
    assert reader.read(TWO).sources["degree"] == "本科以上学历"


def test_what_is_not_there_is_left_out(reader):
    read = reader.read("岗位职责\n1、负责门店日常接待；\n任职要求\n1、有服务经验优先")
    assert facts(read) == ("", [], None, "", None, [])
    assert reader.read("公司简介\n总部位于北京，注册资本5000万元，员工200-300人，成立10年").salary is None
    for text in ("", " \n ", "你好", "。。。"):
        assert facts(reader.read(text)) == ("", [], None, "", None, [])


def test_of_two_postings_the_first_is_read_and_the_other_is_told(reader):
    (other,) = reader.read(TWO).others
    assert other[0] == "前端开发工程师"
    again = reader.read(other[1])
    assert (again.title, again.keywords, again.others) == ("前端开发工程师", ["Vue"], [])
    assert reader.read("职位名称：会计\n要求：大专\n职位名称：出纳\n要求：大专").others[0][0] == "出纳"


def test_what_the_form_takes_is_what_the_engine_reads(reader, analyzer):
    """Degree and years that only the head says count all the same."""
    read = reader.read(BOSS)
    query = analyzer.feed(
        FeedSpec(title=read.title, job_desc=read.job_desc, skill_required=read.skill_required)
    )
    assert (query.degree, query.months) == (4, (36, 60))


def letters(text):
    """What of a text must not change on its way."""
    return "".join(filter(str.isalnum, simplify(text, 50_000)))


PIECES = st.sampled_from(
    [
        *BOSS.splitlines(),
        *JOB51.splitlines(),
        *ENGLISH.splitlines(),
        *TWO.splitlines(),
        CHAT,
        EMOJI,
        "：",
        "【",
        "1、",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=20), max_size=40).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_no_text_is_too_strange_and_nothing_is_made_up(reader, text):
    read = reader.read(text)
    said = letters(text)
    assert letters(read.title) in said
    assert all(letters(word) in said for word in read.keywords)
    assert all(letters(line) in said for line in read.job_desc.splitlines())
    if read.salary:
        assert 0 <= read.salary[0] <= read.salary[1] <= 1_000_000
    assert len(read.title) <= 100
    assert len(read.keywords) <= 10
    assert len(read.skill_required) <= 5_000
    filled = {
        "title": read.title,
        "keywords": read.keywords,
        "expect_area": read.expect_area,
        "salary": read.salary,
    }
    assert {name for name, value in filled.items() if value} == filled.keys() & read.sources.keys()


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "岗位职责：",
        "15-",
        "【",
        "职位名称：a\n",
        "深圳 ",
        "本科\n",
        "找一名",
        "：",
        "产品经理\n岗位职责\n任职要求\n",
        "（2名）",
        "招聘启事",
        "\u0301" * 10_000 + "\u0327" * 10_000,
        f"a{'*' * 19_990}z",
        f"ab{' ' * 2_900}x\n",
        "10" + "\t " * 1_450 + "-\n",
    ],
)
def test_the_worst_text_takes_no_square_of_its_length(reader, piece):
    assert not takes_squares(lambda size: reader.read((piece * size)[:size]), 20_000)
