"""Files whose bytes say what a reader makes of them, and the reader that does."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Sequence
from typing import Any

from intake.files.outcome import Outcome, ReadResume

PICTURE = b"\x89PNG\r\n\x1a\n made up"


def resume_file(number: int = 0, *, to_confirm: bool = False, **fields: Any) -> bytes:
    """A file that reads as a resume of somebody of their own."""
    record = {
        "name": f"卜{number}号",
        "phone": f"1390000{number:04}",
        "email": f"bu{number}@example.com",
        "works": [
            {"position_title": "Python开发工程师", "job_desc": f"用Python和Django写后端接口，第{number}份"}
        ],
        **fields,
    }
    return json.dumps({"record": record, "to_confirm": to_confirm}).encode()


def refused_file(reason: str, more: str = "", reach: Sequence[str] = ()) -> bytes:
    """A file that gets no place, with phones and e-mails that can be read in it."""
    return json.dumps({"refusal": reason, "more": more, "reach": list(reach)}).encode()


def mail_file(*parts: bytes) -> bytes:
    """A mail with attachments."""
    return json.dumps({"parts": [base64.b64encode(part).decode() for part in parts]}).encode()


class MadeUpReader:
    """Stands for `intake.files.reader.FileReader`.

    Attributes:
        knows: Reasons for which files are refused; a test takes some away, as an installation of OCR does.
        seen: The names of the files that were read.
        pause: Waited for before each file; None for not at all.
    """

    def __init__(self) -> None:
        self.forgives: set[str] = set()
        self.seen: list[str] = []
        self.pause: asyncio.Event | None = None
        self.waiting = self.restarts = 0

    async def read(self, name: str, data: bytes) -> list[Outcome]:
        self.seen.append(name)
        if self.pause is not None:
            await self.pause.wait()
        said = json.loads(data)
        if "parts" in said:
            parts = [base64.b64decode(part) for part in said["parts"]]
            return [
                one
                for number, part in enumerate(parts, 1)
                for one in [self._outcome(f"{name} / {number}.pdf", json.loads(part), part)]
            ]
        return [self._outcome(name, said, None)]

    def _outcome(self, name: str, said: dict[str, Any], part: bytes | None) -> Outcome:
        if said.get("refusal", "") not in {"", *self.forgives}:
            return Outcome(file=name, kind="pdf", refusal=said["refusal"], part=part, reach=said["reach"])
        record = said.get("record") or {"self_evaluation": said["more"]}
        read = ReadResume(record=record, confidence={"name": 0.9}, to_confirm=said.get("to_confirm", False))
        return Outcome(file=name, kind="pdf", pages=2, resume=read, part=part)

    async def picture(self, data: bytes, page: int) -> bytes:
        return PICTURE + bytes([page])

    async def close(self) -> None:
        pass


BOUNDARY = "a-boundary-of-tests"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


def form_of(*files: tuple[str, bytes], **fields: Any) -> bytes:
    """A form as browsers and curl send it."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, data in files:
        head = f'Content-Disposition: form-data; name="file"; filename="{name}"'
        parts.append(
            f"--{BOUNDARY}\r\n{head}\r\nContent-Type: application/pdf\r\n\r\n".encode() + data + b"\r\n"
        )
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
