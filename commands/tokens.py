"""Ingest tokens of single sources: listing, making and revoking them."""

from __future__ import annotations

import click

from commands.running import run
from intake.record import MAX_KEY_CHARS
from runtime.clock import clock_text
from store.accounts.ingest_tokens import PER_SOURCE, SlotsUsedUp
from store.stores import Stores


@click.command()
@click.option("--new", metavar="SOURCE", help="make a token of this source, and print it alone")
@click.option("--revoke", metavar="ID", help="end this token; it stops within two seconds in every process")
@click.pass_context
def tokens(context: click.Context, new: str | None, revoke: str | None) -> None:
    """Show the ingest tokens of single sources, make one, or revoke one.

    A token of a source sends and erases that source's resumes alone. Two of a source may be valid at once.
    The token in the data directory is for all sources, and is not shown here.
    """
    if new is not None and revoke is not None:
        raise click.UsageError("--new and --revoke go apart")
    if new is not None:
        if not 1 <= len(new) <= MAX_KEY_CHARS or "\0" in new or not new.strip():
            raise click.BadParameter("takes 1 to 200 characters", param_hint="--new")
        click.echo(run(context, lambda stores: _create(stores, new)))
    elif revoke is not None:
        run(context, lambda stores: _revoke(stores, revoke.lower()))
        click.echo(f"token {revoke} is revoked")
    else:
        for token in run(context, lambda stores: stores.ingest_tokens.list()):
            ended = f"revoked {clock_text(token.revoked_at)}" if token.revoked_at else "valid"
            click.echo(f"{token.id}  {clock_text(token.created_at)}  {token.source}  {ended}")


async def _create(stores: Stores, source: str) -> str:
    try:
        return await stores.ingest_tokens.create(source)
    except SlotsUsedUp:
        raise click.ClickException(
            f"{source} has {PER_SOURCE} valid tokens: revoke one first (`manage.py tokens` lists them)"
        ) from None


async def _revoke(stores: Stores, token_id: str) -> None:
    if not await stores.ingest_tokens.revoke(token_id):
        raise click.ClickException(f"no valid token {token_id}")
