"""Operator commands, beside a running server or without one, with the server's settings.

python manage.py create-user hr@example.com --company 示例公司
python manage.py import resumes.ndjson
python manage.py check
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, BinaryIO, TypeVar

import click

from config.data import load_lexicon
from config.settings import SETTINGS, SettingError, Settings, default_text, read_settings
from engine.matching.analysis.analyzer import Analyzer
from engine.relearn import Learned, relearn
from handlers.passwords import Passwords
from intake.ndjson import LineSplitter
from intake.record import MAX_LINE_BYTES
from intake.upload import Upload
from runtime.clock import SHANGHAI
from store.embedded.client import StoresFailed
from store.errors import STORE_FAILURES, EmailTaken, NewerDatabase, NotFound
from store.events import Event
from store.ids import is_id
from store.quarantine import SetAside
from store.stores import Stores, opened

R = TypeVar("R")
_CHUNK_BYTES = 256 * 1024


def run(context: click.Context, command: Callable[[Stores], Awaitable[R]]) -> R:
    """Run a command on the opened stores; what an operator can do about an error is one line."""

    async def work() -> R:
        settings: Settings = context.obj
        urls = (settings.mongo_url, settings.mongo_db, settings.redis_url)
        async with opened(*urls, settings.data_dir) as (stores, _):
            await stores.prepare()
            return await command(stores)

    try:
        return asyncio.run(work())
    except STORE_FAILURES as error:
        raise click.ClickException(f"MongoDB does not answer ({type(error).__name__})") from None
    except (StoresFailed, NewerDatabase) as error:
        raise click.ClickException(str(error)) from None


@click.group(context_settings={"show_default": True})
@click.pass_context
def cli(context: click.Context, /, **flags: str | None) -> None:
    """Operator commands of TalentFeed. Flags before the command are the server's settings."""
    try:
        context.obj = read_settings(flags, os.environ)
    except SettingError as error:
        raise click.UsageError(str(error)) from None


for _setting in SETTINGS:
    cli.params.append(
        click.Option(
            [f"--{_setting.name}", _setting.name],
            metavar=_setting.metadata["unit"].upper().replace(" ", "_"),
            help=f"{_setting.metadata['help']} [{default_text(_setting.name)}]",
        )
    )


@cli.command("create-user")
@click.argument("email")
@click.option("--company", required=True, help="name of the company")
@click.option("--password", help="8 to 128 characters; one is made and shown where it is not given")
@click.option("--phone", default="", help="phone of the recruiter")
@click.option("--vip", is_flag=True, help="a VIP account")
@click.option("--quota", type=click.IntRange(0, 1000), help="live feeds the account may have")
@click.pass_context
def create_user(
    context: click.Context,
    email: str,
    company: str,
    password: str | None,
    phone: str,
    *,
    vip: bool,
    quota: int | None,
) -> None:
    """Make an account that can log in at once."""
    if "@" not in email:
        raise click.BadParameter("is no e-mail address", param_hint="EMAIL")
    made = password is None
    secret = password or secrets.token_urlsafe(12)
    if not 8 <= len(secret) <= 128:
        raise click.BadParameter("takes 8 to 128 characters", param_hint="--password")

    async def work(stores: Stores) -> str:
        passwords = Passwords()
        try:
            account = await stores.accounts.create(
                email=email,
                password_hash=await passwords.hash(secret),
                company_name=company,
                phone=phone,
                vip=vip,
                quota=quota,
            )
        except EmailTaken:
            raise click.ClickException(f"{email} has an account already") from None
        finally:
            passwords.close()
        return account.id

    click.echo(f"account {run(context, work)} for {email}")
    if made:
        click.echo(f"password {secret}")


@cli.command()
@click.argument("email")
@click.pass_context
def activate(context: click.Context, email: str) -> None:
    """Let an account log in that has not followed its activation link."""

    async def work(stores: Stores) -> None:
        try:
            await stores.accounts.activate(email)
        except NotFound:
            raise click.ClickException(f"{email} has no account") from None

    run(context, work)
    click.echo(f"{email} can log in")


@cli.command("import")
@click.argument("file", type=click.File("rb"))
@click.pass_context
def import_(context: click.Context, file: BinaryIO) -> None:
    """Take in resumes from FILE, NDJSON as `POST /resumes/` takes it; `-` is standard input."""
    size = os.fstat(file.fileno()).st_size if file.seekable() else None

    async def work(stores: Stores) -> Upload:
        upload = Upload(stores.resumes, stores.feeds, stores.queue, lambda: None)
        splitter = LineSplitter(MAX_LINE_BYTES)
        with click.progressbar(length=size or 1, label="importing", file=sys.stderr) as bar:
            while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
                await upload.take(splitter.feed(chunk))
                bar.update(len(chunk) if size else 0)
            await upload.take(splitter.finish())
            await upload.flush()
            bar.update(0 if size else 1)
        return upload

    upload = run(context, work)
    for row in upload.rejected:
        click.echo(f"line {row.line}: {row.errors}", err=True)
    counts = ", ".join(f"{name} {count}" for name, count in upload.counts.items())
    click.echo(f"{counts}, rejected {len(upload.rejected)}")
    if upload.rejected:
        context.exit(1)


@cli.command()
@click.option("--feed", help="only this feed")
@click.pass_context
def rescore(context: click.Context, feed: str | None) -> None:
    """Score all stored resumes again, for one feed or for all; a running server does the work."""
    if feed is not None and not is_id(feed):
        raise click.BadParameter("takes 24 hex digits", param_hint="--feed")

    async def work(stores: Stores) -> int:
        count = await stores.backfills.request([feed] if feed else None)
        await stores.events.publish(Event("feed", feed=feed or ""))
        return count

    count = run(context, work)
    if feed is not None and not count:
        raise click.ClickException(f"no feed {feed}")
    click.echo(f"feeds to score again: {count}")


@cli.command()
@click.option(
    "--daily", type=click.DateTime(["%H:%M"]), metavar="HH:MM", help="stay, and learn at this time each day"
)
@click.pass_context
def learn(context: click.Context, daily: datetime | None) -> None:
    """Learn from the stored resumes which terms go together; feeds that this changes are scored again.

    Nothing is learned but by this command. Times are of Asia/Shanghai.
    """
    analyzer = Analyzer.from_data(load_lexicon())

    async def work(stores: Stores) -> Learned:
        with click.progressbar(
            length=await stores.resumes.count() or 1, label="learning", file=sys.stderr
        ) as bar:
            learned = await relearn(
                profiles=stores.profiles,
                relations=stores.relations,
                feeds=stores.feeds,
                backfills=stores.backfills,
                analyzer=analyzer,
                progress=bar.update,
            )
        await stores.events.publish(Event("feed"))
        return learned

    while True:
        if daily:
            time.sleep(seconds_until(daily.time(), datetime.now(SHANGHAI)))
        try:
            learned = run(context, work)
        except click.ClickException as error:
            if not daily:
                raise
            error.show()  # tomorrow is another day
            continue
        news = f"new, feeds to score again: {learned.feeds}" if learned.is_new else "as before"
        click.echo(f"learned from {learned.resumes} resumes: {learned.terms} terms, {news}")
        if not daily:
            return


def seconds_until(moment: dt.time, now: datetime) -> float:
    """Seconds from now to the next time that a clock shows `moment`; a day where it shows it now."""
    today = datetime.combine(now.date(), moment, now.tzinfo)
    wait = today - now
    return (wait if wait > timedelta(0) else wait + timedelta(days=1)).total_seconds()


@cli.command()
@click.option("--retry", metavar="ID", help="score this one again; `all` for all of them")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, help="most rows shown")
@click.pass_context
def quarantine(context: click.Context, retry: str | None, limit: int) -> None:
    """Show the resumes that could not be scored, with the reason, or have them tried again.

    Each was tried several times; its neighbours did not wait for it. One that is sent again changed is
    tried again by itself, and so are all after an upgrade.
    """
    if retry is not None and retry != "all" and not is_id(retry.lower()):
        raise click.BadParameter("takes 24 hex digits, or `all`", param_hint="--retry")

    async def show(stores: Stores) -> tuple[list[SetAside], int]:
        return await stores.quarantine.list(limit), await stores.quarantine.count()

    async def release(stores: Stores) -> list[str]:
        ids = await stores.quarantine.release(None if retry in (None, "all") else [retry.lower()])
        await stores.queue.add(ids)
        return ids

    if retry:
        released = run(context, release)
        if retry != "all" and not released:
            raise click.ClickException(f"resume {retry} is not in quarantine")
        click.echo(f"resumes to score again: {len(released)}")
        return
    rows, count = run(context, show)
    for row in rows:
        when = f"{row.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
        click.echo(f"{row.resume}  {when}  tries {row.failures or row.crashed}  {row.reason}")
    click.echo(f"in quarantine: {count}" + (f", shown: {len(rows)}" if len(rows) < count else ""))


@cli.command("erase-resume")
@click.argument("resume_id", metavar="ID")
@click.pass_context
def erase_resume(context: click.Context, resume_id: str) -> None:
    """Erase the person of resume ID everywhere; a second time is harmless."""
    resume_id = resume_id.lower()
    if not is_id(resume_id):
        raise click.BadParameter("takes 24 hex digits", param_hint="ID")

    async def work(stores: Stores) -> int:
        try:
            lists = await stores.erasures.erase(resume_id)
        except NotFound:
            raise click.ClickException(f"no resume {resume_id}") from None
        await stores.events.publish(*(Event("unread", user=user, feed=feed) for user, feed in sorted(lists)))
        return len(lists)

    click.echo(f"resume {resume_id} is erased, lists that had it: {run(context, work)}")


@cli.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Check that counts and invariants hold; exit status 1 where one is broken."""

    async def work(stores: Stores) -> tuple[list[str], Counter[str]]:
        seen: Counter[str] = Counter()
        broken = [line async for line in stores.invariants.broken(lambda name: seen.update([name]))]
        return broken, seen

    broken, seen = run(context, work)
    for line in broken:
        click.echo(line, err=True)
    names = ("feeds", "resumes", "contacts", "profiles", "results", "dossiers")
    checked = ", ".join(f"{name} {seen[name]}" for name in names)
    click.echo(f"checked {checked}: {len(broken)} broken")
    if broken:
        context.exit(1)


@cli.command()
@click.pass_context
def stats(context: click.Context) -> None:
    """Show how much there is, and how much waits."""

    async def work(stores: Stores) -> dict[str, Any]:
        learned = await stores.relations.load()
        return {
            "accounts": await stores.accounts.count(),
            "live feeds": await stores.feeds.count(),
            "feeds being scored": await stores.backfills.count(),
            "resumes": await stores.resumes.count(),
            "resumes unscored": await stores.resumes.count_pending(),
            "resumes quarantined": await stores.quarantine.count(),
            "results": await stores.results.total(),
            "relations learned": f"{learned.learned_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
            if learned.learned_at
            else "never",
            "redis": "ok" if await stores.redis_answers() else "unavailable",
        }

    for name, value in run(context, work).items():
        click.echo(f"{name:<20} {value}")


if __name__ == "__main__":
    cli(prog_name="manage.py")
