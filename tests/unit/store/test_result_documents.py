"""What a result's document holds: fields that queries look at, and one binary field for what a page shows."""

from datetime import UTC, datetime

import msgspec
from bson import ObjectId

from store.results.result_documents import (
    Reason,
    ScoredResult,
    Words,
    new_document,
    result_from,
    words_of,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE = ScoredResult(
    feed=str(ObjectId()),
    company=str(ObjectId()),
    resume=str(ObjectId()),
    feed_rev=3,
    resume_rev=2,
    arrived_at=NOW,
    score=63.57,
    fit=0.817,
    strong=False,
    title_match=True,
    why=[Reason("title", "Python开发", "Python工程师", 51.24), Reason("city", "北京", "上海", -0.1)],
    missing=["golang"],
    keywords=["python", "js"],
    tags=["python", "js", "211"],
    send=True,
    partner=False,
    address="北京市海淀区",
    salary_low=3_000,
    salary_high=5_000,
)


def test_a_result_comes_back_as_it_was_stored():
    result = result_from(new_document(ONE, NOW))
    assert {name: getattr(result, name) for name in ONE.__struct_fields__} == msgspec.structs.asdict(ONE)
    assert (result.pub_time, result.calc_time, result.read, result.deleted) == (NOW, NOW, False, False)


def test_a_document_nests_nothing():
    nested = {name: value for name, value in new_document(ONE, NOW).items() if isinstance(value, list | dict)}
    assert not any(nested.values())


def test_words_are_read_without_the_rest():
    assert words_of(new_document(ONE, NOW)) == Words(ONE.keywords, ONE.missing)
