"""The references read for what they say of each endpoint, and OpenAPI schemas as the same kind of paths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.api.description import Description

_DOCS = Path(__file__).resolve().parents[3] / "docs"
REFERENCES = (_DOCS / "api.md", _DOCS / "desk-api.md")
METHODS = "GET|POST|DELETE"


class Row(NamedTuple):
    """One field of a table: `data[]`, and the shape that its row links to, if it does."""

    path: str
    shape: str


class Section(NamedTuple):
    """What stands under one heading."""

    operations: set[tuple[str, str]]
    parameters: set[str]
    rows: list[Row]
    refusals: set[str]
    text: str


def read_reference() -> dict[str, Section]:
    """The sections of the reference by their headings."""
    sections = {}
    pages = "\n".join(path.read_text("utf-8") for path in REFERENCES)
    for part in re.split(r"(?m)^#{2,4} ", pages)[1:]:
        heading, _, text = part.partition("\n")
        operations = set(_operations(heading))
        parameters = {name for cell, _ in _table(text, "parameter") for name in re.findall(r"`(.+?)`", cell)}
        rows = [
            Row(name, _shape(kind))
            for cell, kind in _table(text, "field")
            for name in re.findall(r"`(.+?)`", cell)
        ]
        refusals = set()
        if operations:
            parameters |= set(re.findall(r"\{(\w+)\}", heading))
            rows += _common_rows(text, rows)
            refusals = _refusals(text, operations, parameters)
        sections[heading] = Section(operations, parameters, rows, refusals, text)
    return sections


def expand(sections: dict[str, Section], rows: list[Row]) -> Iterator[str]:
    """The paths of a field table; a row that links to a shape stands for all of the shape's rows.

    The shape's rows are below the row's path, or at its own level where the path is `*`.
    """
    for path, shape in rows:
        if shape:
            below = expand(sections, sections[shape].rows)
            yield from below if path == "*" else (f"{path}.{name}" for name in below)
        else:
            yield path


def paths_of(description: Description, schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """The paths of a schema: `data[].feed.id` for every value in it that is no object and no list."""
    schema = description.resolve(schema)
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) == 1:  # null is allowed too
        schema = description.resolve(options[0])
    if schema.get("properties"):
        for name, part in schema["properties"].items():
            yield from paths_of(description, part, f"{path}.{name}" if path else name)
    elif "items" in schema:
        yield from paths_of(description, schema["items"], f"{path}[]")
    else:
        yield path


def answer_paths(description: Description, operation: dict[str, Any]) -> set[str]:
    """The paths of the JSON that an operation answers with HTTP 200; none where it answers something else."""
    content = operation["responses"].get("200", {}).get("content", {})
    if "application/json" not in content:
        return set()
    return set(paths_of(description, content["application/json"]["schema"])) - {""}


def parameter_names(description: Description, operation: dict[str, Any]) -> set[str]:
    """The names of an operation's parameters, and the paths of its body."""
    names = {parameter["name"] for parameter in operation["parameters"]}
    content = operation.get("requestBody", {}).get("content", {})
    for kind in content.keys() & {"application/json", "multipart/form-data"}:
        names |= set(paths_of(description, content[kind]["schema"]))
    return names


def table_name(path: str) -> str:
    """A path as the table `fields.tsv` names its answer."""
    return re.sub(r"/\{.*", "", path).strip("/")


def _operations(heading: str) -> Iterator[tuple[str, str]]:
    found = re.fullmatch(rf"((?:{METHODS})(?:, (?:{METHODS}))*) (/.*)", heading)
    if found:
        for method in found[1].split(", "):
            yield from ((method, path) for path in found[2].split(", "))


def _common_rows(text: str, rows: list[Row]) -> list[Row]:
    """The fields that the reference tells once for all JSON answers, under "Answers"."""
    if not rows and not re.search(r"Answers\s+`ok`", text):
        return []
    common = [Row("status", ""), Row("msg", "")]
    status = re.search(r"(?m)^\| `status` \|.*`form_error`.*$", text)
    if status and "without `errors`" not in status[0]:
        common.append(Row("errors", ""))
    return common


def _table(text: str, first: str) -> Iterator[tuple[str, str]]:
    """The first two cells of each row of the tables whose first column is headed so."""
    for table in re.findall(rf"(?m)^\| {first} \|.*\n\|[-|]+\|\n((?:\|.*\n?)+)", text):
        for line in table.strip().splitlines():
            cells = line.strip("|").split(" | ")
            yield cells[0].strip(), cells[1].strip()


def _shape(kind: str) -> str:
    link = re.fullmatch(r"\[(\w+)\]\((?:api\.md)?#\w+\)", kind)
    return link[1] if link else ""


def _refusals(text: str, operations: set[tuple[str, str]], parameters: set[str]) -> set[str]:
    """What a section says, or else what the reference says of all endpoints, under "Errors"."""
    found = re.search(r"Refuses\s+(?:a\s+handshake\s+)?with\s+([0-9,\s]+)", text)
    if found:
        return set(re.findall("[0-9]{3}", found[1]))
    if "Never refused" in text:
        return set()
    codes = {"404"} if re.search(r"Also\s+404\b", text) else set()
    if not re.search(r"Needs\s+no\s+credentials", text):
        codes.add("401")
    if {method for method, _ in operations} & {"POST", "DELETE"}:
        codes.add("403")
    return codes | ({"400"} if parameters else set())
