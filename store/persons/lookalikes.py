"""Lookalikes: which resumes may be one person's without a phone or e-mail that says so.

    likenesses = await likenesses_of(resumes)     # the keys are stored beside the contact
    await lookalikes.settle(likenesses, changed)  # both of each pair know the other

Each resume's document has the ids of those like it in `maybe_same`, so that a
list knows them without a query of its own.

Keys are written first, and pairs are looked for afterwards: of two processes that score the two of a pair at
once, the one that looks last finds both. A process that dies in between leaves the resume waiting to be
scored, and all of it is done again.

There are two grounds: the same full name with the same school and year of graduation, and texts that are
nearly the same. Texts are compared by MinHash (Broder 1997): the share of equal values in two signatures
estimates the share of five-character pieces that two texts have in common. By their `keys` those are found
that may be alike, which are then compared whole.

Nothing of this joins anybody. People copy each other's texts, and namesakes sit in one class: the recruiter
decides.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import msgspec
import numpy as np
from bson import ObjectId
from pymongo import UpdateMany, UpdateOne
from rensa import RMinHash

from runtime.nfkc import nfkc
from runtime.slices import Slices
from store.bulk import add_to_each, bulk, set_each
from store.by_ids import chunks, find_by_ids, find_by_keys, object_ids
from store.mongo import Database
from store.persons.persons import Persons
from store.persons.reach import folded_name, is_full_name
from store.results.result_documents import UNDER
from store.resumes.resume_values import IncomingResume
from store.transactions import again_after_conflict

ALIKE, ALIKE_OF_ONE_NAME = 0.8, 0.5
"""The share of pieces from which on texts are nearly the same: where a name is not known or not in full, and
where both have the same full name. Among 2,500 made-up people who copy sentences from each other, two
pairs of one surname have more than 0.5 in common, the most 0.77, and no pair of one name has 0.3. A text that
a site has laid out anew keeps all, one of which each job lost a seventh 0.84, one with a job less or more
some 0.7."""

_PIECE = 5
"""Characters of a piece. Words of one or two characters are everywhere; five are a turn of phrase."""

_FEWEST = 100
"""Different pieces that a text needs. Two short ones agree by chance: a title and a sentence."""

_MOST_CHARS = 20_000
"""Characters that are looked at, so that one text never holds the loop up."""

_VALUES = 128
"""Values of a signature, of 16 bits each. The share they estimate is off by 0.04 (one standard deviation)."""

_BANDS, _ROWS = 3, 4
"""Keys of a text, and values of the signature in each: texts are found that agree in all values of one. Of
those with 0.9 in common 96 in a hundred are found, with 0.1 one in three thousand. Each key costs the store
an entry of its index, and a look-up."""

_SEED = 20
_MOST_SCHOOLS = 2
_MAX_SCHOOL_CHARS = 200
"""Characters of a school's name that are looked at. For each bracket the rest is searched for the other one,
so that 100,000 of them would hold the loop up for a minute."""

_OTHER = re.compile(r"[^a-z\u4e00-\u9fff]+")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_IN_BRACKETS = re.compile(r"[(\[（【〔][^)\]）】〕\n]{0,64}[)\]）】〕]")
_FACTORS = [np.uint64(pow(0x9E3779B97F4A7C15, power, 2**64)) for power in range(1, _PIECE + 1)]


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """What resumes are compared by.

    Attributes:
        keys: Numbers of 63 bits. Resumes that share none are not alike.
        signature: `_VALUES` numbers of two bytes; empty where there is too little text.
        name: As it was sent; it may be masked (`林**`, `林女士`) or empty.
        gender: One character, or "".
    """

    keys: tuple[int, ...]
    signature: bytes
    name: str
    gender: str


def likeness_of(body: Mapping[str, Any], name: str) -> Likeness:
    """What a resume is compared by, its record masked or not: the same contact is masked alike everywhere.

    The name is "" where it is not known.
    """
    signature = _signature(body)
    name = folded_name(name)
    keys = {_key("name", name, *one) for one in _schools(body)} if is_full_name(name) else set()
    return Likeness(
        keys=tuple(sorted(keys | set(_bands(signature)))),
        signature=signature,
        name=name,
        gender=_gender(body.get("gender")),
    )


def is_alike(one: Likeness, other: Likeness) -> bool:
    """Whether two resumes may be one person's. It is the same either way round."""
    if one.gender and other.gender and one.gender != other.gender:
        return False
    if not names_agree(one.name, other.name):
        return False
    shared = set(one.keys).intersection(other.keys)
    if shared - {*_bands(one.signature)}:
        return True  # name, school and year
    least = ALIKE_OF_ONE_NAME if one.name == other.name and is_full_name(one.name) else ALIKE
    return bool(shared) and _share(one.signature, other.signature) >= least


def names_agree(one: str, other: str) -> bool:
    """Whether two names can be one person's: equal, or of one surname where a site hides the rest."""
    one, other = folded_name(one), folded_name(other)
    if not one or not other or one == other:
        return True
    return one[0] == other[0] and not (is_full_name(one) and is_full_name(other))


def _share(one: bytes, other: bytes) -> float:
    if not one or not other:
        return 0.0
    return float(np.mean(np.frombuffer(one, np.uint16) == np.frombuffer(other, np.uint16)))


def _signature(body: Mapping[str, Any]) -> bytes:
    pieces = _pieces(body)
    if len(pieces) < _FEWEST or len(np.unique(pieces)) < _FEWEST:
        return b""
    # As one array: of lists it makes a set on threads of its own, which takes thirty times as long.
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(
        pieces, [0, len(pieces)], num_perm=_VALUES, seed=_SEED
    )
    return np.array(matrix.to_rows()[0], np.uint32).astype(np.uint16).tobytes()


def _pieces(body: Mapping[str, Any]) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """The hash of every piece of the texts. Digits, marks and blanks are left out: sites set them anew."""
    text = "\n".join(_texts(body))[:_MOST_CHARS]
    text = _OTHER.sub("", nfkc(text).casefold())
    letters = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.uint64)
    count = max(len(letters) - _PIECE + 1, 0)
    hashes = np.zeros(count, np.uint64)
    for at, factor in enumerate(_FACTORS):
        hashes += letters[at : at + count] * factor
    hashes ^= hashes >> np.uint64(31)
    hashes *= np.uint64(0xBF58476D1CE4E5B9)
    hashes ^= hashes >> np.uint64(29)
    return hashes


def _texts(body: Mapping[str, Any]) -> Iterator[str]:
    yield str(body.get("self_evaluation") or "")
    for work in body.get("works") or ():
        yield str(work.get("job_desc") or "")


def _schools(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """School and year of graduation, of the latest schools that say both."""
    found = set()
    for school in body.get("education") or ():
        name = folded_name(_IN_BRACKETS.sub("", str(school.get("school") or "")[:_MAX_SCHOOL_CHARS]))
        years = _YEAR.findall(str(school.get("end_time") or ""))
        if len(name) > 1 and years:
            found.add((name, years[0]))
    return sorted(found, key=lambda one: (one[1], one[0]), reverse=True)[:_MOST_SCHOOLS]


def _bands(signature: bytes) -> Iterator[int]:
    size = 2 * _ROWS
    for band in range(_BANDS if signature else 0):
        yield _key(f"text{band}", signature[band * size : (band + 1) * size].hex())


def _key(*parts: str) -> int:
    digest = hashlib.blake2b("\n".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1  # MongoDB's integers have a sign


def _gender(value: object) -> str:
    text = folded_name(str(value or ""))
    return {"男": "男", "女": "女", "m": "男", "f": "女"}.get(text[:1], "")


MOST = 20
"""Resumes that one may be like. Where there are more, the text is everybody's, and none is shown."""

_WRITTEN = 50
"""Resumes that one command changes. Each takes the embedded store 1.3 ms, and on a busy machine ten times as
long: more in one would come near to the time that a command has."""

_FIELDS = {"alike": 1, "signature": 1, "gender": 1, "name": 1}


class Lookalikes:
    """Reads and writes `contacts` and `resumes`. Belongs to one event loop."""

    def __init__(self, database: Database, persons: Persons) -> None:
        self._database = database
        self._contacts = database.contacts
        self._resumes = database.resumes
        self._results = database.results
        self._persons = persons

    @again_after_conflict
    async def settle(self, likenesses: Mapping[str, Likeness], changed: Collection[str]) -> None:
        """Note who is like whom, once the keys are stored; those changed may have been like others."""
        # Of most nobody shares a key, and nothing is written.
        found = await self._with({key for one in likenesses.values() for key in one.keys})
        if changed or any(len(some) > 1 for some in _by_key(found).values()):
            async with self._database.transaction():
                await self._settle(likenesses, changed)

    async def _settle(self, likenesses: Mapping[str, Likeness], changed: Collection[str]) -> None:
        found = await self._with({key for one in likenesses.values() for key in one.keys})
        by_key = _by_key(found)
        await self._give_up(likenesses, by_key)
        pairs = await self._pairs(likenesses, found, by_key)
        # One that is erased meanwhile is like nobody any more.
        there = await find_by_ids(self._resumes, object_ids(pairs), {"_id": 1})
        pairs = {str(row["_id"]): pairs[str(row["_id"])] for row in there}
        before = await find_by_ids(self._resumes, object_ids(changed), {"maybe_same": 1})
        former = {str(row["_id"]): [*map(str, row.get("maybe_same", ()))] for row in before}
        parted: list[UpdateOne] = []
        own: dict[ObjectId, dict[str, Any]] = {}
        theirs: list[tuple[str, str]] = []
        for resume_id in likenesses:
            now, old = pairs.get(resume_id, set()), former.get(resume_id, [])
            if len(now) <= MOST + 1:  # else none of these is shown, and those that it has have enough
                parted += [_without(other, resume_id) for other in old if other not in now]
                theirs += [(other, resume_id) for other in sorted(now - likenesses.keys())]
            if now or old:
                own[ObjectId(resume_id)] = {"maybe_same": object_ids(sorted(now)[: MOST + 1])}
        writes = [set_each({id_: own[id_] for id_ in part}) for part in chunks(list(own), _WRITTEN)]
        for some in (*chunks(parted, _WRITTEN), *([write] for write in (*writes, *_with(theirs)))):
            await bulk(self._resumes, some)

    async def _give_up(self, likenesses: Mapping[str, Likeness], by_key: Mapping[int, Sequence[str]]) -> None:
        """Take keys that are everybody's from those of some resumes that are not among the first with them.

        So whoever has such a key is compared with a few, and not with thousands.
        """
        first = {key: sorted(ids)[: MOST + 2] for key, ids in by_key.items() if len(ids) >= MOST + 2}
        gone: dict[str, list[int]] = {}
        for resume_id, likeness in likenesses.items():
            if keys := [key for key in likeness.keys if key in first and resume_id not in first[key]]:
                gone[resume_id] = keys
        for part in chunks(list(gone), _WRITTEN):
            # One may lose another one's key too, which is everybody's as well.
            change = {"$pullAll": {"alike": sorted({key for id_ in part for key in gone[id_]})}}
            await self._contacts.update_many({"_id": {"$in": object_ids(part)}}, change)

    async def shown_to(
        self, company_id: str, alike: Mapping[str, Sequence[str]], groups: Mapping[str, Sequence[str]]
    ) -> dict[str, dict[str, str]]:
        """Who may be the same person as whom, as a company may see it; of most resumes nobody.

        It sees one resume of each other person, which is in one of its lists; those it parted are left out.
        Resumes are given with what `maybe_same` of each says, and with the other resumes of each one's
        person.

        Returns:
            By resume, those that may be the same person's, and a feed of the company that lists each.
        """
        like = await self._of_persons(alike, groups)
        asked = sorted({other for some in like.values() for other in some})
        if not asked:
            return {}
        theirs = await self._persons.groups_for(company_id, asked)
        parted = await self._persons.parted(company_id)
        listed = await self._listed(company_id, {id_ for one in asked for id_ in (one, *theirs[one])})
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

    async def _listed(self, company_id: str, resume_ids: Iterable[str]) -> dict[str, tuple[bool, str]]:
        """Those of some resumes that are in lists of a company: whether on top in one, and a feed."""
        company = {"company": ObjectId(company_id)}
        fields = {"resume": 1, "deleted": 1, "feed": 1}
        found = await find_by_ids(
            self._results, object_ids(sorted(resume_ids)), fields, key="resume", where=company
        )
        listed: dict[str, tuple[bool, str]] = {}
        for row in found:
            here = (row["deleted"] != UNDER, str(row["feed"]))
            listed[str(row["resume"])] = max(here, listed.get(str(row["resume"]), here))
        return listed

    async def _with(self, keys: Iterable[int]) -> dict[str, Likeness]:
        """The stored likenesses that have one of these keys, by resume."""
        rows = await find_by_keys(self._contacts, keys, _FIELDS, key="alike", most_each=MOST + 2)
        return {str(row["_id"]): likeness_from(row) for row in rows}

    @staticmethod
    async def _pairs(
        likenesses: Mapping[str, Likeness],
        found: Mapping[str, Likeness],
        by_key: Mapping[int, Sequence[str]],
    ) -> dict[str, set[str]]:
        pairs: dict[str, set[str]] = {}
        slices = Slices()
        for resume_id, likeness in likenesses.items():
            near = {other for key in likeness.keys for other in by_key.get(key, ())} - {resume_id}
            alike = {other for other in near if is_alike(likeness, found[other])}
            if alike:
                pairs[resume_id] = alike
            await slices.rest()
        return pairs


async def likenesses_of(resumes: Sequence[IncomingResume]) -> dict[str, Likeness]:
    """What resumes as they arrive are compared by, by id."""
    slices = Slices()
    likenesses = {}
    for resume in resumes:
        likenesses[resume.id] = likeness_of(resume.body, str(resume.contact.get("name") or ""))
        await slices.rest()
    return likenesses


def _by_key(found: Mapping[str, Likeness]) -> dict[int, list[str]]:
    by_key: dict[int, list[str]] = {}
    for resume_id, likeness in found.items():
        for key in likeness.keys:
            by_key.setdefault(key, []).append(resume_id)
    return by_key


def likeness_fields(likeness: Likeness) -> dict[str, Any]:
    """The fields of a contact that hold a likeness; its name is the contact's own."""
    return {"alike": list(likeness.keys), "signature": likeness.signature, "gender": likeness.gender}


def likeness_from(row: Mapping[str, Any]) -> Likeness:
    """A likeness from its contact."""
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
