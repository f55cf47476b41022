"""Of long resumes a page shows the begin, within a bound; one by itself and the export show all."""

import csv
import gzip
import io

import pytest
from tornado.httpclient import AsyncHTTPClient

from handlers.views.page_answer import MAX_BYTES
from tests.api.scene import FULL_FEED, listed_person, small_resume

LONG = "熟悉Python。" + "长" * 5_000


def cut(text):
    return text[:2000] + "…"


@pytest.mark.usefixtures("unhurried_preview")
async def test_a_page_shows_the_begin_of_a_long_text_and_one_resume_by_itself_all_of_it(hr):
    works = [{"position_title": "Python开发工程师", "job_desc": LONG, "start_time": "2020-01"}]
    scene = await listed_person(hr, small_resume("long", self_evaluation=LONG, works=works))
    await scene.watch()
    pages = [
        await hr.get(f"/special_feed/feed_list/{scene.feed_id}"),
        await hr.get("/resume/follow/list/"),
        await hr.post("/special_feed/preview/", FULL_FEED),
    ]
    for page in pages:
        (item,) = page["data"]
        assert item["resume"]["self_evaluation"] == cut(LONG)
        assert item["resume"]["works"][0]["job_desc"] == cut(LONG)
        assert item["resume"]["works"][0]["start_time"] == "2020-01"
    whole = await hr.get(f"/feed/get/{scene.feed_id}/{scene.resume_id}")
    assert whole["data"]["resume"]["self_evaluation"] == LONG
    (row,) = csv.DictReader(
        io.StringIO((await hr.get(f"/feed/export/{scene.feed_id}.csv")).body.decode("utf-8-sig"), newline="")
    )
    assert row["自我评价"] == LONG


@pytest.mark.long
async def test_a_page_of_many_long_resumes_stays_within_its_bound(hr):
    feed_id = await hr.submit(**FULL_FEED)
    works = [
        {"position_title": "Python开发工程师", "job_desc": "熟悉Python，" + "\x01" * 1500, "duration": "一年"}
    ] * 100
    await hr.scored(*[small_resume(str(number), works=works) for number in range(12)])
    answer = await hr.get(f"/special_feed/feed_list/{feed_id}", size=50)
    assert MAX_BYTES // 3 < len(answer.body) <= MAX_BYTES + 1000
    assert len(answer["data"]) == 12
    texts = {work["job_desc"] for item in answer["data"] for work in item["resume"]["works"]}
    assert len(texts) == 1
    assert texts.pop().endswith("\x01…")
    assert {work["duration"] for item in answer["data"] for work in item["resume"]["works"]} == {"一年"}


@pytest.mark.long
async def test_a_page_is_compressed_for_who_takes_that_and_says_the_same(hr):
    feed_id = await hr.submit(**FULL_FEED)
    await hr.scored(*[small_resume(str(number), self_evaluation=LONG) for number in range(4)])
    read = f"http://127.0.0.1:{hr.port}/special_feed/feed_list/{feed_id}"
    client = AsyncHTTPClient(force_instance=True)
    answers = {}
    for takes in ("gzip", "gzip;q=0, br", ""):
        headers = {"Authorization": hr.authorization, "Accept-Encoding": takes}
        answers[takes] = await client.fetch(
            read, headers=headers, decompress_response=False, connect_timeout=60, request_timeout=60
        )
    client.close()
    packed, *plain = answers.values()
    assert packed.headers["Content-Encoding"] == "gzip"
    assert [answer.headers.get("Content-Encoding") for answer in plain] == [None, None]
    assert len(packed.body) < len(plain[0].body) / 3
    assert gzip.decompress(packed.body) == plain[0].body == plain[1].body
    assert {answer.headers["Vary"] for answer in answers.values()} == {"Accept-Encoding"}
