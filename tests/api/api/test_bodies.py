"""Bodies as clients like to send them: JSON or forms everywhere, and gzip where resumes come in."""

import gzip
import json
from urllib.parse import urlencode

from tests.api.scene import FULL_FEED, JSON_INGEST, listed_person
from tests.support import INGEST_TOKEN, Api, python_resume

FORM_INGEST = JSON_INGEST | {"Content-Type": "application/x-www-form-urlencoded"}
LINES_INGEST = {"Authorization": f"Bearer {INGEST_TOKEN}", "Content-Type": "application/x-ndjson"}
PACKED = {"Content-Encoding": "gzip"}


def as_form(body):
    """A body as a form, with lists and nested values as JSON."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in body.items()
    }


async def test_a_feed_that_comes_as_a_form_is_the_one_that_comes_as_json(hr):
    of_json = (await hr.post("/special_feed/submit_feed/", FULL_FEED))["feed_id"]
    of_form = await hr.call("POST", "/special_feed/submit_feed/", form=as_form(FULL_FEED))
    assert of_form.status == "ok", of_form.json
    feeds = []
    for feed_id in (of_json, of_form["feed_id"]):
        data = (await hr.get(f"/special_feed/edit_feed/{feed_id}/"))["data"]["feed"]
        feeds.append({name: value for name, value in data.items() if name != "id"})
    assert feeds[0] == feeds[1]
    preview = await hr.call("POST", "/special_feed/preview/", form=as_form(FULL_FEED))
    assert preview.status == "ok"
    unknown = await hr.call("POST", "/special_feed/submit_feed/", form=as_form(FULL_FEED) | {"titel": "x"})
    assert (unknown.http, unknown["errors"]) == (400, {"titel": ["未知字段"]})


async def test_every_post_variant_takes_json_and_forms_alike(hr):
    scene = await listed_person(hr)
    of_feed = {"feed_id": scene.feed_id}
    change = {**of_feed, "resume_id": scene.resume_id, "reco_index": -150, "feedback": "level_low"}
    back = {**of_feed, "resume_id": scene.resume_id, "reco_index": 150}
    for path, body in (
        (f"/resumes/add_watch/{scene.resume_id}", of_feed),
        (f"/resumes/remove_watch/{scene.resume_id}", of_feed),
        ("/feed/modify_feed_result", change),
        ("/feed/modify_feed_result", back),
        (f"/resumes/mark/{scene.resume_id}", {**of_feed, "mark_name": "已联系", "good_result": True}),
        (f"/resumes/comment/{scene.resume_id}", {"content": "再联系"}),
        (f"/resumes/download/{scene.resume_id}", of_feed),
        (f"/feed/get/{scene.feed_id}/{scene.resume_id}", {}),
    ):
        for sent in ({"json_body": body}, {"form": as_form(body)}):
            answer = await hr.call("POST", path, **sent)
            assert answer.status == "ok", (path, sent, answer.json)
    wrong = await hr.post("/feed/modify_feed_result", {**change, "reco_index": [1]})
    assert (wrong.http, wrong["errors"]) == (400, {"reco_index": ["应为文本或数字"]})
    twice = await hr.post(f"/resumes/add_watch/{scene.resume_id}", of_feed, **of_feed)
    assert (twice.http, twice["errors"]) == (400, {"feed_id": ["重复的参数"]})


async def test_a_resume_may_come_as_a_form(api):
    resume = python_resume(age=28)
    answer = await api.call(
        "POST", "/resumes/", body=urlencode(as_form(resume)).encode(), headers=FORM_INGEST
    )
    assert (answer.http, answer.json.get("accepted")) == (200, 1), answer.json
    again = await api.call("POST", "/resumes/", json_body=resume, headers=JSON_INGEST)
    assert again["duplicate"] == 1
    curl = await api.call("POST", "/resumes/", body=json.dumps(resume).encode(), headers=FORM_INGEST)
    assert curl["duplicate"] == 1
    wrong = await api.call("POST", "/resumes/", body=b"source=a", headers=FORM_INGEST)
    assert (wrong.http, wrong["errors"]) == (400, {"source_id": ["必填"]})


async def test_packed_resumes_are_unpacked_one_or_many(api):
    resumes = [python_resume() for _ in range(250)]
    one = gzip.compress(json.dumps(resumes[0]).encode())
    answer = await api.call("POST", "/resumes/", body=one, headers=JSON_INGEST | PACKED)
    assert (answer.http, answer.json.get("accepted")) == (200, 1), answer.json
    lines = "".join(json.dumps(resume) + "\n" for resume in resumes).encode()
    # Of two members, as `cat` makes them, the border within a line.
    packed = gzip.compress(lines[:5000]) + gzip.compress(lines[5000:])
    answer = await api.call("POST", "/resumes/", body=packed, headers=LINES_INGEST | PACKED)
    assert (answer["accepted"], answer["duplicate"], len(answer["ids"])) == (249, 1, 250)


async def test_what_unpacks_to_more_than_a_line_may_have_is_refused(server, api, hr):
    bodies = server.services.bodies
    line = json.dumps(python_resume()).encode() + b"\n"
    huge = gzip.compress(line + b" " * (12 * 1024 * 1024) + b"\n" + line)
    answer = await api.call("POST", "/resumes/", body=huge, headers=LINES_INGEST | PACKED)
    assert (answer.http, answer["accepted"], answer["duplicate"]) == (200, 1, 1)
    assert [row["line"] for row in answer["rejected"]] == [2]
    answer = await api.call("POST", "/resumes/", body=huge, headers=JSON_INGEST | PACKED)
    assert (answer.http, answer.status) == (413, "too_large")
    assert bodies.held == 0


async def test_what_is_no_gzip_is_400_and_other_encodings_are_415(api, hr):
    whole = gzip.compress(json.dumps(python_resume()).encode() + b"\n")
    for headers in (JSON_INGEST, LINES_INGEST):
        for body in (b"{}", whole[:-9], whole + b"x", whole[:20] + b"xxxx" + whole[24:]):
            answer = await api.call("POST", "/resumes/", body=body, headers=headers | PACKED)
            assert (answer.http, answer.status, list(answer["errors"])) == (400, "bad_request", ["body"])
        for encoding in ("br", "deflate", "gzip, gzip", "\xff"):
            answer = await api.call(
                "POST", "/resumes/", body=whole, headers=headers | {"Content-Encoding": encoding}
            )
            assert (answer.http, answer.status) == (415, "unsupported"), encoding
    answer = await api.call("POST", "/resumes/", body=whole, headers=LINES_INGEST)
    assert answer["rejected"]
    for path in ("/special_feed/submit_feed/", "/hr/login/"):
        answer = await hr.call("POST", path, body=gzip.compress(b"{}"), headers=PACKED)
        assert (answer.http, answer.status) == (415, "unsupported")
    plain = {"Content-Encoding": "identity", "Content-Type": "application/json"}
    assert (await hr.call("POST", "/hr/login/", body=b"{}", headers=plain)).http == 200
    assert (await Api(hr.port).get("/healthz")).http == 200
