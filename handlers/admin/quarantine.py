"""Resumes at the desk that could not be scored: listed, shown, scored again, erased."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec

from handlers.admin.desk import AdminHandler, DeskHandler, PageOk, Paging, hidden, without_texts
from handlers.api.contract import JSON, Contract, Count, Moment, Ok, Shape
from handlers.api.errors import BadRequest
from handlers.views.resume_view import ResumeView, resume_view
from runtime.clock import clock_text
from runtime.decoding import Id
from store.ends.erasures import Erasures
from store.errors import NotFound
from store.redis.queue import WorkQueue
from store.resumes.quarantine import Quarantine, QuarantinedResume
from store.resumes.resumes import Resumes

_MOST_IDS = 100


class QuarantinedRow(Shape):
    """A resume that could not be scored.

    Attributes:
        source_id: What its source calls it; `***` for a viewer.
        reason: The kind of the error and where it happened; nothing of the resume's text.
        tries: How often it was tried, or how many processes ended over it.
    """

    id: Id
    source: str
    source_id: str
    reason: str
    at: Moment
    tries: int


class QuarantinedItem(QuarantinedRow):
    """The same with the resume, whose contact is masked; for a viewer each text of it is `***`."""

    resume: ResumeView


class QuarantineAnswer(PageOk):
    """One page of the quarantined resumes, the latest first."""

    items: list[QuarantinedRow]


class ItemAnswer(Ok):
    """One of them."""

    item: QuarantinedItem


class Chosen(msgspec.Struct):
    """Which of them."""

    ids: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=_MOST_IDS)]


class ChosenOrAll(msgspec.Struct):
    """Which of them: some, or all.

    Attributes:
        ids: Some.
        all: Or all that there are.
    """

    ids: Annotated[list[Id], msgspec.Meta(max_length=_MOST_IDS)] = []
    all: bool = False


class CountAnswer(Ok):
    """How many there were; those that are gone meanwhile are left out."""

    count: Count


class ResumesHandler(DeskHandler):
    """`GET /admin/api/quarantine/resumes/`."""

    contract = Contract("Resumes that could not be scored", query=Paging, answer=QuarantineAnswer)

    params: Paging
    quarantine: Quarantine

    async def handle(self) -> None:
        """Each was tried several times; its neighbours did not wait for it."""
        total = await self.quarantine.count()
        found = await self.quarantine.list(self.params.size, self.params.skip)
        items = [QuarantinedRow(**_row(one, is_plain=self.sees_people)) for one in found]
        self.ok(items=items, **self.params.of(total))


class ResumeHandler(DeskHandler):
    """`GET /admin/api/quarantine/resumes/{resume_id}/`."""

    contract = Contract("A resume that could not be scored", answer=ItemAnswer)

    quarantine: Quarantine
    resumes: Resumes

    async def handle(self, resume_id: str) -> None:
        """Phones, e-mails and the name are masked in it: what could not be scored is not for that."""
        found = await self.quarantine.find([resume_id])
        bodies = await self.resumes.bodies([resume_id])
        if not found or resume_id not in bodies:
            raise NotFound(f"{resume_id} is not in quarantine")
        view, is_plain = resume_view(resume_id, bodies[resume_id]), self.sees_people
        row = _row(found[0], is_plain=is_plain)
        self.ok(item=QuarantinedItem(**row, resume=view if is_plain else without_texts(view)))


class QuarantineHandler(AdminHandler):
    """Base of what changes the quarantine."""

    # A hundred steps, each of which has its own limit of time.
    deadline_s: ClassVar[float | None] = 30.0
    takes_turns = False


class RetryResumesHandler(QuarantineHandler):
    """`POST /admin/api/quarantine/resumes/retry/`."""

    contract = Contract("Have resumes scored again", body=ChosenOrAll, body_kinds=(JSON,), answer=CountAnswer)

    form: ChosenOrAll
    quarantine: Quarantine
    queue: WorkQueue

    async def handle(self) -> None:
        """They are scored at once; what fails again comes back."""
        if not (self.form.ids or self.form.all):
            raise BadRequest({"ids": ["请给出 ids，或 all=true"]})
        released = await self.quarantine.release(None if self.form.all else self.form.ids)
        await self.queue.add(released)
        self.ok(count=len(released))


class DropResumesHandler(QuarantineHandler):
    """`POST /admin/api/quarantine/resumes/drop/`."""

    contract = Contract("Erase quarantined resumes", body=Chosen, body_kinds=(JSON,), answer=CountAnswer)

    form: Chosen
    erasures: Erasures
    quarantine: Quarantine

    async def handle(self) -> None:
        """For good: the same is refused when it is sent again. Only what is in quarantine is erased."""
        found = [one.resume for one in await self.quarantine.find(self.form.ids)]
        if found:
            await self.note(found)
        for resume_id in found:
            await self.erasures.erase(resume_id, self.request_id)
            self.report("erasure", "ok", self.operator.id)
        self.ok(count=len(found))


def _row(one: QuarantinedResume, *, is_plain: bool) -> dict[str, Any]:
    return {
        "id": one.resume,
        "source": one.source,
        "source_id": one.source_id if is_plain else hidden(one.source_id),
        "reason": one.reason,
        "at": clock_text(one.at),
        "tries": one.failures or one.crashed_attempts,
    }
