"""From bytes to typed records: every request body and parameter passes here or is refused.

Decoding is msgspec's and strict: no NaN, no lone surrogates, no guessing of types. What is wrong is
said of every field at once, in Chinese.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, get_type_hints
from urllib.parse import parse_qsl

import msgspec

from handlers.errors import BadRequest, Errors
from store.ids import is_id

T = TypeVar("T", bound=msgspec.Struct)

_TYPES = {
    "str": "文本",
    "int": "整数",
    "float": "数字",
    "bool": "true 或 false",
    "array": "列表",
    "object": "对象",
    "null": "空值",
}
_EXPECTED = re.compile(
    r"Expected `([^`]+)`(?: of length)?(?: (matching regex|[<>=]+) ?(.*?))?(?:, got|$| - at)"
)


def decode_json(kind: type[T], body: bytes, *, unknown: str = "ignore") -> T:
    """Decode a JSON object into `kind`.

    Args:
        kind: A msgspec struct; its types are the validation.
        body: The bytes; a byte order mark is skipped.
        unknown: `ignore` or `refuse` for fields that `kind` does not have.

    Raises:
        BadRequest: Not UTF-8, not JSON, not an object, or wrong fields: each is named.
    """
    fields = _object(body)
    hints = _hints(kind)
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for field in msgspec.structs.fields(kind):
        raw = fields.pop(field.encode_name, None)
        if raw is None or bytes(raw) == b"null":
            if field.required:
                errors[field.encode_name] = ["必填"]
            continue
        try:
            values[field.name] = msgspec.json.decode(raw, type=hints[field.name])
            refuse_nul(field.encode_name, values[field.name])
        except BadRequest as error:
            errors |= dict(error.errors or {})
        except msgspec.ValidationError as error:
            errors[field.encode_name + path_of(str(error))] = [in_chinese(str(error))]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            errors[field.encode_name] = ["不是有效的 JSON"]
    if unknown == "refuse":
        errors |= {name[:100]: ["未知字段"] for name in sorted(fields)[:20]}
    if errors:
        raise BadRequest(errors)
    return kind(**values)


@functools.cache
def _hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def decode_form(kind: type[T], body: bytes, content_type: str) -> T:
    """Decode a form endpoint's body: `x-www-form-urlencoded`, or JSON if its type says so.

    Raises:
        BadRequest: As `decode_json`; a field that is given twice counts as wrong.
    """
    if content_type.partition(";")[0].strip().lower() == "application/json":
        return decode_json(kind, body)
    pairs = form_pairs(body)
    repeated = {name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1}
    if repeated:
        raise BadRequest({name[:100]: ["重复的参数"] for name in sorted(repeated)})
    return decode_json(kind, msgspec.json.encode(dict(pairs)))


def form_pairs(body: bytes) -> list[tuple[str, str]]:
    """The names and values of an `x-www-form-urlencoded` body.

    Raises:
        BadRequest: Not UTF-8, or more than a hundred fields.
    """
    try:
        return parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except UnicodeDecodeError:
        raise BadRequest({"body": ["不是 UTF-8 文本"]}) from None
    except ValueError:
        raise BadRequest({"body": ["不是有效的表单"]}) from None


def _object(body: bytes) -> dict[str, msgspec.Raw]:
    try:
        return msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"), type=dict[str, msgspec.Raw])
    except UnicodeDecodeError:
        raise BadRequest({"body": ["不是 UTF-8 文本"]}) from None
    except msgspec.ValidationError:
        raise BadRequest({"body": ["应为 JSON 对象"]}) from None
    except (msgspec.DecodeError, RecursionError):
        raise BadRequest({"body": ["不是有效的 JSON"]}) from None


def refuse_nul(name: str, value: object) -> None:
    """Refuse NUL and lone surrogates anywhere in a decoded value: BSON and UTF-8 cannot hold them.

    Raises:
        BadRequest: There is one; the error names the field.
    """
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            if "\0" in item or any("\ud800" <= char <= "\udfff" for char in item if char > "\ud7ff"):
                raise BadRequest({name: ["含有无效字符"]})
        elif isinstance(item, Mapping):
            stack.extend(item.keys())
            stack.extend(item.values())
        elif isinstance(item, msgspec.Struct):
            stack.extend(getattr(item, field) for field in item.__struct_fields__)
        elif isinstance(item, Sequence) and not isinstance(item, bytes):
            stack.extend(item)


def path_of(message: str) -> str:
    """Where below the decoded value msgspec found the error: `[0].start_time`, or "" for the value itself."""
    found = re.search(r" - at `(?:key in )?\$([^`]*)`$", message)
    return found.group(1) if found else ""


def in_chinese(message: str) -> str:
    """Say msgspec's error message in Chinese, without the path."""
    if message.startswith("Object missing required field"):
        return f"缺少字段 {message.split('`')[1]}"
    found = _EXPECTED.search(message)
    if not found:
        return "数值超出范围" if "out of range" in message else "格式不正确"
    kinds, relation, bound = found.groups()
    if relation in {"<=", "<"}:
        return f"长度不能超过 {bound}" if "of length" in message else f"不能大于 {bound}"
    if relation in {">=", ">"}:
        if "of length" in message:
            return "不能为空" if bound == "1" else f"长度不能少于 {bound}"
        return f"不能小于 {bound}"
    if relation:
        return "格式不正确"
    return "应为" + "或".join(
        _TYPES.get(kind.strip(), kind.strip()) for kind in kinds.split("|") if "null" not in kind
    )


class Query:
    """The query parameters of one request: each is read once, by name and kind; errors are gathered."""

    def __init__(self, arguments: Mapping[str, Sequence[bytes]]) -> None:
        self._arguments = arguments
        self._errors: dict[str, list[str]] = {}

    def text(self, name: str, *, max_length: int = 200) -> str:
        """A text without outer blanks; "" when it is not given."""
        values = self._arguments.get(name, [])
        if len(values) > 1:
            self._errors[name] = ["重复的参数"]
            return ""
        try:
            text = values[0].decode("utf-8").strip() if values else ""
        except UnicodeDecodeError:
            self._errors[name] = ["不是 UTF-8 文本"]
            return ""
        if "\0" in text:
            self._errors[name] = ["含有无效字符"]
        elif len(text) > max_length:
            self._errors[name] = [f"长度不能超过 {max_length}"]
        else:
            return text
        return ""

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int | None:
        """A whole number from `low` to `high`; `default` when it is not given or empty."""
        text = self.text(name, max_length=20)
        if not text or name in self._errors:
            return default
        if not re.fullmatch(r"-?[0-9]{1,18}", text):
            self._errors[name] = ["应为整数"]
        elif not low <= int(text) <= high:
            self._errors[name] = [f"应在 {low} 到 {high} 之间"]
        else:
            return int(text)
        return default

    def object_id(self, name: str) -> str:
        """An id, which must be given."""
        text = self.text(name)
        self.check(name, is_id(text), "应为 24 位十六进制编号" if text else "必填")
        return text.lower()

    def choice(self, name: str, choices: Sequence[str], default: str = "") -> str:
        """One of `choices`; `default` when it is not given or empty."""
        text = self.text(name, max_length=100) or default
        if text != default and text not in choices:
            self._errors[name] = [f"应为 {'、'.join(choices)} 之一"]
            return default
        return text

    def flag(self, name: str) -> bool:
        """`1` is true; `0` or nothing is false."""
        return self.choice(name, ("0", "1")) == "1"

    def required(self, name: str, choices: Sequence[str], message: str) -> str:
        """One of `choices`, which must be given."""
        text = self.text(name)
        self.check(name, text in choices, message if text else "必填")
        return text

    def check(self, name: str, holds: bool, message: str) -> None:
        """Note an error of a parameter that is well-formed but not allowed."""
        if not holds and name not in self._errors:
            self._errors[name] = [message]

    def refuse(self) -> None:
        """Refuse the request if anything read so far was wrong.

        Raises:
            BadRequest: With every error.
        """
        errors: Errors = self._errors
        if errors:
            raise BadRequest(errors)
