"""Web pages by selectolax: what a reader sees of them. Nothing is run, and nothing is loaded."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode

from intake.files.decoding import charset_of, decode_text
from intake.files.document import Block, Document, row_blocks
from intake.files.letters import clean
from intake.files.outcome import MAX_BLOCKS, MAX_CHARACTERS, Refused

_NOT_SHOWN = {
    "head", "script", "style", "noscript", "template", "iframe", "object", "embed", "applet", "svg", "math",
    "canvas", "audio", "video", "select", "datalist", "textarea", "link", "meta", "title", "base",
}  # fmt: skip
_INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font", "i", "img", "input",
    "ins", "kbd", "label", "mark", "nobr", "o:p", "q", "s", "samp", "small", "span", "strike", "strong",
    "sub", "sup", "time", "tt", "u", "var", "wbr",
}  # fmt: skip
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_BOLD = {"b", "strong", "th"} | _HEADINGS
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(\D|$)|opacity\s*:\s*0(;|\s|$)",
    re.IGNORECASE,
)
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(bold|[6-9]00)", re.IGNORECASE)
_SIZE_STYLE = re.compile(r"font-size\s*:\s*([\d.]{1,6})\s*(pt|px)", re.IGNORECASE)
_POINTS_A_PIXEL = 0.75
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.IGNORECASE)
_HEAD_BYTES = 4096
_MOST_BROKEN = 0.2
"""Share of a page's letters that may be broken."""
_WIDE_BLANK = re.compile(r"[\u00a0\u3000]{3,}|\u3000{2}")
"""Blanks that a page keeps, by which people part two things of a line."""
_BLANKS = re.compile(r"[ \t\n\r\f]+")
_DEEPEST = 200
"""Elements within one another. Pages have some thirty; below this their text is read without its lines."""
_TAG = re.compile(
    r"<(/?)(?:div|[uo]l|li|d[ltd]|center|form|section|article|main|nav|aside|header|footer)\b", re.I
)
_MOST_OPEN = 6000
"""Elements that are begun and not ended. For each that begins, the parser looks through all that are open: a
file of 10 MiB would keep it for hours. Some programs end no `li`, but nobody writes thousands."""


def read_html(data: bytes, charset: str | None = None) -> Document:
    """The lines and rows of a page. A charset that a mail names beats what the page says of itself.

    Raises:
        Refused: `corrupt`, `too_large`.
    """
    named = _CHARSET.search(data[:_HEAD_BYTES])
    name = charset or (named[1].decode("ascii") if named else None)
    text = decode_text(data, name)
    if text is None:  # browsers show a page all the same
        text = data.decode(charset_of(name) or "utf-8", "replace")
        if text.count("\ufffd") > _MOST_BROKEN * len(text):
            raise Refused("corrupt")
    open_, most = 0, 0
    for end in _TAG.findall(text):
        open_ = max(open_ + (-1 if end else 1), 0)
        most = max(most, open_)
    if most > _MOST_OPEN:
        raise Refused("too_large")
    tree = LexborHTMLParser(text.replace("\0", ""))
    title = tree.css_first("title")
    page = _Page()
    if tree.body is not None:
        page.read(tree.body, _Style())
        page.end_line()  # what stands in the body itself has no element that ends it
    return Document(blocks=page.blocks, title=clean(title.text())[:200] if title else "")


class _Style(msgspec.Struct, frozen=True):
    size: float = 0
    is_bold: bool = False
    is_heading: bool = False
    is_kept: bool = False
    """Whether blanks and line breaks stay as they stand, as in `pre`."""


class _Page:
    """Reads elements in their order; text is held until the line ends."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._held: list[tuple[str, _Style]] = []
        self._characters = 0

    def read(self, node: LexborNode, style: _Style, depth: int = 0) -> None:
        for child in _children(node):
            if child.is_text_node:
                self._text(child.text_content or "", style)
            elif child.is_element_node:
                self._element(child, style, depth + 1)

    def _element(self, node: LexborNode, style: _Style, depth: int) -> None:
        tag = (node.tag or "").lower()
        if tag in _NOT_SHOWN or _is_hidden(node):
            return
        if depth > _DEEPEST:
            self._text(node.text(separator=" "), style)
            return
        if tag in {"br", "hr"}:
            self.end_line()
            return
        style = _styled(node, tag, style)
        if tag in _INLINE:
            self.read(node, style, depth)
            return
        self.end_line()
        if tag == "tr":
            self._row(node, style, depth)
        else:
            self.read(node, style, depth)
        self.end_line()

    def _row(self, row: LexborNode, style: _Style, depth: int) -> None:
        cells: list[list[Block]] = []
        held, self.blocks = self.blocks, []
        for cell in _children(row):
            if cell.is_element_node and not _is_hidden(cell):
                self.blocks = []
                self._element(cell, style, depth + 1)
                self.end_line()
                cells.append(self.blocks)
        self.blocks = held + row_blocks(cells)

    def _text(self, text: str, style: _Style) -> None:
        self._characters += len(text)
        if self._characters > 20 * MAX_CHARACTERS or len(self.blocks) > 2 * MAX_BLOCKS:
            raise Refused("too_large", "html")
        if style.is_kept:
            first, *others = text.split("\n")
            self._held.append((first, style))
            for line in others:
                self.end_line()
                self._held.append((line, style))
        else:
            self._held.append((_BLANKS.sub(" ", text), style))

    def end_line(self) -> None:
        held, self._held = [(text, style) for text, style in self._held if text], []
        text = clean(_WIDE_BLANK.sub("\t", "".join(text for text, _ in held)))
        if text:
            styles = [style for part, style in held if part.strip()]
            self.blocks.append(
                Block(
                    text=text,
                    size=max((style.size for style in styles), default=0),
                    is_bold=all(style.is_bold for style in styles),
                    is_heading=all(style.is_heading for style in styles),
                )
            )


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.first_child
    while child is not None:
        yield child
        child = child.next


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    return (
        "hidden" in attributes
        or (node.tag == "input" and attributes.get("type") == "hidden")
        or bool(_HIDDEN_STYLE.search(attributes.get("style") or ""))
    )


def _styled(node: LexborNode, tag: str, style: _Style) -> _Style:
    own = node.attributes.get("style") or ""
    is_bold = style.is_bold or tag in _BOLD or bool(_BOLD_STYLE.search(own))
    size = style.size
    if match := _SIZE_STYLE.search(own):
        with contextlib.suppress(ValueError):  # `1.2.3pt`
            size = round(float(match[1]) * (_POINTS_A_PIXEL if match[2].lower() == "px" else 1), 1)
    heading, kept = style.is_heading or tag in _HEADINGS, style.is_kept or tag == "pre"
    return _Style(size, is_bold, heading, kept)
