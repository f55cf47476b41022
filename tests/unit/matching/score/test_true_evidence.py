"""What a row shows as matched is true: it stands in the resume, and it is what the feed asks for."""

import pytest

from engine.matching.analysis.resume import EMPLOYER
from engine.matching.feed_spec import FeedSpec
from engine.matching.lexicon.companies import Companies
from engine.matching.score.match import score
from tests.support import each
from tests.unit.matching.engine_samples import work


@pytest.fixture(scope="module")
def judge(analyzer):
    """What a feed for a title with one keyword matches in a text; None where the keyword is missing."""

    def judge(title, keyword, text, **fields):
        found = score(
            analyzer.feed(FeedSpec(title=title, keywords=(keyword,))),
            analyzer.resume({"works": [{**work(title, text), **fields}]}),
        )
        assert (keyword in found.keywords) != (keyword in found.missing)
        rows = [row.matched for row in found.why if row.field == "skill" and row.term == keyword]
        return rows[0] if rows else None

    return judge


@each(
    "title, keyword, text",
    [
        ("保姆", "做饭", "每天做家务"),
        ("保姆", "做家务", "给老人做饭"),
        ("运维工程师", "Ubuntu", "维护CentOS"),
        ("运维工程师", "Zabbix", "用Prometheus监控"),
        ("软件测试工程师", "Jira", "用禅道管理缺陷"),
        ("Java开发工程师", "MariaDB", "使用MySQL"),
        ("机械工程师", "Abaqus", "用Ansys仿真"),
        ("英语翻译", "同声传译", "负责笔译"),
        ("厨师", "馒头", "擅长包子"),
        ("会计", "CMA", "持有ACCA"),
        ("挖掘机司机", "铲车", "开挖掘机"),
        ("自动化工程师", "汇川PLC", "用欧姆龙编程"),
        ("外卖运营", "饿了么", "负责美团运营"),
        ("司机", "驾照", "没有驾照"),
        ("Python开发工程师", "Django", "没有PostgreSQL、Django经验"),
        ("Java开发工程师", "Java", "Java不太熟悉"),
        ("运维工程师", "Linux", "不会CentOS"),
    ],
)
def test_a_thing_is_not_borne_out_by_another_one_of_its_trade(judge, title, keyword, text):
    assert judge(title, keyword, text) is None


@pytest.mark.parametrize(
    ("title", "keyword", "text", "matched"),
    [
        ("培训讲师", "Python", "面向零基础学员讲授Python课程", "python"),
        ("会计", "纳税申报", "无需指导即可完成纳税申报", "纳税申报"),
        ("运维工程师", "Linux", "维护CentOS服务器", "centos"),
        ("前端开发工程师", "Vue", "熟悉vuex", "vuex"),
        ("焊工", "电焊", "擅长氩弧焊", "氩弧焊"),
        ("保姆", "做饭", "会煮饭", "煮饭"),
        ("运维工程师", "kubernetes", "维护k8s", "k8s"),
    ],
)
def test_a_special_thing_bears_out_the_general_one_in_its_own_words(judge, title, keyword, text, matched):
    assert judge(title, keyword, text) == matched


def test_a_posting_asks_for_what_it_says_alone(analyzer):
    query = analyzer.feed(FeedSpec(title="运维工程师", job_desc="熟悉CentOS"))
    assert {term for keyword in query.keywords for term in keyword.terms} == {"centos"}


def test_whoever_works_for_a_company_knows_it(judge):
    assert judge("外卖员", "美团", "按时送达", compnay_name="美团外卖五角场站") == "美团"
    assert judge("外卖员", "美团", "按时送达", compnay_name="饿了么") is None
    assert judge("店长", "海底捞", "管理门店", compnay_name="四川海底捞餐饮有限公司") == "海底捞"


def test_an_employer_shows_no_occupation_and_opens_no_gate(analyzer):
    with_name, without = (
        analyzer.resume({"works": [{**work("", "值班"), "compnay_name": name}]})
        for name in ("美团", "某公司")
    )
    assert with_name.terms == {**without.terms, "美团": EMPLOYER}
    assert with_name.key_terms == without.key_terms
    assert with_name.shown == without.shown


def test_the_longest_name_of_a_company_is_the_one_meant():
    find = Companies(("京东", "京东方", "TCL")).find
    assert find("合肥京东方光电") == ("京东方",)
    assert find("TCL华星(京东)") == ("tcl", "京东")
    assert find("ATCL") == Companies(()).find("京东") == ()


@each(
    "title, level",
    [
        ("销售经理", "经理"),
        ("储备销售经理", "储备"),
        ("见习销售经理", "见习"),
        ("销售总监助理", "工作4年"),  # nothing says it but the years
        ("总经理助理", "工作4年"),
        ("客户经理", "工作4年"),
        ("高级客户经理", "高级"),
        ("招聘主管", "主管"),
        ("小学班主任", "工作4年"),
    ],
)
def test_a_level_is_the_persons_own(analyzer, title, level):
    spec = FeedSpec(title=title, talent_level=("实习", "总监"))
    found = score(analyzer.feed(spec), analyzer.resume({"work_years": 4, "works": [work(title, "工作")]}))
    assert [row.matched for row in found.why if row.field == "level"] == [level]


def test_what_a_title_says_that_the_work_is_not_is_not_asked_for(analyzer):
    query = analyzer.feed(FeedSpec(title="客服专员-无销售性质"))
    assert "销售" not in [keyword.shown for keyword in query.keywords]


@pytest.mark.parametrize(
    ("asked", "title", "years", "row"),
    [
        (("主管",), "行政主管", 4, ("主管", "主管")),
        (("主管", "经理"), "行政经理", 4, ("主管,经理", "经理")),
        (("总监", "经理"), "行政总监", 12, ("经理-总监", "总监")),
        (("专家",), "行政专家", 4, ("专家", "专家")),
        (("高级", "资深"), "行政专员", 12, ("高级,资深", "工作12年")),
        (("中级", "主管"), "行政专员", 4, ("中级-主管", "工作4年")),
    ],
)
def test_levels_are_called_what_the_feed_and_the_title_call_them(analyzer, asked, title, years, row):
    query = analyzer.feed(FeedSpec(title="行政", talent_level=asked))
    found = score(query, analyzer.resume({"work_years": years, "works": [work(title, "行政后勤")]}))
    assert [(one.term, one.matched) for one in found.why if one.field == "level"] == [row]


@pytest.mark.parametrize(
    ("title", "asked"),
    [
        ("行政总监", "总监"),
        ("储备行政经理", "储备"),
        ("行政经理/人事主管", "经理,主管"),
        ("行政/行政经理", None),  # either will do
        ("总经理助理", None),
        ("行政", None),
    ],
)
def test_a_title_asks_for_its_level_where_none_was_chosen(analyzer, title, asked):
    person = analyzer.resume({"work_years": 4, "works": [work("行政", "行政后勤")]})
    chosen = score(analyzer.feed(FeedSpec(title=title, talent_level=("中级",))), person)
    assert [row.term for row in chosen.why if row.field == "level"] == ["中级"]
    found = score(analyzer.feed(FeedSpec(title=title)), person)
    assert [row.term for row in found.why if row.field == "level"] == ([asked] if asked else [])


def test_the_further_below_the_level_the_lower_the_score(analyzer):
    query = analyzer.feed(FeedSpec(title="Java架构师"))
    scores = [
        score(query, analyzer.resume({"work_years": 4, "works": [work(title, "微服务设计")]})).score
        for title in ("Java架构师", "资深Java工程师", "中级Java工程师", "初级Java工程师", "Java实习生")
    ]
    assert scores == sorted(set(scores), reverse=True)


@pytest.mark.parametrize(
    ("asked", "title", "years", "is_strong"),
    [
        ("财务总监", "财务总监", 12, True),
        ("财务总监", "财务经理", 8, True),
        ("财务总监", "会计", 4, False),
        ("财务总监", "会计实习生", 0, False),
        ("会计主管", "会计", 4, True),  # grows into it
        ("会计主管", "出纳", 1, False),
        ("会计主管", "会计助理", 1, False),
        ("会计", "会计实习生", 0, True),
        ("实习会计", "会计", 4, True),
    ],
)
def test_who_is_three_ranks_below_is_not_strong_by_the_text_alone(analyzer, asked, title, years, is_strong):
    text = "总账，成本核算，税务筹划，预算管理，资金管理，财务报表，审计，带领财务团队"
    found = score(
        analyzer.feed(FeedSpec(title=asked, job_desc=text)),
        analyzer.resume({"work_years": years, "works": [work(title, text)]}),
    )
    assert (found.score >= 60) is is_strong


@pytest.mark.parametrize(
    ("titles", "wished", "level"),
    [
        (["行政", "行政实习生"], "", "工作4年"),  # whoever began is no beginner by that
        (["行政实习生", "行政"], "", "实习生"),
        (["行政", "行政主管"], "", "主管"),
        (["行政"], "行政总监", "工作4年"),  # a wish costs nothing to write
        ([], "行政总监", "总监"),
    ],
)
def test_a_level_is_what_somebody_is_or_was(analyzer, titles, wished, level):
    person = {
        "job_target": {"job_career": wished},
        "work_years": 4,
        "works": [work(title, "行政后勤") for title in titles],
    }
    found = score(analyzer.feed(FeedSpec(title="行政", talent_level=("高级",))), analyzer.resume(person))
    assert [row.matched for row in found.why if row.field == "level"] == [level]


FILLERS = ["做好", "组织", "记录", "负责", "顺便", "描述", "双十", "双十一", "确认", "发现", "每日"]


def test_what_every_trade_says_is_no_evidence(analyzer):
    text = f"巢脾，{'，'.join(FILLERS)}，摇蜜"
    query = analyzer.feed(FeedSpec(title="Java开发工程师", job_desc=text))
    found = score(query, analyzer.resume({"works": [work("Java开发工程师", text)]}))
    (row,) = [one for one in found.why if one.field == "description"]
    told = {*row.term.split(), *row.matched.split()}
    assert told
    assert told.isdisjoint(FILLERS)
    assert query.words.keys().isdisjoint(FILLERS)


@pytest.mark.parametrize(
    ("title", "keyword", "text", "employer"),
    [
        ("前台", "金蝶", "在金蝶软件（中国）有限公司负责前台接待", "金蝶软件（中国）有限公司"),
        ("前台", "用友", "用友网络科技公司的前台接待", "用友网络科技股份有限公司"),
        ("导购", "达芬奇", "达芬奇家居公司导购", "达芬奇家居股份有限公司"),
        ("服务员", "Java", "java咖啡馆服务", "Java咖啡馆"),
    ],
)
def test_a_skill_within_the_name_of_an_employer_is_no_evidence(judge, title, keyword, text, employer):
    assert judge(title, keyword, text, compnay_name=employer) is None
    # Somebody else who writes it means the thing.
    assert judge(title, keyword, f"熟练使用{keyword}", compnay_name="某某有限公司") == keyword.lower()


@each(
    "title, keyword, text",
    [
        ("会计", "金蝶", "在金蝶集团财务共享中心做凭证"),
        ("仓库管理员", "SAP", "思爱普SAP中国有限公司的仓库出入库"),
        ("销售", "百度", "在百度大厦卖咖啡"),
        ("Java开发工程师", "Kafka", "参加Kafka之夜"),
        ("视频剪辑师", "达芬奇", "参加达芬奇艺术节，获“达芬奇”杯二等奖"),
        ("视频剪辑师", "Premiere", "Premiere 杯志愿者"),
    ],
)
def test_a_skill_within_the_name_of_whatever_company_or_event_is_none(judge, title, keyword, text):
    assert judge(title, keyword, text) is None
    assert judge(title, keyword, f"为集团客户使用{keyword}，参加大赛") is not None


def test_a_word_that_is_only_a_part_of_what_many_trades_say_is_no_evidence(analyzer):
    query = analyzer.feed(FeedSpec(title="人事专员", job_desc="办理社保，购置办公用品，以上学历"))
    assert "办公用品" in query.words
    assert query.words.keys().isdisjoint(["办理", "以上学历"])


def test_the_name_of_a_school_is_no_evidence_and_what_may_be_any_word_is_no_name(analyzer):
    school = {"education": [{"school": "达芬奇艺术学院"}], "self_evaluation": "毕业于达芬奇艺术学院"}
    assert "达芬奇" not in analyzer.resume(school).terms
    shop = {"works": [{**work("店长", "经营淘宝店铺"), "compnay_name": "淘宝店铺"}]}
    assert "淘宝" in " ".join(analyzer.resume(shop).terms)


@each(
    "title, text, name",
    [
        ("测试", "编写测试用例，执行功能测试，用Selenium做自动化测试，提交缺陷", "软件测试工程师"),
        ("测试", "用示波器、万用表测试电路板，EMC测试，高低温可靠性测试，测试治具", "硬件测试工程师"),
        ("前端", "用Vue和React开发页面，HTML、CSS、JavaScript", "前端开发工程师"),
        ("前端", "RTL设计，Verilog编码，综合，时序分析，CDC检查，SDC约束", "数字前端设计工程师"),
        ("设计师", "服装款式设计，面料选择，打版跟进，时装系列", "服装设计师"),
        ("设计师", "结构设计，SolidWorks建模，模具，公差，零件出图", "机械工程师"),
        ("审核", "审核报销单据、凭证、发票，费用报销", "财务专员"),
        ("审核", "工程结算审核，工程量，造价咨询，广联达", "造价工程师"),
        ("版图", "服装版型，打版，样衣，纸样，放码", "服装制版师"),
        ("设计师", "室内设计，CAD，3Dmax", "室内设计师"),
        ("设计师", "PS、AI，海报、画册", "平面设计师"),
        ("测试工程师", "接口测试，jmeter", "软件测试工程师"),
        ("测试工程师", "芯片测试，ATE，晶圆", "芯片测试工程师"),
    ],
)
def test_a_title_that_trades_share_follows_the_text(analyzer, title, text, name):
    asked = analyzer.understood(FeedSpec(title=title, job_desc=text)).occupations
    assert max(asked, key=lambda one: one[1])[0].name == name
    titled = analyzer.resume({"works": [work(title, text)]}).titled
    assert max(titled, key=titled.get) == name
    # Where the text says nothing the title means what it mostly means.
    assert len(analyzer.resume({"works": [work(title, "按时上班")]}).titled) <= 1


def test_what_a_row_of_a_table_does_not_say_is_not_held_against_it(analyzer):
    text = "负责总账核算、月末结账和合并报表编制，纳税申报，编制财务报表"
    query = analyzer.feed(FeedSpec(title="总账会计", keywords=("总账", "合并报表"), job_desc=text))
    rows = [{"works": [work(title, text)]} for title in ("总账会计", "", "职员")]
    named, unnamed, vague = (score(query, analyzer.resume(row)) for row in rows)
    assert named.score > unnamed.score == vague.score > 80
    assert unnamed.is_strong


def test_a_resume_that_begins_with_the_oldest_job_is_read_as_one_that_begins_with_the_latest(analyzer):
    jobs = [
        {**work("Java工程师", "负责微服务开发"), "start_time": "2022-06", "end_time": "至今"},
        {**work("会计", "负责记账报税"), "start_time": "2016-03", "end_time": "2022-05"},
    ]
    assert analyzer.resume({"works": jobs}) == analyzer.resume({"works": jobs[::-1]})
    undated = [{**job, "start_time": ""} for job in jobs]
    assert analyzer.resume({"works": undated}) != analyzer.resume({"works": undated[::-1]})
