"""What tests of the outbox share: accounts that wait for a letter, and an outbox that runs."""

import asyncio
import contextlib
import ssl
from datetime import UTC, datetime

from mail.links import Links
from mail.outbox import Outbox
from mail.smtp import SmtpServer
from store.accounts.letters import Letters
from store.jobs.runner import Runner
from store.mongo import whole
from tests.support import eventually

LINKS = Links("a-secret-key-of-a-server", "https://talent.example.com")


def server_context(authority):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "127.1").configure_cert(context)
    return context


def client_context(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def register(accounts, email="hr@example.com", *, active=False):
    return await accounts.create(
        email=email, password_hash="x", company_name="示例公司", phone="12345", active=active
    )


async def state(accounts, account):
    """The job of its activation letter."""
    return await accounts._jobs._jobs.find_one({"_id": f"activation:{account.id}"})


async def lease_is_over(accounts):
    """Make every letter due, as the end of its wait does."""
    jobs = whole(accounts._accounts.database).jobs
    for field in ("due", "lease"):
        await jobs.update_many({field: {"$exists": True}}, {"$set": {field: datetime.now(UTC)}})


@contextlib.asynccontextmanager
async def running(accounts, url, *, tls=None):
    smtp = SmtpServer(url, "talent.example.com", tls) if url else None
    outbox = Outbox(Letters(accounts._accounts.database, accounts._jobs), LINKS, smtp)
    task = asyncio.create_task(Runner(accounts._jobs, outbox.work).run())
    try:
        yield accounts._jobs.asked
    finally:
        deadline = asyncio.get_running_loop().time() + 40
        while not task.done() and asyncio.get_running_loop().time() < deadline:
            task.cancel()  # as a server does: aiosmtplib's `wait_for` can swallow one on Python 3.11
            await asyncio.wait({task}, timeout=0.2)
        assert task.cancelled()


def plain(server):
    return f"smtp://127.0.0.1:{server.port}"


async def tried(accounts, account, times=1):
    async def check():
        job = await state(accounts, account)
        return job["attempts"] == times and "lease" not in job

    await eventually(check, what=f"try {times}")


async def done(accounts, account):
    async def check():
        return await state(accounts, account) is None

    await eventually(check, what="the end of the work")


def no_secrets(caplog, *words):
    """Check that no log names an address, a token or a password.

    The test's own mail server does, and so does the driver at a level that the server never shows.
    """
    for record in caplog.records:
        if not record.name.startswith(("mail.log", "pymongo")):
            text = str(record.__dict__) + (caplog.handler.format(record) if record.exc_info else "")
            for word in (*words, "MnwxOjB8", "secret-of-mail"):
                assert word not in text, record
