"""An erasure of a person that was interrupted leaves nothing: no resume, no file without a place, no row."""

import asyncio

import pytest

from store.errors import NotFound
from store.files.tables import Row, decode_rows, encode_rows, reach_in
from tests.files import MadeUpReader, refused_file, resume_file
from tests.integration.gates import Gate, Killed, Trap
from tests.integration.intake.test_filing import SOURCE, filing_on, sha256, take

PHONE = "13900000001"
REACH = [f"p:{PHONE}"]
STEPS = [
    "_notes.mask",
    "_suppressions.add",
    "_erasures.erase_here",
    "_file_quarantine.erase",
    "_tables.erase",
]


@pytest.fixture
def people(with_key):
    return with_key.people


async def table_of(stores):
    rows = encode_rows([Row(2, ["卜1号", PHONE]), Row(3, ["别人", "13900000002"])])
    columns = {"sheet": "", "sheets": [""], "header": ["姓名", "电话"], "mapping": {0: "name", 1: "phone"}}
    about = {"file": "people.csv", "source": SOURCE, "rows": 2, **columns}
    return await stores.tables.create("0" * 64, parts=[(rows, reach_in(rows))], **about)


async def test_two_who_are_erased_at_once_both_leave_the_part_of_a_table(with_key, people):
    await table_of(with_key)
    found = [await people.find_somebody([one], to_erase=True) for one in (*REACH, "p:13900000002")]
    await asyncio.gather(*(people.erase(one) for one in found))
    (part,) = await with_key._database.table_parts.find({}).to_list(None)
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
    entries = await database.suppressions.find({}).to_list(None)
    return bool(entries) and not any(entry.keys() & {"reach", "names"} for entry in entries)


async def killed_in(people, step):
    """Erase the person, and be killed."""
    *owner, name = step.split(".")
    trap = Trap(getattr(people, owner[0]) if owner else people, name)
    with pytest.raises(Killed):
        await people.erase(await people.find_somebody(REACH, to_erase=True))
    trap.take_away()


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS)
async def test_one_that_is_killed_has_erased_nothing_and_is_done_by_the_same_command(with_key, people, step):
    await scene(with_key)
    files = await with_key.file_quarantine.count()
    await killed_in(people, step)
    assert await with_key._database.resumes.count_documents({}) == 1
    assert await with_key._database.suppressions.count_documents({}) == 0
    assert await with_key.file_quarantine.count() == files
    assert await with_key.tables.has(REACH)
    await people.erase(await people.find_somebody(REACH, to_erase=True))
    assert await is_all_erased(with_key)
    with pytest.raises(NotFound):
        await people.find_somebody(REACH, to_erase=True)


@pytest.mark.parametrize("step", ["_suppressed", "_write"])
async def test_an_upload_that_looked_into_the_list_before_is_refused(with_key, people, step):
    await scene(with_key)
    filing = filing_on(with_key, MadeUpReader())
    gate = Gate(with_key.resumes, step)
    late = asyncio.create_task(take(filing, resume_file(1), source_id="late"))
    await gate.reached.wait()
    await people.erase(await people.find_somebody(REACH, to_erase=True))
    gate.open()
    (filed,) = await late
    assert (filed.status, filed.reason) == ("rejected", "erased")
    assert await is_all_erased(with_key)


async def test_files_are_found_when_somebody_else_erases_the_resume_first(with_key, people):
    id_ = await scene(with_key)
    gate = Gate(people._notes, "mask")
    erasing = asyncio.create_task(people.erase(await people.find_somebody(REACH, to_erase=True)))
    await gate.reached.wait()
    await with_key.erasures.erase(id_)
    gate.open()
    assert (await erasing).resumes == [id_]
    assert await is_all_erased(with_key)


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
