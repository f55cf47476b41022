"""What queries read of 10,000 documents: those of a walk through everything that a recruiter does.

That each query has an index at all is watched in every test, see `tests.planned`. Here 10,000 documents of
others stand beside those of the walk. What an index then holds for a query is counted: either all of that is
asked for, or it is the walk's own. The embedded store's `explain` would not tell alone. It takes what a query
returns for what it examines; and of a query with one more condition than an index has it says that it reads
everything, which it does not.
"""

from __future__ import annotations

import operator
import random
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.monitoring import CommandListener

from store import mongo
from store.mongo import INDEXES, whole
from tests.api.scene import INGEST, Scene, listed_person, log_in_again, small_resume
from tests.planned import SMALL, Plan, Shape, may_be_asked, plans, shapes
from tests.support import PASSWORD, Hr

DOCUMENTS = 10_000
LISTS = {"page", "tier"}
"""The indexes of the pages of a list, which are asked for most."""
OWN = 60
"""How many documents a query may read in vain. The walk has stored some dozens, others the rest."""


class Kept(CommandListener):
    """One query of each shape that a client asks."""

    def __init__(self) -> None:
        self.queries: dict[Shape, Mapping[str, Any]] = {}

    def started(self, event: Any) -> None:
        if not mongo.is_of_whole(event.command):
            for shape, fields in shapes(event.command_name, event.command):
                self.queries.setdefault(shape, fields)

    def succeeded(self, event: Any) -> None:
        pass

    def failed(self, event: Any) -> None:
        pass


@pytest.fixture
def kept(monkeypatch):
    """Before the server starts."""
    queries = Kept()
    monkeypatch.setattr(mongo, "listeners", lambda: [queries])
    return queries


async def walk(hr: Hr) -> None:
    """Everything that a recruiter does, and whoever sends resumes."""
    scene = await listed_person(hr)
    await scene.fill()
    feed, resume = scene.feed_id, scene.resume_id
    ids = await hr.scored(*(small_resume(f"walk-{number}") for number in range(6)))
    await hr.live()
    listed = f"/special_feed/feed_list/{feed}"
    for query in (
        *({}, {"latest": 1}, {"sort": "score"}, {"sort": "new"}, {"tier": "all"}, {"tier": "possible"}),
        *({"send": 1}, {"title_match": 1}, {"reco_time": 7}, {"current_area": "北京"}, {"salary_min": 9000}),
        *({"read": 1}, {"looked": "2026-11-30"}, {"looked": "2026-11-30", "removed": 1, "tier": "all"}),
        *({"search": "Python"}, {"start": 1, "size": 2}, {"latest": 1, "sort": "score", "tier": "all"}),
    ):
        await ok(hr, listed, **query)
    await ok(hr, f"/feed/get/{feed}/{ids[0]}")
    for to in (-150, 150):
        await ok(hr, "/feed/modify_feed_result", feed_id=feed, resume_id=ids[1], reco_index=to)
    await ok(hr, f"/resumes/add_watch/{ids[2]}", feed_id=feed)
    await ok(hr, "/resume/follow/list/")
    await ok(hr, "/resume/follow/list/", search_fields="all", keywords="Python")
    await ok(hr, f"/resumes/remove_watch/{ids[2]}", feed_id=feed)
    await ok(hr, "/special_feed/page/")
    pair = {"resume_id": ids[3], "other_id": ids[4]}
    for verb in ("join", "part"):
        assert (await hr.post(f"/resumes/{verb}/", pair)).status == "ok"
    for path in ("/hr/sessions/", "/hr/profile/", "/hr/notices/", f"/special_feed/statistics/{feed}"):
        await hr.get(path)
    await hr.get(f"/feed/export/{feed}.csv")
    await hr.get("/resumes/marked/")
    await hr.post("/special_feed/preview/", {"title": "Python开发"})
    await edits(hr, scene)
    assert (await hr.call("DELETE", f"/resumes/{ids[5]}", headers=INGEST)).status == "ok"
    await hr.scored(small_resume("walk-0", self_evaluation="另有经验"))
    await ok(hr, f"/feed/get/{feed}/{resume}")
    again = await log_in_again(hr)
    assert (await again.post("/hr/logout/")).status == "ok"
    passwords = {"old_password": PASSWORD, "password": PASSWORD}
    assert (await hr.post("/hr/password/", passwords)).status == "ok"


async def edits(hr: Hr, scene: Scene) -> None:
    of_feed = {"feed_id": scene.feed_id}
    for paused in (1, 0):
        assert (await hr.post("/special_feed/pause/", {**of_feed, "paused": paused})).status == "ok"
    await hr.submit(title="护士", **of_feed)
    await hr.submit(title="Python开发工程师", **of_feed)
    other = await hr.submit(title="Python开发")
    await ok(hr, f"/feed/delete/{other}")


async def ok(hr: Hr, path: str, **query: Any) -> None:
    answer = await hr.get(path, **query)
    assert answer.status == "ok", (path, answer.json)


class Others:
    """Documents of other people: those of the walk with other ids, times, numbers and addresses."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    def like(self, document: Any) -> Any:
        match document:
            case dict():
                return {name: self.like(value) for name, value in document.items()}
            case list():
                return [self.like(value) for value in document]
            case ObjectId():
                return ObjectId(self._rng.randbytes(12))
            case datetime():
                return document - timedelta(days=self._rng.uniform(1, 300))
            case str():
                # What identifies somebody has digits in it, or is an address.
                return f"{self._rng.getrandbits(96):024x}" if re.search("[0-9@]", document) else document
            case bytes():
                return self._rng.randbytes(len(document))
            case bool() | None:
                return document
            case int() | float():
                return document
        raise AssertionError(f"{type(document)} is stored")


def fulfils(document: Any, field: str, asked: Any) -> bool:
    """Whether a document stands in the part of an index that a condition names."""
    values = values_of(document, field.split("."))
    if not isinstance(asked, Mapping) or not all(name.startswith("$") for name in asked):
        return asked in values or (asked is None and not values)
    return any(
        all(_COMPARED[name](value, bound) for name, bound in asked.items()) for value in values or [None]
    )


def values_of(value: Any, path: list[str]) -> list[Any]:
    """The values of a field, as an index has them: of a list each."""
    if isinstance(value, list):
        return [one for element in value for one in values_of(element, path)] or ([] if path else [value])
    if not path:
        return [value]
    if not isinstance(value, dict) or path[0] not in value:
        return []
    return values_of(value[path[0]], path[1:])


def _compared(test: Any) -> Any:
    return lambda value, bound: type(value) is type(bound) and test(value, bound)


_COMPARED = {
    "$eq": lambda value, bound: value == bound,
    "$in": lambda value, bound: value in bound,
    "$exists": lambda value, bound: (value is not None) is bool(bound),
    **{f"${name}": _compared(getattr(operator, name[:2])) for name in ("gt", "lt")},
    "$gte": _compared(operator.ge),
    "$lte": _compared(operator.le),
}


def asked_fields(collection: str, queries: Mapping[Shape, Any]) -> set[str]:
    """The fields that indexes and queries look at."""
    of_indexes = {field for index in INDEXES.get(collection, ()) for field in index.document["key"]}
    return of_indexes.union(
        field for shape in queries if shape.collection == collection for field, _ in shape.fields
    )


async def documents_of(database: Any, queries: Mapping[Shape, Any]) -> dict[str, list[Any]]:
    """By collection all that the walk has stored, and 10,000 documents of others."""
    others, found = Others(5), {}
    for name in sorted({shape.collection for shape in queries} - SMALL.keys()):
        tops = {field.partition(".")[0] for field in asked_fields(name, queries)}
        if ours := await database[name].find({}, dict.fromkeys({*tops, "_id"}, 1)).to_list(None):
            made = [others.like(ours[number % len(ours)]) for number in range(DOCUMENTS)]
            for number, one in enumerate(made):  # an id may be a name
                one["_id"] = one["_id"] if isinstance(one["_id"], ObjectId) else f"other {number}"
            found[name] = [*made, *ours]
    return found


def held(plan: Plan, fields: Mapping[str, Any], documents: list[Any]) -> int:
    """How many documents stand in the part of an index that a query reads."""
    return sum(all(fulfils(one, field, fields[field]) for field in plan.bounds) for one in documents)


async def explained(
    database: Any, queries: Mapping[Shape, Any], documents: list[Any]
) -> dict[str, tuple[str, int]]:
    """What the embedded store says of queries of results: the index, and how many documents it examines.

    Of those alone that ask for nothing beside an index, as of others it says what is not so.
    """
    stored = database.results
    fields = {"_id", *(field for index in INDEXES["results"] for field in index.document["key"])}
    some = [{name: value for name, value in one.items() if name in fields} for one in documents]
    # The two that lists are read by.
    await stored.create_indexes(INDEXES["results"][:2])
    for start in range(0, len(some), 500):
        await stored.insert_many(some[start : start + 500], ordered=False)
    said = {}
    for shape, query in queries.items():
        if {plan.index for plan in plans(shape) if {*plan.bounds} == {*query}} & LISTS:
            command = {"find": "results", "filter": dict(query)}
            answer = await database.command({"explain": command, "verbosity": "executionStats"})
            stage = answer["queryPlanner"]["winningPlan"].get("inputStage", {})
            said[str(shape)] = (stage.get("indexName"), answer["executionStats"]["totalDocsExamined"])
    return said


@pytest.mark.long
@pytest.mark.gen_test(timeout=240)
async def test_beside_10_000_documents_of_others_a_query_reads_no_more_than_its_own(
    kept, server, hr, settings
):
    await walk(hr)
    queries = dict(kept.queries)
    assert [str(shape) for shape in queries if not may_be_asked(shape)] == []
    documents = await documents_of(server.stores._database, queries)
    assert documents.keys() >= {"results", "feeds", "resumes", "contacts", "candidate_records", "sessions"}
    much = {}
    for shape, fields in queries.items():
        if shape.collection in documents and (found := plans(shape)):
            reads = min(held(plan, fields, documents[shape.collection]) for plan in found)
            if reads > OWN and not any({*plan.bounds} == {*fields} for plan in found):
                much[str(shape)] = reads
    assert much == {}

    client = mongo.connect(settings.mongo_url, patience_s=30.0)
    try:
        database = whole(client[f"{settings.mongo_db}-much"])
        said = await explained(database, queries, documents["results"])
        await client.drop_database(database.name)
    finally:
        client.close()
    assert len(said) >= 8
    assert {index for index, _ in said.values()} == LISTS
    assert max(examined for _, examined in said.values()) <= OWN
