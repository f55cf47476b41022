"""What tests of the operator's desk share: one server for a module, operators, and clients of theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from bson import ObjectId

from config.settings import Settings
from handlers.accounts.passwords import Passwords
from process.life import Server
from store.accounts.operators import Role
from tests.api.scene import INGEST, small_resume
from tests.files import FORM
from tests.loops import held
from tests.support import PASSWORD, Answer, Api, eventually, serving, settings_for


class Desk(Api):
    """A client of the desk; paths are those behind `/admin/api/`."""

    def __init__(self, port: int, token: str = "") -> None:
        super().__init__(port, f"Bearer {token}" if token else "")

    async def read(self, path: str, **query: Any) -> Answer:
        """GET."""
        return await self.call("GET", f"/admin/api/{path}", **query)

    async def do(self, path: str, **body: Any) -> Answer:
        """POST as JSON."""
        return await self.call("POST", f"/admin/api/{path}", json_body=body)

    async def send(self, path: str, form: bytes) -> Answer:
        """POST of a form with files."""
        headers = {"Content-Type": FORM}
        return await self.call("POST", f"/admin/api/{path}", body=form, headers=headers)


def desk_settings(store_urls: dict[str, str], data_dir: Any, **more: Any) -> Settings:
    """Settings of a server with a database of its own."""
    return settings_for(store_urls, data_dir, login_attempts=100, **more)


async def make_operator(server: Server, email: str, role: Role) -> None:
    """Make an operator, as `manage.py operator` does."""
    passwords = Passwords()
    try:
        await server.stores.operators.create(email, await passwords.hash(PASSWORD), role)
    finally:
        passwords.close()


async def sign_in(port: int, email: str, password: str = PASSWORD) -> Desk:
    """A client that is signed in."""

    # On a busy machine hashing waits for longer than a sign-in may.
    async def try_it() -> Answer | None:
        answer = await Desk(port).do("login/", email=email, password=password)
        return None if answer.http == 429 else answer

    answer = await eventually(try_it, what="the sign-in")
    assert answer.status == "ok", answer.body
    return Desk(port, answer["token"])


@asynccontextmanager
async def desk_server(settings: Settings, analyzer: Any) -> AsyncIterator[tuple[Server, Desk, Desk]]:
    """A server, an admin and a viewer."""
    async with serving(settings, analyzer) as server:
        for role in ("admin", "viewer"):
            await make_operator(server, f"{role}@example.com", role)
        admin, viewer = [await sign_in(server.port, f"{role}@example.com") for role in ("admin", "viewer")]
        yield server, admin, viewer


class World(NamedTuple):
    """One server for all tests of a module, and who is signed in there."""

    server: Server
    admin: Desk
    viewer: Desk

    @property
    def nobody(self) -> Desk:
        """A client without a token."""
        return Desk(self.server.port)


@pytest.fixture(scope="module")
def world(io_loop: Any, store_urls: Any, analyzer: Any, tmp_path_factory: Any) -> Iterator[World]:
    """The world of a module."""
    context = desk_server(desk_settings(store_urls, tmp_path_factory.mktemp("desk")), analyzer)
    with held(io_loop, context) as (server, admin, viewer):
        yield World(server, admin, viewer)


async def quarantined(world: World, sent: dict[str, Any] | None = None) -> str:
    """A resume that was scored in vain, as its document then is; returns its id."""
    api, stores = Api(world.server.port), world.server.stores
    record = sent or small_resume("set aside", name="甲乙丙")
    answer = await api.call("POST", "/resumes/", json_body=record, headers=INGEST)
    (resume_id,) = answer["ids"]

    async def is_scored() -> bool:
        return not (await stores.resumes.states([resume_id]))[resume_id].pending

    await eventually(is_scored, what="the scoring")
    failed = {"reason": "ValueError in x", "at": datetime.now(UTC)}
    change = {"$set": {"set_aside": True, "quarantine": failed}, "$unset": {"pending": ""}}
    await stores._database.resumes.update_one({"_id": ObjectId(resume_id)}, change)
    return str(resume_id)
