"""Security events: a log line and a count for each, so that an operator sees an attack while it goes on.

    report("login", outcome="failed", account=email, address="203.0.113.7")

    {"level": "warning", "logger": "talentfeed.security", "message": "security event", "request_id": "…",
     "event": "login", "outcome": "failed", "account": "5d1f0c9be2a47763", "address": "203.0.113.7"}

An account is written as a keyed hash. Lines about one account can be put together, and who has the log alone
cannot try a list of addresses on it. `manage.py audit --account` shows the hash of an account. What must be
provable for years is in the audit (`store/audit/audit.py`); this is for today.

Safe in every thread.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from typing import Literal, get_args

from prometheus_client import Counter

logger = logging.getLogger("talentfeed.security")

Event = Literal[
    "login",  # of an account; also a wrong `old_password`
    "wechat_login",  # a code of WeChat
    "wechat_bind",
    "wechat_unbind",
    "register",
    "activation",
    "activation_resend",
    "password_change",
    "password_forgot",
    "password_reset",
    "session_revoke",
    "account_disable",
    "account_enable",
    "account_delete",
    "credentials",  # a token that came with a request
    "ingest_token",  # the token of who uploads; also a new and a revoked one
    "cross_site",  # a change of state that another site's page asked for
    "requests",  # of an account: too many at once, or too dear
    "company",  # an invitation, a role, or who leaves
    "unlock",  # of a contact
    "unlock_address",  # by accounts that registered lately from one address
    "unlock_same",  # of one person, by accounts that registered lately
    "preview",
    "export",
    "review",  # a link by which people are handed over
    "erasure",  # of a resume or of a person
    "operator",  # a command of `manage.py`, or what was done at the desk
    "operator_login",
    "operator_credentials",  # a token that came with a request to the desk, and what its role may not
    "operator_password",
]
"""What happened. A new event is added here, and in the table of `docs/operations.md`."""

Outcome = Literal[
    "ok",
    "failed",  # what was presented was wrong
    "refused",  # it was right, and is not allowed
    "throttled",  # it was one too many
    "burst",  # it was done, and is unusually much
]

EVENTS = Counter(
    "talentfeed_security_events",
    "Security events, by what happened and how it ended",
    ["event", "outcome"],
    registry=None,
)
"""The count of this process, which `Metrics` shows. All series are there from the start: an alert on an
increase does not see a series that begins with its first event."""

for _event in get_args(Event):
    for _outcome in get_args(Outcome):
        EVENTS.labels(_event, _outcome)

_HASH_DIGITS = 16
"""Hex digits of an account's hash. Fewer, and two of a million accounts would share one; more only make
lines longer."""

_key = secrets.token_bytes(32)


def set_key(secret: str) -> None:
    """Set what accounts are hashed with, once at the start; until then it is a key that nobody knows.

    It is made of the setting `secret_key`, which all processes share: an account has one hash in all logs.
    """
    global _key
    _key = hashlib.sha256(b"talentfeed security log\0" + secret.encode()).digest()


def account_hash(account: str) -> str:
    """The name of an account in the log, 16 hex digits."""
    return hmac.new(_key, account.strip().lower().encode(), "sha256").hexdigest()[:_HASH_DIGITS]


def report(event: Event, *, account: str | None = None, outcome: Outcome, address: str | None = None) -> None:
    """Write a line about an event of an account, from a client's address, and count it.

    The account is its id where it is known, else the e-mail as it was typed. It is never logged itself.
    """
    EVENTS.labels(event, outcome).inc()
    data: dict[str, str] = {"event": event, "outcome": outcome}
    if account is not None:
        data["account"] = account_hash(account)
    if address is not None:
        data["address"] = address
    level = logging.INFO if outcome == "ok" else logging.WARNING
    logger.log(level, "security event", extra={"data": data})
