"""Who prepares a resume: its owner, and others only where the owner does not come to it."""

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from engine.indexes.profiles import stored_profile
from engine.percolation import pending_resumes as module
from engine.percolation.pending_resumes import PendingResumes
from store.resumes.quarantine import Quarantine
from store.shards.shares import Share, Team
from tests.integration.engines import Engine
from tests.integration.percolation.sharing import shares_of
from tests.support import python_resume

EVERYBODY = Team(4, frozenset({1, 2, 3, 4}))
OWNER = Share(2, 4)
ORDER = [Share(number, 4) for number in (3, 4, 1)]
"""Those that come after the owner."""


@pytest.fixture
def one(engine, monkeypatch):
    """What one process of a share reads, of four whose patience is an hour."""
    monkeypatch.setattr(module, "_OWNER_PATIENCE", timedelta(hours=1))
    monkeypatch.setattr(module, "_CLAIMED_PATIENCE", timedelta(hours=10))
    return Process(engine, EVERYBODY)


class Process:
    """A process of whatever share a test says, and the resumes of one owner."""

    def __init__(self, engine: Engine, team: Team) -> None:
        self.engine, self.stores, self.team = engine, engine.stores, team
        self.analyzer = engine.percolator._analyzer
        self.stores.queue.team = self._team
        self.pending = self._new()

    async def _team(self) -> Team:
        return self.team

    def _new(self) -> PendingResumes:
        stores = self.stores
        return PendingResumes(stores.resumes, stores.profiles, stores.queue, self.analyzer.version)

    async def wait(self, *hours: float) -> list[str]:
        """Resumes of the owner that wait for so many hours."""
        ids: list[str] = []
        while len(ids) < len(hours):
            (id_,) = await self.engine.arrive(python_resume())
            if OWNER.covers(id_):
                queued = {"queued_at": datetime.now(UTC) - timedelta(hours=hours[len(ids)])}
                await self.stores._database.resumes.update_one({"_id": ObjectId(id_)}, {"$set": queued})
                ids.append(id_)
        return ids

    async def prepare(self, ids: list[str], version: str = "") -> None:
        """As the owner does."""
        profiles = [
            stored_profile(whole, self.analyzer.resume(whole.body), version or self.analyzer.version)
            for whole in await self.stores.resumes.load(ids)
        ]
        await self.stores.profiles.save(profiles)

    async def taken(self, share: Share, ids: list[str]) -> list[str]:
        """What a process of a share takes, which has seen nothing before."""
        self.pending = self._new()
        return await self.taken_now(share, ids)

    async def taken_now(self, share: Share, ids: list[str]) -> list[str]:
        self.stores.queue.share = share
        self.found = await self.pending.load(ids)
        return [one.id for one in self.found.resumes if one.id not in self.found.made]


@pytest.mark.gen_test
async def test_shares_prepare_what_its_owner_does_not_come_to_one_after_the_other(one):
    ids = await one.wait(0.5, 1.5, 2.5, 3.5)
    assert await one.taken(OWNER, ids) == ids
    taken = [await one.taken(share, ids) for share in ORDER]
    assert taken == [ids[1:], ids[2:], ids[3:]]
    assert await one.taken(Share(3, 3), ids) == [], "one of another number comes after all four"
    assert one.found.is_left
    one.team = Team(4)  # nobody knows who is there
    assert [await one.taken(share, ids) for share in ORDER] == taken


@pytest.mark.gen_test
async def test_an_owner_that_is_late_and_prepares_others_is_left_to_itself(one):
    late, prepared = await one.wait(9, 9)
    await one.prepare([prepared])
    for share in ORDER:
        assert await one.taken(share, [prepared, late]) == []
        assert [*one.found.made] == [prepared]
        assert one.found.is_left
        # And so it is while the resumes of later are looked at.
        assert await one.taken_now(share, [late]) == []
    # One that prepares nothing any more is not.
    assert await one.taken(ORDER[0], [late]) == [late]
    assert one.found.taken_over
    assert not one.found.is_left


@pytest.mark.gen_test
async def test_an_owner_that_is_not_there_is_not_waited_for(one):
    ids = await one.wait(0, 1.5)
    one.team = Team(4, frozenset({1, 3, 4}))
    assert [await one.taken(share, ids) for share in ORDER] == [ids, ids[1:], []]


@pytest.mark.gen_test
async def test_one_that_may_have_ended_its_owner_is_left_to_it_for_longer(one):
    ids = await one.wait(9, 11.5)
    await Quarantine(one.stores._database, OWNER).claim(ids, "gone", fewer_than=1)
    assert await one.taken(OWNER, ids) == ids
    assert [await one.taken(share, ids) for share in ORDER] == [ids[1:], [], []]
    assert not one.found.is_left
    one.team = Team(4, frozenset({1, 3, 4}))
    assert [await one.taken(share, ids) for share in ORDER] == [ids[1:], ids[1:], []]


@pytest.mark.gen_test
async def test_each_share_prepares_what_its_owner_has_prepared_by_other_rules(one):
    """Owners of another release make no profile that this one can score."""
    ids = await one.wait(0.5, 1.5)
    await one.prepare(ids, "other rules")
    for share in set(shares_of(4)) - {OWNER}:
        assert await one.taken(share, ids) == ids[1:]
        assert not one.found.taken_over, "nobody ended over it"
