"""The lines that are drawn on a page of a PDF: strokes, frames, and rectangles as thin as a line."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from itertools import pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as pdf

from intake.files.ruled import Rule

_THIN_PT = 2.5
"""A rectangle that is no thicker is a line."""
_SHORTEST_PT = 6.0
"""A line that is shorter is a part of a letter or of an icon. A row is as high as its letters."""
_STRAIGHT_PT = 0.6
_MOST_PATHS = 3000
_MOST_SEGMENTS = 400
"""Of one path. One with more is a drawing."""

Point = tuple[float, float]


def rules_of(page: pdfium.PdfPage, place: Callable[[float, float], Point]) -> list[Rule]:
    """The lines of a page; `place` is from its own coordinates to those from its upper left corner."""
    rules: list[Rule] = []
    for number, path in enumerate(page.get_objects(filter=[pdf.FPDF_PAGEOBJ_PATH], max_depth=1)):
        if number >= _MOST_PATHS:
            return []
        mode, stroke = ctypes.c_int(), ctypes.c_int()
        pdf.FPDFPath_GetDrawMode(path.raw, mode, stroke)
        if not (stroke.value or mode.value):
            continue  # it clips
        for line in _outlines(path):
            rules += _rules_in([place(*point) for point in line], is_stroked=bool(stroke.value))
    return rules


def _outlines(path: pdfium.PdfObject) -> Iterator[list[Point]]:
    """The corners of each part of a path that has straight sides alone, in the page's own coordinates."""
    count = pdf.FPDFPath_CountSegments(path.raw)
    if not 2 <= count <= _MOST_SEGMENTS:
        return
    matrix = path.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    corners: list[Point] = []
    for number in range(count):
        segment = pdf.FPDFPath_GetPathSegment(path.raw, number)
        kind = pdf.FPDFPathSegment_GetType(segment)
        if kind == pdf.FPDF_SEGMENT_BEZIERTO:
            corners = []  # a round corner, a circle, a letter
            continue
        pdf.FPDFPathSegment_GetPoint(segment, x, y)
        if kind == pdf.FPDF_SEGMENT_MOVETO:
            if len(corners) > 1:
                yield corners
            corners = []
        corners.append(matrix.on_point(x.value, y.value))
        if pdf.FPDFPathSegment_GetClose(segment) and len(corners) > 1:
            yield [*corners, corners[0]]
            corners = []
    if len(corners) > 1:
        yield corners


def _rules_in(corners: list[Point], *, is_stroked: bool) -> Iterator[Rule]:
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    top, bottom = min(y for _, y in corners), max(y for _, y in corners)
    if bottom - top <= _THIN_PT and right - left >= _SHORTEST_PT:
        yield Rule(False, (top + bottom) / 2, left, right)
    elif right - left <= _THIN_PT and bottom - top >= _SHORTEST_PT:
        yield Rule(True, (left + right) / 2, top, bottom)
    elif is_stroked:
        for (x, y), (other_x, other_y) in pairwise(corners):
            if abs(y - other_y) <= _STRAIGHT_PT and abs(x - other_x) >= _SHORTEST_PT:
                yield Rule(False, y, *sorted((x, other_x)))
            elif abs(x - other_x) <= _STRAIGHT_PT and abs(y - other_y) >= _SHORTEST_PT:
                yield Rule(True, x, *sorted((y, other_y)))
