"""Accounts with results, and senders whose ways write down what they were given."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from notices.schedule import SPACING, Rules
from notices.sender import Sender
from notices.ways import Receiver
from notices.wording import Notice
from runtime.metrics import Metrics
from store.stores import Stores
from tests.integration.stored import new_account, new_feed
from tests.support import scored_result

NEVER_QUIET = Rules(quiet=(0, 0), digests=(), grace=timedelta(0))
AT_ONCE = {"at_once_score": 0.0}


class RecordedWay:
    """A way that takes everything, but for what `ends` says of the next messages.

    Attributes:
        sent: The accounts that were told, with what.
        ends: What the next sends raise, in order; None for nothing.
        tries: How often it was asked.
        serves: Whether it can serve anybody.
        takes_s: Seconds that it takes.
    """

    def __init__(self, kind: str = "robot") -> None:
        self.kind = kind
        self.sent: list[tuple[str, Notice]] = []
        self.ends: list[Exception | None] = []
        self.tries = 0
        self.serves = True
        self.takes_s = 0.0

    def lacks(self, receiver: Receiver) -> str:
        return "" if self.serves else "未设置"

    async def send(self, receiver: Receiver, notice: Notice) -> None:
        self.tries += 1
        if self.ends and (end := self.ends.pop(0)):
            raise end
        await asyncio.sleep(self.takes_s)
        self.sent.append((receiver.user, notice))

    def told(self, user: str) -> int:
        return sum(1 for one, _ in self.sent if one == user)


def make_sender(stores: Stores, *ways: Any, defaults: Rules = NEVER_QUIET, presence: Any = None) -> Sender:
    return Sender(
        accounts=stores.accounts,
        appids={},
        notices=stores.notices,
        news=stores.news,
        counts=stores.result_counters,
        feeds=stores.feeds,
        presence=presence or stores.presence,
        ways=ways,
        defaults=defaults,
        page_url="https://talent.example.com",
        metrics=Metrics(),
    )


async def recruiter(stores: Stores, number: int = 0, **wishes: Any) -> tuple[str, str]:
    """An account that wants to be told at once, unless it wishes otherwise, and its feed."""
    account = await new_account(stores, number)
    await stores.notices.change(account.id, AT_ONCE | wishes)
    return account.id, (await new_feed(stores, account.id)).id


async def list_results(
    stores: Stores, user: str, feed: str, scores: Sequence[float], *, strong: bool = True
) -> list[str]:
    """New results of a feed, settled as scoring settles them; the ids of their resumes."""
    resumes = [str(ObjectId()) for _ in scores]
    await stores.results.save(
        [
            scored_result(company=user, feed=feed, resume=resume, score=score, strong=strong)
            for resume, score in zip(resumes, scores, strict=True)
        ]
    )
    return resumes


async def look(*senders: Sender) -> None:
    """Let all senders at once do whatever is due."""

    async def work(sender: Sender) -> None:
        while await sender._step():
            pass

    await asyncio.gather(*map(work, senders))


async def state(stores: Stores, user: str) -> dict[str, Any]:
    """The account's document, and the job of looking at it."""
    known = await stores._database.notices.find_one({"_id": ObjectId(user)}) or {}
    return known | (await stores.jobs.find("notice", [user])).get(user, {})


async def counter(stores: Stores, user: str) -> dict[str, Any]:
    """The document of the account's numbers, which has its mark."""
    return await stores._database.counters.find_one({"_id": ObjectId(user)}) or {}


async def move(stores: Stores, user: str, **ago: timedelta) -> None:
    """Put times of an account's document into the past, as if so much time had gone by."""
    document = await state(stores, user)
    moved = {name: document[name] - by for name, by in ago.items() if name in document}
    for collection, which in (("notices", {"_id": ObjectId(user)}), ("jobs", {"_id": f"notice:{user}"})):
        own = await stores._database[collection].find_one(which) or {}
        if change := {name: at for name, at in moved.items() if name in own}:
            await stores._database[collection].update_one(which, {"$set": change})


async def an_hour_later(stores: Stores, user: str) -> None:
    """Put all that happened to the account an hour back."""
    results = stores._database.results
    for row in await results.find({"company": ObjectId(user)}, {"pub_time": 1}).to_list(None):
        await results.update_one({"_id": row["_id"]}, {"$set": {"pub_time": row["pub_time"] - SPACING}})
    await move(stores, user, last_sent=SPACING, told_until=SPACING, due=SPACING)


async def due_now(stores: Stores, user: str) -> None:
    """Have the account looked at."""
    about = {"kind": "notice", "key": user}
    change = {"$set": {"due": datetime.now(UTC)}, "$setOnInsert": {**about, "attempts": 0}}
    await stores._database.jobs.update_one({"_id": f"notice:{user}"}, change, upsert=True)
