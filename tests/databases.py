"""Databases that tests use one after the other: to make one and to drop it takes longer than most tests.

What is given back is emptied, and has its collections, its indexes and the number of its last change still. A
test of how a database comes into being names one of its own (`new_name`).
"""

from __future__ import annotations

import contextlib
import secrets
import time
from typing import Any

import pymongo
import redis

from store import mongo
from store.errors import STORE_FAILURES, in_words
from store.migrations.migrations import MIGRATIONS
from store.redis.redis_client import REDIS_FAILURES

_LONGEST_MS = 20_000
"""How long a store may take to delete what is in a collection."""
_free: set[str] = set()
_with_indexes: set[str] = set()
_clients: dict[str, pymongo.MongoClient[dict[str, Any]]] = {}
_create_indexes = mongo.ensure_indexes


def new_name() -> str:
    """The name of a database that is not there."""
    return f"test-{secrets.token_hex(6)}"


def take() -> str:
    """The name of an empty database of this process's stores, which may be there or not."""
    return _free.pop() if _free else new_name()


def give_back(mongo_url: str | None, redis_url: str | None, name: str) -> None:
    """Let another test have a database, once nobody writes to it any more."""
    url = str(mongo_url)
    if url not in _clients:
        _clients[url] = pymongo.MongoClient(url, socketTimeoutMS=_LONGEST_MS)
    _empty(_clients[url][name])
    with contextlib.suppress(*REDIS_FAILURES):  # a server may have been without one
        hints = redis.Redis.from_url(str(redis_url))
        if keys := hints.keys(f"{name}:*"):
            hints.unlink(*keys)
        hints.close()
    _free.add(name)
    _with_indexes.add(name)


async def ensure_indexes(database: mongo.Database) -> None:
    """Create the indexes that are missing, of which a database that was given back has all."""
    if database.name not in _with_indexes:
        await _create_indexes(database)


def close() -> None:
    """Close the connections to the stores."""
    while _clients:
        _clients.popitem()[1].close()


def _empty(database: Any) -> None:
    """Delete what is stored."""
    for _ in range(3):
        try:
            for name in _filled(database):
                if name not in {*mongo.INDEXES, "gate", "meta"}:
                    database[name].drop()
                elif name == "meta":
                    database.meta.delete_many({"_id": {"$ne": "schema"}})
                    # Where a test had it be of another release.
                    database.meta.delete_many({"number": {"$ne": len(MIGRATIONS)}})
                else:
                    database[name].delete_many({})
            return
        except STORE_FAILURES as error:
            failure = in_words(error)
        time.sleep(0.5)
    raise TimeoutError(f"{database.name} cannot be emptied: {failure}")


def _filled(database: Any) -> list[str]:
    """The collections that hold something, by one command: to empty each takes ten times as long."""
    names = database.list_collection_names()
    looks = [[{"$limit": 1}, {"$project": {"_id": 0, "name": {"$literal": name}}}] for name in names]
    joined = [
        {"$unionWith": {"coll": name, "pipeline": look}}
        for name, look in zip(names[1:], looks[1:], strict=True)
    ]
    return [row["name"] for row in database[names[0]].aggregate(looks[0] + joined)] if names else []
