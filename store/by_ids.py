"""Reads and writes that name many documents: they name a hundred at a time.

    documents = await find_by_ids(database.resumes, object_ids(resume_ids), {"rev": 1})

Every method that takes many ids goes through here, so no caller can ask for too many at once. What
reads or writes a part of a sequence in several steps cuts it with `chunks` itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from bson import ObjectId

from store.mongo import Collection

T = TypeVar("T")

_KEYS = 50
"""Keys in one query. The embedded store takes 8 ms for 50, and 45 ms for 100."""

_MOST_READ = 500
"""Documents that a query for some keys reads, or as many as may be wanted. Where there are more, one of the
keys is everybody's, and each is asked for by itself."""

SIZE = 100
"""Ids in one query. The embedded store's time for an `$in` grows with the square of its length: 100 take
8 ms, 1,000 half a second. Fewer would only add round trips."""


def chunks(items: Sequence[T], size: int = SIZE) -> Iterator[Sequence[T]]:
    """Cut a sequence into parts that one query can name; none for an empty one."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def object_ids(ids: Iterable[str]) -> list[ObjectId]:
    """Ids as MongoDB keeps them, in the same order."""
    return [ObjectId(id_) for id_ in ids]


async def find_by_ids(
    collection: Collection,
    ids: Iterable[Any],
    projection: Mapping[str, int] | None = None,
    *,
    key: str = "_id",
    where: Mapping[str, Any] = {},
    companies: Mapping[Any, Any] = {},
    size: int = SIZE,
) -> list[dict[str, Any]]:
    """Read the documents that `ids` name.

    Args:
        collection: Where from.
        ids: Values of `key`; one that is given twice counts once.
        projection: Which fields; all of them where it is None.
        key: The field that holds one of the ids.
        where: What else must hold of a document.
        companies: By id, the company that has the document. A query names them where the collection is
            divided by company, see `docs/adr/0064`; where all are of one company, `where` can.
        size: How many ids one query names.

    Returns:
        The documents in no particular order; ids without one are left out. One round trip is made for
        each hundred ids, none for no ids.
    """
    documents: list[dict[str, Any]] = []
    for which in _queries(ids, key, where, companies, size):
        documents += await collection.find(which, projection).to_list(None)
    return documents


async def find_by_keys(
    collection: Collection,
    keys: Iterable[Any],
    projection: Mapping[str, int],
    *,
    key: str,
    most_each: int,
    where: Mapping[str, Any] = {},
) -> list[dict[str, Any]]:
    """Read the documents that have one of some keys, which strangers write: any number may have the same.

    Args:
        collection: Where from.
        keys: Values of the field `key`.
        projection: Which fields.
        key: An indexed field.
        most_each: Documents with one key that are read at least, where there are so many.
        where: What else must hold of a document.

    Returns:
        The documents in no particular order, one that has several of the keys perhaps more than once. Of each
        key all of them, or at least `most_each`.
    """
    documents: list[dict[str, Any]] = []
    for part in chunks(sorted(set(keys)), _KEYS):
        which = {key: {"$in": part}, **where}
        most = max(_MOST_READ, most_each * len(part))
        some = await collection.find(which, projection).limit(most).to_list(None)
        if len(some) == most:
            some = []
            for one in part:
                found = collection.find({key: one, **where}, projection).limit(most_each)
                some += await found.to_list(None)
        documents += some
    return documents


async def update_by_ids(
    collection: Collection,
    ids: Iterable[Any],
    change: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    key: str = "_id",
    where: Mapping[str, Any] = {},
    companies: Mapping[Any, Any] = {},
) -> int:
    """Change the documents that `ids` name; see `find_by_ids`. A failure leaves a part of them changed.

    Returns:
        How many documents there were.
    """
    matched = 0
    for which in _queries(ids, key, where, companies):
        matched += (await collection.update_many(which, change)).matched_count
    return matched


async def delete_by_ids(
    collection: Collection,
    ids: Iterable[Any],
    *,
    key: str = "_id",
    where: Mapping[str, Any] = {},
    companies: Mapping[Any, Any] = {},
) -> None:
    """Delete the documents that `ids` name; see `find_by_ids`."""
    for which in _queries(ids, key, where, companies):
        await collection.delete_many(which)


def _queries(
    ids: Iterable[Any],
    key: str,
    where: Mapping[str, Any],
    companies: Mapping[Any, Any] = {},
    size: int = SIZE,
) -> Iterator[dict[str, Any]]:
    # Without doubles: a document that two queries name would be counted and changed twice.
    for part in chunks(list(dict.fromkeys(ids)), size):
        # The ids come first: the embedded store looks for documents by the first condition that has an index.
        yield {
            key: {"$in": part},
            **(of_companies(companies[id_] for id_ in part) if companies else {}),
            **where,
        }


def of_companies(companies: Iterable[ObjectId]) -> dict[str, Any]:
    """The condition that a document is one of these companies'."""
    some = list(dict.fromkeys(companies))
    return {"company": some[0] if len(some) == 1 else {"$in": some}}
