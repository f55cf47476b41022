"""Operators: who may use the desk under `/admin/`. They are made here alone, never from a browser."""

from __future__ import annotations

import secrets
from typing import get_args

import click

from commands.passwords import first_line, hashed, require_good
from commands.running import run
from runtime.clock import clock_text
from runtime.security_log import report
from store.accounts.operators import Operator, Role
from store.stores import Stores


@click.command("operator")
@click.argument("address", metavar="EMAIL", default="")
@click.option("--role", type=click.Choice(get_args(Role)), help="what they may; of a new one `admin`")
@click.option("--password-from-stdin", is_flag=True, help="set the first line of standard input")
@click.option("--new-password", is_flag=True, help="make a password, and show it this once")
@click.option("--disable", is_flag=True, help="shut them out; their sessions end")
@click.option("--enable", is_flag=True, help="let them in again")
@click.option("--list", "lists", is_flag=True, help="show all operators")
@click.pass_context
def operator(
    context: click.Context,
    address: str,
    role: Role | None,
    *,
    password_from_stdin: bool,
    new_password: bool,
    disable: bool,
    enable: bool,
    lists: bool,
) -> None:
    """Make an operator of the desk (/admin/), or change one that there is.

    A new one is an `admin`, whose password is made and shown, unless you say otherwise. A `viewer` sees how
    the system does and changes nothing. A new password ends the operator's sessions.
    """
    if lists:
        for one in run(context, lambda stores: stores.operators.list()):
            state = "disabled" if one.disabled else one.role
            click.echo(f"{one.email}  {state}  since {clock_text(one.created_at)}")
        return
    if "@" not in address:
        raise click.BadParameter("is no e-mail address", param_hint="EMAIL")
    if (disable and enable) or (password_from_stdin and new_password):
        raise click.UsageError("--disable and --enable, and the two about the password, go apart")
    secret = first_line() if password_from_stdin else secrets.token_urlsafe(12)
    require_good(secret, address)
    is_changed = bool(role or password_from_stdin or new_password or disable or enable)

    async def work(stores: Stores) -> str:
        found = await stores.operators.find_by_email(address)
        if found is None:
            if disable or enable or new_password:
                raise click.ClickException(f"{address} is no operator")
            made = await stores.operators.create(address, await hashed(secret), role or "admin")
            return f"operator {made.id} for {address}, {made.role}"
        if not is_changed:
            raise click.ClickException(f"{address} is an operator already ({found.role})")
        if password_from_stdin or new_password:
            found = await _set_password(stores, found, secret)
        if role:
            await stores.operators.set_role(found, role)
        if disable or enable:
            await stores.operators.set_disabled(found, disabled=disable)
        report("operator", account=found.id, outcome="ok")
        return f"{address} is changed"

    told = run(context, work)
    click.echo(told)
    # Shown this once: only its hash is stored.
    if new_password or (told.startswith("operator ") and not password_from_stdin):
        click.echo(f"password {secret}")


async def _set_password(stores: Stores, found: Operator, secret: str) -> Operator:
    if not await stores.operators.set_password(found, await hashed(secret)):
        raise click.ClickException(f"{found.email} was changed meanwhile; look, and try again")
    again = await stores.operators.find_by_email(found.email)
    return again or found
