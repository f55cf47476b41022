"""Schools: every form gives the same school."""

from tests.support import each
from tests.unit.reading.reading_samples import HEAD, read, schools_of

ONE = ("浙江大学", "软件工程", "本科", "2014.09", "2018.06")
FORMS = [
    "2014.09-2018.06  浙江大学  软件工程  本科",
    "浙江大学 | 本科 | 软件工程 | 2014.09-2018.06",
    "浙江大学（985/211）  软件工程（本科）  2014.09 - 2018.06",
    "浙江大学  2014.09-2018.06\n软件工程 | 本科",
    "2014.09—2018.06\n浙江大学\n本科 / 软件工程",
    "学校：浙江大学\n专业：软件工程  学历：本科\n时间：2014.09-2018.06",
    "浙江大学\n软件工程\n本科\n2014.09-2018.06",
    "2014.09至2018.06，浙江大学，软件工程专业，本科。",
    "2014.09至2018.06，毕业于浙江大学软件工程专业，本科，统招全日制。",
    "起止年月\t学校\t专业\t学习形式\t学历\n2014.09-2018.06\t浙江大学\t软件工程\t统招\t本科",
    "浙江大学 · 软件工程 · 本科 · GPA 3.6/4.0（前10%） 2014.09-2018.06",
]


@each("text", FORMS)
def test_all_forms_give_the_same_school(text):
    assert schools_of(text) == [ONE]


def test_several_schools_stay_apart():
    assert schools_of("""
2018.09-2021.06  复旦大学  统计学  硕士
主修课程：回归分析、抽样调查
2014.09-2018.06  浙江大学  软件工程  本科
""") == [("复旦大学", "统计学", "硕士", "2018.09", "2021.06"), ONE]


def test_schools_in_english_are_read():
    assert schools_of("""
Fudan University, Shanghai
Bachelor of Science in Computer Science, 2010 - 2014
University of California, Los Angeles
M.S., Statistics  Sep 2016 - Jun 2018
""") == [
        ("University of California", "Statistics", "M.S.", "Sep 2016", "Jun 2018"),
        ("Fudan University", "Computer Science", "Bachelor", "2010", "2014"),
    ]


def test_courses_are_no_school_and_stay_in_the_text():
    resume = read(f"{HEAD}\n教育背景\n浙江大学 软件工程 本科 2014.09-2018.06\n主修课程：数据结构、操作系统")
    assert len(resume.record["education"]) == 1
    assert "操作系统" in resume.record["self_evaluation"]


def test_a_value_that_says_nothing_is_none():
    assert schools_of("2001.09-2004.06\t保定一中\t无\t高中")[0][1] == ""


def test_what_labels_say_of_the_school_is_one_where_no_section_does():
    record = read("""
姓名：赵敏  性别：女
毕业院校：南京财经大学  专业：会计学  学历：本科
工作经历
2017.03-2017.06 南京天成会计师事务所 审计助理
""").record
    assert record["education"] == [{"school": "南京财经大学", "major": "会计学", "degree": "本科"}]
