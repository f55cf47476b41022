"""Ways to spoil a file: bytes flipped, cut and spliced, kinds put into each other, names that lie.

Where a format packs its contents (a zip, base64), what is inside is spoilt and packed again, since a reader
would throw the file away at the first checksum otherwise.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from random import Random

# fmt: off
MAGICS = (
    b"%PDF-1.7\n", b"PK\x03\x04", b"{\\rtf1\\ansi", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0", b"MIME-Version: 1.0\r\n", b"<html>", b"\xff\xfe", b"\xef\xbb\xbf", b'{"basics":{',
    b"\0",
)
NAMES = (
    "简历.pdf", "a.docx", "a.doc", "a.exe", "../../etc/passwd", "C:\\a\\b.pdf", "", ".", "x" * 5000,
    "a\0b.pdf", "\u202efdp.exe", "😀.eml", "a.pdf\r\nSet-Cookie: a=b", "=1+1.txt", "%00.html", "a/b/c.txt",
    "\ud800.txt",
)
_EDGES = (
    b"0", b"-1", b"65536", b"2147483648", b"99999999999999999999", b"1e309", b"\xff\xff\xff\xff", b"",
)
_TOKENS = (
    b"<!DOCTYPE a [<!ENTITY b 'bbbbbbbbbb'><!ENTITY c '&b;&b;&b;&b;'>]>", b"<table>", b"<w:tbl><w:tr><w:tc>",
    b"</w:p>", b"<script>", b"\\bin99999999 ", b"{", b"}", b"=?gb2312?b?", b"\r\n--", b"endobj", b"<<", b">>",
    b"stream\n", b"]" * 1000, b"(" * 1000, b"<div>" * 1000, b" " * 20_000, b"\\'d5" * 1000,
)
# fmt: on

Spoil = Callable[[Random, bytes, Sequence[bytes]], bytes]


def flip(rng: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Some bytes become others."""
    out = bytearray(data or b"\0")
    for _place in range(rng.choice((1, 3, 20, 300))):
        out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def cut(rng: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """The end, the beginning or a piece is gone."""
    here, there = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    return rng.choice((data[:here], data[there:], data[:here] + data[there:]))


def splice(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """The head of one file and the tail of another."""
    other = rng.choice(others)
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def double(rng: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """A piece stands there many times."""
    here = rng.randrange(len(data) + 1)
    piece = data[here : here + rng.choice((1, 10, 200, 4000))]
    return data[:here] + piece * min(rng.choice((2, 50, 5000)), 2_000_000 // (len(piece) or 1)) + data[here:]


def disguise(rng: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """It begins like another kind."""
    magic = rng.choice(MAGICS)
    return magic + rng.choice((data, data[len(magic) :], b""))


def stuff(rng: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Tokens of some format in between."""
    for _place in range(rng.choice((1, 5))):
        here = rng.randrange(len(data) + 1)
        data = data[:here] + rng.choice(_TOKENS) + data[here:]
    return data


def renumber(rng: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Some numbers become ones at an edge: lengths, counts, offsets, sizes of pages."""
    share = rng.choice((0.002, 0.05, 0.5))
    return re.sub(rb"\d+", lambda found: rng.choice(_EDGES) if rng.random() < share else found[0], data)


def nest(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """A file within a mail, within a mail; or as the contents of a zip."""
    if rng.random() < 0.3:
        return _zip(
            {"[Content_Types].xml": b"<Types/>", "word/document.xml": data, "../a": rng.choice(others)}
        )
    for depth in range(rng.choice((1, 1, 2, 30))):
        if len(data) > 1_000_000:
            break
        kind = rng.choice(("message/rfc822", "application/pdf", "text/html; charset=gb2312", "text/plain"))
        body = b"\r\n".join(base64.encodebytes(data).split(b"\n"))
        head = (
            f"From: a@example.com\r\nSubject: 简历 {depth}\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
            f'Content-Type: {kind}\r\nContent-Disposition: attachment; filename="a.doc"\r\n'
            "Content-Transfer-Encoding: base64\r\n\r\n"
        )
        data = head.encode("gb18030") + body + b"\r\n--b--\r\n"
    return data


def inside(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """What is packed in a zip or in base64 is spoilt, and packed again."""
    spoil = rng.choice((flip, cut, splice, double, stuff, renumber))
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        name = rng.choice(list(parts))
        parts[name] = spoil(rng, parts[name], others)
        return _zip(parts)
    found = list(re.finditer(rb"(?:[A-Za-z0-9+/]{60,76}\r?\n)+[A-Za-z0-9+/=]*", data))
    if not found:
        return spoil(rng, data, others)
    part = rng.choice(found)
    packed = base64.encodebytes(spoil(rng, base64.b64decode(part[0] + b"=="), others))
    return data[: part.start()] + packed + data[part.end() :]


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


SPOILS: tuple[Spoil, ...] = (flip, cut, splice, double, disguise, stuff, renumber, nest, inside)


def spoilt(rng: Random, files: Sequence[bytes]) -> tuple[str, str, bytes]:
    """One spoilt file: how, under which name, and its bytes."""
    data = rng.choice(files)
    chosen = [rng.choice(SPOILS) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    for spoil in chosen:
        try:
            data = spoil(rng, data, files)
        except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, EOFError):
            data = flip(rng, data, files)  # a zip that is spoilt already cannot be opened to spoil its inside
    return "+".join(spoil.__name__ for spoil in chosen), rng.choice(NAMES), data[:3_000_000]
