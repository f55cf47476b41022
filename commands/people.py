"""People: finding one over all sources, exporting or erasing them, and letting one be sent again."""

from __future__ import annotations

import json
from typing import Any

import click

from commands.running import checked_id, run
from store.errors import NotFound
from store.ids import resume_id as resume_id_of
from store.persons.people import SeveralNames
from store.persons.reach import folded_name, reach_of
from store.stores import Stores

_PHONE = click.option("--phone", "of_phone", default="", help="a phone number, however it is written")
_EMAIL = click.option("--email", "of_email", default="", help="an e-mail address")
_NAME = click.option("--name", "of_name", default="", help="whose, where resumes of several names say it")
_MOST_NAMES = 10
"""Names that are told of a phone that many use."""


@click.command()
@_PHONE
@_EMAIL
@_NAME
@click.option("--export", is_flag=True, help="print everything that is stored of the person")
@click.option("--erase", is_flag=True, help="erase these resumes, and refuse the person from then on")
@click.pass_context
def person(
    context: click.Context, of_phone: str, of_email: str, of_name: str, *, export: bool, erase: bool
) -> None:
    """Find a person by phone or e-mail over all sources, and print their resumes as JSON.

    Each resume is shown with its source, the consent, and when it was collected. These are the ones that
    --export gives out and --erase erases: those that say the phone or e-mail, and one name. Where several
    names say it, name one. What else the person uses, another e-mail for example, is erased by itself. Look
    at what is found before you erase: that cannot be taken back.
    """
    if export and erase:
        raise click.UsageError("--export and --erase go apart: export first")
    if of_name and not folded_name(of_name):
        raise click.BadParameter("takes a name", param_hint="--name")
    reach = _reach(of_phone, of_email)

    async def work(stores: Stores) -> Any:
        try:
            if export or erase:
                found = await stores.people.find_somebody(reach, of_name, to_erase=erase)
            elif not (found := await stores.people.find(reach, of_name)).resumes:
                raise NotFound("nobody is found")
        except NotFound:
            raise click.ClickException("nobody is found") from None
        except SeveralNames as several:
            names = ", ".join(several.names[:_MOST_NAMES])
            raise click.ClickException(
                f"{len(several.names)} names use this, say whose with --name: {names}"
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
            id_ = resume_id_of(source, source_id)
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


@click.command()
@click.argument("resume_id", metavar="ID")
@click.option("--undo", is_flag=True, help="let it be one person's with others again")
@click.pass_context
def apart(context: click.Context, resume_id: str, *, undo: bool) -> None:
    """Have resume ID stand by itself in every list, whoever has the same name, phone or e-mail.

    For two people of one name and number, and for a resume that somebody sent in another's name.
    """
    resume_id = checked_id(resume_id, "ID")
    run(
        context,
        lambda stores: stores.contacts.set_apart(resume_id, apart=not undo),
        missing=f"no scored resume {resume_id}",
    )
    click.echo(f"resume {resume_id} {'goes with its person' if undo else 'stands by itself'}")


def _reach(phone: str, email: str) -> list[str]:
    reach = reach_of(phone, email)
    if bool(phone) != any(one.startswith("p:") for one in reach):
        raise click.BadParameter("takes a phone number of at least 7 digits", param_hint="--phone")
    if bool(email) != any(one.startswith("e:") for one in reach):
        raise click.BadParameter("takes an e-mail address", param_hint="--email")
    if not reach:
        raise click.UsageError("takes --phone or --email")
    return reach
