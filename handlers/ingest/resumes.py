"""`POST /resumes/`: one object, or a stream of lines. The answer comes when all of it is durable.

What a line may hold and how it is stored is in `intake`. Here is what HTTP adds: the token, the body that
is read as it arrives, the stop of the server in the middle of an upload, and the answer.
"""

from __future__ import annotations

import asyncio
import time
from itertools import islice
from typing import Annotated, Literal

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.bodies import form_pairs
from handlers.api.body_budget import FREE_BYTES
from handlers.api.contract import FORM, JSON, NDJSON, Contract, Ok
from handlers.api.errors import ApiError, BadRequest
from handlers.api.receiving import CHECK_AGAIN_S, NO_LIMIT
from intake.ndjson import Gunzip, LineSplitter
from intake.record import MAX_LINE_BYTES, ResumeRecord
from intake.storing import Storing
from intake.upload import Rejected, Upload
from runtime.decoding import Id, decode_pairs, dump
from runtime.slices import Slices
from store.retry import until_answered

_PATIENCE_S = 30.0
"""Seconds for which an upload of lines waits for the store at a time: its sender would have to send again
what is stored already. Proxies give up after a minute."""

_ROWS = 500
"""Rows of an answer that are encoded at a time. Between two such parts other requests may run."""


class RejectedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the upload that was not taken.

    Attributes:
        line: Its number, from 1; blank lines count.
        errors: What is wrong with each of its fields.
        status: `erased` where the person was erased before; left out else.
    """

    line: Annotated[int, msgspec.Meta(ge=1)]
    errors: dict[str, list[str]]
    status: Literal["erased"] | msgspec.UnsetType = msgspec.UNSET


class IngestAnswer(Ok):
    """What became of every line.

    Attributes:
        accepted: New ones.
        duplicate: Those that were stored just so before.
        ids: In the order of the lines; null for the rejected.
    """

    accepted: int
    updated: int
    duplicate: int
    rejected: list[RejectedLine]
    ids: list[Id | None]


class IngestHandler(ApiHandler):
    """`POST /resumes/` with the ingest token."""

    contract = Contract(
        "Take in resumes: one object, or NDJSON",
        body=ResumeRecord,
        body_kinds=(JSON, FORM, NDJSON),
        answer=IngestAnswer,
    )
    methods = ("POST",)
    needs_login = False
    needs_ingest_token = True
    # An upload may take any time. Each of its store calls has its own time limit.
    deadline_s = None
    encodings = frozenset({"gzip", "x-gzip"})

    storing: Storing

    def check(self) -> None:
        """See what comes: one object, or lines, of which an upload may have any number."""
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        self._lines = LineSplitter(MAX_LINE_BYTES) if kind == NDJSON else None
        self._is_form = kind == FORM
        if self._lines is not None:
            self.max_body_bytes = NO_LIMIT
        super().check()
        self._gunzip = Gunzip() if self.content_encoding() in self.encodings else None
        self._upload = Upload(self.storing)
        # `cut` may run while a chunk is taken in, and an upload is for one task at a time.
        self._one_batch = asyncio.Lock()
        self._is_cut = False

    async def admit(self) -> None:
        """Note whose lines the token may send; an upload may go on for longer than the token is valid."""
        await super().admit()
        self._upload.source = self.ingest_source
        self._check_again_at = time.monotonic() + CHECK_AGAIN_S

    def _waits(self, seconds: float) -> bool:
        """Whether to try again what the store has not answered for so long."""
        has_sender = self._lines is not None and not self._has_left
        return has_sender and seconds < _PATIENCE_S and not self.context.drain.draining

    def read(self) -> None:
        """Nothing: lines are decoded as they arrive."""

    async def data_received(self, chunk: bytes) -> None:
        """Take lines in as they arrive.

        Tornado reads on when this returns. So the sender waits while a batch is written, and no more than a
        batch and a chunk is held in memory.
        """
        slices = Slices()
        try:
            for piece in [chunk] if self._gunzip is None else self._gunzip.feed(chunk):
                if self._finished or self._is_cut:
                    return
                await self._take_in(piece)
                await slices.rest()
        # An error that leaves this method would cut the connection without an answer.
        except Exception as error:  # noqa: BLE001
            self.refuse(error)

    async def _take_in(self, piece: bytes) -> None:
        if self._lines is None:
            if (more_room := super().data_received(piece)) is not None:
                await more_room
            return
        if (now := time.monotonic()) >= self._check_again_at:
            await until_answered(
                self.admit, what="an upload", goes_on=lambda: self._waits(time.monotonic() - now)
            )
        async with self._one_batch:
            if self._is_cut:
                return
            await self._upload.take(self._lines.feed(piece), self._waits)
            held = self._lines.held_bytes + self._upload.held_bytes
            if held > FREE_BYTES:
                await self.take_room(held)
            self.give_room(held)

    async def cut(self) -> None:
        """End the upload now, because the server stops; answer for the lines that arrived, once durable."""
        if self._lines is None or not self._is_admitted:
            await super().cut()
            return
        async with self._one_batch:
            if self._finished:  # `handle` was faster
                return
            self._is_cut = True
            await self._upload.flush(self._waits)
            self.finish(await answer_of(self._upload))

    async def handle(self) -> None:
        """The answer comes when every accepted resume is durable. An upload of lines may be of any length."""
        upload = self._upload
        async with self._one_batch:
            if self._is_cut:  # `cut` was faster, and has answered
                return
            if self._gunzip is not None:
                self._gunzip.finish()
            rest = [(1, self._one_line())] if self._lines is None else self._lines.finish()
            await upload.take(rest, self._waits)
            await upload.flush(self._waits)
            self._is_cut = True
        if upload.has_foreign:
            self.report("ingest_token", "refused")
        if self._lines is None and upload.rejected:  # a single object is refused as any other body
            (rejected,) = upload.rejected
            if rejected.is_erased:
                raise ApiError(400, "erased", "此人的信息已被删除，不再接收", rejected.errors)
            raise BadRequest(rejected.errors)
        self.finish(await answer_of(upload))

    def _one_line(self) -> bytes:
        """The one resume that the body holds, as JSON."""
        line = self.body.removeprefix(b"\xef\xbb\xbf").strip()
        if not line:
            raise BadRequest({"body": ["不是有效的 JSON"]})
        if self._is_form and not line.startswith(b"{"):
            return msgspec.json.encode(decode_pairs(ResumeRecord, form_pairs(line)))
        return line


async def answer_of(upload: Upload) -> bytes:
    """An upload's `IngestAnswer` as JSON, rejected lines in order.

    It is written a slice at a time, and put together once: an upload may have a million lines.
    """
    slices = Slices()
    parts = [dump({"status": "ok", "msg": "ok", **upload.counts})[:-1].encode()]
    for name, rows in (("rejected", map(_written, upload.rejected)), ("ids", map(dump, upload.ids))):
        before = f',"{name}":['
        while some := list(islice(rows, _ROWS)):
            parts.append((before + ",".join(some)).encode())
            before = ","
            await slices.rest()
        parts.append(b"]" if before == "," else f"{before}]".encode())
    return b"".join([*parts, b"}"])


def _written(one: Rejected) -> str:
    """A `RejectedLine` as JSON."""
    status = ',"status":"erased"' if one.is_erased else ""
    return f'{{"line":{one.line},"errors":{one.written}{status}}}'
