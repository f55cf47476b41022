"""Requirements of a feed: kept with it, told with each result, and a must that is unmet is never strong."""

import csv
import io

import pytest

from tests.support import PYTHON_FEED, each, python_resume

MUST = {"degree": "本科", "certificates": ["软件设计师"], "must": ["degree"]}


def graduate(number, degree, **changes):
    return python_resume(number, education=[{"school": "某校", "degree": degree}], **changes)


async def listed(hr, feed_id, **query):
    return {item["resume"]["id"]: item for item in await hr.results(feed_id, **query)}


async def test_a_must_takes_the_tier_and_the_badge_and_the_rest_is_as_without(hr):
    plain = await hr.submit(**PYTHON_FEED)
    strict = await hr.submit(**PYTHON_FEED | {"title": "Python开发", "requirements": MUST})
    live = await hr.live()
    bodies = [graduate(1, "大专"), graduate(2, "本科"), graduate(3, "")]
    low, high, silent = await hr.scored(*bodies)
    items, others = await listed(hr, strict), await listed(hr, plain)
    tiers = {id_: item["tier"] for id_, item in items.items()}
    assert tiers == {low: "possible", high: "strong", silent: "strong"}
    assert {item["tier"] for item in others.values()} == {"strong"}
    assert (await hr.unread(strict), await hr.unread(plain)) == (2, 3)
    await live.until("unread", feed_id=strict, unread_count=2)
    states = {id_: [one["state"] for one in item["requirements"]] for id_, item in items.items()}
    assert states == {low: ["unmet", "unknown"], high: ["met", "unknown"], silent: ["unknown", "unknown"]}
    first = items[low]["requirements"][0]
    assert first == {"field": "degree", "asked": "本科", "found": "大专", "state": "unmet"}
    assert all(item["requirements"] == [] for item in others.values())


async def test_who_sent_themselves_is_held_to_a_must_too(hr, server):
    feed_id = await hr.submit(**PYTHON_FEED, requirements=MUST)
    bodies = [graduate(1, "大专", send_to=[feed_id]), graduate(2, "本科", send_to=[feed_id])]
    low, high = await hr.scored(*bodies)
    tiers = {id_: item["tier"] for id_, item in (await listed(hr, feed_id)).items()}
    assert tiers == {low: "possible", high: "strong"}
    assert [line async for line in server.stores.invariants.broken()] == []


async def test_a_must_that_is_taken_back_gives_the_tier_back(hr):
    feed_id = await hr.submit(**PYTHON_FEED, requirements=MUST)
    (low,) = await hr.scored(graduate(1, "大专"))
    assert await hr.unread(feed_id) == 0
    await hr.submit(**PYTHON_FEED, feed_id=feed_id, requirements=MUST | {"must": []})
    items = await listed(hr, feed_id)
    assert items[low]["tier"] == "strong"
    assert items[low]["requirements"][0]["state"] == "unmet"
    assert await hr.unread(feed_id) == 1


async def test_the_form_comes_back_as_it_was_sent(hr):
    given = {
        "degree": "硕士",
        "years_min": 3,
        "years_max": 8,
        "certificates": ["中级会计师", "CPA"],
        "licence": "C1",
        "languages": ["英语", "日语N2"],
        "must": ["years_min", "licence"],
    }
    feed_id = await hr.submit(**PYTHON_FEED, requirements=given)
    answer = await hr.read(f"/special_feed/edit_feed/{feed_id}/")
    assert answer["data"]["feed"]["requirements"] == given
    empty = (await hr.read("/special_feed/edit_feed/"))["data"]["feed"]["requirements"]
    again = await hr.post(
        "/special_feed/submit_feed/", PYTHON_FEED | {"title": "又一个", "requirements": empty}
    )
    assert again.status == "ok"


@each(
    "wrong, said",
    [
        ({"degree": "小学"}, "大专"),
        ({"licence": "D9"}, "A1"),
        ({"years_min": 5, "years_max": 3}, "不能多于"),
        ({"years_max": 51}, "50"),
        ({"certificates": [f"证{n}" for n in range(11)]}, "10"),
        ({"languages": [f"语{n}" for n in range(6)]}, "5"),
        ({"certificates": ["长" * 51]}, "50"),
        ({"must": ["degree"]}, "没有填写"),
        ({"degree": "本科", "must": ["school"]}, "school"),
    ],
)
async def test_what_is_wrong_stands_under_requirements(hr, wrong, said):
    for path in ("/special_feed/submit_feed/", "/special_feed/preview/"):
        answer = await hr.post(path, PYTHON_FEED | {"requirements": wrong})
        assert (answer.http, answer.status) == (200, "form_error")
        assert said in "".join(answer["errors"]["requirements"])


async def test_what_has_another_type_is_400_and_named(hr):
    for wrong in ("x", [1], {"years_min": "三"}, {"must": 5}, {"certificates": {"a": 1}}):
        answer = await hr.post("/special_feed/submit_feed/", PYTHON_FEED | {"requirements": wrong})
        assert answer.http == 400
        assert [name for name in answer["errors"] if name.startswith("requirements")], answer.body


@pytest.mark.usefixtures("unhurried_preview")
async def test_the_preview_keeps_its_promise_and_says_what_each_must_costs(hr):
    bodies = [graduate(1, "大专"), graduate(2, "本科"), graduate(3, "大专", work_years="1年")]
    await hr.scored(*bodies)
    asked = {"degree": "本科", "years_min": 2, "must": ["degree", "years_min"]}
    form = PYTHON_FEED | {"requirements": asked}
    answer = await hr.post("/special_feed/preview/", form)
    items = await hr.results(await hr.submit(**form))
    assert answer["strong_count"] == sum(item["tier"] == "strong" for item in items) == 1
    assert answer["total_count"] == len(items) == 3
    # Without the degree one more is strong; the third lacks both.
    assert answer["musts"] == [
        {"field": "degree", "strong_count": 1},
        {"field": "years_min", "strong_count": 0},
    ]


async def test_the_export_says_what_is_met(hr):
    feed_id = await hr.submit(**PYTHON_FEED, requirements=MUST)
    await hr.scored(graduate(1, "大专"))
    table = (await hr.get(f"/feed/export/{feed_id}.csv?tier=all")).body.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(table))
    assert row["硬性要求"] == "本科：不符（大专）；软件设计师：未注明"
    (item,) = (await hr.get(f"/special_feed/feed_list/{feed_id}?tier=all"))["data"]
    assert row["推荐理由"] == item["summary"]
    assert "Python" in item["summary"]
