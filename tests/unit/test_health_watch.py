"""The watcher of servers leaves one alone that is still starting, and no other."""

import socket
from types import SimpleNamespace

import pytest
from supervisor.states import ProcessStates

from ops.health import PatientWatch


@pytest.fixture
def port():
    """Taken, and nobody listens there until the test does."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken


@pytest.mark.parametrize(
    ("age_s", "listens", "calls"),
    [
        (599, False, []),
        (600, False, ["stop", "start"]),
        (20, True, ["stop", "start"]),
        (6000, True, ["stop", "start"]),
    ],
)
def test_a_server_is_started_anew_unless_it_is_still_starting(port, age_s, listens, calls):
    if listens:
        port.listen()
    done, said = [], []
    supervisor = SimpleNamespace(
        stopProcess=lambda name: done.append("stop"), startProcess=lambda name: done.append("start")
    )
    url = f"http://127.0.0.1:{port.getsockname()[1]}/healthz"
    rpc = SimpleNamespace(supervisor=supervisor)
    watch = PatientWatch(rpc, ["server-88"], False, url, 15, [200], None, None, "", None, "", True, 10, None)
    watch.start_within_s = 600
    spec = {"group": "server", "name": "server-88", "state": ProcessStates.RUNNING}
    watch.restart({**spec, "start": 1_000, "now": 1_000 + age_s}, said.append)
    assert done == calls
    assert ("NOT restarting" in said[0]) == (not calls)
