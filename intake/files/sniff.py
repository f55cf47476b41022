"""Which kind of file some bytes are. The name is not asked: a `.doc` is often a web page, or RTF.

kind = sniff(data)      # "docx"
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable

from intake.files.decoding import decode_text
from intake.files.document import Kind
from intake.files.outcome import Refused

_HEAD_BYTES = 4096
"""How much of a text is looked at for what it is: the comments at the top of a page fit in."""
_BLANK = b" \t\r\n\f\v\0\xef\xbb\xbf"
_PDF_WITHIN = 1024
"""Bytes of junk that may stand before a PDF, as Adobe's own reader takes it."""
_SECTOR = 512
"""Bytes at whose multiples the parts of a compound file begin."""
_WORD_STREAM = b"\xec\xa5"
"""The first bytes of the text of a Word file of 1997 or later."""
_HEADER = re.compile(rb"^([A-Za-z][A-Za-z0-9-]*):[ \t\S]", re.MULTILINE)
_MAIL_HEADERS = {
    b"from", b"to", b"subject", b"date", b"received", b"return-path", b"message-id", b"mime-version",
    b"content-type", b"delivered-to", b"dkim-signature", b"reply-to", b"content-transfer-encoding", b"sender",
}  # fmt: skip
_ADDRESSED = re.compile(rb"^(to|received|delivered-to|return-path):", re.MULTILINE | re.IGNORECASE)
_PAGE_TYPE = re.compile(
    rb"^content-type:\s*(multipart/related|text/html|application/xhtml)", re.MULTILINE | re.IGNORECASE
)
_TAG = re.compile(r"<(!doctype\s+html|html|head|body|table|div|meta|style|p|h[1-6])\b", re.IGNORECASE)


def sniff(data: bytes) -> Kind:
    """The kind of a file.

    Raises:
        Refused: It is empty, encrypted as a whole, broken beyond telling, or of a kind that is not read.
    """
    if not data.strip(_BLANK):
        raise Refused("empty")
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind if isinstance(kind, str) else kind(data)
    if data.lstrip(_BLANK)[:5] == b"{\\rtf":
        return "rtf"
    if mail := _mail(data):
        return mail
    if re.search(rb"(^|[\r\n])%PDF-\d", data[:_PDF_WITHIN]):
        return "pdf"
    return _text(data)


def _zip(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError, UnicodeError):
        if b"word/" in data or b"[Content_Types].xml" in data[:_HEAD_BYTES]:
            raise Refused("corrupt", "docx") from None
        raise Refused("unknown_kind") from None
    if any(name.startswith("word/document") and name.endswith(".xml") for name in names):
        return "docx"
    raise Refused("unknown_kind")


def _compound(data: bytes) -> Kind:
    """An OLE file: Word before 2007, or a newer one that is encrypted."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Refused("encrypted", "docx")
    if "WordDocument".encode("utf-16-le") not in data:
        raise Refused("unknown_kind")  # a table, slides, a mail of Outlook
    for at in range(_SECTOR, len(data) - 12, _SECTOR):
        if data.startswith(_WORD_STREAM, at) and data[at + 11] & 1:  # `fEncrypted` of its header
            raise Refused("encrypted", "doc")
    return "doc"


_MAGIC: tuple[tuple[bytes, Kind | Callable[[bytes], Kind]], ...] = (
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", _zip),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _compound),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
)


def _mail(data: bytes) -> Kind | None:
    """A mail, or a web page that was saved in the form of one; None for all else."""
    head = data.lstrip(_BLANK)[: _HEAD_BYTES * 4]
    head = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    first = _HEADER.match(head)
    if not first and not head.startswith(b"From "):
        return None
    names = [match[1].lower() for match in _HEADER.finditer(head)]
    known = set(names) & _MAIL_HEADERS
    # A text may begin with "Subject: …", a resume with "Date: …"; a mail has several, and is typed or sent.
    if len(known) < 2 or not known & {
        b"content-type", b"mime-version", b"received", b"message-id", b"from",
    }:  # fmt: skip
        return None
    return "mht" if _PAGE_TYPE.search(head) and not _ADDRESSED.search(head) else "eml"


def _text(data: bytes) -> Kind:
    text = decode_text(data)
    if text is None:
        raise Refused("unknown_kind")
    head = text.lstrip("\ufeff \t\n\0")[:_HEAD_BYTES]
    if head.startswith("<") and _TAG.search(head):
        return "html"
    if head.startswith("{") and text.rstrip(" \t\n\0").endswith("}"):
        return "json"
    return "txt"
