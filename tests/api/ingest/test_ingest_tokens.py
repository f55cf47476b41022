"""A token of one source sends and erases that source's resumes alone, until it is revoked."""

import asyncio
import json

import pytest

from handlers.ingest import resumes
from store.accounts.ingest_tokens import SlotsUsedUp
from tests.support import INGEST_TOKEN, Api, eventually, python_resume

LINES = {"Content-Type": "application/x-ndjson"}


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


async def send(api, token, *lines, kind=LINES):
    body = "\n".join(json.dumps(line) for line in lines).encode()
    return await api.call("POST", "/resumes/", body=body, headers=bearer(token) | kind)


async def erase(api, token, resume_id):
    return await api.call("DELETE", f"/resumes/{resume_id}", headers=bearer(token))


@pytest.fixture
def tokens(server):
    return server.stores.ingest_tokens


async def test_it_takes_its_own_source_and_rejects_others_by_line(api, tokens):
    token = await tokens.create("liepin")
    own, others = python_resume(source="liepin"), python_resume(source="zhaopin")
    answer = await send(api, token, own, others, own | {"source_id": "2"})
    assert (answer.http, answer["accepted"]) == (200, 2)
    message = "此导入口令只能导入它自己来源的简历"
    assert answer["rejected"] == [{"line": 2, "errors": {"source": [message]}}]
    alone = await send(api, token, others, kind={"Content-Type": "application/json"})
    assert (alone.http, alone.status, alone["errors"].keys()) == (400, "bad_request", {"source"})
    assert (await send(api, INGEST_TOKEN, own | {"source_id": "3"}, others))["accepted"] == 2


async def test_it_erases_its_own_source_and_knows_no_other(api, tokens):
    token = await tokens.create("liepin")
    own, others = python_resume(source="liepin"), python_resume(source="zhaopin")
    own_id, others_id = (await send(api, INGEST_TOKEN, own, others))["ids"]
    unknown = await erase(api, token, "0" * 24)
    refused = await erase(api, token, others_id)
    assert refused.http == unknown.http == 404
    assert {**refused.json, "request_id": ""} == {**unknown.json, "request_id": ""}
    assert (await erase(api, token, own_id)).status == "ok"
    assert (await erase(api, token, own_id)).status == "ok"
    assert (await erase(api, INGEST_TOKEN, others_id)).status == "ok"
    assert (await erase(api, token, others_id)).http == 404
    assert (await send(api, token, own))["rejected"][0]["status"] == "erased"


async def test_a_source_has_two_at_once_and_a_revoked_one_ends_at_once(server, api, tokens):
    first, second = await asyncio.gather(tokens.create("liepin"), tokens.create("liepin"))
    with pytest.raises(SlotsUsedUp):
        await tokens.create("liepin")
    await tokens.create("zhaopin")
    resume = python_resume(source="liepin")
    for token in (first, second):
        assert (await send(api, token, resume)).http == 200
    (oldest, *_) = await tokens.list()
    assert await tokens.revoke(oldest.id)
    assert not await tokens.revoke(oldest.id)
    assert sorted([(await send(api, token, resume)).http for token in (first, second)]) == [200, 403]
    assert await tokens.create("liepin")
    # Nothing that is stored is a token.
    stored = json.dumps(await server.stores._database.ingest_tokens.find({}).to_list(None), default=str)
    assert first not in stored
    assert second not in stored


async def test_a_revoked_one_ends_an_upload_that_goes_on(server, api, tokens, monkeypatch):
    monkeypatch.setattr(resumes, "CHECK_AGAIN_S", 0.0)
    token = await tokens.create("liepin")
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    head = f"POST /resumes/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    writer.write(f"{head}Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n".encode())

    def chunk(*lines):
        body = "".join(json.dumps(line) + "\n" for line in lines).encode()
        return f"{len(body):x}\r\n".encode() + body + b"\r\n"

    writer.write(chunk(*(python_resume(source="liepin") for _ in range(150))))

    async def stored():
        return await server.stores._database.resumes.count_documents({})

    await eventually(stored, what="the first lines")
    (row,) = await tokens.list()
    await tokens.revoke(row.id)
    writer.write(chunk(*(python_resume(source="liepin") for _ in range(150))) + b"0\r\n\r\n")
    assert b"403" in await reader.readline()
    writer.close()
    # What was durable before stays; nothing came after.
    assert await stored() == 100


async def test_the_operators_own_is_for_all_and_a_false_one_for_none(api, tokens):
    assert await tokens.source_of("") is None
    for token in ("x" * 43, "错误", INGEST_TOKEN + "x"):
        sent = {"Authorization": f"Bearer {token}".encode().decode("latin-1")}
        answer = await Api(api.port).call("DELETE", f"/resumes/{'0' * 24}", headers=sent)
        assert answer.http == 403
