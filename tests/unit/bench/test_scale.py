"""The harness of `make scale`: what counts as equal, what a plan starts, when a line fails the run."""

import asyncio
import socket
from datetime import UTC, datetime

import msgspec
import pytest
from bson import ObjectId

import bench.scale.__main__ as command
from bench.harness.table import Row, at_most
from bench.load.ingest import Market
from bench.scale import predictions
from bench.scale.arrivals import Run, Told
from bench.scale.outcome import Outcome, compare, plain
from bench.scale.plans import MONOLITH, many
from bench.scale.recruiter import Patient
from bench.scale.work import Work, ordered
from bench.simulate.costs import load_costs
from bench.simulate.load import loads_of
from bench.simulate.plan import Plan as Simulated
from bench.simulate.queueing import Waits
from config.settings import load_settings
from runtime.roles import ROLES

FEED, RESUME = "6b0000000000000000000001", "6b0000000000000000000002"


def outcome(**changes):
    given = {
        "results": {(0, RESUME): {"score": 51.0, "why": ["Python"]}},
        "lists": {0: [(RESUME, {"score": 51.0})]},
        "counts": {0: {"unread_count": 1}},
        "counters": {0: {"unread": 1}},
        "records": {"candidate_records": ["a", "b", "b"]},
        "previews": [{"total_count": 3}],
    }
    return Outcome(**(given | changes))


def test_what_is_equal_has_no_differences():
    assert not any(compare(outcome(), outcome()).values())


@pytest.mark.parametrize(
    ("changes", "kind", "line"),
    [
        ({"results": {}}, "results, document by document", f"(0, '{RESUME}'): only in the first"),
        (
            {"results": {(0, RESUME): {"score": 52.0, "why": ["Python"]}}},
            "results, document by document",
            f"(0, '{RESUME}'): score: ...51.0 and ...52.0",
        ),
        ({"lists": {0: []}}, "lists over the API", "0: 1 and 0 entries"),
        (
            {"counts": {0: {"unread_count": 2}}},
            "numbers of the page",
            "0: unread_count: ...1 and ...2",
        ),
        ({"counters": {0: {"unread": 2}}}, "stored counters", "0: unread: ...1 and ...2"),
        (
            {"records": {"candidate_records": ["a", "b"]}},
            "records, favourites, profiles",
            "candidate_records: only in the first: b",
        ),
        ({"previews": [{"total_count": 4}]}, "previews", "0: total_count: ...3 and ...4"),
    ],
)
def test_a_difference_is_found_and_told(changes, kind, line):
    found = compare(outcome(), outcome(**changes))
    assert found.pop(kind) == [line]
    assert not any(found.values())


def test_ids_times_and_turns_of_a_run_are_no_difference_and_scores_are():
    def document(score):
        return {
            "_id": ObjectId(),
            "feed": ObjectId(FEED),
            "resume": ObjectId(RESUME),
            "arrived_at": datetime.now(UTC),
            "feed_rev": id(score),
            "score": score,
            "unread": {FEED: 1},
        }

    one, same, other = [plain(document(score), {FEED: "feed 1"}) for score in (1.0, 1.0, 2.0)]
    assert one == same != other
    assert one["feed"] == "feed 1"
    assert one["unread"] == {"feed 1": 1}
    assert one["resume"] == RESUME


def test_people_of_equal_score_come_in_the_same_order_whatever_the_list_says():
    items = [{"score": score, "resume": {"id": id_}} for score, id_ in ((3, "b"), (5, "c"), (3, "a"))]
    assert [item["resume"]["id"] for item in ordered(items)] == ["c", "a", "b"]


def test_every_process_of_a_plan_has_flags_that_the_server_takes():
    for node in (*MONOLITH.nodes, *many(5).nodes):
        given, _ = load_settings(node.flags, {})
        assert set(given.roles) <= set(ROLES)
        assert given.score_part[0] <= given.score_part[1]
    of_many = {role for node in many(4).nodes for role in node.roles.split(",")}
    assert of_many == set(ROLES), "somebody has every role"
    assert [node.part for node in many(4).nodes if not node.is_gateway] == ["1/4", "2/4", "3/4", "4/4"]


def test_changed_resumes_do_not_depend_on_how_many_there_are_in_all():
    """A calm run is given what a disturbed one has sent, which is less than there was to send."""
    lines = [b'{"source": "s", "works": [%d]}' % number for number in range(50)]
    few, many_ = [Work(None, Market("made-up", [], given)) for given in (lines[:30], lines)]
    assert list(few.changed(0, 20)) == list(many_.changed(0, 20)) != []


def test_a_client_goes_on_asking_where_nobody_is_and_takes_the_next_port(monkeypatch):
    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        busy = not answered
        answered.append(1)
        body = b'{"status": "ok"}'
        status = b"503 x" if busy else b"200 OK"
        writer.write(
            b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, len(body), body)
        )
        writer.close()

    async def scene():
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            ports = [nobody.getsockname()[1], server.sockets[0].getsockname()[1]]
            client = Patient(lambda: ports)
            told = await client.ask("/")
            client.close()
        server.close()
        await server.wait_closed()
        return told, client.cut_off

    answered = []
    assert asyncio.run(scene()) == ({"status": "ok"}, 0)
    assert len(answered) == 2


@pytest.mark.parametrize(("measured", "is_met"), [(79, False), (81, True), (119, True), (121, False)])
def test_a_prediction_is_met_within_a_fifth(measured, is_met):
    assert predictions.within(Row(measure="busy", figure=measured, unit="%", limit=100)).is_met is is_met


@pytest.mark.parametrize(("difference", "status"), [(0, 0), (1, 1)])
def test_a_line_that_is_not_met_fails_the_run(difference, status, monkeypatch, capsys):
    async def chapter():
        return [at_most(0, Row(measure="differences", figure=difference, unit=""))]

    monkeypatch.setattr(command, "_chapters", lambda _: {"equal": chapter})
    monkeypatch.setattr(command, "_compile", lambda: None)
    monkeypatch.setattr("sys.argv", ["bench.scale"])
    assert command.main() == status
    assert ("MISSED" in capsys.readouterr().out) is bool(status)


def test_a_chapter_that_fails_fails_the_run_and_the_others_go_on(monkeypatch, capsys):
    async def broken():
        raise SystemExit("not all resumes were accepted")

    async def chapter():
        return [msgspec.structs.replace(Row(measure="kills", figure=1, unit=""), is_met=True)]

    monkeypatch.setattr(command, "_chapters", lambda _: {"equal": broken, "kills": chapter})
    monkeypatch.setattr(command, "_compile", lambda: None)
    monkeypatch.setattr("sys.argv", ["bench.scale"])
    assert command.main() == 1
    told = capsys.readouterr().out
    assert "failed: equal" in told
    assert "kills" in told


def test_a_load_is_chosen_at_which_the_busiest_station_is_as_busy_as_a_run_wants_it():
    costs, plan = load_costs(), Simulated(gateways=2, parts=2)
    for level in (0.3, 0.9):
        demand = predictions._at_level(plan, costs, level, feeds=100, results=2.0)
        assert max(load.busy for load in loads_of(plan, demand, costs)) == pytest.approx(level, rel=0.01)
        assert demand.pages == pytest.approx(2 * demand.lists) == pytest.approx(demand.resumes)


@pytest.mark.parametrize(("others", "judged"), [(0.02, True), (0.5, False)])
def test_times_are_judged_only_where_the_machine_does_nothing_else(others, judged):
    waits = Waits(
        ms={name: [10.0] for name in ("page", "list", "share")}, busy={"gateways": 0.5}, queue={}, done={}
    )
    run = Run(
        seconds=1.0,
        cpu_ms={"gateways": 450.0},
        busy={"gateways": 0.45},
        ms={"page": [30.0], "list": [11.0]},
        asked={"page": 5.0},
        done={"page": 4.9},
        told=Told(rounds=2.0, scored=2.0, lags={0.01: 0.0, 0.012: 2.0}),
        others=others,
    )
    verdicts = {
        row.measure.partition(": ")[2]: row.is_met for row in predictions.rows_of(MONOLITH, 0.5, waits, run)
    }
    assert verdicts.pop("gateways")
    assert verdicts.pop("pages answered")
    times = {"page, median": False, "list, median": True, "scored by a part, median": True}
    assert verdicts == (times if judged else dict.fromkeys(times))
