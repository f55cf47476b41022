"""The answer to what is no HTTP: bad chunks, a thousand parameters, headers without an end.

Tornado refuses these before any handler runs, with a status line alone. Here it becomes an answer as all
others.
"""

from __future__ import annotations

import secrets

from handlers.api.replies import SECURITY_HEADERS
from runtime.json import dump

BARE_400 = b"HTTP/1.1 400 Bad Request\r\n\r\n"
"""What Tornado writes; a test notices where a later Tornado writes something else."""


def malformed_answer(msg: str = "请求内容有误") -> bytes:
    """A whole answer, on the wire, after which the connection is closed."""
    body = dump(
        {"status": "bad_request", "msg": msg, "errors": {"request": ["不是有效的 HTTP 请求"]}}
    ).encode()
    headers = {
        "Content-Type": "application/json; charset=UTF-8",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "Connection": "close",
        "X-Request-Id": secrets.token_hex(8),
        **SECURITY_HEADERS,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 400 Bad Request\r\n{lines}\r\n".encode() + body
