"""How a search compares texts: without regard to case, width and blanks beside Chinese characters."""

import pytest

from handlers.results.text_search import has_all, searched_words
from store.resumes.contacts import Contact
from store.resumes.resume_record import Resume
from tests.growth import takes_squares


def finds(keywords, text):
    return has_all(searched_words(keywords), "all", Resume(self_evaluation=text), None)


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


@pytest.mark.parametrize("written", ["+86 138-0000-1234", "8613800001234", "０086 13800001234", "0000 1234"])
def test_a_phone_is_found_however_it_is_written(written):
    contact = Contact(name="王小明", phone="13800001234", email="", qq="", status="open")
    assert has_all(searched_words(written), "contact", Resume(), contact)
    assert not has_all(searched_words("+86 13900001234"), "contact", Resume(), contact)


@pytest.mark.parametrize("blank", [" ", "\n", "\u3000", "　 "])
def test_a_text_of_blanks_is_compared_in_a_moment(blank):
    assert not takes_squares(lambda size: finds("x", blank * size + "x"), 100_000)
    assert finds("x", blank * 100_000 + "x")


def test_so_is_a_letter_with_marks_without_end():
    def found(size: int) -> bool:
        return finds("x", "a" + "\u0301" * size + "\u0327" * size + " x")

    assert found(50_000)
    assert not takes_squares(found, 50_000)
