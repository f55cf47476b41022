"""Hand-overs: some people of a feed, shown by a link to somebody without an account, who judges them.

    id, token = await handovers.make(member, feed, resumes, to="王总", until=…, note="", title="", code="")
    handover = await handovers.find(token)            # None where it is false, over or revoked
    await handovers.require_code(handover, code)      # WrongCode where it wants another
    await handovers.judge(handover, resume, "yes", {}, "…")

Of the token only a hash is kept. What was said of a person stands in their candidate record, and ends with
it: in `verdicts`, from which feeds learn (`store.feeds.feedback`), and as a comment, of which there is one a
hand-over and person.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
from bson import ObjectId

from store.accounts.companies import Member
from store.accounts.sessions import token_hash
from store.by_ids import find_by_ids, object_ids
from store.documents import read_as
from store.errors import ListFull, NotFound, WrongCode
from store.gate import Gate
from store.ids import candidate_record_id, is_id, new_id
from store.mongo import Database
from store.notes.candidate_records import CandidateRecords
from store.persons.person_records import PersonRecords
from store.redis.events import Event
from store.results.result_counters import ResultCounters
from store.transactions import again_after_conflict

MOST_OPEN = 50
"""Hand-overs of an account that are not over; more are refused. A recruiter has some feeds, and hands a few
people of each over a week; with more, links would lie about of which nobody knows any more."""
MOST_SHOWN = 50
"""Hand-overs of a feed that are listed, the newest first."""
MOST_OPENINGS = 20
"""Openings of one that are listed; the audit has all."""
MOST_WRONG = 5
"""Wrong codes after which a hand-over rests."""
RESTS = timedelta(minutes=15)
"""How long it rests: with five tries each time, whoever has the link finds one code of seventy within a month
at the most."""
KEPT = timedelta(days=30)
"""How long one is still listed once it is over."""

Word = Literal["yes", "maybe", "no"]
_WORDS: Mapping[Word, str] = {"yes": "想见", "maybe": "再看看", "no": "不合适"}


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was said of a person.

    Attributes:
        reasons: Of those of a deletion, where it is `no`.
    """

    resume: str
    verdict: Word
    reasons: list[str]
    comment: str
    at: datetime


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """One hand-over.

    Attributes:
        to: Whom it is for, as its maker calls them.
        title: The feed's as it was then; it and the note name nobody who was handed over, erased ones too.
        resumes: Those handed over that were not erased since, in their order.
        openings: When it was opened, the newest last; of many the last `MOST_OPENINGS`.
    """

    id: str
    company: str
    feed: str
    by: str
    to: str
    note: str
    title: str
    resumes: list[str]
    created_at: datetime
    until: datetime
    revoked: bool
    openings: list[datetime] = []

    @property
    def maker(self) -> Member:
        """Who made it, in whose name it is read and written."""
        return Member(self.by, self.company)


class Handovers:
    """The collection `handovers`; `expiry` removes those that are over for long.

    The `key` is the server's `secret_key`: six digits alone are guessed from any other hash in a moment.
    """

    def __init__(
        self,
        database: Database,
        records: CandidateRecords,
        persons: PersonRecords,
        counters: ResultCounters,
        key: str,
    ) -> None:
        self._database = database
        self._handovers = database.handovers
        self._records = database.candidate_records
        self._verdicts = records
        self._persons = persons
        self._noting = counters.noting
        self._gate = Gate(database)
        self._key = hashlib.sha256(b"hand-over codes\0" + key.encode()).digest()

    @again_after_conflict
    async def make(
        self,
        member: Member,
        feed_id: str,
        resume_ids: Sequence[str],
        *,
        to: str,
        until: datetime,
        note: str,
        title: str,
        code: str,
    ) -> tuple[str, str]:
        """Hand people of a feed's list over; gives the hand-over's id, and the token that opens it.

        The resumes are each given once. The code is six digits that open it too; "" for none.

        Raises:
            NotFound: Somebody was erased in between.
            ListFull: The account has `MOST_OPEN` that are not over.
        """
        id_, token = new_id(), secrets.token_urlsafe(32)
        document = {
            "_id": ObjectId(id_),
            "token": token_hash(token),
            "company": ObjectId(member.company),
            "feed": ObjectId(feed_id),
            "by": ObjectId(member.user),
            "to": to,
            "note": note,
            "title": title,
            "resumes": object_ids(resume_ids),
            "created_at": datetime.now(UTC),
            "until": until,
            "revoked": False,
            **({"code": self._hash(id_, code)} if code else {}),
        }
        async with self._noting(member.company):
            if {*resume_ids} - await self._gate.spared(resume_ids):
                raise NotFound("somebody was erased")
            of_maker = {"by": document["by"], "until": {"$gt": datetime.now(UTC)}, "revoked": False}
            if await self._handovers.count_documents(of_maker) >= MOST_OPEN:
                raise ListFull
            await self._handovers.insert_one(document)
            await self._gate.enter()
        return id_, token

    async def find(self, token: str) -> Handover | None:
        """The hand-over that a token opens; None where it is false, over or revoked."""
        document = await self._handovers.find_one({"token": token_hash(token)})
        if document is None or document["revoked"] or document["until"] <= datetime.now(UTC):
            return None
        return read_as(Handover, document)

    async def list_for(self, company_id: str, feed_id: str) -> list[Handover]:
        """A feed's hand-overs, the newest first, `MOST_SHOWN` at most; those that are over too."""
        which = {"company": ObjectId(company_id), "feed": ObjectId(feed_id)}
        found = self._handovers.find(which).sort([("created_at", -1), ("_id", -1)]).limit(MOST_SHOWN)
        return [read_as(Handover, document) for document in await found.to_list(None)]

    async def feed_of(self, company_id: str, handover_id: str) -> str:
        """The feed whose people were handed over.

        Raises:
            NotFound: The company has no such hand-over.
        """
        document = await self._handovers.find_one(_own(company_id, handover_id), {"feed": 1})
        if document is None:
            raise NotFound(f"no hand-over {handover_id}")
        return str(document["feed"])

    async def revoke(self, company_id: str, handover_id: str) -> None:
        """End a hand-over; again is harmless."""
        await self._handovers.update_one(_own(company_id, handover_id), {"$set": {"revoked": True}})

    @again_after_conflict
    async def require_code(self, handover: Handover, code: str) -> None:
        """Check the code of a hand-over that has one. A wrong one counts; none at all does not.

        Raises:
            WrongCode: It is another one, or the hand-over rests, until when it says.
        """
        which, now = {"_id": ObjectId(handover.id)}, datetime.now(UTC)
        async with self._database.transaction():
            document = await self._handovers.find_one(which) or {}
            rests_until = document.get("rests_until", now)
            wanted = document.get("code", "")
            is_wrong = bool(wanted) and not hmac.compare_digest(wanted, self._hash(handover.id, code))
            if is_wrong and code and rests_until <= now:
                wrong = document.get("wrong", 0) + 1
                rests_until = now + RESTS if wrong >= MOST_WRONG else now
                fields = {"wrong": wrong % MOST_WRONG, "rests_until": rests_until}
                await self._handovers.update_one(which, {"$set": fields})
        if is_wrong or (wanted and rests_until > now):
            raise WrongCode(rests_until - now)

    async def note_opening(self, handover: Handover) -> None:
        """Note that it is opened now."""
        await self._handovers.update_one(
            {"_id": ObjectId(handover.id)},
            {"$push": {"openings": {"$each": [datetime.now(UTC)], "$slice": -MOST_OPENINGS}}},
        )

    async def verdicts(self, company_id: str, handovers: Iterable[Handover]) -> dict[str, list[Verdict]]:
        """What was said of the people of some hand-overs of a company, by hand-over, in their order."""
        some = list(handovers)
        records = {candidate_record_id(company_id, id_) for one in some for id_ in one.resumes}
        found = await find_by_ids(
            self._records,
            object_ids(sorted(records)),
            {"resume": 1, "verdicts": 1},
            where={"company": ObjectId(company_id)},
        )
        said = {
            (str(entry["handover"]), str(row["resume"])): entry
            for row in found
            for entry in row.get("verdicts", ())
        }
        return {
            one.id: [
                read_as(Verdict, said[one.id, id_], resume=id_)
                for id_ in one.resumes
                if (one.id, id_) in said
            ]
            for one in some
        }

    @again_after_conflict
    async def judge(
        self, handover: Handover, resume_id: str, verdict: Word, reasons: Mapping[str, str], comment: str
    ) -> None:
        """Note what is said of a person, in place of what was said before; the same again changes nothing.

        Reasons, of a no, are given by key with their labels; the comment is its own words.

        Raises:
            NotFound: They are not in the hand-over, or were erased, or it was revoked in between.
        """
        which = {"_id": ObjectId(handover.id), "revoked": False}
        entry: dict[str, Any] = {
            "handover": which["_id"],
            "feed": ObjectId(handover.feed),
            "verdict": verdict,
            "reasons": sorted(reasons) if verdict == "no" else [],
            "comment": comment,
            "at": datetime.now(UTC),
        }
        async with self._noting(handover.company) as transaction:
            now = await self._handovers.find_one(which, {"resumes": 1})
            if now is None or not is_id(resume_id) or ObjectId(resume_id) not in now["resumes"]:
                raise NotFound(f"nobody to judge in hand-over {handover.id}")
            if await self._verdicts.judge(handover.company, resume_id, entry):
                why = "，".join((_WORDS[verdict], *(reasons[name] for name in entry["reasons"])))
                word = f"{handover.to}：{why}。"
                # Where a person has as many comments as there may be, the list of hand-overs alone has it.
                for said in (f"{word}{comment}", word):
                    with suppress(ListFull):
                        await self._persons.say(handover.maker, resume_id, said, entry["handover"])
                        break
                transaction.tell(
                    Event("claim", company=handover.company, feed=handover.feed, resume=resume_id, said=True)
                )

    def _hash(self, handover_id: str, code: str) -> str:
        return hmac.new(self._key, f"{handover_id} {code}".encode(), "sha256").hexdigest()


def _own(company_id: str, handover_id: str) -> dict[str, Any]:
    """The query for one of the company's hand-overs."""
    return {"_id": ObjectId(handover_id), "company": ObjectId(company_id)}
