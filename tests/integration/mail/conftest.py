"""Accounts in a database of their own, and a mail server."""

import secrets

import pytest
import trustme

from store.stores import Stores
from tests.mail_server import MailServer


@pytest.fixture
def stores(store_urls, io_loop):
    async def open_stores():
        opened = Stores(store_urls["mongo"], f"test-{secrets.token_hex(6)}", store_urls["redis"])
        await opened.prepare()
        return opened

    async def close_stores():
        await opened.drop_everything()
        await opened.close()

    opened = io_loop.run_sync(open_stores)
    yield opened
    io_loop.run_sync(close_stores)


@pytest.fixture
def accounts(stores):
    return stores.accounts


@pytest.fixture
def server(io_loop):
    running = MailServer()
    io_loop.run_sync(running.start)
    yield running
    io_loop.run_sync(running.stop)


@pytest.fixture
def authority():
    return trustme.CA()
