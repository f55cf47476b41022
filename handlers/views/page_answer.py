"""Answers with a page of entries, of a size that a phone can take, written without holding the loop up.

    await answer_page(self, entries, total_count=total, next_start=next_start)

The first characters of a long text are followed by `…`. `feed/get` and the export give all of it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import Shape
from handlers.api.replies import accepted_encodings, gzipped
from runtime.decoding import dump
from runtime.slices import Slices
from store.resumes.masked_texts import DATES

MAX_CHARS = 2_000
"""Characters of a text that a page shows. People read no more in a list, and few texts are longer."""
MAX_BYTES = 8 * 1024 * 1024
"""Bytes of the entries of a page. Where they would take more, all their texts are cut shorter."""

MIN_PACKED = 4_096
"""Bytes from which a page is compressed for who takes that. A shorter one goes in a few packets anyway."""

_WHOLE = frozenset(
    ("id", "feed_id", "resume_id", "pub_time", "calc_time", "add_time", "comment_time", "status",
     "user_read_status", *DATES)
)  # fmt: skip
"""Fields that are never cut: programs read them, and they are short."""


async def answer_page(handler: ApiHandler, entries: Sequence[Shape], /, **fields: object) -> None:
    """Answer `ok` with the other fields, and last `data`, the entries of a page in their order."""
    # All is read. Writing it takes the time it takes, as the deadline is about stores that do not answer.
    handler.lift_deadline()
    is_checked = handler.context.checks_answers
    if is_checked:
        handler.contract.fill("ok", "ok", {**fields, "data": list(entries)}, is_checked=True)
    head = dump(handler.contract.fill("ok", "ok", {**fields, "data": []}, is_checked=is_checked))
    parts = [head.removesuffix("]}").encode()]
    for number, entry in enumerate(await encoded(entries)):
        parts.append(b"," + entry if number else entry)
    parts.append(b"]}")
    handler.set_header("Vary", "Accept-Encoding")
    if (
        "gzip" in accepted_encodings(handler.request.headers.get("Accept-Encoding", ""))
        and sum(map(len, parts)) >= MIN_PACKED
    ):
        handler.set_header("Content-Encoding", "gzip")
        parts = [await gzipped(parts)]
    for part in parts:
        handler.write(part)
    handler.finish()


async def encoded(entries: Sequence[Shape], max_bytes: int = MAX_BYTES) -> list[bytes]:
    """Each entry as JSON, its texts cut to `MAX_CHARS`, or shorter where all have more than `max_bytes`."""
    limit = MAX_CHARS
    while True:
        parts, is_whole = await _parts(entries, limit, max_bytes if limit > 1 else sys.maxsize)
        if is_whole:
            return parts
        limit //= 2


async def _parts(entries: Sequence[Shape], limit: int, max_bytes: int) -> tuple[list[bytes], bool]:
    """The entries with texts cut to `limit`, up to the one that is too much; whether that is all of them."""
    slices = Slices()
    parts: list[bytes] = []
    for entry in entries:
        # In a third of the time that `dump` takes. It would write NaN as null, which no entry has.
        part = msgspec.json.encode(entry)
        if _may_be_long(part, limit):
            part = msgspec.json.encode(shortened(msgspec.to_builtins(entry), limit))
        parts.append(part)
        max_bytes -= len(parts[-1]) + 1
        if max_bytes < 0:
            return parts, False
        await slices.rest()
    return parts, True


def _may_be_long(part: bytes, limit: int) -> bool:
    """Whether a text of an entry, as JSON, may have more than `limit` characters; of most entries none has.

    To look for quotes takes a hundredth of the time that going through all values does; to go from one to the
    last that is near enough takes hardly any.
    """
    if b'\\"' not in part and not _has_long_run(part, limit):
        return False  # no character is less than a byte
    # An escaped quote ends no text. Where it was an escaped backslash before the end, two texts count as one.
    return max(map(len, part.decode().replace('\\"', "'").split('"'))) > limit


def _has_long_run(part: bytes, limit: int) -> bool:
    """Whether more than `limit` bytes stand between two quotes."""
    at = 0
    while at + limit < len(part):
        at = part.rfind(b'"', at, at + limit + 1) + 1
        if not at:
            return True
    return False


def shortened(value: Any, limit: int) -> Any:
    """Plain values in which no text has more than `limit` characters, but for the `…` that ends a cut one."""
    if isinstance(value, str):
        return value if len(value) <= limit else value[:limit] + "…"
    if isinstance(value, dict):
        return {name: part if name in _WHOLE else shortened(part, limit) for name, part in value.items()}
    if isinstance(value, list):
        return [shortened(part, limit) for part in value]
    return value
