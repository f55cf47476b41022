"""The connection to MongoDB, and the indexes. The one file that knows which driver there is.

Motor is past its end of features, and PyMongo's own async client is what follows; `docs/adr/0058` says when.

Some queries make the embedded store read a whole collection: `$or`, find-and-modify of a document that is
there, and ranges of ids. So elsewhere in this package a document is read, and then written on condition
that it still is as it was read. `docs/adr/0017` has the measurements.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import ASCENDING, DESCENDING, IndexModel, WriteConcern
from pymongo.errors import ConfigurationError, OperationFailure, PyMongoError, ServerSelectionTimeoutError
from pymongo.read_concern import ReadConcern

from store.errors import BadUrl, NoReplicaSet
from store.transactions import Collection as Collection
from store.transactions import Database as Database

TIMEOUT_S = 2.0
"""Seconds after which any wait for MongoDB is given up, and a request answered with 503. Queries take
milliseconds; the driver's own limits, up to half a minute, are longer than a client waits."""

_MOST_CONNECTIONS = 32
"""Connections of a process to MongoDB, which bounds its descriptors. What needs one beyond waits for it."""


def _index(name: str, *fields: str, **options: Any) -> IndexModel:
    """An index of some fields; those with a minus in front are descending."""
    keys = [(field.lstrip("-"), DESCENDING if field.startswith("-") else ASCENDING) for field in fields]
    return IndexModel(keys, name=name, **options)


# As GridFS has it: name and keys are its own.
_PIECES = _index("files_id_1_n_1", "files_id", "n", unique=True)

INDEXES: dict[str, list[IndexModel]] = {
    "accounts": [
        _index("email", "email", unique=True),
        _index("origin", "origin_until", sparse=True),
        _index("company", "company_id"),
    ],
    # The members of a WeCom corporation may join one company.
    "companies": [_index("corp", "corp", unique=True, sparse=True)],
    "transactors": [_index("process", "process")],
    "jobs": [
        _index("due", "kind", "due"),
        # By itself: with the kind, the embedded store would read all jobs of that kind.
        _index("lease", "lease", sparse=True),
        _index("failed", "failed_at", sparse=True),
    ],
    "sessions": [
        # No TTL index: the embedded store's way of removing what has expired can bring it to a standstill.
        _index("expiry", "expires_at"),
        # By the last use: an account's may be too many to be read in one go.
        _index("last_use", "user", "expires_at"),
    ],
    "invitations": [
        _index("company", "company"),
        _index("expiry", "ends_at"),
    ],
    "allowances": [_index("expiry", "ends_at")],
    "repeats": [_index("expiry", "ends_at")],
    "arrivals": [_index("day", "day")],
    "operators": [_index("email", "email", unique=True)],
    "operator_sessions": [_index("age", "created_at")],
    "ingest_tokens": [
        # A valid token holds one of the slots of its source: this index keeps them to so many, whoever makes
        # tokens at once.
        _index("slot", "source", "slot", unique=True, partialFilterExpression={"slot": {"$exists": True}}),
    ],
    # Claims; their ids are what keeps an identity to one account.
    "identities": [_index("user", "user")],
    "wechat_tickets": [_index("expiry", "expires_at")],
    "revocations": [_index("changed", "updated_at")],
    "feeds": [
        _index("company", "company", "-start_time"),
        # Whose they are, deleted ones too, and of the few that are shared who else is in them.
        _index("owner", "owner", "deleted"),
        _index("shares", "shares.user", sparse=True),
        _index("changed", "updated_at"),
        _index("part", "part"),
    ],
    "resumes": [
        _index("pending", "pending", "queued_at", partialFilterExpression={"pending": True}),
        _index("quarantine", "set_aside", "-quarantine.at", partialFilterExpression={"set_aside": True}),
        # Of the few that look like another.
        _index("maybe_same", "maybe_same", sparse=True),
    ],
    "contacts": [
        # By which operators find a person, and by which resumes are found to be one person's.
        _index("reach", "reach", sparse=True),
        _index("keys", "keys", sparse=True),
        _index("secret", "keys", partialFilterExpression={"status": "secret"}),
        _index("news", "news_at"),
        # Keys of texts and of classmates, by which lookalikes are found.
        _index("alike", "alike", sparse=True),
    ],
    # An entry of who is one person has its resume's id.
    "person_decisions": [
        _index("company", "company"),
        _index("resumes", "resumes"),
    ],
    "suppressions": [
        _index("changed", "changed_at"),
        _index("part", "part"),
        _index("resumes", "resumes"),
    ],
    "profiles": [
        _index("changed", "updated_at"),
        _index("part", "part"),
        # Of cold profiles alone. The key terms of all made a write five times as dear.
        _index("cold", "cold_terms", "-arrived_at", sparse=True),
        _index("forced", "forced", partialFilterExpression={"forced": {"$exists": True}}),
    ],
    "results": [
        # The embedded store uses an index only where the query names its first fields, all of them and no
        # others: `page` is for what looks at both tiers, `tier` for one.
        _index("page", "company", "feed", "deleted", "-day", "-score", "-arrived_at", "-_id"),
        _index("tier", "company", "feed", "deleted", "possible", "-day", "-score", "-arrived_at", "-_id"),
        _index("of_resume", "resume", "company"),
        # Results that were ever clicked on, few of many; see `feedback`.
        _index("clicked", "clicked", sparse=True),
    ],
    "feedback": [
        _index("due", "due", partialFilterExpression={"due": True}),
        _index("changed", "updated_at"),
        _index("resumes", "resumes"),
    ],
    "candidate_records": [
        # The embedded store uses a partial index only where the query repeats its condition word for word.
        _index("favourites_of", "watcher", "-watched_at", "-_id", partialFilterExpression={"watched": True}),
        # What a feed learns from.
        _index("favourites_in", "watch_feed", "-watched_at", partialFilterExpression={"watched": True}),
        _index("resume", "resume"),
        # A company's, and what was noted in it within a time.
        _index("marks_of", "company", "marks.at"),
        _index("to_teach", "to_teach", sparse=True),
        # Whom somebody is with.
        _index("claims", "claim_of", "claim_until", sparse=True),
        # Of the few that somebody wrote into: an erasure looks through their texts.
        _index("comments", "comments.at", sparse=True),
        _index("marks", "marks.at", sparse=True),
        # And of what was taken back and did not end yet.
        _index("gone_comments", "gone_comments.gone_at", sparse=True),
        _index("gone_marks", "gone_marks.gone_at", sparse=True),
        # Of the few that were judged by a hand-over.
        _index("verdicts_of_feed", "verdicts.feed", sparse=True),
        _index("verdicts", "verdicts.at", sparse=True),
        # Of marked people. They begin with the company under another name, which nobody else's record has: so
        # they are small, and the embedded store reads them by spans, as it does not with a partial index.
        _index("marked", "marked_of", "-marked_at", "-_id", sparse=True),
        _index("mark", "marked_of", "mark", "-marked_at", "-_id", sparse=True),
        _index("remind", "remind_of", "remind_on", sparse=True),
    ],
    "handovers": [
        _index("token", "token", unique=True),
        _index("feed", "company", "feed", "-created_at", "-_id"),
        _index("maker", "by", "until"),
        _index("resumes", "resumes"),
        _index("expiry", "until"),
    ],
    "audit": [
        _index("resumes", "resumes"),
        _index("at", "at"),
        _index("user", "user", "at"),
        _index("company", "company", "at", sparse=True),
        # Not unique: more than one row in a place is found out.
        _index("chain", "chain", "seq"),
        _index("commands", "commanded_at", sparse=True),
    ],
    "counters": [
        # Companies with results that nobody was told of, few at any moment.
        _index("untold", "untold", sparse=True),
    ],
    "originals.files": [_index("resume", "metadata.resume")],
    "originals.chunks": [_PIECES],
    "file_quarantine.files": [
        _index("at", "uploadDate"),
        _index("source", "metadata.source"),
        # By which erasures find the files in which somebody's phone or e-mail can be read.
        _index("reach", "metadata.reach", sparse=True),
    ],
    "file_quarantine.chunks": [_PIECES],
    "tables": [_index("at", "created_at")],
    "table_parts": [
        _index("table", "table", "done", "n"),
        _index("reach", "reach", sparse=True),
    ],
    "erasures": [
        _index("recent", "erased_at"),
        # Of resumes that came to their end, which end themselves.
        _index("expiry", "ends_at", sparse=True),
    ],
}

_NO_COLLECTION, _NO_INDEX = 26, 27  # MongoDB's codes


# What makes no difference to MongoDB, and tells commands of `whole` from others: a read that says how it
# reads anyway, and a write that waits a millisecond longer than those of `connect`.
_READ_WHOLE = ReadConcern("local")
_WRITTEN_WHOLE = WriteConcern(w="majority", j=True, wtimeout=int(TIMEOUT_S * 1000) + 1)


def whole(database: Database) -> Database:
    """The same database for those who are about all that is stored, whoever's it is: changes, checks.

    Every other filter names whose data it is about, to which the tests hold it.
    """
    return database.with_options(read_concern=_READ_WHOLE, write_concern=_WRITTEN_WHOLE)


def is_of_whole(command: Mapping[str, Any]) -> bool:
    """Whether a command came by `whole`."""
    marks = (("readConcern", _READ_WHOLE.document), ("writeConcern", _WRITTEN_WHOLE.document))
    return any(command.get(name) == mark for name, mark in marks)


def listeners() -> list[Any]:
    """Whoever listens to the commands of a client that is made now: nobody, but in tests."""
    return []


def connect(url: str, patience_s: float | None = None, *, serves: bool = False) -> Any:
    """Make a client on the running loop; it connects at its first use.

    Every write is acknowledged by a majority and journalled. Without the journal a kill -9 of the embedded
    server lost acknowledged writes.

    One answer may take `patience_s`, or `TIMEOUT_S`. A client that serves opens its connections within a
    second of the first use. Whoever asks little needs one or two.

    Raises:
        BadUrl: No client can be made of the URL.
    """
    try:
        return AsyncIOMotorClient(
            url,
            io_loop=asyncio.get_running_loop(),
            w="majority",
            journal=True,
            wTimeoutMS=int(TIMEOUT_S * 1000),
            serverSelectionTimeoutMS=int(TIMEOUT_S * 1000),
            connectTimeoutMS=int(TIMEOUT_S * 1000),
            socketTimeoutMS=int((patience_s or TIMEOUT_S) * 1000),
            waitQueueTimeoutMS=int(TIMEOUT_S * 1000),
            # How soon a server that came back is noticed.
            heartbeatFrequencyMS=2000,
            maxPoolSize=_MOST_CONNECTIONS,
            minPoolSize=_at_once() if serves else 0,
            tz_aware=True,
            appname="talentfeed",
            event_listeners=listeners(),
        )
    except (PyMongoError, TypeError, ValueError, OSError) as error:
        raise BadUrl("mongo_url", error) from None


async def refuse_standalone(client: Any) -> None:
    """Find out whether MongoDB has transactions: a replica set or a sharded cluster, be it not initiated yet.

    Raises:
        NoReplicaSet: It is a standalone, or no member of the replica set that the URL names.
        One of STORE_FAILURES: It does not answer, or a replica set has no primary.
    """
    try:
        hello = await client.admin.command("hello")
    except ServerSelectionTimeoutError:
        if _is_of_no_such_set(client):
            raise NoReplicaSet("what answers at mongo_url is not of the replica set that it names") from None
        raise
    # The last is a member that nobody has initiated. It refuses writes until somebody does.
    if not (hello.get("setName") or hello.get("msg") == "isdbgrid" or hello.get("isreplicaset")):
        raise NoReplicaSet("mongo_url names a standalone MongoDB")


def _is_of_no_such_set(client: Any) -> bool:
    """Whether all that answered was no member of the set in the URL: the driver leaves it out, or says so."""
    servers = client.topology_description.server_descriptions().values()
    return all(isinstance(server.error, ConfigurationError) for server in servers)


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a record of the driver says what nobody else does.

    The driver fills its pools in the background. While MongoDB is away, or no descriptor is free, that fails
    each second with a stack. Whoever needs a connection then says so too, once.
    """
    return not record.getMessage().startswith("MongoClient background task")


logging.getLogger("pymongo.client").addFilter(_is_news)


def _at_once() -> int:
    """How many commands a process has under way at most: Motor has five threads a core."""
    return min(_MOST_CONNECTIONS, 5 * (os.cpu_count() or 1))


def changed_after(watermark: datetime | None, overlap: timedelta) -> dict[str, Any]:
    """The query for what was updated since the latest time that was seen less an overlap; None is for all."""
    since = (watermark or datetime(1970, 1, 2, tzinfo=UTC)) - overlap
    # MongoDB keeps milliseconds. For `$gt` the embedded store walks over everything that is of that very
    # moment.
    return {"updated_at": {"$gte": since + timedelta(milliseconds=1)}}


async def time_of(database: Database) -> datetime:
    """What time it is by MongoDB's own clock, which sets `updated_at`."""
    answer = await database.command("hello", codec_options=database.codec_options)  # else without a zone
    time: datetime = answer["localTime"]
    return time


async def ensure_indexes(database: Database) -> None:
    """Create the indexes that are missing; harmless when they are there."""
    for name, indexes in INDEXES.items():
        await database[name].create_indexes(indexes)


async def drop_index(collection: Collection, name: str) -> None:
    """Drop an index; harmless when it is not there."""
    try:
        await collection.drop_index(name)
    except OperationFailure as error:
        if error.code not in {_NO_COLLECTION, _NO_INDEX}:
            raise
