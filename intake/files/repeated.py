"""Headers, footers and page numbers: what stands on each page is read once, a number of a page never."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from intake.files.document import Block

_EDGE = 0.1
"""Share of a page's height, above and below, in which headers and footers stand."""
_PAGE_NUMBER = re.compile(
    r"[-–—~·－～\s]*+(第?\s*+\d{1,3}\s*+页?\s*+([/／,，]|of|共)?\s*+(共?\s*+\d{1,3}\s*+页?)?|page\s*+\d{1,3}(\s*+(/|of)\s*+\d{1,3})?)[-–—~·－～\s]*+",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")


def without_repeated(pages: Sequence[Sequence[Block]], heights: Sequence[float]) -> list[Block]:
    """The lines of all pages without page numbers, and with each header and footer once.

    Args:
        pages: The lines of each page.
        heights: Of each page, in points.
    """
    edges = [
        [_is_at_edge(block, height) for block in blocks]
        for blocks, height in zip(pages, heights, strict=True)
    ]
    counts = Counter(
        key
        for blocks, at_edge in zip(pages, edges, strict=True)
        for key in {_key(block) for block, is_edge in zip(blocks, at_edge, strict=True) if is_edge}
    )
    least = max(2, 0.6 * len(pages))
    seen: set[str] = set()
    kept = []
    for blocks, at_edge in zip(pages, edges, strict=True):
        for block, is_edge in zip(blocks, at_edge, strict=True):
            if is_edge:
                if _PAGE_NUMBER.fullmatch(block.text):
                    continue
                key = _key(block)
                if counts[key] >= least and key in seen:
                    continue
                seen.add(key)
            kept.append(block)
    return kept


def _key(block: Block) -> str:
    return _DIGITS.sub("#", block.text)


def _is_at_edge(block: Block, height: float) -> bool:
    return block.bottom <= _EDGE * height or block.top >= (1 - _EDGE) * height
