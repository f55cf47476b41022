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

    def at_most(self, bound: float) -> Row:
        """The same with an aim: not above a bound."""
        return self._aimed(f"<= {bound:g} {self.unit}", self.figure <= bound)

    def at_least(self, bound: float) -> Row:
        """The same with an aim: not below a bound."""
        return self._aimed(f">= {bound:g} {self.unit}", self.figure >= bound)

    def at_most_times(self, most: float) -> Row:
        """The same with an aim: at most so many times the limit."""
        return self._aimed(f"<= {most:g} x", self.ratio is not None and self.ratio <= most)

    def at_least_times(self, least: float) -> Row:
        """The same with an aim: a share of the limit."""
        return self._aimed(f">= {least:g} x", self.ratio is not None and self.ratio >= least)

    def at_most_beyond(self, extra: float) -> Row:
        """The same with an aim: at most so much beyond the limit."""
        is_met = self.limit is not None and self.figure <= self.limit + extra
        return self._aimed(f"<= +{extra:g} {self.unit}", is_met)

    def _aimed(self, aim: str, is_met: bool) -> Row:
        return msgspec.structs.replace(self, aim=aim, is_met=is_met)


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
