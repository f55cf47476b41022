"""People: finding one over all sources, exporting or erasing them, and letting one be sent again."""

from __future__ import annotations

import json
from typing import Any

import click

from commands.running import run
from store.errors import NotFound
from store.ids import resume_id
from store.persons.people import SharedByMany
from store.persons.reach import SHARED_BY, reach_of
from store.stores import Stores

_PHONE = click.option("--phone", "of_phone", default="", help="a phone number, however it is written")
_EMAIL = click.option("--email", "of_email", default="", help="an e-mail address")


@click.command()
@_PHONE
@_EMAIL
@click.option("--export", is_flag=True, help="print everything that is stored of the person")
@click.option("--erase", is_flag=True, help="erase the person over all sources, and refuse them from then on")
@click.pass_context
def person(context: click.Context, of_phone: str, of_email: str, *, export: bool, erase: bool) -> None:
    """Find a person by phone or e-mail over all sources, and print their resumes as JSON.

    Each resume is shown with its source, the consent, and when it was collected. Resumes that share a phone
    or an e-mail are one person's. Look at what is found before you erase: that cannot be taken back.
    """
    if export and erase:
        raise click.UsageError("--export and --erase go apart: export first")
    reach = _reach(of_phone, of_email)

    async def work(stores: Stores) -> Any:
        try:
            found = await stores.people.find_somebody(reach, to_erase=erase)
        except NotFound:
            raise click.ClickException("nobody is found") from None
        except SharedByMany as shared:
            raise click.ClickException(
                f"more than {SHARED_BY} names use this: {', '.join(shared.names[:10])}. It is not one "
                "person's; erase each resume with erase-resume"
            ) from None
        # The command's own row was written before anybody knew whose it would be.
        await stores.audit.record(None, "operator", found.resumes, "")
        if erase:
            return (await stores.people.erase(found)).told()
        if export:
            return await stores.people.export(found)
        return await stores.people.summaries(found)

    # Whoever is erased with another key would not be refused, and nobody is found any more to do it again.
    told = run(context, work, needs_key=erase)
    click.echo(json.dumps(told, ensure_ascii=False, indent=2))


@click.command()
@click.argument("source", default="")
@click.argument("source_id", default="")
@_PHONE
@_EMAIL
@click.pass_context
def lift(context: click.Context, source: str, source_id: str, of_phone: str, of_email: str) -> None:
    """Let the resume that SOURCE knows as SOURCE_ID be sent again, though it was erased.

    With --phone or --email in place of these, whoever uses that may be sent again.
    """
    if (of_phone or of_email) and source:
        raise click.UsageError("takes SOURCE and SOURCE_ID, or --phone or --email")
    if not (of_phone or of_email) and not (source and source_id):
        raise click.UsageError("takes SOURCE and SOURCE_ID")

    async def work(stores: Stores) -> None:
        if source:
            id_ = resume_id(source, source_id)
            if not await stores.erasures.lift(id_):
                raise click.ClickException(
                    f"no erased resume {source_id} of {source}; one that is refused for its phone or e-mail "
                    "is let in by --phone or --email"
                )
            await stores.suppressions.lift_resume(id_)
        elif not await stores.suppressions.lift(_reach(of_phone, of_email)):
            raise click.ClickException("no such phone or e-mail was erased")

    run(context, work, needs_key=not source)
    click.echo(f"{source_id} of {source} may be sent again" if source else "may be sent again")


def _reach(phone: str, email: str) -> list[str]:
    reach = reach_of(phone, email)
    if bool(phone) != any(one.startswith("p:") for one in reach):
        raise click.BadParameter("takes a phone number of at least 7 digits", param_hint="--phone")
    if bool(email) != any(one.startswith("e:") for one in reach):
        raise click.BadParameter("takes an e-mail address", param_hint="--email")
    if not reach:
        raise click.UsageError("takes --phone or --email")
    return reach
