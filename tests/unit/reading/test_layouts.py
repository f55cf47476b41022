"""The layouts of sites: each is known by its marks, and says what is dropped and who the person is."""

import pytest

from intake.reading.layouts import layout_of, layouts
from intake.reading.lines import read_lines
from intake.reading.mending import mended
from intake.reading.periods import find_span
from intake.reading.resume import _readers
from intake.reading.words import words
from tests.support import each
from tests.unit.reading.reading_samples import document, read

WORK = "工作经历\n2018.03-2020.05 上海启明信息技术有限公司 工程师\n"
SITES = {
    "51job": "前程无忧\nID:12345678\n张小满\n男 | 30岁\n最近工作\n",
    "zhilian": "智联招聘\n简历ID:JM123456789\n张小满\n男 30岁\n期望月薪:8001-10000元/月\n",
    "liepin": "猎聘\n简历编号：12345678\n姓名：张小满\n性别：男\n所在行业：互联网\n",
    "boss": "BOSS直聘\n张小满\n在职-月内到岗\n男 30岁\n",
    "lagou": "拉勾网\n张小满的简历\n男 30岁\n期望工作\n工程师\n",
    "linkedin": "www.linkedin.com/in/xiaoman (LinkedIn)\nContact\nXiaoman Zhang\nmale\n",
}


@pytest.mark.parametrize(("name", "head"), SITES.items())
def test_a_layout_is_known_by_its_marks(name, head):
    lines = read_lines(document(f"{head}{WORK}"))
    assert layout_of(lines, "").name == name
    assert layout_of(read_lines(document(f"张小满\n男 30岁\n{WORK}")), "").name == ""


@pytest.mark.parametrize("name", ["51job", "zhilian", "liepin"])
def test_the_sites_number_of_a_person_is_read(name):
    record = read(f"{SITES[name]}{WORK}").record
    assert record["person_id"] in SITES[name]
    assert record["works"][0]["compnay_name"] == "上海启明信息技术有限公司"


def test_advertising_is_dropped():
    record = read(f"张小满\n男 30岁\n下载APP\n{WORK}负责焊接\n扫码下载客户端\n版权所有 2020\n").record
    assert record["works"][0]["job_desc"] == "负责焊接"


def test_no_layout_asks_for_more_marks_than_it_has():
    assert all(layout.least <= len(layout.marks) for layout in layouts())


@each(
    "text, kind",
    [
        ("■ 工作经历", "works"),
        ("【教育背景】", "education"),
        ("工 作 经 历", "works"),
        ("WORK EXPERIENCE 工作经历", "works"),
        ("工作经验(3年)", "works"),
        ("一、基本信息", "personal"),
        ("實習經歷", "internships"),
        ("Professional Summary", "evaluation"),
        ("Skills & Tools", "skills"),
        ("证书与语言", "certificates"),
        ("工作描述:", None),
        ("高级工程师", None),
        ("工作", "works"),
        ("期望职位", None),
    ],
)
def test_headings_are_known_with_their_decoration(text, kind):
    assert words().section(text) == kind


@each(
    "text, span",
    [
        ("2018.03 - 至今 某公司", ("2018.03", "至今", "")),
        ("2018/3-2020/5(2年2个月)", ("2018/3", "2020/5", "2年2个月")),
        ("2018年3月—2020年5月", ("2018年3月", "2020年5月", "")),
        ("Mar 2018 – Present (3 years 2 months)", ("Mar 2018", "Present", "3 years 2 months")),
        ("03/2018 – 05/2020", ("03/2018", "05/2020", "")),
        ("201803-202005", ("201803", "202005", "")),
        ("2018-03-01 至 2020-05-31", ("2018-03-01", "2020-05-31", "")),
        ("2018年3月至今", ("2018年3月", "至今", "")),
        ("2018年3月-8月", ("2018年3月", "2018-08", "")),
        ("18.03-20.05", ("2018-03", "2020-05", "")),
        ("2018-2020", ("2018", "2020", "")),
        ("15000-20000", None),
        ("2020.05-2018.03", None),
    ],
)
def test_spans_of_time_are_read_as_people_write_them(text, span):
    found = find_span(text)
    assert (found[:3] if found else None) == span


def test_letters_that_are_set_one_by_one_are_words_again():
    (line,) = read_lines(document("蓝 枫 商 务 酒 店\t2 0 1 7.7 - 2 0 1 9.1 0"))
    assert line.text == "蓝枫商务酒店\t2017.7-2019.10"


def test_a_label_broken_in_its_cell_is_whole_again():
    lines = read_lines(document("所属行 互联网/软\n业: 件\n2018.03-2020.05 某公司(100-499人)[2年3个\n月]"))
    texts = [line.text for line in mended(lines, _readers(layouts()[-1]).all)]
    assert texts == ["所属行业:\t互联网/软件", "2018.03-2020.05 某公司(100-499人)[2年3个月]"]
