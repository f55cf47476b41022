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

# As GridFS has it: name and keys are its own.
_PIECES = IndexModel([("files_id", ASCENDING), ("n", ASCENDING)], unique=True)

INDEXES: dict[str, list[IndexModel]] = {
    "accounts": [
        IndexModel([("email", ASCENDING)], unique=True, name="email"),
        IndexModel([("origin_until", ASCENDING)], name="origin", sparse=True),
        IndexModel([("company_id", ASCENDING)], name="company"),
    ],
    # The members of a WeCom corporation may join one company.
    "companies": [IndexModel([("corp", ASCENDING)], unique=True, name="corp", sparse=True)],
    "transactors": [IndexModel([("process", ASCENDING)], name="process")],
    "jobs": [
        IndexModel([("kind", ASCENDING), ("due", ASCENDING)], name="due"),
        # By itself: with the kind, the embedded store would read all jobs of that kind.
        IndexModel([("lease", ASCENDING)], name="lease", sparse=True),
        IndexModel([("failed_at", ASCENDING)], name="failed", sparse=True),
    ],
    "sessions": [
        # No TTL index: the embedded store's way of removing what has expired can bring it to a standstill.
        IndexModel([("expires_at", ASCENDING)], name="expiry"),
        # By the last use: an account's may be too many to be read in one go.
        IndexModel([("user", ASCENDING), ("expires_at", ASCENDING)], name="last_use"),
    ],
    "invitations": [
        IndexModel([("company", ASCENDING)], name="company"),
        IndexModel([("ends_at", ASCENDING)], name="expiry"),
    ],
    "allowances": [IndexModel([("ends_at", ASCENDING)], name="expiry")],
    "repeats": [IndexModel([("ends_at", ASCENDING)], name="expiry")],
    "arrivals": [IndexModel([("day", ASCENDING)], name="day")],
    "operators": [IndexModel([("email", ASCENDING)], unique=True, name="email")],
    "operator_sessions": [IndexModel([("created_at", ASCENDING)], name="age")],
    "ingest_tokens": [
        # A valid token holds one of the slots of its source: this index keeps them to so many, whoever makes
        # tokens at once.
        IndexModel(
            [("source", ASCENDING), ("slot", ASCENDING)],
            unique=True,
            name="slot",
            partialFilterExpression={"slot": {"$exists": True}},
        ),
    ],
    # Claims; their ids are what keeps an identity to one account.
    "identities": [IndexModel([("user", ASCENDING)], name="user")],
    "wechat_tickets": [IndexModel([("expires_at", ASCENDING)], name="expiry")],
    "revocations": [IndexModel([("updated_at", ASCENDING)], name="changed")],
    "feeds": [
        IndexModel([("company", ASCENDING), ("start_time", DESCENDING)], name="company"),
        # Whose they are, deleted ones too, and of the few that are shared who else is in them.
        IndexModel([("owner", ASCENDING), ("deleted", ASCENDING)], name="owner"),
        IndexModel([("shares.user", ASCENDING)], name="shares", sparse=True),
        IndexModel([("updated_at", ASCENDING)], name="changed"),
        IndexModel([("part", ASCENDING)], name="part"),
    ],
    "resumes": [
        IndexModel(
            [("pending", ASCENDING), ("queued_at", ASCENDING)],
            name="pending",
            partialFilterExpression={"pending": True},
        ),
        IndexModel(
            [("set_aside", ASCENDING), ("quarantine.at", DESCENDING)],
            name="quarantine",
            partialFilterExpression={"set_aside": True},
        ),
        # Of the few that look like another.
        IndexModel([("maybe_same", ASCENDING)], name="maybe_same", sparse=True),
    ],
    "contacts": [
        # By which operators find a person, and by which resumes are found to be one person's.
        IndexModel([("reach", ASCENDING)], name="reach", sparse=True),
        IndexModel([("keys", ASCENDING)], name="keys", sparse=True),
        IndexModel([("keys", ASCENDING)], name="secret", partialFilterExpression={"status": "secret"}),
        IndexModel([("news_at", ASCENDING)], name="news"),
        # Keys of texts and of classmates, by which lookalikes are found.
        IndexModel([("alike", ASCENDING)], name="alike", sparse=True),
    ],
    # An entry of who is one person has its resume's id.
    "person_decisions": [
        IndexModel([("company", ASCENDING)], name="company"),
        IndexModel([("resumes", ASCENDING)], name="resumes"),
    ],
    "suppressions": [
        IndexModel([("changed_at", ASCENDING)], name="changed"),
        IndexModel([("part", ASCENDING)], name="part"),
        IndexModel([("resumes", ASCENDING)], name="resumes"),
    ],
    "profiles": [
        IndexModel([("updated_at", ASCENDING)], name="changed"),
        IndexModel([("part", ASCENDING)], name="part"),
        # Of cold profiles alone. The key terms of all made a write five times as dear.
        IndexModel([("cold_terms", ASCENDING), ("arrived_at", DESCENDING)], name="cold", sparse=True),
        IndexModel(
            [("forced", ASCENDING)], name="forced", partialFilterExpression={"forced": {"$exists": True}}
        ),
    ],
    "results": [
        # The embedded store uses an index only where the query names its first fields, all of them and no
        # others: `page` is for what looks at both tiers, `tier` for one.
        IndexModel(
            [
                ("company", ASCENDING),
                ("feed", ASCENDING),
                ("deleted", ASCENDING),
                ("day", DESCENDING),
                ("score", DESCENDING),
                ("arrived_at", DESCENDING),
                ("_id", DESCENDING),
            ],
            name="page",
        ),
        IndexModel(
            [
                ("company", ASCENDING),
                ("feed", ASCENDING),
                ("deleted", ASCENDING),
                ("possible", ASCENDING),
                ("day", DESCENDING),
                ("score", DESCENDING),
                ("arrived_at", DESCENDING),
                ("_id", DESCENDING),
            ],
            name="tier",
        ),
        IndexModel([("resume", ASCENDING), ("company", ASCENDING)], name="of_resume"),
        # Results that were ever clicked on, few of many; see `feedback`.
        IndexModel([("clicked", ASCENDING)], name="clicked", sparse=True),
    ],
    "feedback": [
        IndexModel([("due", ASCENDING)], name="due", partialFilterExpression={"due": True}),
        IndexModel([("updated_at", ASCENDING)], name="changed"),
        IndexModel([("resumes", ASCENDING)], name="resumes"),
    ],
    "candidate_records": [
        # The embedded store uses a partial index only where the query repeats its condition word for word.
        IndexModel(
            [("watcher", ASCENDING), ("watched_at", DESCENDING), ("_id", DESCENDING)],
            name="favourites_of",
            partialFilterExpression={"watched": True},
        ),
        # What a feed learns from.
        IndexModel(
            [("watch_feed", ASCENDING), ("watched_at", DESCENDING)],
            name="favourites_in",
            partialFilterExpression={"watched": True},
        ),
        IndexModel([("resume", ASCENDING)], name="resume"),
        # A company's, and what was noted in it within a time.
        IndexModel([("company", ASCENDING), ("marks.at", ASCENDING)], name="marks_of"),
        IndexModel([("to_teach", ASCENDING)], name="to_teach", sparse=True),
        # Whom somebody is with.
        IndexModel([("claim_of", ASCENDING), ("claim_until", ASCENDING)], name="claims", sparse=True),
        # Of the few that somebody wrote into: an erasure looks through their texts.
        IndexModel([("comments.at", ASCENDING)], name="comments", sparse=True),
        IndexModel([("marks.at", ASCENDING)], name="marks", sparse=True),
        # And of what was taken back and did not end yet.
        IndexModel([("gone_comments.gone_at", ASCENDING)], name="gone_comments", sparse=True),
        IndexModel([("gone_marks.gone_at", ASCENDING)], name="gone_marks", sparse=True),
        # Of the few that were judged by a hand-over.
        IndexModel([("verdicts.feed", ASCENDING)], name="verdicts_of_feed", sparse=True),
        IndexModel([("verdicts.at", ASCENDING)], name="verdicts", sparse=True),
        # Of marked people. They begin with the company under another name, which nobody else's record has: so
        # they are small, and the embedded store reads them by spans, as it does not with a partial index.
        IndexModel(
            [("marked_of", ASCENDING), ("marked_at", DESCENDING), ("_id", DESCENDING)],
            name="marked",
            sparse=True,
        ),
        IndexModel(
            [("marked_of", ASCENDING), ("mark", ASCENDING), ("marked_at", DESCENDING), ("_id", DESCENDING)],
            name="mark",
            sparse=True,
        ),
        IndexModel([("remind_of", ASCENDING), ("remind_on", ASCENDING)], name="remind", sparse=True),
    ],
    "handovers": [
        IndexModel([("token", ASCENDING)], unique=True, name="token"),
        IndexModel(
            [("company", ASCENDING), ("feed", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)],
            name="feed",
        ),
        IndexModel([("by", ASCENDING), ("until", ASCENDING)], name="maker"),
        IndexModel([("resumes", ASCENDING)], name="resumes"),
        IndexModel([("until", ASCENDING)], name="expiry"),
    ],
    "audit": [
        IndexModel([("resumes", ASCENDING)], name="resumes"),
        IndexModel([("at", ASCENDING)], name="at"),
        IndexModel([("user", ASCENDING), ("at", ASCENDING)], name="user"),
        IndexModel([("company", ASCENDING), ("at", ASCENDING)], name="company", sparse=True),
        # Not unique: more than one row in a place is found out.
        IndexModel([("chain", ASCENDING), ("seq", ASCENDING)], name="chain"),
        IndexModel([("commanded_at", ASCENDING)], name="commands", sparse=True),
    ],
    "counters": [
        # Companies with results that nobody was told of, few at any moment.
        IndexModel([("untold", ASCENDING)], name="untold", sparse=True),
    ],
    "originals.files": [IndexModel([("metadata.resume", ASCENDING)], name="resume")],
    "originals.chunks": [_PIECES],
    "file_quarantine.files": [
        IndexModel([("uploadDate", ASCENDING)], name="at"),
        IndexModel([("metadata.source", ASCENDING)], name="source"),
        # By which erasures find the files in which somebody's phone or e-mail can be read.
        IndexModel([("metadata.reach", ASCENDING)], name="reach", sparse=True),
    ],
    "file_quarantine.chunks": [_PIECES],
    "tables": [IndexModel([("created_at", ASCENDING)], name="at")],
    "table_parts": [
        IndexModel([("table", ASCENDING), ("done", ASCENDING), ("n", ASCENDING)], name="table"),
        IndexModel([("reach", ASCENDING)], name="reach", sparse=True),
    ],
    "erasures": [
        IndexModel([("erased_at", ASCENDING)], name="recent"),
        # Of resumes that came to their end, which end themselves.
        IndexModel([("ends_at", ASCENDING)], name="expiry", sparse=True),
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

    Args:
        url: Of MongoDB.
        patience_s: How long one answer may take, if not `TIMEOUT_S`.
        serves: Whether it is a server's, which opens its connections at the start, within a second of the
            first use. Whoever asks little needs one or two.

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
    """The query for documents whose `updated_at` is later than a watermark less an overlap.

    Args:
        watermark: The latest `updated_at` seen so far; None where nothing was seen, which finds everything.
        overlap: How far back behind it to look.
    """
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
