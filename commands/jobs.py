"""Jobs: work that waits for a process to do it."""

from __future__ import annotations

from datetime import datetime

import click

from commands.running import run
from runtime.clock import clock_text
from store.jobs.kinds import KINDS


@click.command()
@click.option("--kind", type=click.Choice(list(KINDS)), help="a line a job of this kind")
@click.option("--retry", metavar="ID", help="have this one done now")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, help="most rows shown")
@click.pass_context
def jobs(context: click.Context, kind: str | None, retry: str | None, limit: int) -> None:
    """Show how many jobs of each kind wait, run, and were given up, and why."""
    if retry:
        if not run(context, lambda stores: stores.jobs.retry(retry)):
            raise click.ClickException(f"no job {retry}")
        click.echo(f"{retry} is due")
    elif kind:
        for row in run(context, lambda stores: stores.jobs.of_kind(kind, limit)):
            state = "running" if "lease" in row else "failed" if "failed_at" in row else "waiting"
            tried = f"{_clock(row.get('due'))}  tries {row['attempts']}  {row.get('error', '')}"
            click.echo(f"{row['_id']}  {state}  {tried}".rstrip())
    else:
        click.echo(f"{'kind':<12} {'waiting':>8} {'running':>8} {'failed':>8}  {'oldest':<19}  error")
        for one in run(context, lambda stores: stores.jobs.counts()):
            numbers = f"{one.waiting:>8} {one.running:>8} {one.failed:>8}"
            click.echo(f"{one.kind:<12} {numbers}  {_clock(one.oldest):<19}  {one.error}".rstrip())


def _clock(at: datetime | None) -> str:
    return clock_text(at) if at else "-"
