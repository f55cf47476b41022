"""A whole machine as supervisord.conf makes it, on ports that are free, with nginx in front."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPClientError

from tests.integration.processes import ROOT, children_of, environment, kill_stores, signal_if_there
from tests.support import Api, eventually

BIN = Path(sys.executable).parent
SERVERS = ("88", "89")


def free_ports(numbers: Sequence[str] = (*SERVERS, "81", "80")) -> tuple[str, int]:
    """What stands in front of the servers' numbers, so that all are free, and the last of them."""
    # By lot, as another test may be looking for some at the same time, and below those that the system gives
    # to whoever connects (32768 and up).
    for start in random.sample(range(110, 320), 210):
        ports = [int(f"{start}{number}") for number in numbers]
        if all(is_free(port) for port in ports):
            return str(start), ports[-1]
    raise AssertionError("no ports are free")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def descendants_of(pid: int) -> Iterator[int]:
    """Whatever a process has started, and those in turn."""
    for child in children_of(pid):
        yield child
        yield from descendants_of(child)


def rolling_restart(variables: dict[str, str]) -> tuple[int, list[str], str]:
    """Its status, the servers that it named, and what went wrong."""
    command = [sys.executable, "-m", "ops.rolling_restart"]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    return done.returncode, [line.split()[0] for line in done.stdout.splitlines()], done.stderr


class Machine:
    """Supervisor with everything under it.

    The two files are the project's own but for ports and paths, and for what a test changes in them; and its
    servers wait for a busy machine as other tests' do.
    """

    def __init__(self, home: Path, *changes: tuple[str, str], **settings: Any) -> None:
        home.mkdir(parents=True)
        self.home = home
        self.data_dir = home / "data"
        self.prefix, self.port = free_ports()
        self._configuration = home / "supervisord.conf"
        nginx, upstreams = home / "nginx.conf", home / "upstreams.conf"
        text = (ROOT / "supervisord.conf").read_text("utf-8")
        ours = (
            ("server.py --", "-m tests.patience --"),
            ("%(here)s/config/nginx.conf", str(nginx)),
            ("%(here)s", str(ROOT)),
        )
        for before, after in (*changes, *ours):
            assert before in text, f"supervisord.conf has no {before}"
            text = text.replace(before, after)
        self._configuration.write_text(text, "utf-8")
        text = (ROOT / "config" / "upstreams.conf").read_text("utf-8")
        upstreams.write_text(text.replace("127.0.0.1:88", f"127.0.0.1:{self.prefix}"), "utf-8")
        text = (ROOT / "config" / "nginx.conf").read_text("utf-8")
        text = text.replace("listen 8080", f"listen 127.0.0.1:{self.port}")
        text = text.replace("listen 127.0.0.1:8081", f"listen 127.0.0.1:{self.server_port('81')}")
        nginx.write_text(text, "utf-8")
        self.variables = environment(self.data_dir, **settings) | {
            "TALENTFEED_HOME": str(home),
            "TALENTFEED_PYTHON": sys.executable,
            "TALENTFEED_PORTS": self.prefix,
            "PATH": f"{os.environ['PATH']}:/usr/sbin",
        }
        self._supervisor = subprocess.Popen(
            [BIN / "supervisord", "-c", self._configuration], env=self.variables, stdout=subprocess.DEVNULL
        )

    def api(self, server: str | None = None) -> Api:
        """A client of one server, or of nginx."""
        return Api(self.server_port(server) if server else self.port)

    def server_port(self, server: str) -> int:
        return int(self.prefix + server)

    async def ready(self) -> Machine:
        """Wait until every server can do its work, and nginx hands on."""
        for client in (self.api(), *map(self.api, SERVERS)):

            async def is_ready(client: Api = client) -> bool:
                try:
                    return (await client.get("/readyz")).http == 200
                except (OSError, HTTPClientError):
                    return False

            await eventually(is_ready, within_s=120, what=f"the start of {client.port}")
        return self

    def control(self, *words: str) -> str:
        command = [BIN / "supervisorctl", "-c", self._configuration, *words]
        done = subprocess.run(command, env=self.variables, capture_output=True, text=True, check=False)
        return done.stdout

    def pid_of(self, program: str) -> int:
        return int(self.control("pid", program))

    def log(self, name: str) -> str:
        return (self.home / name).read_text("utf-8")

    def kill(self) -> None:
        """kill -9 of everything, for a test that is over: supervisor takes seconds to stop it in order."""
        pid = self._supervisor.pid
        if self._supervisor.poll() is None:
            signal_if_there(pid, signal.SIGSTOP)  # so that it starts nothing meanwhile
            for one in [*descendants_of(pid), pid]:
                signal_if_there(one, signal.SIGKILL)
        kill_stores(self.data_dir)
        self._supervisor.wait()

    def stop(self) -> int:
        if self._supervisor.poll() is None:
            self._supervisor.send_signal(signal.SIGTERM)
        return self._supervisor.wait(60)
