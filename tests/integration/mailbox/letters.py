"""Mails with made-up resumes, and what stores them here: each attachment is one resume as JSON.

How files are read has tests of its own; these are about the way to there, and need no reader in a process.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import itertools
import json
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from commands.filing import storing_of
from intake.upload import Upload
from store.stores import Stores
from tests.support import python_resume

_numbers = itertools.count(1)
SENDERS = {"51job.com": "51job", "zhaopin.com": "zhaopin"}


def letter(*resumes: dict[str, Any], sender: str = "someone@example.org", subject: str = "应聘") -> bytes:
    """A mail with an attachment a resume; with one of a new person where none is given."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = sender
    message["To"] = "jobs@example.com"
    message["Subject"] = subject
    message.set_content("您好，简历见附件。")
    for number, resume in enumerate(resumes or (python_resume(name=f"某{next(_numbers)}"),), 1):
        data = json.dumps({k: v for k, v in resume.items() if k not in {"source", "source_id"}})
        message.add_attachment(data.encode(), "application", "json", filename=f"简历{number}.json")
    return message.as_bytes()


def resume_letter(count: int) -> bytes:
    """A mail with so many attachments that the reader of files reads: people in JSON Resume, nobody twice."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = "someone@example.org"
    message["Subject"] = "应聘"
    message.set_content("您好，简历见附件。")
    for _ in range(count):
        number = next(_numbers)
        person = {
            "basics": {"name": f"王小{number}", "phone": f"138{number:08}", "label": "Python 工程师"},
            "work": [
                {"name": "示例公司", "position": "Python 工程师", "startDate": "2020-01", "summary": "后端"}
            ],
        }
        data = json.dumps(person).encode()
        message.add_attachment(data, "application", "json", filename=f"简历{number}.json")
    return message.as_bytes()


@dataclass
class Filed:
    status: str


class LineFiling:
    """Stores the attachments of a mail.

    Attributes:
        taken: The mails that came, as often as they came.
        before: Called with a mail before anything is done with it; what it raises, `take` raises.
        hold: Awaited with a mail before anything of it is stored.
        after: Awaited once all is stored.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self.taken: list[bytes] = []
        self.before: Any = lambda _data: None
        self.hold: Any = None
        self.after: Any = None

    async def take(self, _name: str, data: bytes, /, *, source: str) -> list[Filed]:
        self.taken.append(data)
        self.before(data)
        if self.hold:
            await self.hold(data)
        message = email.message_from_bytes(data, policy=email.policy.default)
        filed = []
        for part in message.iter_attachments():
            content = part.get_payload(decode=True)
            record = json.loads(content) | {
                "source": source,
                "source_id": hashlib.sha256(content).hexdigest(),
            }
            upload = Upload(storing_of(self._stores))
            await upload.take([(1, json.dumps(record).encode())])
            await upload.flush()
            filed += [Filed(name) for name, count in upload.counts.items() for _ in range(count)]
            filed += [Filed("rejected") for _ in upload.rejected]
        if self.after:
            await self.after()
        return filed
