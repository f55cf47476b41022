"""The log and traces of a whole run, as operators start it, hold nobody's data and no key to anything."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from urllib.parse import urlencode

import pytest
from tornado.httpclient import HTTPClientError

from tests.api.scene import FULL_RESUME, JSON_INGEST, NDJSON_INGEST, listed_person
from tests.collector import Collector
from tests.integration.processes import Process, entries_of
from tests.support import INGEST_TOKEN, PASSWORD, Api, Hr, Socket, eventually

CANARIES = {
    "name": "欧阳金丝雀",
    "phone": "13912344321",
    "email": "canary.person@example.com",
    "qq": "918273645",
    "works": "金丝雀有限公司",
    "self_evaluation": "我就是那只金丝雀",
    "address": "金丝雀路一号",
    "account": "canary.hr@example.com",
    "company": "金丝雀招聘公司",
    "company phone": "010-87654399",
    "comment": "金丝雀说她下周来",
    "search": "搜索金丝雀",
    "wrong password": "canary wrong password",
    "wrong token": "canary-wrong-token-0000000000000000000000",
    "title": "金丝雀饲养员",
}


async def use_everything(process: Process) -> tuple[Hr, dict[str, str]]:
    """Everything that clients do right and wrong while all is there; returns the keys that were used."""
    api = Api(process.port)
    c = CANARIES
    form = {
        "user_email": c["account"],
        "password": PASSWORD,
        "company_name": c["company"],
        "phone": c["company phone"],
    }
    answer = await api.call("POST", "/hr/register/", form=form)
    hr = Hr.logged_in(process.port, c["account"], answer["auth_info"])
    await api.call("POST", "/hr/register/", form=form)  # once more: a form error
    await api.call("POST", "/hr/login/", form={"username": c["account"], "password": c["wrong password"]})
    await api.post("/hr/login/", {"username": [c["account"]], "password": {c["wrong password"]: 1}})
    await api.get(f"/hr/valid_token/{hr.user}/{hr.token}/")
    await api.get(f"/hr/valid_token/{hr.user}/{c['wrong token']}/")
    await api.get(f"/hr/activate/{c['wrong token']}/")
    await api.get(f"/no/such/url/{c['wrong token']}?token={hr.token}")
    person = {key: c[key] for key in ("name", "phone", "email", "qq", "self_evaluation", "address")}
    works = [{**FULL_RESUME["works"][0], "compnay_name": c["works"]}]
    scene = await listed_person(hr, {**FULL_RESUME, **person, "works": works})
    await scene.fill()
    await scene.comment(c["comment"])
    await hr.post(f"/resumes/comment/{scene.resume_id}", {"content": [c["comment"]]})
    await hr.results(scene.feed_id)
    await hr.get(f"/feed/get/{scene.feed_id}/{scene.resume_id}")
    for field in ("name", "all"):
        for keywords in (c["name"], c["search"]):
            await hr.get("/resume/follow/list/", search_fields=field, keywords=keywords)
    await hr.get(f"/special_feed/feed_list/{scene.feed_id}", current_area=c["address"], sort=c["search"])
    await hr.get(f"/feed/export/{scene.feed_id}.csv")
    await hr.post("/special_feed/submit_feed/", {"title": c["title"], "salary_min": c["search"]})
    await hr.post("/special_feed/preview/", {"title": c["title"], "feed_id": c["search"]})
    await api.call("POST", "/resumes/", json_body={**person, "age": c["name"]}, headers=JSON_INGEST)
    bad = "\n".join(json.dumps(one) for one in ({**person, "works": c["works"]}, person)).encode()
    await api.call(
        "POST", "/resumes/", body=bad + b'\n{"name": "' + c["name"].encode(), headers=NDJSON_INGEST
    )
    await api.call("POST", "/resumes/", body=b"{}", headers={"Authorization": f"Bearer {c['wrong token']}"})
    socket = await hr.live()
    await socket.say({"type": c["search"], "authorization": hr.authorization})
    await socket.until("error")
    late = await Socket.connect(process.port, None)
    await late.say({"type": "auth", "authorization": hr.authorization})
    await late.until("snapshot")
    with pytest.raises(HTTPClientError):
        await Socket.connect(process.port, hr.authorization + "x")
    assert (await hr.get("/special_feed/page/")).http == 200
    other = await log_in_once_more(hr)
    await other.post("/hr/logout/")
    await api.call("DELETE", f"/resumes/{scene.resume_id}", headers=JSON_INGEST)
    return hr, {"token": hr.token, "later token": other.token, "authorization": hr.authorization[6:]}


async def be_refused(process: Process, hr: Hr) -> None:
    """Ask while MongoDB stands still."""
    person = {key: CANARIES[key] for key in ("name", "phone", "email", "qq", "self_evaluation", "address")}
    api, again = Api(process.port), Hr(process.port, hr.authorization)
    mongo = process.store_pids()["mongo"]
    os.kill(mongo, signal.SIGSTOP)
    try:
        asked = again.get("/resume/follow/list/", search_fields="name", keywords=CANARIES["name"])
        assert [
            one.http
            for one in await asyncio.gather(
                asked, api.call("POST", "/resumes/", json_body={**FULL_RESUME, **person}, headers=JSON_INGEST)
            )
        ] == [503, 503]
    finally:
        os.kill(mongo, signal.SIGCONT)

    async def works() -> bool:
        return (await again.get("/special_feed/page/")).http == 200

    await eventually(works, what="recovery")


async def log_in_once_more(hr: Hr) -> Hr:
    answer = await Api(hr.port).call("POST", "/hr/login/", form={"username": hr.email, "password": PASSWORD})
    return Hr.logged_in(hr.port, hr.email, answer["auth_info"])


@pytest.mark.long
async def test_logs_and_traces_of_a_run_in_which_everything_is_done_tell_of_nobody(start):
    with Collector() as collector:
        traced = {"otel_exporter_otlp_endpoint": collector.url, "otel_bsp_schedule_delay": 200}
        first = await start(**traced).ready()
        hr, keys = await use_everything(first)
        await eventually(
            lambda: "DELETE /resumes/{resume_id}" in {span["name"] for span in collector.spans},
            what="the last request's trace",
        )
        first.kill_all()
        # A server in the time of service is refused by a busy machine too, so it is asked for nothing else.
        second = await start(in_time=True, **traced).ready()
        await be_refused(second, hr)
        assert second.stop() == 0
    logs = [process.log.read_text("utf-8") for process in (first, second)]
    lines = [entry for log in logs for entry in entries_of(log)]
    logs += [path.read_text("utf-8", "replace") for path in first.data_dir.glob("*.log")]
    routes = {line["route"] for line in lines if "route" in line}
    assert {"/hr/valid_token/{user}/{token}/", "/resumes/download/{resume_id}"} <= routes
    assert {line["status"] for line in lines if "route" in line} >= {200, 400, 401, 403, 404, 503}
    assert all({"request_id", "route", "status", "ms"} <= line.keys() for line in lines if "route" in line)
    secrets = {**CANARIES, **keys, "password": PASSWORD, "ingest token": INGEST_TOKEN}
    # A request's commands to MongoDB are a part of it, though Motor sends them from another thread.
    requests = {span["spanId"]: span["name"] for span in collector.spans}
    parents = {
        requests.get(span.get("parentSpanId")) for span in collector.spans if span["name"] == "mongodb find"
    }
    assert {"GET /special_feed/page/", "GET /resume/follow/list/", "score"} <= parents
    text = "\n".join([*logs, collector.text()])
    found = {
        what: form
        for what, secret in secrets.items()
        for form in (secret, urlencode({"": secret})[1:], json.dumps(secret)[1:-1])
        if form in text
    }
    assert found == {}
