"""Notices: which accounts are to be told of matches, when, and what they wait for."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import click

from commands.running import run
from config.settings import Settings
from notices.schedule import rules_from
from notices.waits import waits_of
from runtime.clock import clock_text


@click.command()
@click.option("--due", is_flag=True, help="A line an account: its id, when it is due, what it waits for.")
@click.pass_context
def notices(context: click.Context, /, *, due: bool) -> None:
    """Show how many accounts are to be told of matches, by what they wait for."""
    settings: Settings = context.obj
    rules = rules_from(settings.quiet_hours, settings.digest_times, settings.notice_grace_s)
    waits = run(context, lambda stores: waits_of(stores, rules, datetime.now(UTC)))
    if due:
        for wait in waits:
            click.echo(f"{wait.user}  {clock_text(wait.due)}  {wait.reason}")
        return
    for reason, count in sorted(Counter(wait.reason for wait in waits).items()):
        click.echo(f"{reason:<20} {count}")
