"""People: letting somebody be sent again who was erased."""

from __future__ import annotations

import click

from commands.running import run
from runtime.security_log import report
from store.ids import resume_id
from store.stores import Stores


@click.command()
@click.argument("source")
@click.argument("source_id")
@click.pass_context
def lift(context: click.Context, source: str, source_id: str) -> None:
    """Let the resume that SOURCE knows as SOURCE_ID be sent again, though it was erased."""

    async def work(stores: Stores) -> None:
        if not await stores.erasures.lift(resume_id(source, source_id)):
            raise click.ClickException(f"no erased resume {source_id} of {source}")
        report("operator", outcome="ok")

    run(context, work)
    click.echo(f"{source_id} of {source} may be sent again")
