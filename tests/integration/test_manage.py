"""Operator commands beside a running server and without one."""

import json
from datetime import UTC, datetime

import pytest

from store.ids import resume_id
from tests.integration.processes import check_stores, manage
from tests.support import PASSWORD, PYTHON_FEED, WANG, Api, Hr, python_resume


@pytest.mark.long
async def test_commands_work_beside_a_running_server(start):
    process = await start(require_activation="true").ready()
    data_dir = process.data_dir
    made = manage(data_dir, "create-user", "Boss@example.com", "--company", "公司", "--quota", "7", "--vip")
    assert made.returncode == 0, made.stderr
    password = made.stdout.decode().split("password ")[1].strip()
    api = Api(process.port)
    login = await api.call("POST", "/hr/login/", form={"username": "boss@example.com", "password": password})
    hr = Hr.logged_in(process.port, "", login["auth_info"])
    feed_id = await hr.submit(**PYTHON_FEED)
    page = await hr.read("/special_feed/page/")
    assert page["data"]["vip_user"] is True
    assert page["data"]["all_feed"][0]["feed"]["feed_type"] == 2

    twice = manage(data_dir, "create-user", "boss@example.com", "--company", "公司")
    assert twice.returncode == 1
    assert b"has an account already" in twice.stderr

    good, bad = python_resume(), python_resume(age="x")
    lines = "\n".join(json.dumps(resume) for resume in (good, bad, python_resume())).encode()
    imported = manage(data_dir, "import", "-", stdin=lines)
    assert imported.returncode == 1
    assert b"accepted 2, updated 0, duplicate 0, rejected 1" in imported.stdout
    assert b"line 2" in imported.stderr
    await hr.all_scored()
    assert await hr.unread(feed_id) == 2
    file = data_dir.with_suffix(".ndjson")
    file.write_bytes(lines)
    assert b"duplicate 2" in manage(data_dir, "import", str(file)).stdout

    form = {"user_email": "new@example.com", "password": PASSWORD, "company_name": "x", "phone": "12345"}
    registered = await api.call("POST", "/hr/register/", form=form)
    assert registered.status == "ok"
    assert "auth_info" not in registered.json
    credentials = {"username": "new@example.com", "password": PASSWORD}
    assert (await api.call("POST", "/hr/login/", form=credentials)).status == "not_active"
    assert manage(data_dir, "activate", "new@example.com").returncode == 0
    assert (await api.call("POST", "/hr/login/", form=credentials)).status == "ok"
    assert manage(data_dir, "activate", "nobody@example.com").returncode == 1

    await _operators(data_dir, api)
    assert b"reset               0        0        0  -" in manage(data_dir, "jobs").stdout
    assert manage(data_dir, "jobs", "--retry", "reset:nobody").returncode == 1
    stats = manage(data_dir, "stats").stdout.decode()
    assert "accounts             2" in stats
    assert "resumes              2" in stats
    assert "live feeds           1" in stats
    rescored = manage(data_dir, "rescore", "--feed", feed_id)
    assert rescored.returncode == 0, rescored.stderr
    await hr.calced(feed_id)
    assert await hr.unread(feed_id) == 2
    assert manage(data_dir, "rescore", "--feed", "0" * 24).returncode == 1
    check_stores(data_dir)


async def _operators(data_dir, api):
    """Operators of the desk: made, changed, shut out, and told apart from accounts."""

    async def sign_in(password):
        body = {"email": "ops@example.com", "password": password}
        return await api.call("POST", "/admin/api/login/", json_body=body)

    made = manage(data_dir, "operator", "Ops@example.com", "--role", "viewer")
    assert made.returncode == 0, made.stderr
    password = made.stdout.decode().split("password ")[1].strip()
    assert (await sign_in(password))["role"] == "viewer"
    changed = manage(
        data_dir, "operator", "ops@example.com", "--role", "admin", "--password-from-stdin",
        stdin=b"another good one\n",
    )  # fmt: skip
    assert changed.returncode == 0, changed.stderr
    assert (await sign_in(password)).status == "form_error"
    assert (await sign_in("another good one"))["role"] == "admin"
    assert manage(data_dir, "operator", "ops@example.com", "--disable").returncode == 0
    assert (await sign_in("another good one")).status == "not_active"
    assert b"ops@example.com  disabled" in manage(data_dir, "operator", "--list").stdout


async def test_check_finds_what_is_broken(server, hr, settings):
    await hr.submit(**PYTHON_FEED)
    resume = python_resume()
    await hr.scored(resume)
    stores = server.stores
    assert [line async for line in stores.invariants.broken()] == []
    database = stores._database
    id_ = resume_id(resume["source"], resume["source_id"])
    for collection, change, told in (
        ("results", {"$inc": {"score": 1}}, "do not add up"),
        ("results", {"$set": {"day": 20200101}}, "another day"),
        ("feeds", {"$set": {"rev": 0}}, "does not fit its feed"),
    ):
        before = await database[collection].find_one({})
        await database[collection].update_one({}, change)
        lines = [line async for line in stores.invariants.broken()]
        assert any(told in line for line in lines), told
        await database[collection].replace_one({"_id": before["_id"]}, before)
    await database.contacts.delete_many({})
    assert [line async for line in stores.invariants.broken()] == [f"resume {id_} has no contact"]
    await database.resumes.delete_many({})
    lines = [line async for line in stores.invariants.broken()]
    assert any(line.startswith("result ") and line.endswith("has no resume") for line in lines)


async def test_jobs_that_were_given_up_are_listed_and_done_again(server, settings):
    url = {"mongo_url": settings.mongo_url, "mongo_db": settings.mongo_db, "redis_url": settings.redis_url}
    given_up = {"_id": "reset:a", "kind": "reset", "key": "a", "attempts": 4, "error": "SmtpError 451"}
    await server.stores.jobs._jobs.insert_one({**given_up, "failed_at": datetime.now(UTC)})

    def told(*words):
        return manage(settings.data_dir, "jobs", *words, **url).stdout.decode()

    assert told("--kind", "reset") == "reset:a  failed  -  tries 4  SmtpError 451\n"
    assert "reset               0        0        1  -                    SmtpError 451\n" in told()
    assert told("--retry", "reset:a") == "reset:a is due\n"


@pytest.mark.long
def test_commands_work_without_a_server(tmp_path):
    data_dir = tmp_path / "data"
    made = manage(data_dir, "create-user", "a@example.com", "--company", "x")
    assert made.returncode == 0
    # Whoever meant the MongoDB of the servers, and did not name it, would look for people in an empty one.
    assert b"no mongo_url is set" in made.stderr
    stats = manage(data_dir, "stats")
    assert "accounts             1" in stats.stdout.decode()
    assert stats.stderr == b""


@pytest.mark.long
async def test_a_command_with_another_secret_key_says_so_and_erases_nobody(start):
    """Whoever is erased with it is not refused when sent again, and is not found any more either."""
    process = await start().ready()
    data_dir, api = process.data_dir, Api(process.port)
    await api.scored(python_resume(**WANG))
    person, other = ("person", "--phone", WANG["phone"]), {"secret_key": "another-secret-key-0123"}
    found = manage(data_dir, *person, **other)
    assert found.returncode == 0
    assert b"secret_key is not that of the servers" in found.stderr
    for words in ((*person, "--erase"), ("lift", "--phone", WANG["phone"])):
        refused = manage(data_dir, *words, **other)
        assert refused.returncode == 1
        assert b"secret_key is not that of the servers" in refused.stderr
    erased = manage(data_dir, *person, "--erase")
    assert (erased.returncode, erased.stderr) == (0, b"")
    assert (await api.ingest(python_resume(**WANG)))["rejected"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["create-user", "nobody", "--company", "x"], b"EMAIL"),
        (["create-user", "a@example.com", "--company", "x", "--password", "short"], b"--password"),
        (["rescore", "--feed", "x"], b"24 hex digits"),
        (["import", "/no/such/file"], b"No such file"),
        (["--port", "x", "stats"], b"--port"),
    ],
)
def test_wrong_words_are_told_with_status_2(tmp_path, words, told):
    outcome = manage(tmp_path / "data", *words)
    assert outcome.returncode == 2
    assert told in outcome.stderr
    assert b"Traceback" not in outcome.stderr


def test_a_store_that_is_away_is_one_line(tmp_path):
    outcome = manage(tmp_path, "stats", mongo_url="mongodb://127.0.0.1:1", redis_url="redis://127.0.0.1:1")
    assert outcome.returncode == 1
    assert b"MongoDB does not answer" in outcome.stderr
    assert b"Traceback" not in outcome.stderr
