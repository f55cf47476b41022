"""One person over all sources: found by phone or e-mail, given out as JSON, and erased.

    person = await people.find(reach_of("13800001111", ""), "林晚照")
    await people.export(person)
    await people.erase(person)

A person here are the resumes that say the phone or the e-mail that is asked for, and one name: nothing that a
resume says leads to another one. Where several names say it, whoever acts has to name one. Contacts count
whether they are secret or not.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from bson import ObjectId

from runtime.clock import clock_text
from store.audit.audit import Audit
from store.by_ids import find_by_ids, object_ids
from store.ends.erasures import Erasures, Lists
from store.ends.suppressions import Suppressions
from store.errors import NotFound
from store.files.file_quarantine import FileQuarantine
from store.files.file_store import Torn
from store.files.originals import Originals
from store.files.tables import Tables
from store.gate import Gate
from store.mongo import Database
from store.persons.person_notes import Masked, PersonNotes, Traits
from store.persons.person_results import own_state
from store.persons.reach import folded_name
from store.results.result_documents import shown_of
from store.resumes.masked_texts import with_texts
from store.transactions import again_after_conflict

_HIDDEN = {"reach", "rev", "_id", "texts", "alike", "signature", "gender"}


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who was found.

    Attributes:
        resumes: Their ids, in order.
        reach: The phones and e-mails that were asked for.
        names: The names in these resumes, in whatever spelling, each once.
        contacts: The contact of each resume, as it is stored.
    """

    resumes: list[str]
    reach: list[str]
    names: list[str]
    contacts: dict[str, dict[str, Any]]

    @property
    def name(self) -> str:
        """Whom to refuse from then on, as names are compared; "" where no resume says a name."""
        return folded_name(self.names[0]) if self.names else ""


class SeveralNames(Exception):
    """Resumes of several names say what was asked for: it takes one of them to act."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"{len(names)} names use this")
        self.names = names


class ErasedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure did."""

    resumes: list[str]
    lists: Lists
    notes: Masked

    def told(self) -> dict[str, Any]:
        """The same, as operators read it."""
        return {
            "erased": self.resumes,
            "lists": len(self.lists),
            "notes_masked": self.notes.notes,
            "notes_with_the_name": [
                {"account": account, "resume_id": resume} for account, resume in self.notes.named
            ],
        }


class People:
    """Reads and erases in all collections. Belongs to one event loop."""

    def __init__(
        self, database: Database, erasures: Erasures, suppressions: Suppressions, audit: Audit, gate: Gate
    ) -> None:
        self._database = database
        self._gate = gate
        self._erasures = erasures
        self._suppressions = suppressions
        self._audit = audit
        self._notes = PersonNotes(database)
        self._originals = Originals(database)
        self._file_quarantine = FileQuarantine(database)
        self._tables = Tables(database)

    async def get(self, resume_id: str) -> Person:
        """Who one resume is of, by its contact alone.

        Raises:
            NotFound: There is no such resume.
        """
        found = await self._database.contacts.find_one({"_id": ObjectId(resume_id)})
        if found is None:
            raise NotFound(f"no resume {resume_id}")
        return Person(
            resumes=[resume_id],
            reach=found.get("reach", []),
            names=_names([found]),
            contacts={resume_id: found},
        )

    async def find(self, reach: Sequence[str], name: str = "") -> Person:
        """Find the resumes that say some phone or e-mail; without any where there is none.

        They say the name too, however it is spelled; resumes without a name are among them. "" is for all.
        """
        found = {id_: one for part in reach for id_, one in (await self._with(part)).items()}
        wanted = {"", folded_name(name)}
        contacts = {
            id_: one for id_, one in found.items() if not name or folded_name(_name_of(one)) in wanted
        }
        return Person(
            resumes=sorted(contacts), reach=sorted(reach), names=_names(contacts.values()), contacts=contacts
        )

    async def find_somebody(self, reach: Sequence[str], name: str = "", *, to_erase: bool = False) -> Person:
        """As `find`, for who wants to do something about the person.

        Where it is to erase them, whoever stands only in a file that got no place, or in a table, is found
        too, without any resume.

        Raises:
            NotFound: Nobody is found.
            SeveralNames: No name is given, and several say what was asked for.
        """
        found = await self.find(reach, name)
        if len(found.names) > 1:
            raise SeveralNames(found.names)
        if name and not found.names:
            found = msgspec.structs.replace(found, names=[name])
        if found.resumes or (to_erase and await self._is_in_files(reach)):
            return found
        raise NotFound("nobody is found")

    async def _is_in_files(self, reach: Sequence[str]) -> bool:
        return await self._file_quarantine.has(reach) or await self._tables.has(reach)

    async def summaries(self, person: Person) -> list[dict[str, Any]]:
        """Where each resume of a person came from, on what ground, and who it says they are."""
        fields = {"body": 0}
        documents = await find_by_ids(self._database.resumes, object_ids(person.resumes), fields)
        resumes = {str(document["_id"]): document for document in documents}
        found: list[dict[str, Any]] = _plain(
            [
                {
                    "resume_id": id_,
                    **summary(resumes.get(id_, {}), contact := person.contacts[id_]),
                    **{name: contact.get(name, "") for name in ("name", "phone", "email")},
                }
                for id_ in person.resumes
            ]
        )
        return found

    async def export(self, person: Person) -> list[dict[str, Any]]:
        """Everything that is stored of a person, one entry a resume, as values that JSON can hold."""
        documents = await find_by_ids(self._database.resumes, object_ids(person.resumes))
        resumes = {str(document["_id"]): document for document in documents}
        return [await self._export(id_, resumes.get(id_, {}), person.contacts[id_]) for id_ in person.resumes]

    async def erase(self, person: Person) -> ErasedPerson:
        """Erase what `find` found; the phones and e-mails with this name are refused from then on.

        Files that got no place go too where one of these can be read in them, or where a resume of the person
        has the name or the bytes of the file, and rows of uploaded tables that have the name too. What else
        cannot be read (a scan, an encrypted file) goes with its week.

        The notes of others are masked first, the rest is one transaction. Erasing again is harmless.
        """
        # What files are called is not known any more once their resume is gone, whoever erases it.
        files = await self._names_of(person.resumes)
        said = {one for contact in person.contacts.values() for one in contact.get("reach", ())}
        notes = await self._notes.mask(Traits({*person.reach, *said}, person.contacts.values()))
        # What a site calls the person is the site's word, and goes with them.
        reach = sorted({*person.reach, *(one for one in said if one.startswith("s:"))})
        for id_ in person.resumes:
            await self._audit.record(None, "erase", [id_], "")
        erased, lists = await self._erase(person, reach, files)
        return ErasedPerson(resumes=sorted(erased), lists=lists, notes=notes)

    @again_after_conflict
    async def _erase(
        self, person: Person, reach: Sequence[str], files: set[tuple[str, str]]
    ) -> tuple[set[str], Lists]:
        lists: Lists = set()
        async with self._database.transaction():
            # No upload that is under way stores any more of whom it has not found on the list.
            await self._gate.shut()
            ids = {*person.resumes, *await self._of_name(reach, person.name)}
            files = files | await self._names_of(sorted(ids))
            await self._suppressions.add(reach, person.name, sorted(ids))
            for id_ in sorted(ids):
                lists |= await self._erasures.erase_here(id_)
            await self._file_quarantine.erase(reach, files)
            await self._tables.erase(reach, [person.name])
        return ids, lists

    async def _of_name(self, reach: Sequence[str], name: str) -> set[str]:
        """The resumes that say a name, or none, and one of some phones or e-mails."""
        found = await self.find(reach)
        return {id_ for id_, one in found.contacts.items() if folded_name(_name_of(one)) in {"", name}}

    async def _names_of(self, ids: Sequence[str]) -> set[tuple[str, str]]:
        """What files of some resumes are called in the quarantine: by their sender, or by their bytes."""
        fields = {"source": 1, "source_id": 1}
        rows = await find_by_ids(self._database.resumes, object_ids(ids), fields)
        sources = {str(row["_id"]): row["source"] for row in rows}
        named = {(row["source"], row["source_id"]) for row in rows}
        for id_, source in sources.items():
            if original := await self._originals.find(id_):
                named.add((source, original.sha256))
        return named

    async def _with(self, reach: str) -> dict[str, dict[str, Any]]:
        """The contacts with a phone or e-mail, by resume."""
        found = await self._database.contacts.find({"reach": reach}).to_list(None)
        return {str(row["_id"]): row for row in found}

    async def _export(
        self, resume_id: str, resume: Mapping[str, Any], contact: Mapping[str, Any]
    ) -> dict[str, Any]:
        key = {"resume": ObjectId(resume_id)}
        results = await self._database.results.find(key).to_list(None)
        records = await self._database.candidate_records.find(key).to_list(None)
        handovers = await self._database.handovers.find({"resumes": key["resume"]}).to_list(None)
        reads = await self._audit.reads_of(resume_id, views=True)
        readers = {ObjectId(read.user) for read in reads}
        accounts = await find_by_ids(self._database.accounts, readers, {"company_name": 1})
        having = {row["company"] for row in (*results, *records, *handovers)}
        companies = await find_by_ids(self._database.companies, having, {"name": 1})
        names = {one["_id"]: one["company_name"] for one in accounts}
        names |= {one["_id"]: one["name"] for one in companies}

        def whose(id_: ObjectId) -> dict[str, str]:
            # A company goes by the account that made it, whose id it has.
            return {"account": str(id_), "company": names.get(id_, "")}

        exported: dict[str, Any] = _plain(
            {
                "resume_id": resume_id,
                **summary(resume, contact),
                "contact": {name: value for name, value in contact.items() if name not in _HIDDEN},
                "resume": with_texts(resume.get("body", {}), contact.get("texts", {})),
                "original": await self._original(resume_id),
                "sent_to_feeds": resume.get("send_to", []),
                "recommended_to_feeds": resume.get("partner_for", []),
                "listed": [
                    {
                        **whose(row["company"]),
                        "feed": row["feed"],
                        "since": row["pub_time"],
                        "score": row["score"],
                        "why": [msgspec.structs.asdict(one) for one in shown_of(row).why],
                        "tags": shown_of(row).tags,
                        "read": own_state(row).read,
                        "deleted": own_state(row).deleted,
                        "reasons": own_state(row).reasons,
                    }
                    for row in results
                ],
                "noted": [
                    {
                        **whose(row["company"]),
                        "favourite_since": row.get("watched_at"),
                        "contact_unlocked": row.get("unlocked_at"),
                        "marks": row.get("marks", []),
                        "comments": row.get("comments", []),
                        "taken_back": [*row.get("gone_marks", []), *row.get("gone_comments", [])],
                        "verdicts": row.get("verdicts", []),
                    }
                    for row in records
                ],
                "handed_over": [
                    {**whose(row["company"]), **{name: row[name] for name in ("to", "note", "created_at")}}
                    for row in handovers
                ],
                "read_by": [
                    {**whose(ObjectId(read.user)), "action": read.action, "at": read.at} for read in reads
                ],
            }
        )
        return exported

    async def _original(self, resume_id: str) -> dict[str, Any] | None:
        """The file that a resume was read from, its bytes in Base64; None where there is none."""
        original = await self._originals.find(resume_id)
        if original is None:
            return None
        try:
            data = b"".join([piece async for piece in self._originals.read(original)])
        except Torn:  # it is being deleted
            return None
        return {"name": original.name, "kind": original.kind, "base64": b64encode(data).decode()}


def summary(resume: Mapping[str, Any], contact: Mapping[str, Any]) -> dict[str, Any]:
    """Where a resume came from, on what ground, and since when it is here."""
    return {
        "source": resume.get("source", ""),
        "source_id": resume.get("source_id", ""),
        "consent": resume.get("consent", ""),
        "collected_at": resume.get("collected_at", ""),
        "arrived_at": resume.get("arrived_at"),
        "latest_news_at": contact.get("news_at"),
        "contact_status": contact.get("status", "secret"),
    }


def _name_of(contact: Mapping[str, Any]) -> str:
    return str(contact.get("name", "")).strip()


def _names(contacts: Iterable[Mapping[str, Any]]) -> list[str]:
    """The names in contacts; of two spellings of one name the first."""
    names = sorted({name for contact in contacts if (name := _name_of(contact))}, reverse=True)
    return sorted({folded_name(name): name for name in names}.values())


def _plain(value: Any) -> Any:
    """Stored values as JSON can hold them; a time as clients read it."""
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, datetime):
        return clock_text(value)
    return str(value) if isinstance(value, ObjectId) else value
