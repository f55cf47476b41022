"""The bodies and parameters of requests: what HTTP adds to `runtime.decoding`.

A body is JSON or a form, as its `Content-Type` says; both are taken everywhere. In a form, lists and nested
values are JSON texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar
from urllib.parse import parse_qsl

import msgspec

from handlers.api.contract import FORM, JSON
from runtime.decoding import InvalidFields, decode_json, decode_pairs, names_of, scalars

T = TypeVar("T", bound=msgspec.Struct)
Unknown = Literal["ignore", "refuse"]

_MAX_FIELDS = 100
"""Fields that a form may have. None of ours has more than 25; a megabyte could hold half a million."""
_MAX_COLONS = 40_000
"""Colons that a JSON body may have, of which each field takes one: a megabyte could hold a hundred thousand
fields, which take a tenth of a second. The texts of our longest form have 27,000 characters."""


def decode_body(
    kind: type[T], body: bytes, content_type: str, *, is_form: bool = False, unknown: Unknown = "ignore"
) -> T:
    """Decode a body: `x-www-form-urlencoded` or JSON; `is_form` where it is a form unless it says otherwise.

    Raises:
        InvalidFields: As `decode_json`; a field that is given twice counts as wrong.
    """
    if _is_json(body, content_type, is_form=is_form):
        _refuse_many_fields(body)
        return decode_json(kind, body, unknown=unknown)
    return decode_pairs(kind, form_pairs(body), unknown=unknown)


def parameter_pairs(kind: type[msgspec.Struct], body: bytes, content_type: str) -> list[tuple[str, str]]:
    """The parameters that a POST sends in its body instead of its URL, as texts; none for another body.

    Raises:
        InvalidFields: The body is not what it says, or a value is a list or an object.
    """
    media = _media_type(content_type)
    if media not in {FORM, JSON}:
        return []
    if _is_json(body, content_type, is_form=False):
        _refuse_many_fields(body)
        return scalars(kind, body)
    return form_pairs(body)


def _is_json(body: bytes, content_type: str, *, is_form: bool) -> bool:
    media = _media_type(content_type)
    # Many a client says "form" of whatever it sends. No form begins with a brace; an empty one is a form.
    return media == JSON or body.lstrip()[:1] == b"{" or (not is_form and media != FORM)


def _refuse_many_fields(body: bytes) -> None:
    if body.count(b":") > _MAX_COLONS:
        raise InvalidFields({"body": ["字段过多"]})


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def decode_query(kind: type[T], arguments: Mapping[str, Sequence[bytes]]) -> T:
    """Decode the parameters of a URL: outer blanks go, and an empty one counts as not given.

    Raises:
        InvalidFields: As `decode_body`.
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
