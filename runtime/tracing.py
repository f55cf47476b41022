"""Spans: how long a part of the work takes, told to whoever traces this process.

    with span("score", resumes=32):
        ...

While nobody traces, a span costs a tenth of a microsecond. Whoever does is set once, at the start
(`set_tracer`). A span inside another one, in the same task or in what it starts, is a part of that.

Names and attributes are few and say nothing of anybody: routes as templates, kinds, counts. No ids, no URLs,
no texts.

`send_traces` sends spans to OpenTelemetry, where the environment says so and its packages are there:

    OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318 python server.py

This is off without `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` or
`OTEL_TRACES_EXPORTER=otlp`, and with `OTEL_SDK_DISABLED=true`; then nothing of it is imported. What else the
SDK takes from the environment holds: the sampler, headers, the name of the service.

An exception is noted by its type alone: its text may quote what somebody sent. A request's own trace is not
gone on with, as clients are the public.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

Value = str | int | float | bool
Tracer = Callable[[str, Mapping[str, Value]], AbstractContextManager[object]]
"""Begins a span of a name and attributes; the block is the span."""

_tracer: Tracer | None = None
_NOTHING: AbstractContextManager[object] = nullcontext()


def set_tracer(tracer: Tracer | None) -> None:
    """Tell of spans from now on; None: of none any more."""
    global _tracer  # as of logs, there is one in a process
    _tracer = tracer


def span(name: str, /, **attributes: Value) -> AbstractContextManager[object]:
    """A span for a `with` block; what the block raises passes."""
    return _NOTHING if _tracer is None else _tracer(name, attributes)


_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_LAST_MS = 2000
"""Milliseconds that the last spans have at a stop. A collector that is away must not hold a restart up."""


class CannotTrace(Exception):
    """The environment asks for traces, and they cannot be sent; the text is one line for the operator."""


@contextmanager
def send_traces(environ: Mapping[str, str], about: Mapping[str, str]) -> Iterator[bool]:
    """Send spans during the block, where the environment says so; the last ones have 2 s after it.

    Args:
        environ: The process's environment.
        about: What spans say of the process, as `service.version`.

    Gives:
        Whether it is on.

    Raises:
        CannotTrace: The packages are missing, or another exporter is asked for.
    """
    if not _is_on(environ):
        yield False
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise CannotTrace(
            "OTEL_… asks for traces: pip install --require-hashes -r requirements-otel.txt, or set "
            "OTEL_SDK_DISABLED=true"
        ) from None
    # Its own variables come first, and this is what holds where they say nothing.
    named = "OTEL_SERVICE_NAME" in environ or SERVICE_NAME in environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    name = {} if named else {SERVICE_NAME: "talentfeed"}
    provider = TracerProvider(resource=Resource.create({**about, **name}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    set_tracer(tracer_of(provider))
    try:
        yield True
    finally:
        set_tracer(None)
        provider.force_flush(_LAST_MS)
        provider.shutdown()


def tracer_of(provider: Any) -> Tracer:
    """What tells a provider of tracers of spans."""
    tracer = provider.get_tracer("talentfeed")

    @contextmanager
    def traced(name: str, attributes: Mapping[str, Value]) -> Iterator[None]:
        with tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as current:
            try:
                yield
            except BaseException as error:
                current.set_attribute("error.type", type(error).__qualname__)
                raise

    return traced


def _is_on(environ: Mapping[str, str]) -> bool:
    exporter = environ.get("OTEL_TRACES_EXPORTER", "").strip()
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true" or exporter == "none":
        return False
    if exporter not in {"", "otlp"}:
        raise CannotTrace("OTEL_TRACES_EXPORTER takes otlp or none")
    return exporter == "otlp" or any(environ.get(name) for name in _ENDPOINTS)
