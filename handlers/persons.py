"""`POST /resumes/join/`, `POST /resumes/part/`: the recruiter says whether two resumes are one person's.

It holds for the account alone, and until it says the opposite. Who is one person's by phone or e-mail, and
what follows from it, is `store.persons.persons`.
"""

from __future__ import annotations

import msgspec

from engine.learning.learner import Learner
from handlers.api.base import ApiHandler
from handlers.api.contract import FORM, JSON, Contract
from handlers.api.errors import BadRequest
from runtime.decoding import Id
from store.notes.candidate_records import CandidateRecords
from store.persons.persons import Persons


class Pair(msgspec.Struct):
    """Two resumes that are or were in the account's lists."""

    resume_id: Id
    other_id: Id


class DecisionHandler(ApiHandler):
    """Base of both endpoints."""

    changes_state = True
    methods = ("POST",)

    form: Pair
    records: CandidateRecords
    persons: Persons
    learner: Learner

    async def read_pair(self) -> tuple[str, str]:
        """The two resumes.

        Raises:
            BadRequest: They are one.
            NotFound: One of them never was in a list of the account.
        """
        # In one spelling: ids are taken in capitals too.
        one, other = self.form.resume_id.lower(), self.form.other_id.lower()
        if one == other:
            raise BadRequest({"other_id": ["应为另一份简历"]})
        for resume_id in (one, other):
            await self.records.require_listed(self.user_id, resume_id)
        return one, other


class JoinHandler(DecisionHandler):
    """`POST /resumes/join/`."""

    contract = Contract(
        "Take two resumes for one person's", body=Pair, body_kinds=(JSON, FORM), may_be_missing=True
    )

    async def handle(self) -> None:
        """Each list has the newest of the person's resumes from then on, and the others under it.

        Read, deleted, favourite, unlocked, marks and comments are the person's. `part` takes it back.
        """
        await self.persons.join(self.user_id, *await self.read_pair())
        self.learner.wake()
        self.ok()


class PartHandler(DecisionHandler):
    """`POST /resumes/part/`."""

    contract = Contract(
        "Take two resumes for two persons'", body=Pair, body_kinds=(JSON, FORM), may_be_missing=True
    )

    async def handle(self) -> None:
        """Each gets back what was done to it by itself, and neither is in `maybe_same` of the other any more.

        It holds whatever phones and e-mails they share; what one of them keeps secret stays so. `join` takes
        it back.
        """
        await self.persons.part(self.user_id, *await self.read_pair())
        self.learner.wake()
        self.ok()
