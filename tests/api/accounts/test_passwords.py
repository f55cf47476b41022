"""A new password: which may be chosen, by the old one, and by a link that comes by mail."""

import asyncio
from dataclasses import replace

import pytest

import store.jobs.runner
from mail.links import Links
from tests.api.scene import log_in_again
from tests.mail_server import link_in
from tests.support import PASSWORD, SECRET, Api, Hr, case, eventually

GOOD = "another good one"


@pytest.fixture
def settings(settings, mail_server, monkeypatch):
    monkeypatch.setattr(store.jobs.runner, "_IDLE_S", 60.0)  # each letter here was sent as it was asked for
    smtp_url = f"smtp://127.0.0.1:{mail_server.port}"
    return replace(settings, smtp_url=smtp_url, public_url="https://talent.example.com/app/")


async def login(api, email, password):
    return (await api.post("/hr/login/", {"username": email, "password": password})).status


async def forget(api, email, **headers):
    return await api.call("POST", "/hr/password/forgot/", form={"username": email}, headers=headers)


async def token_in(mail_server, number=1):
    link = link_in(await mail_server.letter(number))
    base, _, token = link.partition("#reset=")
    assert base == "https://talent.example.com/app/"
    return token


async def reset(api, token, password=GOOD):
    return await api.post(f"/hr/password/reset/{token}/", {"password": password})


def is_open(hr):
    return hr.get("/special_feed/page/")


GUESSED_FIRST = [
    ("short", "密码长度应为 8 到 128 个字符"),
    ("x" * 129, "密码长度应为 8 到 128 个字符"),
    (" " * 9, "密码不能全是空白"),
    ("\u3000\t" * 5, "密码不能全是空白"),
    ("Password1", "这个密码太常见，请换一个"),
    ("QWERTYUIOP", "这个密码太常见，请换一个"),
    ("12345678", "这个密码太常见，请换一个"),
    (" Me@Example.com", "密码不能是邮箱本身"),
]


async def test_a_password_that_is_guessed_first_is_refused_wherever_one_is_set(server, api, hr):
    def refusal(answer):
        return (answer.http, answer.status, answer["errors"])

    form = {"user_email": "me@example.com", "company_name": "x", "phone": "12345"}
    for password, message in GUESSED_FIRST:
        with case(password):
            made = await api.post("/hr/register/", {**form, "password": password})
            assert refusal(made) == (200, "form_error", {"password": [message]})
    mine = (await api.post("/hr/register/", {**form, "password": PASSWORD}))["auth_info"]
    me = Hr.logged_in(api.port, "me@example.com", mine)
    token = Links(SECRET, "").make_reset(me.user, 0).partition("=")[2]
    for password, message in GUESSED_FIRST:
        with case(password):
            changed = await me.post("/hr/password/", {"old_password": PASSWORD, "password": password})
            assert refusal(changed) == (200, "form_error", {"password": [message]})
            answer = await reset(api, token, password)
            assert refusal(answer) == (200, "form_error", {"password": [message]})
            assert await login(api, "me@example.com", PASSWORD) == "ok"


async def test_a_change_ends_all_other_sessions_and_their_sockets_and_keeps_this_one(api, hr):
    others = [await log_in_again(hr) for _ in range(2)]
    mine, theirs = await hr.socket(), [await other.socket() for other in others]
    for socket in (mine, *theirs):
        await socket.until("snapshot")
    answer = await hr.post("/hr/password/", {"old_password": PASSWORD, "password": GOOD})
    assert (answer.http, answer.status, answer["errors"]) == (200, "ok", {})
    assert [await socket.closed() for socket in theirs] == [4401, 4401]
    assert [(await is_open(other)).http for other in others] == [401, 401]
    assert (await is_open(hr)).http == 200
    await mine.say({"type": "ping"})
    await mine.until("pong")
    assert await login(api, hr.email, PASSWORD) == "form_error"
    assert await login(api, hr.email, GOOD) == "ok"
    (first, second) = (await hr.get("/hr/sessions/"))["data"]
    assert {first["current"], second["current"]} == {True, False}


async def test_a_session_holds_at_every_moment_of_its_own_change(hr):
    async def change():
        body = {"old_password": PASSWORD, "password": GOOD}
        assert (await hr.post("/hr/password/", body)).status == "ok"
        body = {"old_password": GOOD, "password": PASSWORD}
        assert (await hr.post("/hr/password/", body)).status == "ok"

    changing = asyncio.create_task(change())
    while not changing.done():
        assert (await is_open(hr)).http == 200
    await changing


async def test_what_is_missing_or_wrong_is_named(api, hr):
    empty = await hr.post("/hr/password/", {})
    assert (empty.http, empty.status) == (200, "form_error")
    assert empty["errors"] == {"old_password": ["必填"], "password": ["密码长度应为 8 到 128 个字符"]}
    form = {"old_password": "wrong wrong", "password": GOOD}
    wrong = await hr.call("POST", "/hr/password/", form=form)
    assert wrong["errors"] == {"old_password": ["原密码错误"]}
    assert (await Api(api.port).post("/hr/password/", form)).http == 401


async def test_a_forgotten_password_is_set_by_the_link_in_a_letter_once(api, hr, mail_server):
    other = await log_in_again(hr)
    socket = await other.live()
    asked = await forget(api, hr.email.upper())
    assert (asked.http, asked.status) == (200, "ok")
    assert "邮件很快会到" in asked["msg"]
    letter = await mail_server.letter()
    assert (letter["To"], letter["Subject"]) == (hr.email, "重置你的 TalentFeed 密码")
    token = await token_in(mail_server)
    answer = await reset(api, token)
    assert (answer.http, answer.status, answer["errors"]) == (200, "ok", {})
    assert await socket.closed() == 4401
    assert [(await is_open(one)).http for one in (hr, other)] == [401, 401]
    assert await login(api, hr.email, PASSWORD) == "form_error"
    assert await login(api, hr.email, GOOD) == "ok"
    again = await reset(api, token, "a third good one")
    assert (again.http, again.status, again["errors"]) == (200, "token_error", {})
    assert await login(api, hr.email, GOOD) == "ok"


async def test_a_link_that_two_use_at_once_is_good_for_one(api, hr, mail_server):
    await forget(api, hr.email)
    token = await token_in(mail_server)
    answers = await asyncio.gather(*(reset(api, token, f"{GOOD} {number}") for number in range(4)))
    assert sorted(answer.status for answer in answers) == ["ok", *["token_error"] * 3]


async def test_a_change_uses_up_the_links_that_were_sent_before(api, hr, mail_server):
    await forget(api, hr.email)
    token = await token_in(mail_server)
    assert (await hr.post("/hr/password/", {"old_password": PASSWORD, "password": GOOD})).status == "ok"
    assert (await reset(api, token)).status == "token_error"


async def test_a_link_that_is_old_forged_or_for_something_else_is_a_token_error(server, api, hr):
    now = 1_700_000_000.0
    old = Links(SECRET, "", lambda: now).make_reset(hr.user, 0).partition("=")[2]
    assert Links(SECRET, "", lambda: now + 29 * 60).read_reset(old).account == hr.user
    assert Links(SECRET, "", lambda: now + 31 * 60).read_reset(old) is None
    links = Links(SECRET, "")
    tokens = (
        old,
        Links("another-secret-key-here", "").make_reset(hr.user, 0).partition("=")[2],
        links.make(hr.user).split("/")[3],
        links.make_reset("0" * 24, 0).partition("=")[2],
        links.make_reset(hr.user, 1).partition("=")[2],
        "x",
        "%ff",
    )
    for token in tokens:
        assert (await reset(api, token)).status == "token_error", token
    await server.stores.accounts.set_disabled(hr.user, disabled=True)
    epoch = (await server.stores.accounts.get(hr.user)).epoch
    token = links.make_reset(hr.user, epoch).partition("=")[2]
    assert (await reset(api, token)).status == "token_error"


async def test_an_account_gets_three_letters_an_hour_and_nobody_learns_whether_there_is_one(
    api, hr, mail_server
):
    answers = [await forget(api, hr.email) for _ in range(5)]
    answers += [await forget(api, "nobody@example.com"), await forget(api, ""), await forget(api, "x" * 999)]
    assert len({answer.body for answer in answers}) == 1
    assert answers[0].status == "ok"
    await api.post("/hr/register/", {
        "user_email": "other@example.com", "password": PASSWORD, "company_name": "x", "phone": "12345",
    })  # fmt: skip
    await forget(api, "other@example.com")

    await eventually(lambda: "other@example.com" in [letter["To"] for letter in mail_server.letters])
    # Asked for while one is due is the same letter, so there may be fewer than three.
    assert 1 <= [letter["To"] for letter in mail_server.letters].count(hr.email) <= 3


@pytest.mark.long
async def test_addresses_that_nobody_has_are_not_counted_one_by_one(server, api, hr):
    counters = server.stores.throttle._local
    await forget(api, hr.email)
    before = len(counters)
    for number in range(20):
        await forget(api, f"nobody{number}@example.com")
    assert len(counters) == before


async def test_the_answer_takes_as_long_for_an_unknown_account(server, api, hr, monkeypatch):
    """The answer waits for a fixed time and for the work, whichever is longer; here the work is nothing."""
    waits = []
    sleep = asyncio.sleep

    async def noted(seconds):
        waits.append(seconds)
        await sleep(0)

    monkeypatch.setattr("handlers.accounts.asked_letters.asyncio.sleep", noted)
    for email in (hr.email, "nobody@example.com"):
        waits.clear()
        assert (await forget(api, email)).status == "ok"
        assert 0.3 in waits


async def test_a_disabled_account_gets_no_letter(server, api, hr, mail_server):
    await server.stores.accounts.set_disabled(hr.user, disabled=True)
    await forget(api, hr.email)

    async def is_over():
        return not await server.stores.jobs.of_kind("reset")

    await eventually(is_over, what="the end of the letter")
    assert mail_server.letters == []


class TestWithoutMailServer:
    @pytest.fixture
    def settings(self, settings):
        return replace(settings, smtp_url=None, public_url=None)

    async def test_the_link_goes_to_the_log_and_leads_to_this_server(self, api, hr, caplog):
        caplog.set_level("INFO")
        await forget(api, hr.email)

        (record,) = await eventually(
            lambda: [record for record in caplog.records if record.getMessage() == "reset link"],
            what="the link in the log",
        )
        base, _, token = record.data["link"].partition("#reset=")
        assert base == f"http://127.0.0.1:{api.port}/"
        assert (await reset(api, token)).status == "ok"


@pytest.mark.settings(register_per_minute=3)
async def test_an_address_asks_for_so_many_letters_as_it_may_register(api):
    codes = [(await forget(api, f"x{number}@example.com")).http for number in range(5)]
    assert codes == [200] * 3 + [429] * 2


async def test_whoever_resets_is_not_held_to_what_others_failed_at_from_there(server, hr):
    for number in range(6):
        await hr.post("/hr/login/", {"username": f"no{number}@example.com", "password": "none of theirs"})
    link = server.services.outbox._links.make_reset(hr.user, 0).partition("=")[2]
    assert (await hr.post(f"/hr/password/reset/{link}/", {"password": "another good one"})).status == "ok"
    answer = await hr.post("/hr/login/", {"username": hr.email, "password": "another good one"})
    assert answer.status == "ok", answer.json
