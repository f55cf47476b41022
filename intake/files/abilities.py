"""What this machine can read beyond what is always there, as `/readyz` tells."""

from __future__ import annotations

from typing import Literal

import msgspec

from intake.files import ocr
from intake.files.doc import program

State = Literal["ok", "missing"]


class Abilities(msgspec.Struct, frozen=True):
    """What is installed.

    Attributes:
        ocr: rapidocr, for scans and pictures (`requirements-ocr.txt`).
        doc: catdoc or antiword, for Word files of before 2007.
    """

    ocr: State
    doc: State


def abilities() -> Abilities:
    """Look once; what is installed later counts from the next start."""
    return Abilities(
        ocr="ok" if ocr.is_installed() else "missing",
        doc="ok" if program() else "missing",
    )
