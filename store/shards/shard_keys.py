"""How the collections of a sharded MongoDB are divided, and which commands say where they belong.

    keyless("find", {"find": "results", "filter": {"resume": id_}})     # ["results.find(resume)"]

A command that names the shard key of its documents goes to the shard that has them; one that does not is
asked of all shards. A write of one document has to name the whole key. So every filter of ours has it, but
for those in `store.shards.asking_all`. `store.shards.keyless_commands` looks for others.

The key is always a function of `_id`: a result's account and feed are those of its feed, and a record's
account is part of its id. So `_id` is unique although each shard knows only its own (`docs/adr/0064`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

SHARD_KEYS: Mapping[str, tuple[str, ...]] = {
    "results": ("user", "feed"),
    "feeds": ("user",),
    "candidate_records": ("user",),
    "counters": ("_id",),
    "feedback": ("_id",),
    "resumes": ("_id",),
    "profiles": ("_id",),
    "contacts": ("_id",),
    "persons": ("_id",),
}
"""The fields of each sharded collection's key. All others stay whole, on one shard."""

_Query = Mapping[str, Any]


def keyless(name: str, command: _Query) -> list[str]:
    """What of a command would be asked of all shards: each as collection, what it does, and by which fields.

    Args:
        name: What the command is called.
        command: As the driver sends it; empty where it holds a password.

    Returns:
        Nothing for a command with the keys that it needs, and for one of another collection.
    """
    collection = command.get(name)
    key = SHARD_KEYS.get(collection) if isinstance(collection, str) else None
    if key is None:
        return []
    found = [
        f"{collection}.{what}({','.join(sorted(query))})"
        for what, query, needs_all in _queries(name, command)
        if not _has_key(key, query, needs_all=needs_all)
    ]
    return list(dict.fromkeys(found))


def _queries(name: str, command: _Query) -> Iterator[tuple[str, _Query, bool]]:
    """What a command does, by which query, and whether it needs the whole key."""
    if name == "insert":
        for document in command["documents"]:
            yield "insert", document, True
    elif name == "update":
        for each in command["updates"]:
            one = not each.get("multi")
            what = "upsert" if each.get("upsert") else "update_one" if one else "update_many"
            yield what, flat(each["q"]), one
    elif name == "delete":
        for each in command["deletes"]:
            one = bool(each.get("limit"))
            yield "delete_one" if one else "delete_many", flat(each["q"]), one
    elif name in {"findAndModify", "findandmodify"}:
        yield "find_and_modify", flat(command["query"]), True
    elif name == "find":
        yield "find", flat(command.get("filter", {})), False
    elif name in {"count", "distinct"}:
        yield name, flat(command.get("query", {})), False
    elif name == "aggregate":
        yield "aggregate", _first_match(command["pipeline"]), False


def _first_match(pipeline: Sequence[_Query]) -> _Query:
    """The query of an aggregation: its first stages, which MongoDB takes for one."""
    fields: dict[str, Any] = {}
    for stage in pipeline:
        if "$match" not in stage:
            break
        fields |= flat(stage["$match"])
    return fields


def flat(query: _Query) -> dict[str, Any]:
    """A query's conditions by field, those within `$and` too."""
    fields: dict[str, Any] = {}
    for name, value in query.items():
        if name == "$and":
            for part in value:
                fields |= flat(part)
        else:
            fields[name] = value
    return fields


def _has_key(key: Sequence[str], query: _Query, *, needs_all: bool) -> bool:
    """Whether a query names a key: all of its fields, or at least the first, which finds the shards."""
    if needs_all:
        return all(name in query and _is_one(query[name]) for name in key)
    return key[0] in query and _is_some(query[key[0]])


def _is_one(value: object) -> bool:
    """Whether a condition is that a field has a value."""
    return not isinstance(value, Mapping) or set(value) == {"$eq"}


def _is_some(value: object) -> bool:
    """The same, or one of some values."""
    return _is_one(value) or (isinstance(value, Mapping) and ("$in" in value or "$eq" in value))
