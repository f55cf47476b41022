"""Spans are told where somebody traces, by OpenTelemetry where the environment says so."""

import asyncio
import sys

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from runtime.tracing import CannotTrace, send_traces, set_tracer, span, tracer_of
from tests.collector import Collector


@pytest.fixture
def told():
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    set_tracer(tracer_of(provider))
    yield exporter.get_finished_spans
    set_tracer(None)


def test_a_span_within_another_is_a_part_of_it_also_in_tasks(told):
    async def work():
        with span("request"):
            await asyncio.gather(ask(), ask())

    async def ask():
        with span("mongodb find", collection="results"):
            await asyncio.sleep(0)

    asyncio.run(work())
    first, second, whole = told()
    assert first.parent.span_id == second.parent.span_id == whole.context.span_id
    assert dict(first.attributes) == {"collection": "results"}


def test_of_an_error_nothing_is_told_but_its_type(told):
    with pytest.raises(ValueError, match="13800001111"), span("request"):
        raise ValueError("phone 13800001111")
    (one,) = told()
    assert dict(one.attributes) == {"error.type": "ValueError"}
    assert one.events == ()


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_SDK_DISABLED": "True"},
        {"OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_it_is_off_unless_the_environment_says_where_to_send(environ):
    with send_traces(environ, {}) as is_on:
        assert not is_on


def test_what_cannot_be_done_is_one_line(monkeypatch):
    with (
        pytest.raises(CannotTrace, match="otlp or none"),
        send_traces({"OTEL_TRACES_EXPORTER": "zipkin"}, {}),
    ):
        pass
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with (
        pytest.raises(CannotTrace, match="requirements-otel"),
        send_traces({"OTEL_TRACES_EXPORTER": "otlp"}, {}),
    ):
        pass


def test_a_collector_gets_what_was_told_and_from_whom(monkeypatch):
    with Collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        with (
            send_traces({"OTEL_TRACES_EXPORTER": "otlp"}, {"talentfeed.roles": "web"}),
            span("score", resumes=2),
        ):
            pass
    (about,) = collector.resources
    assert (about["service.name"], about["talentfeed.roles"]) == ("talentfeed", "web")
    assert [one["name"] for one in collector.spans] == ["score"]
