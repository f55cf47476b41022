"""The watcher has a server started anew that does not answer, and leaves one alone that is still starting."""

import socket
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from types import SimpleNamespace

import pytest
from supervisor.states import ProcessStates

from ops import health, rolling_restart
from ops.rolling_restart import is_ready
from ops.servers import servers_among

RUNNING = ProcessStates.RUNNING
NEVER = 1_000_000


@pytest.fixture
def port():
    """Taken, and nobody listens there until the test does."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken


@pytest.fixture
def done(monkeypatch):
    """What supervisor was told."""
    calls = []
    supervisor = SimpleNamespace(
        stopProcess=lambda name: calls.append(("stop", name)),
        startProcess=lambda name: calls.append(("start", name)),
    )
    monkeypatch.setattr(health, "connect", lambda: supervisor)
    return calls


@contextmanager
def answering(status, address="127.0.0.1"):
    """A server that answers every request so; its port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer((address, 0), Answer) as http:
        thread = Thread(target=http.serve_forever, args=(0.05,))
        thread.start()
        yield http.server_port
        http.shutdown()
        thread.join()


def server(port, age_s, state=RUNNING):
    return health.Server("web:web-80", port, {"state": state, "start": 1_000, "now": 1_000 + age_s})


@pytest.mark.parametrize(
    ("age_s", "listens", "is_ended"), [(599, False, False), (600, False, True), (20, True, True)]
)
def test_a_server_is_started_anew_unless_it_is_still_starting(port, done, age_s, listens, is_ended):
    if listens:
        port.listen()
    health.watch(server(port.getsockname()[1], age_s), 0.2)
    assert done == ([("stop", "web:web-80"), ("start", "web:web-80")] if is_ended else [])


def test_a_server_that_is_stopped_stays_so(port, done):
    health.watch(server(port.getsockname()[1], 6000, ProcessStates.STOPPED))
    assert done == []


@pytest.mark.parametrize(("status", "is_ended"), [(200, False), (500, True)])
def test_a_server_that_answers_well_is_left_alone(done, status, is_ended):
    with answering(status) as port:
        health.watch(server(port, 6000))
    assert bool(done) == is_ended


def test_a_server_that_listens_at_another_address_alone_is_asked_there(done, monkeypatch):
    """Else it would be started anew every ten minutes, and no rolling restart would find it ready."""
    with answering(200, "127.0.0.2") as port:
        for address, is_found in (("0.0.0.0", False), ("127.0.0.2", True)):
            monkeypatch.setenv("ADDRESS", address)
            assert health.answers(port) == is_found
            assert is_ready(port, 0.2) == is_found
        health.watch(server(port, 6000))
        assert health.is_listening(port)
    assert done == []


class Supervisor:
    """Says in which state a server is, which listens and answers after some looks."""

    def __init__(self, states, answers_after):
        self.states, self.left = states, answers_after

    def getProcessInfo(self, _):
        self.left -= 1
        return {"statename": self.states.pop(0) if len(self.states) > 1 else self.states[0]}


@pytest.mark.parametrize(
    ("states", "answers_after", "listens", "comes"),
    [
        (["RUNNING"], 3, False, True),  # it is at a change of the database
        (["RUNNING"], NEVER, True, False),  # it lacks something that does not come
        (["RUNNING", "BACKOFF"], NEVER, False, False),  # it ends at each start
        (["RUNNING"], NEVER, False, False),
    ],
)
def test_a_rolling_restart_waits_for_whoever_changes_the_database(
    monkeypatch, states, answers_after, listens, comes
):
    supervisor = Supervisor(list(states), answers_after)
    monkeypatch.setattr(rolling_restart, "is_ready", lambda *_: supervisor.left <= 0)
    monkeypatch.setattr(rolling_restart, "is_listening", lambda _: listens)
    if not comes:  # who comes is waited for, however late that is
        monkeypatch.setattr(rolling_restart, "START_WITHIN_S", 0.05)
    assert rolling_restart.comes_back(supervisor, "server:server-88", 1) == comes


def test_servers_are_known_by_the_numbers_in_their_names(monkeypatch):
    monkeypatch.setenv("TALENTFEED_PORTS", "88")
    names = [("server", "server-88"), ("score", "score-03"), ("nginx", "nginx"), ("health", "health")]
    infos = [{"group": group, "name": name} for group, name in names]
    found = [(found.name, found.port) for found in servers_among(infos)]
    assert found == [("server:server-88", 8888), ("score:score-03", 8803)]
