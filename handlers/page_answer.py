"""Answers with a page of entries, of a size that a phone can take, written without holding the loop up.

    await answer_page(self, entries, total_count=total, next_start=next_start)

The first characters of a long text are followed by `…`. `feed/get` and the export give all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import Shape
from runtime.json import dump
from runtime.slices import Slices
from store.masked_texts import DATES

MAX_CHARS = 2_000
"""Characters of a text that a page shows. People read no more in a list, and few texts are longer."""
MAX_BYTES = 8 * 1024 * 1024
"""Bytes of the entries of a page. Where they would take more, all their texts are cut shorter."""

_WHOLE = frozenset(
    ("id", "feed_id", "resume_id", "pub_time", "calc_time", "add_time", "comment_time", "status",
     "user_read_status", *DATES)
)  # fmt: skip
"""Fields that are never cut: programs read them, and they are short."""


async def answer_page(handler: ApiHandler, entries: Sequence[Shape], /, **fields: object) -> None:
    """Answer `ok` with `data`, the entries of a page.

    Args:
        handler: Its answer's last field is `data`.
        entries: In their order.
        fields: The other fields of the answer.
    """
    is_checked = handler.context.checks_answers
    if is_checked:
        handler.contract.fill("ok", "ok", {**fields, "data": list(entries)}, is_checked=True)
    head = dump(handler.contract.fill("ok", "ok", {**fields, "data": []}, is_checked=is_checked))
    handler.write(head.removesuffix("]}"))
    for number, entry in enumerate(await encoded(entries)):
        handler.write(b"," + entry if number else entry)
    handler.finish("]}")


async def encoded(entries: Sequence[Shape], max_bytes: int = MAX_BYTES) -> list[bytes]:
    """Each entry as JSON, its texts cut to `MAX_CHARS`, or shorter where all have more than `max_bytes`."""
    slices = Slices()
    limit = MAX_CHARS
    while True:
        parts: list[bytes] = []
        left = max_bytes
        for entry in entries:
            parts.append(dump(shortened(msgspec.to_builtins(entry), limit)).encode())
            left -= len(parts[-1]) + 1
            await slices.rest()
            if left < 0 and limit > 1:
                break
        if left >= 0 or limit == 1:
            return parts
        limit //= 2


def shortened(value: Any, limit: int) -> Any:
    """Plain values in which no text has more than `limit` characters, but for the `…` that ends a cut one."""
    if isinstance(value, str):
        return value if len(value) <= limit else value[:limit] + "…"
    if isinstance(value, dict):
        return {name: part if name in _WHOLE else shortened(part, limit) for name, part in value.items()}
    if isinstance(value, list):
        return [shortened(part, limit) for part in value]
    return value
