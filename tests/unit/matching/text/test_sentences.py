"""Sentences and stretches: where they end, and what their words count for."""

import re

from hypothesis import given
from hypothesis import strategies as st

from engine.matching.analysis.reading import Reader
from engine.matching.text.characters import codes_of
from engine.matching.text.folding import CODES, fold, folds
from engine.matching.text.normalise import normalise, normalise_all
from engine.matching.text.sentences import MARK, sentences
from tests.unit.matching.engine_samples import lexicon

# What the compiled loop does, said once more with patterns.
_DASH = re.compile(r"(?:^|(?<=\s))[-–—]\s")
_NUMBERING = re.compile(r"\s*(?:[(【\[]?\d{1,2}[.、):\]】]|[一二三四五六七八九十]{1,3}[、.]|[①-⑳])\s*")
_STOPS = re.compile(r"[\n。!?;•●■◆★☆▪·]")

PARTS = st.sampled_from(
    [
        *"-–—。!?;•●■◆★☆▪·\n 1234567890.、:()[]【】一二三十①⑳",
        *[" - ", "\n- ", "java", "熟悉", "(3)", "12、", "十二.", "٣"],
    ]
)
TEXTS = st.lists(PARTS, max_size=30).map("".join)


@given(TEXTS)
def test_sentences_end_at_stops_and_lose_their_numbering(text):
    text = normalise(text)
    pieces = _STOPS.split(_DASH.sub("\n", text))
    bare = [_NUMBERING.sub("", piece, count=1) if _NUMBERING.match(piece) else piece for piece in pieces]
    assert sentences(text) == [piece.strip() for piece in bare if piece.strip()]


@given(st.lists(st.one_of(TEXTS, st.text(max_size=20), st.none(), st.integers()), max_size=6))
def test_texts_are_normalised_together_as_each_is_alone(values):
    assert normalise_all(values, 10_000) == [normalise(value) for value in values]


def folded(text):
    """What the compiled loop makes of a text; None where it leaves the text to `normalise`."""
    codes = codes_of(text + MARK)
    length = fold(codes, len(codes), folds())
    return None if length < 0 else codes[: length - 1].tobytes().decode("utf-32-le", "surrogatepass").strip()


@given(st.one_of(TEXTS, st.text(st.characters(exclude_characters=MARK))))
def test_the_loop_folds_a_text_as_it_is_normalised(text):
    assert folded(text) in (None, normalise(text))


def test_the_loop_folds_every_character_as_it_is_normalised():
    for code in range(1, CODES):
        for text in (f"e{chr(code)} 中", f"가{chr(code)}"):
            assert folded(text) in (None, normalise(text))


def test_usual_text_is_folded_by_the_loop():
    assert (
        folded("负责Ｊａｖａ 开发，熟悉\tSQL、C++；\r\n①３年。") == "负责java 开发,熟悉 sql、c++;\n\n13年。"
    )


def test_texts_with_and_without_unusual_characters_are_read_alike():
    reader = Reader(lexicon())
    raw, titles = ["熟悉Java、Ｖｕｅ", "不会 go\r\n配合java工程师"], ["k8s"]
    found = reader.find_raw(raw, titles)
    assert found is not None
    plain = reader.find([*map(normalise, raw), *titles], len(raw))
    assert found.rows.tolist() == plain.rows.tolist()
    assert found.weights.tolist() == plain.weights.tolist()
    for odd in ("ﬁ", "e\u0301", "🚀", MARK, "\ud83d"):
        assert reader.find_raw([raw[0], raw[1] + odd], titles) is None


def test_texts_have_one_budget():
    assert [*map(len, normalise_all(["词" * 6_000, "句" * 6_000, "字"], 10_000))] == [6_000, 4_000, 0]


@given(
    st.lists(
        st.sampled_from(["熟悉java", "不会vue", "了解过mysql", "配合go工程师", "，", "、", "\n", "k8s", " "])
    )
)
def test_texts_that_are_read_together_say_what_each_says_alone(parts):
    reader = Reader(lexicon())
    texts = [normalise(part) for part in ("".join(parts), "".join(reversed(parts)), "go", "")]
    found = reader.find(texts, len(texts))
    for number, text in enumerate(texts):
        rows = found.rows[:, 2] == number
        alone = reader.read(text)
        stated = rows & (found.rows[:, 3] == 0)
        names = reader.spelled(found, found.rows[stated, 0].tolist())
        assert dict(zip(names, found.weights[stated].tolist(), strict=True)) == alone.terms
        denied = rows & (found.rows[:, 3] == 1)
        assert set(reader.spelled(found, found.rows[denied, 0].tolist())) == alone.denied
