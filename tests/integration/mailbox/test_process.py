"""`manage.py mailbox` as a process, on a real IMAP server: killed, stopped, and asked what is wrong."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from intake.mailbox.connection import TAKEN
from manage import cli
from store.stores import Stores
from tests.imap_server import ImapServer
from tests.integration.mailbox.letters import letter, resume_letter
from tests.integration.processes import ROOT, environment
from tests.support import IS_LONG, SECRET, eventually

pytestmark = pytest.mark.faults

KILLS, TURNS = (10, 10) if IS_LONG else (2, 1)


@pytest.fixture
def settings(imap: ImapServer, stores: Stores, store_urls: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Of a process that works on the stores of the test."""
    return environment(
        tmp_path / "data",
        mongo_url=store_urls["mongo"],
        redis_url=store_urls["redis"],
        mongo_db=stores._database.name,
        secret_key=SECRET,
        ssl_cert_file=imap.authority,
    )


@pytest.fixture
def start(
    imap: ImapServer, user: str, settings: dict[str, str], tmp_path: Path
) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start a reader of the user's mailbox; none is left behind."""
    children = []

    def start_one() -> subprocess.Popen[bytes]:
        with (tmp_path / "mailbox.log").open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "tests.rules", "manage.py", "mailbox"],
                cwd=ROOT,
                env=settings | {"IMAP_URL": imap.url(user)},
                stdout=log,
                stderr=log,
            )
        children.append(child)
        return child

    yield start_one
    for child in children:
        child.kill()
        child.wait()


async def taken(imap: ImapServer, user: str, count: int) -> None:
    """Wait until at least so many mails are marked."""

    async def are_marked() -> bool:
        flags = await asyncio.to_thread(imap.flags, user)
        return sum(TAKEN in one for one in flags) >= count

    await eventually(are_marked, within_s=60, every_s=0.1, what=f"{count} marks")


@pytest.mark.parametrize("part", range(TURNS))
async def test_kills_lose_nothing_and_double_nothing(
    imap: ImapServer, stores: Stores, user: str, start: Any, tmp_path: Path, part: int
) -> None:
    chance = random.Random(part)
    attachments = 0
    for turn in range(KILLS):
        mails = [resume_letter(3) for _ in range(2)]
        attachments += 6
        child = start()
        # A mail over which the process before was killed comes last: a second death over it would leave it.
        await taken(imap, user, 2 * turn)
        await asyncio.to_thread(imap.put, user, *mails)
        await taken(imap, user, 2 * turn + 1)
        await asyncio.sleep(chance.uniform(0, 0.3))
        child.kill()
        child.wait()
    child = start()
    await asyncio.to_thread(imap.put, user, resume_letter(1))
    await taken(imap, user, 2 * KILLS + 1)
    child.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(child.wait, 60) == 0, (tmp_path / "mailbox.log").read_text()
    assert await stores.resumes.count() == attachments + 1
    (state,) = await stores.mailboxes.all()
    assert state.state == "stopped"
    assert not {"failed", "rejected"} & state.outcomes.keys()


def ask(settings: dict[str, str], *words: str, **more: str) -> Any:
    with contextlib.ExitStack() as stack:
        # Python reads whom to trust from the environment of the process itself.
        monkey = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in (settings | more).items():
            monkey.setenv(name, value)
        monkey.delenv("IMAP_URL", raising=False) if "IMAP_URL" not in more else None
        return CliRunner().invoke(cli, ["mailbox", *words])


async def test_a_check_says_what_is_there_and_what_is_wrong(imap, user, settings, stores):
    await asyncio.to_thread(imap.put, user, letter())
    fine = ask(settings, "--check", IMAP_URL=imap.url(user))
    assert fine.exit_code == 0, fine.output
    assert "ok, mails waiting 1, IDLE, marked by keywords" in fine.output
    assert "no IDLE" in ask(settings, "--check", IMAP_URL=imap.url(user, host="127.0.0.2")).output
    for url, more, told in (
        (imap.url(user, password="wrong-word"), {}, "login"),
        (imap.url(user), {"SSL_CERT_FILE": os.devnull}, "no_tls"),
        (imap.url(user).replace(f":{imap.port}", ":1"), {}, "no_answer"),
        (imap.url(user), {"IMAP_FOLDER": "没有"}, "folder"),
    ):
        wrong = ask(settings, "--check", IMAP_URL=url, **more)
        assert wrong.exit_code == 1, told
        assert f": {told}" in wrong.output
        assert "wrong-word" not in wrong.output
    assert ask(settings, "--check").exit_code == 1
    assert ask(settings).exit_code == 3
