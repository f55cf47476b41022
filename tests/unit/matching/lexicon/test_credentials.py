"""Certificates, licences and languages: read from texts, and compared by families and levels."""

import pytest

from config.data import load_lexicon
from engine.matching.lexicon.credentials import Credentials, is_called
from engine.matching.text.normalise import normalise
from tests.support import each


@pytest.fixture(scope="module")
def table():
    return Credentials(load_lexicon().credentials)


def families(table, text):
    return {tuple(one.split(":")[:2]) for one in table.find(text)}


@each(
    "text, found",
    [
        ("持有二级建造师证，一建在考", {("建造师", "1"), ("!建造师", "2")}),
        ("驾照b2，会开车", {("驾照", "B2"), ("驾照", "0")}),
        ("有c1驾驶证", {("驾照", "C1"), ("驾照", "0")}),
        ("A1、A2驾照", {("驾照", "A1"), ("驾照", "A2"), ("驾照", "0")}),
        ("准驾车型：B2", {("驾照", "B2")}),
        ("没有B2，只有C1", {("!驾照", "B2"), ("驾照", "C1")}),
        ("德语有B2证书", {("德语", "0")}),
        ("驾照：无", {("!驾照", "0")}),
        ("不会开车", {("!驾照", "0")}),
        ("英语六级，日语n2", {("英语", "2"), ("日语", "4")}),
        ("cet-4 (450分)", {("英语", "1")}),
        ("CET-4（419分）", {("!英语", "1")}),
        ("四级已过，六级没过", {("英语", "1"), ("!英语", "2")}),
        ("六级480", {("英语", "2")}),
        ("备考四级", {("!英语", "1")}),
        ("四级钳工，维修电工四级", set()),
        ("教师资格证", {("教师资格证", "0")}),
        ("高中教师资格证", {("教师资格证", "4")}),
        ("高级中学数学教师资格证", {("教师资格证", "4"), ("教师资格证", "0")}),
        ("国家一级注册建造师", {("建造师", "2")}),
        ("会计师（中级）", {("会计职称", "2")}),
        ("主管护师", {("护士", "3")}),
        ("叉车N1证", {("叉车证", "1")}),
        ("cpa通过3科", {("!注册会计师", "1")}),
        ("备考注册会计师", {("!注册会计师", "1")}),
        ("没有驾照", {("!驾照", "0")}),
        ("幼儿园教师资格证笔试已通过，面试待考", {("!教师资格证", "1")}),
        ("2026年报考中级会计", {("!会计职称", "2")}),
        ("拟考中级会计师", {("!会计职称", "2")}),
        ("英语四级没过", {("!英语", "1")}),
        ("一级建造师证书已注销", {("!建造师", "2")}),
        ("中级会计师培训课程销售冠军", set()),
        ("教师资格证未过期，一直在用", {("教师资格证", "0")}),
        ("教师资格证、英语课程设计", {("教师资格证", "0")}),
        ("大学英语四级笔试498分", {("英语", "1")}),
        ("协助学员考取健身教练证", set()),
        ("负责cpanel维护", set()),
        ("", set()),
    ],
)
def test_what_somebody_has_is_read_and_what_they_have_not(table, text, found):
    assert families(table, normalise(text)) == found


def test_a_certificate_of_no_table_is_kept_by_its_name(table):
    (found,) = table.find("持有宠物训练师资格证书")
    assert found == "其他:0:宠物训练师资格证书"
    assert is_called("宠物训练师证", found)
    assert not is_called("宠物美容师证", found)


@pytest.mark.parametrize(
    ("asked", "means"),
    [
        ("一建", ("建造师", 2)),
        ("中级会计师", ("会计职称", 2)),
        ("英语CET-6", ("英语", 2)),
        ("六级", ("英语", 2)),
        ("高级中学数学教师资格证", ("教师资格证", 4)),
        ("会计师（中级）", ("会计职称", 2)),
        ("法语", ("法语", 0)),
        ("香道师证", ("其他", 0)),
    ],
)
def test_what_a_feed_asks_for_is_a_family_and_a_level(table, asked, means):
    assert table.asked(asked) == means


def test_no_name_stands_for_two_things_and_none_is_too_short():
    names = [name for row in load_lexicon().credentials for name in row.names]
    assert len(names) == len(set(names))
    assert all(len(name) > 1 and name == name.lower() and ":" not in name for name in names)
    assert len({(row.family, row.level) for row in load_lexicon().credentials}) == len(
        load_lexicon().credentials
    )
