"""`POST /resumes/file/`: resumes as files, in a form. The answer comes when all of it is durable.

The whole form is taken in before any file is read, as what is wrong with it is told for all of it. Then one
file after the other is read and stored (`intake.filing`). A form whose answer was lost may be sent again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import MULTIPART, Contract, Flag, Ok, Shape
from handlers.api.errors import ApiError, BadRequest, TooLarge
from handlers.api.multipart import MAX_FILES, MultipartForm, SpooledFile, boundary_of
from handlers.api.receiving import CHECK_AGAIN_S
from handlers.ingest.uploads import Uploads, busy
from intake.files.outcome import MAX_BYTES
from intake.files.reader import ReaderBusy
from intake.filing import Filed, Filing, Status, rejected
from intake.record import MAX_KEY_CHARS, Key
from runtime.decoding import Id, decode_pairs
from store.feeds.feeds import Feeds
from store.ids import is_id

_MAX_BODY_BYTES = MAX_FILES * MAX_BYTES + 10 * 1024 * 1024
"""Of a form: all its files and what stands around them."""
_MAX_FEEDS = 100

SourceId = Annotated[str, msgspec.Meta(max_length=MAX_KEY_CHARS - 10)]
"""A file with several resumes adds their numbers to it."""


class FileFields(msgspec.Struct):
    """The fields of the form that are no files.

    Attributes:
        source: Who sends the files.
        source_id: What the sender calls the resume, with one file alone. Left out, it is the SHA-256 of the
            file in hex. Of a file with several resumes each has `/` and its number behind it.
        send_to: Feeds that the candidate sent it to, ids with commas between them.
        dry_run: 1: say what is read and what would become of it now, and store nothing.
    """

    source: Key
    source_id: SourceId = ""
    send_to: str = ""
    dry_run: Flag = 0


Binary = Annotated[str, msgspec.Meta(extra_json_schema={"format": "binary"})]


class FileForm(FileFields, kw_only=True):
    """Resumes as files, with what holds for all of them.

    Attributes:
        file: 1 to 20 files, each with its name: PDF, DOCX, DOC, RTF, HTML, MHT, EML, TXT, MD, JSON Resume;
            PNG and JPEG where OCR is installed. Each at most 10 MiB; a longer one is `rejected` by itself.
    """

    file: Annotated[list[Binary], msgspec.Meta(min_length=1, max_length=MAX_FILES)]


class FileResult(Shape):
    """What became of one file, or of one attachment of a mail.

    Attributes:
        file: Its name; of an attachment that of the mail, ` / `, and its own.
        status: `to_confirm` is stored like the others, but no name or no work was read.
        id: Of the resume; null where none was stored.
        errors: Why it was rejected and what to do, by field; empty where it was not.
        record: What was read, with `dry_run` alone.
        confidence: How sure that is, 0 to 1, by the path of each field; with `dry_run` alone.
    """

    file: str
    status: Status
    id: Id | None
    errors: dict[str, list[str]]
    record: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    confidence: dict[str, float] | msgspec.UnsetType = msgspec.UNSET


class FileAnswer(Ok):
    """What became of each file, in their order."""

    results: list[FileResult]


class FileHandler(ApiHandler):
    """`POST /resumes/file/` with the ingest token."""

    contract = Contract(
        "Take in resumes as files",
        body=FileForm,
        body_kinds=(MULTIPART,),
        answer=FileAnswer,
        refuses_unknown=True,
    )
    methods = ("POST",)
    needs_login = False
    needs_ingest_token = True
    # Twenty files may take a minute. Each store call has its own time limit, and so has each file.
    deadline_s = None
    max_body_bytes = _MAX_BODY_BYTES

    feeds: Feeds
    filing: Filing
    uploads: Uploads

    _form: MultipartForm | None = None
    _entered: str | None = None
    _received_bytes = 0
    _is_working = False

    async def admit(self) -> None:
        """Let the form in; it may go on for longer than the token is valid."""
        await super().admit()
        self._check_again_at = time.monotonic() + CHECK_AGAIN_S
        if self._form is not None:
            return
        boundary = boundary_of(self.request.headers.get("Content-Type", ""))
        uploader = self.uploader()
        self.uploads.enter(uploader)
        self._entered = uploader
        self._form = MultipartForm(boundary, self.uploads.directory, MAX_BYTES)

    def uploader(self) -> str:
        """Who sends the form, as the bounds of `Uploads` count it."""
        return self.ingest_source or ""

    def _announced_bytes(self) -> int:
        """Nothing: files are on the disk until they are read, and `Uploads` bounds that."""
        return 0

    def read(self) -> None:
        """Nothing: the form is decoded as it arrives."""

    async def data_received(self, chunk: bytes) -> None:
        """Take a piece of the form in. The sender waits while files are written to the disk."""
        if self._finished or self._form is None:
            return
        try:
            self._received_bytes += len(chunk)
            if self._received_bytes > self.max_body_bytes:  # a chunked body does not say its length before
                raise TooLarge(self.max_body_bytes)
            if time.monotonic() >= self._check_again_at:
                await self.admit()
            await self._form.feed(chunk)
        # An error that leaves this method would cut the connection without an answer.
        except Exception as error:  # noqa: BLE001
            self.refuse(error)

    async def handle(self) -> None:
        """Files are told by their bytes, never by their names; the attachments of a mail are files too.

        One that gets no place is `rejected` by itself, and the others go on. What is answered is durable. The
        same file again is a `duplicate`; one of an erased person is rejected. Where too many files wait, the
        answer is 503, and the form may be sent again as it is.
        """
        with self.at_work() as form:
            if form is None:
                return
            fields = decode_pairs(FileFields, form.fields, unknown="refuse", blank_is_absent=True)
            send_to = await self._checked(fields, form.files)
            results: list[FileResult] = []
            for file in form.files:
                results += [shown_file(one) for one in await self._take(file, fields, send_to)]
                if self._finished or self._has_left:  # the server stops, or nobody waits for the answer
                    return
            self.ok(results=results)

    @contextmanager
    def at_work(self) -> Iterator[MultipartForm | None]:
        """The whole form, None where `admit` has refused it. Its files are there until the end.

        Raises:
            InvalidFields: It is cut off.
        """
        self._is_working = True
        try:
            if self._form is not None:
                self._form.finish()
            yield self._form
        finally:
            self._is_working = False
            self._let_go()

    async def _checked(self, fields: FileFields, files: list[SpooledFile]) -> list[str]:
        """Look at what holds for all files; returns the feeds."""
        errors: dict[str, list[str]] = {}
        if not files:
            errors["file"] = ["请至少选择一个文件"]
        if fields.source_id and len(files) > 1:
            errors["source_id"] = ["只发送一个文件时才能填写"]
        if self.ingest_source not in (None, fields.source):
            self.report("ingest_token", "refused")
            errors["source"] = ["此导入口令只能导入它自己来源的简历"]
        send_to = [part.strip().lower() for part in fields.send_to.split(",") if part.strip()]
        if len(send_to) > _MAX_FEEDS or not all(map(is_id, send_to)):
            errors["send_to"] = [f"应为职位编号，以逗号分隔，最多 {_MAX_FEEDS} 个"]
        elif send_to and not set(send_to) <= (await self.feeds.find_anybodys(send_to)).keys():
            errors["send_to"] = ["没有这个职位"]
        if errors:
            raise BadRequest(errors)
        return send_to

    async def _take(self, file: SpooledFile, fields: FileFields, send_to: list[str]) -> list[Filed]:
        """Read and store one file.

        Raises:
            ApiError: 503, too many files wait; or the token has ended meanwhile.
        """
        if time.monotonic() >= self._check_again_at:
            await self.admit()
        if file.is_too_long:
            return [self._too_large(file.name, fields)]
        data = await file.read()
        file.close()
        try:
            return await self.filing.take(
                file.name,
                data,
                source=fields.source,
                source_id=fields.source_id,
                send_to=send_to,
                dry_run=bool(fields.dry_run),
            )
        except ReaderBusy:
            if self._finished:  # the server stops, and has said so
                return []
            raise busy() from None

    def _too_large(self, name: str, fields: FileFields) -> Filed:
        return self.filing.count(rejected(name, "too_large"), fields.source, dry_run=bool(fields.dry_run))

    async def cut(self) -> None:
        """Answer now, as the server stops: the form has to be sent again, all of it may be."""
        if not self._finished and not self._headers_written:
            self.refuse(ApiError(503, "unavailable", "服务正在重启，请重试", retry_after_s=2))

    def _leave(self) -> None:
        super()._leave()
        if not self._is_working:  # else the file at hand is still being read
            self._let_go()

    def _let_go(self) -> None:
        if self._form is not None:
            self._form.close()
        if self._entered is not None:
            self.uploads.leave(self._entered)
            self._entered = None


def shown_file(filed: Filed) -> FileResult:
    """What became of a file, as answers have it."""
    return FileResult(
        file=filed.file,
        status=filed.status,
        id=filed.id,
        errors=dict(filed.errors),
        record=msgspec.UNSET if filed.record is None else filed.record,
        confidence=msgspec.UNSET if filed.confidence is None else filed.confidence,
    )
