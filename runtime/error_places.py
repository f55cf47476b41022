"""Where an error was raised: what logs may say of one whose text may quote a person."""

from __future__ import annotations

from pathlib import Path


def kind_and_place(error: BaseException) -> str:
    """The type of an error, and file and line, as `ValueError at salary.py:12`."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {place}"
