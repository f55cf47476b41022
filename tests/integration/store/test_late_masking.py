"""Resumes of the release before are masked before anybody sees them; killed anywhere, nothing is lost."""

from datetime import UTC, datetime

import msgspec
import pytest
from bson import ObjectId

from store.migrations import late_masking
from store.migrations.late_masking import is_masked, mask_stored, masked_before
from store.migrations.migrations import MIGRATIONS, migrate
from store.results.result_filter import ResultFilter
from store.resumes.masked_texts import reveal
from store.resumes.resume_record import Resume
from store.resumes.resume_values import IncomingResume
from tests.integration.gates import Killed
from tests.support import python_resume

CONTACT = {"name": "林晚照", "phone": "13800001111", "email": "lin@example.com", "qq": "", "status": "public"}
TEXTS = {
    "address": "北京 13800001111",
    "self_evaluation": "林晚照，熟悉Python、MySQL、Linux，微信 lin_wz90",
    "job_target": {"job_career": "Python开发工程师 13800001111", "expectation_area": "北京"},
    "education": [{"school": "北京邮电大学", "degree": "本科", "major": "软件 lin@example.com"}],
}
NEEDLES = ("13800001111", "林晚照", "lin_wz90", "lin@example.com")
USER = str(ObjectId())


def body_of(**changes):
    sent = python_resume(**changes)
    return msgspec.to_builtins(msgspec.convert(sent, Resume))


class Former:
    """A database as the release before left it: feeds, and resumes that it scored or was about to score."""

    def __init__(self, stores, engine):
        self.stores, self.engine = stores, engine
        self.database = stores._database

    async def fill(self, scored, waiting=()):
        await self.engine.load()
        self.feed = await self.engine.submit(user=USER)
        await self.engine.score_feeds()
        self.ids = await self._save(scored)
        await self.engine.percolate()
        self.ids += await self._save(waiting)
        long_ago = {"queued_at": datetime(2026, 1, 1, tzinfo=UTC)}
        await self.database.resumes.update_many({}, {"$unset": {"masked": ""}, "$set": long_ago})
        return self.ids

    async def _save(self, bodies):
        batch = [
            IncomingResume(
                source="s",
                source_id=str(ObjectId()),
                digest=str(ObjectId()),
                body=body,
                contact=dict(CONTACT),
            )
            for body in bodies
        ]
        await self.stores.resumes.save(batch)
        # That they have one contact is of no matter here, and shall not make them one person.
        await self.database.resumes.update_many({"pending": True}, {"$set": {"contact.reach": []}})
        return [one.id for one in batch]

    async def show_again(self, field):
        """Leave the resumes as a release left them that did not mask what stands in one text."""
        for id_ in map(ObjectId, self.ids):
            resume = await self.database.resumes.find_one({"_id": id_})
            where, texts = self.database.resumes, "contact.texts"
            if not resume.get("contact"):
                where, texts = self.database.contacts, "texts"
            holder = await where.find_one({"_id": id_})
            kept = (holder.get("contact") or holder).get("texts", {})
            if field in kept:
                await where.update_one({"_id": id_}, {"$unset": {f"{texts}.{field}": ""}})
                await self.database.resumes.update_one({"_id": id_}, {"$set": {f"body.{field}": kept[field]}})

    async def migrate(self, name="_mask_contacts_in_texts"):
        names = [change.__name__ for change in MIGRATIONS]
        number = names.index(name) + 1
        await self.database.meta.update_one({"_id": "schema"}, {"$set": {"number": number - 1}}, upsert=True)
        await self.database.meta.update_one({"_id": "schema"}, {"$unset": {"held_by": ""}})
        assert await migrate(self.database, "me", MIGRATIONS[:number]) == [number]

    async def listed(self):
        pages = self.stores.results.each(
            self.feed.user, self.feed.id, ResultFilter(tier="all"), order="score", chunk=100
        )
        return {one.resume: one async for page in pages for one in page}

    async def shown(self):
        """All that is in what endpoints and engine read of resumes without a contact being unlocked."""
        names = ("profiles", "results")
        found = [await self.database[name].find({}).to_list(None) for name in names]
        return repr((found, await self.stores.resumes.bodies(self.ids)))

    async def kept(self):
        """Each resume's whole texts, as they stand in the database, masked already or not."""
        kept = []
        for id_ in map(ObjectId, self.ids):
            resume = await self.database.resumes.find_one({"_id": id_})
            texts = {}
            if is_masked(resume, await masked_before(self.database)):
                contact = resume.get("contact") or await self.database.contacts.find_one({"_id": id_})
                texts = contact.get("texts", {})
            kept.append(msgspec.to_builtins(reveal(msgspec.convert(resume["body"], Resume), texts)))
        return kept

    async def originals(self):
        """Each resume as the unlocked account sees it."""
        bodies = await self.stores.resumes.bodies(self.ids)
        contacts = await self.stores.contacts.disclose(USER, self.ids, "list", "r")
        return [msgspec.to_builtins(reveal(bodies[id_], contacts[id_].texts)) for id_ in self.ids]


@pytest.fixture
def former(stores, engine):
    return Former(stores, engine)


def needles_in(text):
    return [needle for needle in NEEDLES if needle in text]


@pytest.mark.gen_test
async def test_stored_resumes_are_masked_and_their_results_kept(former):
    plain, secretive = body_of(), body_of(**TEXTS)
    ids = await former.fill([plain, secretive], [body_of(**TEXTS)])
    before = await former.listed()
    assert needles_in(repr(before)) != []
    await former.database.results.update_one({"resume": ObjectId(ids[1])}, {"$set": {"read": True}})
    await former.migrate()
    # From the first moment on, before anything is scored anew.
    assert needles_in(await former.shown()) == []
    assert needles_in(repr(await former.database.resumes.find({}, {"contact": 0}).to_list(None))) == []
    assert await former.originals() == [plain, secretive, secretive]
    marks = [one.get("masked") for one in await former.database.resumes.find({}).to_list(None)]
    assert marks.count(None) == 1  # nothing is written of a resume that has nothing to mask
    states = await former.stores.resumes.states(ids)
    assert [states[id_].pending for id_ in ids] == [False, True, True]
    await former.engine.percolate()
    assert needles_in(await former.shown()) == []
    after = await former.listed()
    assert after.keys() == set(ids)
    assert [after[id_].score for id_ in ids] == [
        before[ids[0]].score,
        before[ids[1]].score,
        before[ids[1]].score,
    ]
    assert after[ids[1]].read is True
    assert after[ids[1]].pub_time == before[ids[1]].pub_time
    assert await former.originals() == [plain, secretive, secretive]


@pytest.mark.gen_test
async def test_killed_at_any_write_it_leaks_nothing_loses_nothing_and_is_made_to_its_end(former, monkeypatch):
    plain, secretive = body_of(), body_of(**TEXTS)
    whole = [secretive, plain, secretive, secretive]
    await former.fill(whole[:3], whole[3:])
    kills = 0
    while await killed(former, monkeypatch, after=kills):
        kills += 1
        assert await former.kept() == whole
    assert kills >= 5
    assert await former.originals() == whole
    assert needles_in(await former.shown()) == []
    await former.engine.percolate()
    assert (await former.listed()).keys() == set(former.ids)


@pytest.mark.gen_test
async def test_what_more_is_masked_than_before_is_masked_in_stored_resumes_wherever_it_is_killed(
    former, monkeypatch
):
    plain, secretive = body_of(), body_of(**TEXTS)
    whole = [plain, secretive, secretive]
    ids = await former.fill(whole[:2], whole[2:])  # of one the contact was moved, of the other not yet
    await former.migrate()
    await former.show_again("self_evaluation")
    # As it is of those that had nothing to mask then.
    long_ago = {"queued_at": datetime(2026, 1, 1, tzinfo=UTC)}
    await former.database.resumes.update_many({}, {"$unset": {"masked": ""}, "$set": long_ago})
    assert needles_in(await former.shown()) != []
    kills = 0
    while await killed(former, monkeypatch, after=kills, migration="_mask_more_in_texts"):
        kills += 1
        assert await former.kept() == whole
    assert kills >= 4
    assert needles_in(await former.shown()) == []
    assert needles_in(repr(await former.database.resumes.find({}, {"contact": 0}).to_list(None))) == []
    assert await former.originals() == whole
    await former.engine.percolate()
    assert await former.originals() == whole
    assert (await former.listed()).keys() == set(ids)
    await former.migrate("_mask_more_in_texts")
    states = await former.stores.resumes.states(ids)
    assert not any(state.pending for state in states.values())


@pytest.mark.gen_test
async def test_so_is_an_update_that_waits_and_says_nothing_of_whom_it_may_be_shown_to(former):
    """Its status is with the contact that was moved, and the contact that came with it has none."""
    ids = await former.fill([], [body_of(**TEXTS)])
    await former.migrate()
    await former.show_again("self_evaluation")
    await former.database.resumes.update_one({"_id": ObjectId(ids[0])}, {"$unset": {"contact.status": ""}})
    await former.migrate("_mask_more_in_texts")
    assert needles_in(await former.shown()) == []
    assert await former.kept() == [body_of(**TEXTS)]


@pytest.mark.gen_test
async def test_a_text_that_is_masked_no_more_is_not_lost_wherever_it_is_killed(former, monkeypatch):
    """Such as `微信（WeChat）小程序`, of which a word was masked."""
    whole = [body_of(**TEXTS)]
    await former.fill(whole)
    await former.migrate()
    masked_body = late_masking.masked_body

    def masks_less(body, contact):
        masked, originals = masked_body(body, contact)
        text = originals.pop("self_evaluation", masked["self_evaluation"])
        return {**masked, "self_evaluation": text}, originals

    monkeypatch.setattr(late_masking, "masked_body", masks_less)
    kills = 0
    while await killed(former, monkeypatch, after=kills, migration="_mask_more_in_texts"):
        kills += 1
        assert await former.kept() == whole
    assert kills >= 4
    bodies = await former.stores.resumes.bodies(former.ids)
    assert bodies[former.ids[0]].self_evaluation == TEXTS["self_evaluation"]
    assert await former.originals() == whole


async def killed(former, monkeypatch, *, after, migration="_mask_contacts_in_texts"):
    """Migrate, and end before the write that comes after so many; false where it has come to its end."""
    left = after

    def deadly(write):
        async def write_or_die(*args, **kwargs):
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed
            return await write(*args, **kwargs)

        return write_or_die

    with monkeypatch.context() as patch:
        for name in ("bulk", "delete_by_ids"):
            patch.setattr(late_masking, name, deadly(getattr(late_masking, name)))
        try:
            await former.migrate(migration)
        except Killed:
            return True
    return False


@pytest.mark.gen_test
async def test_what_the_release_before_takes_in_afterwards_is_masked_when_it_is_read(former):
    plain = body_of()
    ids = await former.fill([plain])
    await former.migrate()
    # An update, as that release writes it: the digest and the texts are new, and `masked` stays.
    changed = body_of(**TEXTS)
    await former.database.resumes.update_one(
        {"_id": ObjectId(ids[0])},
        {
            "$set": {
                "digest": "new",
                "body": changed,
                "contact": dict(CONTACT),
                "pending": True,
                "queued_at": datetime.now(UTC),
            },
            "$inc": {"rev": 1},
        },
    )
    assert needles_in(repr(await former.stores.resumes.bodies(ids))) == []
    assert needles_in(repr((await former.stores.resumes.load(ids))[0].body)) == []
    assert await former.originals() == [changed]
    await former.engine.percolate()
    assert await former.originals() == [changed]


@pytest.mark.gen_test
async def test_a_resume_that_changes_meanwhile_keeps_what_is_new(former, monkeypatch):
    ids = await former.fill([body_of(**TEXTS)])
    newer = {"digest": "newer", "masked": "newer", "body": body_of(address="上海")}
    write = late_masking.bulk

    async def overtaken(collection, writes):
        if collection.name == "resumes":
            await former.database.resumes.update_one({"_id": ObjectId(ids[0])}, {"$set": newer})
        return await write(collection, writes)

    monkeypatch.setattr(late_masking, "bulk", overtaken)
    await mask_stored(former.database, [ObjectId(ids[0])])
    assert (await former.stores.resumes.bodies(ids))[ids[0]].address == "上海"


@pytest.mark.gen_test
async def test_the_texts_of_a_resume_without_a_contact_are_kept_with_a_secret_one(former):
    ids = await former.fill([body_of(self_evaluation="电话13800001111")])
    await former.database.contacts.delete_many({})
    await former.migrate()
    (contact,) = await former.database.contacts.find({}).to_list(None)
    assert (contact["status"], contact["texts"]) == ("secret", {"self_evaluation": "电话13800001111"})
    assert (await former.stores.contacts.disclose(USER, ids, "list", "r"))[ids[0]].texts == {}
