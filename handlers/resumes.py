"""Ingest: `POST /resumes/`, one object or a stream of lines. The answer comes when all of it is durable."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import msgspec

from engine.slices import Slices
from handlers.base import ApiHandler
from handlers.contract import JSON, NDJSON, Contract, Id, Ok
from handlers.errors import BadRequest
from handlers.ndjson import LineSplitter
from handlers.replies import dump
from handlers.resume_form import MAX_LINE_BYTES, ResumeRecord, parse_resume
from store.feeds import Feeds
from store.queue import WorkQueue
from store.resumes import IncomingResume, Resumes

logger = logging.getLogger(__name__)

_BATCH = 100
MAX_BEHIND = 5000
BEHIND_PAUSE_S = 0.5


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


class Intake:
    """Takes lines in, stores them in batches, and keeps the account of what became of each."""

    def __init__(self, resumes: Resumes, feeds: Feeds, queue: WorkQueue, kick: Callable[[], None]) -> None:
        self._resumes = resumes
        self._feeds = feeds
        self._queue = queue
        self._kick = kick
        self._batch: dict[str, tuple[int, int, IncomingResume]] = {}
        self.counts = {"accepted": 0, "updated": 0, "duplicate": 0}
        self.rejected: list[dict[str, Any]] = []
        self.ids: list[str | None] = []

    async def take(self, lines: Iterable[tuple[int, bytes | None]]) -> None:
        """Take lines in; None stands for one that was too long."""
        slices = Slices()
        for number, line in lines:
            await slices.rest()
            if line == b"":
                continue
            position = len(self.ids)
            self.ids.append(None)
            if line is None:
                self._reject(number, {"line": [f"一行不能超过 {MAX_LINE_BYTES} 字节"]})
                continue
            try:
                resume = parse_resume(line)
            except BadRequest as error:
                self._reject(number, error.errors)
                continue
            if resume.id in self._batch or len(self._batch) >= _BATCH:
                await self.flush()  # the same resume twice: the later one updates the earlier
            self._batch[resume.id] = (number, position, resume)

    async def flush(self) -> None:
        """Store what is held, and queue it to be scored."""
        batch, self._batch = self._batch, {}
        wanted = {i for _, _, resume in batch.values() for i in (*resume.send_to, *resume.partner_for)}
        live = await self._feeds.find_live(sorted(wanted)) if wanted else {}
        for id_, (number, _, resume) in list(batch.items()):
            errors = {
                name: ["没有这个定制"]
                for name in ("send_to", "partner_for")
                if not live.keys() >= set(getattr(resume, name))
            }
            if errors:
                self._reject(number, errors)
                del batch[id_]
        served = {id_ for _, _, resume in batch.values() for id_ in resume.partner_for}
        if newly := sorted(id_ for id_ in served if not live[id_].partner):
            await self._feeds.mark_partner(newly)
        outcomes = await self._resumes.save([resume for _, _, resume in batch.values()])
        changed = []
        for (_, position, resume), outcome in zip(batch.values(), outcomes, strict=True):
            self.counts[outcome] += 1
            self.ids[position] = resume.id
            if outcome != "duplicate":
                changed.append(resume.id)
        if changed and not await self._queue.add(changed):
            self._kick()
        # Taking in is faster than scoring; an upload far ahead of it waits a little for each batch.
        if await self._queue.behind() > MAX_BEHIND:
            await asyncio.sleep(BEHIND_PAUSE_S)

    async def account(self) -> str:
        """The answer, rejected lines in order; written in slices, for there may be a million lines."""
        slices = Slices()
        parts = [dump({"status": "ok", "msg": "ok", **self.counts})[:-1]]
        rejected = sorted(self.rejected, key=lambda row: row["line"])
        for name, rows in (("rejected", rejected), ("ids", self.ids)):
            pieces = []
            for start in range(0, len(rows), 500):
                pieces.append(dump(rows[start : start + 500])[1:-1])
                await slices.rest()
            parts.append(f'"{name}":[{",".join(pieces)}]')
        return ",".join(parts) + "}"

    def _reject(self, number: int, errors: object) -> None:
        self.rejected.append({"line": number, "errors": errors})


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
    kick: Callable[[], None]

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
        self._intake = Intake(self.resumes, self.feeds, self.queue, self.kick)
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
                        await self._intake.take(self._lines.feed(chunk))
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
            await self._intake.flush()
            self.finish(await self._intake.account())

    async def handle(self) -> None:
        """The answer comes when every accepted resume is durable. An upload of lines may be of any length."""
        intake = self._intake
        if self._failure is not None:
            raise self._failure
        async with self._one_batch:
            if self._is_cut:
                return
            if self._lines is None:
                line = self.body.removeprefix(b"\xef\xbb\xbf").strip()
                if not line:
                    raise BadRequest({"body": ["不是有效的 JSON"]})
                await intake.take([(1, line)])
            else:
                await intake.take(self._lines.finish())
            await intake.flush()
            self._is_cut = True
        if self._lines is None and intake.rejected:
            raise BadRequest(intake.rejected[0]["errors"])
        self.finish(await intake.account())
