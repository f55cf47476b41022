"""The OpenAPI 3.1 description, made from the routes and their contracts, so that it cannot differ from them.

    describe(ROUTES, version=VERSION)

Needs no running server. The docstrings of handlers' `handle` and of the structs in contracts are its texts.
How a type becomes a schema is in `schemas.py`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from handlers.api.contract import JSON, NDJSON, UPGRADE, Contract, Ok
from handlers.api.requests import is_id_name
from handlers.api.route import Endpoint, Route
from handlers.api.schemas import components, one_of, parameters, reference, text_of
from runtime.decoding import Id

OPENAPI = "3.1.0"
_TITLE = "TalentFeed"
_ABOUT = """Every new resume is scored against every saved job description, a *feed*, the moment it arrives.

* Credentials are HTTP Basic: `user` and `token`, both from register or login.
* A path answers with and without its last slash, and to HEAD where GET changes nothing.
* A GET that changes state answers to POST too, is harmless when repeated, and never runs for a cross-site
  or prefetch request of a browser.
* An answer with HTTP 200 says in `status` what came of it; every other answer is a `Refusal`.
* Bodies are JSON or forms, as their `Content-Type` says; in a form, lists and nested values are JSON texts.
* Any request may be refused with 429 where its address has too many under way.
* `null` for a field of a body counts as left out, and so does an empty parameter of a URL. Unknown ones
  are ignored unless the description forbids them.
* Answers are never to be cached.
"""
_TAGS = {
    "accounts": "Register, activate, log in and out; password, sessions, profile.",
    "company": "Colleagues: who is in the company, and who did what.",
    "wechat": "Log in by WeChat: mini-program, official account, WeCom.",
    "notices": "What a recruiter who is away is told of, and by which channels.",
    "feeds": "Saved job descriptions: what is looked for.",
    "results": "The resumes that match a feed, with the reasons why.",
    "people": "What an account keeps of a candidate: favourite, contact, marks, comments.",
    "hand-over": "People shown by a link to somebody without an account, who says whom they would see.",
    "ingest": "Resumes in and out, with the ingest token.",
    "desk": "The operator's desk: who may is an operator, never a recruiter.",
    "operation": "For those who run the server, and this description.",
}
_PATH_NAMES = {
    "feed_id": "A feed of the account.",
    "resume_id": "A resume.",
    "mark_id": "A mark of the account.",
    "comment_id": "A comment of the account.",
    "user": "`user` of `auth_info`.",
    "token": "From `auth_info`, from a letter, or from another answer.",
    "name": "A file's name.",
    "account_id": "An account.",
    "company_id": "A company.",
    "member_id": "A member of the company, or an invitation into it.",
    "file_id": "A file in quarantine.",
    "table_id": "An uploaded table.",
    "handover_id": "A hand-over of the account.",
    "link": "What stands behind `#review=` in the link of a hand-over.",
}


class Refusal(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Any answer that is no HTTP 200.

    Attributes:
        status: One word for each HTTP status, 400 to 503.
        msg: For people, in Chinese.
        errors: What is wrong with each field; not everything that is refused has it.
    """

    status: Literal[
        "bad_request",
        "erased",
        "auth_error",
        "forbidden",
        "not_found",
        "method_not_allowed",
        "too_large",
        "unsupported",
        "too_many",
        "unavailable",
    ]
    msg: str
    errors: dict[str, list[str]] | msgspec.UnsetType = msgspec.UNSET


_REFUSALS = {
    "400": ("BadRequest", "A parameter, the body or an id is malformed; `errors` names each field."),
    "401": ("NotLoggedIn", "No, malformed, expired or revoked credentials."),
    "403": (
        "Forbidden",
        "A state change that another site asked for, a wrong ingest token, or another role.",
    ),
    "404": ("NotFound", "The id does not exist or belongs to another account; both are answered alike."),
    "405": ("MethodNotAllowed", "The path does not answer to this method."),
    "413": ("TooLarge", "The body is too large."),
    "415": ("Unsupported", "The body has a `Content-Encoding` that is not understood here."),
    "429": ("TooMany", "Too many attempts."),
    "503": (
        "Unavailable",
        "MongoDB does not answer, or WeChat where it is asked, or the server starts or stops.",
    ),
}
_HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {
        "description": "Names the request in the server's log.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
    },
    "Retry-After": {
        "description": "Seconds to wait.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "Location": {"description": "Where to go.", "required": True, "schema": {"type": "string"}},
    "Allow": {"description": "The right methods.", "required": True, "schema": {"type": "string"}},
}
_SECURITY: dict[str, dict[str, str]] = {
    "account": {
        "type": "http",
        "scheme": "basic",
        "description": "`user` and `token` of `auth_info`; not the password.",
    },
    "ingest": {"type": "http", "scheme": "bearer", "description": "The ingest token."},
    "operator": {
        "type": "http",
        "scheme": "bearer",
        "description": "The `token` of an operator's sign-in; found from `admin_addresses` alone.",
    },
}


def describe(routes: Sequence[Route], *, version: str) -> dict[str, Any]:
    """Describe every route.

    Returns:
        An OpenAPI document as plain values.
    """
    contracts = [route.handler.contract for route in routes]
    kinds = {kind for contract in contracts for kind in _kinds(contract)} | {Refusal}
    schemas = components(kinds)
    for contract in contracts:
        if contract.refuses_unknown and contract.body is not None:
            schemas[contract.body.__name__]["additionalProperties"] = False
        if contract.other_answer == UPGRADE:
            # With names of their own, as generators make a type of what is named alone.
            schemas["ServerFrame"] = {"description": "What the server sends over the socket."} | one_of(
                contract.frames
            )
            schemas["ClientMessage"] = {"description": "What a client may send over the socket."} | one_of(
                contract.messages
            )
    used = {route.tag for route in routes}
    return {
        "openapi": OPENAPI,
        "info": {"title": _TITLE, "version": version, "description": _ABOUT},
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items() if name in used],
        "paths": {route.path: dict(_operations(route)) for route in routes},
        "components": {
            "schemas": schemas,
            "responses": {name: _refusal(code) for code, (name, _) in _REFUSALS.items()},
            "headers": {name.replace("-", ""): header for name, header in _HEADERS.items()},
            "securitySchemes": _SECURITY,
        },
    }


def _kinds(contract: Contract) -> set[type[msgspec.Struct]]:
    is_json = contract.answer is not Ok or not (contract.other_answer or contract.redirect)
    answer = contract.answer if is_json else None
    over_http = {kind for kind in (contract.body, answer, contract.unavailable) if kind is not None}
    return over_http.union(contract.frames, contract.messages)


def _operations(route: Route) -> Iterator[tuple[str, dict[str, Any]]]:
    for method in route.handler.methods:
        yield method.lower(), _operation(route, method)


def _operation(route: Route, method: str) -> dict[str, Any]:
    handler, contract = route.handler, route.handler.contract
    words = [word for word in re.split(r"\W+", route.path) if word]
    description = inspect.getdoc(handler.handle) or ""
    if method == "POST" and contract.query is not None and contract.body is None:
        description += "\n\nThe parameters may come in the body instead, as JSON or as a form."
    operation: dict[str, Any] = {
        "operationId": "_".join([method.lower(), *words]) if words else f"{method.lower()}_page",
        "summary": contract.summary,
        "description": description,
        "tags": [route.tag],
        "parameters": [*_path_parameters(route), *_query_parameters(contract)],
        "responses": {**_success(contract), **_refusals(route, method)},
        "security": _security(handler),
    }
    if method == "POST" and contract.body is not None:
        content = {kind: {"schema": _body_schema(contract.body, kind)} for kind in contract.body_kinds}
        operation["requestBody"] = {
            "description": text_of(contract.body),
            "required": True,
            "content": content,
        }
    return operation


def _body_schema(body: type[msgspec.Struct], kind: str) -> dict[str, Any]:
    if kind == NDJSON:
        return {"type": "string", "description": f"One `{body.__name__}` a line, as JSON."}
    return reference(body)


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    schemas = {
        True: msgspec.json.schema(Id),
        False: {"type": "string", "minLength": 1, "pattern": "^[^/?#]+$"},
    }
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _PATH_NAMES[name],
            "schema": schemas[is_id_name(name)],
        }
        for name in route.names
    ]


def _query_parameters(contract: Contract) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "query",
            "required": required,
            "description": schema.pop("description", ""),
            "schema": schema,
        }
        for name, required, schema in parameters(contract.query)
    ]


def _success(contract: Contract) -> dict[str, Any]:
    if contract.redirect:
        found = {"302": {"description": contract.redirect, "headers": _headers("Location")}}
        return found if contract.answer is Ok else {**found, **_answered(contract)}
    return _answered(contract)


def _answered(contract: Contract) -> dict[str, Any]:
    if contract.other_answer == UPGRADE:
        # OpenAPI has no word for what goes over a WebSocket, but allows extensions.
        return {
            "101": {
                "description": "The connection speaks WebSocket from here on: the server sends `x-frames`, "
                "the client `x-messages`, as JSON texts.",
                "headers": _headers(),
                "x-frames": _union("ServerFrame"),
                "x-messages": _union("ClientMessage"),
            }
        }
    if contract.other_answer == JSON:
        text, content = "An OpenAPI document.", {JSON: {"schema": {"type": "object"}}}
    elif contract.other_answer:
        kinds = (contract.other_answer, *contract.also_answers)
        text, content = contract.summary, {kind: {"schema": {"type": "string"}} for kind in kinds}
        if contract.answer is not Ok:
            text = f"{contract.summary}; as JSON: {text_of(contract.answer)}"
            content[JSON] = {"schema": reference(contract.answer)}
    else:
        text, content = text_of(contract.answer), {JSON: {"schema": reference(contract.answer)}}
    of_answer = {
        name: {"description": about, "schema": {"type": "string"}}
        for name, about in contract.answer_headers.items()
    }
    headers = _headers() | of_answer
    return {"200": {"description": text, "content": _with_page(content, contract), "headers": headers}}


def _union(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _refusals(route: Route, method: str) -> dict[str, Any]:
    handler, contract = route.handler, route.handler.contract
    upgrades = contract.other_answer == UPGRADE
    # Only what can come about is described: a test provokes every refusal that stands here, and no other.
    has_ids = any(is_id_name(name) for name in route.names)
    can_be = {
        "400": has_ids
        or upgrades
        or contract.may_be_malformed
        or bool(contract.query or (contract.body and method == "POST")),
        "401": handler.needs_login or bool(handler.needs_role) or handler.needs_ingest_token or upgrades,
        "403": handler.changes_state_by(method)
        or handler.needs_role == "admin"
        or (has_ids if contract.by_role is None else contract.by_role),
        "404": has_ids if contract.may_be_missing is None else contract.may_be_missing,
        "405": True,
        "413": method == "POST",
        "415": method == "POST",
        "429": handler.needs_login or bool(handler.needs_role) or contract.throttled,
        "503": True,
    }
    return {code: _refusal_of(contract, code) for code, holds in can_be.items() if holds}


def _refusal_of(contract: Contract, code: str) -> dict[str, Any]:
    """One refusal of an endpoint: as everywhere, or with what else the endpoint may say."""
    name, _ = _REFUSALS[code]
    if code == "503" and contract.unavailable is not None:
        refusal = _refusal(code)
        either = [reference(contract.unavailable), reference(Refusal)]
        return refusal | {"content": {JSON: {"schema": {"anyOf": either}}}}
    if contract.has_page and code != "405":
        refusal = _refusal(code)
        return refusal | {"content": _with_page(refusal["content"], contract)}
    return {"$ref": f"#/components/responses/{name}"}


def _refusal(code: str) -> dict[str, Any]:
    _, text = _REFUSALS[code]
    more = {"405": ["Allow"], "429": ["Retry-After"], "503": ["Retry-After"]}.get(code, [])
    return {
        "description": text,
        "content": {JSON: {"schema": reference(Refusal)}},
        "headers": _headers(*more),
    }


def _with_page(content: dict[str, Any], contract: Contract) -> dict[str, Any]:
    return {**content, "text/html": {"schema": {"type": "string"}}} if contract.has_page else content


def _headers(*names: str) -> dict[str, Any]:
    return {
        name: {"$ref": f"#/components/headers/{name.replace('-', '')}"} for name in ("X-Request-Id", *names)
    }


def _security(handler: type[Endpoint]) -> list[dict[str, list[str]]]:
    if handler.contract.other_answer == UPGRADE:
        return [{}, {"account": []}]
    if handler.needs_ingest_token:
        return [{"ingest": []}]
    if handler.needs_role:
        return [{"operator": []}]
    return [{"account": []}] if handler.needs_login else []
