"""An erasure of a person that was interrupted leaves nothing: no resume, no file without a place, no row."""

import asyncio
from datetime import timedelta

import pytest
from bson import ObjectId

from store.errors import NotFound
from store.files.tables import Row, decode_rows, encode_rows, reach_in
from store.mongo import time_of
from store.persons import people as people_module
from tests.files import MadeUpReader, refused_file, resume_file
from tests.integration.gates import Gate, Killed, Trap
from tests.integration.intake.test_filing import SOURCE, filing_on, sha256, take

PHONE = "13900000001"
REACH = [f"p:{PHONE}"]
STEPS = ["_notes.mask", "_erasures.erase", "_let_uploads_end", "_file_quarantine.erase", "_tables.erase"]


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(people_module, "LATE_UPLOAD_S", 0.0)
    monkeypatch.setattr(people_module, "INTERRUPTED_S", 0.0)


@pytest.fixture
def people(with_key):
    return with_key.people


async def table_of(stores):
    rows = encode_rows([Row(2, ["卜1号", PHONE]), Row(3, ["别人", "13900000002"])])
    columns = {"sheet": "", "sheets": [""], "header": ["姓名", "电话"], "mapping": {0: "name", 1: "phone"}}
    about = {"file": "people.csv", "source": SOURCE, "rows": 2, **columns}
    return await stores.tables.create("0" * 64, parts=[(rows, reach_in(rows))], **about)


@pytest.mark.gen_test
async def test_two_who_are_erased_at_once_both_leave_the_part_of_a_table(stores, monkeypatch):
    await table_of(stores)
    find_one, readers, both = stores.tables._parts.find_one, [], asyncio.Event()

    async def found_by_both(*args):
        found = await find_one(*args)
        readers.append(args)
        if len(readers) > 1:
            both.set()
        await both.wait()
        return found

    monkeypatch.setattr(stores.tables._parts, "find_one", found_by_both)
    await asyncio.gather(
        stores.tables.erase(REACH, ["卜1号"]), stores.tables.erase(["p:13900000002"], ["别人"])
    )
    (part,) = await stores._database.table_parts.find({}).to_list(None)
    assert [len(row.cells) for row in decode_rows(bytes(part["data"]))] == [0, 0]
    assert part["reach"] == []


async def scene(stores):
    """A person's resume, files that got no place and a row; and a file and a row of somebody else."""
    filing, good = filing_on(stores, MadeUpReader()), resume_file(1)
    (filed,) = await take(filing, good, source_id="one")
    await take(filing, refused_file("no_text", "扫描"), source_id="one")  # known by its name
    await take(filing, refused_file("contract", reach=REACH), source_id="another")  # by what stands in it
    same = {"kind": "pdf", "reason": "no_text", "source": SOURCE}
    await stores.file_quarantine.add("a.pdf", good, sha256(good), **same)  # by its bytes
    await take(filing, refused_file("no_text", "别人的扫描"), source_id="somebody else")
    await table_of(stores)
    return filed.id


async def is_all_erased(stores):
    """Whether nothing is left of the person, nor what was noted meanwhile; and all of others."""
    database = stores._database
    assert await database.resumes.count_documents({}) == 0
    assert [one.source_id for one in await stores.file_quarantine.list(9)] == ["somebody else"]
    (part,) = await database.table_parts.find({}).to_list(None)
    assert [len(row.cells) for row in decode_rows(bytes(part["data"]))] == [0, 2]
    assert await stores.suppressions.unfinished() == []
    entries = await database.suppressions.find({}).to_list(None)
    return bool(entries) and not any(entry.keys() & {"reach", "names"} for entry in entries)


async def killed_in(people, step):
    """Erase the person, and be killed."""
    *owner, name = step.split(".")
    trap = Trap(getattr(people, owner[0]) if owner else people, name)
    with pytest.raises(Killed):
        await people.erase(await people.find_somebody(REACH, to_erase=True))
    trap.take_away()


@pytest.mark.gen_test
@pytest.mark.parametrize("step", STEPS)
async def test_one_that_is_killed_is_finished_with_files_rows_and_late_uploads(
    stores, with_key, people, step
):
    await scene(with_key)
    await killed_in(people, step)
    # An upload that looked into the list before the person was there, as whoever has no key sees it.
    (late,) = await take(filing_on(stores, MadeUpReader()), resume_file(1), source_id="late")
    await take(filing_on(stores, MadeUpReader()), refused_file("no_text", "又一份"), source_id="one")
    assert late.status == "accepted"
    await people.finish_erasures()
    assert await is_all_erased(with_key)


@pytest.mark.gen_test
@pytest.mark.parametrize("step", STEPS)
async def test_one_that_is_killed_is_finished_by_the_same_command(with_key, people, step):
    id_ = await scene(with_key)
    await killed_in(people, step)
    await with_key.erasures.erase(id_)  # by whoever finishes resumes
    await people.erase(await people.find_somebody(REACH, to_erase=True))
    assert await is_all_erased(with_key)
    with pytest.raises(NotFound):
        await people.find_somebody(REACH, to_erase=True)


@pytest.mark.gen_test
async def test_files_are_found_when_somebody_else_erases_the_resume_first(with_key, people):
    id_ = await scene(with_key)
    gate = Gate(people._notes, "mask")
    erasing = asyncio.create_task(people.erase(await people.find_somebody(REACH, to_erase=True)))
    await gate.reached.wait()
    await with_key.erasures.erase(id_)
    gate.open()
    assert (await erasing).resumes == [id_]
    assert await is_all_erased(with_key)


@pytest.mark.gen_test
async def test_one_that_is_at_work_is_left_alone(with_key, people, monkeypatch):
    monkeypatch.setattr(people_module, "INTERRUPTED_S", 3600.0)
    await scene(with_key)
    gate = Gate(people._notes, "mask")
    erasing = asyncio.create_task(people.erase(await people.find_somebody(REACH, to_erase=True)))
    await gate.reached.wait()
    await people.finish_erasures()
    (person,) = await with_key.suppressions.unfinished()
    assert person.reach == REACH
    assert await with_key._database.resumes.count_documents({}) == 1
    gate.open()
    await erasing
    assert await is_all_erased(with_key)


@pytest.mark.gen_test
async def test_one_process_finishes_it_and_another_where_that_one_is_killed(with_key, people, monkeypatch):
    monkeypatch.setattr(people_module, "INTERRUPTED_S", 60.0)
    id_ = await scene(with_key)
    await killed_in(people, "_notes.mask")

    async def make_older():
        then = await time_of(with_key._database) - timedelta(hours=1)
        await with_key._database.suppressions.update_many({}, {"$set": {"changed_at": then}})

    trap = Trap(people._erasures, "erase")
    await make_older()
    with pytest.raises(Killed):
        await people.finish_erasures()
    trap.take_away()
    await people.finish_erasures()  # somebody may be at it
    assert await with_key._database.resumes.count_documents({}) == 1
    await make_older()
    await asyncio.gather(*(people.finish_erasures() for _ in range(3)))
    assert await with_key._database.audit.count_documents({"action": "erase", "resumes": ObjectId(id_)}) == 1
    assert await is_all_erased(with_key)


@pytest.mark.gen_test
async def test_somebody_is_taken_over_by_one_process_with_all_that_belongs_to_them(with_key):
    suppressions, entries = with_key.suppressions, with_key.suppressions._entries
    one, two, three, somebody_else = sorted(["p:1", "p:2", "e:1@a.cn", "p:3"], key=suppressions._hash)
    await suppressions.add([one], "甲", ["a"])
    await suppressions.add([two], "甲", ["b"])
    await suppressions.add([somebody_else], "乙", ["c"])
    await suppressions.add([three], "甲", ["a", "b"])  # that of the same person which joins the others
    then = await time_of(with_key._database) - timedelta(hours=1)
    await with_key._database.suppressions.update_many({}, {"$set": {"changed_at": then}})
    found, as_others_see_it = [await suppressions.unfinished(60) for _ in range(2)]
    assert sorted((person.reach, person.resumes) for person in found) == sorted(
        [([one, two, three], ["a", "b"]), ([somebody_else], ["c"])]
    )
    (person,) = (person for person in found if len(person.reach) == 3)
    (seen,) = (person for person in as_others_see_it if len(person.reach) == 3)
    trap = Trap(entries, "update_many")
    with pytest.raises(Killed):  # when the first entry is taken
        await suppressions.take_over(person)
    trap.take_away()
    assert not await suppressions.take_over(seen)
    (left,) = await suppressions.unfinished(60)
    assert left.reach == [somebody_else]
    assert await suppressions.take_over(left)
    assert await suppressions.unfinished(60) == []


@pytest.mark.gen_test
@pytest.mark.parametrize("where", ["file", "table"])
async def test_whoever_has_no_resume_yet_is_erased_from_files_and_tables_and_refused(with_key, people, where):
    filing = filing_on(with_key, MadeUpReader())
    if where == "file":
        await take(filing, refused_file("contract", reach=REACH))
    else:
        await table_of(with_key)
    with pytest.raises(NotFound):  # there is nothing to show
        await people.find_somebody(REACH)
    with pytest.raises(NotFound):
        await people.find_somebody(["p:13900000003"], to_erase=True)
    erased = await people.erase(await people.find_somebody(REACH, to_erase=True))
    assert erased.resumes == []
    assert await with_key.file_quarantine.count() == 0
    assert not await with_key.tables.has(REACH)
    (filed,) = await take(filing, resume_file(1))
    assert (filed.status, filed.reason) == ("rejected", "erased")
