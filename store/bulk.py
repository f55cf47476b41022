"""Writes of many documents, some of them in each round trip.

Where most documents are new they are inserted first, and only those that were there already are changed:
an insert costs a quarter of an upsert. Where many are changed, one write names those that change alike, as
the embedded store takes 6 ms for each write, and 2 ms for each document of one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Collection as SomeOf
from typing import Any

from bson import ObjectId
from pymongo import InsertOne, UpdateMany
from pymongo.errors import BulkWriteError

from store.by_ids import chunks, find_by_ids
from store.errors import Conflict, WriteFailed
from store.mongo import Collection
from store.transactions import current

_DUPLICATE_KEY = 11000  # MongoDB's code

_AT_ONCE = 50
"""Writes of one command. On a machine with five times as much to do as it has cores 200 results took the
embedded store up to 2 s, after which a command is given up, though the store goes on with it. Nobody else is
answered meanwhile. Four commands in place of one take a twentieth longer."""


async def bulk(collection: Collection, writes: Sequence[Any]) -> set[int]:
    """Do writes in any order.

    Returns:
        The positions of those that met a document with their key, which may be what the caller expects.

    Raises:
        Conflict: One met a document with its key in a transaction, which ends by that.
        WriteFailed: Another error, or no confirmation that the writes are durable.
    """
    taken: set[int] = set()
    for start in range(0, len(writes), _AT_ONCE):
        try:
            await collection.bulk_write(list(writes[start : start + _AT_ONCE]), ordered=False)
        except BulkWriteError as error:
            if codes := _codes_of(error) - {_DUPLICATE_KEY}:
                raise _failed(codes) from None
            if current() is not None:
                raise Conflict from None
            taken |= {start + failure["index"] for failure in error.details["writeErrors"]}
    return taken


async def bulk_matched(collection: Collection, writes: Sequence[Any]) -> int:
    """Do updates in any order, as `bulk`; returns how many of them met a document that they were for."""
    matched = 0
    try:
        for part in chunks(writes, _AT_ONCE):
            matched += (await collection.bulk_write(list(part), ordered=False)).matched_count
        return matched
    except BulkWriteError as error:
        raise write_failed(error) from None


def write_failed(error: BulkWriteError) -> WriteFailed:
    """The driver's error by its codes alone: its text quotes documents."""
    return _failed(_codes_of(error))


def _failed(codes: set[Any]) -> WriteFailed:
    return WriteFailed(f"codes {sorted(map(str, codes))}")


def _codes_of(error: BulkWriteError) -> set[Any]:
    failures = (*error.details["writeErrors"], *error.details.get("writeConcernErrors", ()))
    return {failure.get("code") for failure in failures}


async def insert_or(
    collection: Collection,
    documents: Sequence[dict[str, Any]],
    otherwise: Callable[[int], Any],
    *,
    are_new: bool = False,
) -> set[int]:
    """Insert documents, and for those whose key is taken do another write.

    `otherwise` gives it by position; it may give None, for none. In a transaction it is looked first whose
    key is taken, as that would end it; but not of those that `are_new`, none of which is likely to be there:
    a conflict otherwise.

    Returns:
        The positions of the documents that were inserted.
    """
    taken: set[int] = set()
    if current() is not None and not are_new:
        ids = [document["_id"] for document in documents]
        companies = {document["_id"]: document["company"] for document in documents if "company" in document}
        there = {row["_id"] for row in await find_by_ids(collection, ids, {"_id": 1}, companies=companies)}
        taken = {position for position, document in enumerate(documents) if document["_id"] in there}
    new = [position for position in range(len(documents)) if position not in taken]
    met = await bulk(collection, [InsertOne(documents[position]) for position in new])
    taken |= {new[at] for at in met}
    others = [write for position in sorted(taken) if (write := otherwise(position)) is not None]
    await bulk(collection, others)
    return set(range(len(documents))) - taken


def set_each(
    fields: Mapping[ObjectId, Mapping[str, Any]],
    *,
    where: Mapping[str, Any] = {},
    without: SomeOf[str] = (),
) -> UpdateMany:
    """One write that gives each document, by `_id`, its own values of the same fields.

    Fields of `without` none has afterwards; `where` is what else must hold of each document.
    """
    ids = list(fields)
    position = {"$indexOfArray": [{"$literal": ids}, "$_id"]}
    values: dict[str, Any] = {}
    for name in next(iter(fields.values())):
        column = [fields[id_][name] for id_ in ids]
        if all(value == column[0] for value in column):
            values[name] = {"$literal": column[0]}
        else:
            values[name] = {"$arrayElemAt": [{"$literal": column}, position]}
    steps: list[dict[str, Any]] = [{"$set": values}] if values else []
    if without:
        steps.append({"$unset": sorted(without)})
    return UpdateMany({"_id": {"$in": ids}, **where}, steps)


def add_to_each(name: str, values: Mapping[ObjectId, Any], *, where: Mapping[str, Any] = {}) -> UpdateMany:
    """One write that adds a value to a list of each document, by `_id`, where it is not in it.

    A document without the field gets it; `where` is what else must hold of each document.
    """
    ids = list(values)
    position = {"$indexOfArray": [{"$literal": ids}, "$_id"]}
    added = {"$arrayElemAt": [{"$literal": list(values.values())}, position]}
    there = {"$ifNull": [f"${name}", {"$literal": []}]}
    longer = {"$cond": [{"$in": [added, there]}, there, {"$concatArrays": [there, [added]]}]}
    return UpdateMany({"_id": {"$in": ids}, **where}, [{"$set": {name: longer}}])
