"""Resumes as values: as they arrive, as the engine reads them, and as lists show them. No I/O.

How they are stored, and which of them wait to be scored, is in `resumes`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from store.files.originals import OriginalFile
from store.ids import resume_id
from store.persons.reach import folded_name, person_keys, reach_of, site_person
from store.resumes.resume_record import Resume

Outcome = Literal[
    "accepted", "updated", "duplicate", "erased", "phone_erased", "email_erased", "person_erased"
]
"""Of the last four nothing is stored: the resume was erased, or a person who has its phone or e-mail, or whom
its source calls the same, was."""


class IncomingResume(msgspec.Struct, frozen=True, kw_only=True):
    """A resume as it arrives: the API document's record, the contact apart from it.

    Attributes:
        source: Who sent it; together with `source_id` it identifies the resume.
        digest: Of everything that was sent, by which an unchanged resume is recognised.
        update_digest: The same where it is an update: a contact's status that was not sent is kept, so the
            digest does not say which it is.
        equal_digests: More digests that an unchanged resume may have, whatever the status that it keeps.
        body: Its texts are masked.
        contact: Without `status` where none was sent; with the originals of masked texts, under `texts`.
        origin: On what ground it was collected, and when, as far as that was sent.
        original: The file that it was read from; None leaves what is stored.
        to_confirm: It was read from a file, and a person should look at it.
        adds_feeds: Whether `send_to` and `partner_for` are more feeds beside those that are stored, as of a
            file that is sent to one after the other; else they take the place of these.
    """

    source: str
    source_id: str
    digest: str
    update_digest: str = ""
    equal_digests: frozenset[str] = frozenset()
    body: dict[str, Any]
    contact: dict[str, Any]
    origin: dict[str, str] = {}
    send_to: list[str] = []
    partner_for: list[str] = []
    original: OriginalFile | None = None
    to_confirm: bool = False
    adds_feeds: bool = False

    @property
    def id(self) -> str:
        """The id that `(source, source_id)` always has."""
        return resume_id(self.source, self.source_id)

    @property
    def reach(self) -> list[str]:
        """What the person is found by: phones, e-mails and the site's person, see `store.persons.reach`."""
        reach = reach_of(self.contact.get("phone", ""), self.contact.get("email", ""))
        if person_id := self.contact.get("person_id"):
            reach.append(site_person(self.source, person_id))
        return reach

    @property
    def keys(self) -> list[str]:
        """What makes it one person's with others, see `store.persons.reach.person_keys`."""
        return person_keys(self.reach, self.name)

    @property
    def name(self) -> str:
        """The person's name, as names are compared."""
        return folded_name(str(self.contact.get("name") or ""))

    def is_as_stored(self, digest: str | None) -> bool:
        """Whether a stored resume with this digest says the same."""
        return digest == self.digest or digest in self.equal_digests


class ShownResume(msgspec.Struct, frozen=True, kw_only=True):
    """A resume as lists show it.

    Attributes:
        to_confirm: It was read from a file, without a name or without work: a person should look at it.
        maybe_same: The resumes that may be the same person's, see `lookalikes`; too many count as none.
    """

    body: Resume
    to_confirm: bool = False
    maybe_same: list[str] = []
    has_original: bool = False


class Origin(msgspec.Struct, frozen=True):
    """Who sent a resume, and when it came first."""

    source: str
    arrived_at: datetime


class StoredResume(msgspec.Struct, frozen=True, kw_only=True):
    """A resume as the engine reads it.

    Attributes:
        queued_at: Since when it waits.
        claimed_by: The processes that claimed it before they tried to score it.
        is_quarantined: It must not be analysed, as that may end the process.
    """

    id: str
    rev: int
    arrived_at: datetime
    pending: bool = False
    send_to: list[str]
    partner_for: list[str]
    body: dict[str, Any] = {}
    queued_at: datetime = datetime.fromtimestamp(0, UTC)
    claimed_by: list[str] = []
    is_quarantined: bool = False


class ScoringState(msgspec.Struct, frozen=True):
    """How far a resume is.

    Attributes:
        scored_at: Resumes were scored last against the feeds of that time; long ago where that is unknown.
    """

    pending: bool
    scored_at: datetime
    rev: int

    def has(self, rev: int) -> bool:
        """Whether the resume does not wait, and what was made of this revision of it is not outdated."""
        return not self.pending and rev >= self.rev
