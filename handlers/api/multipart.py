"""`multipart/form-data` as it arrives: small fields in memory, files on the disk, each within its bounds.

    form = MultipartForm(boundary_of(content_type), directory)
    await form.feed(chunk)      # any number of times
    form.finish()
    form.fields, form.files

A file on the disk has no name there, so nothing of it is left however the process ends. What is beyond a
bound raises `InvalidFields` at once, except for a file that is too long: it is cut, and marked, as the others
go on without it.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import IO
from urllib.parse import unquote_to_bytes

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from runtime.decoding import InvalidFields
from runtime.slices import Slices

MAX_FILES = 20
"""Files of one form."""
_MAX_FIELDS = 20
"""Other fields of one form. None of ours has more than four."""
_MAX_FIELD_BYTES = 16 * 1024
"""Of one other field: a hundred ids have 2,500."""
_AT_A_TIME = 4096
"""Bytes that are looked through without a pause. Where line ends follow each other the parser goes byte by
byte, which takes a millisecond for so many."""
_MAX_NAME_CHARS = 200
"""Of a file's name; a longer one is cut. File systems take 255 bytes, which are 85 Chinese characters."""
_PLAIN = "文件名不是有效的 UTF-8"


class SpooledFile(msgspec.Struct):
    """A file of a form.

    Attributes:
        name: As its sender calls it, without folders and control characters; never empty.
        size: Its bytes; of one that is too long, those that came until it was cut.
        is_too_long: It was cut, and holds nothing.
    """

    name: str
    spool: IO[bytes]
    size: int = 0
    is_too_long: bool = False

    async def read(self) -> bytes:
        """All of it."""

        def read() -> bytes:
            self.spool.seek(0)
            return self.spool.read()

        return await asyncio.to_thread(read)

    def close(self) -> None:
        """Let it go."""
        with suppress(OSError):  # the disk is full: what was not written yet is not needed either
            self.spool.close()


class MultipartForm:
    """Takes a form in. Belongs to one task.

    Attributes:
        fields: The names and values of the fields that are no files, in their order.
        files: Those of the field `file`, in their order.
    """

    def __init__(self, boundary: bytes, directory: Path, max_file_bytes: int) -> None:
        self.fields: list[tuple[str, str]] = []
        self.files: list[SpooledFile] = []
        self._directory = directory
        self._max_file_bytes = max_file_bytes
        self._slices = Slices()
        self._header: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._headers: dict[str, bytes] = {}
        self._field: str | None = None
        self._value = bytearray()
        self._file: SpooledFile | None = None
        self._to_write: list[tuple[SpooledFile, bytes]] = []
        self._is_ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_part_data": self._data,
                    "on_part_end": self._end_part,
                    "on_header_begin": self._begin_header,
                    "on_header_field": self._header_name,
                    "on_header_value": self._header_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_headers,
                    "on_end": self._end,
                },
            )
        except FormParserError:
            raise _broken() from None

    async def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the body in.

        Raises:
            InvalidFields: The form cannot be taken; what is wrong with it is named.
        """
        for start in range(0, len(chunk), _AT_A_TIME):
            try:
                self._parser.write(chunk[start : start + _AT_A_TIME])
            except FormParserError:
                raise _broken() from None
            await self._slices.rest()
        if to_write := self._to_write:
            self._to_write = []
            await asyncio.to_thread(_write, to_write)

    def finish(self) -> None:
        """Note that the body is over.

        Raises:
            InvalidFields: The form is not.
        """
        if not self._is_ended:
            raise _broken()

    def close(self) -> None:
        """Let the files go."""
        for file in self.files:
            file.close()

    def _begin_part(self) -> None:
        self._headers = {}
        self._field, self._file = None, None

    def _begin_header(self) -> None:
        self._header = (bytearray(), bytearray())

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def _end_header(self) -> None:
        name, value = self._header
        self._headers[bytes(name).decode("latin-1").lower()] = bytes(value)

    def _end_headers(self) -> None:
        disposition = self._headers.get("content-disposition", b"").decode("latin-1")
        kind, options = parse_options_header(disposition)
        if kind != b"form-data" or b"name" not in options:
            raise _broken()
        field = options[b"name"].decode("utf-8", "replace")
        name = _file_name(disposition, options)
        if field == "file":
            if not name:
                raise InvalidFields({"file": ["应为文件，须带文件名（filename）"]})
            if len(self.files) == MAX_FILES:
                raise InvalidFields({"file": [f"一次最多 {MAX_FILES} 个文件"]})
            spool = tempfile.TemporaryFile(dir=self._directory)  # noqa: SIM115 - it is closed with the form
            self._file = SpooledFile(name, spool)
            self.files.append(self._file)
            return
        if name is not None:
            raise InvalidFields({_shown(field): ["文件应放在 file 字段"]})
        if len(self.fields) == _MAX_FIELDS:
            raise InvalidFields({"body": [f"最多 {_MAX_FIELDS} 个字段"]})
        self._field, self._value = field, bytearray()

    def _data(self, data: bytes, start: int, end: int) -> None:
        file = self._file
        if file is None:
            self._value.extend(data[start:end])
            if len(self._value) > _MAX_FIELD_BYTES:
                raise InvalidFields({_shown(self._field or ""): [f"不能超过 {_MAX_FIELD_BYTES} 字节"]})
        elif not file.is_too_long:
            file.size += end - start
            file.is_too_long = file.size > self._max_file_bytes
            self._to_write.append((file, data[start:end]))

    def _end_part(self) -> None:
        if self._field is not None:
            try:
                self.fields.append((self._field, self._value.decode("utf-8")))
            except UnicodeDecodeError:
                raise InvalidFields({_shown(self._field): ["不是 UTF-8 文本"]}) from None

    def _end(self) -> None:
        self._is_ended = True


def boundary_of(content_type: str) -> bytes:
    """What stands between the parts of a form.

    Raises:
        InvalidFields: The `Content-Type` is not that of a form with files.
    """
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise InvalidFields({"Content-Type": ["应为 multipart/form-data，并带 boundary"]})
    return options[b"boundary"]


def _write(pieces: list[tuple[SpooledFile, bytes]]) -> None:
    for file, piece in pieces:
        if file.is_too_long:
            file.spool.truncate(0)
        else:
            file.spool.write(piece)


def _file_name(disposition: str, options: dict[bytes, bytes]) -> str | None:
    """What the sender calls a file; None where the part is no file.

    `filename*` (RFC 5987) is not for forms, but clients that send it have no other way to say the name right.
    """
    if b"filename" not in options and "filename*" not in disposition.lower():
        return None
    extended = re.search(r"(?i);\s*filename\*\s*=\s*\"?utf-8'[^']*'([^\s;\"]+)", disposition)
    raw = unquote_to_bytes(extended[1]) if extended else options.get(b"filename", b"")
    # Browsers write a quotation mark so, and nothing else.
    return clean_name(_decoded(raw, is_plain=not extended).replace("%22", '"')) if raw else ""


def _decoded(name: bytes, *, is_plain: bool) -> str:
    """A file's name in letters. What curl sends on a Chinese Windows is in that system's own encoding."""
    for encoding in ("utf-8", "gb18030") if is_plain else ("utf-8",):
        with suppress(UnicodeDecodeError):
            return name.decode(encoding)
    raise InvalidFields({"file": [_PLAIN]})


def clean_name(name: str) -> str:
    """A file's name as it can be kept and shown: no folders, no control or direction characters."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(one for one in last if unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    return kept.strip()[:_MAX_NAME_CHARS] or "file"


def _shown(field: str) -> str:
    return field[:50] or "body"


def _broken() -> InvalidFields:
    return InvalidFields({"body": ["不是完整的 multipart/form-data"]})
