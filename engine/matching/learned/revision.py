"""What one step of learning comes to, relations and topics, under one revision.

Both are in force together: a process that follows one of them follows the other.
"""

from __future__ import annotations

import hashlib

from engine.matching.learned.relations import Relations
from engine.matching.learned.topics import Topics


def revision_of(relations: Relations, topics: Topics) -> str:
    """The revision of both: that of the relations where there are no topics, "" for nothing at all."""
    if not topics.revision:
        return relations.revision
    return hashlib.sha256(f"{relations.revision} {topics.revision}".encode()).hexdigest()[:16]
