"""Strict JSON out: for answers, frames and logs of outcomes."""

from __future__ import annotations

import ujson


def dump(answer: object) -> str:
    """Strict JSON: no NaN, no escapes that UTF-8 does not need."""
    return str(ujson.dumps(answer, allow_nan=False, ensure_ascii=False, escape_forward_slashes=False))
