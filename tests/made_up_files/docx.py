"""A writer of DOCX files, as little of it as resumes need: paragraphs, tables in tables, text boxes.

It is written by hand, since a library would write what a library expects to read.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from html import escape

_NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_TYPES = (
    f'{_DECLARATION}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_WORD}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{_WORD}.styles+xml"/>'
    f'<Override PartName="/word/header1.xml" ContentType="{_WORD}.header+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
_RELS = (
    f"{_DECLARATION}<Relationships {_PACKAGE}>"
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
)
_DOCUMENT_RELS = (
    f"{_DECLARATION}<Relationships {_PACKAGE}>"
    f'<Relationship Id="rId1" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/header" Target="header1.xml"/></Relationships>'
)
_STYLES = (
    f"{_DECLARATION}<w:styles {_NAMES}>"
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="a3"><w:name w:val="Title"/></w:style>'
    "</w:styles>"
)


def paragraph(text: str, *, bold: bool = False, size: float = 10.5, style: str = "", pieces: int = 1) -> str:
    """A paragraph; `style` is `1` for a heading and `a3` for a title, `pieces` the runs it is cut into."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    step = -(-len(text) // pieces) or 1
    runs = "".join(_run(text[at : at + step], bold=bold, size=size) for at in range(0, len(text), step))
    return f"<w:p>{properties}{runs}</w:p>"


def _run(text: str, *, bold: bool, size: float) -> str:
    marks = f'<w:rPr>{"<w:b/>" if bold else ""}<w:sz w:val="{round(size * 2)}"/></w:rPr>'
    parts = "<w:tab/>".join(
        f'<w:t xml:space="preserve">{escape(part)}</w:t>' if part else "" for part in text.split("\t")
    )
    return f"<w:r>{marks}{parts}</w:r>"


def cell(text: str | Sequence[str], *, span: int = 1, merge: str = "", bold: bool = False) -> str:
    """A cell of a line, or of paragraphs and tables as XML; `merge` is `restart` or `continue`."""
    inner = paragraph(text, bold=bold) if isinstance(text, str) else "".join(text) or paragraph("")
    if inner.endswith("</w:tbl>"):
        inner += paragraph("")
    properties = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    properties += f'<w:vMerge w:val="{merge}"/>' if merge else ""
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def table(rows: Iterable[Sequence[str]], columns: int) -> str:
    """A table of rows of cells."""
    grid = '<w:gridCol w:w="2000"/>' * columns
    body = "".join(f"<w:tr>{''.join(row)}</w:tr>" for row in rows)
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>"


def text_box(paragraphs: Sequence[str]) -> str:
    """A box as Word writes it: twice, as a drawing and as VML for readers of old."""
    inner = f"<w:txbxContent>{''.join(paragraphs)}</w:txbxContent>"
    drawing = (
        '<w:drawing><wp:inline><wp:extent cx="3000000" cy="900000"/><wp:docPr id="1" name="box"/><a:graphic>'
        '<a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">'
        f'<wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr/><wps:txbx>{inner}</wps:txbx><wps:bodyPr/></wps:wsp>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    old = (
        f'<w:pict><v:shape style="width:240pt;height:70pt"><v:textbox>{inner}</v:textbox></v:shape></w:pict>'
    )
    return (
        f'<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps">{drawing}</mc:Choice>'
        f"<mc:Fallback>{old}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )


def document(parts: Iterable[str], header: str = "") -> bytes:
    """The file; `header` stands at the top of each page."""
    section = '<w:sectPr><w:headerReference w:type="default" r:id="rId2"/></w:sectPr>'
    body = f"{_DECLARATION}<w:document {_NAMES}><w:body>{''.join(parts)}{section}</w:body></w:document>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _RELS),
            ("word/document.xml", body),
            ("word/_rels/document.xml.rels", _DOCUMENT_RELS),
            ("word/styles.xml", _STYLES),
            ("word/header1.xml", f"{_DECLARATION}<w:hdr {_NAMES}>{paragraph(header)}</w:hdr>"),
        ):
            archive.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()
