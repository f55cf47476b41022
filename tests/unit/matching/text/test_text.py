import pytest

from engine.matching.text.normalise import as_text, clauses, normalise, record, records, squeeze


@pytest.mark.parametrize("typed", ["Ｊａｖａ　开发", "java 开发", "JAVA\t 开发 ", "Ja\u200bva 开发"])
def test_width_case_and_white_space_do_not_matter(typed):
    assert normalise(typed) == "java 开发"


def test_squeezed_names_have_no_space_at_all():
    assert squeeze("Spring  Boot") == "springboot"


def test_text_is_cut_before_any_work_is_done():
    assert len(normalise("好" * 100_000, 6_000)) == 6_000
    assert len(normalise("㌀" * 100, 50)) == 50
    assert normalise("好", -1) == ""


@pytest.mark.parametrize("odd", [None, True, {}, object(), b"x", float("nan")])
def test_odd_values_are_text_of_some_kind(odd):
    assert isinstance(normalise(odd), str)
    assert as_text(None) == ""


def test_clauses_end_at_commas_and_brackets():
    assert clauses("写代码,测试(自动化)") == ["写代码", "测试", "自动化"]


def test_only_mappings_of_a_list_field_are_records():
    assert list(records([{"a": 1}, None, "x", {"b": 2}, {"c": 3}], 4)) == [{"a": 1}, {"b": 2}]
    assert list(records("works", 4)) == []
    assert record("job_target") == {}
