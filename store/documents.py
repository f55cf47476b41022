"""Stored documents as values, by the names of their fields.

read_as(Operator, {"_id": ObjectId("65f…"), "email": "ops@example.com", …})   # Operator(id="65f…", …)
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from bson import ObjectId

T = TypeVar("T", bound=msgspec.Struct)

_WITH_IDS = frozenset({ObjectId, list})


def read_as(kind: type[T], document: Mapping[str, Any], **more: Any) -> T:
    """A document as a struct with fields of the same names; `_id` is its `id`, and all ids are texts.

    Args:
        kind: The struct. What is not stored has its default, what it has no field for is left out.
        document: As MongoDB gives it.
        more: Fields that are stored otherwise.
    """
    for name, stored in _names(kind):
        if name not in more and stored in document:
            value = document[stored]
            more[name] = _plain(value) if type(value) in _WITH_IDS else value
    return kind(**more)


@functools.cache
def _names(kind: type[msgspec.Struct]) -> list[tuple[str, str]]:
    return [(name, "_id" if name == "id" else name) for name in kind.__struct_fields__]


def _plain(value: ObjectId | list[Any]) -> Any:
    if isinstance(value, ObjectId):
        return str(value)
    return [str(one) if isinstance(one, ObjectId) else one for one in value]
