"""Long lists are read in windows: every page, count and number is as of one read, and no query is long."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from runtime.clock import day_of
from store.bulk import bulk, set_each
from store.ids import result_id
from store.results import list_windows, statistics
from store.results.list_windows import ListWindows
from store.results.result_documents import Reason, new_document
from store.results.result_filter import ResultFilter
from tests.support import scored_result

USER, FEED, OTHER_FEED = (str(ObjectId()) for _ in range(3))
DAYS = (0, 0, 0, 0, 1, 2, 3, 30, 31, 400)


def scored(draw, feed, number):
    return scored_result(
        feed=feed,
        company=USER,
        resume=f"{number:024x}",
        arrived_at=datetime.now(UTC) - timedelta(seconds=number),
        score=draw.choice([50.0, 50.0, 0.0, 100.0, round(draw.uniform(0, 100), 2)]),
        strong=number % 5 != 2,
        why=[Reason("title", "python", "python", 1.0)],
        keywords=["python"],
        address=draw.choice(["北京海淀", "上海"]),
        degree=draw.choice([0, 3, 4, 5]),
        years=draw.choice([None, 0, 3, 9]),
        schools=draw.choice([[], ["985"], ["海外", "211"]]),
        hunting=draw.choice(["", "left", "open"]),
    )


@pytest.fixture
def short_windows(monkeypatch):
    monkeypatch.setattr(list_windows, "SHORT", 10)
    monkeypatch.setattr(statistics, "SHORT", 10)
    monkeypatch.setattr(list_windows, "_AIM", 10)


async def fill(stores, count=150):
    """So many results on several days, most of them today, some of them deleted; and another feed's."""
    draw, documents = random.Random(7), []
    for feed in (FEED, OTHER_FEED):
        for number in range(count):
            listed = datetime.now(UTC).replace(microsecond=0) - timedelta(days=DAYS[number % len(DAYS)])
            document = new_document(scored(draw, feed, number), listed)
            documents.append({**document, "deleted": number % 13 == 5, "read": number % 3 == 0})
    await stores._database.results.insert_many(documents)
    return [one for one in documents if str(one["feed"]) == FEED]


KEYS = {
    "time": ("day", "score", "arrived_at", "_id"),
    "score": ("score", "arrived_at", "_id"),
    "new": ("pub_time", "_id"),
}


def ordered(documents, order, tier="all"):
    kept = [
        one
        for one in documents
        if not one["deleted"] and (tier == "all" or bool(one["possible"]) is (tier == "possible"))
    ]
    keys = KEYS[order]
    return [str(one["_id"]) for one in sorted(kept, key=lambda one: [one[key] for key in keys], reverse=True)]


@pytest.mark.long
async def test_pages_of_a_long_list_are_those_of_one_read(stores, short_windows):
    documents = await fill(stores, 100)
    for tier, order in (("strong", "score"), ("possible", "new"), ("all", "time")):
        await read_in_parts(stores.results, documents, order, tier)


async def read_in_parts(results, documents, order, tier):
    wanted = ordered(documents, order, tier)
    asked, every = {"order": order, "length": len(wanted)}, ResultFilter(tier=tier)
    assert len(await results._windows.of(USER, FEED, tier, len(wanted))) > 5
    for skip in (0, 7, 15, len(wanted) - 2, 10**9):
        page = await results.page(USER, FEED, every, skip=skip, limit=10, **asked)
        assert [one.id for one in page] == wanted[skip : skip + 10]
    chunks = [chunk async for chunk in results.each(USER, FEED, every, chunk=7, **asked)]
    assert [one.id for chunk in chunks for one in chunk] == wanted
    assert max(len(chunk) for chunk in chunks) <= 7
    for filter_ in (
        {"read": False},
        {"areas": ("北京",), "area_texts": ("上海",)},
        {"degree_min": 4, "years_max": 3, "score_min": 20},
        {"schools": ("985", "211"), "hunting": ("open",)},
    ):
        which = ResultFilter(tier=tier, **filter_)
        whole = await results.page(USER, FEED, which, order=order, skip=0, limit=1_000)
        assert [one.id for one in whole] == [id_ for id_ in wanted if id_ in {one.id for one in whole}]
        parts = await results.page(USER, FEED, which, skip=0, limit=1_000, **asked)
        assert [one.id for one in parts] == [one.id for one in whole]
        chunks = [chunk async for chunk in results.each(USER, FEED, which, chunk=7, **asked)]
        assert [one.id for chunk in chunks for one in chunk] == [one.id for one in whole]
        assert await results.count(USER, FEED, which, length=len(wanted)) == len(whole) > 0


async def test_a_count_that_takes_too_long_is_estimated_and_gone_on_with(stores, short_windows):
    documents = await fill(stores)
    results, which = stores.results, ResultFilter(tier="all", degree_min=4)
    length = len(ordered(documents, "time"))
    exact = await results.count(USER, FEED, which, length=length)
    windows = len(await results._windows.of(USER, FEED, "all", length))
    told = [await results.count(USER, FEED, which, length=length, within_s=0) for _ in range(windows)]
    assert told[-1] == exact
    assert all(0 <= one <= length for one in told)
    assert len(set(told)) > 1  # each has counted further
    # Another filter, and nobody's hurry, are counted by themselves.
    assert await results.count(USER, FEED, which, length=length) == exact
    other = ResultFilter(tier="all", degree_min=5)
    assert await results.count(USER, FEED, other, length=length, within_s=60) < exact


async def test_lists_of_some_resumes_and_of_removed_ones_are_those_of_one_read(stores, short_windows):
    documents, results = await fill(stores), stores.results
    every = ordered(documents, "score")
    by_id = {str(one["_id"]): str(one["resume"]) for one in documents}
    some = tuple(by_id[id_] for id_ in every[5:60:3])
    which = ResultFilter(tier="all", resumes=(*some, "f" * 24))
    page = await results.page(USER, FEED, which, order="score", skip=2, limit=5, length=len(every))
    assert [one.resume for one in page] == list(some[2:7])
    assert await results.count(USER, FEED, which, length=len(every)) == len(some)
    assert [one async for part in results.each(USER, FEED, which, order="score", chunk=4) for one in part][
        -1
    ].resume == some[-1]
    assert await results.first(USER, FEED, which, order="score", most=3) == list(some[:3])
    assert await results.first(
        USER, FEED, ResultFilter(tier="all"), order="new", most=25, length=len(every)
    ) == [by_id[id_] for id_ in ordered(documents, "new")[:25]]
    removed, all_removed = (
        [one for one in documents if one["deleted"]],
        ResultFilter(tier="all", removed=True),
    )
    for number, one in enumerate(removed[1:]):
        then = {"$set": {"deleted_at": datetime(2026, 3, 1 + number, tzinfo=UTC)}}
        await stores._database.results.update_one({"_id": one["_id"]}, then)
    length = await results.count_removed(USER, FEED, all_removed)
    assert length == len(removed) > 11
    page = await results.page(USER, FEED, all_removed, order="time", skip=0, limit=50, length=length)
    assert [one.id for one in page] == [str(one["_id"]) for one in [*removed[:0:-1], removed[0]]]
    assert await results.count(USER, FEED, all_removed, length=length) == length


@pytest.mark.long
async def test_what_comes_after_the_cut_is_listed_too(stores, short_windows, monkeypatch):
    await fill(stores)
    results = stores.results
    before = await results._windows.of(USER, FEED, "all", 150)
    draw = random.Random(1)
    for number, days in enumerate((-1, 0, 5, 900, 5_000), 1_000):
        listed = datetime.now(UTC) - timedelta(days=days)
        await stores._database.results.insert_one(new_document(scored(draw, FEED, number), listed))
    assert await results._windows.of(USER, FEED, "all", 150) is before
    for order in KEYS:
        page = await results.page(
            USER, FEED, ResultFilter(tier="all"), order=order, skip=0, limit=1_000, length=150
        )
        assert {result_id(FEED, f"{number:024x}") for number in range(1_000, 1_005)} <= {
            one.id for one in page
        }


@pytest.mark.long
@pytest.mark.parametrize("order", KEYS)
async def test_what_is_scored_anew_while_a_list_is_read_is_given_once(stores, short_windows, order):
    documents, draw, given, before = await fill(stores), random.Random(3), [], []
    wanted = ordered(documents, order)
    results, every = stores.results, ResultFilter(tier="all")
    async for chunk in results.each(USER, FEED, every, order=order, chunk=7, length=len(wanted)):
        given += [one.id for one in chunk]
        if not before and len(given) >= 21:
            before = list(given)
            scores = {one["_id"]: {"score": round(draw.uniform(0, 100), 2)} for one in documents}
            await bulk(stores._database.results, [set_each(scores)])
    assert before == wanted[: len(before)]
    assert sorted(given) == sorted(wanted)


@pytest.mark.long
async def test_windows_hold_few_results_each(stores, short_windows):
    documents = await fill(stores, 300)
    windows = await ListWindows(stores._database.results).of(USER, FEED, "all", 300)
    held = [
        await stores._database.results.count_documents(
            {"feed": ObjectId(FEED), "deleted": False, **window.where}
        )
        for window in windows
    ]
    same = Counter((one["day"], one["score"]) for one in documents)
    assert sum(held) == sum(not one["deleted"] for one in documents)
    assert max(same.values()) > 40 > 20 >= max(held)
    # Other bounds of a descending field the embedded store answers wrongly, or by reading more.
    bounds = {
        name for one in windows for part in one.where.values() if isinstance(part, dict) for name in part
    }
    assert bounds == {"$gt", "$lte"}


@pytest.mark.long
async def test_statistics_of_a_long_list_count_it_and_are_kept_for_a_minute(
    stores, short_windows, monkeypatch
):
    documents, counted = await fill(stores), stores.statistics
    documents = [one for one in documents if not one["possible"]]
    counts = await counted.count_for(USER, FEED, length=138, unread=100)
    kept = [one for one in documents if not one["deleted"]]
    assert (counts.is_whole, counts.total, counts.deleted) == (True, len(kept), len(documents) - len(kept))
    assert counts.read == sum(one["read"] for one in kept)
    assert counts.arrivals == Counter(one["day"] for one in documents)
    assert counts.terms == [("python", len(kept))]
    results = stores._database.results
    await results.delete_many({"feed": ObjectId(FEED), "deleted": False})
    # What arrived meanwhile may be missing, what was read or deleted may not.
    assert await counted.count_for(USER, FEED, length=140, unread=102) is counts
    assert (await counted.count_for(USER, FEED, length=138, unread=99)).total == 0
    await results.delete_many({"feed": ObjectId(FEED)})
    assert (await counted.count_for(USER, FEED, length=138, unread=99)).deleted == 0
    assert (await counted.count_for(USER, OTHER_FEED, length=138, unread=100)).total == len(kept)
    monkeypatch.setattr(statistics, "MOST", 40)
    counted._kept.clear()
    newest = await counted.count_for(USER, OTHER_FEED, length=138, unread=100)
    assert not newest.is_whole
    assert 40 <= newest.total + newest.deleted < 80
    assert newest.arrivals.keys() == {day_of(datetime.now(UTC))}


async def test_statistics_of_a_short_list_are_of_the_moment(stores):
    strong = ordered(await fill(stores, 30), "new", "strong")
    assert 0 < len(strong) < 28
    assert (await stores.statistics.count_for(USER, FEED, length=28, unread=20)).total == len(strong)
    await stores._database.results.delete_many({"feed": ObjectId(FEED)})
    assert (await stores.statistics.count_for(USER, FEED, length=0, unread=0)).total == 0
