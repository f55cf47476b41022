"""Accounts: making one without registering, and letting one in whose letter did not arrive."""

from __future__ import annotations

import secrets

import click

from commands.passwords import errors, hashed
from commands.running import run
from store.errors import EmailTaken
from store.stores import Stores


@click.command("create-user")
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
    if wrong := errors(secret, email):
        raise click.BadParameter(wrong[0], param_hint="--password")

    async def work(stores: Stores) -> str:
        try:
            account = await stores.accounts.create(
                email=email,
                password_hash=await hashed(secret),
                company_name=company,
                phone=phone,
                vip=vip,
                quota=quota,
            )
        except EmailTaken:
            raise click.ClickException(f"{email} has an account already") from None
        return account.id

    click.echo(f"account {run(context, work)} for {email}")
    # Shown this once: only its hash is stored.
    if made:
        click.echo(f"password {secret}")


@click.command()
@click.argument("email")
@click.pass_context
def activate(context: click.Context, email: str) -> None:
    """Let an account log in that has not followed its activation link."""
    run(context, lambda stores: stores.accounts.activate(email), missing=f"{email} has no account")
    click.echo(f"{email} can log in")
