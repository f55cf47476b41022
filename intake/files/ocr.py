"""Text in pictures, by rapidocr where it is installed (`requirements-ocr.txt`)."""

from __future__ import annotations

import functools
import importlib.util
from typing import Any

import numpy as np

from intake.files.layout import Piece
from intake.files.wire import slow_page

_LEAST_SCORE = 0.5
"""How sure a line must be, 0..1. Below it are the edges of photographs and stamps."""


@functools.cache
def is_installed() -> bool:
    """Whether pictures can be read. Loads nothing."""
    return all(importlib.util.find_spec(name) for name in ("rapidocr", "onnxruntime"))


@functools.cache
def _engine() -> Any:
    import logging

    from rapidocr import RapidOCR

    logging.disable(logging.WARNING)
    # One thread: the machine has other work, and each file a process of its own.
    return RapidOCR(
        params={
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.log_level": "critical",
        }
    )


def pieces_of(dots: np.ndarray, scale: float) -> list[Piece]:
    """The lines in a picture of height, width, and red, green, blue; `scale` is points a dot."""
    slow_page()
    read = _engine()(dots[:, :, ::-1])
    if read.boxes is None or read.txts is None:
        return []
    pieces = []
    for corners, text, score in zip(read.boxes, read.txts, read.scores, strict=True):
        if score < _LEAST_SCORE:
            continue
        xs, ys = corners[:, 0] * scale, corners[:, 1] * scale
        left, top, right, bottom = float(min(xs)), float(min(ys)), float(max(xs)), float(max(ys))
        # A box has some white around its letters.
        pieces.append(Piece(text, left, top, right, bottom, (bottom - top) * 0.8))
    return pieces
