"""What became of the lines of an upload: each is parsed, stored in batches, and accounted for.

Serves `POST /resumes/` and `manage.py import` alike. Knows nothing of HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from intake.record import MAX_LINE_BYTES, parse_resume
from runtime.decoding import InvalidFields
from runtime.json import dump
from runtime.slices import Slices
from store.feeds import Feeds
from store.queue import WorkQueue
from store.resumes import IncomingResume, Resumes

_BATCH = 100
MAX_BEHIND = 5000
BEHIND_PAUSE_S = 0.5


class Upload:
    """Takes lines in, stores them in batches, and keeps the account of what became of each."""

    def __init__(self, resumes: Resumes, feeds: Feeds, queue: WorkQueue, wake: Callable[[], None]) -> None:
        self._resumes = resumes
        self._feeds = feeds
        self._queue = queue
        self._kick = wake
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
            except InvalidFields as error:
                self._reject(number, error.errors)
                continue
            if resume.id in self._batch or len(self._batch) >= _BATCH:
                await self.flush()  # the same resume twice: the later one updates the earlier
            self._batch[resume.id] = (number, position, resume)

    async def flush(self) -> None:
        """Store what is held, and queue it to be scored."""
        batch, self._batch = self._batch, {}
        wanted = {i for _, _, resume in batch.values() for i in (*resume.send_to, *resume.partner_for)}
        live = await self._feeds.find_active(sorted(wanted)) if wanted else {}
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
