"""An IMAP server, once for the tests of this folder, and readers of mailboxes of their own on it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from intake.mailbox.address import Address
from intake.mailbox.mailbox import Mailbox, Waits
from intake.mailbox.senders import Senders
from store.stores import Stores
from tests.imap_server import ImapServer
from tests.integration.mailbox.letters import SENDERS, LineFiling

_numbers = itertools.count(1)
QUICK = Waits(idle=20.0, poll=0.2, soon=0.2, again=0.2)


@pytest.fixture(scope="package")
def imap_server() -> Iterator[ImapServer]:
    server = ImapServer()
    yield server
    server.remove()


@pytest.fixture
def imap(imap_server: ImapServer) -> ImapServer:
    """The server, running whatever the test before did to it."""
    imap_server.start()
    return imap_server


@pytest.fixture
def user() -> str:
    """Somebody with an empty mailbox."""
    return f"jobs{next(_numbers)}@example.com"


@pytest.fixture
def filing(stores: Stores) -> LineFiling:
    return LineFiling(stores)


@pytest.fixture
def read(
    imap: ImapServer, stores: Stores, filing: LineFiling
) -> Callable[..., contextlib.AbstractAsyncContextManager[Mailbox]]:
    """A reader of a user's mailbox, which runs while the block lasts."""

    @contextlib.asynccontextmanager
    async def reading(user: str, *, url: str = "", **more: Any):
        mailbox = Mailbox(
            Address.of(url or imap.url(user)),
            tls=imap.tls,
            senders=Senders(SENDERS, "mail"),
            filing=more.pop("filing", filing),
            notes=stores.mailboxes,
            **({"waits": QUICK} | more),
        )
        task = asyncio.create_task(mailbox.run())
        try:
            yield mailbox
            assert not task.done(), task.exception()
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    return reading
