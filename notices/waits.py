"""What the notices of accounts wait for, as operators ask it: the sender's own computing, without sending."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from notices.schedule import SPACING, Rules, due_of, is_quiet, rules_of
from notices.sender import unread_of
from store.notes.news import FeedNews
from store.notes.notices import Waiting
from store.results.counter_documents import Counts
from store.stores import Stores

Reason = Literal["nothing", "digest", "quiet", "grace", "hour", "present", "channel", "sender"]


class Wait(msgspec.Struct, frozen=True):
    """An account that will be looked at.

    Attributes:
        user: The account.
        due: When it may be told, or when it is looked at again where nothing can be told.
        reason: `digest`, `quiet`, `grace`, `hour`; `present` while somebody has the page open, or
            may have; `channel` after a message that nobody took; `sender` where only the sender has to look;
            `nothing` where there is nothing strong and unread that was not told.
    """

    user: str
    due: datetime
    reason: Reason


async def waits_of(stores: Stores, defaults: Rules, now: datetime) -> list[Wait]:
    """Every account that will be looked at, the next one first."""
    waiting = await stores.notices.waiting(defaults.grace)
    accounts = await stores.accounts.find([one.user for one in waiting])
    counts = await stores.result_counters.read({account.company_id for account in accounts.values()})
    present = await stores.presence.present([one.user for one in waiting])
    waits = []
    for one in waiting:
        company = accounts[one.user].company_id if one.user in accounts else ""
        counted = unread_of(counts.get(company, Counts()))
        active = await stores.feeds.find_active(dict.fromkeys(counted, company))
        unread = [feed for feed in counted if feed in active and active[feed].tells(one.user)]
        news = await stores.news.untold(company, unread, one.told_until, one.told)
        waits.append(wait_of(one, news, defaults, now, is_present=one.user in present))
    return sorted(waits, key=lambda wait: (wait.due, wait.user))


def wait_of(
    one: Waiting, news: Sequence[FeedNews], defaults: Rules, now: datetime, *, is_present: bool
) -> Wait:
    """What one account waits for: of several things, the one that is over last."""
    rules = rules_of(one.wishes, defaults)
    due = due_of(rules, news, one.last_sent)
    if due is None:
        return Wait(one.user, one.due, "nothing")
    if due > now:
        if is_quiet(rules.quiet, now) and not is_quiet(rules.quiet, due):
            return Wait(one.user, due, "quiet")
        if one.last_sent is not None and due == one.last_sent + SPACING:
            return Wait(one.user, due, "hour")
        oldest = min(feed.oldest for feed in news)
        return Wait(one.user, due, "grace" if due == oldest + rules.grace else "digest")
    if is_present:
        return Wait(one.user, max(due, one.due), "present")
    return Wait(one.user, max(due, one.due) if one.tries else due, "channel" if one.tries else "sender")
