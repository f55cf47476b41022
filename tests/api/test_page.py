"""How the page at `/` is served: packed, kept by its hash, under a strict policy; or a notice instead."""

import base64
import gzip
import hashlib
import re

import pytest
from tornado.httpclient import HTTPRequest

from handlers.api.replies import accepted_encodings
from handlers.operation.page import load_desk, load_page
from process.setup import PAGE_DIR
from tests.support import Api

ROOM_FOR_FIRST_LOAD = 120 * 1000
ROOM_FOR_A_REVIEW = 40 * 1000
ROOM_FOR_THE_DESK = 120 * 1000


async def page(server):
    text = (await Api(server.port).get("/")).body.decode()
    assert '<div id="app">' in text, "the page is not built: make web"
    return text


async def tags(server):
    """What the script within the page writes for the link of a hand-over, and else."""
    text = await page(server)
    (script,) = re.findall(r"<script>(.*?)</script>", text)
    review, app = re.fullmatch(
        r"document\.write\(location\.hash\.startsWith\(\"#review=\"\)\?'([^']*)':'([^']*)'\)", script
    ).groups()
    return text, review.replace("\\x3c", "<"), app.replace("\\x3c", "<")


async def as_sent(server, name, accepted):
    """An answer as it goes over the wire; the other client unpacks it."""
    url = f"http://127.0.0.1:{server.port}{name}"
    headers = {"Accept-Encoding": accepted}
    return await Api(server.port).http.fetch(HTTPRequest(url, headers=headers, decompress_response=False))


async def test_the_page_is_asked_for_each_time_and_its_files_are_kept_for_good(server):
    api = Api(server.port)
    files = re.findall(r'(?:src|href)="(/assets/[^"]+)"', await page(server))
    assert {name.rpartition(".")[2] for name in files} >= {"js", "css", "svg"}
    assert (await api.get("/")).headers["Cache-Control"] == "no-cache"
    for name in files:
        answer = await api.get(name)
        assert answer.http == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert re.search(r"-[\w-]{8}\.\w+$", name), f"{name} has no hash of its content"


async def test_the_first_load_is_small(server):
    text, review, app = await tags(server)
    for written, room in ((app, ROOM_FOR_FIRST_LOAD), (review, ROOM_FOR_A_REVIEW)):
        total = len(text)
        files = re.findall(r'(?:src|href)="(/assets/[^"]+)"', re.sub("<script>.*</script>", written, text))
        assert any(name.endswith(".css") for name in files)
        for name in dict.fromkeys(files):
            total += len((await as_sent(server, name, "gzip")).body)
        assert total < room
    assert b".van-" not in b"".join(
        [(await Api(server.port).get(name)).body for name in re.findall(r'="(/assets/[^"]+\.js)"', review)]
    )


async def test_a_file_comes_packed_to_whoever_can_unpack_it(server):
    *_, name = re.findall(r'<script[^>]+src="(/assets/[^"]+)"', (await tags(server))[2])
    file = load_page(PAGE_DIR).assets[name.rpartition("/")[2]]
    assert gzip.decompress(file.packed["gzip"]) == file.body
    assert len(file.packed["br"]) < len(file.packed["gzip"]) < len(file.body) / 2
    for accepted, encoding in (
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", None),
        ("", None),
    ):
        answer = await as_sent(server, name, accepted)
        assert answer.headers.get("Content-Encoding") == encoding, accepted
        assert answer.body == (file.packed[encoding] if encoding else file.body)


async def test_the_policy_allows_no_script_or_style_but_files_of_this_server(server):
    answer = await Api(server.port).get("/")
    rules = dict(
        rule.strip().partition(" ")[::2] for rule in answer.headers["Content-Security-Policy"].split(";")
    )
    assert rules["default-src"] == "'none'"
    text, review, app = await tags(server)
    (script,) = re.findall(r"<script>(.*?)</script>", text)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert rules["script-src"] == f"'self' 'sha256-{digest}'"
    assert rules["style-src"] == "'self'"
    written = text.replace(f"<script>{script}</script>", "") + review + app
    assert not re.search(r"<script(?![^>]+src=)|<style|\son\w+=|\sstyle=", written)
    assert "http://" not in text
    assert "https://" not in text


async def test_only_files_that_were_built_are_there(server):
    api = Api(server.port)
    for name in ("index.html", "no.js", "..%2findex.html", "%2e%2e%2fserver.py", "", "a" * 300):
        answer = await api.get(f"/assets/{name}")
        assert (answer.http, answer.status) == (404, "not_found"), name


async def test_the_desk_is_served_like_the_page_and_has_no_file_in_common_with_it(server):
    api = Api(server.port)
    page, desk = await api.get("/"), await api.get("/admin/")
    assert desk.body.decode().count('<div id="app">') == 1, "the page is not built: make web"
    assert desk.headers["Content-Security-Policy"] == re.sub(
        r" 'sha256-[^']+'", "", page.headers["Content-Security-Policy"]
    )
    for header in ("Cache-Control", "Content-Type", "Referrer-Policy"):
        assert desk.headers.get(header) == page.headers.get(header), header
    assert not re.search(r"<script(?![^>]+src=)|<style|\son\w+=|\sstyle=|https?://", desk.body.decode())
    files = re.findall(r'(?:src|href)="(/[^"]+)"', desk.body.decode())
    assert files
    for name in files:
        assert name.startswith("/admin/assets/"), name
        answer = await api.get(name)
        assert answer.http == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert (await api.get(name.removeprefix("/admin"))).http == 404 or name.endswith(".svg")
    total = len(desk.body) + sum([len((await as_sent(server, name, "gzip")).body) for name in files])
    assert total < ROOM_FOR_THE_DESK


def test_not_one_byte_of_the_desk_is_in_the_page():
    """Both ask the same API, so a path of the desk in a file of the page would say that it is there."""
    page, desk = load_page(PAGE_DIR), load_desk(PAGE_DIR / "admin")
    scripts = [name for name in page.assets if name.endswith((".js", ".css"))]
    assert scripts
    assert desk.is_built
    assert [name for name in scripts if b"/admin/api" in page.assets[name].body] == []
    assert any(b"/admin/api/login/" in file.body for file in desk.assets.values())
    assert [name for name in scripts if name in desk.assets] == []
    # And Vant, which is made for thumbs, is not in the desk.
    assert [name for name, file in desk.assets.items() if b".van-button" in file.body] == []


def test_encodings_are_read_as_http_says():
    assert accepted_encodings("gzip, br;q=0.9, deflate;q=0, x;q=0.0") == {"gzip", "br"}


def test_a_demo_offers_its_account_in_the_page_and_no_other_server_does(tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<head></head>", "utf-8")
    account = {"username": "demo@example.com", "password": "<&\">'"}
    assert load_page(tmp_path).index == b"<head></head>"
    offered = load_page(tmp_path, account).index.decode()
    assert 'content="{&quot;username&quot;: &quot;demo@example.com&quot;' in offered
    assert "<&" not in offered


def test_files_of_a_build_made_meanwhile_are_found_and_those_it_replaced_are_still_there(tmp_path):
    assets = tmp_path / "assets"
    assets.mkdir()
    (tmp_path / "index.html").write_text("", "utf-8")
    (assets / "index-old.js").write_text("old", "utf-8")
    (tmp_path / "secret.js").write_text("secret", "utf-8")
    page = load_page(tmp_path)
    (assets / "index-old.js").unlink()
    (assets / "index-new.js").write_text("new", "utf-8")
    assert page.find("index-old.js").body == b"old"
    assert page.find("index-new.js").body == b"new"
    for name in ("index-none.js", "../secret.js", "..", ".", "a/../../secret.js", ""):
        assert page.find(name) is None, name


class TestWithoutABuild:
    """A server whose page was never built."""

    @pytest.fixture(autouse=True)
    def _nothing_built(self, monkeypatch, tmp_path):
        monkeypatch.setattr("process.setup.PAGE_DIR", tmp_path / "nothing")

    async def test_the_server_starts_says_so_in_one_line_and_answers(self, server, caplog):
        said = [record.getMessage() for record in caplog.get_records("setup")]
        told = [line for line in said if "web page" in line]
        assert told == ["the web page is missing: run `make web` and restart; the API works without it"]
        api, notice = Api(server.port), ("make web", "网页还没有构建", "The web page is not built yet")
        for path in ("/", "/admin/"):
            text = (await api.get(path)).body.decode()
            assert all(words in text for words in notice), path
        assert (await api.get("/readyz")).http == 200
        assert (await api.get("/assets/index.js")).http == 404
