"""What a server and operators do is in the audit, in the log and in the metrics, and `manage.py` shows it."""

import asyncio
import json
import random

import pymongo
import pytest

from store.embedded.supervisor import state_of
from tests.api.admin.desk import sign_in
from tests.api.scene import INGEST
from tests.integration.processes import check_stores, manage
from tests.support import Api, Hr, eventually, python_resume


def lines_of(outcome):
    assert outcome.returncode == 0, outcome.stderr
    return [json.loads(line) for line in outcome.stdout.splitlines()]


def audited(data_dir, *words):
    return lines_of(manage(data_dir, "audit", *words))


async def security_events(process, event):
    text = (await Api(process.port).get("/metrics")).body.decode()
    name = f'talentfeed_security_events_total{{event="{event}",outcome="ok"}}'
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(name))


@pytest.mark.long
async def test_who_saw_took_out_and_erased_what_can_be_told_and_proved(start):
    process = await start().ready()
    data_dir = process.data_dir
    hr = await Hr.register(process.port)
    feed_id, (seen, erased) = await hr.feed_with(python_resume(), python_resume())
    view = await hr.get(f"/feed/get/{feed_id}/{seen}")
    await hr.unlock(feed_id, seen)
    await hr.get(f"/feed/export/{feed_id}.csv")
    assert (await hr.call("DELETE", f"/resumes/{erased}", headers=INGEST)).status == "ok"
    assert manage(data_dir, "activate", hr.email).returncode == 0

    rows = audited(data_dir, "--account", hr.email)
    assert [row["action"] for row in rows[:3]] == ["company", "view", "unlock"]
    assert [row["action"] for row in rows[3:]] == ["export_list", "export", "operator"]
    assert rows[1] | {"account": hr.user, "feed": feed_id, "resumes": [seen]} == rows[1]
    assert rows[1]["request_id"] == view.headers["X-Request-Id"]
    assert rows[-1]["command"] == "activate"
    assert audited(data_dir, "--account", hr.user)[: len(rows)] == rows
    assert [row["action"] for row in audited(data_dir, "--resume", seen)] == ["view", "unlock", "export"]
    assert [row["action"] for row in audited(data_dir, "--resume", erased)] == ["erase"]
    assert audited(data_dir, "--since", "2099-01-01") == []
    everything = audited(data_dir, "--since", "2020-01-01 00:00:00")
    assert [row["at"] for row in everything] == sorted(row["at"] for row in everything)
    assert everything[-1]["command"] == "audit --since"
    assert hr.email not in json.dumps(everything)
    for nobody in (("--account", "nobody@example.com"), ("--resume", "0" * 24)):
        outcome = manage(data_dir, "audit", *nobody)
        assert (outcome.returncode, outcome.stdout) == (1, b"")

    async def are_counted():
        return await security_events(process, "operator") >= 8

    await eventually(are_counted, what="operator commands in the metrics")
    assert await security_events(process, "export") == 1
    assert await security_events(process, "erasure") == 1
    events = [json.loads(line) for line in process.log.read_text().splitlines() if "security event" in line]
    (export,) = [line for line in events if line["event"] == "export"]
    assert export | {"outcome": "ok", "address": "127.0.0.1", "account": rows[0]["account_hash"]} == export
    assert hr.email not in process.log.read_text()

    check_stores(data_dir)
    with pymongo.MongoClient(state_of(data_dir)["mongo"]["url"]) as client:
        row = client.talentfeed.audit.find_one_and_delete({"action": "view"})
    checked = manage(data_dir, "check")
    assert checked.returncode == 1
    assert checked.stderr.decode().splitlines() == [f"audit chain {row['chain']} lacks row {row['seq']}"]
    assert b": 1 broken" in checked.stdout


@pytest.mark.faults
async def test_what_an_operator_did_at_the_desk_is_theirs_by_address(start):
    process = await start().ready()
    made = manage(process.data_dir, "operator", "ops@example.com").stdout.decode()
    desk = await sign_in(process.port, "ops@example.com", made.split("password ")[1].strip())
    assert (await desk.do("person/find/", phone="13900001234")).http == 200
    (row,) = [row for row in audited(process.data_dir) if row.get("operator")]
    assert row["operator"] == "ops@example.com"


@pytest.mark.long
async def test_no_view_that_was_answered_is_missing_after_kill_9_of_everything(start):
    process = await start().ready()
    hr = await Hr.register(process.port)
    feed_id, ids = await hr.feed_with(*(python_resume(number) for number in range(20)))
    answered: list[str] = []

    async def look(one):
        while True:
            answer = await one.get(f"/feed/get/{feed_id}/{random.choice(ids)}")
            if answer.http == 200:
                answered.append(answer.headers["X-Request-Id"])

    for _ in range(2):
        looking = [asyncio.create_task(look(hr)) for _ in range(4)]
        before = len(answered)
        await eventually(lambda before=before: len(answered) > before + 20, what="views")
        process.kill_all()
        for task in looking:
            task.cancel()
        await asyncio.gather(*looking, return_exceptions=True)
        process = await start().ready()
        hr.port = process.port
    requests = {row["request_id"] for row in audited(process.data_dir, "--account", hr.email)}
    assert set(answered) <= requests
    check_stores(process.data_dir)
