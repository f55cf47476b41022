"""The quarantine at the desk: resumes that could not be scored, and files that got no place."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar
from urllib.parse import quote

import msgspec

from handlers.admin.desk import DeskHandler, PageOk, Paging
from handlers.api.contract import JSON, Contract, Moment, Ok, Shape
from handlers.api.errors import BadRequest
from handlers.resume_files import FileResult, shown_file
from handlers.resume_view import ResumeView, resume_view
from handlers.uploads import busy
from intake.files.reader import ReaderBusy
from intake.filing import Filing
from intake.reasons import REFUSED
from runtime.clock import clock_text
from runtime.decoding import Id
from runtime.security_log import report
from store.erasures import Erasures
from store.errors import NotFound
from store.file_quarantine import KEPT, FileQuarantine, QuarantinedFile
from store.file_store import Torn
from store.quarantine import Quarantine, QuarantinedResume
from store.queue import WorkQueue
from store.resumes import Resumes

_MOST_IDS = 100
_MOST_FILES = 20
"""Files that are read again by one request: as many as one upload has."""


class QuarantinedRow(Shape):
    """A resume that could not be scored.

    Attributes:
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
    """The same with the resume, whose contact is masked."""

    resume: ResumeView


class QuarantineAnswer(PageOk):
    """One page of the quarantined resumes, the latest first."""

    items: list[QuarantinedRow]


class ItemAnswer(Ok):
    """One of them."""

    item: QuarantinedItem


class QuarantinedFileView(Shape):
    """A file that got no place.

    Attributes:
        name: As its sender called it; a viewer sees the ending alone, as files are called after people.
        kind: What its bytes are; "" where that is not known.
        reason: Why, in one word.
        text: The same for people.
        size: Bytes.
        until: When it goes.
    """

    id: Id
    name: str
    kind: str
    reason: str
    text: str
    source: str
    size: int
    at: Moment
    until: Moment


class FilesAnswer(PageOk):
    """One page of the files, the latest first."""

    items: list[QuarantinedFileView]


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


class ChosenFiles(msgspec.Struct):
    """Which files."""

    ids: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=_MOST_FILES)]


class CountAnswer(Ok):
    """How many there were; those that are gone meanwhile are left out."""

    count: Annotated[int, msgspec.Meta(ge=0)]


class ReadAgain(Shape):
    """What became of a file that was read again.

    Attributes:
        id: Of the file in quarantine.
        results: As an upload has them.
    """

    id: Id
    results: list[FileResult]


class RetryAnswer(Ok):
    """What became of each file; those that are gone meanwhile are left out."""

    results: list[ReadAgain]


class ResumesHandler(DeskHandler):
    """`GET /admin/api/quarantine/resumes/`."""

    contract = Contract("Resumes that could not be scored", query=Paging, answer=QuarantineAnswer)

    params: Paging
    quarantine: Quarantine

    async def handle(self) -> None:
        """Each was tried several times; its neighbours did not wait for it."""
        total = await self.quarantine.count()
        found = await self.quarantine.list(self.params.size, self.params.skip)
        self.ok(
            items=[QuarantinedRow(**_row(one)) for one in found],
            total=total,
            next_start=self.params.next_of(total),
        )


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
        view = resume_view(resume_id, bodies[resume_id])
        self.ok(item=QuarantinedItem(**_row(found[0]), resume=view))


class ChangingHandler(DeskHandler):
    """Base of what changes the quarantine."""

    methods = ("POST",)
    needs_role = "admin"
    changes_state = True
    # A hundred steps, each of which has its own limit of time.
    deadline_s: ClassVar[float | None] = 30.0
    takes_turns = False


class RetryResumesHandler(ChangingHandler):
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


class DropResumesHandler(ChangingHandler):
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
            report("erasure", account=self.operator.id, outcome="ok", address=self.client_address())
        self.ok(count=len(found))


class FilesHandler(DeskHandler):
    """`GET /admin/api/quarantine/files/`."""

    contract = Contract("Files that got no place", query=Paging, answer=FilesAnswer)

    params: Paging
    files: FileQuarantine

    async def handle(self) -> None:
        """They are kept for a week."""
        total = await self.files.count()
        found = await self.files.list(self.params.size, self.params.skip)
        is_plain = self.operator.role == "admin"
        self.ok(
            items=[_file(one, is_plain=is_plain) for one in found],
            total=total,
            next_start=self.params.next_of(total),
        )


class ContentHandler(DeskHandler):
    """`GET /admin/api/quarantine/files/{file_id}/content/`."""

    contract = Contract("A file that got no place", other_answer="application/octet-stream")
    needs_role = "admin"
    # Up to 10 MiB, which the store gives piece by piece.
    deadline_s = 20.0

    files: FileQuarantine

    async def handle(self, file_id: str) -> None:
        """As it was sent, as an attachment: it is a stranger's, to be opened with care."""
        file = await self.files.get(file_id)
        if file is None:
            raise NotFound(f"file {file_id} is not in quarantine")
        try:
            data = await self.files.read(file)
        except Torn:  # its week is over just now, or it was cut off while it came
            raise NotFound(f"file {file_id} is not whole") from None
        name = quote(file.name, safe="")
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
        self.set_header(
            "Content-Disposition", f"attachment; filename=\"{file_id}.bin\"; filename*=UTF-8''{name}"
        )
        self.finish(data)


class RetryFilesHandler(ChangingHandler):
    """`POST /admin/api/quarantine/files/retry/`."""

    contract = Contract("Have files read again", body=ChosenFiles, body_kinds=(JSON,), answer=RetryAnswer)
    deadline_s = None  # twenty files may take a minute, and each has its own limit

    form: ChosenFiles
    files: FileQuarantine
    filing: Filing

    async def handle(self) -> None:
        """As they were sent. Those that get a place leave the quarantine."""
        results: list[ReadAgain] = []
        for file_id in dict.fromkeys(self.form.ids):
            file = await self.files.get(file_id)
            if file is None:
                continue
            try:
                filed = await self.filing.take_again(file)
            except Torn:
                continue
            except ReaderBusy:
                if results:  # told of what was done; the others are tried again by whoever asks
                    break
                raise busy() from None
            results.append(ReadAgain(id=file_id, results=[shown_file(one) for one in filed]))
        self.ok(results=results)


class DropFilesHandler(ChangingHandler):
    """`POST /admin/api/quarantine/files/drop/`."""

    contract = Contract("Delete files that got no place", body=Chosen, body_kinds=(JSON,), answer=CountAnswer)

    form: Chosen
    files: FileQuarantine

    async def handle(self) -> None:
        """The same file may be sent again."""
        self.ok(count=await self.files.drop(self.form.ids))


def _row(one: QuarantinedResume) -> dict[str, Any]:
    return {
        "id": one.resume,
        "source": one.source,
        "source_id": one.source_id,
        "reason": one.reason,
        "at": clock_text(one.at),
        "tries": one.failures or one.crashed_attempts,
    }


def _file(one: QuarantinedFile, *, is_plain: bool) -> QuarantinedFileView:
    _, dot, ending = one.name.rpartition(".")
    return QuarantinedFileView(
        id=one.id,
        name=one.name if is_plain else f"***{dot}{ending[:5]}" if dot else "***",
        kind=one.kind,
        reason=one.reason,
        text=REFUSED.get(one.reason, one.reason),
        source=one.source,
        size=one.size,
        at=clock_text(one.at),
        until=clock_text(one.at + KEPT),
    )
