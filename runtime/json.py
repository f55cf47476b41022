"""Strict JSON out, for answers and frames. What comes in is `runtime.decoding`."""

from __future__ import annotations

import ujson


def dump(answer: object) -> str:
    """Write a value as JSON, with no escapes that UTF-8 does not need.

    Raises:
        OverflowError: A number is NaN or infinite, which JSON does not have.
    """
    return str(ujson.dumps(answer, allow_nan=False, ensure_ascii=False, escape_forward_slashes=False))
