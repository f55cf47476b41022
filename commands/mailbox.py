"""The mailbox: resumes that come by mail are taken in for as long as the command runs."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import ssl
import time

import click

from commands.filing import filing_of
from commands.running import Lasting, run
from config.data import load_mail_sources
from config.settings import Settings
from intake.mailbox.address import Address
from intake.mailbox.connection import Connection, Failure, MailboxError
from intake.mailbox.mailbox import Mailbox
from intake.mailbox.senders import Senders
from runtime.logs import set_up_logs
from store.stores import Stores

NO_MAILBOX = 3
"""The exit status where none is set. Supervisor leaves it at that (`supervisord.conf`)."""

_AGAIN_S = 15.0
"""Seconds before the stores are opened again where they do not answer."""

_HINTS: dict[Failure, str] = {
    "no_answer": "look at host and port of imap_url, and at the network",
    "no_tls": "look at host and port of imap_url: imaps:// is port 993 mostly, imap:// 143",
    "login": "look at user and password of imap_url, which are percent-encoded. 163, 126, QQ and 企业邮箱 "
    "take a password for clients (授权码, 客户端专用密码), and IMAP has to be switched on",
    "folder": "look at imap_folder and imap_done_folder",
    "refused": "look at what the server says",
}
"""What to look at, for whoever has set the mailbox."""


@click.command()
@click.option("--check", is_flag=True, help="Only say whether the mailbox can be read; exit status 1 if not.")
@click.pass_context
def mailbox(context: click.Context, /, *, check: bool) -> None:
    """Take resumes out of the mailbox of imap_url, and stay for those that come.

    A mail is marked once all that it holds is stored: by the keyword $TalentFeed, or as flagged where the
    server allows none. The password stands in imap_url; give it by the environment.
    """
    settings: Settings = context.obj
    if settings.imap_url is None:
        click.echo("no mailbox is set: imap_url names one", err=True)
        context.exit(1 if check else NO_MAILBOX)
    address = Address.of(settings.imap_url, settings.imap_folder)
    if check:
        found = _check(address, settings.imap_done_folder)
        click.echo(found, err=": ok" not in found)
        context.exit(0 if ": ok" in found else 1)
    set_up_logs()
    # A restart of the stores is no reason to end: supervisor would count it as a failed start.
    while True:
        try:
            run(context, lambda stores: _read(settings, address, stores))
        except Lasting:
            # It is started again, with the release and the MongoDB that are there by then.
            time.sleep(_AGAIN_S)
            raise
        except click.ClickException as error:
            error.show()
            time.sleep(_AGAIN_S)
        else:
            return


async def _read(settings: Settings, address: Address, stores: Stores) -> None:
    """Read until SIGTERM or SIGINT."""
    async with filing_of(stores) as filing:
        reader = Mailbox(
            address,
            tls=ssl.create_default_context(),
            senders=Senders(load_mail_sources(), settings.imap_source),
            filing=filing,
            notes=stores.mailboxes,
            done_folder=settings.imap_done_folder,
        )
        task = asyncio.create_task(reader.run())
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()


def _check(address: Address, done_folder: str | None) -> str:
    """One line: what is there, or what is wrong and what to look at."""
    try:
        opened = Connection.open(address, ssl.create_default_context(), done_folder)
        with contextlib.closing(opened) as connection:
            marks = "keywords" if connection.has_keywords else "flags"
            tells = "IDLE" if connection.has_idle else "no IDLE, so it is asked every half minute"
            return f"{address}: ok, mails waiting {len(connection.waiting())}, {tells}, marked by {marks}"
    except MailboxError as error:
        said = f" ({error.said})" if error.said else ""
        return f"{address}: {error.failure}{said}; {_HINTS[error.failure]}"
