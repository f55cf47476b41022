"""Who may do what: every route against its owner, another recruiter, and whoever is not logged in."""

import asyncio
import base64
import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from config.demo.wechat_server import WechatServer
from handlers.routes import ROUTES
from mail.links import Links
from store.accounts.sessions import token_hash
from store.files.originals import OriginalFile
from tests.api.scene import (
    CONTACT,
    FULL_FEED,
    INGEST,
    UNKNOWN,
    everything,
    kept,
    listed_person,
    log_in_again,
    small_resume,
)
from tests.support import INGEST_TOKEN, PASSWORD, SECRET, Api, Hr, Socket, basic, nurse_resume

NOBODY = "401 auth_error"
OWN = "200 ok"
NOT_THERE = "404 not_found"


class Row(NamedTuple):
    """One method of one route; `{name}` stands for what the scene has of that name.

    `owner`, `other` and `nobody` are what these get: HTTP status, and the answer's `status` where it is JSON.
    `writes`: it changes something. `followed`: and another site may lead there all the same.
    """

    method: str
    route: str
    owner: str
    other: str
    nobody: str
    writes: bool = False
    query: Mapping[str, str] = MappingProxyType({})
    body: dict[str, Any] | None = None
    needs: str = "account"
    followed: bool = False

    @property
    def ids(self) -> list[str]:
        """The names of the ids that it takes, wherever."""
        texts = str((self.route, self.query, self.body))
        return [name for name in ("feed_id", "resume_id") if f"{{{name}}}" in texts]

    def path(self, names: dict[str, str]) -> str:
        if self.route.startswith("/hr/activate/"):
            names = {**names, "token": names["link"]}
        path = self.route.format(**{name: quote(value, safe="") for name, value in names.items()})
        query = "&".join(
            f"{name}={quote(text.format(**names), safe='')}" for name, text in self.query.items()
        )
        return f"{path}?{query}" if query else path


def both(route: str, *statuses: str, **more: Any) -> list[Row]:
    """A GET that changes state, and the same by POST."""
    return [Row(method, route, *statuses, writes=True, **more) for method in ("GET", "POST")]


OF_FEED = {"feed_id": "{feed_id}"}
REGISTRATION = {
    "user_email": "{email}", "password": PASSWORD, "company_name": "新公司", "phone": "010-12345678",
}  # fmt: skip
MARK = {**OF_FEED, "mark_name": "已联系", "good_result": True}
CHANGE = {**OF_FEED, "resume_id": "{resume_id}"}
# Of one's own and of nobody's: what of two own ones becomes is in people/test_persons.py.
PAIR = {"resume_id": "{resume_id}", "other_id": "0" * 24}
EVERYBODY = (OWN, OWN, OWN)

# In an order that lets the owner go through all of it: what ends something comes last.
TABLE = [
    Row("POST", "/hr/register/", *EVERYBODY, writes=True, body=REGISTRATION, needs=""),
    Row("POST", "/hr/login/", *EVERYBODY, writes=True, needs="",
        body={"username": "{owner}", "password": PASSWORD}),
    Row("GET", "/hr/valid_token/{user}/{token}/", *EVERYBODY, needs=""),
    Row("POST", "/hr/activate/resend/", *EVERYBODY, writes=True, needs="", body={"username": "{email}"}),
    Row("GET", "/hr/activate/{token}/", *["200"] * 3, needs=""),
    Row("POST", "/hr/activate/{token}/", *EVERYBODY, writes=True, needs=""),
    Row("POST", "/hr/password/forgot/", *EVERYBODY, writes=True, needs="", body={"username": "{email}"}),
    Row("POST", "/hr/password/reset/{token}/", *["200 token_error"] * 3, writes=True, needs="",
        body={"password": PASSWORD}),
    Row("GET", "/hr/legal/", *EVERYBODY, needs=""),
    Row("GET", "/hr/legal/consent/", OWN, OWN, NOBODY),
    Row("POST", "/hr/legal/consent/", *["200 form_error"] * 2, NOBODY, writes=True, body={"version": "x"}),
    Row("GET", "/terms/", *["302"] * 3, needs=""),
    Row("GET", "/privacy/", *["302"] * 3, needs=""),
    Row("GET", "/hr/sessions/", OWN, OWN, NOBODY),
    Row("GET", "/hr/profile/", OWN, OWN, NOBODY),
    Row("POST", "/hr/profile/", OWN, OWN, NOBODY, writes=True, body={"phone": "010-7654321"}),
    *(
        Row("POST", f"/hr/wechat/{name}/", *["200 form_error"] * 3, writes=True, needs="", body=body)
        for name, body in (("login", {"app": "mini", "code": ""}), ("exchange", {"exchange": ""}))
    ),
    *(Row(method, "/hr/wechat/start/", *["302"] * 3, writes=True, needs="", query={"app": "mp"})
      for method in ("GET", "POST")),
    *(Row(method, "/hr/wechat/callback/", *["200 form_error"] * 3, writes=True, needs="",
          followed=method == "GET") for method in ("GET", "POST")),
    Row("GET", "/hr/wechat/ways/", OWN, OWN, NOBODY),
    Row("POST", "/hr/wechat/bind/", *["200 form_error"] * 2, NOBODY, writes=True,
        body={"app": "mini", "code": ""}),
    Row("POST", "/hr/wechat/unbind/", OWN, OWN, NOBODY, writes=True, body={"app": "mini"}),
    Row("GET", "/company/", OWN, OWN, NOBODY),
    Row("POST", "/company/", OWN, OWN, NOBODY, writes=True, body={"name": "示例公司"}),
    Row("GET", "/company/audit/", OWN, OWN, NOBODY),
    Row("GET", "/company/feeds/", OWN, OWN, NOBODY),
    Row("GET", "/company/work/", OWN, OWN, NOBODY),
    Row("POST", "/company/invite/", OWN, OWN, NOBODY, writes=True,
        body={"email": "{email}", "role": "recruiter"}),
    Row("GET", "/company/invite/{token}/", *["200 token_error"] * 3, needs=""),
    Row("POST", "/company/join/", *["200 token_error"] * 2, NOBODY, writes=True, body={"invite": "x"}),
    Row("POST", "/company/members/{member_id}/", "200 last_owner", NOT_THERE, NOBODY, writes=True,
        body={"role": "recruiter"}),
    Row("POST", "/company/members/{member_id}/remove/", NOT_THERE, NOT_THERE, NOBODY, writes=True,
        body={"to": "0" * 24}),
    Row("GET", "/hr/notices/", OWN, OWN, NOBODY),
    Row("POST", "/hr/notices/", OWN, OWN, NOBODY, writes=True, body={"quiet": "23:00-07:00"}),
    Row("POST", "/hr/notices/consent/", OWN, OWN, NOBODY, writes=True, body={"app": "mini", "accepted": 1}),
    Row("POST", "/hr/notices/test/", *["200 no_channel"] * 2, NOBODY, writes=True),
    Row("GET", "/special_feed/edit_feed/", OWN, OWN, NOBODY),
    Row("GET", "/special_feed/edit_feed/{feed_id}/", OWN, "200 feed_error", NOBODY),
    Row("POST", "/special_feed/submit_feed/", OWN, "200 feed_error", NOBODY, writes=True,
        body={**FULL_FEED, "feed_id": "{feed_id}"}),
    Row("POST", "/special_feed/preview/", OWN, "200 feed_error", NOBODY,
        body={**FULL_FEED, "feed_id": "{feed_id}"}),
    Row("POST", "/special_feed/read/", OWN, OWN, NOBODY, body={"text": "会计 8-12K 上海"}),
    Row("GET", "/special_feed/occupations/", OWN, OWN, NOBODY),
    Row("GET", "/special_feed/page/", OWN, OWN, NOBODY),
    Row("GET", "/special_feed/feed_list/{feed_id}", OWN, "200 no_feed", NOBODY),
    Row("GET", "/special_feed/statistics/{feed_id}", OWN, NOT_THERE, NOBODY),
    *both("/feed/get/{feed_id}/{resume_id}", OWN, NOT_THERE, NOBODY),
    *both("/feed/modify_feed_result", OWN, NOT_THERE, NOBODY, query={**CHANGE, "reco_index": "150"}),
    Row("GET", "/feed/export/{feed_id}.csv", "200", NOT_THERE, NOBODY),
    Row("POST", "/feed/export/{feed_id}/link/", OWN, NOT_THERE, NOBODY, writes=True),
    Row("GET", "/feed/export/link/{token}/", *[NOT_THERE] * 3, needs=""),
    Row("GET", "/handover/", OWN, NOT_THERE, NOBODY, query=OF_FEED),
    Row("POST", "/handover/", OWN, NOT_THERE, NOBODY, writes=True,
        body={**OF_FEED, "resume_ids": ["{resume_id}"], "to": "王总"}),
    Row("POST", "/handover/{handover_id}/revoke/", OWN, NOT_THERE, NOBODY, writes=True),
    Row("POST", "/review/{link}/", *["200 token_error"] * 3, writes=True, needs=""),
    Row("POST", "/review/{link}/{resume_id}/", *["200 token_error"] * 3, writes=True, needs="",
        body={"verdict": "yes"}),
    Row("GET", "/special_feed/ws/", *["400 bad_request"] * 3, needs=""),  # no upgrade; sockets see below
    *both("/resumes/add_watch/{resume_id}", OWN, NOT_THERE, NOBODY, query=OF_FEED),
    Row("GET", "/resume/follow/list/", OWN, OWN, NOBODY),
    *both("/resumes/remove_watch/{resume_id}", OWN, NOT_THERE, NOBODY, query=OF_FEED),
    Row("POST", "/resumes/download/{resume_id}", OWN, NOT_THERE, NOBODY, writes=True, body=OF_FEED),
    Row("GET", "/resumes/original/{resume_id}", "200", NOT_THERE, NOBODY),
    Row("POST", "/resumes/mark/{resume_id}", OWN, NOT_THERE, NOBODY, writes=True, body=MARK),
    Row("POST", "/resumes/claim/{resume_id}", OWN, NOT_THERE, NOBODY, writes=True,
        body={**OF_FEED, "kind": "look"}),
    Row("POST", "/resumes/release/{resume_id}", OWN, NOT_THERE, NOBODY, writes=True),
    Row("POST", "/resumes/comment/{resume_id}", OWN, NOT_THERE, NOBODY, writes=True,
        body={"content": "再联系"}),
    Row("GET", "/resumes/marked/", OWN, OWN, NOBODY),
    Row("GET", "/resumes/search/", OWN, OWN, NOBODY, query={"q": "Python"}),
    Row("GET", "/resumes/interview/{resume_id}/{mark_id}.ics", "200", NOT_THERE, NOBODY),
    Row("GET", "/resumes/interview/{resume_id}/{mark_id}.txt", "200", NOT_THERE, NOBODY),
    Row("POST", "/special_feed/results/", OWN, NOT_THERE, NOBODY, writes=True,
        body={"feed_id": "{feed_id}", "resume_ids": [UNKNOWN], "action": "restore"}),
    Row("POST", "/resumes/mark/{resume_id}/{mark_id}", OWN, NOT_THERE, NOBODY, writes=True,
        body={"good_result": False}),
    Row("POST", "/resumes/comment/{resume_id}/{comment_id}", OWN, NOT_THERE, NOBODY, writes=True,
        body={"taken_back": True}),
    *(Row("POST", f"/resumes/{what}/", NOT_THERE, NOT_THERE, NOBODY, writes=True, body=PAIR)
      for what in ("join", "part")),
    Row("GET", "/healthz", *EVERYBODY, needs=""),
    Row("GET", "/readyz", *EVERYBODY, needs=""),
    Row("GET", "/metrics", *["200"] * 3, needs=""),
    Row("GET", "/openapi.json", *["200"] * 3, needs=""),
    Row("GET", "/docs/", *["200"] * 3, needs=""),
    Row("GET", "/docs/{name}", *["200"] * 3, needs=""),
    Row("GET", "/", *["200"] * 3, needs=""),
    Row("GET", "/assets/{name}", *[NOT_THERE] * 3, needs=""),  # the name is a file's of the docs
    Row("POST", "/resumes/", OWN, NOBODY, NOBODY, writes=True, needs="ingest",
        body=small_resume("the same", name="甲")),
    Row("POST", "/resumes/file/", "400 bad_request", NOBODY, NOBODY, writes=True, needs="ingest"),  # no form
    Row("POST", "/special_feed/share/{feed_id}", OWN, NOT_THERE, NOBODY, writes=True, body={"members": []}),
    Row("POST", "/special_feed/transfer/{feed_id}", OWN, NOT_THERE, NOBODY, writes=True,
        body={"to": "{user}"}),
    *(Row("POST", "/special_feed/pause/", OWN, NOT_THERE, NOBODY, writes=True, body={**OF_FEED, "paused": on})
      for on in (1, 0)),
    *both("/feed/delete/{feed_id}", OWN, NOT_THERE, NOBODY),
    Row("DELETE", "/resumes/{resume_id}", OWN, NOBODY, NOBODY, writes=True, needs="ingest"),
    Row("POST", "/hr/password/", OWN, OWN, NOBODY, writes=True,
        body={"old_password": PASSWORD, "password": PASSWORD}),
    Row("POST", "/hr/sessions/revoke/", OWN, OWN, NOBODY, writes=True, body={"all": 1}),
    Row("POST", "/hr/logout/", OWN, OWN, NOBODY, writes=True),
]  # fmt: skip
WRITING = [row for row in TABLE if row.writes]
PRIVATE = [row for row in TABLE if row.needs == "account"]
READ_BY_GET = {row.route for row in TABLE if row.method == "GET" and not row.writes}
OF_MYSELF = {
    "/hr/logout/",
    "/hr/password/",
    "/hr/profile/",
    "/hr/legal/consent/",
    "/hr/sessions/revoke/",
    "/hr/notices/",
    "/hr/notices/consent/",
    "/hr/notices/test/",
    "/company/",
    "/company/invite/",
}
WITH_IDS = [row for row in TABLE if row.ids]
PREFETCH = (
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Purpose": "prefetch"},
    {"X-Purpose": "Prefetch"},
    {"X-Moz": "prefetch"},
)
NO_ID = ("xyz", "5" * 23, "5" * 25, "g" * 24, "５" * 24, "$ne", '{"$gt":""}', "%00" * 8, "a/b")


class World(NamedTuple):
    """The owner's scene, another recruiter's own one, and what the rows' names stand for."""

    server: Any
    hr: Hr
    other: Hr
    names: dict[str, str]
    others: dict[str, str]

    @property
    def secrets(self) -> list[str]:
        """What of the owner nobody else may see."""
        texts = (*CONTACT.values(), self.hr.email, "约面试", "请带证件", "电话里谈得不错", FULL_FEED["title"])
        return [*texts, *(self.names[name] for name in ("feed_id", "resume_id"))]


@pytest.fixture
def settings(settings):
    # Nobody answers there, and nobody is asked.
    return replace(settings, **WechatServer().settings())


@pytest.fixture
def world(server, hr, other_hr, io_loop) -> World:
    async def make() -> World:
        scene = await listed_person(hr)
        await scene.fill()
        file = OriginalFile(
            name="林晚照.pdf", data=b"%PDF", sha256=sha256(b"%PDF").hexdigest(), kind="pdf", pages=1
        )
        async with server.stores.transaction():
            await server.stores.originals.replace(scene.resume_id, file)
        theirs = await listed_person(other_hr, nurse_resume(), title="护士", expect_area="上海")
        (item,) = await hr.results(scene.feed_id)
        handed = {"feed_id": scene.feed_id, "resume_ids": [scene.resume_id], "to": "王总"}
        handover = await hr.post("/handover/", handed)
        names = {
            "handover_id": handover["id"],
            "feed_id": scene.feed_id,
            "resume_id": scene.resume_id,
            "mark_id": item["mark_log"][0]["id"],
            "comment_id": item["comment_log"][0]["id"],
            "user": hr.user,
            "member_id": hr.user,
            "token": hr.token,
            "link": Links(SECRET, "").make(hr.user).split("/")[-2],
            "email": "somebody-new@example.com",
            "owner": hr.email,
            "name": "swagger-ui.css",
        }
        # Whoever has the link may follow it, and the first time is noted.
        await hr.post(f"/hr/activate/{names['link']}/")
        others = {**names, "feed_id": theirs.feed_id, "resume_id": theirs.resume_id}
        return World(server, hr, other_hr, names, others)

    return io_loop.run_sync(make, timeout=120)


def filled(value, names):
    """A value of a row's body, with the ids of a scene."""
    if isinstance(value, list):
        return [filled(one, names) for one in value]
    return value.format(**names) if isinstance(value, str) else value


async def send(client, row, names, headers=None, *, method=""):
    """A row's request, with the client's credentials or, where the row needs it, the ingest token."""
    if row.needs == "ingest" and "Authorization" not in (headers or {}):
        headers = {**(headers or {}), **INGEST}
    body = row.body and {name: filled(value, names) for name, value in row.body.items()}
    return await client.call(method or row.method, row.path(names), json_body=body, headers=headers)


def said(answer) -> str:
    return f"{answer.http} {answer.json.get('status', '')}".strip()


def seen(answer):
    """All of an answer that a client can compare."""
    passing = {"x-request-id", "date"}
    headers = sorted((n.lower(), v) for n, v in answer.headers.get_all() if n.lower() not in passing)
    return answer.http, answer.body, headers


def lasting(documents):
    """What must stay: all but sessions and registrations, which anybody may make."""
    return kept(
        {name: found for name, found in documents.items() if name not in {"sessions", "revocations"}},
        lambda name, one: (
            name not in {"accounts", "companies"}
            or one.get("company_name", one.get("name")) != REGISTRATION["company_name"]
        ),
    )


async def state(world):
    return lasting(await everything(world.server))


async def callers_without_credentials(server, hr) -> dict[str, Api]:
    """Clients whose credentials do not hold, by why."""
    expired, revoked = await log_in_again(hr), await log_in_again(hr)
    await revoked.post("/hr/logout/")
    ended = await server.stores.sessions._sessions.update_one(
        {"_id": token_hash(expired.token)}, {"$set": {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}}
    )
    assert ended.modified_count == 1
    text = f"{hr.user}:{hr.token}"
    headers = {
        "nobody": "",
        "expired": expired.authorization,
        "revoked": revoked.authorization,
        "of another account": basic("5" * 24, hr.token),
        "a password for a token": basic(hr.user, PASSWORD),
        "an address for an id": basic(hr.email, hr.token),
        "no base64": f"Basic {text}",
        "half a token": basic(hr.user, hr.token[:-1]),
        "the ingest token": f"Bearer {INGEST_TOKEN}",
        "two colons": basic(hr.user, f"{hr.token}:x"),
        "url-safe base64 of nothing": "Basic " + base64.urlsafe_b64encode(b"\xff\xfe:\xff").decode(),
    }
    return {name: Api(server.port, header) for name, header in headers.items()}


def test_the_table_has_every_route_and_method_and_knows_which_change_something():
    # Who may what of the desk is in admin/test_access.py.
    live = {
        (method, route.path): route.handler
        for route in ROUTES
        if not route.handler.is_for_operators
        for method in route.handler.methods
    }
    assert {(row.method, row.route) for row in TABLE} == live.keys()
    for row in TABLE:
        handler = live[row.method, row.route]
        assert handler.changes_state_by(row.method) == row.writes, row.route
        needs = "ingest" if handler.needs_ingest_token else "account" if handler.needs_login else ""
        assert needs == row.needs, row.route


@pytest.mark.long
async def test_the_owner_may_do_all_of_it(world):
    for row in TABLE:
        answer = await send(world.hr, row, world.names)
        assert said(answer) == row.owner, (row, answer.body)
    assert (await world.hr.get("/special_feed/page/")).http == 401  # logged out at last


async def test_another_recruiter_sees_and_changes_nothing_of_it(world):
    before = await state(world)
    for row in TABLE:
        if row.needs != "ingest" and not (row.writes and row.route in OF_MYSELF):
            answer = await send(world.other, row, world.names)
            assert said(answer) == row.other, (row, answer.body)
            if row.needs:
                leaked = [secret for secret in world.secrets if secret in answer.body.decode()]
                assert leaked == [], row
    assert await state(world) == before


async def test_what_is_anothers_cannot_be_told_from_what_is_not_there(world):
    mine = world.others
    before = await state(world)
    answers = set()
    for row in (row for row in WITH_IDS if row.needs == "account"):
        choices = {
            name: (world.names[name], UNKNOWN, world.names[name].upper(), mine[name]) for name in row.ids
        }
        views = {}
        for picked in itertools.product(*choices.values()):
            names = {**mine, **dict(zip(choices, picked, strict=True))}
            if any(names[name] != mine[name] for name in row.ids):
                views[picked] = seen(await send(world.other, row, names))
        distinct = {repr(view) for view in views.values()}
        assert len(distinct) == 1, (row.method, row.route, views)
        (http, body, _) = next(iter(views.values()))
        assert str(http) == row.other.split()[0]
        answers.add((http, body) if http == 404 else (http, b""))
    assert len(answers) == 2  # one 404 for all of it, and the words that the API document has
    unknown = await world.other.get("/no/such/url")
    assert (404, unknown.body) in answers
    assert await state(world) == before


async def test_a_person_of_no_list_of_mine_is_not_there_for_me(world):
    """`people/test_people.py` has those of another's list; here the person is in nobody's."""
    (stored,) = (await world.hr.ingest(nurse_resume(works=[], job_target={"job_career": "厨师"})))["ids"]
    await world.hr.all_scored()
    for row in (row for row in PRIVATE if "resume_id" in row.ids):
        views = [
            seen(await send(world.hr, row, {**world.names, "resume_id": resume_id}))
            for resume_id in (stored, UNKNOWN)
        ]
        assert views[0] == views[1], row
        assert views[0][0] == 404


async def test_an_erased_person_is_not_there_for_the_owner_either(world):
    assert (
        await world.hr.call("DELETE", f"/resumes/{world.names['resume_id']}", headers=INGEST)
    ).status == "ok"
    for row in (row for row in PRIVATE if "resume_id" in row.ids):
        view = seen(await send(world.hr, row, world.names))
        assert view == seen(await send(world.hr, row, {**world.names, "resume_id": UNKNOWN})), row
        assert view[0] == 404


async def test_credentials_that_do_not_hold_are_told_apart_by_nothing_and_change_nothing(world):
    callers = await callers_without_credentials(world.server, world.hr)
    before = await state(world)

    async def check(row):
        views = {}
        for caller, client in callers.items():
            answer = await send(client, row, world.names)
            assert said(answer) == row.nobody, (row.route, caller, answer.body)
            views[caller] = seen(answer)
        assert len({repr(view) for view in views.values()}) == 1, (row.route, views)

    await asyncio.gather(*(check(row) for row in PRIVATE))
    for row in (row for row in TABLE if row.needs == "ingest"):
        bodies = set()
        for caller, client in callers.items():
            if caller != "the ingest token":
                answer = await send(client, row, world.names, {"Authorization": client.authorization})
                assert said(answer) == row.nobody, (row.route, caller)
                bodies.add(answer.body)
        assert len(bodies) == 1, (row.route, bodies)
    assert await state(world) == before


async def test_a_public_route_is_not_closed_by_credentials_that_do_not_hold(world):
    callers = await callers_without_credentials(world.server, world.hr)
    for row in (row for row in TABLE if not row.needs and not row.writes):
        for caller in ("nobody", "expired", "no base64"):
            answer = await send(callers[caller], row, world.names)
            assert said(answer) == row.nobody, (row.route, caller)


async def test_a_socket_opens_for_none_of_them(world):
    """By header and by first message; other first messages are in `live/test_socket.py`."""
    callers = await callers_without_credentials(world.server, world.hr)
    for caller in ("expired", "revoked", "of another account", "the ingest token"):
        header = callers[caller].authorization
        with pytest.raises(Exception, match="401"):
            await Socket.connect(world.server.port, header)
        socket = await Socket.connect(world.server.port, None)
        await socket.say({"type": "auth", "authorization": header})
        assert await socket.closed() == 4401


async def test_no_answer_challenges_or_sets_a_cookie_or_opens_itself_to_other_sites(world):
    callers = await callers_without_credentials(world.server, world.hr)
    for row in TABLE:
        for client in (world.hr, world.other, callers["nobody"], callers["expired"]):
            if row.route == "/hr/logout/" or (client is world.hr and row.writes):
                continue
            if row.route == "/hr/wechat/start/":  # no credential in its cookie: wechat/test_wechat.py
                continue
            answer = await send(client, row, world.names, {"Origin": "https://evil.example.com"})
            names = {name.lower() for name in answer.headers}
            assert not names & {"www-authenticate", "set-cookie"}, row
            assert not [name for name in names if name.startswith("access-control-")], row


async def test_a_malformed_id_is_400_and_named_wherever_it_stands(world):
    before = await state(world)
    for row in WITH_IDS:
        for name, value in itertools.product(row.ids, NO_ID):
            answer = await send(world.hr, row, {**world.names, name: value})
            assert said(answer) == "400 bad_request", (row.route, value, answer.body)
            assert answer["errors"].keys() <= {name, f"{name}s"}, (row.route, value)
    assert await state(world) == before


async def test_an_id_in_capitals_is_the_same_id(world):
    names = {name: value.upper() if name.endswith("_id") else value for name, value in world.names.items()}
    for row in (row for row in WITH_IDS if row.needs == "account"):
        answer = await send(world.hr, row, names)
        assert said(answer) == row.owner, row.route
    assert (await world.hr.get("/special_feed/page/")).status == "no_feed"  # the deletion found it too


async def test_head_runs_nothing_that_changes_something(world):
    before = await state(world)
    for row in (row for row in WRITING if row.route not in READ_BY_GET):
        answer = await send(world.hr, row, world.names, method="HEAD")
        assert (answer.http, answer.body) == (405, b""), row.route
        allowed = answer.headers["Allow"].split(", ")
        assert row.method in allowed
        assert "HEAD" not in allowed
    assert await state(world) == before


async def test_head_of_what_only_reads_is_get_without_its_body(world):
    for row in (row for row in TABLE if row.method == "GET" and not row.writes and "/ws/" not in row.route):
        answer = await send(world.hr, row, world.names, method="HEAD")
        assert (answer.http, answer.body) == (int(row.owner.split()[0]), b""), row.route


async def test_other_sites_and_browsers_that_fetch_ahead_change_nothing(world):
    # A list that is only looked at still notes whose contacts it showed.
    audit = {"audit", "audit_chains"}
    before = lasting(await everything(world.server, but=audit))
    cross = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    for row, headers in itertools.product(TABLE, (cross, *PREFETCH)):
        answer = await send(world.hr, row, world.names, headers)
        may = row.followed and headers is cross
        assert said(answer) == ("403 forbidden" if row.writes and not may else row.owner), (row, headers)
    assert lasting(await everything(world.server, but=audit)) == before  # last_click_time of the list too
    assert (await world.server.stores.accounts.get(world.hr.user)).active


async def test_the_same_site_and_the_users_own_hand_may(world):
    row = next(row for row in TABLE if row.route == "/feed/get/{feed_id}/{resume_id}")
    for site in ("same-origin", "same-site", "none"):
        assert said(await send(world.hr, row, world.names, {"Sec-Fetch-Site": site})) == OWN


async def test_links_of_letters_and_of_wechat_alone_are_followed_from_another_site(world):
    """And no button is pressed; `accounts/test_activation.py` has every way in which browsers say so."""
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    for row in (row for row in TABLE if row.writes or "/activate/" in row.route):
        answer = await send(Api(world.server.port, world.hr.authorization), row, world.names, headers)
        refused = "403 forbidden" if row.writes and not row.followed else row.nobody
        assert said(answer) == refused, row.route


async def test_a_wrong_ingest_token_is_403_and_a_recruiters_is_none(world):
    for row in (row for row in TABLE if row.needs == "ingest"):
        for header, status in (
            (f"Bearer {INGEST_TOKEN}x", "403 forbidden"),
            (f"Bearer {INGEST_TOKEN[:-1]}", "403 forbidden"),
            (f"Bearer {world.hr.token}", "403 forbidden"),
            (world.hr.authorization, NOBODY),
            (basic(world.hr.user, INGEST_TOKEN), NOBODY),
            (INGEST_TOKEN, NOBODY),
        ):
            answer = await send(Api(world.server.port), row, world.names, {"Authorization": header})
            assert said(answer) == status, (row.route, header)
            assert "简历导入口令" in answer["msg"]
    assert len(await world.hr.results(world.names["feed_id"])) == 1
