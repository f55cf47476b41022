"""Spans: how long a part of the work takes, told to whoever traces this process.

    with span("score", resumes=32):
        ...

While nobody traces, a span costs a tenth of a microsecond. Whoever does is set once, at the start
(`runtime/otel.py`). A span inside another one, in the same task or in what it starts, is a part of that.

Names and attributes are few and say nothing of anybody: routes as templates, kinds, counts. No ids, no URLs,
no texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext

Value = str | int | float | bool
Tracer = Callable[[str, Mapping[str, Value]], AbstractContextManager[object]]
"""Begins a span of a name and attributes; the block is the span."""

_tracer: Tracer | None = None
_NOTHING: AbstractContextManager[object] = nullcontext()


def set_tracer(tracer: Tracer | None) -> None:
    """Tell of spans from now on; None: of none any more."""
    global _tracer  # as of logs, there is one in a process
    _tracer = tracer


def span(name: str, /, **attributes: Value) -> AbstractContextManager[object]:
    """A span for a `with` block; what the block raises passes."""
    return _NOTHING if _tracer is None else _tracer(name, attributes)
