"""supervisord.conf, started for real: stores and server come up, come back, and stop in order."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from store.keeper import state_of
from tests.integration.processes import ROOT, environment, free_port, is_alive
from tests.support import Api, Hr, eventually

BIN = Path(sys.executable).parent


@pytest.mark.gen_test(timeout=110)
async def test_a_machine_comes_up_comes_back_and_goes_down(tmp_path):
    port = free_port()
    home = tmp_path / "home"
    home.mkdir()
    variables = environment(home / "data", port=port) | {
        "TALENTFEED_HOME": str(home),
        "TALENTFEED_PYTHON": sys.executable,
    }
    configuration = ROOT / "supervisord.conf"
    api = Api(port)

    def control(*words):
        command = [BIN / "supervisorctl", "-c", configuration, *words]
        return subprocess.run(command, env=variables, capture_output=True, text=True, check=False).stdout

    async def is_ready():
        try:
            return (await api.get("/readyz")).http == 200
        except OSError:
            return False

    def pid_of(program):
        return int(control("pid", program))

    with subprocess.Popen(
        [BIN / "supervisord", "-c", configuration], env=variables, stdout=subprocess.DEVNULL
    ) as machine:
        try:
            await eventually(is_ready, within_s=40, what="the start")
            hr = await Hr.register(port)
            server, stores = pid_of("server"), pid_of("stores")
            assert state_of(home / "data")["keeper"] == stores
            for program, pid in (("server", server), ("stores", stores)):
                os.kill(pid, signal.SIGKILL)

                async def is_back(program=program, pid=pid):
                    return pid_of(program) not in {0, pid} and await is_ready()

                await eventually(is_back, within_s=40, what=f"the return of {program}")
            assert (
                await Hr.logged_in(port, "", {"user": hr.user, "token": hr.token}).get("/special_feed/page/")
            ).http == 200
        finally:
            machine.send_signal(signal.SIGTERM)
            assert machine.wait(40) == 0
    state = state_of(home / "data")
    assert not any(is_alive(state[name]["pid"]) for name in ("mongo", "redis"))
    assert '"level": "error"' not in (home / "server.log").read_text()
