"""A page is cut where it is too long: each text to 2,000 characters, and all alike where that is too much."""

import asyncio
import json

from hypothesis import given
from hypothesis import strategies as st

from handlers.api.contract import Shape
from handlers.views.page_answer import MAX_CHARS, encoded, shortened


class Entry(Shape):
    id: str
    texts: list[str]


def cut(text, limit):
    return text[:limit] + "…"


def test_a_long_text_is_cut_and_says_so():
    long = "长" * (MAX_CHARS + 1)
    given = {"id": "a" * 24, "text": long, "list": [long, "短", 1, None, True], "start_time": "2020-01"}
    assert shortened(given, MAX_CHARS) == {
        **given,
        "text": cut(long, 2000),
        "list": [cut(long, 2000), "短", 1, None, True],
    }
    assert shortened("长" * MAX_CHARS, MAX_CHARS) == "长" * MAX_CHARS
    assert shortened(given, 3) == {**given, "text": "长长长…", "list": ["长长长…", "短", 1, None, True]}


async def test_a_page_within_the_bound_shows_all_that_it_may():
    entries = [Entry("1", ["一" * 3000]), Entry("2", ["二"])]
    assert [json.loads(one) for one in await encoded(entries)] == [
        {"id": "1", "texts": [cut("一" * 3000, 2000)]},
        {"id": "2", "texts": ["二"]},
    ]
    assert await encoded([]) == []


async def test_a_page_beyond_the_bound_has_all_its_texts_cut_to_one_length():
    entries = [Entry(str(number), ["汉" * 1500, "\x01" * 900, "短"]) for number in range(20)]
    parts = await encoded(entries, max_bytes=30_000)
    assert sum(map(len, parts)) <= 30_000
    lengths = {len(text) for part in parts for text in json.loads(part)["texts"]}
    assert len(parts) == 20
    assert len(lengths) == 2  # the short one is whole
    assert max(lengths) > 100


async def test_a_bound_that_nothing_fits_still_gives_every_entry():
    parts = await encoded([Entry("1", ["长文"]), Entry("2", ["长文"])], max_bytes=1)
    assert [json.loads(part)["texts"] for part in parts] == [["长…"], ["长…"]]


ODD = st.sampled_from(["a", "汉", '"', "\\", '\\"', '"\\', "\x01", "👍", '","', ":"])
ABOUT_AS_LONG = st.builds(
    lambda one, odd, n: one + odd * n, st.text(max_size=3), ODD, st.integers(1_996, 2_002)
)


@given(texts=st.lists(st.one_of(st.text(max_size=5), ABOUT_AS_LONG), max_size=5))
def test_every_text_is_cut_that_is_too_long_wherever_it_stands(texts):
    (part,) = asyncio.run(encoded([Entry("1", texts)]))
    assert json.loads(part)["texts"] == [shortened(one, MAX_CHARS) for one in texts]
