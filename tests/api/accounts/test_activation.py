"""Register, get a letter, follow its link, log in; and what a link does that is followed in odd ways."""

import time
from dataclasses import replace

import pytest

import store.jobs.runner
from mail.links import Links
from tests.mail_server import link_in, path_of
from tests.support import PASSWORD, Api, eventually

FORM = {
    "user_email": "New.HR@example.com",
    "password": PASSWORD,
    "company_name": "新公司",
    "phone": "13-800 000",
}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def settings(settings, mail_server, monkeypatch):
    monkeypatch.setattr(store.jobs.runner, "_IDLE_S", 60.0)  # each letter here was sent as it was asked for
    return replace(
        settings,
        require_activation=True,
        smtp_url=f"smtp://127.0.0.1:{mail_server.port}",
        public_url="https://talent.example.com/app/",
    )


LETTERS = ("activation", "invitation", "reset", "registered")


async def register(api, **changes):
    return await api.call("POST", "/hr/register/", form=FORM | changes)


async def login(api, username=FORM["user_email"], password=PASSWORD):
    return await api.call("POST", "/hr/login/", form={"username": username, "password": password})


async def sent(server, mail_server, number=1):
    """Wait for a letter, and until it is noted that it was sent.

    Until then it is due, and another one that is asked for is this one.
    """
    letter = await mail_server.letter(number)

    async def is_noted():
        return not [row for kind in LETTERS for row in await server.stores.jobs.of_kind(kind)]

    await eventually(is_noted, what="the end of the sending")
    return letter


async def link_path(mail_server, number=1):
    """The path of the link in a letter, as a proxy in front of this server would pass it on."""
    path = path_of(link_in(await mail_server.letter(number)))
    assert path.startswith("/app/hr/activate/")
    return path.removeprefix("/app")


async def test_a_registration_is_activated_by_the_link_in_its_letter(api, mail_server):
    registered = await register(api)
    assert (registered.http, registered.status) == (200, "ok")
    assert registered["msg"] == "请查收邮件，按邮件完成注册"
    assert registered["username"] == "new.hr@example.com"
    assert not registered.json.get("auth_info")
    letter = await mail_server.letter()
    assert letter["To"] == "new.hr@example.com"
    assert link_in(letter).startswith("https://talent.example.com/app/hr/activate/")
    path = await link_path(mail_server)
    for spelling in (path, path.rstrip("/")):  # the button may be pressed again
        followed = await api.post(spelling)
        assert (followed.http, followed.json) == (200, {"status": "ok", "msg": "账号已激活，请登录"})
    assert (await login(api)).status == "ok"


async def test_whoever_follows_the_link_alone_activates_nothing(api, mail_server):
    await register(api)
    path = await link_path(mail_server)
    for headers in (
        {},
        {"Accept": "application/json"},
        BROWSER,
        {"Sec-Purpose": "prefetch;prerender"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    ):
        answer = await api.call("GET", path, headers=headers)
        assert (answer.http, answer.headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
        page = answer.body.decode()
        assert page.count("<button") == page.count('<form method="post">') == 1
    assert (await api.call("HEAD", path)).http == 200
    assert (await login(api)).status == "not_active"


async def test_before_activation_a_login_says_so_and_sends_the_letter_again_three_times_an_hour(
    api, server, mail_server
):
    await register(api)
    await sent(server, mail_server)
    assert (await login(api, password="wrong wrong")).status == "form_error"
    for number in range(2, 5):
        answer = await login(api)
        assert (answer.http, answer.status) == (200, "not_active")
        assert answer["msg"] == "账号尚未激活，激活邮件已重新发送，请查收"
        assert not answer["auth_info"]
        await sent(server, mail_server, number)
    for _ in range(2):
        answer = await login(api)
        assert (answer.status, answer["msg"]) == ("not_active", "账号尚未激活，请查收激活邮件")
    await register(api, user_email="other@example.com")
    await mail_server.letter(5)
    assert [letter["To"] for letter in mail_server.letters] == ["new.hr@example.com"] * 4 + [
        "other@example.com"
    ]
    for number in (1, 4):  # every letter's link holds
        assert (await api.post(await link_path(mail_server, number))).status == "ok"
    assert (await login(api)).status == "ok"


@pytest.mark.long
async def test_the_letter_is_sent_again_on_request_and_nobody_learns_who_waits_for_one(
    api, server, mail_server
):
    await register(api)
    await sent(server, mail_server)
    active = await server.stores.accounts.create(
        email="active@example.com", password_hash="x", company_name="x", phone="12345"
    )

    async def ask(email):
        began = time.monotonic()
        answer = await api.call("POST", "/hr/activate/resend/", form={"username": email})
        assert time.monotonic() - began >= 0.3
        return answer.http, answer.body

    # With what a login sends these are three an hour.
    assert (await login(api))["awaits_activation"] is True
    await sent(server, mail_server, 2)
    told = {
        await ask(email) for email in ("nobody@example.com", " NEW.hr@Example.com", active.email, "", "x")
    }
    assert len(told) == 1
    await sent(server, mail_server, 3)
    for _ in range(3):
        told.add(await ask(FORM["user_email"]))
    assert len(told) == 1
    assert told.pop()[0] == 200
    await mail_server.letter(4)
    await register(api, user_email="other@example.com")
    assert (await mail_server.letter(5))["To"] == "other@example.com"
    # Whom an operator has shut gets none, and is told to ask the operator.
    (waiting,) = [await server.stores.accounts.find_by_email("other@example.com")]
    await server.stores.accounts.set_disabled(waiting.id, disabled=True)
    shut = await login(api, "other@example.com")
    assert (shut.status, "awaits_activation" in shut.json) == ("not_active", False)
    await ask("other@example.com")
    await register(api, user_email="third@example.com")
    assert (await mail_server.letter(6))["To"] == "third@example.com"


async def test_the_button_may_be_pressed_on_a_page_without_an_origin(api, mail_server):
    """It has no referrer, as its address is a secret. Other sites are held off in `test_ownership.py`."""
    await register(api)
    path = await link_path(mail_server)
    pressed = {**BROWSER, "Origin": "null", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
    assert "账号已激活" in (await api.call("POST", path, headers=pressed)).body.decode()
    assert (await api.call("POST", path, headers={"Origin": "null"})).status == "ok"


async def test_what_is_no_good_link_is_a_token_error_and_shows_no_button(api, server, mail_server, settings):
    await register(api)
    path = await link_path(mail_server)
    expired = Links(settings.secret_key, "http://x", lambda: 1_700_000_000.0).make("0" * 24)
    nobody = Links(settings.secret_key, "http://x").make("0" * 24)
    foreign = Links("another-secret-key-here", "http://x").make("0" * 24)
    for bad in (
        path[:-3] + "/",
        path.replace("Mnwx", "Mnwy"),
        "/hr/activate/x/",
        "/hr/activate/%E9%93%BE%E6%8E%A5",
        "/hr/activate/%ff%00",
        *(path_of(link) for link in (expired, nobody, foreign)),
    ):
        answer = await api.post(bad)
        assert (answer.http, answer.json) == (200, {"status": "token_error", "msg": "链接无效或已过期"}), bad
    assert "<button" not in (await api.get("/hr/activate/x/")).body.decode()
    assert (await login(api)).status == "not_active"


async def test_a_browser_gets_a_page_that_loads_nothing_and_leads_to_the_login(api, mail_server):
    await register(api, user_email="a+b&c@example.com")
    path = await link_path(mail_server)
    shown = await api.call("GET", path, headers=BROWSER)
    good = await api.call("POST", path, headers=BROWSER)
    bad = await api.call("POST", "/hr/activate/x/", headers=BROWSER)
    for answer, text in ((shown, "激活 TalentFeed 账号"), (good, "账号已激活"), (bad, "链接无效或已过期")):
        assert answer.http == 200
        assert answer.headers["Content-Type"] == "text/html; charset=UTF-8"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none';")
        assert answer.headers["Cache-Control"] == "no-store"
        page = answer.body.decode()
        assert f"<h1>{text}</h1>" in page
        assert "<script" not in page
        assert "src=" not in page
    # The address stands where no server sees it.
    assert 'href="/#/login?email=a%2Bb%26c%40example.com"' in good.body.decode()
    refused = await api.call("POST", path, headers={**BROWSER, "Sec-Purpose": "prefetch"})
    assert (refused.http, refused.headers["Content-Type"]) == (403, "text/html; charset=UTF-8")
    machine = await api.call("POST", path, headers={"Accept": "application/json, text/html"})
    assert machine.headers["Content-Type"].startswith("application/json")


async def test_an_operator_activates_before_the_letter_and_the_link_still_answers_ok(
    api, server, mail_server
):
    mail_server.refuse_rcpt = "450 later"
    registered = await register(api)
    await server.stores.accounts.activate(registered["username"])
    assert (await login(api)).status == "ok"
    account = await server.stores.accounts.find_by_email(registered["username"])
    await server.stores.letters.ask(account.id, "activation")

    async def is_over():
        return not await server.stores.jobs.of_kind("activation")

    await eventually(is_over, what="the end of the letter")
    link = Links(server._settings.secret_key, "http://x").make(account.id)
    assert (await api.post(path_of(link))).status == "ok"
    assert mail_server.letters == []


class TestWithoutMailServer:
    @pytest.fixture
    def settings(self, settings):
        return replace(settings, smtp_url=None, public_url=None)

    async def test_the_link_goes_to_the_log_and_leads_to_this_server(self, api, caplog):
        caplog.set_level("INFO")
        assert (await register(api)).status == "ok"

        (record,) = await eventually(
            lambda: [record for record in caplog.records if record.getMessage() == "activation link"],
            what="the link in the log",
        )
        assert record.data["link"].startswith(f"http://127.0.0.1:{api.port}/hr/activate/")
        assert (await Api(api.port).post(path_of(record.data["link"]))).status == "ok"
        assert (await login(api)).status == "ok"


@pytest.mark.settings(redis_url="redis://127.0.0.1:1")
async def test_without_redis_letters_are_sent_and_sent_again_and_bounded(api, server, mail_server):
    await register(api)
    await sent(server, mail_server)
    for number in range(2, 5):
        assert (await login(api))["msg"] == "账号尚未激活，激活邮件已重新发送，请查收"
        await sent(server, mail_server, number)
    assert (await login(api))["msg"] == "账号尚未激活，请查收激活邮件"


class TestWithoutActivation:
    @pytest.fixture
    def settings(self, settings, monkeypatch):
        monkeypatch.setattr(store.jobs.runner, "_IDLE_S", 0.1)
        return replace(settings, require_activation=False)

    async def test_nobody_gets_a_letter(self, api, server, mail_server):
        assert (await register(api))["auth_info"]
        waiting = await server.stores.accounts.create(
            email="other@example.com", password_hash="x", company_name="x", phone="12345", active=False
        )
        assert (await mail_server.letter())["To"] == waiting.email
