"""The embedded stores let in who has the password; what lies in a data directory is for its user alone."""

import asyncio
import contextlib
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pymongo
import pytest
import redis
from pymongo.errors import OperationFailure
from redis.exceptions import AuthenticationError

from store.embedded.private import PASSWORD
from store.embedded.supervisor import LOCK, state_of
from tests.integration.processes import ROOT, environment, kill_stores, manage
from tests.support import eventually

pytestmark = pytest.mark.faults


@contextlib.contextmanager
def supervised(data_dir, module="store.embedded.supervisor"):
    """A supervisor as a process manager runs it, under the umask that most machines have."""
    log = data_dir.with_suffix(".log")
    with log.open("ab") as out:
        child = subprocess.Popen(
            [sys.executable, "-m", module, "--data_dir", str(data_dir)],
            cwd=ROOT,
            env=environment(data_dir),
            umask=0o022,
            stderr=out,
        )

    async def is_ready():
        assert child.poll() is None, log.read_text()
        state = state_of(data_dir)
        return state.get("ready") and state["supervisor"] == child.pid

    try:
        asyncio.run(eventually(is_ready, within_s=120, what="the stores"))
        yield child
    finally:
        child.send_signal(signal.SIGTERM)
        assert child.wait(20) in (0, -signal.SIGKILL)


def open_to_others(data_dir):
    """What others could read or write, were the directory itself open to them."""
    paths = [path for path in data_dir.rglob("*") if stat.S_IMODE(path.lstat().st_mode) & 0o077]
    # Whatever is in a closed directory is closed.
    closed = {data_dir / "mongo", data_dir / "redis"} - set(paths)
    return [path for path in paths if not closed & set(path.parents)]


def without_password(url):
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].replace('&authMechanism=SCRAM-SHA-256', '')}"


def refuse_strangers(data_dir):
    """Neither store answers who comes without the password."""
    state = state_of(data_dir)
    with (
        pymongo.MongoClient(without_password(state["mongo"]["url"])) as stranger,
        pytest.raises(OperationFailure, match="requires authentication"),
    ):
        stranger.talentfeed.accounts.find_one()
    with (
        redis.Redis.from_url(without_password(state["redis"]["url"])) as stranger,
        pytest.raises(AuthenticationError),
    ):
        stranger.ping()


def found(data_dir):
    """What is in both stores, for who has the password."""
    state = state_of(data_dir)
    with (
        pymongo.MongoClient(state["mongo"]["url"]) as mongo,
        redis.Redis.from_url(state["redis"]["url"], decode_responses=True) as cache,
    ):
        return mongo.old.things.find_one({"_id": 1}), cache.get("old")


def test_a_new_directory_is_private_and_both_stores_ask_for_the_password(tmp_path):
    data_dir = tmp_path / "data"
    with supervised(data_dir) as child:
        assert open_to_others(data_dir) == []
        assert (data_dir / PASSWORD).exists()
        refuse_strangers(data_dir)
        assert found(data_dir) == (None, None)
        password = (data_dir / PASSWORD).read_text().strip()
        state = state_of(data_dir)
        for pid in (child.pid, state["mongo"]["pid"], state["redis"]["pid"]):
            for file in ("cmdline", "environ"):  # every user may read the first of them
                assert password.encode() not in Path(f"/proc/{pid}/{file}").read_bytes()


def test_the_password_outlives_kills_and_a_new_one_is_taken_over(tmp_path):
    data_dir = tmp_path / "data"
    with supervised(data_dir):
        urls = {name: state_of(data_dir)[name]["url"] for name in ("mongo", "redis")}
        kill_stores(data_dir)
    with supervised(data_dir):
        assert {name: state_of(data_dir)[name]["url"] for name in ("mongo", "redis")} == urls
        assert found(data_dir) == (None, None)
    (data_dir / PASSWORD).write_text("")  # half written when the machine lost power, say
    with supervised(data_dir):
        assert state_of(data_dir)["mongo"]["url"] != urls["mongo"]
        refuse_strangers(data_dir)
        assert found(data_dir) == (None, None)


def test_everything_that_a_server_and_a_command_write_is_private(tmp_path):
    data_dir = tmp_path / "data"
    outcome = manage(data_dir, "create-user", "hr@example.com", "--company", "x")
    assert outcome.returncode == 0, outcome.stderr
    assert open_to_others(data_dir) == []
    assert (data_dir / LOCK).exists()
    assert {"mongo", "redis", "secret_key", PASSWORD} <= {path.name for path in data_dir.iterdir()}
