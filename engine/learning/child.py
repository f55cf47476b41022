"""The process that computes what stored resumes teach: `python -m engine.learning.child PARENT LEAST`.

It is handed encoded profiles, and answers once with tables. Counting a hundred thousand of them takes half a
minute of computing, which would be felt in a server. So it is a process of its own, which yields to the
servers, has one thread and little memory, reads no store, and ends with its parent. `computing` is the other
end of its pipes:

    <4 bytes: length> <a profile> ... <4 bytes: 0> <1 byte: whether topics are wanted>
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from typing import BinaryIO

import msgspec

from engine.matching.learned.relations import Counting
from engine.matching.learned.topic_learning import Gathering
from engine.matching.learned.topics import NO_TOPICS
from engine.matching.resume_profile import ResumeProfile
from runtime.parent import die_with_parent

LENGTH_BYTES = 4
"""Of the length before a profile, little-endian."""
_MEMORY_BYTES = 4 * 1024**3
"""Address space. The compiler and its libraries take some 2 GiB of it by being there; 100,000 resumes take
300 MB. Where more is needed this fails, and what is in force stays."""
_NICENESS = 10
"""The servers go first, and so do those that read files, which somebody may wait for."""


class Tables(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned.

    Attributes:
        relations: The table of relations, with its revision.
        words, directions, weights: Of the topics, with their revision; empty where none were wanted or
            resumes are too few.
        error: The name of what went wrong; then there is nothing else.
    """

    relations: dict[str, dict[str, int]] = {}
    relations_revision: str = ""
    words: tuple[str, ...] = ()
    directions: bytes = b""
    weights: bytes = b""
    topics_revision: str = ""
    error: str = ""


def compute(incoming: BinaryIO, least: int) -> Tables | None:
    """Count the profiles that come, then learn from them.

    Args:
        incoming: As the module says.
        least: Resumes that there must be for topics.

    Returns:
        None where nobody waits for it any more.
    """
    counting, gathering = Counting(), Gathering(least)
    while True:
        head = incoming.read(LENGTH_BYTES)
        if len(head) < LENGTH_BYTES:
            return None
        if not (size := int.from_bytes(head, "little")):
            break
        profile = ResumeProfile.decode(incoming.read(size))
        counting.add(profile.key_terms)
        gathering.add(profile)
    wants_topics = incoming.read(1) == b"\1"
    relations, topics = counting.relations(), gathering.topics() if wants_topics else NO_TOPICS
    return Tables(
        relations={term: dict(near) for term, near in relations.table.items()},
        relations_revision=relations.revision,
        words=topics.words,
        directions=topics.directions,
        weights=topics.weights,
        topics_revision=topics.revision,
    )


def main() -> None:
    """Compute once."""
    # What a library prints must not be taken for the answer.
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    die_with_parent(int(sys.argv[1]))
    with contextlib.suppress(OSError, ValueError):  # macOS knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    os.nice(_NICENESS)
    try:
        tables = compute(sys.stdin.buffer, int(sys.argv[2]))
    except Exception as error:  # noqa: BLE001 - its text may be of a person, its name is not
        tables = Tables(error=type(error).__name__)
    if tables is not None:
        outgoing.write(msgspec.msgpack.encode(tables))
        outgoing.close()


if __name__ == "__main__":
    main()
