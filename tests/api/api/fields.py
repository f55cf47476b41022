"""The table `fields.tsv`, an answer held against it, and the user's API document read for its field names.

The document is the user's own text and no part of this repository: it is read where it lies beside the clone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parents[3] / "shared" / "spec" / "wechat-api.md"
SHANGHAI = timezone(timedelta(hours=8))
CLOCK = "%Y-%m-%d %H:%M:%S"


class Field(NamedTuple):
    """One row: `data[].feed.id`, its type, and who says so."""

    path: str
    kind: str
    said_in: str


def read_table() -> dict[str, list[Field]]:
    """The rows by answer."""
    table: dict[str, list[Field]] = {}
    for line in (HERE / "fields.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            answer, path, kind, said_in = line.split("\t")
            assert said_in in {"doc", "interface", "more"}, line
            table.setdefault(answer, []).append(Field(path, kind, said_in))
    return table


class Clock(NamedTuple):
    """When a recording began and ended: what says "just now" lies between."""

    began: float
    ended: float

    def holds(self, seconds: float) -> bool:
        return int(self.began) <= seconds <= self.ended + 1


def problems(answer: dict[str, Any], fields: list[Field], clock: Clock, *, whole: bool) -> list[str]:
    """What is wrong with an answer.

    Args:
        answer: The decoded JSON.
        fields: What it should have.
        clock: When the answer was made.
        whole: Every field must be there, in every element of a list, and no list may be empty; else
            what is there must be right.

    Returns:
        A line for each missing, wrong or unknown field.
    """
    kinds = {field.path: field.kind for field in fields}
    found: dict[str, list[Any]] = {}
    lines = []
    for path, value in leaves(answer, kinds):
        if path not in kinds:
            lines.append(f"{path}: not in the table")
        elif not is_of(kinds[path], value, clock, may_be_none=not whole):
            lines.append(f"{path}: {value!r} is no {kinds[path]}")
        else:
            found.setdefault(path, []).append(value)
    if whole:
        for path in kinds:
            lines += [f"{path}: {place} has none" for place in lacking(answer, path.split("."))]
            if path not in found and not any(line.startswith(f"{path}:") for line in lines):
                lines.append(f"{path}: no value to look at")
    return lines


def leaves(value: Any, kinds: dict[str, str], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of an answer that is no list and no object, with its path; what has a type is one."""
    if isinstance(value, dict) and path not in kinds:
        for name, part in value.items():
            yield from leaves(part, kinds, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and path not in kinds:
        for part in value:
            yield from leaves(part, kinds, f"{path}[]")
    elif value is None and any(kind.startswith(f"{path}.") for kind in kinds):
        return  # an object that is not there
    else:
        yield path, value


def lacking(value: Any, names: list[str], place: str = "the answer") -> Iterator[str]:
    """The objects of an answer in which the way along `names` ends."""
    if not names or value is None:
        return
    name, is_list = names[0].removesuffix("[]"), names[0].endswith("[]")
    if not isinstance(value, dict) or name not in value:
        yield place
        return
    here = f"{place} > {name}"
    if not is_list:
        yield from lacking(value[name], names[1:], here)
    elif not isinstance(value[name], list):
        yield f"{here}, which is no list,"
    else:
        for position, part in enumerate(value[name]):
            yield from lacking(part, names[1:], f"{here}[{position}]")


def is_of(kind: str, value: Any, clock: Clock, *, may_be_none: bool = False) -> bool:
    """Whether a value is of a type of the table.

    Args:
        kind: The type.
        value: The value.
        clock: When it was made.
        may_be_none: An empty text, and the time 0, are right too: refusals have nothing to say.
    """
    if kind.endswith("?"):
        return value is None or is_of(kind[:-1], value, clock, may_be_none=may_be_none)
    is_text = isinstance(value, str)
    is_int = isinstance(value, int) and not isinstance(value, bool)
    if may_be_none and value == "" and kind not in {"int", "bool", "number", "share", "unix", "errors"}:
        return True
    match kind:
        case "text":
            return is_text
        case "word":
            return is_text and bool(value.strip())
        case "int":
            return is_int
        case "bool":
            return isinstance(value, bool)
        case "number":
            return is_int or isinstance(value, float)
        case "share":
            return (is_int or isinstance(value, float)) and 0 <= value <= 1
        case "amount":
            return is_int or isinstance(value, float) or (is_text and bool(value.strip()))
        case "id":
            return is_text and bool(re.fullmatch(r"[0-9a-f]{24}", value))
        case "unix":
            return is_int and (clock.holds(value) or (may_be_none and value == 0))
        case "clock":
            return is_moment(value) and clock.holds(
                datetime.strptime(value, CLOCK).replace(tzinfo=SHANGHAI).timestamp()
            )
        case "moment":
            return is_moment(value)
        case "month":
            return is_text and bool(re.fullmatch(r"\d{4}-\d\d(-\d\d)?|至今", value))
        case "errors":
            return isinstance(value, dict) and all(
                isinstance(texts, list) and texts and all(re.search("[一-鿿]", text) for text in texts)
                for texts in value.values()
            )
    raise AssertionError(f"the table has an unknown type {kind}")


def is_moment(value: object) -> bool:
    """Whether a value is a time as `YYYY-MM-DD HH:MM:SS`, each part with all its digits."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", value):
        return False
    return datetime.strptime(value, CLOCK).strftime(CLOCK) == value  # noqa: DTZ007 - China's, as all of them


class Endpoint(NamedTuple):
    """What the API document says of one endpoint: parameters, fields by path without `[]`, status words."""

    parameters: list[str]
    fields: list[str]
    statuses: set[str]


def read_document() -> dict[str, Endpoint]:
    """The API document's endpoints, by the table's names for their answers; none where it is not there."""
    found: dict[str, Endpoint] = {}
    if not DOCUMENT.exists():
        return found
    for section in re.split(r"(?m)^### ", DOCUMENT.read_text("utf-8"))[1:]:
        text = section.replace("\\", "")
        if url := re.search(r"URL: `/([^`]*?)/?`", text):
            name = re.sub(r"/(?:<.*|[0-9a-f]{24})", "", url.group(1)).rstrip("/")
            head, _, returned = text.partition("Return:")
            parameters = [path for path, _ in bullets(head.partition("Params:")[2])]
            rows = list(bullets(returned))
            statuses = {
                word
                for path, said in rows
                if path.partition(".")[0] == "status"
                for word in re.findall(r"\b[a-z]+(?:_[a-z]+)*\b", f"{path.partition('.')[2]} {said}")
            }
            fields = [path for path, _ in rows if not path.startswith("status.")]
            found[name] = Endpoint(parameters, fields, statuses)
    return found


def bullets(text: str) -> Iterator[tuple[str, str]]:
    """The nested list items `-   name: what it is`, each with the path of names down to it.

    A list ends at a line that is indented less than its first item; `feed/get` style prose in it is left out.
    """
    above: list[tuple[int, str]] = []
    for line in text.splitlines():
        item = re.match(r"( +)-\s+([A-Za-z_]+)\s*[:：](.*)", line)
        if not item:
            if re.match(r"-\s", line):
                return
            continue
        depth, name, said = len(item.group(1)), item.group(2), item.group(3).strip()
        while above and above[-1][0] >= depth:
            above.pop()
        above.append((depth, name))
        yield ".".join(name for _, name in above), said
