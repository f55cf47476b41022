"""Small files of each kind, made by hand, so that a test can make exactly the one thing wrong."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Sequence

WIDTH, HEIGHT = 595, 842

Text = tuple[float, float, float, str]
"""Left, top and size in points, and what stands there."""


def pdf(
    pages: Sequence[Iterable[Text]],
    rules: Sequence[tuple[float, float, float, float]] = (),
    *,
    rotate: int = 0,
    repeat: int = 1,
    encrypted: bool = False,
    bold: Iterable[Text] = (),
    info: str = "",
) -> bytes:
    """A PDF whose letters are all as wide as high.

    Args:
        pages: The texts of each.
        rules: Lines from one point to another, on each page.
        rotate: By how much each page is turned when it is shown; its texts are turned back, so that a person
            reads them upright.
        repeat: How often its pages are listed.
        encrypted: Whether it says that a password is needed.
        bold: More texts on the first page, drawn with an outline.
        info: Its title.
    """
    objects = [b"", b"", _FONT, _FONT_BELOW, _TO_UNICODE, _DESCRIPTOR, _LATIN]
    kids = []
    for number, texts in enumerate(pages):
        drawn = "".join(f"{x} {HEIGHT - y} m {right} {HEIGHT - low} l S\n" for x, y, right, low in rules)
        drawn += "".join(_shown(text, 0, rotate) for text in texts)
        if not number:
            drawn += "".join(_shown(text, 2, rotate) for text in bold)
        objects.append(_stream(drawn.encode()))
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Rotate %d/Resources<</Font<</F 3 0 R/G 7 0 R>>>>"
            b"/Contents %d 0 R>>" % (WIDTH, HEIGHT, rotate, len(objects))
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[0] = b"<</Type/Catalog/Pages 2 0 R>>"
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids) * repeat, b" ".join(kids * repeat))
    trailer = b""
    if info:
        objects.append(b"<</Title<FEFF%s>>>" % info.encode("utf-16-be").hex().encode())
        trailer += b"/Info %d 0 R" % len(objects)
    if encrypted:
        objects.append(b"<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>" % (b"00" * 32, b"11" * 32))
        trailer += b"/Encrypt %d 0 R/ID[<00><00>]" % len(objects)
    return _file(objects, trailer)


def _shown(text: Text, mode: int, rotate: int) -> str:
    left, top, size, words = text
    matrix = {
        0: (1, 0, 0, 1, left, HEIGHT - top),
        90: (0, 1, -1, 0, top, left),
        180: (-1, 0, 0, -1, WIDTH - left, top),
        270: (0, -1, 1, 0, WIDTH - top, HEIGHT - left),
    }[rotate]
    place = " ".join(str(number) for number in matrix)
    if len(words) == 1 and words.isascii():
        # PDFium leaves out a letter that stands alone and has no outline.
        return f"BT {mode} Tr /G {size} Tf {place} Tm ({words}) Tj ET\n"
    return f"BT {mode} Tr /F {size} Tf {place} Tm <{words.encode('utf-16-be').hex()}> Tj ET\n"


def _stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(data), data)


def _file(objects: Sequence[bytes], trailer: bytes) -> bytes:
    out, offsets = io.BytesIO(), []
    out.write(b"%PDF-1.7\n")
    for number, content in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    out.write(b"trailer\n<</Size %d/Root 1 0 R%s>>\n" % (len(objects) + 1, trailer))
    out.write(b"startxref\n%d\n%%%%EOF\n" % table)
    return out.getvalue()


_FONT = (
    b"<</Type/Font/Subtype/Type0/BaseFont/Sample/Encoding/Identity-H/DescendantFonts[4 0 R]/ToUnicode 5 0 R>>"
)
_LATIN = b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>"
_FONT_BELOW = (
    b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Sample/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
    b"/Supplement 0>>/DW 1000/FontDescriptor 6 0 R>>"
)
_TO_UNICODE = _stream(
    b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def "
    b"1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0000> <FFFF> <0000> endbfrange "
    b"endcmap end end"
)
_DESCRIPTOR = (
    b"<</Type/FontDescriptor/FontName/Sample/Flags 4/FontBBox[0 -200 1000 800]/ItalicAngle 0/Ascent 800"
    b"/Descent -200/CapHeight 700/StemV 80>>"
)


def scan() -> bytes:
    """A PDF of one page that has a picture and no text."""
    picture = _stream(
        b"\x80" * 100,
        b"/Type/XObject/Subtype/Image/Width 10/Height 10/ColorSpace/DeviceGray/BitsPerComponent 8",
    )
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</I 5 0 R>>>>/Contents 4 0 R>>"
    )
    pages = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    drawn = _stream(b"595 0 0 842 0 0 cm /I Do")
    return _file([b"<</Type/Catalog/Pages 2 0 R>>", pages, page, drawn, picture], b"")


_SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


def par(text: str, properties: str = "", run: str = "") -> str:
    """A paragraph of Word."""
    return f'<w:p>{properties}<w:r>{run}<w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def table(*rows: Sequence[str]) -> str:
    """A table of Word, of rows of cells of paragraphs."""
    cells = ("".join(f"<w:tc>{cell}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def text_box(*pars: str) -> str:
    """A paragraph with a text box, in the two forms in which Word writes each."""
    inner = f"<w:txbxContent>{''.join(pars)}</w:txbxContent>"
    return (
        f'<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><wps:wsp><wps:txbx>{inner}</wps:txbx>'
        f"</wps:wsp></mc:Choice><mc:Fallback><v:textbox>{inner}</v:textbox></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )


def docx(body: str, *, header: str = "", before: str = "", more: Sequence[tuple[str, bytes]] = ()) -> bytes:
    """A Word file.

    Args:
        body: Its paragraphs and tables.
        header: The text of its header.
        before: What stands before the document's element.
        more: More entries of the archive.
    """
    kinds = "http://schemas.openxmlformats.org/package/2006/"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (
            ("[Content_Types].xml", f'<Types xmlns="{kinds}content-types"/>'),
            ("_rels/.rels", _relations(kinds, ("officeDocument", "word/document.xml"))),
            (
                "word/_rels/document.xml.rels",
                _relations(kinds, ("header", "header1.xml"), ("styles", "styles.xml")),
            ),
            ("word/document.xml", f"{before}<w:document {_SPACES}><w:body>{body}</w:body></w:document>"),
            ("word/header1.xml", f"<w:hdr {_SPACES}>{par(header)}</w:hdr>"),
            (
                "word/styles.xml",
                f'<w:styles {_SPACES}><w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/>'
                '<w:rPr><w:b/><w:sz w:val="32"/></w:rPr></w:style></w:styles>',
            ),
        ):
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + content)
        for name, data in more:
            archive.writestr(name, data)
    return out.getvalue()


def _relations(kinds: str, *targets: tuple[str, str]) -> str:
    one = "".join(
        f'<Relationship Id="r{number}" Type="{_RELATION}{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets)
    )
    return f'<Relationships xmlns="{kinds}relationships">{one}</Relationships>'


def png(width: int, height: int) -> bytes:
    """The head of a PNG that says how large it is, and little behind it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def jpeg(width: int, height: int) -> bytes:
    """The head of a JPEG."""
    app = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    return (
        b"\xff\xd8"
        + app
        + b"\xff\xc0\x00\x11\x08"
        + struct.pack(">HH", height, width)
        + b"\x03"
        + b"\x00" * 9
    )


def doc(text: str, *, encrypted: bool = False) -> bytes:
    """A Word file as of 1997: a compound file with a header, a piece table and UTF-16 text."""
    words = text.replace("\n", "\r").encode("utf-16-le")
    start = 0x400
    head = bytearray(start)
    struct.pack_into("<HHH", head, 0, 0xA5EC, 0x00C1, 0)
    struct.pack_into("<H", head, 10, 0x1200 | (0x0100 if encrypted else 0))  # 1Table, and 16 bits a letter
    struct.pack_into("<II", head, 0x18, start, start + len(words))
    struct.pack_into("<HI", head, 0x20, 14, 0)
    struct.pack_into("<I", head, 0x4C, len(text))  # ccpText
    pieces = struct.pack("<II", 0, len(text)) + struct.pack("<HIH", 0, start, 0)
    clx = b"\x02" + struct.pack("<I", len(pieces)) + pieces
    struct.pack_into("<II", head, 0x1A2, 0, len(clx))
    return _compound(
        {"WordDocument": (bytes(head) + words).ljust(4096, b"\0"), "1Table": clx.ljust(4096, b"\0")}
    )


def _compound(streams: dict[str, bytes]) -> bytes:
    """A compound file: the header, one sector of the table of sectors, one of names, then the streams."""
    size, end, free = 512, 0xFFFFFFFE, 0xFFFFFFFF
    sectors: list[bytes] = []
    chain = [0xFFFFFFFD, end]  # sector 0 is this table, sector 1 the names
    names = [_entry("Root Entry", 5, end, 0, child=1)]
    for number, (name, data) in enumerate(streams.items(), 1):
        first = len(chain)
        parts = [data[at : at + size].ljust(size, b"\0") for at in range(0, len(data), size)]
        chain += [first + at + 1 for at in range(len(parts) - 1)] + [end]
        sectors += parts
        right = number + 1 if number < len(streams) else free
        names.append(_entry(name, 2, first, len(data), right=right))
    names += [_entry("", 0, 0, 0)] * (4 - len(names))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    header += struct.pack("<108I", *[free] * 108)
    table_sector = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
    return header + table_sector + b"".join(names) + b"".join(sectors)


def _entry(
    name: str, kind: int, first: int, size: int, *, child: int = 0xFFFFFFFF, right: int = 0xFFFFFFFF
) -> bytes:
    title = (name.encode("utf-16-le") + b"\0\0").ljust(64, b"\0") if name else b"\0" * 64
    length = len(name) * 2 + 2 if name else 0
    none = 0xFFFFFFFF
    return title + struct.pack("<HBBIII16xI8x8xIII", length, kind, 1, none, right, child, 0, first, size, 0)
