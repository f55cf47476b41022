"""The table of a run: each figure beside its limit in the same run, and its aim."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One measure.

    Attributes:
        measure: What was measured.
        figure: What came out.
        unit: Of the figure and of the limit.
        limit: What bounds it, measured in the same run; None where nothing does.
        against: What the limit is.
        aim: What the figure should be, in words; empty where there is no aim.
        is_met: Whether it is.
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


def at_most(bound: float, unit: str) -> Callable[[float], dict[str, object]]:
    """An aim for a figure: not above a bound."""
    return lambda figure: {"aim": f"<= {bound:g} {unit}".rstrip(), "is_met": figure <= bound}


def share_of(row: Row, least: float) -> Row:
    """A row whose aim is a share of its limit."""
    is_met = row.ratio is not None and row.ratio >= least
    return msgspec.structs.replace(row, aim=f">= {least:g} x", is_met=is_met)


def text_of(rows: Iterable[Row]) -> str:
    """The rows as a table of fixed width."""
    head = f"{'measure':<52}{'figure':>10} {'unit':<9}{'limit':>9}  {'against':<28}{'ratio':>6}  {'aim':<11}"
    lines = [head.rstrip(), "-" * len(head)]
    for row in rows:
        limit = "" if row.limit is None else _short(row.limit)
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        outcome = {None: "", True: "met", False: "MISSED"}[row.is_met]
        line = (
            f"{row.measure:<52}{_short(row.figure):>10} {row.unit:<9}{limit:>9}  {row.against:<28}{ratio:>6}  "
            f"{row.aim:<11} {outcome}"
        )
        lines.append(line.rstrip())
    return "\n".join(lines)


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
