"""Reports: whether what is stored is in order, and how much of it there is."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from commands.running import run
from runtime.clock import clock_text
from store.audit.check import Verified
from store.files.mailboxes import MailboxState
from store.redis.registry import Registry
from store.stores import Stores

_PATIENCE_S = 120.0
"""How long one answer may take where all is read. The embedded store finds all that a query asks for before
it gives the first of it, which takes a second for 30,000 results."""


@click.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Check that counts and invariants hold; exit status 1 where one is broken."""

    async def work(stores: Stores) -> tuple[list[str], Counter[str], Verified]:
        seen: Counter[str] = Counter()
        broken = [line async for line in stores.invariants.broken(lambda name: seen.update([name]))]
        return broken, seen, stores.audit_check.verified

    broken, seen, verified = run(context, work, patience_s=_PATIENCE_S)
    for line in broken:
        click.echo(line, err=True)
    if verified.foreign:
        which = ", ".join(map(str, verified.foreign))
        click.echo(
            f"audit chains {which} were sealed with another secret_key: "
            "their links are verified, their seals cannot be",
            err=True,
        )
    names = (
        "companies",
        "feeds",
        "resumes",
        "contacts",
        "originals",
        "profiles",
        "results",
        "candidate_records",
        "handovers",
        "audit",
    )
    checked = ", ".join(f"{name} {seen[name]}" for name in names)
    click.echo(f"checked {checked}: {len(broken)} broken")
    if broken:
        context.exit(1)


@click.command()
@click.pass_context
def stats(context: click.Context) -> None:
    """Show how much there is, and how much waits."""

    async def work(stores: Stores) -> dict[str, Any]:
        learned = await stores.relations.load()
        at = f"{clock_text(learned.learned_at)} from {learned.resumes}" if learned.learned_at else "never"
        return {
            "accounts": await stores.accounts.count(),
            "live feeds": await stores.feeds.count(),
            "feeds being scored": await stores.jobs.count("backfill"),
            "resumes": await stores.resumes.count(),
            "resumes unscored": await stores.resumes.count_pending(),
            "resumes quarantined": await stores.quarantine.count(),
            "originals": await stores.originals.count(),
            "files quarantined": await stores.file_quarantine.count(),
            "results": await stores.results.total(),
            "learned": at,
            "words in topics": len(learned.topics.words),
            **{f"mailbox {one.name}": _words(one) for one in await stores.mailboxes.all()},
            **await _roles(stores.registry),
            "redis": "ok" if await stores.redis_answers() else "unavailable",
        }

    for name, value in run(context, work).items():
        click.echo(f"{name:<20} {value}")


async def _roles(registry: Registry) -> dict[str, str]:
    """By role how many processes have it; a role that nobody has is said."""
    found = await registry.by_role() or {}
    return {f"role {role}": str(len(names) or "0 - NOBODY DOES IT") for role, names in found.items()}


def _words(mailbox: MailboxState) -> str:
    state = f"{mailbox.state} ({mailbox.failure})" if mailbox.failure else mailbox.state
    outcomes = "".join(f", {name} {count}" for name, count in sorted(mailbox.outcomes.items()))
    return f"{state}, mails waiting {mailbox.waiting}{outcomes}"
