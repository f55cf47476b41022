"""Pasted postings: what is read of them, and that nothing is made up. All of them are made up themselves."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.data import load_options
from engine.matching.feed_spec import FeedSpec
from engine.matching.text.normalise import simplify
from handlers.feeds.options import OptionLists
from handlers.feeds.postings import options_of
from intake.posting import PostingReader
from tests.growth import takes_squares
from tests.support import each

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
LABELLED = "【招聘】杭州余杭 | 高级Java开发 | 25-40K*16薪\n要求：5年以上Java经验，本科"
LISTED = "我司诚聘：\n1、行政主管 1名 8-10K\n2、人事专员 2名 6-8K\n地点：南京江宁"


@pytest.fixture(scope="module")
def reader(analyzer):
    lists = msgspec.convert(load_options(), OptionLists)
    return PostingReader(analyzer, options_of(lists))


def facts(read):
    return read.title, read.expect_area, read.salary, read.degree, read.years, read.talent_level


@each(
    "text, title, area, salary, degree, years, level",
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
        ("算法实习生【北京】200-300元/天", "算法实习生", ["北京"], (4_350, 6_525), "", None, ["实习"]),
        ("UI设计师\n年薪20-30万\n1-3年", "UI设计师", [], (16_667, 25_000), "", (1, 3), ["初级"]),
        (LABELLED, "高级Java开发", ["杭州"], (25_000, 40_000), "本科", (5, None), ["高级"]),
        (LISTED, "行政主管", ["南京"], (8_000, 10_000), "", None, ["主管"]),
        ("招 电焊工 5人 日薪350-400 宁波北仑", "电焊工", ["宁波"], (7_612, 8_700), "", None, []),
        ("招会计一名，月薪1万到1.5万，上海浦东", "会计", ["上海"], (10_000, 15_000), "", None, []),
        ("上海会计 10-15K\n广州", "上海会计", ["广州"], (10_000, 15_000), "", None, []),
        ("上海 3-5年 10-15K\n本科 2年", "", ["上海"], (10_000, 15_000), "本科", (3, 5), ["中级"]),
    ],
)
def test_a_posting_gives_its_title_places_pay_degree_years_and_level(
    reader, text, title, area, salary, degree, years, level
):
    assert facts(reader.read(text)) == (title, area, salary, degree, years, level)


@each("title", ["会计主管", "会计（成本方向）", "有机合成研究员", "技术负责人", "在线客服", "对账员"])
@each(
    "page",
    ["{} 10-15K\n上海 3-5年 本科", "{}\n10-15K·13薪\n上海", "{} 10-15K 上海 3-5年\n职位描述\n按时上班"],
)
def test_a_title_that_begins_or_ends_as_a_line_of_a_text_does_is_one(reader, title, page):
    assert reader.read(page.format(title)).title == title


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


LINES = "\n".join((BOSS, JOB51, ENGLISH, TWO, CHAT, EMOJI)).splitlines()
PIECES = st.sampled_from([*LINES, "：", "【", "1、"])
TEXTS = st.lists(PIECES | st.text(max_size=20), max_size=40).map("\n".join)


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
    told = {"title", "keywords", "expect_area", "salary"}
    assert {name for name in told if getattr(read, name)} == told & read.sources.keys()


@each(
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


@each(
    "line",
    [
        "急招！{}（双休）",
        "诚聘：{}",
        "诚聘 {} 2名",
        "【急招】{}",
        "【急聘】【双休】{}【五险一金】",
        "‼️急招‼️{}！！！",
        "高薪诚聘：{}（包吃住，月薪过万）",
        "招{}！",
        "急！急！急！招{}",
        "招：{}",
        "招人啦！招人啦！{}",
        "{}（双休+五险一金）",
        "{}-双休-五险一金",
        "{}（3-5年，本科）",
        "{}（急）",
        "{}【上海】！",
        "【某某有限公司】诚聘{}（2名）",
        "紧急招聘 | {} | 双休",
        "岗位：{}！！",
        "急招{}1名（双休，五险一金）",
    ],
)
@each("title", ["Java开发工程师", "总账会计", "电工", "C++开发工程师"])
def test_what_stands_around_a_title_is_no_part_of_it(reader, line, title):
    assert reader.read(f"{line.format(title)}\n6-8K\n负责日常工作").title == title
    assert reader.read(line.format(title)).title == title


@each("text", ["本科，3年以上", "1、本科；\n2、3年以上；", "1.本科；2.3年以上工作经验", "① 本科\n② 3年以上"])
def test_degree_and_years_that_a_list_says_by_themselves_are_asked_for(reader, text):
    for heading in ("任职要求：", "任职要求\n"):
        read = reader.read(f"会计\n6-8K\n岗位职责：\n1、做账\n{heading}{text}")
        assert (read.degree, read.years) == ("本科", (3, None))
        assert set(read.requirements.must) == {"degree", "years_min"}


@each("text", ["1、C1驾照，3年以上；", "1、熟悉Java，3年以上", "1、本科优先"])
def test_years_of_something_else_and_what_is_preferred_are_not(reader, text):
    read = reader.read(f"员工\n6-8K\n岗位职责：\n1、做事\n任职要求：\n{text}")
    assert (read.degree, read.years) == ("", None)


@each(
    "text, must",
    [
        ("本科及以上学历，3年以上工作经验", {"degree", "years_min"}),
        ("本科及以上学历，优秀者可放宽", {"years_min"}),
        ("1、本科及以上学历，计算机相关专业，优秀者可放宽；", {"years_min"}),
        ("本科及以上学历（优秀者可放宽至大专）", {"years_min"}),
        ("本科及以上学历，特别优秀的可以适当放宽要求", {"years_min"}),
        ("本科及以上学历，经验丰富者可放宽学历要求", {"years_min"}),
        ("本科及以上学历，有大厂经验者学历可适当放宽", {"years_min"}),
        ("本科及以上学历，能力突出者可降低学历要求", {"years_min"}),
        ("本科及以上学历，非硬性要求", {"years_min"}),
        ("本科及以上学历\n2、负责降低成本，专业不限", {"degree", "years_min"}),
        ("本科及以上学历，30岁以下，优秀者年龄可放宽", {"degree", "years_min"}),
        ("本科及以上学历，3年以上工作经验，优秀者可放宽", set()),
        ("本科及以上学历\n4、条件优秀者可适当放宽", set()),
    ],
)
def test_what_may_be_eased_is_a_wish(reader, text, must):
    read = reader.read(f"会计 6-8K\n任职要求：\n3年以上工作经验；\n{text}")
    assert (read.requirements.degree, read.requirements.years_min) == ("本科", 3)
    assert set(read.requirements.must) == must


def jobs(read):
    return [(one.title, one.salary) for one in read.jobs]


@each(
    "text",
    [
        "招聘：\n1、会计 2名 6-8K\n2、出纳 1名 4-5K",
        "我司诚聘：\n会计：6-8K，3年以上经验\n出纳：4-5K",
        "会计 6-8K\n要求：3年以上经验，会用金蝶\n出纳 4-5K\n要求：细心",
        "会计\n6-8K 大专\n做账报税\n出纳\n4-5K\n管理现金",
        "招会计2名，6-8K；出纳1名，4-5K",
        "急招：会计6000-8000，出纳4000-5000，包吃住",
        "招聘岗位：会计（6-8K）、出纳（4-5K）",
        "岗位一：会计\n薪资：6-8K\n岗位二：出纳\n薪资：4-5K",
        "职位名称：会计\n薪资：6-8K\n岗位职责：做账\n职位名称：出纳\n薪资：4-5K\n岗位职责：收款",
        "【会计】6-8K，双休\n【出纳】4-5K，双休",
        "一、会计（2名）\n薪资6-8K\n二、出纳（1名）\n薪资4-5K",
        "💰会计 6-8K\n💰出纳 4-5K\n📍杭州",
        "急聘会计、出纳\n会计 6-8K，做账\n出纳 4-5K，收款\n杭州",
        "1.会计\n岗位职责：\n做账\n任职要求：\n6-8K\n2.出纳\n岗位职责：\n收款\n任职要求：\n4-5K",
    ],
)
def test_several_jobs_in_one_text_are_apart_however_they_are_written(reader, text):
    pays = [("会计", (6_000, 8_000)), ("出纳", (4_000, 5_000))]
    assert jobs(reader.read(text)) == pays
    assert [title for title, _ in reader.read(text).others] == ["出纳"]


@pytest.mark.parametrize(
    "text",
    [
        "招聘岗位：会计、出纳\n工作地点：杭州\n6-8K，双休",
        "诚聘会计、出纳\n工作地点：杭州\n6-8K，双休",
        "杭州公司招聘以下岗位：会计，6-8K；出纳，6-8K\n双休",
        "工作地点：杭州，双休\n会计 1名 6-8K\n出纳 1名 6-8K",
        "会计 1名 6-8K\n出纳 1名 6-8K\n福利：双休\n地点：杭州",
        "岗位一：会计 6-8K\n岗位二：出纳 6-8K\n要求：双休\n公司地址：杭州",
        "会计 1名 6-8K\n出纳 1名 6-8K\n双休\n杭州武林门",
    ],
)
def test_what_is_said_of_no_job_alone_holds_for_all(reader, text):
    read = reader.read(text)
    assert jobs(read) == [("会计", (6_000, 8_000)), ("出纳", (6_000, 8_000))]
    assert [one.job_welfare for one in read.jobs] == [["双休"]] * 2
    if "公司" not in text:
        assert [one.expect_area for one in read.jobs] == [["杭州"]] * 2


@each(
    "text",
    [
        "招会计一名，熟悉出纳、税务，月薪6-8K",
        "会计 6-8K\n会计 6-8K·13薪\n职位描述\n负责总账",
        "会计 6-8K\n岗位职责：\n1、管理出纳2名；\n2、协助财务经理",
        "销售代表\n6-8K\n岗位职责：\n1、拜访客户\n2、销售产品\n任职要求：\n1、能出差",
        "招聘岗位：销售代表\n6-8K\n任职要求：\n1、能出差\n2、仓库管理\n岗位职责：\n1、销售产品",
        "行政及人事专员 6-8K\n双休",
        "销售代表 6-8K\n岗位职责：拜访客户\n晋升空间：\n销售主管 10-15K\n销售经理 20-30K",
        BOSS,
        CHAT,
        ENGLISH,
    ],
)
def test_one_job_stays_one(reader, text):
    assert reader.read(text).jobs == []


@pytest.mark.parametrize(
    ("text", "salary"),
    [
        ("底薪5000-8000+提成，综合8000-15000", (8_000, 15_000)),
        ("试用期6-8K，转正后8-12K", (8_000, 12_000)),
        ("6-8K（试用期），8-12K（转正）", (8_000, 12_000)),
        ("转正8-12K，试用期6-8K", (8_000, 12_000)),
        ("固定工资4000-6000，月收入8000-12000元", (8_000, 12_000)),
        ("保底6000-7000元，到手8000-12000元", (8_000, 12_000)),
        ("月薪8000-10000元，年薪12-15万", (8_000, 10_000)),
        ("底薪6000+提成，年收入15-30万", (12_500, 25_000)),
    ],
)
def test_of_two_ranges_what_all_comes_to_is_the_pay(reader, text, salary):
    assert reader.read(f"会计\n{text}").salary == salary


@pytest.mark.parametrize(
    ("text", "keywords"),
    [
        ("熟练使用金蝶、用友软件", {"金蝶", "用友"}),
        ("会用达芬奇、剪映", {"达芬奇", "剪映"}),
        ("熟练操作Virtuoso", {"Virtuoso"}),
        ("会操作数控 930、980等系统", {"数控 930"}),
        ("熟悉广联达GTJ、宏业清单等软件", {"广联达GTJ", "宏业清单"}),
        ("能熟练使用通达信软件", {"通达信"}),
        ("会用法兰克系统、西门子系统", {"法兰克", "西门子"}),
        ("操作数控930车床加工轴类零件", {"数控930"}),
        ("使用Virtuoso、Calibre完成验证", {"Virtuoso", "Calibre"}),
    ],
)
def test_tools_are_keywords_whether_a_table_knows_them_or_not(reader, text, keywords):
    for page in ("员工 6-8K\n任职要求：\n{}。", "员工，{}，双休"):
        assert keywords <= set(reader.read(page.format(text)).keywords)


def test_what_is_no_tool_is_no_keyword(reader):
    text = "员工\n任职要求：\n熟练使用办公软件，具备良好的沟通能力；会与客户沟通，熟悉公司各类系统"
    assert not {"办公", "沟通", "各类"} & set(reader.read(text).keywords)


@pytest.mark.parametrize("by", ["", "、", " ", "\n", "，", "+", "/"])
def test_benefits_are_read_word_by_word(reader, by):
    words = ["五险一金", "双休", "包吃住", "年终奖"]
    read = reader.read(f"会计 6-8K\n福利：{by.join(words)}")
    assert read.job_welfare == ["五险一金", "双休", "年终奖", "包吃", "包住"]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        (
            "饭店招厨师1名，工资8000-10000；服务员3名，工资4000-5000；洗碗工1名，包吃住",
            ["厨师", "服务员", "洗碗工"],
        ),
        ("急招！！！护士 6-8K，另招药师一名 7-9K", ["护士", "药师"]),
        ("Java工程师、前端工程师、测试工程师\n均要求本科，双休", ["Java工程师", "前端工程师", "测试工程师"]),
        ("1.销售经理\n岗位职责：\n带团队\n2.销售代表\n岗位职责：\n拜访客户", ["销售经理", "销售代表"]),
        ("诚聘以下人员：\n1、普工20名：6000-8000元\n2、仓管员2名：5000元以上", ["普工", "仓管员"]),
        # whose name begins as another's
        ("会计 6-8K\n会计主管 10-12K", ["会计", "会计主管"]),
        ("急招：会计6000-8000，会计主管10000-12000", ["会计", "会计主管"]),
        ("急聘月嫂、保洁阿姨\n月嫂 9000-16000/月\n保洁 30元/小时", ["月嫂", "保洁"]),
    ],
)
def test_jobs_are_told_by_their_names(reader, text, titles):
    assert [one.title for one in reader.read(text).jobs] == titles


def test_what_begins_with_the_name_of_a_job_is_said_of_that_one(reader):
    head = "公司扩招！Java开发工程师（13-20K）、前端开发工程师（12-18K）"
    read = reader.read(f"{head}\n要求：本科\nJava：熟悉MySQL\n前端：熟悉Vue")
    assert jobs(read) == [("Java开发工程师", (13_000, 20_000)), ("前端开发工程师", (12_000, 18_000))]
    assert [one.skill_required.split("\n")[-1] for one in read.jobs] == ["Java：熟悉MySQL", "前端：熟悉Vue"]


@pytest.mark.parametrize(
    ("text", "certificates", "languages", "must"),
    [
        ("B2及以上驾照，货运从业资格证", ["货运从业资格证"], [], ["licence", "certificates"]),
        ("须持健康证，有保育员证优先", ["健康证"], [], ["certificates"]),
        ("西班牙语、俄语优先", [], ["西班牙语", "俄语"], []),
        ("Fluent English", [], ["英语"], ["languages"]),
        ("持有初中及以上数学教师资格证", ["初中及以上数学教师资格证"], [], ["certificates"]),
        ("英语六级，西班牙语、俄语优先", [], ["英语六级"], ["languages"]),
        ("英语专业，英语四级以上（最好六级证书）", [], ["英语四级"], ["languages"]),
        ("中级会计师，会计证", ["中级会计师", "会计证"], [], ["certificates"]),
    ],
)
def test_a_wish_is_no_must_also_in_a_list_or_beside_one(reader, text, certificates, languages, must):
    asked = reader.read(f"司机 6-8K\n要求：{text}").requirements
    assert (asked.certificates, asked.languages, asked.must) == (certificates, languages, must)


def test_a_title_is_found_beside_its_pay_and_without_what_is_asked_for(reader):
    read = reader.read("【诚聘】数控车工（会数控 930、广数系统）8000-12000元/月 包吃住")
    assert (read.title, read.salary, read.keywords) == ("数控车工", (8_000, 12_000), ["数控 930"])
    assert reader.read("会计（成本方向）6-8K").title == "会计（成本方向）"
