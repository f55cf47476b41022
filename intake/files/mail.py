"""Mails, and web pages saved in the form of one (MHT), by the standard library."""

from __future__ import annotations

import base64
import binascii
import contextlib
import email
import email.policy
import io
import re
from email.generator import BytesGenerator
from email.header import decode_header
from email.message import Message
from urllib.parse import unquote_to_bytes

import msgspec

from intake.files.decoding import charset_of, decode_text
from intake.files.document import Block, Document
from intake.files.html import read_html
from intake.files.letters import clean
from intake.files.outcome import MAX_PARTS, Refused
from intake.files.text import blocks_of

_ENCODED_WORD = re.compile(r"(=\?[^?\s]+\?[bBqQ]\?[^?]*\?=)\s+(?==\?)")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_LOGO_BYTES = 30_000
"""A picture below this size is a logo or a signature; a page that a telephone took has ten times as much."""
_NO_FILES = {
    "text/calendar",
    "application/pgp-signature",
    "application/pkcs7-signature",
    "message/delivery-status",
}
_MORE = 1.2
"""How much more the text of a mail must say than its page to be read instead of it."""


class Attachment(msgspec.Struct, frozen=True):
    """A file that a mail brings: its name, its bytes, and the part of the mail that it is."""

    name: str
    data: bytes
    part: Message


class Mail(msgspec.Struct, frozen=True):
    """A mail, opened: what it says itself, its attachments in their order, and the whole of it with these.

    A mail inside is an attachment.
    """

    body: Document
    files: list[Attachment]
    message: Message

    def letter(self) -> bytes:
        """The mail without its attachments; they are taken out of `message`."""
        attached = {id(file.part) for file in self.files}
        for part in self.message.walk():
            inside = part.get_payload()
            if isinstance(inside, list):
                inside[:] = [one for one in inside if id(one) not in attached]
        return _flat(self.message)


def open_mail(data: bytes) -> Mail:
    """Take a mail apart.

    Raises:
        Refused: `corrupt`, or `too_large` where it has more than a hundred parts.
    """
    message = _parsed(data)
    texts: list[list[Block]] = []
    files: list[Attachment] = []
    _walk(message, texts, files)
    body = Document(
        blocks=[block for blocks in texts for block in blocks],
        title=clean(header_text(_raw(message, "subject"))).replace("\t", " ")[:300],
    )
    return Mail(body, files, message)


def read_mht(data: bytes) -> Document:
    """The page of an MHT: its first part that is HTML. Its pictures and frames are not looked at.

    Raises:
        Refused: `corrupt`, `too_large`.
    """
    message = _parsed(data)
    pages = [
        part for part in _parts(message) if part.get_content_type() in {"text/html", "application/xhtml+xml"}
    ]
    if not pages:
        raise Refused("corrupt")
    documents = [read_html(_bytes(page), _charset(page)) for page in pages[:5]]
    # A page with frames has one part that says nothing.
    return max(documents, key=lambda document: sum(len(block.text) for block in document.blocks))


def _raw(message: Message, name: str) -> str:
    """A header as it was sent, unfolded; raw bytes beyond ASCII are decoded by what is likeliest."""
    for key, value in message.raw_items():
        if key.lower() == name:
            text = str(value).replace("\r", "").replace("\n", " ")
            data = text.encode("utf-8", "surrogateescape")
            return text if text.isascii() else decode_text(data) or data.decode("gb18030", "replace")
    return ""


def header_text(raw: str) -> str:
    """A header in words: RFC 2047, with the charsets that are meant."""
    raw = _ENCODED_WORD.sub(r"\1", raw)
    try:
        parts = decode_header(raw)
    except Exception:  # noqa: BLE001 - it raises errors of its own, of Base64 and of Unicode
        return raw
    text = ""
    for part, charset in parts:
        if isinstance(part, str):
            text += part
        elif charset is None:  # what stands between encoded words
            text += part.decode("raw-unicode-escape", "replace")
        else:
            text += decode_text(part, charset) or part.decode(charset_of(charset) or "gb18030", "replace")
    return text


def _parsed(data: bytes) -> Message:
    data = data.lstrip(b" \t\r\n\xef\xbb\xbf\0")
    if data.startswith(b"From "):
        data = data.partition(b"\n")[2]  # of a mailbox in one file, the first
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    if sum(1 for _ in _parts(message)) > 3 * MAX_PARTS:
        raise Refused("too_large", "eml")
    return message


def _parts(message: Message) -> list[Message]:
    return [part for part in message.walk() if isinstance(part, Message)]


def _walk(message: Message, texts: list[list[Block]], files: list[Attachment]) -> None:
    kind = message.get_content_type()
    if len(files) > MAX_PARTS:
        raise Refused("too_large")
    name = _file_name(message)
    if kind == "message/rfc822":
        inner = message.get_payload()
        if isinstance(inner, list) and inner and isinstance(inner[0], Message):
            subject = clean(header_text(_raw(inner[0], "subject")))
            data = _unpacked(message, inner[0])
            files.append(Attachment(name or f"{subject or 'mail'}.eml", data, message))
        return
    if message.is_multipart():
        parts = [part for part in message.get_payload() if isinstance(part, Message)]
        if kind == "multipart/alternative":
            _alternatives(parts, texts, files)
        else:
            for part in parts:
                _walk(part, texts, files)
        return
    if kind in _NO_FILES:
        return
    is_attached = message.get_content_disposition() == "attachment" or name
    if kind in {"text/plain", "text/html"} and not is_attached:
        texts.append(_text_of(message))
        return
    data = _bytes(message)
    if kind.startswith("image/") and (message.get("Content-ID") or len(data) < _LOGO_BYTES):
        return
    if data.strip():
        files.append(Attachment(name or kind.replace("/", "."), data, message))


class _Generator(BytesGenerator):
    """Writes a multipart that has no parts as it came, where the library takes its bytes for letters."""

    def _handle_multipart(self, msg: Message) -> None:
        if isinstance(msg._payload, str):  # type: ignore[attr-defined]
            self._write_lines(msg._payload)  # type: ignore[attr-defined]
        else:
            super()._handle_multipart(msg)  # type: ignore[misc]


def _flat(message: Message) -> bytes:
    written = io.BytesIO()
    _Generator(written, mangle_from_=False).flatten(message)
    return written.getvalue()


def _unpacked(message: Message, inner: Message) -> bytes:
    """A mail in the mail. It must not be packed (RFC 2046, 5.2.1), and some programs pack it all the same."""
    try:
        data = _flat(inner)
    except Exception:  # noqa: BLE001 - what cannot be written again is empty, and harms none of the others
        return b""
    if not inner.keys() and str(message.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        with contextlib.suppress(binascii.Error):
            return base64.b64decode(data)
    return data


def _alternatives(parts: list[Message], texts: list[list[Block]], files: list[Attachment]) -> None:
    """One of several forms of the same text: the page, but where the text says more."""
    forms: list[tuple[str, list[Block]]] = []
    for part in parts:
        found: list[list[Block]] = []
        _walk(part, found, files)  # a page comes with its pictures in a part of its own
        forms.append((part.get_content_type(), [block for blocks in found for block in blocks]))
    if forms:
        texts.append(
            max(forms, key=lambda form: _length(form[1]) * (1 if form[0] == "text/plain" else _MORE))[1]
        )


def _length(blocks: list[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def _text_of(message: Message) -> list[Block]:
    data, charset = _bytes(message), _charset(message)
    # A text that cannot be read says nothing; what the mail brings is not to suffer for it.
    with contextlib.suppress(Refused):
        if message.get_content_type() == "text/html":
            return read_html(data, charset).blocks
        return blocks_of(decode_text(data, charset) or "")
    return []


def _bytes(message: Message) -> bytes:
    payload = message.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _charset(message: Message) -> str | None:
    charset = message.get_param("charset")
    return charset if isinstance(charset, str) else None


def _file_name(message: Message) -> str:
    """The name of an attachment: RFC 2231, RFC 2047 in quotes, percent signs, or raw bytes."""
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        readable = Message()
        readable[header] = _raw(message, header)
        value = readable.get_param(parameter, None, header)
        if isinstance(value, tuple):  # RFC 2231: charset, language, and bytes in Latin-1
            data = value[2].encode("latin-1", "replace")
            return decode_text(data, value[0] or None) or value[2]
        if isinstance(value, str) and value:
            text = header_text(value)
            if text.isascii() and _PERCENT.search(text):
                text = decode_text(unquote_to_bytes(text)) or text
            return text
    return ""
