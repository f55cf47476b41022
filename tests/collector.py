"""A collector of traces, as OpenTelemetry's exporter meets it over HTTP."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Collector:
    """Takes what comes while its block lasts, in a thread.

    Attributes:
        url: For OTEL_EXPORTER_OTLP_ENDPOINT.
        got: What came, request by request, as JSON has it.
    """

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        got = self.got

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                got.append(MessageToDict(ExportTraceServiceRequest.FromString(body)))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Collector:
        Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def resources(self) -> list[dict[str, str]]:
        """What was said of the processes that sent something."""
        return [
            {one["key"]: one["value"].get("stringValue", "") for one in sent["resource"]["attributes"]}
            for request in self.got
            for sent in request["resourceSpans"]
        ]

    @property
    def spans(self) -> list[dict[str, Any]]:
        """All spans."""
        return [
            span
            for request in self.got
            for sent in request["resourceSpans"]
            for scope in sent["scopeSpans"]
            for span in scope["spans"]
        ]

    def text(self) -> str:
        """All that came, as one text."""
        return json.dumps(self.got, ensure_ascii=False)
