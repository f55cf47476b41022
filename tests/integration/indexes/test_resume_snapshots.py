"""A start from a snapshot knows the same resumes as one that reads all, and no file keeps who is erased."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

import engine.indexes.snapshots
import engine.indexes.stored_resumes
import engine.indexes.watermark
from engine.indexes.resume_snapshots import snapshots_of_resumes
from engine.indexes.snapshots import SnapshotWriter
from engine.indexes.stored_resumes import StoredResumes
from engine.matching.feed_spec import FeedSpec
from engine.matching.score import snapshot
from store.ends.erasures import LATE
from tests.integration.gates import Gate
from tests.integration.indexes.test_stored_resumes import MANY, found, saved, written_at
from tests.support import nurse_resume, python_resume

NOTHING = timedelta(milliseconds=1)
TITLES = ("Python开发", "护士", "Java开发", "软件工程师")


class World:
    """One data directory, and processes that start and stop over one database."""

    def __init__(self, stores, analyzer, folder, monkeypatch):
        self.stores = stores
        self.analyzer = analyzer
        self.folder = folder
        self.read, self.asked = [], []
        load, changed_since = stores.profiles.load, stores.profiles.changed_since

        async def noted(ids):
            self.read.extend(ids)
            return await load(ids)

        def noted_since(since, overlap):
            self.asked.append(since)
            return changed_since(since, overlap)

        monkeypatch.setattr(stores.profiles, "load", noted)
        monkeypatch.setattr(stores.profiles, "changed_since", noted_since)

    async def save(self, *bodies, **changes):
        return await saved(self.stores, self.analyzer, *bodies, **changes)

    def process(self, most=MANY, version=None):
        stores, version = self.stores, version or self.analyzer.version
        snapshots = snapshots_of_resumes(self.folder, stores._database.name, stores.meta, version)
        resumes = StoredResumes(stores.profiles, stores.erasures, version, most, snapshots)
        return resumes, SnapshotWriter(snapshots, resumes, resumes.check_snapshot)

    async def start(self, **more):
        """Start a process.

        `read` then holds the resumes whose profiles it had to read, `asked` since when it asked for changes.
        """
        self.read.clear()
        self.asked.clear()
        resumes, writer = self.process(**more)
        await resumes.refresh()
        return resumes, writer

    async def check(self, resumes):
        """The process knows what one knows that has read everything."""
        fresh = StoredResumes(self.stores.profiles, self.stores.erasures, self.analyzer.version, MANY)
        await fresh.refresh()
        assert len(resumes) == len(fresh)
        assert sorted(resumes.of_other_rules) == sorted(fresh.of_other_rules)
        assert resumes.has_cold == fresh.has_cold
        for title in TITLES:
            assert matches(resumes, self.analyzer, title) == matches(fresh, self.analyzer, title)
        return found(resumes, self.analyzer)

    @property
    def files(self):
        return sorted(self.folder.glob("*.snapshot*"))

    def holds(self, profile):
        """Whether a file names a resume."""
        return any(bytes.fromhex(profile.resume) in file.read_bytes() for file in self.files)


def matches(resumes, analyzer, title):
    search = resumes.search(analyzer.feed(FeedSpec(title=title)))
    while not search.is_done:
        search.step()
    return search.best(MANY)


@pytest.fixture
def world(stores, analyzer, tmp_path, monkeypatch):
    return World(stores, analyzer, tmp_path, monkeypatch)


@pytest.fixture
def no_overlap(monkeypatch):
    """Polls find what was written last again, and nothing else that is known."""
    monkeypatch.setattr(engine.indexes.watermark, "POLL_OVERLAP", NOTHING)


async def written(world):
    return [change async for page in world.stores.profiles.changed_since(None, NOTHING) for change in page]


async def age(world, profiles, days=2):
    """Let profiles be written so long ago, one after the other."""
    for number, one in enumerate(profiles):
        at = datetime.now(UTC) - timedelta(days=days) + timedelta(seconds=number)
        await written_at(world.stores, one, at)


async def test_what_changed_since_the_snapshot_is_read_and_nothing_else(world, no_overlap):
    bodies = [python_resume() for _ in range(6)]
    everybody = await world.save(*bodies)
    await age(world, everybody)
    kept, changed, erased, again, cold, other = everybody
    _, writer = await world.start()
    await writer.save()
    await world.save(nurse_resume(source_id=bodies[1]["source_id"]))
    await world.stores.erasures.erase(erased.resume)
    await world.stores.erasures.erase(again.resume)
    assert await world.stores.erasures.lift(again.resume)
    await world.save(bodies[3])
    await world.save({**bodies[4], "age": 30})
    await world.stores.profiles.set_cold([cold.resume])
    await world.save({**bodies[5], "age": 30}, version="other rules")
    (added,) = await world.save(python_resume())
    resumes, _ = await world.start()
    assert sorted(world.read) == sorted([changed.resume, again.resume, added.resume])
    assert resumes.has_cold
    assert resumes.of_other_rules == [other.resume]
    assert await world.check(resumes) == {kept.resume, again.resume, added.resume}


async def test_who_was_erased_while_no_server_ran_is_forgotten_at_the_start(world, no_overlap):
    """However long ago, and also where theirs was the profile that was written last."""
    everybody = await world.save(*(python_resume() for _ in range(3)))
    await age(world, everybody)
    _, writer = await world.start()
    await writer.save()
    for one in everybody[1:]:
        await world.stores.erasures.erase(one.resume)
    long_ago = datetime.now(UTC) - 2 * LATE
    await world.stores._database.erasures.update_many({}, {"$set": {"erased_at": long_ago}})
    resumes, writer = await world.start()
    assert world.read == []
    assert await world.check(resumes) == {everybody[0].resume}
    assert not any(world.holds(one) for one in everybody)
    await writer.save()
    assert [world.holds(one) for one in everybody] == [True, False, False]
    await world.start()
    assert world.read == []


async def test_what_changes_while_a_snapshot_is_taken_is_known_after_it(world, no_overlap, monkeypatch):
    """Also what no profile tells of that is read anew: who became cold, and who was analysed on the spot."""
    monkeypatch.setattr(snapshot, "_SLICE_BYTES", 64)
    monkeypatch.setattr(snapshot, "_SLICE_NAMES", 2)
    bodies = [python_resume() for _ in range(8)]
    everybody = await world.save(*bodies)
    (other,) = await world.save(python_resume(), version="other rules")
    await age(world, [other, *everybody])
    resumes, writer = await world.start()
    turns = iter(range(1_000))

    async def change(_):
        turn = next(turns)
        if turn == 3:
            await world.stores.profiles.set_cold([everybody[0].resume])
            resumes.has_cold = True
            resumes.remove([everybody[0].resume])
        elif turn == 6:
            resumes.take(msgspec.structs.replace(other, version=world.analyzer.version))
        elif turn == 9:
            (changed,) = await world.save(nurse_resume(source_id=bodies[1]["source_id"]))
            resumes.put(changed, world.analyzer.resume(nurse_resume()))
        elif turn == 12:
            (added,) = await world.save(python_resume())
            resumes.put(added, world.analyzer.resume(python_resume()))

    with monkeypatch.context() as patch:
        patch.setattr(engine.indexes.stored_resumes.Slices, "rest", change)
        await writer.save()
    assert next(turns) > 12
    again, _ = await world.start()
    assert len(world.read) == 2
    assert (again.has_cold, again.of_other_rules) == (True, [other.resume])
    assert len(await world.check(again)) == 7


@pytest.mark.parametrize("other", ["rules", "database", "damaged"])
async def test_a_snapshot_of_something_else_is_not_used_and_does_not_stay(world, other, caplog):
    (one,) = await world.save(python_resume())
    _, writer = await world.start()
    await writer.save()
    (file,) = world.folder.glob("*.snapshot")
    more = {}
    if other == "rules":
        more["version"] = "other rules"
    elif other == "database":
        await world.stores._database.meta.delete_one({"_id": "database"})
    else:
        file.write_bytes(file.read_bytes()[:-1])
    resumes, writer = await world.start(**more)
    assert sum("is not used" in line for line in caplog.messages) == 1
    assert not file.exists()
    assert (resumes.of_other_rules if other == "rules" else world.read) == [one.resume]
    # What is written then is used, though nothing has changed.
    await writer.save()
    await world.start(**more)
    assert world.read == []


async def test_a_sound_file_that_makes_no_index_costs_a_line_and_no_more(world, caplog):
    await world.save(python_resume(), python_resume())
    resumes, writer = await world.start()
    stored = await resumes.snapshot()
    stored.snapshot.arrays["id"][:] = stored.snapshot.arrays["id"][0]
    await writer._snapshots.write(stored)
    resumes, _ = await world.start()
    assert "cannot be restored" in caplog.text
    assert len(world.read) == 2
    await world.check(resumes)


async def test_a_snapshot_of_what_a_restored_backup_does_not_have_is_not_used(world, caplog):
    body = python_resume()
    (early,) = await world.save(body)
    backup = [document async for document in world.stores._database.profiles.find()]
    await world.save({**body, "age": 30})
    await world.save(python_resume())
    _, writer = await world.start()
    await writer.save()
    await world.stores._database.profiles.delete_many({})
    await world.stores._database.profiles.insert_many(backup)
    resumes, _ = await world.start()
    assert "set back" in caplog.text
    assert world.read == [early.resume]
    assert resumes.rev_of(early.resume) == 1
    await world.check(resumes)


class TestErasure:
    async def test_a_snapshot_goes_at_once_and_the_next_one_is_without_the_person(self, world):
        kept, erased = await world.save(python_resume(), python_resume())
        resumes, writer = await world.start()
        await writer.save()
        assert world.holds(erased)
        # What a killed writer left behind goes too.
        (file,) = world.folder.glob("*.snapshot")
        file.with_name(file.name + ".new").write_bytes(file.read_bytes())
        await world.stores.erasures.erase(erased.resume)
        await resumes.refresh()
        assert not world.holds(kept)
        await writer.save()
        assert (world.holds(kept), world.holds(erased)) == (True, False)
        # The same erasure is seen for minutes, and drops no snapshot that came after it.
        await resumes.refresh()
        assert world.holds(kept)

    @pytest.mark.parametrize("seen", [True, False], ids=["and seen", "unseen"])
    async def test_who_is_erased_while_a_snapshot_is_written_is_in_no_file(self, world, seen):
        erased, _ = await world.save(python_resume(), python_resume())
        resumes, writer = await world.start()
        gate = Gate(writer._snapshots, "write")
        writing = asyncio.create_task(writer.save())
        await gate.reached.wait()
        await world.stores.erasures.erase(erased.resume)
        if seen:
            await resumes.refresh()
        gate.open()
        await writing
        assert not world.holds(erased)
        await writer.save()
        assert len(list(world.folder.glob("*.snapshot"))) == 1
        assert not world.holds(erased)

    async def test_who_is_erased_before_a_stop_is_not_in_the_last_snapshot(self, world):
        erased, _ = await world.save(python_resume(), python_resume())
        _, writer = await world.start()
        await world.stores.erasures.erase(erased.resume)
        await writer.save()
        assert len(list(world.folder.glob("*.snapshot"))) == 1
        assert not world.holds(erased)

    async def test_a_process_that_stood_still_for_long_forgets_whom_it_missed(self, world):
        erased, _ = await world.save(python_resume(), python_resume())
        resumes, _ = await world.start()
        resumes._looked_at -= 4 * LATE
        await world.stores.erasures.erase(erased.resume)
        long_ago = datetime.now(UTC) - 2 * LATE
        await world.stores._database.erasures.update_many({}, {"$set": {"erased_at": long_ago}})
        await resumes.refresh()
        assert resumes.rev_of(erased.resume) == 0
