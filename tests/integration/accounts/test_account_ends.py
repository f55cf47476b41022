"""What ends sessions ends them in every process, whatever is lost; a deleted account leaves nothing."""

import asyncio
from datetime import UTC, datetime, timedelta

import bson
import pytest
from bson import ObjectId

from handlers.live import hub as hub_module
from store.errors import NotFound
from store.jobs.runner import Runner, Work
from store.stores import Stores
from tests.integration.gates import Killed, Trap
from tests.integration.processes import check_stores, manage
from tests.integration.sweeps import swept
from tests.support import PASSWORD, PYTHON_FEED, Api, Hr, eventually, python_resume


async def login(api, email, password=PASSWORD):
    return await api.post("/hr/login/", {"username": email, "password": password})


async def is_ended(hr):
    return (await hr.get("/special_feed/page/")).http == 401


@pytest.mark.faults
async def test_commands_end_sessions_of_two_servers_of_which_one_hears_nothing(start):
    first = await start().ready()
    deaf = await start(redis_url="redis://127.0.0.1:1").ready()
    data_dir = first.data_dir
    hr = await Hr.register(first.port)
    bystander = await Hr.register(first.port)
    kept = await bystander.live()

    async def everywhere():
        """A session in each process, with its socket."""
        mine = [
            Hr.logged_in(port, hr.email, (await login(Api(port), hr.email))["auth_info"])
            for port in (first.port, deaf.port)
        ]
        return mine, [await one.live() for one in mine]

    async def are_ended(mine, sockets):
        assert [await socket.closed() for socket in sockets] == [4401, 4401]
        assert [await is_ended(one) for one in mine] == [True, True]

    ended = await everywhere()
    shown = manage(data_dir, "sessions", hr.email.upper()).stdout.decode().splitlines()
    assert len(shown) == 3
    assert all(len(line.split()[0]) == 24 for line in shown)
    assert manage(data_dir, "disable", hr.email).returncode == 0
    await are_ended(*ended)
    assert (await login(Api(deaf.port), hr.email)).status == "not_active"
    assert (await login(Api(deaf.port), hr.email, "wrong wrong")).status == "form_error"
    assert manage(data_dir, "activate", hr.email).returncode == 0
    assert (await login(Api(first.port), hr.email)).status == "not_active"
    assert manage(data_dir, "enable", hr.email).returncode == 0
    assert await is_ended(ended[0][0])

    ended = await everywhere()
    assert manage(data_dir, "revoke", hr.email).stdout == f"ended 2 sessions of {hr.email}\n".encode()
    await are_ended(*ended)

    ended = await everywhere()
    for password in (b"short\n", b"password1\n", b"\xff" * 9, hr.email.encode()):
        refused = manage(data_dir, "set-password", hr.email, stdin=password)
        assert refused.returncode == 1
        assert b"Traceback" not in refused.stderr
    assert manage(data_dir, "set-password", hr.email, stdin="好密码好密码好密码\n".encode()).returncode == 0
    await are_ended(*ended)
    assert (await login(Api(first.port), hr.email)).status == "form_error"
    assert (await login(Api(first.port), hr.email, "好密码好密码好密码")).status == "ok"

    assert manage(data_dir, "delete-account", hr.email).returncode == 0
    assert (await login(Api(first.port), hr.email, "好密码好密码好密码")).status == "form_error"
    for command in ("disable", "enable", "sessions", "revoke", "delete-account"):
        outcome = manage(data_dir, command, hr.email)
        assert (outcome.returncode, b"has no account" in outcome.stderr) == (1, True)
    assert manage(data_dir, "set-password", hr.email, stdin=b"another good one").returncode == 1
    await kept.say({"type": "ping"})
    await kept.until("pong")
    check_stores(data_dir)


async def test_where_the_event_is_lost_the_note_ends_the_sockets(server, hr, monkeypatch):
    monkeypatch.setattr(hub_module, "_CHECK_EVERY_S", 3600.0)
    other = Hr.logged_in(hr.port, hr.email, (await login(Api(hr.port), hr.email))["auth_info"])
    mine, theirs = await hr.live(), await other.live()

    async def lost(*_):
        pass

    monkeypatch.setattr(server.stores.events, "publish", lost)
    assert (await hr.post("/hr/sessions/revoke/", {"all": 1})).status == "ok"
    assert await theirs.closed() == 4401
    await mine.say({"type": "ping"})
    await mine.until("pong")


async def test_a_process_that_is_killed_between_the_note_and_the_end_is_no_harm(server, hr):
    with pytest.raises(Killed):
        async with server.stores.revocations.of(hr.user):
            raise Killed
    assert not await is_ended(hr)
    socket = await hr.live()
    async with server.stores.revocations.of(hr.user):
        await server.stores.sessions.end_all(hr.user)
    assert await socket.closed() == 4401


@pytest.fixture
def scene(hr, other_hr, io_loop):
    """An account with everything that an account can have, and another with the same person in its list."""

    async def fill():
        feeds = [
            await hr.submit(**PYTHON_FEED),
            await hr.submit(**(PYTHON_FEED | {"job_desc": "秘密项目代号"})),
        ]
        theirs = await other_hr.submit(**PYTHON_FEED)
        ids = await hr.scored(*(python_resume() for _ in range(3)))
        for one, feed in ((hr, feeds[0]), (other_hr, theirs)):
            await one.post(f"/resumes/add_watch/{ids[0]}", feed_id=feed)
            await one.unlock(feed, ids[0])
            body = {"feed_id": feed, "mark_name": "已面试", "good_result": True}
            await one.post(f"/resumes/mark/{ids[0]}", body)
            await one.post(f"/resumes/comment/{ids[0]}", {"content": "备注说她很好"})
        await hr.get("/feed/modify_feed_result", feed_id=feeds[0], resume_id=ids[1], reco_index=-150)
        await hr.post("/hr/profile/", {"user_industry": "秘密行业", "phone": "010-99887766"})
        return feeds, theirs, ids

    return io_loop.run_sync(fill, timeout=120)


async def traces(server, hr, feeds):
    """Where anything of the account is stored, but for the audit and what says that its sessions end."""
    needles = [hr.email.encode(), "秘密".encode(), b"010-99887766", ObjectId(hr.user).binary]
    needles += [ObjectId(feed).binary for feed in feeds]
    found = set()
    database = server.stores._database
    for name in await database.list_collection_names():
        async for document in database[name].find({}):
            if any(needle in bson.encode(document) for needle in needles):
                found.add(name)
    return found - {"audit", "revocations"}


async def is_clean(server, hr, feeds):
    """Nothing is left but feeds that say nothing except that they are deleted."""
    left = await server.stores._database.feeds.find({"company": ObjectId(hr.user)}).to_list(None)
    assert all((feed["deleted"], feed["form"]) == (True, {"title": ""}) for feed in left)
    return await traces(server, hr, feeds) <= {"feeds"}


async def test_a_deleted_account_leaves_nothing_and_others_keep_theirs(server, hr, other_hr, scene):
    feeds, theirs, ids = scene
    socket = await hr.live()
    before = await other_hr.results(theirs)
    await server.stores.deletions.delete(hr.user)
    assert await socket.closed() == 4401
    assert await is_ended(hr)
    with pytest.raises(NotFound):
        await server.stores.accounts.get(hr.user)
    await eventually(lambda: is_clean(server, hr, feeds))
    assert await other_hr.results(theirs) == before
    reads = await server.stores.audit.reads_of(ids[0])
    assert hr.user in {read.user for read in reads}
    assert [line async for line in server.stores.invariants.broken()] == []
    # New resumes reach the others alone, and the address is free.
    await other_hr.scored(python_resume())
    assert len(await other_hr.results(theirs)) == len(before) + 1
    assert await is_clean(server, hr, feeds)
    form = {"user_email": hr.email, "password": PASSWORD, "company_name": "x", "phone": "12345"}
    assert (await Api(hr.port).post("/hr/register/", form)).status == "ok"


@pytest.mark.long
@pytest.mark.parametrize("step", ["_sweep", "_tell", "_delete"])
async def test_a_deletion_that_is_killed_is_finished_by_another_process(server, hr, scene, store_urls, step):
    feeds, *_ = scene
    stores = server.stores
    other = Stores(store_urls["mongo"], stores._database.name, store_urls["redis"])
    trap = Trap(other.deletions, step)
    with pytest.raises(Killed):
        await other.deletions.delete(hr.user)
    trap.take_away()
    await stores._database.jobs.update_many(
        {"lease": {"$exists": True}}, {"$set": {"lease": datetime.now(UTC)}}
    )
    again = asyncio.create_task(Runner(other.jobs, {"deletion": Work(other.deletions.finish)}).run())

    async def done():
        return await stores._database.jobs.count_documents({"kind": "deletion", "key": hr.user}) == 0

    await eventually(done)
    again.cancel()
    await eventually(lambda: is_clean(server, hr, feeds))
    assert await is_ended(hr)
    await other.close()


async def test_what_is_written_late_is_swept_until_ten_minutes_are_over(server, hr, scene, monkeypatch):
    feeds, _, ids = scene
    monkeypatch.setattr("store.ends.deletions._SOON", timedelta(minutes=1))  # not by the server
    stores = server.stores
    await stores.deletions.delete(hr.user)
    results = stores._database.results
    owned = {"feed": ObjectId(feeds[0]), "company": ObjectId(hr.user), "resume": ObjectId(ids[0])}
    for minutes, is_last in ((0, False), (3, False), (10, True)):
        await results.insert_one({"_id": ObjectId(), **owned})
        again = await swept(stores, hr.user, minutes)
        assert await results.count_documents(owned) == 0
        assert (again is None) == is_last


async def test_check_tells_of_a_deletion_that_nobody_finishes(stores):
    user = ObjectId()
    await stores.jobs.ask("deletion", str(user), datetime.now(UTC) - timedelta(minutes=2))
    lines = [line async for line in stores.invariants.broken()]
    assert lines == [f"deletion of {user} is not finished"]
