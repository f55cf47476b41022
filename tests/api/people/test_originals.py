"""The original of a resume is for who has unlocked the contact, and no browser runs or shows it."""

import asyncio
from urllib.parse import unquote

import pytest
from tornado.simple_httpclient import HTTPStreamClosedError

from handlers.people.originals import shown_name
from services import building
from store.files.file_store import PIECE_BYTES
from store.files.originals import Original
from tests.files import FORM, PICTURE, MadeUpReader, form_of, resume_file
from tests.integration.gates import Gate
from tests.support import INGEST_TOKEN, PYTHON_FEED, Api, each, python_resume

INGEST = {"Authorization": f"Bearer {INGEST_TOKEN}", "Content-Type": FORM}
DATA = resume_file(1)


@pytest.fixture(autouse=True)
def reader(monkeypatch):
    made_up = MadeUpReader()
    monkeypatch.setattr(building, "FileReader", lambda workers: made_up)
    return made_up


async def listed(hr, data=DATA, name="张三的简历.pdf"):
    feed = await hr.submit(**PYTHON_FEED)
    body = form_of((name, data), source="51job", source_id="one")
    (row,) = (await hr.call("POST", "/resumes/file/", body=body, headers=INGEST))["results"]
    await hr.all_scored()
    return feed, row["id"]


async def unlock(hr, feed, resume):
    assert (await hr.unlock(feed, resume)).status == "ok"


def url(resume):
    return f"/resumes/original/{resume}"


async def actions(server, resume):
    return [entry.action for entry in await server.stores.audit.reads_of(resume)]


async def test_it_is_locked_until_the_contact_is_unlocked_and_then_given_whole(server, hr):
    feed, resume = await listed(hr)
    for query in ({}, {"page": 1}):
        locked = await hr.get(url(resume), **query)
        assert (locked.http, locked.json.keys(), locked.status) == (200, {"status", "msg"}, "locked")
        assert "Content-Disposition" not in locked.headers
        assert "X-Original-Kind" not in locked.headers
        # What is kept of a person, as a note, unlocks nothing.
        assert (await hr.post(f"/resumes/comment/{resume}", {"content": "约了周五"})).status == "ok"
    assert "original" not in await actions(server, resume)
    await unlock(hr, feed, resume)
    given = await hr.get(url(resume))
    assert (given.http, given.body) == (200, DATA)
    headers = given.headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox;")
    assert headers["Cache-Control"] == "no-store"
    assert (headers["X-Original-Kind"], headers["X-Original-Pages"]) == ("pdf", "2")
    disposition = headers["Content-Disposition"]
    assert disposition.startswith(f"attachment; filename=\"{resume}.pdf\"; filename*=UTF-8''")
    assert unquote(disposition.rpartition("''")[2]) == "张三的简历.pdf"
    assert (await actions(server, resume)).count("original") == 1


async def test_head_says_what_there_is_and_shows_nothing(server, hr):
    feed, resume = await listed(hr)
    assert "X-Original-Kind" not in (await hr.call("HEAD", url(resume))).headers
    await unlock(hr, feed, resume)
    head = await hr.call("HEAD", url(resume))
    assert (head.http, head.body, head.headers["Content-Length"]) == (200, b"", str(len(DATA)))
    assert (head.headers["X-Original-Kind"], head.headers["X-Original-Pages"]) == ("pdf", "2")
    assert "original" not in await actions(server, resume)


async def test_pages_of_a_pdf_come_as_pictures(server, hr):
    feed, resume = await listed(hr)
    await unlock(hr, feed, resume)
    picture = await hr.get(url(resume), page=2)
    assert (picture.http, picture.headers["Content-Type"]) == (200, "image/png")
    assert picture.body == PICTURE + b"\x02"
    assert picture.headers["X-Original-Pages"] == "2"
    for page in (3, 0, -1, "x", 10**9):
        refused = await hr.get(url(resume), page=page)
        assert (refused.http, refused["errors"].keys()) == (400, {"page"})
    which = {"filename": "张三的简历.pdf"}
    change = {"$set": {"metadata.kind": "docx"}}
    await server.stores._database["originals.files"].update_one(which, change)
    assert (await hr.get(url(resume), page=1)).http == 400
    assert (await actions(server, resume)).count("original") >= 2


async def test_a_secret_one_is_given_to_nobody(hr):
    feed, resume = await listed(hr, resume_file(1, contact_status="secret"))
    assert (await hr.get(url(resume))).status == "secret"
    assert (await hr.unlock(feed, resume)).status == "secret"
    assert (await hr.get(url(resume), page=1)).status == "secret"


async def test_one_that_becomes_secret_at_the_very_moment_is_not_given(server, hr):
    feed, resume = await listed(hr)
    await unlock(hr, feed, resume)
    gate = Gate(server.stores.contacts, "disclose")
    asking = asyncio.create_task(hr.get(url(resume)))
    await gate.reached.wait()
    body = form_of(("a.pdf", resume_file(1, contact_status="secret")), source="51job", source_id="one")
    assert (await hr.call("POST", "/resumes/file/", body=body, headers=INGEST))["results"][0]["id"] == resume
    gate.open()
    assert (await asking).status == "secret"


async def test_a_resume_that_came_without_a_file_has_none(hr):
    feed, (plain,) = await hr.feed_with(python_resume())
    await unlock(hr, feed, plain)
    assert (await hr.get(url(plain))).http == 404


async def test_a_large_one_comes_in_pieces_and_one_that_lacks_a_piece_is_cut(server, hr):
    # Padded with blanks, which the reader of tests skips.
    data = DATA + b" " * (3 * PIECE_BYTES)
    feed, resume = await listed(hr, data)
    await unlock(hr, feed, resume)
    assert (await hr.get(url(resume))).body == data
    pieces = server.stores._database["originals.chunks"]
    await pieces.delete_one({"n": 2})
    with pytest.raises((HTTPStreamClosedError, AssertionError)):
        assert (await hr.get(url(resume))).http == 599
    await pieces.delete_many({})
    assert (await hr.get(url(resume))).http == (await hr.get(url(resume), page=1)).http == 404


async def test_a_web_page_with_scripts_is_never_shown_inline(server, hr):
    feed, resume = await listed(hr, name="简历.html")
    change = {"$set": {"metadata.kind": "html"}}
    await server.stores._database["originals.files"].update_one({}, change)
    await unlock(hr, feed, resume)
    given = await hr.get(url(resume))
    assert given.headers["Content-Type"] == "application/octet-stream"
    assert given.headers["Content-Disposition"].startswith("attachment;")
    assert given.headers["Content-Security-Policy"].startswith("sandbox;")


@each(
    "name, kind, shown",
    [
        ("简历.pdf", "pdf", "简历.pdf"),
        ("简历.PDF", "pdf", "简历.PDF"),
        ("简历.pdf.exe", "pdf", "简历.pdf.exe.pdf"),
        ("邮件.eml / 附件 1.docx", "docx", "附件 1.docx"),
        ("简历.doc", "html", "简历.doc.html"),
        ("简历", "", "简历"),
    ],
)
def test_it_is_saved_under_its_name_with_the_ending_of_what_it_is(name, kind, shown):
    original = Original(id="", name=name, kind=kind, pages=1, size=0, sha256="")
    assert shown_name(original) == shown


async def test_an_originals_name_is_in_no_byte_of_what_a_link_hands_over(hr, server):
    feed, resume = await listed(hr, name="林晚照13900001234简历.pdf")
    await unlock(hr, feed, resume)
    assert "13900001234" in (await hr.get(url(resume))).headers["Content-Disposition"]
    link = {"feed_id": feed, "resume_ids": [resume], "to": "王总"}
    token = (await hr.post("/handover/", link))["url"].partition("#review=")[2]
    for path, body in ((f"/review/{token}/", {}), (f"/review/{token}/{resume}/", {"verdict": "yes"})):
        answer = await Api(server.port).post(path, body)
        assert answer.status == "ok", answer.body
        everything = answer.body.decode() + str(dict(answer.headers))
        assert [one for one in ("林晚照", "13900001234", ".pdf", "original") if one in everything] == []
