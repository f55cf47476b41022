"""The watcher of servers leaves one alone that was started just now."""

from types import SimpleNamespace

import pytest
from supervisor.states import ProcessStates

from ops.health import PatientWatch


@pytest.mark.parametrize(("age_s", "calls"), [(59, []), (60, ["stop", "start"]), (600, ["stop", "start"])])
def test_a_server_is_started_anew_only_when_its_start_should_be_over(age_s, calls):
    done, said = [], []
    supervisor = SimpleNamespace(
        stopProcess=lambda name: done.append("stop"), startProcess=lambda name: done.append("start")
    )
    rpc = SimpleNamespace(supervisor=supervisor)
    watch = PatientWatch(
        rpc, ["server-88"], False, "http://x/", 15, [200], None, None, "", None, "", True, 10, None
    )
    watch.start_within_s = 60
    spec = {
        "group": "server",
        "name": "server-88",
        "state": ProcessStates.RUNNING,
        "start": 1_000,
        "now": 1_000 + age_s,
    }
    watch.restart(spec, said.append)
    assert done == calls
    assert ("NOT restarting" in said[0]) == (not calls)
