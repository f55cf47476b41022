"""From bytes to typed records, and back: every request body, parameter and resume is decoded here.

    decode_json(NewComment, b'{"content": "电话已打"}')

Decoding is msgspec's and strict: no NaN, no lone surrogates, no guessing of types. Where fields are wrong,
all of them are named at once, each with a message in Chinese.

Pure. It raises `InvalidFields` and knows no HTTP: whoever serves HTTP turns that into an answer. The records
themselves live with those who ask for them. Answers and frames become
strict JSON by `dump`.
"""

from __future__ import annotations

import functools
import heapq
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
import ujson

Errors = Mapping[str, list[str]]
"""Field name -> messages in Chinese."""


class InvalidFields(Exception):
    """What was decoded is not as it must be.

    Attributes:
        errors: The messages of each field that is wrong.
    """

    def __init__(self, errors: Errors) -> None:
        super().__init__("invalid fields")
        self.errors = errors


T = TypeVar("T", bound=msgspec.Struct)

# msgspec names the pattern that an id does not match, which tells a client nothing.
_ID_MESSAGE = {"message": "应为 24 位十六进制编号"}

Id = Annotated[
    str,
    msgspec.Meta(
        pattern="^[0-9a-fA-F]{24}$", max_length=24, examples=["55cbfe688230db3518998292"], extra=_ID_MESSAGE
    ),
]
OptionalId = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-fA-F]{24})?\Z", max_length=24, extra=_ID_MESSAGE)]
# What msgspec calls the types of JSON, and what the messages call them.
_TYPES = {
    "str": "文本",
    "int": "整数",
    "float": "数字",
    "bool": "true 或 false",
    "array": "列表",
    "object": "对象",
    "null": "空值",
}
# How msgspec says what it expected: a type, or a relation and a bound of a number or a length.
_EXPECTED = re.compile(
    r"Expected `([^`]+)`(?: of length)?(?: (matching regex|[<>=]+) ?(.*?))?(?:, got|$| - at)"
)
# A step of a path: the number of an item, or the name of a field.
_STEP = r"\[(\d+)\]|\.(\w+)"
# How forms and URLs write truth values.
_TRUTH = {"1": True, "true": True, "0": False, "false": False}


def decode_json(kind: type[T], body: bytes, *, unknown: str = "ignore") -> T:
    """Decode a JSON object into `kind`, whose types are the validation; a byte order mark is skipped.

    Fields that `kind` does not have are ignored or refused, as `unknown` says.

    Raises:
        InvalidFields: Not UTF-8, not JSON, not an object, or wrong fields: each is named.
    """
    fields = _object(body)
    errors = _unknown_fields(kind, fields.keys()) if unknown == "refuse" else {}
    # A null is the same as a field that is not there, but where a type tells the two apart.
    nulls = _takers_of_null(kind)
    named = ((name, fields[name]) for name in names_of(kind) if name in fields)
    given = {name: raw for name, raw in named if bytes(raw) != b"null" or name in nulls}
    return _fill(kind, given, lambda raw, hint: msgspec.json.decode(raw, type=hint), errors)


@functools.cache
def _takers_of_null(kind: type[msgspec.Struct]) -> frozenset[str]:
    """The names of the fields whose types have both null and `UNSET`."""
    both = {NoneType, msgspec.UnsetType}
    hints = _hints(kind)
    return frozenset(field.encode_name for field in _fields(kind) if both <= set(_members(hints[field.name])))


def _unknown_fields(kind: type[msgspec.Struct], names: Set[str]) -> dict[str, list[str]]:
    # The client chose these names, so the answer repeats only some of them and only their beginnings.
    known = names_of(kind)
    return {
        name[:100]: ["未知字段"] for name in heapq.nsmallest(20, (one for one in names if one not in known))
    }


def decode_pairs(
    kind: type[T],
    pairs: Sequence[tuple[str, str]],
    *,
    unknown: str = "ignore",
    blank_is_absent: bool = False,
    errors: Mapping[str, list[str]] = MappingProxyType({}),
) -> T:
    """Decode names and texts, where numbers, truth values, lists and objects are written as texts.

    As `decode_json`. With `blank_is_absent` an empty text counts as not given.

    Raises:
        InvalidFields: Wrong fields, or fields given twice: each is named, beside the `errors` of before.
    """
    times = Counter(name for name, _ in pairs)
    twice = {name: ["重复的参数"] for name in sorted(names_of(kind)) if times[name] > 1}
    others = _unknown_fields(kind, times.keys()) if unknown == "refuse" else {}
    texts = {name: text for name, text in pairs if text or not blank_is_absent}
    return _fill(kind, texts, _from_text, {**errors, **others, **twice})


def scalars(kind: type[msgspec.Struct], body: bytes) -> list[tuple[str, str]]:
    """The fields of a JSON object that `kind` has, without null, as texts that `decode_pairs` takes.

    Raises:
        InvalidFields: Not a JSON object, or a value is a list or an object.
    """
    fields = _object(body)
    pairs, errors = [], {}
    for name in fields.keys() & names_of(kind):
        try:
            value = msgspec.json.decode(fields[name])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            errors[name] = ["不是有效的 JSON"]
            continue
        if isinstance(value, (dict, list)):
            errors[name] = ["应为文本或数字"]
        elif value is not None:
            # A number as it was written; `json.decode` has said that it is one.
            pairs.append((name, value if isinstance(value, str) else bytes(fields[name]).decode()))
    if errors:
        raise InvalidFields(errors)
    return pairs


def _from_text(text: str, hint: Any) -> Any:
    """One value of a form or URL; what is no number stays a text, and is refused as one."""
    value: Any = text
    if text.lstrip()[:1] in {"[", "{"} and _takes_parts(hint):
        try:
            return msgspec.json.decode(text, type=hint)
        except msgspec.ValidationError:
            raise
        except (msgspec.DecodeError, RecursionError):
            if not _takes(hint, str):  # a text may begin with a bracket
                raise
    elif not _takes(hint, str):
        word = text.strip().lower()
        if word.startswith(("{", "[")):  # what is nested comes as JSON
            return msgspec.json.decode(text, type=hint)
        if _takes(hint, bool):
            value = _TRUTH.get(word, text)
        # 18 digits always fit 64 bits, which is what BSON holds.
        elif re.fullmatch(r"-?[0-9]{1,18}", word):
            value = int(word)
    return msgspec.convert(value, hint)


def _takes(hint: Any, kind: type) -> bool:
    """Whether a value of `kind` itself can be of the type `hint`."""
    if get_origin(hint) is Annotated:
        return _takes(get_args(hint)[0], kind)
    if get_origin(hint) is Literal:
        return any(type(choice) is kind for choice in get_args(hint))
    return hint is kind or any(_takes(part, kind) for part in get_args(hint))


@functools.cache
def _takes_parts(hint: Any) -> bool:
    """Whether a value of the type `hint` can be a list or an object."""
    if isinstance(hint, type):
        return issubclass(hint, (list, dict, msgspec.Struct))
    if (origin := get_origin(hint)) in {list, dict}:
        return True
    if origin is Literal:
        return False
    return any(_takes_parts(part) for part in get_args(hint)[: 1 if origin is Annotated else None])


def _fill(
    kind: type[T],
    fields: Mapping[str, Any],
    decode: Callable[[Any, Any], Any],
    errors: Mapping[str, list[str]],
) -> T:
    """Build `kind` from undecoded fields by name; every wrong one is named at once."""
    hints = _hints(kind)
    values: dict[str, Any] = {}
    found: dict[str, list[str]] = {}
    for field in _fields(kind):
        name, hint = field.encode_name, hints[field.name]
        if name not in fields:
            if field.required:
                found[name] = ["必填"]
            continue
        try:
            values[field.name] = decode(fields[name], hint)
            refuse_nul(name, values[field.name])
            if _is_id(hint):  # one spelling alone, since other ids are derived from this one
                values[field.name] = values[field.name].lower()
        except InvalidFields as error:
            found |= dict(error.errors)
        except msgspec.ValidationError as error:
            path = path_of(str(error))
            message = _message_of(_part_of(hint, path)) or in_chinese(str(error))
            found[name] = [f"{place_of(path)}{message}"]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            found[name] = ["不是有效的 JSON"]
    if found or errors:
        raise InvalidFields({**found, **errors})
    return kind(**values)


def _message_of(hint: Any) -> str:
    """What a type says of wrong values: its own words, or its choices; "" where the error says it better."""
    for part in (hint, *get_args(hint)):
        if get_origin(part) is Literal:
            return f"应为 {'、'.join(map(str, get_args(part)))} 之一"
        for note in getattr(part, "__metadata__", ()):
            if isinstance(note, msgspec.Meta) and note.extra:
                return str(note.extra["message"])
    return ""


def _part_of(hint: Any, path: str) -> Any:
    """The type of what a path such as `[0].start_time` leads to below a type; None if it cannot be told."""
    for number, name in re.findall(_STEP, path):
        parts = [get_args(part)[0] if get_origin(part) is Annotated else part for part in _members(hint)]
        if number:
            hint = next((get_args(part)[0] for part in parts if get_origin(part) is list), None)
        else:
            kinds = [part for part in parts if isinstance(part, type) and issubclass(part, msgspec.Struct)]
            hint = next((hints[name] for hints in map(_hints, kinds) if name in hints), None)
    return hint


def _members(hint: Any) -> Sequence[Any]:
    """The members of a union; a type that is none is its own only one."""
    return get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)


@functools.cache
def _is_id(hint: Any) -> bool:
    return any(part in (Id, OptionalId) for part in (hint, *get_args(hint)))


@functools.cache
def names_of(kind: type[msgspec.Struct]) -> frozenset[str]:
    """The names of a type's fields, as they are spelled in JSON."""
    return frozenset(field.encode_name for field in _fields(kind))


@functools.cache
def _fields(kind: type[msgspec.Struct]) -> Sequence[msgspec.structs.FieldInfo]:
    # msgspec evaluates all annotations anew for each call: half a millisecond for the parameters of a list.
    return msgspec.structs.fields(kind)


@functools.cache
def _hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _object(body: bytes) -> dict[str, msgspec.Raw]:
    try:
        body.decode("utf-8")  # msgspec does not look at the texts of fields that are not asked for
        return msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"), type=dict[str, msgspec.Raw])
    except UnicodeDecodeError:
        raise InvalidFields({"body": ["不是 UTF-8 文本"]}) from None
    except msgspec.ValidationError:
        raise InvalidFields({"body": ["应为 JSON 对象"]}) from None
    except (msgspec.DecodeError, RecursionError):
        raise InvalidFields({"body": ["不是有效的 JSON"]}) from None


def refuse_nul(name: str, value: object) -> None:
    """Refuse NUL and lone surrogates anywhere in a decoded value: BSON and UTF-8 cannot hold them.

    Raises:
        InvalidFields: There is one; the error names the field.
    """
    stack = [value]  # not by recursion, which deep nesting would exhaust
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            if "\0" in item or any("\ud800" <= char <= "\udfff" for char in item if char > "\ud7ff"):
                raise InvalidFields({name: ["含有无效字符"]})
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


def place_of(path: str) -> str:
    """A path below a field for people: `[0].start_time` is `第 1 项 start_time：`, "" is "".

    Errors are named by their field alone, which is what a form has a place for.
    """
    parts = re.findall(_STEP, path)
    words = [f"第 {int(number) + 1} 项" if number else name for number, name in parts]
    return f"{' '.join(words)}：" if words else ""


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


def dump(answer: object) -> str:
    """Write a value as JSON, with no escapes that UTF-8 does not need.

    Raises:
        OverflowError: A number is NaN or infinite, which JSON does not have.
    """
    return str(ujson.dumps(answer, allow_nan=False, ensure_ascii=False, escape_forward_slashes=False))
