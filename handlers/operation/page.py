"""The pages for browsers, `/` for recruiters and `/admin/` for operators, as `make web` has built them.

Or a notice that says how to build them. Files under `/assets/` and `/admin/assets/` carry a hash of their
content in their names, so browsers keep them for good. The page that names them is asked for each time.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import mimetypes
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import msgspec
import tornado.web

from handlers.api.base import PublicHandler
from handlers.api.contract import Contract
from handlers.api.origins import socket_url
from handlers.api.replies import accepted_encodings

# How files may be packed, and how their names then end; the smallest first. Vite writes the packed files
# beside the plain ones, so nothing is compressed for a request.
_ENCODINGS = {"br": ".br", "gzip": ".gz"}
_POLICY = (
    "default-src 'none'; script-src 'self'{scripts}; style-src 'self'; font-src 'self' data:; "
    # Pictures of originals are fetched with the session's credentials, and shown from memory.
    "img-src 'self' data: blob:; "
    # Older WeChat browsers do not count a WebSocket to the same host as 'self', so it is named.
    "connect-src 'self' {sockets}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_NOTICE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>TalentFeed</title>
<link rel="icon" href="data:,">
</head>
<body>
<main>
<h1>网页还没有构建</h1>
<p>接口已经可用（<a href="/docs/">接口文档</a>），但网页的文件 <code>web/dist</code> 不存在。
构建它需要能访问 npm 软件源：运行 <code>make web</code>，然后重启服务。</p>
<h1 lang="en">The web page is not built yet</h1>
<p lang="en">The API works (<a href="/docs/">documented here</a>), but the files of the page in
<code>web/dist</code> are missing. Building them needs the npm registry: run <code>make web</code>,
then restart the server.</p>
</main>
</body>
</html>
"""


class PageFile(msgspec.Struct, frozen=True):
    """One file, plain and packed: encoding -> bytes."""

    kind: str
    body: bytes
    packed: Mapping[str, bytes]


class Page(msgspec.Struct, frozen=True):
    """A page and its files by name: that of recruiters.

    Attributes:
        is_built: False where `index` is the notice.
        inline: What its policy allows beside files: the one script within it, by its hash.
    """

    index: bytes
    assets: Mapping[str, PageFile]
    is_built: bool
    folder: Path
    inline: str = ""

    def find(self, name: str) -> PageFile | None:
        """A file by its name.

        While servers behind one proxy are restarted one after the other, the page may come from one that
        knows a newer build: its files are on the disk already.
        """
        file = self.assets.get(name)
        # Only plain names: no path may lead out of the folder, and none may begin with a dot.
        if file is None and re.fullmatch(r"[\w-][\w.-]*", name, re.ASCII):
            with contextlib.suppress(OSError):  # none of that name, no name at all, or it goes just now
                file = _read(self.folder / "assets" / name)
        return file


class DeskPage(Page, frozen=True):
    """The page of operators, which shares no file with the one of recruiters."""


def load_desk(folder: Path) -> DeskPage:
    """Read the page of operators as `load_page` reads the other."""
    page = load_page(folder)
    return DeskPage(page.index, page.assets, is_built=page.is_built, folder=page.folder)


def load_page(
    folder: Path, demo_account: Mapping[str, str] | None = None, wechat_apps: Sequence[str] = ()
) -> Page:
    """Read what was built into memory: it is small, and a build that replaces the files does not tear it.

    The login page offers the account of a demo, and the apps of WeChat that one can log in by.
    """
    try:
        index = (folder / "index.html").read_text("utf-8")
    except OSError:
        return Page(_NOTICE.encode(), {}, is_built=False, folder=folder)
    if demo_account is not None:
        offer = escape(json.dumps(dict(demo_account)))
        index = index.replace("</head>", f'<meta name="demo-account" content="{offer}">\n</head>')
    if wechat_apps:
        offer = escape(",".join(wechat_apps))
        index = index.replace("</head>", f'<meta name="wechat-apps" content="{offer}">\n</head>')
    packed = tuple(_ENCODINGS.values())
    paths = [path for path in (folder / "assets").iterdir() if not path.name.endswith(packed)]
    assets = {path.name: _read(path) for path in paths}
    return Page(index.encode(), assets, is_built=True, folder=folder, inline=_inline(index))


def _inline(index: str) -> str:
    """How a policy names the script that chooses between the app and the page of a hand-over; "" for none."""
    script, end, _ = index.partition("<script>")[2].partition("</script>")
    if not end:
        return ""
    return f" 'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _read(path: Path) -> PageFile:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    beside = {encoding: path.with_name(path.name + end) for encoding, end in _ENCODINGS.items()}
    packed = {encoding: file.read_bytes() for encoding, file in beside.items() if file.exists()}
    return PageFile(kind, path.read_bytes(), packed)


class PageHandler(PublicHandler):
    """`GET /`."""

    contract = Contract("The page for browsers", other_answer="text/html")

    page: Page

    async def handle(self) -> None:
        """It loads nothing from elsewhere, and no script or style that is not a file, but for one.

        That one chooses by what stands behind `#`, which no server is told: the app, or the page of a
        hand-over.
        """
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.set_header("Cache-Control", "no-cache")
        policy = _POLICY.replace(" {sockets}", f" {socket_url(self.own_origin())}".rstrip())
        policy = policy.replace("{scripts}", self.page.inline)
        self.set_header("Content-Security-Policy", policy)
        self.finish(self.page.index)


class DeskHandler(PageHandler):
    """`GET /admin/`."""

    contract = Contract("The page for operators", other_answer="text/html", may_be_missing=True)
    is_for_operators = True

    page: DeskPage


class AssetHandler(PublicHandler):
    """`GET /assets/<name>`."""

    contract = Contract("A file of the page for browsers", other_answer="*/*", may_be_missing=True)

    page: Page

    async def handle(self, name: str) -> None:
        """A name stands for one content for ever, so whoever has it need not ask again."""
        file = self.page.find(name)
        if file is None:
            raise tornado.web.HTTPError(404)
        self.set_header("Content-Type", f"{file.kind}; charset=UTF-8")
        self.set_header("Cache-Control", "public, max-age=31536000, immutable")
        self.set_header("Vary", "Accept-Encoding")
        body = file.body
        accepted = accepted_encodings(self.request.headers.get("Accept-Encoding", ""))
        for encoding, packed in file.packed.items():
            if encoding in accepted:
                self.set_header("Content-Encoding", encoding)
                body = packed
                break
        self.finish(body)


class DeskAssetHandler(AssetHandler):
    """`GET /admin/assets/<name>`."""

    contract = Contract("A file of the page for operators", other_answer="*/*", may_be_missing=True)
    is_for_operators = True

    page: DeskPage
