"""One file: read, its resumes stored with their originals, and what gets no place kept in quarantine.

    filing = Filing(reader, quarantine, storing)
    for filed in await filing.take("resume.pdf", data, source="51job"):
        print(filed.file, filed.status, filed.errors)

`POST /resumes/file/`, `manage.py intake` and the mailbox work like this. What is returned is durable. A file
that is taken again changes nothing: its resumes are duplicates, as each has the SHA-256 of its bytes for its
`source_id` unless the sender names one.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from intake.files.outcome import Outcome, ReadResume
from intake.files.reader import FileReader
from intake.reasons import REASONS, Refusal
from intake.record import LONG_BYTES, MAX_LINE_BYTES, parse_off_loop
from intake.storing import Stored, Storing
from runtime.decoding import Errors, InvalidFields
from runtime.metrics import Metrics
from store.files.file_quarantine import FileQuarantine, QuarantinedFile
from store.files.originals import OriginalFile
from store.persons.reach import reach_of
from store.resumes.resume_values import IncomingResume

NO_ERRORS: Errors = MappingProxyType({})

Status = Literal["accepted", "updated", "duplicate", "to_confirm", "rejected"]
STORED: tuple[Status, ...] = ("accepted", "updated", "duplicate", "to_confirm")
"""What becomes of files whose resume is stored."""


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file, or of one part of it.

    Attributes:
        file: Its name, for people.
        status: `to_confirm` is stored, and a person should look at it.
        id: Of the resume; None where none was stored.
        reason: Why it was rejected, in one word; `erased` where the person was erased before, `feed` where a
            feed that it was sent to is not there, "" where it was stored.
        errors: The same in words, by field.
        record: What was read, for a dry run.
        confidence: How sure that is, 0..1 by field, for a dry run.
    """

    file: str
    status: Status
    id: str | None = None
    reason: Refusal | Literal["", "erased", "feed"] = ""
    errors: Errors = {}
    record: dict[str, Any] | None = None
    confidence: dict[str, float] | None = None


class _Sent(msgspec.Struct, frozen=True, kw_only=True):
    """How a file was sent, see `Filing.take`."""

    source: str
    source_id: str
    send_to: Sequence[str]
    dry_run: bool


class Filing:
    """Takes files in, any number at once; they are counted where somebody reads the metrics."""

    def __init__(
        self,
        reader: FileReader,
        quarantine: FileQuarantine,
        storing: Storing,
        metrics: Metrics | None = None,
    ) -> None:
        self._reader = reader
        self._quarantine = quarantine
        self._storing = storing
        self._metrics = metrics
        if metrics:  # from the start, so that the first of each is seen to come
            for status in STORED:
                metrics.files.labels(status, "")
            for reason in (*REASONS, "erased", "feed"):
                metrics.files.labels("rejected", reason)

    async def take(
        self,
        name: str,
        data: bytes,
        *,
        source: str,
        source_id: str = "",
        send_to: Sequence[str] = (),
        dry_run: bool = False,
    ) -> list[Filed]:
        """Read a file and store what it holds; on return all of it is durable.

        Args:
            name: What its sender calls it, without folders.
            data: Its bytes.
            source: Who sends it.
            source_id: What they call it; "" for nothing. Of a file with several resumes each adds its number.
            send_to: Feeds that the candidate sent it to.
            dry_run: Only say what was read, and what would become of it.

        Returns:
            One entry for each file that it is or holds, in order.

        Raises:
            One of STORE_FAILURES: The store does not answer. To take the file again is harmless.
        """
        began = time.monotonic()
        outcomes = await self._reader.read(name, data)
        if self._metrics:
            self._metrics.file_seconds.observe(time.monotonic() - began)
        several = sum(outcome.resume is not None for outcome in outcomes) > 1
        filed = []
        for number, outcome in enumerate(outcomes, 1):
            named = f"{source_id}/{number}" if source_id and several else source_id
            sent = _Sent(source=source, source_id=named, send_to=send_to, dry_run=dry_run)
            one = await self._file(outcome, data if outcome.part is None else outcome.part, sent)
            filed.append(self.count(one, source, dry_run=dry_run))
        is_opened = any(outcome.part is not None for outcome in outcomes)
        if not dry_run and is_opened and all(one.reason != "feed" for one in filed):
            # A mail that was opened: what it brings has its place, or is in quarantine by itself. A copy of
            # all of it, of before, must not stay.
            await self._quarantine.remove(source, await _sha256(data))
        return filed

    async def take_again(self, file: QuarantinedFile) -> list[Filed]:
        """As `take`, for a file that got no place before.

        Raises:
            Torn: It is not there any more.
        """
        data = await self._quarantine.read(file)
        return await self.take(
            file.name, data, source=file.source, source_id=file.source_id, send_to=file.send_to
        )

    def count(self, filed: Filed, source: str, *, dry_run: bool = False) -> Filed:
        """Count a file of a source that came to its end, here or before it came here; returns it."""
        # What is stored, and what is refused while it is, `Storing` counts.
        if not dry_run and filed.reason not in {"", "erased", "feed"}:
            self._storing.refused(source, filed.reason)
        if self._metrics and not dry_run:
            self._metrics.files.labels(filed.status, filed.reason).inc()
        return filed

    async def _file(self, outcome: Outcome, data: bytes, sent: _Sent) -> Filed:
        sha256 = await _sha256(data)
        if outcome.resume is None:
            return await self._refuse(outcome, outcome.refusal or "no_resume", data, sha256, sent)
        try:
            resume = await _incoming(outcome.resume, sha256, sent)
        except InvalidFields as error:
            return await self._refuse(outcome, "invalid", data, sha256, sent, error.errors)
        if sent.dry_run:
            foreseen = _filed(outcome, resume, await self._storing.foresee(resume))
            return msgspec.structs.replace(
                foreseen, id=None, record=outcome.resume.record, confidence=outcome.resume.confidence
            )
        original = OriginalFile(
            name=outcome.file, data=data, sha256=sha256, kind=outcome.kind, pages=outcome.pages
        )
        resume = msgspec.structs.replace(resume, original=original)
        (stored,) = await self._storing.save([resume])
        filed = _filed(outcome, resume, stored)
        # It got its place, or it is of somebody who was erased: a copy of before must not stay.
        if filed.reason != "feed":
            await self._quarantine.remove(sent.source, sha256)
        return filed

    async def _refuse(
        self,
        outcome: Outcome,
        reason: Refusal,
        data: bytes,
        sha256: str,
        sent: _Sent,
        errors: Errors = NO_ERRORS,
    ) -> Filed:
        if data and not sent.dry_run:
            await self._quarantine.add(
                outcome.file,
                data,
                sha256,
                kind=outcome.kind,
                reason=reason,
                source=sent.source,
                source_id=sent.source_id,
                send_to=sent.send_to,
                reach=_reach(outcome),
            )
        return rejected(outcome.file, reason, errors)


def rejected(file: str, reason: Refusal, errors: Errors = NO_ERRORS) -> Filed:
    """A file that gets no place, with the words for that."""
    words = {"file": [REASONS[reason]], **errors}
    return Filed(file=file, status="rejected", reason=reason, errors=words)


def _filed(outcome: Outcome, resume: IncomingResume, stored: Stored) -> Filed:
    """What became of a file whose resume was stored, or would have been."""
    if stored.outcome == "erased" or stored.outcome == "feed":
        return Filed(file=outcome.file, status="rejected", reason=stored.outcome, errors=stored.errors)
    is_unsure = resume.to_confirm and stored.outcome != "duplicate"
    return Filed(file=outcome.file, status="to_confirm" if is_unsure else stored.outcome, id=resume.id)


def _reach(outcome: Outcome) -> list[str]:
    """The phones and e-mails in a file that gets no place."""
    if outcome.resume is None:
        return outcome.reach
    record = outcome.resume.record
    return reach_of(str(record.get("phone", "")), str(record.get("email", "")))


async def _sha256(data: bytes) -> str:
    digest = await asyncio.to_thread(hashlib.sha256, data) if len(data) > LONG_BYTES else hashlib.sha256(data)
    return digest.hexdigest()


async def _incoming(read: ReadResume, sha256: str, sent: _Sent) -> IncomingResume:
    """A resume as the existing path takes it.

    Raises:
        InvalidFields: It cannot be taken.
    """
    record = {
        **read.record,
        "source": sent.source,
        "source_id": sent.source_id or sha256,
        "send_to": list(sent.send_to),
    }
    line = msgspec.json.encode(record)
    if len(line) > MAX_LINE_BYTES:
        raise InvalidFields({"record": [f"不能超过 {MAX_LINE_BYTES} 字节"]})
    # Each time a file says where it goes now. Where it went before, the candidate is still waiting.
    resume = msgspec.structs.replace(await parse_off_loop(line), adds_feeds=True)
    if not read.to_confirm:
        return resume
    # Another resume than the same one confirmed, which is therefore an update.
    return msgspec.structs.replace(
        resume,
        to_confirm=True,
        digest=_unconfirmed(resume.digest),
        update_digest=_unconfirmed(resume.update_digest),
        equal_digests=frozenset(map(_unconfirmed, resume.equal_digests)),
    )


def _unconfirmed(digest: str) -> str:
    return hashlib.sha256(f"to_confirm {digest}".encode()).hexdigest()
