"""`POST /resumes/join/`, `POST /resumes/part/`: the recruiter says whether two resumes are one person's.

It holds for the account alone, and until it says the opposite. Who is one person's by phone or e-mail, and
what follows from it, is `store.persons.persons`.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.learning.feedback_learner import FeedbackLearner
from handlers.api.base import ApiHandler
from handlers.api.contract import Contract
from handlers.api.errors import BadRequest
from handlers.people.people import UnlockHandler
from runtime.decoding import Id
from store.errors import ListFull, PersonFull
from store.notes.candidate_records import CandidateRecords
from store.persons.person_groups import MOST_RESUMES
from store.persons.persons import MOST_DECISIONS, Persons

_FULL = {"other_id": [f"最多合并或分开 {MOST_DECISIONS} 对简历"]}
_PERSON_FULL = {"other_id": [f"合并后同一人最多 {MOST_RESUMES} 份简历"]}


class Pair(msgspec.Struct):
    """Two resumes that are or were in the account's lists."""

    resume_id: Id
    other_id: Id


class DecisionHandler(ApiHandler):
    """Base of both endpoints."""

    methods = ("POST",)

    form: Pair
    candidate_records: CandidateRecords
    persons: Persons
    learner: FeedbackLearner

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
            await self.candidate_records.require_listed(self.member, resume_id, "work")
        return one, other


class JoinHandler(DecisionHandler, UnlockHandler):
    """`POST /resumes/join/`."""

    contract = Contract("Take two resumes for one person's", body=Pair, may_be_missing=True)

    async def handle(self) -> None:
        """Each list has the newest of the person's resumes from then on, and the others under it.

        Read, deleted, favourite, unlocked, marks and comments are the person's. So where the account has
        unlocked one of the two, the other is unlocked too, and counts as one more contact of the day, unless
        they are one person's by phone or e-mail. `part` takes the join back, not the unlocking.
        """
        one, other = await self.read_pair()
        try:
            await self._unlock(await self.persons.if_joined(self.company_id, one, other))
            await self.persons.join(self.company_id, one, other)
        except ListFull:
            raise BadRequest(_FULL) from None
        except PersonFull:
            raise BadRequest(_PERSON_FULL) from None
        self.learner.wake()
        self.ok()

    async def _unlock(self, person: Sequence[str]) -> None:
        """Unlock the contact of a whole person of whom a part is unlocked.

        Raises:
            TooMany: The account may unlock no more, not even the first that has to be; nothing is unlocked.
        """
        unlocks = await self.records.unlocks(self.company_id, person)
        locked = [one for one in unlocks if not one.is_done]
        if not locked or len(locked) == len(unlocks):
            return
        if "secret" in (await self.contacts.statuses(self.company_id, person)).values():
            return  # they all will be
        await self.count(locked[0])
        await self.open(locked[0])
        await self.open_further(locked[1:])


class PartHandler(DecisionHandler):
    """`POST /resumes/part/`."""

    contract = Contract("Take two resumes for two persons'", body=Pair, may_be_missing=True)

    async def handle(self) -> None:
        """Each gets back what was done to it by itself, and neither is in `maybe_same` of the other any more.

        It holds whatever phones and e-mails they share; what one of them keeps secret stays so. `join` takes
        it back.
        """
        try:
            await self.persons.part(self.company_id, *await self.read_pair())
        except ListFull:
            raise BadRequest(_FULL) from None
        self.learner.wake()
        self.ok()
