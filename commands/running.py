"""How a command runs: on the opened stores, with one line for whatever an operator can do something about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click
from click.core import ParameterSource

from config.settings import Settings
from runtime.security_log import set_key
from store.embedded.client import StoresFailed
from store.embedded.private import keep_private
from store.errors import STORE_FAILURES, BadUrl, NoReplicaSet, NotFound, OtherRelease, in_words
from store.ids import is_id
from store.stores import Stores, opened

R = TypeVar("R")


class Lasting(click.ClickException):
    """To try again in this process does not help."""


class Outdated(Lasting):
    """Servers of another release have come since this process started."""


_SHOW_NUMBERS_ALONE = frozenset({"check", "notices", "stats"})
"""Commands that are not in the audit: they show nothing of anybody and change nothing."""


_OTHER_KEY = (
    "secret_key is not that of the servers (SECRET_KEY, or the file in data_dir): erased people are "
    "recognised by it, and the audit is sealed with it"
)


def checked_id(text: str, hint: str, *, takes: str = "24 hex digits") -> str:
    """An id that was given, in one spelling.

    Raises:
        BadParameter: It is none; it is told under `hint` what the parameter takes.
    """
    if not is_id(text):
        raise click.BadParameter(f"takes {takes}", param_hint=hint)
    return text.lower()


def run(
    context: click.Context,
    command: Callable[[Stores], Awaitable[R]],
    *,
    patience_s: float | None = None,
    needs_key: bool = False,
    missing: str = "",
) -> R:
    """Run a command on the opened and prepared stores.

    One answer of MongoDB may take `patience_s`, or else as long as a request may wait. Servers must have the
    same `secret_key` where it `needs_key`; else it is only said that they do not. Where the command does not
    find what it is about, `missing` is said.

    Raises:
        ClickException: They do not start, do not answer, are of a newer release, or have no transactions; or
            they need another key.
    """
    settings: Settings = context.obj
    if settings.mongo_url is None and not (settings.data_dir / "mongo").exists():
        click.echo(
            f"no mongo_url is set: {settings.data_dir} gets a MongoDB of its own, an empty one", err=True
        )
    keep_private(settings.data_dir)
    set_key(settings.secret_key)

    async def work() -> R:
        urls = (settings.mongo_url, settings.mongo_db, settings.redis_url)
        async with opened(*urls, settings.data_dir, settings.secret_key, patience_s) as (stores, _):
            # As a server does: a command may be the first to come after an upgrade, or to an empty data
            # directory.
            await stores.prepare()
            if not await stores.has_servers_key():
                if needs_key:
                    raise click.ClickException(_OTHER_KEY)
                click.echo(f"Warning: {_OTHER_KEY}", err=True)
            await _note(context, stores)
            return await command(stores)

    try:
        return asyncio.run(work())
    except NotFound:
        if not missing:
            raise
        raise click.ClickException(missing) from None
    except STORE_FAILURES as error:
        raise click.ClickException(f"MongoDB does not answer ({in_words(error)})") from None
    except OtherRelease as error:
        raise Outdated(str(error)) from None
    except NoReplicaSet as error:
        raise Lasting(str(error)) from None
    except (BadUrl, StoresFailed) as error:
        raise click.ClickException(str(error)) from None


async def _note(context: click.Context, stores: Stores) -> None:
    """Put the command into the audit before it does anything; servers then report it as a security event."""
    if context.command.name in _SHOW_NUMBERS_ALONE:
        return
    given = context.params
    account = await stores.accounts.find_by_email(given["email"]) if given.get("email") else None
    resume = given.get("resume_id")
    await stores.audit.record(
        account.id if account else None,
        "operator",
        [resume] if resume and is_id(resume) else [],
        "",
        command=_words(context),
    )


def _words(context: click.Context) -> str:
    """The command and the names of the options that were given; values may be of a person."""
    given = [
        parameter.opts[0]
        for parameter in context.command.params
        if isinstance(parameter, click.Option)
        and parameter.name
        and context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
    ]
    return " ".join([context.command.name or "", *given])
