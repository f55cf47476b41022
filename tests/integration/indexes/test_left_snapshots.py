"""Nobody who is erased is left in a snapshot, whoever has written it and whatever runs in its folder now."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from engine.indexes.left_snapshots import LeftSnapshots
from engine.indexes.resume_snapshots import file_of_resumes
from store.ends.erasures import LATE
from tests.api.scene import INGEST
from tests.integration.indexes.test_resume_snapshots import World
from tests.support import PYTHON_FEED, Api, Hr, eventually, python_resume

FRONT = "web"


class Folder(World):
    """A data directory with the snapshots of processes that have ended."""

    async def fill(self):
        """Twelve people, and a snapshot of them."""
        people = await self.save(*(python_resume() for _ in range(12)))
        await (await World.start(self))[1].save()
        return people

    async def erase(self, profile):
        await self.stores.erasures.erase(profile.resume)

    def front(self):
        """What looks after the file in a process without resumes."""
        return LeftSnapshots(file_of_resumes(self.folder, self.stores._database.name), self.stores.erasures)

    def age(self, ago):
        """Let all files be written so long ago."""
        at = (datetime.now(UTC) - ago).timestamp()
        for file in self.files:
            os.utime(file, (at, at))


@pytest.fixture
def folder(stores, analyzer, tmp_path, monkeypatch):
    return Folder(stores, analyzer, tmp_path, monkeypatch)


async def test_who_is_erased_goes_from_the_file_of_a_process_that_has_ended(folder):
    gone, *_ = await folder.fill()
    left = folder.front()
    await left.look()
    assert folder.holds(gone)
    await folder.erase(gone)
    await left.look()
    assert not folder.holds(gone)


async def test_who_was_erased_while_nobody_ran_goes_at_the_next_start_of_anybody(folder):
    gone, *_ = await folder.fill()
    await folder.erase(gone)
    folder.age(2 * LATE)
    long_ago = datetime.now(UTC) - 2 * LATE + timedelta(seconds=1)
    await folder.stores._database.erasures.update_many({}, {"$set": {"erased_at": long_ago}})
    await folder.front().look()
    assert not folder.holds(gone)


@pytest.mark.long
@pytest.mark.gen_test(timeout=240)
async def test_a_server_that_becomes_a_front_server_keeps_nobody_who_is_erased_in_a_file(start):
    process = await start().ready()
    hr = await Hr.register(process.port)
    await hr.submit(**PYTHON_FEED)
    (gone,) = await hr.scored(python_resume())
    assert process.stop() == 0
    (file,) = process.data_dir.glob("resumes-*.snapshot")
    assert bytes.fromhex(gone) in file.read_bytes()
    process = await start(roles=FRONT).ready()
    assert file.exists()
    assert (await Api(process.port).call("DELETE", f"/resumes/{gone}", headers=INGEST)).status == "ok"
    await eventually(lambda: not file.exists(), what="the file")
