"""Scoring: having resumes scored again, and learning from what is stored.

Both only mark what is to be scored: a running server scores.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from commands.running import Outdated, checked_id, run
from config.settings import Settings
from store.redis.events import Event
from store.stores import Stores

if TYPE_CHECKING:  # importing the rules of matching takes two seconds, and one command needs them
    from engine.learning.relearn import Learned

_WAIT_S = 0.5
"""Seconds between two tries to be the one that learns."""


@click.command()
@click.option("--feed", help="only this feed")
@click.pass_context
def rescore(context: click.Context, feed: str | None) -> None:
    """Score all stored resumes again, for one feed or for all; a running server does the work."""
    if feed is not None:
        feed = checked_id(feed, "--feed")

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
@click.pass_context
def learn(context: click.Context) -> None:
    """Learn at once which words go together in the stored resumes; feeds that this changes are scored again.

    A running server does so by itself, once there are enough, and when they are a fifth more or fewer.
    """
    from engine.learning.computing import LearningFailed
    from engine.learning.relearn import OtherRules, relearn
    from engine.matching.learned.topics import TOPICS
    from process.rules import make_analyzer

    settings: Settings = context.obj
    analyzer = make_analyzer()

    async def work(stores: Stores) -> Learned:
        # One process at a time: a server that is about it comes to its end first.
        while True:
            async with stores.jobs.holding("learning") as job:
                if job is not None:
                    learned = await step(stores)
                    await stores.jobs.put_off([job], datetime.now(UTC))
                    return learned
            await asyncio.sleep(_WAIT_S)

    async def step(stores: Stores) -> Learned:
        with click.progressbar(
            length=await stores.resumes.count() or 1, label="learning", file=sys.stderr
        ) as bar:
            try:
                learned = await relearn(stores, analyzer, least=settings.learn_from, progress=bar.update)
            except OtherRules as error:
                raise (Outdated if error.is_outdated else click.ClickException)(str(error)) from None
            except LearningFailed as error:
                raise click.ClickException(f"it could not be computed ({error})") from None
        await stores.events.publish(Event("feed"))
        return learned

    learned = run(context, work)
    topics = f"{learned.words} words in {TOPICS} topics" if learned.words else "no topics"
    news = f"new, feeds to score again: {learned.feeds}" if learned.is_new else "as before"
    click.echo(f"learned from {learned.resumes} resumes: {learned.terms} terms, {topics}, {news}")
