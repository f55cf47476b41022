"""Jobs: work that waits for a process to do it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from commands.running import run
from runtime.clock import clock_text
from store.jobs.jobs import JobCounts
from store.jobs.kinds import KINDS
from store.stores import Stores


@click.command()
@click.option("--kind", type=click.Choice(list(KINDS)), help="a line a job of this kind")
@click.option("--retry", metavar="ID", help="have this one done now")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, help="most rows shown")
@click.pass_context
def jobs(context: click.Context, kind: str | None, retry: str | None, limit: int) -> None:
    """Show how many jobs of each kind wait, run, and were given up, and why."""

    async def retried(stores: Stores) -> bool:
        return await stores.jobs.retry(retry or "")

    async def of_kind(stores: Stores) -> list[dict[str, Any]]:
        return await stores.jobs.of_kind(kind or "", limit)

    async def counted(stores: Stores) -> list[JobCounts]:
        return await stores.jobs.counts()

    if retry:
        if not run(context, retried):
            raise click.ClickException(f"no job {retry}")
        click.echo(f"{retry} is due")
    elif kind:
        for row in run(context, of_kind):
            state = "running" if "lease" in row else "failed" if "failed_at" in row else "waiting"
            tried = f"{_clock(row.get('due'))}  tries {row['attempts']}  {row.get('error', '')}"
            click.echo(f"{row['_id']}  {state}  {tried}".rstrip())
    else:
        click.echo(f"{'kind':<12} {'waiting':>8} {'running':>8} {'failed':>8}  {'oldest':<19}  error")
        for one in run(context, counted):
            numbers = f"{one.waiting:>8} {one.running:>8} {one.failed:>8}"
            click.echo(f"{one.kind:<12} {numbers}  {_clock(one.oldest):<19}  {one.error}".rstrip())


def _clock(at: datetime | None) -> str:
    return clock_text(at) if at else "-"
