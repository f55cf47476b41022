"""`GET /resumes/original/<resume_id>`: the file of a resume, for who has unlocked its contact.

The bytes are a stranger's. They go out as an attachment of no kind that a browser would run or show, in a
sandbox, and are cached nowhere. What is looked at on the page is a picture that we have drawn ourselves.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Annotated, Literal

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Contract
from handlers.api.errors import BadRequest, Declined
from handlers.ingest.uploads import busy
from intake.files.reader import FileReader, NoPicture, ReaderBusy
from store.errors import NotFound
from store.files.file_store import Torn
from store.files.originals import Original, Originals
from store.notes.candidate_records import CandidateRecords
from store.persons.person_records import PersonRecords
from store.resumes.contacts import Contacts

_DRAWN_AT_ONCE = 2
"""Originals that are in memory at once so that a page of them is drawn."""


class OriginalQuery(msgspec.Struct):
    """Which part of it.

    Attributes:
        page: Of a PDF, from 1: a picture of that page (PNG). Left out, the file itself.
    """

    page: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None


class OriginalAnswer(Answer):
    """Why it is not given: the contact is not unlocked, or the candidate keeps it secret."""

    status: Literal["locked", "secret"]


class Pictures:
    """Draws pages of originals, a few at once. Belongs to one event loop."""

    def __init__(self, reader: FileReader, originals: Originals) -> None:
        self._reader = reader
        self._originals = originals
        self._free = asyncio.Semaphore(_DRAWN_AT_ONCE)

    async def page(self, original: Original, number: int) -> bytes:
        """A page as PNG.

        Raises:
            NoPicture: It cannot be drawn.
            ReaderBusy: Too many wait.
        """
        async with self._free:
            data = b"".join([piece async for piece in self._originals.read(original)])
            return await self._reader.picture(data, number)


class OriginalHandler(ApiHandler):
    """The original of a resume that is or was in one of the account's lists."""

    contract = Contract(
        "The file that a resume was read from",
        query=OriginalQuery,
        answer=OriginalAnswer,
        other_answer="application/octet-stream",
        also_answers=("image/png",),
        answer_headers={
            "X-Original-Kind": "What its bytes are: `pdf`, `docx`, `doc`, `rtf`, `html`, `mht`, `eml`, "
            "`txt`, `json`, `png` or `jpeg`.",
            "X-Original-Pages": "How many pages it has; 1 where the kind has none.",
        },
    )

    params: OriginalQuery
    records: CandidateRecords
    persons: PersonRecords
    contacts: Contacts
    originals: Originals
    pictures: Pictures

    async def handle(self, resume_id: str) -> None:
        """After the contact is unlocked; each time is audited. 404 where the resume came without a file.

        The file is an attachment with the name that its sender gave it, its ending that of its kind. With
        `page` it is `image/png`. HEAD says in the headers what there is, and is not audited.
        """
        await self.records.require_listed(self.member, resume_id, "view")
        original = await self.originals.find(resume_id)
        if original is None:
            raise NotFound(f"no original of {resume_id}")
        if (await self.contacts.statuses(self.company_id, [resume_id])).get(resume_id) == "secret":
            raise _secret()
        record = (await self.persons.find_for(self.company_id, [resume_id])).get(resume_id)
        if record is None or record.unlocked_at is None:
            raise Declined("locked", "查看联系方式后才能打开原件")
        try:
            await self._give(resume_id, original)
        except Torn:  # it is being deleted, with the resume or for a newer one
            raise NotFound(f"no original of {resume_id}") from None

    async def _give(self, resume_id: str, original: Original) -> None:
        is_head = self.request.method == "HEAD"
        if not is_head:
            found = await self.contacts.disclose(self.member, [resume_id], "original", self.request_id)
            # It may have become secret since, or the resume may have been erased.
            if resume_id not in found or found[resume_id].status == "secret":
                raise _secret()
        self.set_header("X-Original-Kind", original.kind)
        self.set_header("X-Original-Pages", str(original.pages))
        if self.params.page is None:
            await self._send_file(resume_id, original, is_head=is_head)
        else:
            await self._send_picture(original, self.params.page, is_head=is_head)

    async def _send_file(self, resume_id: str, original: Original, *, is_head: bool) -> None:
        self.attach_strange(f"{resume_id}.{original.kind or 'bin'}", shown_name(original))
        self.set_header("Content-Length", str(original.size))
        if not is_head:
            # Where a piece is missing after the first one was sent, the connection is cut.
            async with aclosing(self.originals.read(original)) as pieces:
                async for piece in pieces:
                    self.write(piece)
                    await self.send_part()
        self.finish()

    async def _send_picture(self, original: Original, page: int, *, is_head: bool) -> None:
        if original.kind != "pdf":
            raise BadRequest({"page": ["只有 PDF 原件可以按页查看"]})
        if page > original.pages:
            raise BadRequest({"page": [f"原件共 {original.pages} 页"]})
        self.set_header("Content-Type", "image/png")
        if not is_head:
            try:
                self.write(await self.pictures.page(original, page))
            except NoPicture:
                raise BadRequest({"page": ["这一页无法显示，请下载原件"]}) from None
            except ReaderBusy:
                raise busy() from None
        self.finish()


def _secret() -> Declined:
    return Declined("secret", "候选人的联系方式保密，原件不开放")


def shown_name(original: Original) -> str:
    """The name that an original is saved under: its sender's, with the ending of what it is.

    A name that says something else would have the recruiter's machine open it with another program.
    """
    name = original.name.rpartition(" / ")[2]  # of an attachment without that of its mail
    if not original.kind or name.lower().endswith(f".{original.kind}"):
        return name
    return f"{name}.{original.kind}"
