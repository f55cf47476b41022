"""How a command runs: on the opened stores, with one line for whatever an operator can do something about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click
import msgspec

from engine.matching.analysis.analyzer import Analyzer
from runtime.security_log import set_key
from store.embedded.client import StoresFailed
from store.errors import STORE_FAILURES, NewerDatabase
from store.stores import Stores, opened

R = TypeVar("R")


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """What every command is given, as `context.obj`: values of the settings, and the rules of matching.

    Attributes:
        mongo_url: None: the embedded MongoDB of `data_dir`.
        mongo_db: The database.
        redis_url: None: the embedded Redis of `data_dir`.
        data_dir: Where the embedded stores are. A running server's are joined.
        secret_key: What accounts are hashed with in security events.
        common_passwords: The passwords that nobody may choose, in lower case.
        make_analyzer: Builds the rules of matching, which takes about a second: only `learn` needs them.
    """

    mongo_url: str | None
    mongo_db: str
    redis_url: str | None
    data_dir: Path
    secret_key: str
    common_passwords: frozenset[str]
    make_analyzer: Callable[[], Analyzer]


def run(context: click.Context, command: Callable[[Stores], Awaitable[R]]) -> R:
    """Run a command on the opened and prepared stores.

    Raises:
        ClickException: They do not start, do not answer, or are of a newer release.
    """
    space: Workspace = context.obj
    set_key(space.secret_key)

    async def work() -> R:
        urls = (space.mongo_url, space.mongo_db, space.redis_url)
        async with opened(*urls, space.data_dir) as (stores, _):
            # As a server does: a command may be the first to come after an upgrade, or to an empty data
            # directory.
            await stores.prepare()
            return await command(stores)

    try:
        return asyncio.run(work())
    except STORE_FAILURES as error:
        raise click.ClickException(f"MongoDB does not answer ({type(error).__name__})") from None
    except (StoresFailed, NewerDatabase) as error:
        raise click.ClickException(str(error)) from None
