"""Ids: 24 hex digits outside this package, `ObjectId` inside.

Some ids are derived from what they identify. So "insert if absent" needs no second unique index, and two
processes that do the same work write the same document.
"""

from __future__ import annotations

import hashlib

from bson import ObjectId


def is_id(text: object) -> bool:
    """Whether `text` is spelled as an id: 24 hex digits."""
    return isinstance(text, str) and len(text) == 24 and ObjectId.is_valid(text)


def new_id() -> str:
    """An id of something that is about to be made."""
    return str(ObjectId())


def resume_id(source: str, source_id: str) -> str:
    """The id of the resume that `source` knows as `source_id`."""
    return _derived("resume", source, source_id)


def result_id(feed_id: str, resume_id: str) -> str:
    """The id of one resume's entry in one feed's list."""
    return _derived("result", feed_id, resume_id)


def file_id(source: str, sha256: str) -> str:
    """The id of a file that a source sent, in the quarantine of files."""
    return _derived("file", source, sha256)


def table_id(source: str, sheet: str, sha256: str) -> str:
    """The id of a table that an operator uploaded."""
    return _derived("table", source, sheet, sha256)


def identity_key(appid: str, openid: str) -> str:
    """What stands for a person of a WeChat app."""
    return _derived("identity", appid, openid)


def unionid_key(unionid: str) -> str:
    """What stands for a person in all WeChat apps of one owner."""
    return _derived("unionid", unionid)


def candidate_record_id(company_id: str, resume_id: str) -> str:
    """The id of what one company keeps of one resume's person."""
    # Every stored id was made with this word, so it stays.
    return _derived("candidate record", company_id, resume_id)


def favourite_id(company_id: str, resume_id: str, user_id: str) -> str:
    """The id of the record that says that a resume is a member's favourite.

    That of whoever made the company, whose id it has, is in the company's own record.
    """
    if user_id == company_id:
        return candidate_record_id(company_id, resume_id)
    return _derived("favourite", company_id, resume_id, user_id)


def invitation_id(company_id: str, email: str) -> str:
    """The id of a company's invitation of an address."""
    return _derived("invitation", company_id, email)


def decision_id(company_id: str, resume_id: str, other_id: str) -> str:
    """The id of what one company decided about two resumes, given in order."""
    return _derived("decision", company_id, resume_id, other_id)


def note_id(record_id: str, kind: str, name: str) -> str:
    """The id of a mark or a comment of a record, by what its client calls it or by when it was made."""
    return _derived("note", record_id, kind, name)


def handover_note(handover: ObjectId) -> str:
    """What the comment by a hand-over is called, as no client may call one of its own."""
    return f"handover {handover}"


def repeat_id(user_id: str, client_id: str) -> str:
    """The id of what an account did under a name that its client gave."""
    return _derived("repeat", user_id, client_id)


def _derived(*parts: str) -> str:
    # 96 bits of SHA-256: among 10**12 documents the chance of a collision is about 10**-5.
    # The lengths in front keep ("a", "bc") and ("ab", "c") apart.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:24]
