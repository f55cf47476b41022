"""What is true of each file, and files and truths in a folder.

for truth, data in read_folder(folder):
    truth.record, truth.phones
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

_NAME = "truth.jsonl"


class Truth(msgspec.Struct, frozen=True):
    """What is true of a file.

    Attributes:
        record: The resume as a sender of JSON would have it.
        latin_name: An English name that stands beside the other.
        phones: All of the person's own; the record has the first.
    """

    file: str
    layout: str
    record: dict[str, Any]
    latin_name: str = ""
    phones: list[str] = []


def write_folder(folder: Path, files: Iterable[tuple[Truth, bytes]]) -> None:
    """Write files and their truths, those last."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for truth, data in files:
        (folder / truth.file).write_bytes(data)
        lines.append(msgspec.json.encode(truth))
    (folder / _NAME).write_bytes(b"\n".join(lines))


def has_truth(folder: Path) -> bool:
    """Whether a folder was written whole."""
    return (folder / _NAME).is_file()


def read_folder(folder: Path) -> Iterator[tuple[Truth, bytes]]:
    """Each file of a folder."""
    for line in (folder / _NAME).read_bytes().splitlines():
        truth = msgspec.json.decode(line, type=Truth)
        yield truth, (folder / truth.file).read_bytes()
