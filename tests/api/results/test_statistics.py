"""`/special_feed/statistics/<feed>`: counts that agree with the list they are counted from."""

from datetime import UTC, datetime, timedelta

from runtime.clock import SHANGHAI
from tests.support import PYTHON_FEED, nurse_resume, python_resume

FEED = PYTHON_FEED | {"keywords": "python,golang"}


async def statistics(hr, feed_id, **query):
    answer = await hr.get(f"/special_feed/statistics/{feed_id}", **query)
    assert answer.status == "ok", answer.json
    return answer["data"]


async def test_they_count_what_the_list_shows(hr):
    feed_id = await hr.submit(**FEED)
    await hr.scored(*(python_resume() for _ in range(4)), nurse_resume())
    items = await hr.results(feed_id)
    first, second, *rest = items
    await hr.post(f"/feed/get/{feed_id}/{first['resume']['id']}")
    gone = {"feed_id": feed_id, "resume_id": second["resume"]["id"], "reco_index": -150}
    await hr.post("/feed/modify_feed_result", **gone, feedback="salary_high,area")

    data = await statistics(hr, feed_id)
    kept = [first, *rest]
    assert (data["total_count"], data["read_count"], data["deleted_count"]) == (3, 1, 1)
    assert data["reasons"] == [{"reason": "area", "count": 1}, {"reason": "salary_high", "count": 1}]
    assert {(row["low"], row["count"]) for row in data["scores"] if row["count"]} == {
        (low, sum(low == int(item["score"]) // 10 * 10 for item in kept))
        for low in {int(item["score"]) // 10 * 10 for item in kept}
    }
    assert data["missing"] == [{"term": "golang", "count": 3}]
    assert {"term": "python", "count": 3} in data["terms"]
    counts = [row["count"] for row in data["terms"]]
    assert counts == sorted(counts, reverse=True)


async def test_every_day_and_every_range_of_scores_is_there_even_without_results(hr):
    feed_id = await hr.submit(**FEED)
    today = datetime.now(UTC).astimezone(SHANGHAI)
    for days in (7, 30, 90):
        data = await statistics(hr, feed_id, days=days)
        # Midnight in China may fall between the two clocks.
        wanted = [
            [f"{now - timedelta(days=before):%Y-%m-%d}" for before in reversed(range(days))]
            for now in (today, datetime.now(UTC).astimezone(SHANGHAI))
        ]
        assert [row["day"] for row in data["arrivals"]] in wanted
        assert [(row["low"], row["high"]) for row in data["scores"]] == [
            (low, low + 10) for low in range(0, 100, 10)
        ]
        assert not any(row["count"] for row in data["arrivals"] + data["scores"])
    assert (data["terms"], data["missing"], data["reasons"]) == ([], [], [])


async def test_an_arrival_counts_on_the_day_it_was_listed_in_china_though_it_is_deleted_later(hr, server):
    feed_id = await hr.submit(**FEED)
    await hr.scored(python_resume(), python_resume())
    items = await hr.results(feed_id)
    for item in items[:1]:
        await hr.post(
            "/feed/modify_feed_result", feed_id=feed_id, resume_id=item["resume"]["id"], reco_index=-150
        )
    days = {item["pub_time"][:10] for item in items}
    arrivals = (await statistics(hr, feed_id, days=7))["arrivals"]
    assert {row["day"] for row in arrivals if row["count"]} == days
    assert sum(row["count"] for row in arrivals) == 2


async def test_looking_at_them_is_no_click_on_the_feed_and_other_feeds_do_not_count(hr, server):
    feed_id = await hr.submit(**FEED)
    other = await hr.submit(title="护士")
    await hr.scored(nurse_resume())
    opened = (await server.stores.feeds.get(hr.user, other)).last_click_time
    assert (await statistics(hr, feed_id))["total_count"] == 0
    assert (await statistics(hr, other))["total_count"] == 1
    assert (await server.stores.feeds.get(hr.user, other)).last_click_time == opened


async def test_other_numbers_of_days_are_refused(hr):
    feed_id = await hr.submit(**FEED)
    for days in (0, 8, "x", -7):
        answer = await hr.get(f"/special_feed/statistics/{feed_id}", days=days)
        assert (answer.http, list(answer["errors"])) == (400, ["days"])
