"""The scenes of `make bench`, without a server: who submits, what is typed, when the last badge is right."""

import asyncio
import itertools
from collections import Counter
from types import SimpleNamespace

import pytest

import bench.__main__ as command
from bench.harness.table import Row
from bench.harness.wire import Connection
from bench.load import feeds
from bench.load.feeds import last_right, submit_all
from bench.load.stored import typing


class Submitter:
    def __init__(self):
        self.titles = []

    async def submit(self, form):
        self.titles.append(form["title"])


def test_accounts_submit_as_many_feeds_each_and_forms_come_in_turn():
    accounts = [Submitter() for _ in range(4)]
    asyncio.run(submit_all(accounts, [{"title": "a"}, {"title": "b"}, {"title": "c"}], 10))
    assert sorted(len(account.titles) for account in accounts) == [2, 2, 3, 3]
    assert Counter(title for account in accounts for title in account.titles) == {"a": 4, "b": 3, "c": 3}


def test_a_description_grows_while_it_is_typed_and_the_next_form_begins_without_one():
    forms = [{"title": "a", "job_desc": "x" * 1_000}, {"title": "b", "job_desc": "y" * 1_000}]
    texts = list(itertools.islice(typing(forms), 9))
    assert [form["title"] for form in texts] == ["a"] * 8 + ["b"]
    lengths = [len(form["job_desc"]) for form in texts]
    assert lengths[0] == lengths[8] == 0
    assert lengths[:8] == sorted(set(lengths[:8]))


def test_the_last_badge_is_right_when_its_frame_came_and_not_before(monkeypatch):
    monkeypatch.setattr(feeds, "_LOOK_EVERY_S", 0.001)
    truth = Counter({"a": 3, "b": 1})

    async def watch():
        crowd = SimpleNamespace(counts={"a": [(1.0, 2), (5.0, 3)]})
        waiting = asyncio.create_task(last_right(crowd, truth))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        crowd.counts["b"] = [(2.0, 2), (7.0, 1)]
        return await waiting

    assert asyncio.run(watch()) == 7.0


@pytest.mark.parametrize("counts", [{"a": [(1.0, 3), (2.0, 4)]}, {"a": [(1.0, 3)], "gone": [(2.0, 1)]}, {}])
def test_a_badge_that_stays_wrong_never_counts_as_right(monkeypatch, counts):
    monkeypatch.setattr(feeds, "_LOOK_EVERY_S", 0.001)
    monkeypatch.setattr(feeds, "_GIVE_UP_S", 0.01)
    with pytest.raises(TimeoutError):
        asyncio.run(last_right(SimpleNamespace(counts=counts), Counter({"a": 3})))


@pytest.mark.parametrize("failure", [SystemExit("refused"), TimeoutError("never"), OSError("gone")])
def test_a_scene_that_fails_costs_its_own_rows_alone(monkeypatch, capsys, failure):
    async def measure(name):
        if name == "bad":
            raise failure
        return [Row(f"row of {name}", 1, "s")]

    scenes = {name: (measure, (name,), ()) for name in ("first", "bad", "last")}
    monkeypatch.setattr(command, "SCENES", scenes)
    monkeypatch.setattr("sys.argv", ["bench"])
    assert command.main() == 1
    out = capsys.readouterr().out
    assert "row of first" in out
    assert "row of last" in out
    assert out.rstrip().endswith("failed: bad")


def test_a_connection_that_the_server_closed_meanwhile_is_opened_again():
    whole, parts = (
        b"Content-Length: 2\r\n\r\nok",
        b"Transfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
    )
    answers = iter([b"HTTP/1.1 200 OK\r\n" + whole, b"HTTP/1.1 200 OK\r\n" + parts])

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(next(answers))
        writer.close()

    async def ask_twice():
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        connection = Connection(server.sockets[0].getsockname()[1])
        async with server:
            first = await connection.ask("/")
            while not connection._streams[0].at_eof():
                await asyncio.sleep(0.001)
            second = await connection.ask("/")
            connection.close()
        return first, second

    assert asyncio.run(ask_twice()) == ((200, b"ok"), (200, b"ok"))
