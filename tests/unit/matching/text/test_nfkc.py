"""NFKC of texts that were made to take long, in both copies of the function: the matching has its own."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.matching.text.nfkc import nfkc as of_matching
from runtime.nfkc import nfkc

BOTH = pytest.mark.parametrize("normalised", [nfkc, of_matching])
ACUTE, CEDILLA, HALF_WIDTH = "\u0301", "\u0327", "\uff9e"


@BOTH
@given(text=st.text(max_size=60))
def test_it_is_nfkc(normalised, text):
    assert normalised(text) == unicodedata.normalize("NFKC", text)


@BOTH
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
def test_marks_without_end_are_put_in_order_in_a_moment(normalised, marks):
    began = time.process_time()
    text = normalised(f"a{marks}z")
    assert time.process_time() - began < 1  # all of them: ten seconds
    assert len(text) < 100
    assert unicodedata.is_normalized("NFKC", text)


@BOTH
def test_letters_keep_as_many_marks_as_any_writing_has(normalised):
    text = f"e{ACUTE * 15}{CEDILLA * 15}"
    assert normalised(text) == unicodedata.normalize("NFKC", text)
    assert normalised(f"{text * 100}ｘ") == unicodedata.normalize("NFKC", f"{text * 100}ｘ")
    assert normalised(f"ｘ{'好' * 100}") == f"x{'好' * 100}"
