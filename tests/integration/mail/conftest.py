"""Accounts in a database of their own, and a mail server."""

import pytest
import trustme

from tests.mail_server import MailServer


@pytest.fixture
def accounts(stores):
    return stores.accounts


@pytest.fixture
def letters(stores):
    return stores.letters


@pytest.fixture
def server(io_loop):
    running = MailServer()
    io_loop.run_sync(running.start)
    yield running
    io_loop.run_sync(running.stop)


@pytest.fixture
def authority():
    return trustme.CA()
