"""Scoring: having resumes scored again, and learning from what is stored.

Both only mark what has to be done: a running server scores.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from commands.running import Lasting, Outdated, Workspace, run
from runtime.clock import SHANGHAI
from store.ids import is_id
from store.redis.events import Event
from store.stores import Stores

if TYPE_CHECKING:  # see `commands.running`
    from engine.learning.relearn import Learned


@click.command()
@click.option("--feed", help="only this feed")
@click.pass_context
def rescore(context: click.Context, feed: str | None) -> None:
    """Score all stored resumes again, for one feed or for all; a running server does the work."""
    if feed is not None and not is_id(feed):
        raise click.BadParameter("takes 24 hex digits", param_hint="--feed")

    async def work(stores: Stores) -> int:
        count = await stores.backfills.request([feed] if feed else None)
        # A hint: without it, servers would find the request by their next look, a second later.
        await stores.events.publish(Event("feed", feed=feed or ""))
        return count

    count = run(context, work)
    if feed is not None and not count:
        raise click.ClickException(f"no feed {feed}")
    click.echo(f"feeds to score again: {count}")


@click.command()
@click.option(
    "--daily", type=click.DateTime(["%H:%M"]), metavar="HH:MM", help="stay, and learn at this time each day"
)
@click.pass_context
def learn(context: click.Context, daily: datetime | None) -> None:
    """Learn from the stored resumes which words go together; feeds that this changes are scored again.

    Nothing is learned but by this command. Times are of Asia/Shanghai.
    """
    from engine.learning.relearn import OtherRules, relearn
    from engine.matching.learned.topics import TOPICS

    workspace: Workspace = context.obj
    analyzer = workspace.make_analyzer()

    async def work(stores: Stores) -> Learned:
        with click.progressbar(
            length=await stores.resumes.count() or 1, label="learning", file=sys.stderr
        ) as bar:
            try:
                learned = await relearn(
                    profiles=stores.profiles,
                    relations=stores.relations,
                    feeds=stores.feeds,
                    backfills=stores.backfills,
                    meta=stores.meta,
                    analyzer=analyzer,
                    progress=bar.update,
                )
            except OtherRules as error:
                raise (Outdated if error.is_outdated else click.ClickException)(str(error)) from None
        await stores.events.publish(Event("feed"))
        return learned

    # The stores are opened anew each day, so that a restart of them between two nights is no error.
    while True:
        if daily:
            time.sleep(seconds_until(daily.time(), datetime.now(SHANGHAI)))
        try:
            learned = run(context, work)
        except click.ClickException as error:
            # It is started again, with the release and the MongoDB that are there by then.
            if not daily or isinstance(error, Lasting):
                raise
            # Told, and tried again the next night: the table of today stays in force.
            error.show()
            continue
        topics = f"{learned.words} words in {TOPICS} topics" if learned.words else "no topics"
        news = f"new, feeds to score again: {learned.feeds}" if learned.is_new else "as before"
        click.echo(f"learned from {learned.resumes} resumes: {learned.terms} terms, {topics}, {news}")
        if not daily:
            return


def seconds_until(moment: dt.time, now: datetime) -> float:
    """Seconds from now to the next time that a clock shows `moment`; a day where it shows it now."""
    today = datetime.combine(now.date(), moment, now.tzinfo)
    wait = today - now
    return (wait if wait > timedelta(0) else wait + timedelta(days=1)).total_seconds()
