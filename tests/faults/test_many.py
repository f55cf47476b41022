"""The files of ops/many, run for real: a machine that clients reach, and one of engines."""

import asyncio
import json
import os
import signal
import subprocess
import sys

import pytest

from tests.faults.machine import BIN, free_ports, rolling_restart
from tests.integration.processes import ROOT, environment
from tests.support import PYTHON_FEED, Api, Hr, eventually, python_resume

pytestmark = pytest.mark.faults

SERVERS = {"front": ("web-80", "web-81"), "engines": ("engine-01", "engine-02")}


class Many:
    """Supervisors of two machines, which share stores and nothing else. Only ports and paths are changed."""

    def __init__(self, home, urls):
        self.prefix, self.port = free_ports(["01", "02", "80", "81", "98", "99"])
        files = home / "many"
        files.mkdir()
        for path in (ROOT / "ops" / "many").iterdir():
            text = path.read_text("utf-8").replace("%(here)s/../..", str(ROOT))
            text = text.replace("127.0.0.1:88", f"127.0.0.1:{self.prefix}")
            text = text.replace("listen 8080", f"listen 127.0.0.1:{self.port}")
            text = text.replace("listen 127.0.0.1:8081", f"listen 127.0.0.1:{self.prefix}98")
            (files / path.name).write_text(text, "utf-8")
        self.machines, self.homes = {}, {}
        for name in SERVERS:
            self.homes[name] = home / name
            self.homes[name].mkdir()
        settings = {"mongo_url": urls["mongo"], "redis_url": urls["redis"], "secret_key": "k" * 40}
        self.variables = {
            name: environment(place / "data", **settings, mongo_db=home.name)
            | {
                "TALENTFEED_HOME": str(place),
                "TALENTFEED_PYTHON": sys.executable,
                "TALENTFEED_PORTS": self.prefix,
                "TALENTFEED_WEB": "2",
                "TALENTFEED_ONCE": "false",
                "TALENTFEED_ENGINES": "2",
                "PATH": f"{os.environ['PATH']}:/usr/sbin",
            }
            for name, place in self.homes.items()
        }
        for name in SERVERS:
            self.variables[name].pop("DATA_DIR")
            command = [BIN / "supervisord", "-c", files / f"{name}.conf"]
            with (self.homes[name] / "out.log").open("wb") as log:
                self.machines[name] = subprocess.Popen(
                    command, env=self.variables[name], stdout=log, stderr=log
                )
        self._files = files

    def control(self, machine, *words):
        command = [BIN / "supervisorctl", "-c", self._files / f"{machine}.conf", *words]
        done = subprocess.run(
            command, env=self.variables[machine], capture_output=True, text=True, check=False
        )
        return done.stdout

    def pid_of(self, machine, server):
        group = server.rpartition("-")[0]
        return int(self.control(machine, "pid", f"{group}:{server}"))

    def port_of(self, server):
        return int(self.prefix + server[-2:])

    async def ready(self):
        for server in (one for servers in SERVERS.values() for one in servers):

            async def is_ready(server=server):
                try:
                    return (await Api(self.port_of(server)).get("/readyz")).http == 200
                except OSError:
                    return False

            await eventually(is_ready, within_s=400, every_s=0.5, what=f"the start of {server}")
        return self

    def stop(self):
        for process in self.machines.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        return [process.wait(60) for process in self.machines.values()]


@pytest.fixture
def many(compiled, tmp_path, store_urls):
    running = Many(tmp_path, store_urls)
    yield running
    running.stop()


@pytest.mark.gen_test(timeout=900)
async def test_machines_of_many_serve_score_and_are_restarted_one_by_one(many):
    await many.ready()
    hr = await Hr.register(many.port)
    feeds = [await hr.submit(**PYTHON_FEED) for _ in range(4)]
    await hr.live()
    ids = set((await hr.ingest(*(python_resume() for _ in range(6))))["ids"])

    async def are_listed():
        lists = [{item["resume"]["id"] for item in await hr.results(feed)} for feed in feeds]
        return all(listed == ids for listed in lists)

    await eventually(are_listed, within_s=60, every_s=0.5, what="results")

    async def is_previewed():
        preview = await hr.post("/special_feed/preview/", PYTHON_FEED)
        return preview.status == "ok" and preview["strong_count"] == 6

    await eventually(is_previewed, within_s=60, every_s=0.5, what="a preview")
    # nginx sent previews to engines, and the rest to the others.
    log = (many.homes["front"] / "nginx-access.log").read_text("utf-8")
    went = {row["uri"]: row["upstream"] for row in map(json.loads, log.splitlines())}
    assert went["/resumes/"].endswith((f":{many.prefix}80", f":{many.prefix}81"))
    assert went["/special_feed/preview/"].endswith((f":{many.prefix}01", f":{many.prefix}02"))
    # An engine that is killed comes back, and what came meanwhile is scored.
    killed = many.pid_of("engines", "engine-02")
    os.kill(killed, signal.SIGKILL)
    ids |= set((await hr.ingest(python_resume()))["ids"])
    await eventually(are_listed, within_s=180, every_s=0.5, what="results after an engine was killed")
    assert many.pid_of("engines", "engine-02") != killed
    await many.ready()
    for name, servers in SERVERS.items():
        code, restarted, said = await asyncio.to_thread(rolling_restart, many.variables[name])
        assert code == 0, said
        assert {one.partition(":")[2] for one in restarted} == set(servers)
    ids |= set((await hr.ingest(python_resume()))["ids"])
    await eventually(are_listed, within_s=60, every_s=0.5, what="results after the restarts")
    assert many.stop() == [0, 0]
