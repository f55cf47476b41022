"""Makes every operation answer in each way that is described, and holds the answers to the description."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.api.description import Description
from tests.api.scene import UNKNOWN
from tests.support import Answer, Hr

CROSS_SITE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}


def path_with(template: str, **names: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: names[found[1]], template)


class Provoker:
    """Makes an operation answer in every way that is described, and holds each answer to the description."""

    def __init__(self, description: Description, hr: Hr, names: dict[str, str]) -> None:
        self.description = description
        self.hr = hr
        self.names = names
        self.seen: set[tuple[str, str, str]] = set()

    async def call(
        self, method: str, path: str, *, really: str = "", names: dict[str, str] | None = None, **options: Any
    ) -> Answer:
        url = path_with(path, **(self.names | (names or {})))
        answer = await self.hr.call(really or method, url, **options)
        assert self.description.problems(method, path, answer) == [], (method, path, answer.http, answer.body)
        self.seen.add((method, path, str(answer.http)))
        return answer

    async def refuse(self, method: str, path: str, operation: dict[str, Any], good: dict[str, Any]) -> None:
        """Every refusal that an operation describes."""
        described = operation["responses"].keys()
        headers = good.get("headers", {})
        if "400" in described:
            await self._malform(method, path, operation, good)
        if "401" in described:
            await self.call(method, path, **good | {"headers": {**headers, "Authorization": "Basic eDp5"}})
        if "403" in described:
            if method != "GET" or operation["security"] != [{"operator": []}]:
                await self.call(method, path, **good | {"headers": {**headers, **CROSS_SITE}})
            if operation["security"] == [{"ingest": []}]:
                await self.call(method, path, **good | {"headers": {**headers, "Authorization": "Bearer x"}})
        if "404" in described:
            await self._miss(method, path, operation, good)
        await self.call(method, path, really="PATCH")
        if "415" in described:
            await self.call(method, path, **good | {"headers": {**headers, "Content-Encoding": "br"}})
        if "413" in described:
            await self.call(method, path, **{**good, "body": b"x" * 1_100_000, "json_body": None})

    async def _malform(self, method: str, path: str, operation: dict[str, Any], good: dict[str, Any]) -> None:
        for name in re.findall(r"\{(\w+_id)\}", path):
            assert (await self.call(method, path, names={name: "x"}, **good)).http == 400
        for parameter in operation["parameters"]:
            schema = parameter["schema"]
            if parameter["in"] == "query" and ("enum" in schema or "maxLength" in schema):
                wrong = "x" * (schema.get("maxLength", 0) + 1)
                assert (await self.call(method, path, **good | {parameter["name"]: wrong})).http == 400
        if "requestBody" in operation:
            names = (
                "feed_id",
                "source",
                "password",
                "content",
                "username",
                "phone",
                "id",
                "exchange",
                "quiet",
                "version",
                *("email", "q", "vip", "ids", "account", "mapping", "mark_name", "code"),
            )
            wrong = json.dumps({name: [{}] for name in names}).encode()
            for body in (wrong, b"", b"[", b"[1]", b"\xff"):
                bad = good | {"body": body, "json_body": None}
                bad["headers"] = good.get("headers", {}) | {"Content-Type": "application/json"}
                assert (await self.call(method, path, **bad)).http == 400, (path, body)

    async def _miss(self, method: str, path: str, operation: dict[str, Any], good: dict[str, Any]) -> None:
        names = re.findall(r"\{(\w+_id|name)\}", path)
        if names:
            answer = await self.call(method, path, names=dict.fromkeys(names, UNKNOWN), **good)
        elif path in {"/metrics", "/admin/"}:  # not for this address
            answer = await self.call(method, path, headers={"X-Real-Ip": "192.0.2.1"})
        elif path == "/hr/sessions/revoke/":
            answer = await self.call(method, path, json_body={"id": UNKNOWN})
        elif path in {"/resumes/join/", "/resumes/part/"}:
            pair = {**good["json_body"], "other_id": UNKNOWN}
            answer = await self.call(method, path, json_body=pair)
        elif path in {"/special_feed/pause/", "/special_feed/results/"} or (
            path == "/handover/" and method == "POST"
        ):
            answer = await self.call(method, path, json_body=good["json_body"] | {"feed_id": UNKNOWN})
        else:
            answer = await self.call(method, path, **good | {"feed_id": UNKNOWN})
        assert answer.http == 404
