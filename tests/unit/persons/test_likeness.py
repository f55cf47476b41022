"""Resumes that may be one person's: name, school and year, or a copied text; and those that are not."""

import hashlib
import random

import pytest

from store.persons.lookalikes import is_alike, likeness_of, names_agree
from tests.growth import takes_squares
from tests.support import each

_WORDS = [chr(0x4E00 + number) for number in range(600)]


def prose(seed, length=400):
    words = random.Random(seed)
    return "".join(words.choice(_WORDS) for _ in range(length))


def body(text="", school="北京邮电大学", end="2018-06", **fields):
    return {
        "self_evaluation": text[:100],
        "works": [{"job_desc": text[100:], "position_title": "工程师"}],
        "education": [{"school": school, "end_time": end, "degree": "本科"}],
        **fields,
    }


def alike(one, name, other, other_name):
    first, second = likeness_of(one, name), likeness_of(other, other_name)
    assert is_alike(first, second) == is_alike(second, first)
    return is_alike(first, second)


@each("end", ["2018-06", "2018年7月", "2018.7", "2018"])
@each("school", ["北京邮电大学", " 北京 邮电大学（本科）"])
def test_name_school_and_year_are_enough(school, end):
    assert alike(body(), "林晚照", body(school=school, end=end), "林 晚照")


@pytest.mark.parametrize(
    ("other", "name"),
    [
        (body(end="2019-06"), "林晚照"),
        (body(end="至今"), "林晚照"),
        (body(school="北京大学"), "林晚照"),
        (body(), "林晚晴"),
        (body(), "林**"),
        (body(), ""),
    ],
)
def test_but_not_two_of_the_three(other, name):
    assert not alike(body(), "林晚照", other, name)


def test_a_name_that_is_hidden_leads_to_no_classmate():
    assert not alike(body(), "林女士", body(), "林女士")


def test_another_gender_speaks_against_it():
    assert not alike(body(gender="女"), "林晚照", body(gender="男"), "林晚照")
    assert alike(body(gender="女"), "林晚照", body(gender=""), "林晚照")
    assert alike(body(gender="女"), "林晚照", body(gender="Female"), "林晚照")


def test_the_same_text_laid_out_anew_is_alike():
    text = prose(1)
    anew = "；\n".join(f"{at}、{text[at : at + 20]}" for at in range(0, len(text), 20))
    for name in ("", "林女士", "林晚照"):
        assert alike(body(text, school=""), "林晚照", body(anew, school="别的大学"), name)


def test_a_copied_text_under_another_name_is_not():
    text = prose(2)
    assert not alike(body(text, school=""), "林晚照", body(text, school=""), "王小明")
    assert not alike(body(text, school=""), "林女士", body(text, school=""), "王先生")


def test_half_a_text_is_enough_under_one_full_name_alone():
    one, other = prose(33, 1000), prose(33, 1000)[:820] + prose(4, 180)
    assert alike(body(one, school=""), "林晚照", body(other, school=""), "林晚照")
    assert not alike(body(one, school=""), "", body(other, school=""), "")


def test_short_texts_agree_by_chance_and_say_nothing():
    text = prose(5, 100)
    assert likeness_of(body(text, school=""), "").keys == ()
    assert not alike(body(text, school=""), "", body(text, school=""), "")
    assert likeness_of(body("很好很好" * 200, school=""), "").keys == ()


def test_other_texts_are_not_alike():
    assert not alike(body(prose(6), school=""), "", body(prose(7), school=""), "")


def test_nothing_at_all_is_like_nobody():
    nobody = likeness_of({}, "")
    assert nobody.keys == ()
    assert not is_alike(nobody, nobody)
    assert not is_alike(nobody, likeness_of(body(prose(8)), "林晚照"))


def test_odd_values_are_read_over():
    odd = {
        "self_evaluation": None,
        "works": [{}],
        "education": [{"school": None, "end_time": None}],
        "gender": None,
    }
    assert likeness_of(odd, "\ud800").keys == ()


def test_keys_and_signature_are_those_that_are_stored_of_the_same_text():
    one = likeness_of(body(prose(8)), "林晚照")
    assert one.keys == (
        1556890360438042390, 4437770338160934573, 5506393944869514368, 7672382510059254472
    )  # fmt: skip
    assert hashlib.sha256(one.signature).hexdigest()[:16] == "e53ed636170404f3"


def test_a_text_of_any_length_is_read_in_a_moment():
    text = prose(9, 20_000)
    assert not takes_squares(lambda size: likeness_of(body(text * size), "林晚照"), 200)


def test_so_is_a_school_of_any_length():
    assert not takes_squares(lambda size: likeness_of(body(school="(" * size), "林晚照"), 200_000)


def test_so_are_marks_on_one_letter():
    def compare(size: int) -> None:
        marks = "\u0301" * size + "\u0327" * size
        likeness_of(body(marks), marks)
        assert names_agree(marks, f"{marks} ")

    assert not takes_squares(compare, 50_000)


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("林晚照", "林晚照", True),
        ("林晚照", " 林 晚照", True),
        ("林晚照", "林**", True),
        ("林先生", "林女士", True),
        ("林晚照", "", True),
        ("林晚照", "林晚晴", False),
        ("林晚照", "王**", False),
    ],
)
def test_names_agree_where_one_may_be_the_other(one, other, agree):
    assert names_agree(one, other) is names_agree(other, one) is agree
