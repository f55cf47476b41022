"""Recruiters and candidates for benchmarks: made up, the same ones in every run.

Accounts, sessions and feeds are written straight into the database, in the shape that the stores give them.
Registering thousands over HTTP would mostly measure how slowly passwords are hashed.
"""

from __future__ import annotations

import itertools
import random
import zlib
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
from bson import ObjectId

from bench.harness.machine import DATABASE, OwnStores, patient_database
from bench.harness.wire import basic
from config.demo.occupations import occupations
from config.demo.places import CITIES
from config.demo.resumes import demo_resumes
from store.accounts.companies import Member, founded
from store.accounts.sessions import token_hash
from store.feeds.feed_documents import FeedForm
from store.stores import Stores

SEED = 5
_CHUNK = 1_000
# Of ten million people with phones of their own, how many each source of resumes has.
_PHONES, _PHONES_OF_SOURCE = 10_000_000, 50_000


class Recruiter(msgspec.Struct, frozen=True):
    """An account with a session and feeds."""

    user: str
    token: str
    feeds: tuple[str, ...]

    @property
    def authorization(self) -> str:
        """What its requests carry."""
        return basic(self.user, self.token)


async def create_recruiters(stores: OwnStores, count: int, *, feeds_each: int = 1) -> list[Recruiter]:
    """Write so many recruiters with their feeds, as if these had been scored, before the server starts.

    Feeds go through all trades and cities in turn, so a resume matches only a few of them.
    """
    recruiters = [_recruiter(number, feeds_each) for number in range(1, count + 1)]
    owned = [(ObjectId(one.user), feed) for one in recruiters for feed in one.feeds]
    async with patient_database(stores) as database:
        account, session, feed = await _templates(stores, database)
        accounts = [
            {**account, "_id": id_, "company_id": id_, "email": f"{id_}@example.com"}
            for id_ in (ObjectId(one.user) for one in recruiters)
        ]
        companies = [founded(one) for one in accounts]
        sessions = [
            {**session, "_id": token_hash(one.token), "user": ObjectId(one.user)} for one in recruiters
        ]
        feeds = [
            {**feed, "_id": ObjectId(id_), "company": user, "owner": user, "form": form}
            for (user, id_), form in zip(owned, forms(), strict=False)
        ]
        made = {"accounts": accounts, "companies": companies, "sessions": sessions, "feeds": feeds}
        for name, documents in made.items():
            for start in range(0, len(documents), _CHUNK):
                await database[name].insert_many(documents[start : start + _CHUNK])
    return recruiters


async def _templates(stores: OwnStores, database: Any) -> list[dict[str, Any]]:
    """An account, its session and its feed as the stores write them; the feed needs no backfill."""
    opened = Stores(stores.mongo_url, DATABASE, stores.redis_url)
    await opened.prepare()
    account = await opened.accounts.create(
        email="first@example.com", password_hash="", company_name="示例公司", phone="010-12345678"
    )
    await opened.sessions.create(account.id)
    member = Member(account.id, account.company_id)
    await opened.feeds.create(member, FeedForm(title="店长"), quota=5, service_days=365, vip=False)
    await opened.close()
    await database.feeds.update_one({}, {"$set": {"progress": 1.0}})
    await database.jobs.delete_many({"kind": "backfill"})
    return [await database[name].find_one({}) for name in ("accounts", "sessions", "feeds")]


def _recruiter(number: int, feeds: int) -> Recruiter:
    ids = tuple(f"{(number << 16) + feed + (1 << 90):024x}" for feed in range(feeds))
    return Recruiter(f"{number:024x}", f"bench-token-{number:032d}", ids)


def forms() -> Iterator[dict[str, Any]]:
    """Forms of feeds, without end: all trades in one city, then all in the next."""
    draw = random.Random(SEED)
    bank, cities = list(occupations().values()), list(CITIES)
    for number in itertools.count():
        trade = bank[number % len(bank)]
        skills = draw.sample(trade.skills, 3)
        low = round(trade.pay * draw.uniform(0.7, 1.0) / 1_000) * 1_000
        form = FeedForm(
            title=trade.titles["middle"][0],
            job_desc="\n".join(draw.sample(trade.duties["middle"], 2)),
            keywords=skills,
            salary_min=low,
            salary_max=2 * low,
            expect_area=[cities[number // len(bank) % len(cities)]],
        )
        yield msgspec.to_builtins(form)


def resumes(count: int, source: str = "bench") -> list[dict[str, Any]]:
    """Resumes as `POST /resumes/` takes them; those of each source are other people.

    With the phones of others they would be those others, and be joined with them.
    """
    hashed = zlib.crc32(source.encode())
    first = 1 + hashed % (_PHONES // _PHONES_OF_SOURCE) * _PHONES_OF_SOURCE
    made = demo_resumes(count, SEED + hashed, date(2025, 11, 20), first)
    return [{**resume, "source": source} for resume in made]
