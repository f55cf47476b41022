"""The table of a run: each figure, what bounds it in the same run, and its aim."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

_WIDTHS = "{:<46}{:>9} {:<9}{:>9} {:<26}{:>6}  {:<16} {}"


class Row(msgspec.Struct, frozen=True):
    """One measure.

    Attributes:
        measure: What was measured.
        figure: The result.
        unit: Of the figure and of the limit.
        limit: What bounds the figure, measured in the same run; None where nothing does.
        against: What the limit is, in words.
        aim: What the figure should be, in words; empty where there is no aim.
        is_met: Whether the aim is met; None where there is none.
    """

    measure: str
    figure: float
    unit: str
    limit: float | None = None
    against: str = ""
    aim: str = ""
    is_met: bool | None = None

    @property
    def ratio(self) -> float | None:
        """The figure against its limit."""
        return self.figure / self.limit if self.limit else None


def at_most(bound: float, row: Row) -> Row:
    """A row whose aim is a figure not above a bound."""
    return msgspec.structs.replace(row, aim=f"<= {bound:g} {row.unit}", is_met=row.figure <= bound)


def at_least(bound: float, row: Row) -> Row:
    """A row whose aim is a figure not below a bound."""
    return msgspec.structs.replace(row, aim=f">= {bound:g} {row.unit}", is_met=row.figure >= bound)


def share_of(least: float, row: Row) -> Row:
    """A row whose aim is a share of its limit."""
    is_met = row.ratio is not None and row.ratio >= least
    return msgspec.structs.replace(row, aim=f">= {least:g} x", is_met=is_met)


def no_more_than(most: float, row: Row) -> Row:
    """A row whose aim is at most so many times its limit."""
    is_met = row.ratio is not None and row.ratio <= most
    return msgspec.structs.replace(row, aim=f"<= {most:g} x", is_met=is_met)


def at_most_beyond(extra: float, row: Row) -> Row:
    """A row whose aim is at most so much beyond its limit."""
    is_met = row.limit is not None and row.figure <= row.limit + extra
    return msgspec.structs.replace(row, aim=f"<= +{extra:g} {row.unit}", is_met=is_met)


def text_of(rows: Iterable[Row]) -> str:
    """The rows as a table of fixed width."""
    head = _WIDTHS.format("measure", "figure", "unit", "limit", "against", "ratio", "aim", "").rstrip()
    lines = [head, "-" * 132]
    for row in rows:
        limit = "" if row.limit is None else _short(row.limit)
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        outcome = {None: "", True: "met", False: "MISSED"}[row.is_met]
        words = (row.measure, _short(row.figure), row.unit, limit, row.against, ratio, row.aim, outcome)
        lines.append(_WIDTHS.format(*words).rstrip())
    return "\n".join(lines)


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
