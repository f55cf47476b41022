"""Accounts, feeds, resumes and profiles that are stored without a server."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from store.accounts.accounts import Account
from store.feeds.feed_documents import Feed, FeedForm
from store.resumes.profiles import StoredProfile
from store.resumes.resume_values import IncomingResume, StoredResume
from store.stores import Stores
from tests.support import alone

ACCOUNTING = FeedForm(title="会计")


async def new_account(stores: Stores, number: int = 1, **fields: Any) -> Account:
    """An account that is alone in its company."""
    given = {"email": f"hr{number}@example.com", "company_name": f"公司{number}"}
    return await stores.accounts.create(**{**given, "password_hash": "x", "phone": "12345", **fields})


async def new_feed(stores: Stores, user: str = "", form: FeedForm = ACCOUNTING, **how: Any) -> Feed:
    """A feed that waits for its backfill; of somebody of its own where nobody is named."""
    owner = alone(user or str(ObjectId()))
    return await stores.feeds.create(owner, form, **{"quota": 1000, "service_days": 1, "vip": False, **how})


def incoming(body: dict[str, Any], **fields: Any) -> IncomingResume:
    """A resume as it is about to be stored."""
    given = {"source": "test", "source_id": body["source_id"], "digest": str(body), "contact": {}}
    return IncomingResume(**{**given, "body": body, **fields})


async def new_resumes(stores: Stores, *bodies: dict[str, Any]) -> list[StoredResume]:
    """Resumes that wait to be scored, in this order."""
    batch = [incoming(body) for body in bodies]
    await stores.resumes.save(batch)
    return await stores.resumes.load([one.id for one in batch])


def new_profile(**fields: Any) -> StoredProfile:
    """A profile of a resume of its own that says nothing."""
    given = {"resume": secrets.token_hex(12), "rev": 1, "arrived_at": datetime.now(UTC), "version": "1"}
    empty: dict[str, Any] = {"send_to": [], "partner_for": [], "key_terms": [], "data": b""}
    return StoredProfile(**{**given, **empty, **fields})
