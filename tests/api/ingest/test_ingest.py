"""Ingest: one object or a stream; what is answered is durable; one bad line spoils nobody else."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from pymongo.errors import AutoReconnect

from handlers.api import drain
from store.resumes.resumes import Resumes
from store.transactions import Database, current
from tests.integration.gates import Gate
from tests.support import INGEST_TOKEN, PYTHON_FEED, alone, nurse_resume, python_resume

NDJSON = {"Authorization": f"Bearer {INGEST_TOKEN}", "Content-Type": "application/x-ndjson"}
JSON = {"Authorization": f"Bearer {INGEST_TOKEN}", "Content-Type": "application/json"}


async def send(api, body: bytes, headers=NDJSON):
    return await api.call("POST", "/resumes/", body=body, headers=headers)


async def test_one_object_is_accepted_updated_and_recognised(api):
    resume = python_resume()
    first = await send(api, json.dumps(resume).encode(), JSON)
    assert (first["accepted"], first["updated"], first["duplicate"], first["rejected"]) == (1, 0, 0, [])
    same = await send(api, json.dumps(resume).encode(), JSON)
    assert (same["accepted"], same["duplicate"], same["ids"]) == (0, 1, first["ids"])
    changed = await send(api, json.dumps(resume | {"age": 29}).encode(), JSON)
    assert (changed["updated"], changed["ids"]) == (1, first["ids"])
    by_contact = await send(api, json.dumps(resume | {"age": 29, "phone": "10000000009"}).encode(), JSON)
    assert by_contact["updated"] == 1


async def test_a_stream_says_what_became_of_every_line(api):
    good, other = python_resume(), nurse_resume()
    lines = [
        "\ufeff" + json.dumps(good),
        "",
        "{broken",
        json.dumps(good),
        json.dumps(good | {"age": 40}),
        json.dumps({"source": "s", "source_id": "1"}),
        "   ",
        json.dumps(other) + "\r",
        '{"source": "s", "source_id": "\\ud800", "works": [{}]}',
        '{"source": "s", "source_id": "2", "works": [{"job_desc": "a\\u0000"}]}',
        json.dumps({"source": "s", "source_id": "3", "self_evaluation": "x" * 1_100_000}),
        json.dumps(nurse_resume()),
    ]
    answer = await send(api, "\n".join(lines).encode())
    assert answer.http == 200
    assert (answer["accepted"], answer["updated"], answer["duplicate"]) == (3, 1, 1)
    assert [row["line"] for row in answer["rejected"]] == [3, 6, 9, 10, 11]
    assert [row["errors"].keys() for row in answer["rejected"]] == [
        {"body"},
        {"job_target"},
        {"body"},
        {"works"},
        {"line"},
    ]
    ids = answer["ids"]
    assert [id_ is None for id_ in ids] == [False, True, False, False, True, False, True, True, True, False]
    assert ids[0] == ids[2] == ids[3] != ids[5]
    empty = await send(api, b"\n\n")
    assert (empty.http, empty["accepted"], empty["ids"], empty["rejected"]) == (200, 0, [], [])


async def test_a_stream_may_come_in_any_pieces_and_without_length(api):
    resumes = [python_resume(number) for number in range(250)]
    body = "\n".join(json.dumps(resume, ensure_ascii=False) for resume in resumes).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    head = "POST /resumes/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
    writer.write((head + "".join(f"{k}: {v}\r\n" for k, v in NDJSON.items()) + "\r\n").encode())
    for start in range(0, len(body), 7001):
        piece = body[start : start + 7001]
        writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        await writer.drain()
    writer.write(b"0\r\n\r\n")
    answer = (await reader.read()).partition(b"\r\n\r\n")[2]
    writer.close()
    await writer.wait_closed()
    assert json.loads(answer)["accepted"] == 250


async def test_an_invalid_single_object_is_400_and_names_its_fields(api):
    answer = await send(api, json.dumps({"source": "s", "source_id": "1", "age": "x"}).encode(), JSON)
    assert (answer.http, answer.status) == (400, "bad_request")
    assert answer["errors"] == {"age": ["应为整数"]}
    assert (await send(api, b"", JSON)).http == 400
    assert (await send(api, b"[]", JSON)).http == 400


async def contact_of(server, hr, resume_id):
    found = await server.stores.contacts.disclose(alone(hr.user), [resume_id], "list", "r")
    return found[resume_id]


@pytest.mark.parametrize("is_scored", [True, False], ids=["scored", "waiting"])
async def test_an_update_without_a_status_leaves_a_secret_contact_secret(server, hr, is_scored):
    if not is_scored:
        Gate(server.stores.contacts, "comparable")
    resume = python_resume()
    (id_,) = (await hr.ingest(resume | {"contact_status": "secret"}))["ids"]

    async def send_again(**changes):
        if is_scored:
            await hr.all_scored()
        answer = await hr.ingest(resume | changes)
        if is_scored:
            await hr.all_scored()
        return {name for name in ("accepted", "updated", "duplicate") if answer[name]}

    assert await send_again() == {"duplicate"}
    assert await send_again(age=30) == {"updated"}
    assert (await contact_of(server, hr, id_)).status == "secret"
    assert await send_again(age=30) == {"duplicate"}
    assert await send_again(age=30, contact_status="public") == {"updated"}
    assert (await contact_of(server, hr, id_)).phone == resume["phone"]
    assert await send_again(age=31) == {"updated"}
    assert (await contact_of(server, hr, id_)).status == "public"
    assert await send_again(age=31, contact_status="secret") == {"updated"}
    assert (await contact_of(server, hr, id_)).status == "secret"


async def test_a_resume_sent_twice_at_once_is_stored_once(api):
    body = json.dumps(python_resume()).encode()
    answers = await asyncio.gather(*(send(api, body) for _ in range(8)))
    assert sum(answer["accepted"] for answer in answers) == 1
    assert sum(answer["duplicate"] for answer in answers) == 7


async def test_a_resume_sent_to_a_feed_is_listed_whatever_its_score(hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    answer = await hr.ingest(
        nurse_resume(send_to=[feed_id]), nurse_resume(partner_for=[feed_id]), nurse_resume()
    )
    await hr.all_scored()
    assert await hr.unread(feed_id) == 2
    sent = await hr.results(feed_id, send=1)
    partner = await hr.results(feed_id, partner=1)
    assert [item["resume"]["id"] for item in sent] == answer["ids"][:1]
    assert [item["resume"]["id"] for item in partner] == answer["ids"][1:2]
    await hr.submit(feed_id=feed_id, **PYTHON_FEED)
    assert len(await hr.results(feed_id)) == 2


async def test_a_resume_sent_to_a_feed_is_judged_like_any_other(hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    target = {"job_career": "Python开发工程师", "salary": "15-20K·14薪", "expectation_area": "珠三角"}
    away = python_resume(job_target=target)
    await hr.ingest({**away, "send_to": [feed_id]}, nurse_resume(partner_for=[feed_id]))
    await hr.ingest(python_resume(job_target=target))  # it was not sent, and is no match
    await hr.all_scored()

    async def listed():
        items = await hr.results(feed_id)
        return [{name: item[name] for name in ("score", "why", "missing", "tags")} for item in items]

    first, second = judged = await listed()
    reasons = {row["field"]: row for row in first["why"]}
    assert reasons["city"]["points"] < 0
    assert reasons["salary"]["points"] < 0
    assert reasons["salary"]["matched"] == "15000-20000"
    assert reasons["title"]["points"] > 0
    assert "python" in second["missing"]
    for one in judged:
        assert 0 <= one["score"] <= 100
        assert sum(round(100 * row["points"]) for row in one["why"]) == round(100 * one["score"])
    assert [item["score"] for item in await hr.results(feed_id, title_match=1)] == [first["score"]]
    await hr.submit(feed_id=feed_id, **PYTHON_FEED)
    await hr.all_scored()
    assert await listed() == judged, "a backfill says the same"
    await hr.scored({**away, "send_to": [feed_id], "job_target": {**target, "expectation_area": "北京"}})
    assert "city" not in {row["field"] for row in (await listed())[0]["why"] if row["points"] < 0}
    await hr.scored(away)
    assert await listed() == [second], "it is not sent any more"


async def test_a_feed_that_is_not_there_rejects_its_line_alone(hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    answer = await hr.ingest(
        python_resume(send_to=["0" * 24]), python_resume(send_to=[feed_id]), python_resume(partner_for=["x"])
    )
    assert answer["accepted"] == 1
    assert [(row["line"], list(row["errors"])) for row in answer["rejected"]] == [
        (1, ["send_to"]),
        (3, ["partner_for"]),
    ]


async def test_an_update_keeps_state_and_day_and_unread_ones_that_no_longer_match_go(hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    stays, goes, read, deleted = (python_resume(number) for number in range(4))
    ids = await hr.scored(stays, goes, read, deleted)
    await hr.get(f"/feed/get/{feed_id}/{ids[2]}")
    await hr.get("/feed/modify_feed_result", feed_id=feed_id, resume_id=ids[3], reco_index=-150)
    before = {item["resume"]["id"]: item for item in await hr.results(feed_id)}
    nurse = {name: nurse_resume()[name] for name in ("job_target", "works")} | {
        "self_evaluation": "",
        "address": "",
    }
    changed = await hr.ingest(stays | {"age": 50}, goes | nurse, read | nurse, deleted | {"age": 50})
    assert changed["updated"] == 4
    await hr.all_scored()
    after = {item["resume"]["id"]: item for item in await hr.results(feed_id)}
    assert after.keys() == {ids[0], ids[2]}
    assert after[ids[0]]["resume"]["age"] == 50
    assert after[ids[0]]["pub_time"] == before[ids[0]]["pub_time"]
    assert after[ids[2]]["user_read_status"] == "read"
    # It stays where it is listed, and its score and reasons are of the resume as it is.
    assert after[ids[2]]["score"] < before[ids[2]]["score"]
    assert "title" not in {row["field"] for row in after[ids[2]]["why"]}
    assert after[ids[2]]["tier"] == "strong"
    assert await hr.unread(feed_id) == 1
    back = await hr.ingest(goes)
    assert back["updated"] == 1
    await hr.all_scored()
    assert await hr.unread(feed_id) == 2


async def test_an_upload_waits_for_the_store_and_says_what_became_of_each_resume(api, monkeypatch):
    """Of a commit whose answer is lost all may have happened; here it has."""
    old, same, new = (python_resume(number) for number in range(3))
    await send(api, "\n".join(map(json.dumps, (old, same))).encode())
    save, transaction, losing, tries = Resumes._save, Database.transaction, [], 0

    async def counted(resumes, *args):
        nonlocal tries
        tries += 1
        losing.extend([current()] if tries == 1 else [])
        return await save(resumes, *args)

    @asynccontextmanager
    async def lost(database):
        async with transaction(database) as one:
            yield one
        if one in losing:
            raise AutoReconnect("gone")

    monkeypatch.setattr(Resumes, "_save", counted)
    monkeypatch.setattr(Database, "transaction", lost)
    answer = await send(api, "\n".join(map(json.dumps, (old | {"age": 40}, same, new))).encode())
    assert (answer["accepted"], answer["updated"], answer["duplicate"]) == (1, 1, 1)
    assert tries == 2


async def test_an_upload_that_outlasts_the_stop_is_answered_for_its_durable_lines(server, hr, monkeypatch):
    monkeypatch.setattr(drain, "PATIENCE_S", 0.2)
    monkeypatch.setattr(drain, "CUT_PATIENCE_S", 20.0)  # in which its lines are stored
    idle = await asyncio.open_connection("127.0.0.1", hr.port)
    reader, writer = await asyncio.open_connection("127.0.0.1", hr.port)
    head = "POST /resumes/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    writer.write((head + "".join(f"{k}: {v}\r\n" for k, v in NDJSON.items()) + "\r\n").encode())
    lines = "".join(json.dumps(python_resume(number)) + "\n" for number in range(3)).encode() + b'{"half'
    writer.write(f"{len(lines):x}\r\n".encode() + lines + b"\r\n")
    while not any(request._upload.held_bytes for request in server._drain._active):
        await asyncio.sleep(0)
    server.stop()
    head, _, answer = (await reader.read()).partition(b"\r\n\r\n")
    assert b"Connection: close" in head
    account = json.loads(answer)
    assert (account["status"], account["accepted"], account["rejected"]) == ("ok", 3, [])
    assert await idle[0].read() == b""
    for stream in (writer, idle[1]):
        stream.close()
        await stream.wait_closed()
