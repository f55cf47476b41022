"""Recruiters and candidates for benchmarks: made up, the same ones in every run.

Accounts, sessions and feeds are written straight into the database, in the shape that the stores give
them: registering thousands over HTTP would measure how slowly passwords are hashed.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from datetime import date

import msgspec
from bson import ObjectId

from bench.machine import OwnStores, patient_database
from config.demo.occupations import occupations
from config.demo.places import CITIES
from config.demo.resumes import demo_resumes
from store.feeds import FeedForm
from store.sessions import token_hash
from store.stores import Stores
from tests.support import basic

SEED = 5
_CHUNK = 1_000


class Recruiter(msgspec.Struct, frozen=True):
    """An account with a session and one feed."""

    user: str
    token: str
    feed: str

    @property
    def authorization(self) -> str:
        """What its requests carry."""
        return basic(self.user, self.token)


async def hire(stores: OwnStores, count: int, database: str = "bench") -> list[Recruiter]:
    """Write so many recruiters with a feed each, scored already; before the server starts.

    Feeds go through all trades and cities in turn, so a resume matches a few of them.
    """
    opened = Stores(stores.mongo_url, database, stores.redis_url)
    async with patient_database(stores, database) as base:
        await opened.prepare()
        account = await opened.accounts.create(
            email="first@example.com", password_hash="", company_name="示例公司", phone="010-12345678"
        )
        token = await opened.sessions.create(account.id)
        form = next(_forms())
        feed = await opened.feeds.create(account.id, form, quota=5, service_days=365, vip=False)
        first = Recruiter(account.id, token, feed.id)
        templates = [
            await base[name].find_one({"_id": id_})
            for name, id_ in (
                ("accounts", ObjectId(account.id)),
                ("sessions", token_hash(token)),
                ("feeds", ObjectId(feed.id)),
            )
        ]
        recruiters = [first, *(_recruiter(number) for number in range(1, count))]
        forms = itertools.islice(_forms(), 1, None)
        for start in range(1, count, _CHUNK):
            some = recruiters[start : start + _CHUNK]
            await base.accounts.insert_many(
                [
                    {**templates[0], "_id": ObjectId(one.user), "email": f"{one.user}@example.com"}
                    for one in some
                ]
            )
            await base.sessions.insert_many(
                [{**templates[1], "_id": token_hash(one.token), "user": ObjectId(one.user)} for one in some]
            )
            await base.feeds.insert_many(
                [
                    {
                        **templates[2],
                        "_id": ObjectId(one.feed),
                        "user": ObjectId(one.user),
                        "form": msgspec.to_builtins(next(forms)),
                    }
                    for one in some
                ]
            )
        await base.feeds.update_many({}, {"$unset": {"backfill_due": ""}, "$set": {"progress": 1.0}})
    await opened.close()
    return recruiters


def _recruiter(number: int) -> Recruiter:
    return Recruiter(f"{number:024x}", f"bench-token-{number:032d}", f"{1 << 80 | number:024x}")


def _forms() -> Iterator[FeedForm]:
    draw = random.Random(SEED)
    bank, cities = list(occupations().values()), list(CITIES)
    for number in itertools.count():
        trade = bank[number % len(bank)]
        skills = draw.sample(trade.skills, 3)
        low = round(trade.pay * draw.uniform(0.7, 1.0) / 1_000) * 1_000
        yield FeedForm(
            title=trade.titles["middle"][0],
            job_desc="\n".join(draw.sample(trade.duties["middle"], 2)),
            keywords=skills,
            salary_min=low,
            salary_max=2 * low,
            expect_area=[cities[number // len(bank) % len(cities)]],
        )


def resumes(count: int, source: str = "bench") -> list[bytes]:
    """Candidates as `POST /resumes/` takes them, a line each."""
    lines = []
    for resume in demo_resumes(count, seed=SEED, today=date(2025, 11, 20)):
        resume["source"] = source
        lines.append(json.dumps(resume, ensure_ascii=False).encode())
    return lines
