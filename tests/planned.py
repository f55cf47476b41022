"""Which queries have no index that they begin with; `tests.rules` notes them.

A query without one reads a whole collection, which no test of a young database shows. So each shape of query
(collection, command, fields with their operators, sort, limit) is held to the rules by which MongoDB uses an
index. The index's first fields are asked for by values, the next one perhaps by a range; a sparse or partial
index has all that is asked for; and where a limit cuts what is sorted, the index gives the order.

What breaks them fails the test that made it, unless it stands in `WHOLE`, `SORTED` or `SMALL`, each with its
reason. How much the index then holds for a query is tried on 10,000 documents, in
`tests/integration/store/test_query_plans.py`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from store import mongo

SMALL: Mapping[str, str] = {
    "mailboxes": "One a mailbox.",
    "operators": "One an operator.",
    "tables": "One a table that was sent at the desk, for some days.",
    "ingest_tokens": "Some a source.",
    "audit_chains": "As many as processes write the audit at once.",
    "transactors": "Some a process.",
    "gate": "A fixed number.",
}
"""Collections that stay small however many people use the system."""

_DESK = "The desk looks for accounts and companies by a part of a name, or of a kind: now and then."

WHOLE: Mapping[str, str] = {
    "resumes.find()": "All are scored again, as after an upgrade of the rules.",
    "feedback.find()": "What all feeds have learned is in memory: read once a start.",
    "feeds.aggregate(deleted)": "A number for operators: once each few seconds, of some processes.",
    "jobs.aggregate()": "How many jobs there are of each kind: metrics, each few seconds, and the desk.",
    "accounts.aggregate(*)": "How many accounts there are of a kind, at the desk.",
    "accounts.find(*) sort -_id limit": _DESK,
    "accounts.find(*company_name:other*) limit": _DESK,
    "accounts.find(*email:other*) limit": _DESK,
    "companies.find(name:other) limit": _DESK,
}
"""Queries that read a whole collection; `*` stands for any fields."""

_OWN = "A feed's own list, of which MongoDB sorts what fits in memory."
_CLICKED = "What a feed has learned from: the clicks on its own list."

SORTED: Mapping[str, str] = {
    "results.find(*company,*deleted,feed*) sort -pub_time,-_id limit": _OWN,
    "results.find(*company,*deleted,feed*) sort -score,-arrived_at,-_id limit": _OWN,
    "results.find(*company,*deleted,feed*) sort -deleted_at,-_id limit": _OWN,
    "results.find(clicked,company,deleted) sort -_id limit": _CLICKED,
    "results.find(clicked,company,deleted) sort -deleted_at limit": _CLICKED,
    "results.find(clicked,company,deleted,read) sort -read_at limit": _CLICKED,
}
"""Queries whose index has them, but not in their order; `*` as above."""

_Query = Mapping[str, Any]
_VALUES = frozenset({"$eq", "$in"})
_RANGES = frozenset({"$gt", "$gte", "$lt", "$lte"})
_OTHER = "other"
"""What no index helps with: `$ne`, `$nin`, `$not`, `$regex`."""
_PRESENT = frozenset({"values", "range", "exists"})
"""What a document without the field never fulfils; `absent` it may."""


class Condition(NamedTuple):
    """What is asked of one field.

    Attributes:
        kind: `values`, `absent` (which null is too), `range`, `exists`, or `_OTHER`.
        value: The one value, where a partial index may depend on it.
    """

    kind: str
    value: object = None


class Shape(NamedTuple):
    """A query without the values that make no difference to its plan.

    Attributes:
        collection: Its collection.
        what: What the command does.
        fields: By field what is asked of it, in order of their names.
        sort: The fields it sorts by, with their directions.
        is_limited: Whether it wants the first alone.
    """

    collection: str
    what: str
    fields: tuple[tuple[str, Condition], ...]
    sort: tuple[tuple[str, int], ...] = ()
    is_limited: bool = False

    def __str__(self) -> str:
        names = ",".join(name if one.kind == "values" else f"{name}:{one.kind}" for name, one in self.fields)
        order = ",".join(name if way > 0 else f"-{name}" for name, way in self.sort)
        tail = f"{f' sort {order}' if order else ''}{' limit' if self.is_limited else ''}"
        return f"{self.collection}.{self.what}({names}){tail}"


class Plan(NamedTuple):
    """By which index a query is answered.

    Attributes:
        index: Its name.
        bounds: The fields whose conditions say which part of the index is read.
        is_ordered: Whether that part is in the order that is asked for.
    """

    index: str
    bounds: tuple[str, ...]
    is_ordered: bool


def shapes(name: str, command: _Query) -> Iterator[tuple[Shape, _Query]]:
    """The queries of a command, each with its conditions by field; none of one that asks for nothing."""
    for what, query, sort, limit in _queries(name, command):
        if "$or" in query:
            rest = {field: value for field, value in query.items() if field != "$or"}
            branches = [{**rest, **flat(branch)} for branch in query["$or"]]
        else:
            branches = [dict(query)]
        for fields in branches:
            conditions = tuple(sorted((field, condition(value)) for field, value in fields.items()))
            order = tuple((field, int(way)) for field, way in dict(sort or {}).items())
            # Of few by their ids a limit cuts nothing.
            is_limited = bool(limit) and dict(conditions).get("_id", Condition("")).kind != "values"
            yield Shape(command[name], what, conditions, order, is_limited), fields


def _queries(name: str, command: _Query) -> Iterator[tuple[str, _Query, Any, Any]]:
    """What a command does, by which conditions, in which order, and with which limit."""
    if name == "find":
        yield "find", flat(command.get("filter", {})), command.get("sort"), command.get("limit")
    elif name == "update":
        for each in command["updates"]:
            yield "update", flat(each["q"]), None, None
    elif name == "delete":
        for each in command["deletes"]:
            yield "delete", flat(each["q"]), None, None
    elif name in {"findAndModify", "findandmodify"}:
        yield "find_and_modify", flat(command["query"]), command.get("sort"), 1
    elif name == "count" and command.get("query"):  # of all, MongoDB knows the number
        yield "count", flat(command["query"]), None, None
    elif name == "distinct":
        yield "distinct", flat(command.get("query", {})), None, None
    elif name == "aggregate" and isinstance(command["aggregate"], str):
        stages = list(command["pipeline"])
        # The embedded store takes the first alone for the query.
        match = flat(stages.pop(0)["$match"]) if stages and "$match" in stages[0] else {}
        while stages and "$match" in stages[0]:
            del stages[0]
        sort = stages.pop(0)["$sort"] if stages and "$sort" in stages[0] else None
        yield "aggregate", match, sort, sort and stages and stages[0].get("$limit")


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


def condition(value: object) -> Condition:
    """What is asked of a field, as far as it matters to a plan."""
    if not isinstance(value, Mapping) or not all(name.startswith("$") for name in value):
        return Condition("absent") if value is None else Condition("values", _constant(value))
    names = set(value)
    if names & _VALUES:
        values = value["$in"] if "$in" in value else [value["$eq"]]
        return Condition("absent" if any(one is None for one in values) else "values")
    if names & _RANGES:
        return Condition("range")
    if "$exists" in names:
        return Condition("exists" if value["$exists"] else "absent")
    return Condition(_OTHER)


def _constant(value: object) -> object:
    return value if isinstance(value, (bool, str)) and value in _constants() else None


@functools.cache
def _constants() -> frozenset[object]:
    """Values on which partial indexes depend."""
    partial = [
        index.document.get("partialFilterExpression", {}) for some in mongo.INDEXES.values() for index in some
    ]
    return frozenset(value for one in partial for value in one.values() if not isinstance(value, Mapping))


@functools.cache
def plans(shape: Shape) -> tuple[Plan, ...]:
    """The plans of a query, of which MongoDB takes the one that reads least; none where it reads all."""
    some = mongo.INDEXES.get(shape.collection, ())
    indexes = [{"name": "_id", "key": {"_id": 1}}, *(one.document for one in some)]
    found = [made for index in indexes if (made := _by(index, shape))]
    # Of what a limit cuts, only an order ends the reading.
    ordered = [one for one in found if one.is_ordered] if shape.sort and shape.is_limited else []
    return tuple(ordered or found)


def _by(index: _Query, shape: Shape) -> Plan | None:
    """The plan by an index, if it has all that is asked for, and begins with something of it."""
    asked = dict(shape.fields)
    if not _has_all(index, asked):
        return None
    bounds: list[str] = []
    equal = set()
    for field in index["key"]:
        kind = asked[field].kind if field in asked else ""
        if kind not in _PRESENT | {"absent"}:
            break
        bounds.append(field)
        if kind not in {"values", "absent"}:
            break
        equal.add(field)
    is_ordered = _orders(list(index["key"].items()), equal, shape.sort)
    # All of a collection in an index's order, of which a limit leaves the first.
    if not bounds and not (is_ordered and shape.sort and shape.is_limited and not asked):
        return None
    return Plan(index["name"], tuple(bounds), is_ordered)


def _has_all(index: _Query, asked: Mapping[str, Condition]) -> bool:
    """Whether an index has every document that a query may find."""
    if index.get("sparse") and not any(
        field in asked and asked[field].kind in _PRESENT for field in index["key"]
    ):
        return False
    for field, value in index.get("partialFilterExpression", {}).items():
        one = asked.get(field)
        if one is None or one.kind not in _PRESENT:
            return False
        if not isinstance(value, Mapping) and one != Condition("values", value):
            return False
    return True


def _orders(key: Sequence[tuple[str, int]], equal: set[str], sort: Sequence[tuple[str, int]]) -> bool:
    """Whether an index gives an order, walked forwards or backwards; what has one value needs none."""
    wanted = [one for one in sort if one[0] not in equal]
    left = [one for one in key if one[0] not in equal]
    given = left[: len(wanted)]
    return wanted in (given, [(field, -way) for field, way in given])


def unplanned(name: str, command: _Query) -> list[str]:
    """The queries of a command that read or sort what they should not, as texts; none where they may."""
    found = [str(shape) for shape, _ in shapes(name, command) if not may_be_asked(shape)]
    return list(dict.fromkeys(found))


def may_be_asked(shape: Shape) -> bool:
    """Whether a query has its index, or stands here with a reason."""
    if shape.collection in SMALL:
        return True
    found = plans(shape)
    if not found:
        return _stands_in(WHOLE, shape)
    return not shape.is_limited or found[0].is_ordered or _stands_in(SORTED, shape)


def _stands_in(some: Mapping[str, str], shape: Shape) -> bool:
    return any(fnmatchcase(str(shape), one) for one in some)
