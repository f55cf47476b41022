"""Names of employers and schools are taken out of texts, and words that are no names stay."""

import pytest

from engine.matching.lexicon.proper_names import proper_names, without


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("北京甲乙丙科技有限公司", ("北京甲乙丙科技有限公司", "北京甲乙丙科技")),
        ("北京邮电大学", ("北京邮电大学",)),
        ("ABC 软件", ("ABC 软件",)),
        ("淘宝店铺", ()),
        ("个体户", ()),
        ("公司", ()),
        ("", ()),
    ],
)
def test_what_texts_call_an_employer(name, said):
    assert proper_names(name) == said


@pytest.mark.parametrize(
    ("text", "names", "left"),
    [
        ("在金蝶软件公司用Excel", ["金蝶软件公司"], "在，用Excel"),
        ("ABC Tech和abc tech", ["Abc Tech"], "，和，"),
        ("İABC Tech", ["abc tech"], "İABC Tech"),  # its lower case has one letter more
        ("做过Java", ["甲乙丙科技"], "做过Java"),
        ("会用友软件，负责集团总账", [], "会用友软件，，总账"),
        ("在SAP中国有限公司，AI大赛", [], "在，，，"),
    ],
)
def test_they_go_however_they_are_written(text, names, left):
    assert without(text, names) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("策划达芬奇艺术节和草莓音乐节", "策划，艺术节和草莓音乐节"),
        ("“达芬奇”杯、Java 杯", "“，”杯、， 杯"),
        ("会Java，设计保温杯", "会Java，设计保温杯"),
        ("Java", "Java"),
    ],
)
def test_of_an_event_only_the_skill_goes_by_which_it_is_named(text, left):
    assert without(text, [], {"java", "达芬奇", "奇"}.__contains__) == left
