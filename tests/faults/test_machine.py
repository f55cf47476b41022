"""supervisord.conf and config/nginx.conf, run for real: a machine serves, heals, restarts and stops."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from store.embedded.supervisor import state_of
from tests.faults.machine import SERVERS, rolling_restart
from tests.integration.processes import ROOT, is_alive
from tests.support import INGEST_TOKEN, IS_LONG, PYTHON_FEED, Api, Hr, Socket, eventually, python_resume

pytestmark = pytest.mark.faults

TURNS = 10 if IS_LONG else 1
SOON = ("startsecs=10", "startsecs=3")
"""A server is "running" for supervisor sooner, so that nobody waits for that. One that does not listen yet is
left alone by `ops.health` all the same."""


def processes_of_group(group: int) -> set[int]:
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getpgid(int(process.name)) == group:
                found.add(int(process.name))
    return found


async def test_a_machine_comes_up_comes_back_and_goes_down(machine):
    whole = await machine(SOON).ready()
    hr = await Hr.register(whole.port)
    feed_id = await hr.submit(**PYTHON_FEED)
    socket = await hr.socket()
    assert (await socket.frame())["type"] == "snapshot"
    await hr.ingest(python_resume())
    await socket.until("unread", unread_count=1)
    stores = whole.pid_of("stores")
    assert state_of(whole.data_dir)["supervisor"] == stores
    await eventually(
        lambda: "EXITED" in whole.control("status", "mailbox"), what="the end of the mailbox, as none is set"
    )
    for program in ("server:server-88", "server:server-89", "stores", "nginx"):
        pid = whole.pid_of(program)
        left = processes_of_group(pid) - {pid}
        held = await hr.socket()
        os.kill(pid, signal.SIGKILL)

        async def is_back(program=program, pid=pid, left=left):
            running = whole.pid_of(program) not in {0, pid} and "RUNNING" in whole.control("status", program)
            return running and not any(map(is_alive, left))

        await eventually(is_back, within_s=90, what=f"the return of {program}")
        await whole.ready()
        held.connection.close()
    assert await hr.unread(feed_id) == 1
    assert whole.stop() == 0
    state = state_of(whole.data_dir)
    assert not any(is_alive(state[name]["pid"]) for name in ("mongo", "redis"))
    assert not any('"level": "error"' in whole.log(f"server-{number}.log") for number in SERVERS)


class Visitors:
    """Clients that go on asking, each request noted with its answer, and a socket that connects again."""

    def __init__(self, hr: Hr) -> None:
        self.answers: list[str] = []
        self.closes: list[int | None] = []
        self._hr = hr
        self._tasks = [asyncio.create_task(work) for work in (self._read(), self._write(), self._on_event())]

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _note(self, request) -> None:
        try:
            answer = await request
            self.answers.append(f"{answer.http} {answer['msg']}")
        except OSError as error:
            self.answers.append(type(error).__name__)

    async def _read(self) -> None:
        while True:
            await self._note(self._hr.get("/special_feed/page/"))
            await asyncio.sleep(0.02)

    async def _write(self) -> None:
        while True:
            await self._note(self._hr.ingest(python_resume()))
            await asyncio.sleep(0.05)

    async def _on_event(self) -> None:
        while True:
            socket = await Socket.connect(self._hr.port, self._hr.authorization)
            self.closes.append(await socket.closed(within_s=100))


@pytest.mark.parametrize("turn", range(TURNS))
async def test_a_rolling_restart_fails_no_request_and_sends_sockets_on(machine, turn):
    whole = await machine(("startsecs=10", "startsecs=6")).ready()
    hr = await Hr.register(whole.port)
    await hr.submit(**PYTHON_FEED)
    before = {number: whole.pid_of(f"server:server-{number}") for number in SERVERS}
    visitors = Visitors(hr)
    for _ in range(2):
        status, restarted, said = await asyncio.to_thread(rolling_restart, whole.variables)
        assert status == 0, said
        assert restarted == [f"server:server-{number}" for number in SERVERS]
    await visitors.end()
    assert set(visitors.answers) == {"200 ok"}
    assert len(visitors.answers) > 50
    assert set(visitors.closes) == {1012}
    assert all(whole.pid_of(f"server:server-{number}") != pid for number, pid in before.items())


async def test_a_rolling_restart_says_what_it_lacks():
    status, _, said = await asyncio.to_thread(rolling_restart, {})
    assert status == 2
    assert "TALENTFEED_HOME is not set" in said


async def test_a_server_whose_loop_is_stuck_is_started_anew(machine):
    whole = await machine(SOON, ("-t 15\n", "-t 2\n"), ("stopwaitsecs=20", "stopwaitsecs=2")).ready()
    stuck = whole.pid_of("server:server-89")
    os.kill(stuck, signal.SIGSTOP)
    await eventually(
        lambda: whole.pid_of("server:server-89") not in {0, stuck},
        within_s=90,
        every_s=0.5,
        what="a new server",
    )
    await whole.ready()
    assert whole.pid_of("server:server-88")
    assert "server:server-89 does not answer: it is started anew" in whole.log("health.log")


async def test_nginx_hides_tokens_hands_on_addresses_and_limits_in_json(machine):
    whole = await machine(register_per_minute=3).ready()
    api = whole.api()
    assert (await api.get("/hr/activate/s3cr3t.t0ken.x/")).http == 200  # a page with a button
    await api.get(f"/hr/valid_token/{'0' * 24}/s3cr3t-token/")
    await api.get("/resume/follow/list/", keywords="wang.xiaoming")
    # Whatever a client claims to be, nginx says where it comes from: four claims are one address.
    form = {"user_email": "a@example.com", "password": "12345678x", "company_name": "x", "phone": "12345"}
    outcomes = []
    for number in range(4):
        headers = {"X-Real-Ip": f"10.0.0.{number}", "X-Forwarded-For": f"10.0.0.{number}"}
        mine = form | {"user_email": f"a{number}@example.com"}
        outcomes.append((await api.call("POST", "/hr/register/", form=mine, headers=headers)).http)
    assert outcomes == [200, 200, 200, 429]
    many = await asyncio.gather(*(api.call("POST", "/hr/login/", form={"username": "x"}) for _ in range(60)))
    refused = [answer for answer in many if answer.http == 429]
    assert refused
    assert all(answer.status == "too_many" for answer in refused)
    assert refused[0].headers["Retry-After"] == "1"
    too_large = await api.call("POST", "/special_feed/submit_feed/", body=b" " * (1024 * 1024 + 1))
    assert (too_large.http, too_large.status) == (413, "too_large")
    assert (await api.get("/metrics")).http == 404
    for number in SERVERS:
        whole.control("stop", f"server:server-{number}")
    gone = await api.get("/special_feed/page/")
    assert (gone.http, gone.status) == (503, "unavailable")
    assert gone.headers["Retry-After"] == "2"
    # While no server is there too: what nginx says of an upstream that refuses has the URL in it.
    await api.get("/hr/activate/s3cr3t.t0ken.x/")
    await api.get(f"/hr/valid_token/{'0' * 24}/s3cr3t-token/")
    await api.get("/resume/follow/list/", keywords="wang.xiaoming")
    logs = whole.log("nginx-access.log") + whole.log("nginx-error.log") + whole.log("nginx.log")
    assert "/hr/activate/..." in logs
    assert "/hr/valid_token/..." in logs
    assert "s3cr3t" not in logs
    assert "xiaoming" not in logs
    rows = [json.loads(line) for line in whole.log("nginx-access.log").splitlines()]
    assert rows[-1]["status"] == 503
    assert "502" in rows[-1]["upstream_status"]
    for name in ("nginx-access.log", "nginx-error.log"):
        assert (whole.home / name).stat().st_mode & 0o077 == 0


async def test_logs_of_nginx_are_rotated(usual_machine, tmp_path):
    whole = await usual_machine.ready()
    text = (ROOT / "ops" / "logrotate.conf").read_text("utf-8")
    rules = tmp_path / "logrotate.conf"
    rules.write_text(text.replace("/var/lib/talentfeed", str(whole.home)), "utf-8")
    command = ["logrotate", "--force", "--state", str(tmp_path / "state"), str(rules)]
    done = await asyncio.to_thread(
        subprocess.run, command, env=whole.variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "/readyz" in whole.log("nginx-access.log.1")
    assert "/readyz" not in whole.log("nginx-access.log")

    async def is_written():
        await whole.api().get("/healthz")
        log = whole.home / "nginx-access.log"
        return "/healthz" in log.read_text()

    await eventually(is_written, what="the new log")
    assert (whole.home / "nginx-access.log").stat().st_mode & 0o077 == 0


async def test_an_upload_streams_through_nginx(usual_machine):
    whole = await usual_machine.ready()
    hr = await Hr.register(whole.port)
    answer = await hr.ingest(*(python_resume(self_evaluation="Python" * 2000) for _ in range(200)))
    assert answer["accepted"] == 200  # over 2 MB
    await Api(whole.server_port("88")).all_scored()


async def test_nginx_limits_connections_and_slow_clients_and_takes_resumes_apart(usual_machine):
    """The last one of its machine, as nginx goes on holding the address to its bounds for a while."""
    whole = await usual_machine.ready()
    hr = await Hr.register(whole.port)
    await hr.submit(**PYTHON_FEED)
    sources = Api(whole.server_port("81"))
    assert (await sources.ingest(python_resume()))["accepted"] == 1
    for path in ("/special_feed/page/", "/", "/healthz"):
        assert (await sources.get(path)).http == 404
    # Uploads of one address that do not end leave the others their places.
    head = f"POST /resumes/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {INGEST_TOKEN}\r\n"
    head += "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
    held = []
    for _ in range(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", whole.port)
        writer.write(head.encode())
        held.append((reader, writer))

    async def is_refused():
        return (await hr.call("POST", "/resumes/", body=b"{}")).http == 429

    await eventually(is_refused, what="the end of an address's uploads")
    assert (await hr.get("/special_feed/page/")).status == "ok"
    assert (await sources.ingest(python_resume()))["accepted"] == 1
    began = time.monotonic()
    slow_reader, slow_writer = await asyncio.open_connection("127.0.0.1", whole.port)
    slow_writer.write(b"POST /hr/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
    with contextlib.suppress(ConnectionResetError):
        await asyncio.wait_for(slow_reader.read(), 30)
    assert 8 < time.monotonic() - began < 25
    for _, writer in (*held, (slow_reader, slow_writer)):
        writer.close()
