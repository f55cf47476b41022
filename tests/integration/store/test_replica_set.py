"""MongoDB has to have transactions: a standalone is refused with one line, by servers and by commands."""

import asyncio
import contextlib
import subprocess
import sys
from functools import partial

import pytest
from click.testing import CliRunner
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError, ServerSelectionTimeoutError

from commands import mailbox
from manage import cli
from store import mongo
from store.errors import NoReplicaSet
from tests.integration.processes import entries_of, environment, free_port, manage, serve
from tests.support import eventually


@contextlib.asynccontextmanager
async def started(folder, *flags):
    """A MongoDB of its own, which asks for no password; its address."""
    port = free_port()
    words = ["--port", f"{port}", "--host", "127.0.0.1", "--storage-path", f"{folder}", *flags]
    command = [sys.executable, "-m", "secantus", "--log-level", "ERROR", *words]
    with subprocess.Popen(command) as process:
        client = AsyncMongoClient(f"mongodb://127.0.0.1:{port}/?directConnection=true")
        try:

            async def answers():
                with contextlib.suppress(PyMongoError):
                    return await client.admin.command("ping")

            await eventually(answers, what="a MongoDB")
            yield f"mongodb://127.0.0.1:{port}/"
        finally:
            await client.close()
            process.kill()


async def looked_at(url):
    client = mongo.connect(url)
    try:
        await mongo.refuse_standalone(client)
    finally:
        client.close()


@pytest.mark.long
async def test_a_standalone_is_refused_and_a_member_of_a_replica_set_is_not(in_time, tmp_path):
    async with started(tmp_path / "alone", "--standalone") as url:
        for options in ("", "?directConnection=true"):
            with pytest.raises(NoReplicaSet, match=r"names a standalone MongoDB, .* `mongod --replSet rs0`"):
                await looked_at(url + options)
        # Whoever had only changed the URL would else wait for a primary for ever.
        for options in ("?replicaSet=rs0", "?replicaSet=rs0&directConnection=true"):
            with pytest.raises(NoReplicaSet, match="not of the replica set that it names"):
                await looked_at(url + options)
    async with started(tmp_path / "set") as url:
        for options in ("", "?directConnection=true", "?replicaSet=secantus"):
            await looked_at(url + options)
        with pytest.raises(NoReplicaSet, match="not of the replica set that it names"):
            await looked_at(url + "?replicaSet=rs0")


@pytest.mark.long
@pytest.mark.parametrize("options", ["", "?replicaSet=rs0"])
async def test_one_that_does_not_answer_is_waited_for(in_time, options):
    with pytest.raises(ServerSelectionTimeoutError):
        await looked_at("mongodb://127.0.0.1:1/" + options)


class Answering:
    """What a client says of a MongoDB that answers `hello` so."""

    def __init__(self, hello):
        self.admin = self
        self._hello = hello

    async def command(self, name):
        assert name == "hello"
        return self._hello


@pytest.mark.parametrize("hello", [{"msg": "isdbgrid"}, {"isreplicaset": True}])
async def test_a_sharded_cluster_and_a_set_that_nobody_has_initiated_yet_are_not_refused(hello):
    await mongo.refuse_standalone(Answering(hello))


@pytest.mark.long
async def test_a_server_and_a_command_end_their_start_with_one_line(compiled, tmp_path):
    async with started(tmp_path / "alone", "--standalone") as url:
        stores = {"mongo_url": f"{url}?directConnection=true", "redis_url": "redis://127.0.0.1:1"}
        stats = await asyncio.to_thread(manage, tmp_path, "stats", **stores)
        assert stats.returncode == 1
        assert stats.stderr.decode().startswith("Error: mongo_url names a standalone MongoDB, ")
        assert stats.stderr.count(b"\n") == 1
        served = await asyncio.to_thread(serve, tmp_path, **stores)
    assert served.returncode == 1
    *log, told = served.stderr.decode().splitlines()
    assert told.startswith("server.py: mongo_url names a standalone MongoDB, ")
    for part in ("mongod --replSet rs0", "mongosh --eval 'rs.initiate()'", "?replicaSet=rs0"):
        assert part in told
    # Beside the lines of its log, and it never let anybody in.
    assert "listening" not in {entry["message"] for entry in entries_of("\n".join(log))}


async def test_a_command_that_tries_again_for_ever_ends_too(tmp_path, monkeypatch):
    monkeypatch.setattr(mailbox, "_AGAIN_S", 0.0)
    async with started(tmp_path / "alone", "--standalone") as url:
        urls = {
            "mongo_url": url,
            "redis_url": "redis://127.0.0.1:1",
            "imap_url": "imap://user:pw@127.0.0.1:1",
        }
        command = partial(CliRunner().invoke, cli, ["mailbox"], env=environment(tmp_path, **urls))
        outcome = await asyncio.to_thread(command)
    assert outcome.exit_code == 1
    assert outcome.stderr.startswith("Error: mongo_url names a standalone MongoDB, ")
