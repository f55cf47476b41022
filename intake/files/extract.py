"""From the bytes of a file to outcomes: its kind, its blocks, and what `intake.reading` makes of these.

    for outcome in outcomes_of("resume.pdf", data, read_resume): ...

Runs in the child process. Whatever a file does, it is an outcome: a library that raises, does so for a file
that is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import msgspec

from intake.files.doc import read_doc
from intake.files.document import Block, Document, Kind
from intake.files.docx import read_docx
from intake.files.html import read_html
from intake.files.json_resume import read_json_resume
from intake.files.mail import Mail, open_mail, read_mht
from intake.files.outcome import (
    MAX_BLOCKS,
    MAX_BYTES,
    MAX_CHARACTERS,
    MAX_LINE,
    MAX_MAIL_BYTES,
    MAX_MAIL_DEPTH,
    Outcome,
    ReadResume,
    Reason,
    Refused,
    file_name,
)
from intake.files.pdf import read_pdf
from intake.files.pictures import read_picture
from intake.files.rtf import read_rtf
from intake.files.sniff import sniff
from intake.files.text import read_text
from intake.reading.contacts import emails, phones
from store.persons.reach import reach_of

Reader = Callable[[Document], ReadResume | Reason]
"""Makes a resume of a document, or says why it is none."""
T = TypeVar("T")
_MOST_REACH = 50
"""Phones and e-mails that are told of a file that gets no place."""

_READERS: dict[Kind, Callable[[bytes], Document]] = {
    "pdf": read_pdf,
    "docx": read_docx,
    "doc": read_doc,
    "rtf": read_rtf,
    "html": read_html,
    "mht": read_mht,
    "txt": read_text,
    "png": read_picture,
    "jpeg": read_picture,
}


def outcomes_of(name: str, data: bytes, read: Reader) -> list[Outcome]:
    """What became of a file, and of each attachment where it is a mail. Never empty, raises nothing."""
    return list(_outcomes(file_name(name), data, read, 0))


def _outcomes(name: str, data: bytes, read: Reader, depth: int) -> Iterator[Outcome]:
    kind = _attempt(name, "", lambda: _kind_of(data))
    if isinstance(kind, Outcome):
        yield kind
    elif kind == "eml":
        mail = _attempt(name, kind, lambda: open_mail(data))
        if isinstance(mail, Outcome):
            yield mail
        else:
            yield from _of_mail(name, mail, read, depth)
    elif kind == "json":
        yield _attempt(name, kind, lambda: Outcome(file=name, kind=kind, resume=read_json_resume(data)))
    else:
        yield _attempt(name, kind, lambda: _outcome(name, kind, _READERS[kind](data), read))


def _kind_of(data: bytes) -> Kind:
    kind = sniff(data)
    if len(data) > (MAX_MAIL_BYTES if kind == "eml" else MAX_BYTES):
        raise Refused("too_large", kind)
    return kind


def _attempt(name: str, kind: Kind, make: Callable[[], T]) -> T | Outcome:
    """What `make` makes, or the outcome of a file with which it fails."""
    try:
        return make()
    except Refused as refused:
        return Outcome(file=name, kind=refused.kind or kind, refusal=refused.reason)
    except MemoryError:
        return Outcome(file=name, kind=kind, refusal="too_large")
    except RecursionError:  # Python's reader of mails goes into each mail in the mail
        return Outcome(file=name, kind=kind, refusal="too_deep" if kind == "eml" else "corrupt")
    except Exception:  # noqa: BLE001 - a library that fails, fails on what strangers wrote
        return Outcome(file=name, kind=kind, refusal="corrupt")


def _outcome(name: str, kind: Kind, document: Document, read: Reader) -> Outcome:
    text = sum(len(block.text) for block in document.blocks)
    if text > MAX_CHARACTERS or len(document.blocks) > MAX_BLOCKS:
        raise Refused("too_large")
    if not document.blocks:
        raise Refused("empty")
    found = read(
        msgspec.structs.replace(document, blocks=[part for block in document.blocks for part in _cut(block)])
    )
    is_resume = isinstance(found, ReadResume)
    return Outcome(
        file=name,
        kind=kind,
        pages=document.pages,
        resume=found if is_resume else None,  # type: ignore[arg-type]
        refusal=None if is_resume else found,  # type: ignore[arg-type]
        reach=[] if is_resume else _reach(document.blocks),
    )


def _reach(blocks: Sequence[Block]) -> list[str]:
    """Whose phones and e-mails a document has; of a list of hundreds the first."""
    found: dict[str, None] = {}
    for block in blocks:
        if len(found) >= _MOST_REACH:
            break
        for text in (part.text for part in _cut(block)):
            found |= dict.fromkeys(key for one in phones(text) for key in reach_of(one.value, ""))
            found |= dict.fromkeys(key for one in emails(text) for key in reach_of("", one.value))
    return list(found)[:_MOST_REACH]


def _cut(block: Block) -> Iterator[Block]:
    """A block of any length as blocks of a bounded one."""
    if len(block.text) <= MAX_LINE:
        yield block
        return
    for at in range(0, len(block.text), MAX_LINE):
        if text := block.text[at : at + MAX_LINE].strip():
            yield msgspec.structs.replace(block, text=text, cells=())


def _of_mail(name: str, mail: Mail, read: Reader, depth: int) -> Iterator[Outcome]:
    """The text of a mail with attachments is most often a letter: it counts where it is clearly a resume."""
    body = _attempt(name, "eml", lambda: _outcome(name, "eml", mail.body, read))
    if not mail.files:
        yield body
    elif body.resume and not body.resume.to_confirm:
        # Its original is the letter alone: what it brings may be of somebody else, who is unlocked and erased
        # by themselves.
        letter = _attempt(name, "eml", mail.letter)
        if isinstance(letter, Outcome):  # it cannot be written again
            lines = "\n".join(block.text for block in mail.body.blocks)
            yield msgspec.structs.replace(body, kind="txt", part=lines.encode())
        else:
            yield msgspec.structs.replace(body, part=letter)
    for attachment in mail.files:
        whole, data = f"{name} / {file_name(attachment.name)}", attachment.data
        if depth >= MAX_MAIL_DEPTH and _attempt(whole, "", partial(sniff, data)) == "eml":
            yield Outcome(file=whole, kind="eml", refusal="too_deep", part=data)
            continue
        for outcome in _outcomes(whole, data, read, depth + 1):
            # What lies in a mail in the mail has its bytes already.
            yield outcome if outcome.part is not None else msgspec.structs.replace(outcome, part=data)
