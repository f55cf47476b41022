"""Word files by docx2python, which sees tables, tables in tables, text boxes, headers and footers.

An archive is looked at before it is unpacked: how many entries it has, how large they say they are, and how
large they turn out to be. Macros, formulas, embedded files and links to elsewhere are not touched.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import msgspec
from docx2python import docx2python
from lxml import etree  # comes with docx2python

from intake.files.document import Block, Document, row_blocks
from intake.files.letters import clean
from intake.files.outcome import MAX_CHARACTERS, Refused

_MOST_ENTRIES = 2000
_MOST_XML_BYTES = 20 * 1024 * 1024
"""Of one part in XML, unpacked, and half of what all have. Of 30 pages it has some 2 MiB."""
_MOST_RATIO = 200
"""How far a part may be packed, above a size that harms nobody. XML of Word is packed to a tenth, a bomb to a
thousandth."""
_HARMLESS_BYTES = 1024 * 1024
_MOST_ELEMENTS = 300_000
_DEEPEST = 200
"""Elements within one another. A table in a table in a table has 40; docx2python needs a call for each."""
_ROOT = re.compile(rb"(<[A-Za-z_][\w.:-]*+)([^<>]*+>)")
_LINKS = rb'\1 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"\2'
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_NOT_SHOWN = {
    "Fallback",
    "del",
    "moveFrom",
    "instrText",
    "delText",
    "fldData",
    "binData",
    "rPrChange",
    "pPrChange",
}


def read_docx(data: bytes) -> Document:
    """The lines and rows of a Word file.

    Raises:
        Refused: `corrupt`, `too_large`.
    """
    try:
        title, lacking = _checked(data)
        archive = _with_links(data, lacking) if lacking else io.BytesIO(data)
        with docx2python(archive, duplicate_merged_cells=False) as content:
            reader = content.docx_reader
            for file in reader.content_files():
                _without_hidden(file.root_element)
            styles = _Styles(reader)
            tables = [*content.header_pars, *content.body_pars, *content.footer_pars]
            blocks = [block for table in tables for block in _table_blocks(table, styles)]
    except (KeyError, ValueError, zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, NotImplementedError):
        raise Refused("corrupt") from None
    except RuntimeError:  # an entry is encrypted
        raise Refused("encrypted") from None
    return Document(blocks=blocks, title=title)


def _checked(data: bytes) -> tuple[str, set[str]]:
    """The title of a file that may be unpacked, and its parts that do not declare the prefix of links."""
    title, lacking = "", set()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > _MOST_ENTRIES or len({entry.filename for entry in entries}) < len(entries):
            raise Refused("too_large" if len(entries) > _MOST_ENTRIES else "corrupt")
        xml = [entry for entry in entries if entry.filename.lower().endswith((".xml", ".rels"))]
        for entry in xml:
            packed = entry.file_size > _MOST_RATIO * max(entry.compress_size, 1)
            if entry.file_size > _MOST_XML_BYTES or (packed and entry.file_size > _HARMLESS_BYTES):
                raise Refused("too_large")
        if sum(entry.file_size for entry in xml) > 2 * _MOST_XML_BYTES:
            raise Refused("too_large")
        for entry in xml:
            with archive.open(entry) as part:
                content = part.read(_MOST_XML_BYTES + 1)  # what it says may not be what it has
            if len(content) > _MOST_XML_BYTES:
                raise Refused("too_large")
            if entry.filename.startswith("word/") or entry.filename == "docProps/core.xml":
                title = _checked_xml(content, entry.filename) or title
                root = _ROOT.search(content)
                if root and b"xmlns:r=" not in root[0]:
                    lacking.add(entry.filename)
    return title, lacking


def _with_links(data: bytes, lacking: set[str]) -> io.BytesIO:
    """The parts in XML, in which each root declares the prefix of links.

    docx2python asks each run of text for it. Word writes it always, Apache POI only where there is a link.
    """
    mended = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(mended, "w") as copy:
        for entry in archive.infolist():
            if entry.filename.lower().endswith((".xml", ".rels")):
                part = archive.read(entry)
                copy.writestr(
                    entry.filename, _ROOT.sub(_LINKS, part, count=1) if entry.filename in lacking else part
                )
    return mended


def _checked_xml(content: bytes, name: str) -> str:
    """Refuses entities, depth and numbers that no program writes; the title, where it stands here."""
    title, depth, elements = "", 0, 0
    # Word writes no document type. One is there to define entities, which grow, or name files.
    parser = etree.iterparse(
        io.BytesIO(content), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
    )
    for event, element in parser:
        if event == "start":
            depth, elements = depth + 1, elements + 1
            if depth > _DEEPEST or elements > _MOST_ELEMENTS:
                raise Refused("too_large")
            if elements == 1 and element.getroottree().docinfo.doctype:
                raise Refused("corrupt")
        else:
            depth -= 1
            if element.tag == _TITLE and name == "docProps/core.xml":
                title = clean(element.text or "")[:200]
            element.clear()
    return title


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _value(element: Any) -> str:
    """The attribute `val` of an element, whichever its namespace."""
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("val")), "")


def _is_on(element: Any) -> bool:
    return _value(element) not in {"0", "false", "off", "none"}


def _without_hidden(root: Any) -> None:
    """Take out what is not shown: second forms of drawings, deleted and hidden text."""
    for element in list(root.iter()):
        hides = _local(element) in _NOT_SHOWN
        if not hides and _local(element) == "r":
            hides = any(
                _local(one) in {"vanish", "webHidden"} and _is_on(one)
                for properties in element
                if _local(properties) == "rPr"
                for one in properties
            )
        if hides and element.getparent() is not None:
            element.getparent().remove(element)


class _Look(msgspec.Struct, frozen=True):
    size: float = 0
    is_bold: bool = False
    is_heading: bool = False


class _Styles:
    """How paragraphs of each style look."""

    def __init__(self, reader: Any) -> None:
        self._looks: dict[str, _Look] = {}
        self.default = 0.0
        try:
            root = reader.file_of_type("styles").root_element
        except KeyError:
            return
        for element in root:
            if _local(element) == "docDefaults":
                self.default = next((_size(one) for one in element.iter() if _local(one) == "sz"), 0.0)
            if _local(element) == "style":
                key = next((str(v) for k, v in element.attrib.items() if str(k).endswith("styleId")), "")
                self._looks[key] = _look(element)

    def of(self, name: str) -> _Look:
        return self._looks.get(name, _Look())


def _look(style: Any) -> _Look:
    size, is_bold, is_heading = 0.0, False, False
    for element in style.iter():
        tag = _local(element)
        if tag == "name":
            is_heading |= _value(element).lower().startswith(("heading", "标题", "title"))
        elif tag == "outlineLvl":
            is_heading |= _value(element) in set("012345678")
        elif tag == "sz":
            size = _size(element)
        elif tag == "b":
            is_bold = _is_on(element)
    return _Look(size, is_bold, is_heading)


def _size(element: Any) -> float:
    try:
        return float(_value(element)) / 2  # in half points
    except ValueError:
        return 0.0


def _table_blocks(table: Any, styles: _Styles) -> Iterator[Block]:
    """What docx2python calls a table: one, or paragraphs between two, as a table of one cell."""
    for row in table:
        cells = []
        for cell in row:
            # A merged cell is followed by empty ones that are not in the file.
            pars = [par for par in cell if par.elem is not None]
            if pars or not cell:
                cells.append([block for par in pars for block in _lines(par, styles)])
        yield from row_blocks(cells)


def _lines(par: Any, styles: _Styles) -> Iterator[Block]:
    look = styles.of(par.style)
    runs = list(_runs(par.elem, look, styles.default))
    level = next((one for one in par.elem if _local(one) == "pPr"), None)
    outlined = level is not None and any(_local(one) == "outlineLvl" and _value(one) < "9" for one in level)
    line: list[tuple[str, float, bool]] = []
    for text, size, is_bold in [*runs, ("\n", 0.0, False)]:
        first, *others = text.split("\n")
        line.append((first, size, is_bold))
        for other in others:
            shown = clean("".join(part for part, _, _ in line))
            said = [run for run in line if run[0].strip()]
            if shown and said:
                yield Block(
                    text=shown,
                    size=max(said, key=lambda run: len(run[0]))[1],
                    is_bold=all(run[2] for run in said),
                    is_heading=look.is_heading or outlined,
                )
            line = [(other, size, is_bold)]


def _runs(element: Any, look: _Look, default: float) -> Iterator[tuple[str, float, bool]]:
    """The text of a paragraph, run by run; text boxes in it are paragraphs of their own."""
    for child in element:
        tag = _local(child)
        if tag in {"txbxContent", "pPr"}:
            continue
        if tag != "r":
            yield from _runs(child, look, default)
            continue
        size, is_bold = look.size or default, look.is_bold
        for part in child:
            tag = _local(part)
            if tag == "rPr":
                for one in part:
                    if _local(one) == "sz":
                        size = _size(one) or size
                    elif _local(one) == "b":
                        is_bold = _is_on(one)
            elif tag == "t":
                yield (part.text or "")[:MAX_CHARACTERS], size, is_bold
            elif tag in {"tab", "ptab"}:
                yield "\t", size, is_bold
            elif tag in {"br", "cr"}:
                yield "\n", size, is_bold
            elif tag == "noBreakHyphen":
                yield "-", size, is_bold
