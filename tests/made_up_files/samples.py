"""A few made-up files that are kept, for tests that should not wait for Chromium: `samples/`, 300 KB in all.

python -m tests.made_up_files.samples      # make them again after a change of the generator
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.made_up_files.layouts import LAYOUTS, made_up_files
from tests.made_up_files.truth import Truth, read_folder, write_folder

_FOLDER = Path(__file__).parent / "samples"
_OUT_OF = 40
"""People in each layout, of whom those with the smallest files are kept."""
_PDFS, _OTHERS = 1, 3
"""How many of each layout are kept; the fonts of a PDF are most of it."""


def samples() -> list[tuple[Truth, bytes]]:
    """The files that are kept."""
    return list(read_folder(_FOLDER))


def _smallest() -> Iterator[tuple[Truth, bytes]]:
    by_layout: dict[str, list[tuple[Truth, bytes]]] = defaultdict(list)
    for truth, data in made_up_files(LAYOUTS, each=_OUT_OF, seed=4):
        if len(truth.record["works"]) >= 2 and truth.phones and truth.record["email"]:
            by_layout[truth.layout].append((truth, data))
    for files in by_layout.values():
        files.sort(key=lambda file: len(file[1]))
        yield from files[: _PDFS if files[0][0].file.endswith(".pdf") else _OTHERS]


if __name__ == "__main__":
    write_folder(_FOLDER, _smallest())
