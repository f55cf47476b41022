"""Word files of before 2007, by `catdoc` or `antiword`, where one is installed."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile

from intake.files.decoding import decode_text
from intake.files.document import Document
from intake.files.outcome import MAX_CHARACTERS, Refused
from intake.files.text import blocks_of

_PROGRAMS = (("catdoc", "-w", "-d", "utf-8"), ("antiword", "-m", "UTF-8.txt", "-w", "0", "-"))
"""In the order in which they are tried. Both read what is written to them and write text, nothing else."""
_LONGEST_S = 5
_MOST_BYTES = 4 * MAX_CHARACTERS
"""Of what a program says. A letter has at most four bytes."""


@functools.cache
def program() -> tuple[str, ...]:
    """The program that reads such files, and how it is called; empty where none is installed."""
    for name, *options in _PROGRAMS:
        if path := shutil.which(name):
            return (path, *options)
    return ()


def read_doc(data: bytes) -> Document:
    """The lines of an old Word file; rows of its tables have their cells with tabs between them.

    Raises:
        Refused: `unknown_kind` where no program is installed, `corrupt`, `too_slow`.
    """
    if not program():
        raise Refused("unknown_kind")
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as said:
        source.write(data)
        source.seek(0)
        try:
            # The path is the system's own, and the file is handed over as its input: no name of it is used.
            subprocess.run(  # noqa: S603
                program(), stdin=source, stdout=said, stderr=subprocess.DEVNULL, timeout=_LONGEST_S
            )
        except subprocess.TimeoutExpired:
            raise Refused("too_slow") from None
        said.seek(0)
        text = decode_text(said.read(_MOST_BYTES), "utf-8")
    blocks = blocks_of((text or "").replace("\x07", "\t"))
    if not blocks:
        raise Refused("corrupt")
    return Document(blocks=blocks)
