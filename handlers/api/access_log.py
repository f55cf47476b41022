"""One line a request: the route's template, never the URL, which may hold a token."""

from __future__ import annotations

import logging

import tornado.web

from handlers.api.base import ApiHandler

access_log = logging.getLogger("talentfeed.access")


def log_request(handler: tornado.web.RequestHandler) -> None:
    """Write the line, and count the request."""
    route = getattr(handler, "route", "unknown")
    status, seconds = handler.get_status(), handler.request.request_time()
    if isinstance(handler, ApiHandler):
        handler.context.metrics.requests.labels(route, str(status)).observe(seconds)
    access_log.info(
        "request",
        extra={
            "data": {
                "route": route,
                "method": handler.request.method,
                "status": status,
                "ms": round(seconds * 1000, 1),
            }
        },
    )
