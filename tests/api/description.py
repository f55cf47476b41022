"""`/openapi.json` as a judge: which answers it allows, and which it was asked about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from tests.support import Answer, Api


class Description:
    """The description of a running server."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._validators: dict[str, Any] = {}

    @classmethod
    async def of(cls, api: Api) -> Description:
        return cls((await api.get("/openapi.json")).json)

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Method, path and description of everything."""
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                yield method.upper(), path, operation

    def resolve(self, part: dict[str, Any]) -> dict[str, Any]:
        """What a reference stands for; anything else as it is."""
        while "$ref" in part:
            found: Any = self.document
            for name in part["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            part = found
        return part

    def problems(self, method: str, path: str, answer: Answer) -> list[str]:
        """What an answer has that the description of its operation does not allow."""
        responses = self.document["paths"][path][method.lower()]["responses"]
        if str(answer.http) not in responses:
            return [f"{answer.http} is not described"]
        response = self.resolve(responses[str(answer.http)])
        found = [
            f"header {name}: {problem}"
            for name, header in response.get("headers", {}).items()
            for problem in self._header_problems(self.resolve(header), answer.headers.get(name))
        ]
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        content = response.get("content", {})
        media = content.get(kind) or content.get("*/*")
        if content and media is None:
            found.append(f"{kind} is not described")
        elif media is not None:
            value = answer.json if kind == "application/json" else answer.body.decode()
            found += self.schema_problems(media["schema"], value)
        return found

    def _header_problems(self, header: dict[str, Any], text: str | None) -> list[str]:
        if text is None:
            return ["missing"] if header.get("required") else []
        is_number = header["schema"]["type"] == "integer" and re.fullmatch("[0-9]+", text)
        return self.schema_problems(header["schema"], int(text) if is_number else text)

    def schema_problems(self, schema: dict[str, Any], value: Any) -> list[str]:
        """Where a value is not what a schema of the document says."""
        key = repr(schema)
        if key not in self._validators:
            whole = {**schema, "components": self.document["components"]}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole)
        return [
            f"{'/'.join(map(str, error.instance_path))}: {error.message[:200]}"
            for error in self._validators[key].iter_errors(value)
        ]


def references(part: Any) -> Iterator[str]:
    """Every reference within a part of the document."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def schemas_in(part: Any) -> Iterator[dict[str, Any]]:
    """Every schema within a schema, itself included."""
    if isinstance(part, dict):
        yield part
        for value in part.get("properties", {}).values():
            yield from schemas_in(value)
        for name in ("items", "additionalProperties"):
            yield from schemas_in(part.get(name))
        for value in part.get("anyOf", ()):
            yield from schemas_in(value)
