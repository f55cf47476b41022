"""Rows of a table as they are kept: packed, a part at a time, and without those of a person who is erased."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from store.persons.reach import all_reach, folded_name


class Row(msgspec.Struct, array_like=True):
    """One row.

    Attributes:
        number: As the spreadsheet counts, from 1.
        cells: As texts, as many as it has; none of a person who was erased.
    """

    number: int
    cells: list[str]

    def reach(self) -> list[str]:
        """All that looks like a phone or an e-mail, whatever its column is called."""
        return [one for cell in self.cells for one in all_reach(cell)]


encode_rows = msgspec.msgpack.Encoder().encode
decode_rows = msgspec.msgpack.Decoder(list[Row]).decode


def reach_in(data: bytes) -> list[str]:
    """The phones and e-mails in a part."""
    return sorted({one for row in decode_rows(data) for one in row.reach()})


def without(data: bytes, reach: Sequence[str], names: Sequence[str]) -> bytes:
    """A part without the cells of rows that have one of some phones or e-mails, and one of some names.

    Args:
        data: The part.
        reach: Phones and e-mails.
        names: As names are compared; "" is in every row.
    """
    gone = set(reach)

    def is_theirs(row: Row) -> bool:
        if gone.isdisjoint(row.reach()):
            return False
        said = [folded_name(cell) for cell in row.cells]
        return any(name in cell for name in names for cell in said)

    return encode_rows([Row(row.number, []) if is_theirs(row) else row for row in decode_rows(data)])
