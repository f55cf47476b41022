"""Files at the desk: resumes that are dropped there, and files that got no place.

These are listed, given out, read again and deleted. Sources have `/resumes/file/` for what they send.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from handlers.admin.desk import DeskHandler, PageOk, Paging, hidden_name
from handlers.admin.quarantine import Chosen, CountAnswer, QuarantineHandler
from handlers.api.contract import JSON, Contract, Moment, Ok, Shape
from handlers.ingest.resume_files import FileHandler, FileResult, shown_file
from handlers.ingest.uploads import busy
from intake.files.reader import ReaderBusy
from intake.filing import Filing
from intake.reasons import REFUSED
from runtime.clock import clock_text
from runtime.decoding import Id
from store.errors import NotFound
from store.files.file_quarantine import KEPT, FileQuarantine, QuarantinedFile
from store.files.file_store import Torn


class DeskFileHandler(DeskHandler, FileHandler):
    """The same as `FileHandler`, for an operator instead of an ingest token."""

    needs_ingest_token = False
    needs_role = "admin"
    takes_turns = False  # reading takes a minute, and the operator looks at other things meanwhile

    def uploader(self) -> str:
        """Operators share their places among themselves, and leave the sources theirs."""
        return "\0desk"


_MOST_FILES = 20
"""Files that are read again by one request: as many as one upload has."""


class QuarantinedFileView(Shape):
    """A file that got no place.

    Attributes:
        name: As its sender called it; a viewer sees a known ending alone, as files are called after people.
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


class ChosenFiles(msgspec.Struct):
    """Which files."""

    ids: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=_MOST_FILES)]


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


class FilesHandler(DeskHandler):
    """`GET /admin/api/quarantine/files/`."""

    contract = Contract("Files that got no place", query=Paging, answer=FilesAnswer)

    params: Paging
    files: FileQuarantine

    async def handle(self) -> None:
        """They are kept for a week."""
        total = await self.files.count()
        found = await self.files.list(self.params.size, self.params.skip)
        items = [_file(one, is_plain=self.sees_people) for one in found]
        self.ok(items=items, **self.params.of(total))


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
        self.attach_strange(f"{file_id}.bin", file.name)
        self.finish(data)


class RetryFilesHandler(QuarantineHandler):
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


class DropFilesHandler(QuarantineHandler):
    """`POST /admin/api/quarantine/files/drop/`."""

    contract = Contract("Delete files that got no place", body=Chosen, body_kinds=(JSON,), answer=CountAnswer)

    form: Chosen
    files: FileQuarantine

    async def handle(self) -> None:
        """The same file may be sent again."""
        self.ok(count=await self.files.drop(self.form.ids))


def _file(one: QuarantinedFile, *, is_plain: bool) -> QuarantinedFileView:
    return QuarantinedFileView(
        id=one.id,
        name=one.name if is_plain else hidden_name(one.name),
        kind=one.kind,
        reason=one.reason,
        text=REFUSED.get(one.reason, one.reason),
        source=one.source,
        size=one.size,
        at=clock_text(one.at),
        until=clock_text(one.at + KEPT),
    )
