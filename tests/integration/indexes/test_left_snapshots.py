"""Nobody who is erased is left in a snapshot, whoever has written it and whatever runs in its folder now."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from engine.indexes.left_snapshots import LeftSnapshots
from engine.indexes.resume_snapshots import OtherSnapshots
from store.ends.erasures import ENDED_FOR, LATE
from store.shards.shares import WHOLE, Share
from tests.integration.indexes.test_resume_snapshots import World
from tests.support import INGEST_TOKEN, PYTHON_FEED, Api, Hr, eventually, python_resume

FIRST, SECOND = Share(1, 2), Share(2, 2)
FRONT = "web,intake,notify"


class Folder(World):
    """A data directory with the snapshots of processes that have ended."""

    async def fill(self, *shares):
        """Twelve people or some more with a snapshot of each share; gives them by share."""
        by_share = await self.some_of_each(shares)
        for share in shares:
            await (await World.start(self, share=share))[1].save()
        return by_share

    async def erase(self, profile):
        await self.stores.erasures.erase(profile.resume)

    def process_of(self, own=None):
        """What looks after others' files in a process with a share of the resumes, or with none."""
        return LeftSnapshots(
            OtherSnapshots(self.folder, self.stores._database.name, own), self.stores.erasures
        )

    def age(self, ago):
        """Let all files be written so long ago."""
        at = (datetime.now(UTC) - ago).timestamp()
        for file in self.files:
            os.utime(file, (at, at))


@pytest.fixture
def folder(stores, analyzer, tmp_path, monkeypatch):
    return Folder(stores, analyzer, tmp_path, monkeypatch)


@pytest.mark.parametrize("own", [None, SECOND], ids=["a process without resumes", "one of another share"])
@pytest.mark.gen_test
async def test_who_is_erased_goes_from_the_file_of_a_process_that_has_ended(folder, own):
    (gone, *_), others = await folder.fill(FIRST, SECOND)
    left = folder.process_of(own)
    await left.look()
    assert folder.holds(gone)
    await folder.erase(gone)
    await left.look()
    assert not folder.holds(gone)
    assert folder.holds(others[0]), "what has nothing of them stays"


@pytest.mark.parametrize("own", [None, Share(4, 4)], ids=["without resumes", "of another share"])
@pytest.mark.gen_test
async def test_who_was_erased_while_nobody_ran_goes_at_the_next_start_of_anybody(folder, own):
    (gone, *_), others = await folder.fill(FIRST, SECOND)
    await folder.erase(gone)
    folder.age(2 * LATE)
    long_ago = datetime.now(UTC) - 2 * LATE + timedelta(seconds=1)
    await folder.stores._database.erasures.update_many({}, {"$set": {"erased_at": long_ago}})
    await folder.process_of(own).look()
    assert not folder.holds(gone)
    assert folder.holds(others[0])


@pytest.mark.gen_test
async def test_a_process_leaves_its_own_file_to_its_index(folder):
    (people,) = await folder.fill(WHOLE)
    left = folder.process_of(WHOLE)
    await left.look()
    await folder.erase(people[0])
    await left.look()
    assert folder.holds(people[1])


@pytest.mark.gen_test
async def test_what_a_neighbour_writes_after_an_erasure_stays(folder):
    (people,) = await folder.fill(WHOLE)
    left = folder.process_of()
    await left.look()
    await folder.erase(people[0])
    await left.look()
    assert not folder.holds(people[1])
    await (await World.start(folder))[1].save()
    await left.look()
    assert folder.holds(people[1])
    assert not folder.holds(people[0])


@pytest.mark.parametrize("is_old", [False, True])
@pytest.mark.gen_test
async def test_a_file_whose_writer_was_killed_is_one_like_any_other(folder, is_old):
    (people,) = await folder.fill(FIRST)
    (file,) = folder.folder.glob("*.snapshot")
    file.rename(file.with_name(f"{file.name}.new"))
    await folder.erase(people[0])
    if is_old:
        folder.age(2 * LATE)
        long_ago = datetime.now(UTC) - 2 * LATE + timedelta(seconds=1)
        await folder.stores._database.erasures.update_many({}, {"$set": {"erased_at": long_ago}})
    await folder.process_of().look()
    assert not folder.holds(people[0])


@pytest.mark.gen_test
async def test_a_file_of_another_database_is_let_be(folder):
    (people,) = await folder.fill(WHOLE)
    (file,) = folder.folder.glob("*.snapshot")
    other = file.rename(file.with_name(f"{file.stem}-too.snapshot"))
    await folder.erase(people[0])
    await folder.process_of().look()
    assert other.exists()


@pytest.mark.gen_test
async def test_a_file_that_is_older_than_what_is_known_of_ends_goes(folder):
    await folder.fill(WHOLE)
    folder.age(ENDED_FOR - timedelta(hours=1))
    await folder.process_of().look()
    assert len(list(folder.folder.glob("*.snapshot"))) == 1
    folder.age(ENDED_FOR + timedelta(hours=1))
    await folder.process_of().look()
    assert list(folder.folder.glob("*.snapshot")) == []


@pytest.mark.gen_test(timeout=240)
async def test_a_server_that_becomes_a_front_server_keeps_nobody_who_is_erased_in_a_file(start):
    process = await start().ready()
    hr = await Hr.register(process.port)
    await hr.submit(**PYTHON_FEED)
    (gone,) = (await hr.ingest(python_resume()))["ids"]
    await hr.all_scored()
    assert process.stop() == 0
    (file,) = process.data_dir.glob("resumes-*.snapshot")
    assert bytes.fromhex(gone) in file.read_bytes()
    process = await start(roles=FRONT).ready()
    assert file.exists()
    headers = {"Authorization": f"Bearer {INGEST_TOKEN}"}
    assert (await Api(process.port).call("DELETE", f"/resumes/{gone}", headers=headers)).status == "ok"

    async def is_deleted():
        return not file.exists()

    await eventually(is_deleted, what="the file")
