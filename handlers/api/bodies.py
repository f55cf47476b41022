"""The bodies and parameters of requests: what HTTP adds to `runtime.decoding`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec

from runtime.decoding import InvalidFields, decode_json, decode_pairs, names_of

T = TypeVar("T", bound=msgspec.Struct)

_MAX_FIELDS = 100
"""Fields that a form may have. None of ours has more than 15; a megabyte could hold half a million."""


def decode_form(kind: type[T], body: bytes, content_type: str) -> T:
    """Decode a form endpoint's body: `x-www-form-urlencoded`, or JSON if its type says so.

    Raises:
        InvalidFields: As `decode_json`; a field that is given twice counts as wrong.
    """
    if content_type.partition(";")[0].strip().lower() == "application/json":
        return decode_json(kind, body)
    return decode_pairs(kind, form_pairs(body))


def decode_query(kind: type[T], arguments: Mapping[str, Sequence[bytes]]) -> T:
    """Decode the parameters of a URL: outer blanks go, and an empty one counts as not given.

    Raises:
        InvalidFields: As `decode_form`.
    """
    pairs, errors = [], {}
    # Unknown parameters are ignored: apps and sites that open a link add some of their own.
    for name in arguments.keys() & names_of(kind):
        for value in arguments[name]:
            try:
                pairs.append((name, value.decode("utf-8").strip()))
            except UnicodeDecodeError:
                errors[name] = ["不是 UTF-8 文本"]
    return decode_pairs(kind, pairs, blank_is_absent=True, errors=errors)


def form_pairs(body: bytes) -> list[tuple[str, str]]:
    """The names and values of an `x-www-form-urlencoded` body.

    Raises:
        InvalidFields: Not UTF-8, or more than a hundred fields.
    """
    try:
        return parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS
        )
    except UnicodeDecodeError:
        raise InvalidFields({"body": ["不是 UTF-8 文本"]}) from None
    except ValueError:
        raise InvalidFields({"body": ["不是有效的表单"]}) from None
