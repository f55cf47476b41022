"""A file that is taken in is durable with its original, or in quarantine with the reason; never both."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from typing import get_args

import gridfs
import pymongo
import pytest
from bson import ObjectId

from intake.files.outcome import Reason
from intake.filing import Filing
from intake.reasons import REASONS, Refusal
from intake.storing import Storing
from runtime.metrics import Metrics
from store.files import file_quarantine
from store.files.file_quarantine import KEPT
from store.files.file_store import PIECE_BYTES
from store.files.originals import OriginalFile, broken_originals
from store.ids import resume_id
from store.persons.reach import reach_of
from tests.files import MadeUpReader, mail_file, refused_file, resume_file
from tests.integration.gates import Killed, Trap

SOURCE = "51job"
DAY = timedelta(days=1)


@pytest.fixture
def reader():
    return MadeUpReader()


@pytest.fixture
def filing(stores, reader):
    return filing_on(stores, reader)


def filing_on(stores, reader):
    storing = Storing(stores.resumes, stores.feeds, stores.queue, lambda: None)
    return Filing(reader, stores.file_quarantine, storing, Metrics())


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def id_of(data):
    return resume_id(SOURCE, sha256(data))


async def take(filing, data, name="简历.pdf", **how):
    return await filing.take(name, data, source=SOURCE, **how)


async def original_of(stores, id_):
    original = await stores.originals.find(id_)
    return original and b"".join([piece async for piece in stores.originals.read(original)])


async def documents(stores, name):
    return await stores._database[name].find({}).to_list(None)


async def lengths(stores, *names):
    return [len(await documents(stores, name)) for name in names]


async def test_a_file_is_stored_with_its_original_and_recognised_when_it_comes_again(stores, filing):
    data = resume_file()
    (filed,) = await take(filing, data)
    assert (filed.file, filed.status, filed.id, filed.errors) == ("简历.pdf", "accepted", id_of(data), {})
    assert (filed.record, filed.confidence) == (None, None)
    assert (await stores.resumes.bodies([filed.id]))[filed.id].works[0].position_title == "Python开发工程师"
    original = await stores.originals.find(filed.id)
    assert (original.name, original.kind, original.pages) == ("简历.pdf", "pdf", 2)
    assert (original.size, original.sha256) == (len(data), sha256(data))
    assert await original_of(stores, filed.id) == data
    before = await documents(stores, "originals.files")
    (again,) = await take(filing, data)
    assert (again.status, again.id) == ("duplicate", filed.id)
    assert await documents(stores, "originals.files") == before
    assert await lengths(stores, "resumes", "originals.chunks", "file_quarantine.files") == [1, 1, 0]


async def test_a_large_original_has_pieces_and_any_tool_for_gridfs_reads_it(stores, filing, store_urls):
    data = resume_file(self_evaluation="长" * 600_000)[: PIECE_BYTES * 3]
    file = OriginalFile(name="a.pdf", data=data, sha256=sha256(data), kind="pdf", pages=1)
    (filed,) = await take(filing, resume_file())
    async with stores.transaction():
        await stores.originals.replace(filed.id, file)
    original = (await stores.originals.find(filed.id)).id
    assert len(await documents(stores, "originals.chunks")) == -(-len(data) // PIECE_BYTES) > 1
    client = pymongo.MongoClient(store_urls["mongo"])
    bucket = gridfs.GridFSBucket(client[stores._database.name], "originals")
    assert bucket.open_download_stream(ObjectId(original)).read() == data
    client.close()


async def test_the_newest_original_is_the_only_one(stores, filing):
    ids = {(await take(filing, resume_file(n), source_id="one"))[0].id for n in range(3)}
    assert ids == {resume_id(SOURCE, "one")}
    assert await original_of(stores, *ids) == resume_file(2)
    assert await lengths(stores, "originals.files", "originals.chunks") == [1, 1]
    other = resume_file(2).replace(b": ", b":  ")  # the same resume in another file
    assert (await take(filing, other, source_id="one"))[0].status == "duplicate"
    assert await original_of(stores, *ids) == other
    assert await lengths(stores, "originals.files", "originals.chunks") == [1, 1]


async def test_many_at_once_leave_one_original_which_the_resume_was_read_from(stores, filing):
    files = [resume_file(n) for n in range(8)]
    statuses = [
        filed.status
        for (filed,) in await asyncio.gather(*(take(filing, one, source_id="one") for one in files))
    ]
    assert statuses.count("accepted") == 1
    id_ = resume_id(SOURCE, "one")
    works = (await stores.resumes.bodies([id_]))[id_].works
    (number,) = [n for n in range(8) if f"第{n}份" in works[0].job_desc]
    assert await original_of(stores, id_) == files[number]
    assert await lengths(stores, "originals.files", "originals.chunks") == [1, 1]


async def test_a_mail_leaves_the_quarantine_once_it_can_be_read(stores, filing):
    data = mail_file(resume_file(1), refused_file("invoice"))
    about = {"kind": "eml", "reason": "too_slow", "source": SOURCE}
    await stores.file_quarantine.add("邮件.eml", data, sha256(data), **about)
    await take(filing, data, name="邮件.eml", dry_run=True)
    (kept,) = await stores.file_quarantine.list(10)
    assert [one.status for one in await filing.take_again(kept)] == ["accepted", "rejected"]
    assert [one.name for one in await stores.file_quarantine.list(10)] == ["邮件.eml / 2.pdf"]


async def test_what_a_mail_holds_are_outcomes_of_their_own(stores, filing):
    parts = [resume_file(1), refused_file("invoice"), resume_file(2), resume_file(1)]
    filed = await take(filing, mail_file(*parts), name="邮件.eml")
    assert [(one.file, one.status) for one in filed] == [
        ("邮件.eml / 1.pdf", "accepted"),
        ("邮件.eml / 2.pdf", "rejected"),
        ("邮件.eml / 3.pdf", "accepted"),
        ("邮件.eml / 4.pdf", "duplicate"),
    ]
    assert await original_of(stores, filed[0].id) == parts[0]
    assert [one.name for one in await stores.file_quarantine.list(10)] == ["邮件.eml / 2.pdf"]
    named = await take(filing, mail_file(*parts[:3]), name="邮件.eml", source_id="m")
    assert [one.id for one in named] == [resume_id(SOURCE, "m/1"), None, resume_id(SOURCE, "m/3")]
    (single,) = await take(filing, mail_file(parts[0]), name="邮件.eml", source_id="m")
    assert single.id == resume_id(SOURCE, "m")


async def test_to_confirm_is_stored_and_goes_with_a_complete_update(stores, filing):
    (filed,) = await take(filing, resume_file(to_confirm=True, name=""), source_id="one")
    assert filed.status == "to_confirm"
    assert (await stores.resumes.shown([filed.id]))[filed.id].to_confirm is True
    again = await take(filing, resume_file(to_confirm=True, name=""), source_id="one")
    assert again[0].status == "duplicate"
    assert (await take(filing, resume_file(), source_id="one"))[0].status == "updated"
    assert (await stores.resumes.shown([filed.id]))[filed.id].to_confirm is False
    assert (await take(filing, resume_file(to_confirm=True), source_id="two"))[0].status == "to_confirm"


async def test_a_dry_run_says_what_would_become_of_a_file_now(with_key, reader):
    stores, filing = with_key, filing_on(with_key, reader)

    async def foreseen(data, **sent):
        (filed,) = await take(filing, data, dry_run=True, **sent)
        return filed.status, filed.reason

    await take(filing, resume_file(1), source_id="one")
    assert await foreseen(resume_file(1), source_id="one") == ("duplicate", "")
    assert await foreseen(resume_file(1, address="杭州"), source_id="one") == ("updated", "")
    assert await foreseen(resume_file(1, to_confirm=True), source_id="one") == ("to_confirm", "")
    assert await foreseen(resume_file(1), send_to=["f" * 24]) == ("rejected", "feed")
    await stores.people.erase(await stores.people.find(reach_of("13900000001", "")))
    assert await foreseen(resume_file(1), source_id="one") == ("rejected", "erased")
    assert await foreseen(resume_file(1), source_id="two") == ("rejected", "erased")
    assert await lengths(stores, "resumes", "file_quarantine.files") == [0, 0]


async def test_what_gets_no_place_says_why_and_is_kept_once(stores, filing, reader):
    data = refused_file("no_text", "扫描的简历")
    for _ in range(2):
        (filed,) = await take(filing, data, source_id="x", name="扫描.pdf")
        assert (filed.status, filed.id, filed.reason) == ("rejected", None, "no_text")
        assert filed.errors == {"file": [REASONS["no_text"]]}
    (kept,) = await stores.file_quarantine.list(10)
    assert (kept.name, kept.reason, kept.source, kept.source_id) == ("扫描.pdf", "no_text", SOURCE, "x")
    assert (kept.size, kept.kind) == (len(data), "pdf")
    assert await stores.file_quarantine.read(kept) == data
    reader.forgives.add("no_text")  # as once OCR is installed
    assert (await take(filing, data))[0].status == "accepted"
    assert await lengths(stores, "file_quarantine.files", "file_quarantine.chunks") == [0, 0]


async def test_a_resume_beyond_the_bounds_of_the_record_is_refused_with_its_fields(stores, filing):
    (filed,) = await take(filing, resume_file(age=1000))
    assert (filed.status, filed.reason) == ("rejected", "invalid")
    assert filed.errors.keys() == {"file", "age"}
    (kept,) = await stores.file_quarantine.list(10)
    assert kept.reason == "invalid"
    (long,) = await take(filing, resume_file(works=[{"job_desc": "长" * 90_000}] * 12))
    assert (long.reason, long.errors.keys()) == ("invalid", {"file", "record"})


async def test_no_file_of_an_erased_person_is_kept_anywhere(with_key, reader):
    stores, filing = with_key, filing_on(with_key, reader)
    data = resume_file()
    await take(filing, data)
    await take(filing, refused_file("no_text"))
    await take(filing, refused_file("contract", reach=["p:18800000000", "p:13900000000"]))
    await take(filing, mail_file(refused_file("no_resume", reach=["e:bu0@example.com"])))
    await take(filing, resume_file(age=1000))  # invalid
    await stores.people.erase(await stores.people.find(reach_of("13900000000", "bu0@example.com")))
    assert await lengths(stores, "originals.files", "originals.chunks") == [0, 0]
    (again,) = await take(filing, data)
    assert (again.status, again.reason, again.id) == ("rejected", "erased", None)
    (other,) = await take(filing, resume_file(0, self_evaluation="又一份"), source_id="other")
    assert (other.reason, other.errors.keys()) == ("erased", {"phone"})
    assert await lengths(stores, "originals.files", "originals.chunks", "file_quarantine.files") == [0, 0, 1]


async def test_a_file_of_an_erased_person_that_gets_no_place_is_not_kept(with_key, reader):
    stores, filing = with_key, filing_on(with_key, reader)
    unread = refused_file("no_text", reach=["p:13900000000"])
    same = {"kind": "pdf", "reason": "no_text", "source": SOURCE}  # before anything could be read in it
    await stores.file_quarantine.add("a.pdf", unread, sha256(unread), **same)
    await stores.suppressions.add(reach_of("13900000000", ""), "卜0号", [])
    for data, reason in (
        (resume_file(age=1000), "invalid"),
        (refused_file("no_resume", reach=["p:13900000000"]), "no_resume"),
        (unread, "no_text"),
        (refused_file("no_resume", reach=["p:13900000009"]), "no_resume"),
    ):
        (filed,) = await take(filing, data)
        assert (filed.status, filed.reason) == ("rejected", reason)
    assert await lengths(stores, "file_quarantine.files", "file_quarantine.chunks") == [1, 1]
    assert not await stores.file_quarantine.has(["p:13900000000"])
    assert await stores.file_quarantine.has(["p:13900000009"])


async def test_the_check_finds_originals_that_nobody_names_and_names_of_none(stores, filing):
    (one,), (two,) = await take(filing, resume_file(1)), await take(filing, resume_file(2))

    async def broken():
        return [line async for line in broken_originals(stores._database, lambda _: None)]

    assert await broken() == []
    first = await stores.originals.find(one.id)
    resumes, files = stores._database.resumes, stores._database["originals.files"]
    await resumes.update_one({"_id": ObjectId(one.id)}, {"$unset": {"original": ""}})
    await files.delete_one({"metadata.resume": ObjectId(two.id)})
    lines = sorted(await broken())
    assert lines[0] == f"original {first.id} is not that of resume {one.id}"
    assert lines[1].startswith(f"resume {two.id} names the original ")


async def test_an_erasure_takes_the_original_with_it(stores, filing):
    (one,), (two,) = await take(filing, resume_file(1)), await take(filing, resume_file(2))
    await stores.erasures.erase(one.id)
    assert await original_of(stores, one.id) is None
    assert await original_of(stores, two.id) == resume_file(2)
    assert await lengths(stores, "originals.files", "originals.chunks") == [1, 1]
    await stores._database.resumes.update_one({"_id": ObjectId(two.id)}, {"$unset": {"pending": ""}})
    assert await stores.erasures.end(two.id, datetime.now(UTC))
    assert await lengths(stores, "originals.files", "originals.chunks") == [0, 0]


async def test_a_feed_that_is_not_there_rejects_the_file_and_keeps_nothing(stores, filing):
    (filed,) = await take(filing, resume_file(), send_to=[str(ObjectId())])
    assert (filed.status, filed.reason, filed.errors) == ("rejected", "feed", {"send_to": ["没有这个职位"]})
    assert await lengths(stores, "resumes", "originals.files") == [0, 0]


async def sweep(stores, later):
    return sum([one async for one in stores.retention.sweep_files(datetime.now(UTC) + later)])


async def test_whoever_is_killed_at_any_write_leaves_resume_and_original_as_they_were(stores, filing):
    (filed,) = await take(filing, resume_file(1), source_id="one")
    files = stores.resumes._originals._files
    for owner, name in ((files, "put"), (files._pieces, "insert_one"), (stores.resumes._gate, "enter")):
        trap = Trap(owner, name)
        for data, source_id in ((resume_file(2), "one"), (resume_file(3), "new")):
            with pytest.raises(Killed):
                await take(filing, data, source_id=source_id)
        trap.take_away()
        assert await original_of(stores, filed.id) == resume_file(1)
        assert await lengths(stores, "resumes", "originals.files", "originals.chunks") == [1, 1, 1]
    assert (await take(filing, resume_file(2), source_id="one"))[0].status == "updated"
    assert await original_of(stores, filed.id) == resume_file(2)


async def test_the_quarantine_ends_after_a_week_and_not_before(stores, filing, monkeypatch):
    await take(filing, refused_file("encrypted"))
    old = refused_file("corrupt")
    await take(filing, old)
    age = datetime.now(UTC) - KEPT + timedelta(minutes=1)
    which = {"metadata.reason": "corrupt"}
    await stores._database["file_quarantine.files"].update_one(which, {"$set": {"uploadDate": age}})
    await take(filing, old)  # comes again, and stays no longer for it
    assert await sweep(stores, timedelta(0)) == 0
    assert await stores.file_quarantine.count() == 2
    await stores._database["file_quarantine.files"].update_one(
        which, {"$set": {"uploadDate": age - timedelta(minutes=2)}}
    )
    (left,) = await stores.file_quarantine.list(10)  # at once, whenever it is swept
    assert (left.reason, await stores.file_quarantine.count()) == ("encrypted", 1)
    assert await sweep(stores, timedelta(0)) == 1
    assert await lengths(stores, "file_quarantine.files", "file_quarantine.chunks") == [1, 1]
    assert await sweep(stores, KEPT + DAY) == 1
    assert await lengths(stores, "file_quarantine.files", "file_quarantine.chunks") == [0, 0]


async def test_no_source_fills_the_quarantine(stores, filing, monkeypatch):
    monkeypatch.setattr(file_quarantine, "MOST", 3)
    for n in range(5):
        assert (await take(filing, refused_file("corrupt", str(n))))[0].reason == "corrupt"
    assert await stores.file_quarantine.count() == 3
    await filing.take("a", refused_file("corrupt"), source="other")
    assert await stores.file_quarantine.count() == 4


@pytest.mark.parametrize("failing", ["resumes.save", "file_quarantine.add"])
async def test_what_cannot_be_stored_is_not_acknowledged(stores, filing, failing):
    owner, name = failing.split(".")
    Trap(getattr(stores, owner), name)
    with pytest.raises(Killed):
        await take(filing, refused_file("corrupt") if owner == "file_quarantine" else resume_file())


def test_every_reason_has_words():
    reasons = {one for part in get_args(Refusal) for one in (get_args(part) or [part])}
    assert reasons == REASONS.keys() == set(get_args(Reason)) | {"invalid"}
    assert all("，" in text for text in REASONS.values())  # what is wrong, and what to do
