"""NFKC of texts that were made to take long."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.nfkc import nfkc
from tests.growth import takes_squares

ACUTE, CEDILLA, HALF_WIDTH = "\u0301", "\u0327", "\uff9e"


@given(text=st.text(max_size=60))
def test_it_is_nfkc(text):
    assert nfkc(text) == unicodedata.normalize("NFKC", text)


@pytest.mark.parametrize(
    "marks",
    [
        ACUTE * 50_000 + CEDILLA * 50_000,
        ACUTE * 50_000 + HALF_WIDTH * 50_000,
        (ACUTE * 29 + CEDILLA * 29) * 1_700,
        "\u0f73" * 50_000 + "\u0f39" * 50_000,
        "\U0001d165" * 50_000 + "\U0001d16d" * 50_000 + CEDILLA * 50_000,
    ],
)
def test_marks_without_end_are_put_in_order_in_a_moment(marks):
    assert not takes_squares(lambda size: nfkc(f"a{marks[: size // 2]}{marks[-size // 2 :]}z"), len(marks))
    text = nfkc(f"a{marks}z")
    assert len(text) < 100
    assert unicodedata.is_normalized("NFKC", text)


def test_letters_keep_as_many_marks_as_any_writing_has():
    text = f"e{ACUTE * 15}{CEDILLA * 15}"
    assert nfkc(text) == unicodedata.normalize("NFKC", text)
    assert nfkc(f"{text * 100}ｘ") == unicodedata.normalize("NFKC", f"{text * 100}ｘ")
    assert nfkc(f"ｘ{'好' * 100}") == f"x{'好' * 100}"
