"""What a feed is, and how MongoDB keeps it. Reading and writing feeds is in `feeds` and `backfills`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from store.documents import read_as


class Choice(msgspec.Struct, frozen=True):
    """One chosen option of a list: its stable id and the name it had when it was chosen."""

    id: int
    name: str


FeedRole = Literal["own", "work", "view"]
"""What a member may do in a feed: all; all that concerns its people; read and comment."""
SharedRole = Literal["work", "view"]
Need = Literal["view", "work", "manage"]
"""What somebody wants to do with a feed. Managing (its form, its service, who is in it) is for who owns it,
and for the company's owners."""

Breadth = Literal["strict", "balanced", "broad"]
"""How likely a match must be to count as strong."""


class FeedRequirements(msgspec.Struct, frozen=True, kw_only=True):
    """What a feed requires of people, empty for nothing; `must` names those of these that are no wishes."""

    degree: str = ""
    years_min: int | None = None
    years_max: int | None = None
    certificates: list[str] = []
    licence: str = ""
    languages: list[str] = []
    must: list[str] = []


class FeedForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a recruiter fills in; empty means no wish. Salaries are yuan a month.

    Attributes:
        occupations: Ids of the occupations that were chosen. A later lexicon may lack one.
    """

    title: str
    job_desc: str = ""
    keywords: list[str] = []
    skill_required: str = ""
    salary_min: int = 0
    salary_max: int = 1_000_000
    talent_level: list[str] = []
    expect_area: list[str] = []
    job_welfare: list[str] = []
    company_prefer: list[Choice] = []
    job_domain: list[Choice] = []
    categorys: list[Choice] = []
    analyze_job_domain: list[Choice] = []
    breadth: Breadth = "balanced"
    occupations: list[str] = []
    requirements: FeedRequirements = FeedRequirements()


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """One feed.

    Attributes:
        owner: The account that submitted it, whose quota it counts for.
        rev: Its revision, 1 at first; each submit gives it the next.
        progress: How far its backfill is, 0..1.
        calced: Whether it is scored against all stored resumes.
        partner: Whether partners recommend people for it.
        paused: Whether its recruiter paused it: it keeps its list, and nothing is scored for it.
        shares: Who else is in it, by account.
    """

    id: str
    company: str
    owner: str
    rev: int
    form: FeedForm
    start_time: datetime
    expires_at: datetime
    last_click_time: datetime
    updated_at: datetime
    progress: float
    calced: bool
    deleted: bool
    vip: bool
    partner: bool
    paused: bool = False
    shares: Mapping[str, SharedRole] = {}

    def role_of(self, user_id: str) -> FeedRole | None:
        """What an account is in it; None where it is not in it."""
        return "own" if user_id == self.owner else self.shares.get(user_id)

    def tells(self, user_id: str) -> bool:
        """Whether an account hears of new results: it works in it, and it is not paused."""
        return not self.paused and self.role_of(user_id) in ("own", "work")

    def has_expired(self, now: datetime) -> bool:
        """Whether the feed is no longer in service."""
        return self.expires_at <= now

    def is_idle(self, now: datetime, idle_after: timedelta) -> bool:
        """Whether the feed was not opened for so long that it is not scored."""
        return self.last_click_time + idle_after <= now


class FeedState(msgspec.Struct, frozen=True):
    """The part of a feed that clients hear about as it changes."""

    id: str
    progress: float
    calced: bool


SCORED: Mapping[str, Any] = {"deleted": False, "paused": {"$ne": True}}
"""The condition that new resumes are scored for a feed while it is opened."""
CALCED = 1.0
"""The progress of a feed that is scored against all stored resumes; one that is paused has it too."""
STATE_FIELDS = {"progress": 1}
"""The fields that `state_from` reads."""


def feed_from(document: Mapping[str, Any]) -> Feed:
    """A feed from its document."""
    return read_as(
        Feed,
        document,
        form=msgspec.convert(document["form"], FeedForm),
        progress=float(document["progress"]),
        calced=document["progress"] == CALCED,
        shares={str(one["user"]): one["role"] for one in document.get("shares", ())},
    )


def state_from(document: dict[str, Any]) -> FeedState:
    """A feed's state from its document, of which `STATE_FIELDS` are enough."""
    progress = float(document["progress"])
    return FeedState(str(document["_id"]), progress, progress == CALCED)


def new_revision(**fields: Any) -> dict[str, Any]:
    """The change of a feed and some fields to a new revision; with it its backfill is asked for."""
    return {
        "$set": {**fields, "progress": 0.0},
        "$inc": {"rev": 1},
        "$currentDate": {"updated_at": True},
    }
