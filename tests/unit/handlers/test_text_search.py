"""How a search compares texts: without regard to case, width and blanks beside Chinese characters."""

import time

import pytest

from handlers.results.text_search import has_all, searched_words
from store.resumes.resume_record import Resume


def finds(keywords, text):
    return has_all(searched_words(keywords), "all", Resume(self_evaluation=text), "")


@pytest.mark.parametrize(
    ("keywords", "text"),
    [
        ("数据挖掘", "做过 数据  挖掘"),
        ("python开发", "Ｐｙｔｈｏｎ \n 开发"),
        ("spring boot", "Spring \t Boot"),
        ("开发python", "开发  python"),
    ],
)
def test_blanks_count_between_latin_words_alone(keywords, text):
    assert finds(keywords, text)


def test_words_that_stand_apart_are_no_word():
    assert not finds("springboot", "spring boot")


@pytest.mark.parametrize("blank", [" ", "\n", "\u3000", "　 "])
def test_a_text_of_blanks_is_compared_in_a_moment(blank):
    began = time.process_time()
    assert finds("x", blank * 100_000 + "x")
    assert time.process_time() - began < 1  # each blank as the first of a gap: a minute


def test_so_is_a_letter_with_marks_without_end():
    marks = "\u0301" * 50_000 + "\u0327" * 50_000
    began = time.process_time()
    assert finds("x", f"a{marks} x")
    assert time.process_time() - began < 1  # each mark with all before it: ten seconds
