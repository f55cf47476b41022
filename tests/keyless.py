"""Which commands lack the key of the data that they are about (`docs/adr/0064`); `tests.rules` notes them.

    keyless("find", {"find": "results", "filter": {"_id": 1}})      # ["results.find(_id)"]

Whatever somebody asks has their company in its filter, so that a foreign id looks like a missing one; and a
sharded MongoDB asks only the shards that have it. A write of one document has to name the whole key. So every
filter has it, but for those in `ASKING_ALL`, each with its reason.

The key is always a function of `_id`: a result's company and feed are those of its feed, and a record's
company is part of its id. So `_id` is unique although each shard knows only its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.planned import flat

SHARD_KEYS: Mapping[str, tuple[str, ...]] = {
    "results": ("company", "feed"),
    "feeds": ("company",),
    "candidate_records": ("company",),
    "counters": ("_id",),
    "feedback": ("_id",),
    "resumes": ("_id",),
    "profiles": ("_id",),
    "contacts": ("_id",),
    "persons": ("_id",),
}
"""The fields of each sharded collection's key. All others stay whole, on one shard."""

_POLL = "Processes learn of changes, whoever made them: one look each few seconds."
_LOAD = "An index in memory is read once a start, and after more has changed than one look can give."
_SWEEP = "What waits, whoever has it: one look each few seconds, of one process at a time or some."
_RESUME = (
    "A resume's results and records are with every company that has it. Only what happens to resumes asks."
)
_ERASED = f"{_RESUME} Erasures and ends, some a minute."
_CHANGED = f"{_RESUME} Resumes that came again and changed."
_ENDS = "What has come to its end, whoever has it: one process looks, some times an hour."
_METRIC = "A number for operators: once each few seconds, of some processes."

ASKING_ALL: Mapping[str, str] = {
    # Feeds.
    "feeds.aggregate(updated_at)": _POLL,
    "feeds.find(deleted,part)": _LOAD,
    "feeds.find(part)": _ENDS,
    "feeds.aggregate(deleted)": _METRIC,
    "feeds.find(_id)": "Whose a feed is of which that is not known: a few, and it is kept then.",
    "feeds.find(_id,deleted)": "Resumes are sent to feeds by their ids alone: once a batch of an upload.",
    # Results and candidate records.
    "results.find(deleted,read,resume,resume_rev,work)": _CHANGED,
    "results.find(deleted,outcome,own_deleted,read,resume,resume_rev,unlocked)": _CHANGED,
    "results.find(resume,resume_rev)": _CHANGED,
    "results.find(clicked,resume)": _CHANGED,
    "results.find(resume)": f"{_RESUME} Erasures; and where it is found out anew who is one person.",
    "results.find(clicked)": "Feeds that have to learn of a click, whose ever: one look each two seconds.",
    "results.count()": _METRIC,
    "candidate_records.find(resume,watched)": _CHANGED,
    "candidate_records.update_many(ended,resume)": _CHANGED,
    "candidate_records.find(resume)": f"{_RESUME} `manage.py person --export`.",
    "candidate_records.find(marked_at,resume)": f"{_RESUME} Where it is found out anew who is one person.",
    "candidate_records.find(resume,watched_at)": f"{_RESUME} Where it is found out anew who is one person.",
    "candidate_records.delete_many(resume)": _ERASED,
    "candidate_records.find(to_teach)": "Feeds that have to learn of a favourite, as of clicks.",
    "candidate_records.find(gone_comments.gone_at)": _ENDS,
    "candidate_records.find(gone_marks.gone_at)": _ENDS,
    "candidate_records.find(resume,verdicts.feed)": _CHANGED,
    "candidate_records.find(verdicts.at)": "`manage.py person --erase` looks through all notes.",
    "candidate_records.find(comments.at)": "`manage.py person --erase` looks through all notes.",
    "candidate_records.find(marks.at)": "`manage.py person --erase` looks through all notes.",
    # What feeds have learned, and the numbers of companies.
    "feedback.find(due)": "As clicks.",
    "feedback.find(updated_at)": _POLL,
    "feedback.find()": _LOAD,
    "feedback.find(resumes)": _ERASED,
    "counters.find(untold)": _SWEEP,
    # Resumes, and what is made of them.
    "resumes.find(pending,queued_at)": _SWEEP,
    "resumes.aggregate(pending)": _METRIC,
    "resumes.count()": _METRIC,
    "resumes.find(set_aside)": "The quarantine, for operators.",
    "resumes.aggregate(set_aside)": _METRIC,
    "resumes.find(contact.reach)": "`manage.py person` finds resumes by a phone or an e-mail.",
    "resumes.find()": "`manage.py rescore` has all resumes scored again.",
    "resumes.find(maybe_same)": _ERASED,
    "profiles.find(updated_at)": _POLL,
    "profiles.find(part)": _LOAD,
    "profiles.find(part,version)": "Topics are learned from all profiles, when they are a fifth more.",
    "profiles.count()": "Whether there are: each engine, every ten seconds.",
    "profiles.find(cold_terms)": "A backfill looks for resumes that no index in memory holds.",
    "profiles.find(arrived_at,cold_terms)": "A backfill looks for resumes that no index in memory holds.",
    "profiles.find(forced)": "Resumes that were sent to the feeds of a backfill: once a pass.",
    "contacts.find(keys)": "Who shares a phone and a name: for each resume that arrives, by a few keys.",
    "contacts.find(keys,status)": "Who keeps a contact secret, of a person of very many resumes.",
    "contacts.find(reach)": "`manage.py person` finds contacts by a phone or an e-mail.",
    "contacts.find(alike)": "Whose texts are alike: for each resume that arrives, by a few keys.",
    "contacts.find(news_at)": _ENDS,
}

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
