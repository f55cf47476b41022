"""Ingest: `POST /resumes/`, one object or a stream of lines. The answer comes when all of it is durable."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec

from engine.worker import Worker
from handlers.api.base import ApiHandler
from handlers.api.contract import JSON, NDJSON, Contract, Ok
from handlers.api.errors import BadRequest
from intake.ndjson import LineSplitter
from intake.record import MAX_LINE_BYTES, ResumeRecord
from intake.upload import Upload
from runtime.decoding import Id
from store.feeds import Feeds
from store.queue import WorkQueue
from store.resumes import Resumes


class RejectedLine(msgspec.Struct, forbid_unknown_fields=True):
    """A line of the upload that was not taken.

    Attributes:
        line: Its number, from 1; blank lines count.
        errors: What is wrong with each of its fields.
    """

    line: Annotated[int, msgspec.Meta(ge=1)]
    errors: dict[str, list[str]]


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
        body_kinds=(JSON, NDJSON),
        answer=IngestAnswer,
    )
    methods = ("POST",)
    needs_login = False
    needs_ingest_token = True
    changes_state = True
    deadline_s = None  # an upload takes as long as it takes; each store call is bounded by itself

    resumes: Resumes
    feeds: Feeds
    queue: WorkQueue
    worker: Worker

    def check(self) -> None:
        """Check the token before the first byte of the body is looked at."""
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        self._lines = LineSplitter(MAX_LINE_BYTES) if kind == "application/x-ndjson" else None
        self._failure: Exception | None = None
        if self._lines is not None:
            self.max_body_bytes = 1 << 62  # no limit on lines
        super().check()
        if self._lines is not None:  # nor, for those who may, on how long they take
            self._stop_body_timer()
        self._upload = Upload(self.resumes, self.feeds, self.queue, self.worker.wake)
        self._one_batch = asyncio.Lock()
        self._is_cut = False

    def read(self) -> None:
        """Nothing: lines are decoded as they arrive."""

    async def data_received(self, chunk: bytes) -> None:
        """Take lines in as they arrive; the sender waits while a batch is written."""
        if self._lines is None or self._refusal is not None:
            super().data_received(chunk)
        elif self._failure is None:
            try:
                async with self._one_batch:
                    if not self._is_cut:
                        await self._upload.take(self._lines.feed(chunk))
            except Exception as error:  # noqa: BLE001 - an error here would cut the connection unanswered
                self._failure = error

    async def cut(self) -> None:
        """Answer for the lines that are here, make them durable first, and end the upload."""
        if self._lines is None or self._refusal is not None:
            await super().cut()
            return
        async with self._one_batch:
            if self._finished:
                return
            self._is_cut = True
            await self._upload.flush()
            self.finish(await self._upload.account())

    async def handle(self) -> None:
        """The answer comes when every accepted resume is durable. An upload of lines may be of any length."""
        upload = self._upload
        if self._failure is not None:
            raise self._failure
        async with self._one_batch:
            if self._is_cut:
                return
            if self._lines is None:
                line = self.body.removeprefix(b"\xef\xbb\xbf").strip()
                if not line:
                    raise BadRequest({"body": ["不是有效的 JSON"]})
                await upload.take([(1, line)])
            else:
                await upload.take(self._lines.finish())
            await upload.flush()
            self._is_cut = True
        if self._lines is None and upload.rejected:
            raise BadRequest(upload.rejected[0]["errors"])
        self.finish(await upload.account())
