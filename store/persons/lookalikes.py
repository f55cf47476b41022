"""Lookalikes: which resumes may be one person's without a phone or e-mail that says so.

    likenesses = await lookalikes.read(resumes)
    await contacts.put(resumes, likenesses)       # the keys stand beside the contact
    await lookalikes.settle(likenesses, changed)  # both of each pair know the other

What is alike is `likeness`'s. Each resume's document has the ids of those like it in `maybe_same`, so that a
list knows them without a query of its own.

Keys are written first, and pairs are looked for afterwards: of two processes that score the two of a pair at
once, the one that looks last finds both. A process that dies in between leaves the resume waiting to be
scored, and all of it is done again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from bson import ObjectId
from pymongo import UpdateMany, UpdateOne

from runtime.slices import Slices
from store.bulk import add_to_each, bulk, set_each
from store.by_ids import chunks, find_by_ids, find_by_keys, object_ids
from store.mongo import Database
from store.persons.likeness import Likeness, is_alike, likeness_of
from store.persons.persons import Persons
from store.results.result_documents import UNDER
from store.resumes.resume_values import StoredResume

MOST = 20
"""Resumes that one may be like. Where there are more, the text is everybody's, and none is shown."""

_WRITTEN = 50
"""Resumes that one write changes."""

_FIELDS = {"alike": 1, "signature": 1, "gender": 1, "name": 1}


class Lookalikes:
    """Reads and writes `contacts` and `resumes`. Belongs to one event loop."""

    def __init__(self, database: Database, persons: Persons) -> None:
        self._contacts = database.contacts
        self._resumes = database.resumes
        self._results = database.results
        self._persons = persons

    async def read(self, resumes: Sequence[StoredResume]) -> dict[str, Likeness]:
        """What resumes are compared by, of those that have changed or were never compared.

        A contact that was moved before has its keys already.
        """
        names = {one.id: str(one.contact.get("name") or "") for one in resumes if one.contact}
        slices = Slices()
        likenesses = {}
        for resume in resumes:
            if resume.id in names:
                likenesses[resume.id] = likeness_of(resume.body, names[resume.id])
                await slices.rest()
        return likenesses

    async def settle(self, likenesses: Mapping[str, Likeness], changed: Collection[str]) -> None:
        """Note who is like whom, once the keys are stored.

        Args:
            likenesses: By resume.
            changed: Those of them that may have been like others before.
        """
        if not likenesses:
            return
        found = await self._with({key for one in likenesses.values() for key in one.keys})
        pairs = await self._pairs(likenesses, found)
        before = await find_by_ids(self._resumes, object_ids(changed), {"maybe_same": 1})
        former = {str(row["_id"]): [*map(str, row.get("maybe_same", ()))] for row in before}
        writes: list[UpdateOne | UpdateMany] = []
        own: dict[ObjectId, dict[str, Any]] = {}
        theirs: list[tuple[str, str]] = []
        for resume_id in likenesses:
            now, old = pairs.get(resume_id, set()), former.get(resume_id, [])
            writes += [_without(other, resume_id) for other in old if other not in now]
            theirs += [(other, resume_id) for other in sorted(now)]
            if now or old:
                own[ObjectId(resume_id)] = {"maybe_same": object_ids(sorted(now)[: MOST + 1])}
        writes += [set_each({id_: own[id_] for id_ in part}) for part in chunks(list(own), _WRITTEN)]
        writes += _with(theirs)
        await bulk(self._resumes, writes)

    async def shown_to(
        self, user_id: str, alike: Mapping[str, Sequence[str]], groups: Mapping[str, Sequence[str]]
    ) -> dict[str, dict[str, str]]:
        """Who may be the same person as whom, as an account may see it; of most resumes nobody.

        It sees one resume of each other person, which is in one of its lists; those it parted are left out.

        Args:
            user_id: The account.
            alike: Resumes, and what `maybe_same` of each says.
            groups: The same resumes, and the other resumes of each one's person.

        Returns:
            By resume, those that may be the same person's, and a feed of the account that lists each.
        """
        like = await self._of_persons(alike, groups)
        asked = sorted({other for some in like.values() for other in some})
        if not asked:
            return {}
        theirs = await self._persons.groups_for(user_id, asked)
        parted = await self._persons.parted(user_id)
        listed = await self._listed(user_id, {id_ for one in asked for id_ in (one, *theirs[one])})
        shown = {}
        for resume, some in like.items():
            person = {resume, *groups[resume]}
            others = {frozenset((other, *theirs[other])) for other in some if other not in person}
            seen = [
                min(there, key=lambda id_: (not listed[id_][0], id_))
                for other in others
                if (there := other & listed.keys())
                and not any((min(pair), max(pair)) in parted for pair in product(person, other))
            ]
            shown[resume] = {id_: listed[id_][1] for id_ in sorted(seen)}
        return shown

    async def _of_persons(
        self, alike: Mapping[str, Sequence[str]], groups: Mapping[str, Sequence[str]]
    ) -> dict[str, set[str]]:
        """Whom the resumes of each person are like; one that is like too many is like nobody."""
        further = object_ids(sorted({other for others in groups.values() for other in others} - alike.keys()))
        rows = await find_by_ids(self._resumes, further, {"maybe_same": 1})
        all_ = {**alike, **{str(row["_id"]): [*map(str, row.get("maybe_same", ()))] for row in rows}}
        return {
            resume: {
                other
                for id_ in (resume, *groups[resume])
                if len(some := all_.get(id_, ())) <= MOST
                for other in some
            }
            for resume in alike
        }

    async def _listed(self, user_id: str, resume_ids: Iterable[str]) -> dict[str, tuple[bool, str]]:
        """Those of some resumes that are in lists of an account: whether on top in one, and a feed."""
        user = {"user": ObjectId(user_id)}
        fields = {"resume": 1, "deleted": 1, "feed": 1}
        found = await find_by_ids(
            self._results, object_ids(sorted(resume_ids)), fields, key="resume", where=user
        )
        listed: dict[str, tuple[bool, str]] = {}
        for row in found:
            here = (row["deleted"] != UNDER, str(row["feed"]))
            listed[str(row["resume"])] = max(here, listed.get(str(row["resume"]), here))
        return listed

    async def _with(self, keys: Iterable[int]) -> dict[str, Likeness]:
        """The stored likenesses that have one of these keys, by resume."""
        rows = await find_by_keys(self._contacts, keys, _FIELDS, key="alike", most_each=MOST + 2)
        return {str(row["_id"]): _likeness(row) for row in rows}

    @staticmethod
    async def _pairs(
        likenesses: Mapping[str, Likeness], found: Mapping[str, Likeness]
    ) -> dict[str, set[str]]:
        by_key: dict[int, list[str]] = {}
        for resume_id, likeness in found.items():
            for key in likeness.keys:
                by_key.setdefault(key, []).append(resume_id)
        pairs: dict[str, set[str]] = {}
        slices = Slices()
        for resume_id, likeness in likenesses.items():
            near = {other for key in likeness.keys for other in by_key.get(key, ())} - {resume_id}
            alike = {other for other in near if is_alike(likeness, found[other])}
            if alike:
                pairs[resume_id] = alike
            await slices.rest()
        return pairs


def likeness_fields(likeness: Likeness) -> dict[str, Any]:
    """The fields of a contact that hold a likeness; its name is the contact's own."""
    return {"alike": list(likeness.keys), "signature": likeness.signature, "gender": likeness.gender}


def _likeness(row: Mapping[str, Any]) -> Likeness:
    return Likeness(
        keys=tuple(row["alike"]), signature=row["signature"], name=row.get("name", ""), gender=row["gender"]
    )


def _with(pairs: Iterable[tuple[str, str]]) -> list[UpdateMany]:
    """Add to each first resume the second; one that is named often is in as many writes."""
    rounds: list[dict[ObjectId, ObjectId]] = []
    times: Counter[str] = Counter()
    for resume_id, other in pairs:
        if times[resume_id] == len(rounds):
            rounds.append({})
        rounds[times[resume_id]][ObjectId(resume_id)] = ObjectId(other)
        times[resume_id] += 1
    has_room = {f"maybe_same.{MOST}": {"$exists": False}}
    return [
        add_to_each("maybe_same", {id_: round_[id_] for id_ in part}, where=has_room)
        for round_ in rounds
        for part in chunks(list(round_), _WRITTEN)
    ]


def _without(other: str, resume_id: str) -> UpdateOne:
    return UpdateOne({"_id": ObjectId(other)}, {"$pull": {"maybe_same": ObjectId(resume_id)}})


async def forget(database: Database, gone: Sequence[ObjectId]) -> None:
    """Take resumes that are no more out of the documents of those that were like them."""
    rows = await find_by_ids(database.resumes, gone, {"maybe_same": 1}, key="maybe_same")
    writes = [UpdateOne({"_id": row["_id"]}, {"$pull": {"maybe_same": {"$in": list(gone)}}}) for row in rows]
    await bulk(database.resumes, writes)
