"""Small text tables, read strictly: what does not fit is refused by file and line.

For example::

    for row in read_table(HERE / "levels.tsv", columns=2):
        row.text(0), row.number(1, highest=5)

The files are UTF-8. A `.tsv` has one header line that starts with `#` and names its columns; `|` separates
the items of a list; trailing empty columns may be left out. A `.txt` has one item a line; blank lines and
lines that start with `#` count for nothing. What lives here knows files and columns, not what they mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; it knows where it stands, so that its errors can say so."""

    file: Path
    line: int
    cells: tuple[str, ...]

    def text(self, column: int) -> str:
        """A cell that may not be empty."""
        if not self.cells[column]:
            raise self.error(f"column {column + 1} is empty")
        return self.cells[column]

    def items(self, column: int, *, required: bool = False) -> tuple[str, ...]:
        """A list; empty where the cell is, unless `required`."""
        cell = self.text(column) if required else self.cells[column]
        items = tuple(item.strip() for item in cell.split("|")) if cell else ()
        if not all(items):
            raise self.error(f"an empty item in column {column + 1}")
        return items

    def number(self, column: int, *, highest: int | None = None) -> int:
        """A whole number from 0 to `highest`."""
        text = self.text(column)
        if not (text.isascii() and text.isdigit()) or (highest is not None and int(text) > highest):
            raise self.error(f"{text!r} is no number that may stand here")
        return int(text)

    def one_of(self, column: int, allowed: frozenset[str]) -> str:
        """A word out of a fixed set."""
        text = self.text(column)
        if text not in allowed:
            raise self.error(f"{text!r} is none of {', '.join(sorted(allowed))}")
        return text

    def known(self, column: int, ids: Mapping[int, str]) -> int:
        """An id that another file defines."""
        number = self.number(column)
        if number not in ids:
            raise self.error(f"no option has the id {number}")
        return number

    def error(self, what: str) -> ValueError:
        """The error to raise about this line."""
        return _malformed(self.file, self.line, what)


def _malformed(file: Path, line: int, what: str) -> ValueError:
    return ValueError(f"{file.parent.name}/{file.name}:{line}: {what}")


def read_table(file: Path, *, columns: int) -> Iterator[Row]:
    """The rows of a `.tsv`, in file order.

    Raises:
        ValueError: A line is malformed; here and below the message names file and line.
        OSError: The file is missing or cannot be read.
    """
    for number, line in enumerate(_read(file), start=1):
        if number == 1 and not line.startswith("#"):
            raise _malformed(file, number, "the header line is missing")
        if line.startswith("#"):
            continue
        cells = tuple(cell.strip() for cell in line.split("\t"))
        if len(cells) < 2 or len(cells) > columns:
            raise _malformed(file, number, f"{len(cells)} columns, expected {columns}")
        # Editors cut tabs at the end of a line, so empty columns there may be missing.
        yield Row(file, number, cells + ("",) * (columns - len(cells)))


def read_list(file: Path) -> tuple[str, ...]:
    """The items of a `.txt`, each there once, in file order."""
    items: dict[str, None] = {}
    for number, line in enumerate(_read(file), start=1):
        item = line.strip()
        if not item or item.startswith("#"):
            continue
        if "\t" in item:
            raise _malformed(file, number, "a tab in a plain list")
        if item in items:
            raise _malformed(file, number, f"{item!r} stands here twice")
        items[item] = None
    return tuple(items)


def read_options(file: Path) -> Mapping[int, str]:
    """Id -> name, in file order; no id and no name stands there twice."""
    found: dict[int, str] = {}
    for row in read_table(file, columns=2):
        number = row.number(0)
        if number in found:
            raise row.error(f"the id {number} stands here twice")
        if row.text(1) in found.values():
            raise row.error(f"{row.text(1)!r} stands here twice")
        found[number] = row.text(1)
    return MappingProxyType(found)


def _read(file: Path) -> list[str]:
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _malformed(file, error.object[: error.start].count(b"\n") + 1, "not UTF-8") from error
    # Not `splitlines`: that also splits at characters which may stand inside a cell, such as U+2028.
    return text.removesuffix("\n").split("\n")
