"""Who may use an account: shutting it, opening it, a new password, its sessions, and deleting it.

What ends sessions ends them in every running server within two seconds, sockets included.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import click

from commands.passwords import first_line, hashed, require_good
from commands.running import R, run
from runtime.clock import clock_text
from runtime.security_log import report
from store.accounts.accounts import Account
from store.stores import Stores


def _on_account(context: click.Context, email: str, command: Callable[[Stores, Account], Awaitable[R]]) -> R:
    """Run a command on the account of an address, if there is one."""

    async def work(stores: Stores) -> R:
        account = await stores.accounts.find_by_email(email)
        if account is None:
            raise click.ClickException(f"{email} has no account")
        return await command(stores, account)

    return run(context, work)


@click.command()
@click.argument("email")
@click.pass_context
def disable(context: click.Context, email: str) -> None:
    """Shut an account: nobody can log in, and its sessions end."""
    _on_account(context, email, lambda stores, account: stores.account_access.disable(account.id))
    click.echo(f"{email} is disabled")


@click.command()
@click.argument("email")
@click.pass_context
def enable(context: click.Context, email: str) -> None:
    """Open an account that was disabled; its sessions stay ended."""
    _on_account(context, email, lambda stores, account: stores.account_access.enable(account.id))
    click.echo(f"{email} is enabled")


@click.command("set-password")
@click.argument("email")
@click.pass_context
def set_password(context: click.Context, email: str) -> None:
    """Set an account's password to the first line of standard input; its sessions end."""
    secret = first_line()
    require_good(secret, email)

    async def work(stores: Stores, account: Account) -> None:
        await stores.account_access.set_password(account.id, await hashed(secret))

    _on_account(context, email, work)
    click.echo(f"{email} has a new password")


@click.command("sessions")
@click.argument("email")
@click.pass_context
def list_sessions(context: click.Context, email: str) -> None:
    """List an account's sessions: id, login, last use, client."""
    for one in _on_account(context, email, lambda stores, account: stores.sessions.list_for(account.id)):
        click.echo(f"{one.id}  {clock_text(one.created_at)}  {clock_text(one.used_at)}  {one.agent}".rstrip())


@click.command()
@click.argument("email")
@click.pass_context
def revoke(context: click.Context, email: str) -> None:
    """End all sessions of an account."""
    count = _on_account(
        context, email, lambda stores, account: stores.account_access.end_sessions(account.id)
    )
    click.echo(f"ended {count} sessions of {email}")


@click.command("delete-account")
@click.argument("email")
@click.pass_context
def delete_account(context: click.Context, email: str) -> None:
    """Delete an account with its feeds, results, marks, comments and sessions, for good."""

    async def work(stores: Stores, account: Account) -> None:
        await stores.deletions.delete(account.id)
        report("account_delete", account=account.id, outcome="ok")

    _on_account(context, email, work)
    click.echo(f"{email} is deleted")
