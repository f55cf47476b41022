"""Resumes as files: each is told what became of it, and nobody waits for the files of others."""

import asyncio
from pathlib import Path

import pytest

from handlers.api import drain, multipart
from handlers.ingest import resume_files, uploads
from intake.reasons import REASONS
from services import building
from tests.files import FORM, MadeUpReader, form_of, mail_file, refused_file, resume_file
from tests.support import INGEST_TOKEN, PYTHON_FEED, eventually

URL = "/resumes/file/"
INGEST = {"Authorization": f"Bearer {INGEST_TOKEN}"}


@pytest.fixture(autouse=True)
def reader(monkeypatch):
    made_up = MadeUpReader()
    monkeypatch.setattr(building, "FileReader", lambda workers: made_up)
    return made_up


async def send(api, *files, headers=INGEST, **fields):
    body = form_of(*files, **{"source": "51job", **fields})
    return await api.call("POST", URL, body=body, headers={**headers, "Content-Type": FORM})


def statuses(answer):
    assert answer.http == 200, answer.body
    return [row["status"] for row in answer["results"]]


async def test_each_file_is_told_what_became_of_it_in_order(server, api):
    files = [
        ("一.pdf", resume_file(1)),
        ("二.pdf", refused_file("encrypted")),
        ("三.eml", mail_file(resume_file(2), refused_file("invoice"))),
        ("四.pdf", resume_file(3, to_confirm=True, name="")),
        ("../五.pdf", resume_file(1)),
        ("六.pdf", b"x" * (10 * 1024 * 1024 + 1)),
    ]
    answer = await send(api, *files)
    rows = answer["results"]
    assert [(row["file"], row["status"]) for row in rows] == [
        ("一.pdf", "accepted"),
        ("二.pdf", "rejected"),
        ("三.eml / 1.pdf", "accepted"),
        ("三.eml / 2.pdf", "rejected"),
        ("四.pdf", "to_confirm"),
        ("五.pdf", "duplicate"),
        ("六.pdf", "rejected"),
    ]
    assert [row["errors"] for row in rows[1::5]] == [
        {"file": [REASONS["encrypted"]]},
        {"file": [REASONS["too_large"]]},
    ]
    assert (rows[0]["id"], rows[1]["id"]) == (rows[5]["id"], None)
    assert all(row.keys() == {"file", "status", "id", "errors"} for row in rows)
    assert statuses(await send(api, *files)) == [
        *("duplicate", "rejected", "duplicate", "rejected", "duplicate", "duplicate", "rejected")
    ]
    metrics = (await api.get("/metrics")).body.decode()
    assert 'talentfeed_files_total{outcome="rejected",reason="too_large"} 2.0' in metrics
    assert "talentfeed_files_quarantined 2.0" in metrics


async def test_a_file_is_listed_like_any_other_resume_and_says_that_it_wants_a_look(hr):
    feed = await hr.submit(**PYTHON_FEED)
    sent = await hr.submit(title="护士")
    answer = await send(hr, ("a.pdf", resume_file(1, to_confirm=True)), source_id="a", send_to=f" {sent} ,")
    (row,) = answer["results"]
    assert row["status"] == "to_confirm"
    await send(hr, ("b.pdf", resume_file(2)))
    await hr.all_scored()
    by_id = {item["resume"]["id"]: item["to_confirm"] for item in await hr.results(feed)}
    assert sorted(by_id.values()) == [False, True]
    assert by_id[row["id"]] is True
    (item,) = await hr.results(sent)
    assert (item["resume"]["id"], item["to_confirm"]) == (row["id"], True)
    opened = await hr.get(f"/feed/get/{feed}/{row['id']}")
    assert opened["data"]["to_confirm"] is True
    await hr.get(f"/resumes/add_watch/{row['id']}", feed_id=feed)
    (favourite,) = (await hr.get("/resume/follow/list/"))["data"]
    assert favourite["to_confirm"] is True
    assert statuses(await send(hr, ("a.pdf", resume_file(1)), source_id="a", send_to=sent)) == ["updated"]
    await hr.all_scored()
    assert (await hr.get(f"/feed/get/{feed}/{row['id']}"))["data"]["to_confirm"] is False


async def test_a_file_that_is_sent_to_one_feed_after_the_other_is_in_both(sweeping, hr):
    first, second = [await hr.submit(title=title) for title in ("护士", "厨师")]
    file = ("a.pdf", resume_file(1))
    for feed, status in ((first, "accepted"), (second, "updated"), (second, "duplicate")):
        assert statuses(await send(hr, file, send_to=feed)) == [status]
    # It may come again by a way that knows of no feed, as from a folder.
    assert statuses(await send(hr, file)) == ["updated"]
    await hr.all_scored()
    for feed in (first, second):
        (item,) = await hr.results(feed, send=1)
        assert (item["tier"], item["user_read_status"]) == ("strong", "unread")


async def test_a_dry_run_says_what_was_read_and_stores_nothing(server, api):
    answer = await send(api, ("a.pdf", resume_file(1)), ("b.pdf", refused_file("contract")), dry_run="1")
    good, bad = answer["results"]
    assert (good["status"], good["id"], good["record"]["name"]) == ("accepted", None, "卜1号")
    assert good["confidence"] == {"name": 0.9}
    assert bad.keys() == {"file", "status", "id", "errors"}
    assert await server.stores.resumes.count() == await server.stores.file_quarantine.count() == 0


async def test_a_form_that_is_wrong_is_refused_before_any_file_is_read(api, reader):
    one = [("a.pdf", b"x")]
    for files, fields, named in (
        ([], {}, "file"),
        (one * 21, {}, "file"),
        (one, {"source": ""}, "source"),
        (one, {"source": "x" * 201}, "source"),
        (one * 2, {"source_id": "1"}, "source_id"),
        (one, {"source_id": "x" * 191}, "source_id"),
        (one, {"send_to": "x"}, "send_to"),
        (one, {"send_to": "f" * 24}, "send_to"),
        (one, {"dry_run": "yes"}, "dry_run"),
        (one, {"consent": "x"}, "consent"),
    ):
        answer = await send(api, *files, **fields)
        assert (answer.http, answer.status) == (400, "bad_request"), named
        assert answer["errors"].keys() == {named}
    for kind, body in (
        ("application/json", b"{}"),
        (FORM, b"{}"),
        (FORM, b""),
        ("multipart/form-data", b"x"),
    ):
        answer = await api.call("POST", URL, body=body, headers={**INGEST, "Content-Type": kind})
        assert (answer.http, answer.status) == (400, "bad_request")
    packed = {**INGEST, "Content-Type": FORM, "Content-Encoding": "gzip"}
    assert (await api.call("POST", URL, body=b"x", headers=packed)).http == 415
    assert reader.seen == []


async def test_a_token_of_one_source_takes_that_source_alone(server, api, reader):
    token = await server.stores.ingest_tokens.create("51job")
    headers = {"Authorization": f"Bearer {token}"}
    assert statuses(await send(api, ("a.pdf", resume_file(1)), headers=headers)) == ["accepted"]
    foreign = await send(api, ("a.pdf", resume_file(1)), headers=headers, source="zhilian")
    assert (foreign.http, foreign["errors"].keys()) == (400, {"source"})
    assert (await send(api, headers={"Authorization": "Bearer x"})).http == 403
    assert (await send(api, headers={})).http == 401
    assert reader.seen == ["a.pdf"]


async def raw(port, head, *pieces):
    """Send a request piece by piece; returns the answer."""
    stream, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"POST {URL} HTTP/1.1", "Host: x", f"Authorization: Bearer {INGEST_TOKEN}", *head]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    answer = await asyncio.wait_for(stream.read(), 40)
    writer.close()
    return answer.decode()


async def test_a_form_beyond_all_bounds_is_refused_by_its_length(api, monkeypatch):
    head = ["Content-Length: 999999999", f"Content-Type: {FORM}"]
    assert " 413 " in (await raw(api.port, head)).partition("\r\n")[0]
    monkeypatch.setattr(resume_files.FileHandler, "max_body_bytes", 100_000)
    body = form_of(("a.pdf", b"x" * 200_000), source="51job")
    chunks = [f"{len(body):x}\r\n".encode() + body + b"\r\n", b"0\r\n\r\n"]
    head = ["Transfer-Encoding: chunked", f"Content-Type: {FORM}"]
    assert " 413 " in (await raw(api.port, head, *chunks)).partition("\r\n")[0]


async def test_too_many_forms_at_once_are_told_to_come_again(server, api, reader, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_OF_ONE", 2)
    monkeypatch.setattr(uploads, "MOST", 3)
    reader.pause = asyncio.Event()
    mine = [asyncio.create_task(send(api, (f"{n}.pdf", resume_file(n)))) for n in range(2)]
    while len(reader.seen) < 2:
        await asyncio.sleep(0.01)
    refused = await send(api, ("x.pdf", resume_file(9)))
    assert (refused.http, refused.status, refused.headers["Retry-After"]) == (503, "unavailable", "5")
    headers = {"Authorization": f"Bearer {await server.stores.ingest_tokens.create('zhilian')}"}
    other = asyncio.create_task(
        send(api, ("y.pdf", resume_file(8)), headers=headers, source="zhilian")  # another source has room
    )
    while len(reader.seen) < 3:
        await asyncio.sleep(0.01)
    reader.pause.set()
    assert [statuses(answer) for answer in await asyncio.gather(*mine, other)] == [["accepted"]] * 3
    for _ in range(4):  # whoever has gone leaves room
        assert statuses(await send(api, ("z.pdf", resume_file(7))))[0] in {"accepted", "duplicate"}


async def test_who_goes_away_leaves_room_and_their_files_are_not_read_on(server, api, reader, monkeypatch):
    monkeypatch.setattr(uploads, "MOST", 1)
    reader.pause = asyncio.Event()
    body = form_of(*[(f"{n}.pdf", resume_file(n)) for n in range(3)], source="51job")
    stream, writer = await asyncio.open_connection("127.0.0.1", api.port)
    head = f"POST {URL} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {INGEST_TOKEN}\r\n"
    writer.write(f"{head}Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    await writer.drain()
    while not reader.seen:
        await asyncio.sleep(0.01)
    # The form's own, and that of `api`, if it is kept.
    there = server.services.metrics.connections._value.get()
    writer.close()

    await eventually(
        lambda: server.services.metrics.connections._value.get() < there,
        what="the server knows that the client went away",
    )
    reader.pause.set()
    while (answer := await send(api, ("z.pdf", resume_file(7)))).http == 503:
        await asyncio.sleep(0.02)
    assert statuses(answer) == ["accepted"]
    assert reader.seen == ["0.pdf", "z.pdf"]
    del stream


async def test_a_stopping_server_answers_a_form_that_it_is_reading(server, api, reader, monkeypatch):
    monkeypatch.setattr(drain, "PATIENCE_S", 0.2)
    reader.pause = asyncio.Event()
    sending = asyncio.create_task(send(api, ("a.pdf", resume_file(1)), ("b.pdf", resume_file(2))))
    while not reader.seen:
        await asyncio.sleep(0.01)
    server.stop()
    answer = await sending
    assert (answer.http, answer.status) == (503, "unavailable")
    reader.pause.set()


async def test_a_revoked_token_stops_between_two_files(server, api, reader, monkeypatch):
    monkeypatch.setattr(resume_files, "CHECK_AGAIN_S", 0.0)
    token = await server.stores.ingest_tokens.create("51job")
    reader.pause = asyncio.Event()
    headers = {"Authorization": f"Bearer {token}"}
    files = [("a.pdf", resume_file(1)), ("b.pdf", resume_file(2))]
    sending = asyncio.create_task(send(api, *files, headers=headers))
    while not reader.seen:
        await asyncio.sleep(0.01)
    (row,) = await server.stores.ingest_tokens.list()
    await server.stores.ingest_tokens.revoke(row.id)
    reader.pause.set()
    assert (await sending).http == 403
    assert reader.seen == ["a.pdf"]


@pytest.mark.parametrize("size", [100, 3 * 1024 * 1024], ids=["as it is read", "as it comes"])
async def test_where_the_disk_is_full_a_form_may_be_sent_again(server, api, monkeypatch, caplog, size):
    with monkeypatch.context() as full:
        full.setattr(multipart.tempfile, "TemporaryFile", lambda **_: Path("/dev/full").open("wb+"))  # noqa: SIM115 - it is closed with the form
        for _ in range(2 * uploads.MOST_OF_ONE):
            refused = await send(api, ("a.pdf", b"x" * size), ("b.pdf", b"x" * size))
            assert (refused.http, refused.status) == (503, "unavailable")
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    assert statuses(await send(api, ("a.pdf", resume_file(1)))) == ["accepted"]
