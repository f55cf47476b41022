"""The API's description: `/openapi.json` for programs, `/docs/` for people.

The page loads nothing from another site. The description itself is made in `handlers/api/openapi.py`.
"""

from __future__ import annotations

import importlib.util
import mimetypes
from collections.abc import Mapping
from pathlib import Path

import msgspec
import tornado.web

from handlers.api.base import PublicHandler
from handlers.api.contract import Contract

_ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js")
_START = b"""SwaggerUIBundle({url: "/openapi.json", dom_id: "#docs", deepLinking: true, validatorUrl: null});
"""
_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>TalentFeed API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""


class ApiDocument(msgspec.Struct, frozen=True):
    """The OpenAPI document, as it is sent: it is the same for every request."""

    body: bytes


class DocsFiles(msgspec.Struct, frozen=True):
    """The files of `/docs/` in memory, by name."""

    files: Mapping[str, bytes]


def load_docs() -> DocsFiles:
    """Read the files of `/docs/`: Swagger UI, from the package that ships it, and the script that starts it.

    Raises:
        OSError: The package is not installed, or is another than expected.
    """
    spec = importlib.util.find_spec("swagger_ui")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the package swagger-ui-py is not installed")
    folder = Path(spec.submodule_search_locations[0]) / "static"
    return DocsFiles({name: (folder / name).read_bytes() for name in _ASSETS} | {"start.js": _START})


class OpenApiHandler(PublicHandler):
    """`GET /openapi.json`."""

    contract = Contract("This description, as OpenAPI 3.1", other_answer="application/json")

    document: ApiDocument

    async def handle(self) -> None:
        """It is made from the code that answers, and checked against it."""
        self.finish(self.document.body)


class DocsHandler(PublicHandler):
    """`GET /docs/`."""

    contract = Contract("This description, to browse", other_answer="text/html")

    async def handle(self) -> None:
        """It loads nothing from elsewhere."""
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        # Swagger UI sets styles by itself, and draws its icons from data URLs.
        self.set_header(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'",
        )
        self.finish(_PAGE)


class DocsFileHandler(PublicHandler):
    """`GET /docs/<name>`."""

    contract = Contract("A file of the page for browsing", other_answer="*/*", may_be_missing=True)

    docs: DocsFiles

    async def handle(self, name: str) -> None:
        """Scripts and styles."""
        if name not in self.docs.files:
            raise tornado.web.HTTPError(404)
        self.set_header("Content-Type", f"{mimetypes.guess_type(name)[0]}; charset=UTF-8")
        # These names carry no hash, so a browser asks again after an hour: an upgrade may bring another
        # version.
        self.set_header("Cache-Control", "public, max-age=3600")
        self.finish(self.docs.files[name])
