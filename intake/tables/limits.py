"""How much of a table is read, what it is made into, and the refusal of one that cannot be read."""

from __future__ import annotations

from typing import Literal

import msgspec

MAX_ROWS = 20_000
"""Rows below the header. At 200 rows a piece that is an import of two minutes; what has more is two files."""
MAX_COLUMNS = 100
"""Columns. The widest exports of recruiting sites have some 60."""
MAX_CHARACTERS = 8_000_000
"""Of all cells: 400 for each of 20,000 rows. A spreadsheet of few MiB may unpack to a hundred times that."""
MAX_CELL = 20_000
"""Characters of a cell. Excel's own limit is 32,767; the longest description of a job has some thousand."""
PART_ROWS = 200
"""Rows of a part. One is imported at a time, within a request: some tenths of a second."""
MAX_PART_CHARACTERS = 2_000_000
"""Of a part, whose document may not pass MongoDB's 16 MiB."""
HEADER_WITHIN = 10
"""Rows among which the header is looked for: above it may stand a title and notes."""
SAMPLES, FIRST_ROWS = 3, 5
"""Values of a column, and rows, that are shown before an import."""

TableRefusal = Literal[
    "empty",
    "encrypted",
    "corrupt",
    "unknown_kind",
    "too_many_rows",
    "too_many_columns",
    "too_large",
    "open_quote",
    "no_sheet",
    "no_rows",
    "too_slow",
]

REFUSALS: dict[TableRefusal, str] = {
    "empty": "文件没有内容，请检查后重新上传",
    "encrypted": "表格已加密，请去掉密码后重新上传",
    "corrupt": "表格已损坏，请另存为 XLSX 或 CSV 后重新上传",
    "unknown_kind": "不是表格，请上传 XLSX、XLS、ODS 或 CSV",
    "too_many_rows": f"表格超过 {MAX_ROWS} 行，请拆成几个文件",
    "too_many_columns": f"表格超过 {MAX_COLUMNS} 列，请删去不需要的列",
    "too_large": "表格内容过多，请拆成几个文件",
    "open_quote": "有一个引号没有成对，它后面的各行会并成一格，请更正后重新上传",
    "no_sheet": "没有这个工作表",
    "no_rows": "表头下面没有内容",
    "too_slow": "表格无法在限定时间内读完，请另存为 CSV 或拆成几个文件",
}


class RefusedTable(Exception):
    """A table cannot be read."""

    def __init__(self, reason: TableRefusal) -> None:
        super().__init__(reason)
        self.reason: TableRefusal = reason


class Head(msgspec.Struct, kw_only=True):
    """What a table is, without its rows.

    Attributes:
        refusal: Why it cannot be read; "" where it can.
        sheet: The sheet that was read; "" of a text.
        sheets: All that there are.
        header: The texts above the columns.
        rows: How many rows there are below, blank ones left out.
        mapping: What each column probably is: index -> field, of those that are known.
    """

    refusal: TableRefusal | Literal[""] = ""
    sheet: str = ""
    sheets: list[str] = []
    header: list[str] = []
    rows: int = 0
    mapping: dict[int, str] = {}


encode_head = msgspec.msgpack.Encoder().encode
decode_head = msgspec.msgpack.Decoder(Head).decode
