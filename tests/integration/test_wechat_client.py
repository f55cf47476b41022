"""The client of WeChat against a double of it: deadlines, repeats, secrets, messages, shared tokens."""

import asyncio
import logging
import time
from datetime import timedelta

import msgspec
import pytest
from click.testing import CliRunner

from commands.wechat import wechat as command
from config.wechat import wechat_settings
from runtime.metrics import Metrics
from store.accounts.app_tokens import AppTokenDocuments
from store.jobs.kinds import KINDS, Rule
from store.mongo import time_of
from tests.integration.gates import Gate
from tests.support import eventually
from wechat import http as http_module
from wechat import tokens as tokens_module
from wechat.apps import WechatApps
from wechat.errors import AnswerLost, CodeRefused, Misconfigured, Refused, Unavailable
from wechat.wechat import Wechat

STABLE, GET, SEND = "/cgi-bin/stable_token", "/cgi-bin/gettoken", "/cgi-bin/message/subscribe/send"
VALUES = {"thing1": "Python开发", "number2": "3", "number3": "88"}
ROBOT = "693a91f6-7aaa-4bc4-97a0-0ec2efa5aaab"


class Namespace:
    def __init__(self, values):
        self.__dict__.update(values)


@pytest.fixture
def unhurried(monkeypatch):
    """A lease as long as whoever renews a token may take on a busy machine."""
    monkeypatch.setitem(KINDS, "app_token", Rule(timedelta(minutes=1)))


@pytest.fixture
def open_client(wechat, stores, io_loop, unhurried):
    """Makes the client of one more process."""
    made = []

    def make(**changes):
        apps = msgspec.convert(wechat_settings(Namespace(wechat.settings() | changes)), WechatApps)
        client = Wechat(apps, AppTokenDocuments(stores._database, stores.jobs), Metrics())
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


async def send(client, openid="somebody"):
    await client.mini.send(openid, "template-mini-01", VALUES, "pages/feeds/feeds")


async def test_calls_are_counted_by_what_they_came_to(wechat, open_client):
    client, code = open_client(), wechat.code("o1")
    await client.identity_of("mini", code)
    for false in (code, "never made", wechat.code("")):
        with pytest.raises(CodeRefused):
            await client.identity_of("mini", false)
    counts = [
        client._http._calls.labels("jscode2session", one)._value.get() for one in ("ok", "40163", "40029")
    ]
    assert counts == [1, 1, 2]


async def test_garbage_is_unavailable(wechat, open_client):
    client = open_client()
    garbage = [
        b"", b"<html>502</html>", b"[]", b"null", b'{"openid":', b'{"openid":5}', b'{"errcode":"x"}', b"{}",
        b'{"openid":""}', b"\xff\xfe", b'{"openid":"a\\u0000b"}', b"[" * 100_000, b"x" * 300_000,
    ]  # fmt: skip
    for wechat.says in garbage:
        with pytest.raises(Unavailable):
            await client.identity_of("mini", wechat.code("o1"))
    assert len(wechat.calls) == len(garbage)


async def test_a_redirect_is_not_followed_and_an_error_of_http_is_no_answer(wechat, open_client):
    elsewhere = f"/connect/oauth2/authorize?redirect_uri={wechat.url}/sns/jscode2session&state=y&x="
    client = open_client(wechat_api_url=wechat.url + elsewhere)
    with pytest.raises(Unavailable):
        await client.identity_of("mini", wechat.code("o1"))
    assert [path for path, _, _ in wechat.calls] == ["/connect/oauth2/authorize"]
    wechat.http, wechat.says = 500, b'{"openid":"o1"}'
    with pytest.raises(Unavailable):
        await open_client().identity_of("mini", wechat.code("o1"))


async def test_a_token_is_asked_for_again_where_wechat_is_busy_and_a_message_is_not(wechat, open_client):
    client = open_client()
    wechat.consents["somebody"] = 5
    wechat.refuses[STABLE] = [-1, -1]
    await send(client)
    assert wechat.count(STABLE) == 3
    wechat.refuses[SEND] = [-1]
    with pytest.raises(Unavailable):
        await send(client)
    assert wechat.count(SEND) == 2
    assert len(wechat.inbox) == 1


async def test_secrets_are_in_no_error_and_no_log(wechat, open_client, caplog):
    caplog.set_level(logging.DEBUG)
    secrets = [*wechat.secrets.values(), ROBOT]
    wrong = open_client(wechat_mini_secret="another-secret-0123456789")
    told = []
    wechat.robots.clear()
    for client, work in (
        (wrong, lambda c: c.identity_of("mini", wechat.code("o1"))),
        (wrong, send),
        (open_client(), lambda c: c.robots.send(ROBOT, "x")),
        (open_client(wechat_api_url="http://127.0.0.1:1"), lambda c: c.identity_of("mp", "code")),
        (open_client(wecom_api_url="http://nowhere.invalid"), lambda c: c.identity_of("wecom", "code")),
    ):
        try:
            await work(client)
        except (Unavailable, Refused) as error:
            told.append(f"{error!r} {error} {error.__cause__} {error.__suppress_context__}")
    assert len(told) == 5
    said = "\n".join([*told, *(f"{line.getMessage()} {line.__dict__}" for line in caplog.records)])
    assert [secret for secret in [*secrets, "another-secret"] if secret in said] == []


async def test_messages_are_taken_or_refused_for_good(wechat, open_client):
    client = open_client()
    card = {"title": "3 份新简历", "description": "Python开发", "url": "https://example.com/#/feeds/1"}
    wechat.consents.update({"somebody": 1, "other": 1})
    wechat.robots.add(ROBOT)
    await send(client)
    await client.mp.send("other", "template-mp-0001", VALUES, "https://example.com/#/")
    await client.wecom.send("zhangsan", **card)
    await client.robots.send(ROBOT, "**3 份新简历**")
    assert [who for who, _ in wechat.inbox] == ["somebody", "other", "zhangsan", "robot"]
    assert wechat.inbox[2][1]["url"] == card["url"]
    for errcode, work in (
        (43101, lambda: send(client)),
        (40003, lambda: send(client, "nobody")),
        (47003, lambda: client.mini.send("somebody", "template-mini-01", {"thing1": "x"}, "")),
        (81013, lambda: client.wecom.send("lisi", **card)),
        (93000, lambda: client.robots.send(ROBOT.replace("a", "b"), "x")),
    ):
        with pytest.raises(Refused) as refused:
            await work()
        assert (refused.value.errcode, refused.value.is_for_good) == (errcode, True)
    wechat.quota["/cgi-bin/webhook/send"] = 0
    with pytest.raises(Unavailable):
        await client.robots.send(ROBOT, "x")


async def test_a_message_may_be_answered_late_and_one_without_an_answer_may_have_come(
    wechat, open_client, monkeypatch
):
    client = open_client()
    wechat.consents["somebody"] = 5
    await send(client)
    monkeypatch.setattr(http_module, "CALL_S", 0.1)  # of anything else
    wechat.answers_after_s = 0.5
    await send(client)
    assert len(wechat.inbox) == 2
    monkeypatch.setattr(http_module, "MESSAGE_S", 0.1)
    for _ in range(2):
        with pytest.raises(AnswerLost):
            await send(client)
        wechat.http, wechat.says = 504, b"<html>"
        monkeypatch.setattr(http_module, "MESSAGE_S", 20.0)


async def test_what_wechat_did_not_get_or_refused_has_not_come(wechat, open_client, monkeypatch):
    clients = [open_client(wecom_api_url=url) for url in ("http://127.0.0.1:1", "http://nowhere.invalid")]
    wechat.http, wechat.says = 502, b"<html>"
    for client in (*clients, open_client()):
        with pytest.raises(Unavailable) as error:
            await client.robots.send(ROBOT, "x")
        assert not isinstance(error.value, AnswerLost)
    wechat.stalls = True
    monkeypatch.setattr(http_module, "CALL_S", 0.1)
    with pytest.raises(Unavailable) as error:
        await send(open_client())  # it has no token
    assert not isinstance(error.value, AnswerLost)


async def test_processes_ask_for_one_token_together_and_never_two_at_once(wechat, open_client):
    wechat.consents["somebody"] = 1000
    wechat.answers_after_s = 0.1
    clients = [open_client() for _ in range(4)]
    await asyncio.gather(*(send(client) for client in clients for _ in range(5)))
    assert wechat.count(STABLE) == 1
    assert wechat.count(SEND) == 20


async def test_a_token_that_is_refused_is_read_anew_before_it_is_asked_for_anew(wechat, open_client):
    wechat.consents["somebody"] = 1000
    first, second = open_client(), open_client()
    await send(first)
    await send(second)
    assert wechat.count(STABLE) == 1
    wechat.end_token(wechat.MINI)
    await send(first)  # 40001: asked for anew
    assert wechat.count(STABLE) == 2
    await send(second)  # 40001: the other has got it
    assert wechat.count(STABLE) == 2
    assert wechat.count(SEND) == 6


async def test_many_that_are_refused_at_once_are_one_renewal(wechat, open_client):
    wechat.consents["somebody"] = 1000
    clients = [open_client() for _ in range(3)]
    wechat.answers_after_s = 0.05
    for errcode in (40001, 40014, 42001):
        for client in clients:
            await send(client)
        wechat.end_token(wechat.MINI)
        wechat.refuses[SEND] = [errcode] * 6
        most, before = 0, wechat.count(STABLE)
        sending = asyncio.gather(*(send(client) for client in clients for _ in range(2)))
        while not sending.done():
            most = max(most, wechat.renewing)
            await asyncio.sleep(0.005)
        await sending
        assert (most, wechat.count(STABLE) - before) == (1, 1)


async def test_a_token_that_wechat_gives_and_refuses_is_forced_and_then_given_up(wechat, open_client):
    wechat.consents["somebody"] = 1000
    client = open_client()
    await send(client)
    wechat.refuses[SEND] = [40001]
    await send(client)  # it gave the same one, so another one was forced
    assert [body["force_refresh"] for path, _, body in wechat.calls if path == STABLE] == [False, False, True]
    wechat.refuses[SEND] = [40001, 40001]
    with pytest.raises(Misconfigured):
        await send(client)


async def test_a_token_is_renewed_early_by_one_while_the_others_go_on(wechat, open_client, monkeypatch):
    wechat.consents["somebody"] = 1000
    wechat.token_s = 400
    monkeypatch.setattr(tokens_module, "EARLY", timedelta(seconds=399))
    clients = [open_client() for _ in range(3)]
    for client in clients:
        await send(client)
    assert wechat.count(STABLE) == 1
    for client in clients:
        known = client.mini._tokens._known
        client.mini._tokens._known = msgspec.structs.replace(known, renew_at=known.renew_at.min.replace(
            tzinfo=known.renew_at.tzinfo
        ))  # fmt: skip
    documents = clients[0].mini._tokens._documents._tokens
    await documents.update_one({}, {"$set": {"renew_at": known.renew_at.replace(year=2000)}})
    renewals = [Gate(client.mini._tokens._documents, "save") for client in clients]
    sending = [asyncio.create_task(send(client)) for client in clients]

    async def two_have_sent():
        is_renewed = any(one.reached.is_set() for one in renewals)
        return is_renewed and sum(task.done() for task in sending) == 2

    await eventually(two_have_sent, what="two with the old token")
    (renewal,) = (one for one in renewals if one.reached.is_set())
    renewal.open()
    await asyncio.gather(*sending)
    assert wechat.count(STABLE) == 2


async def test_a_process_that_died_while_it_renewed_holds_the_others_up_for_its_lease(
    wechat, open_client, stores
):
    wechat.consents["somebody"] = 1000
    documents, key = stores.app_tokens, f"mini:{wechat.MINI}"
    began = time.monotonic()
    ends = await time_of(stores._database) + timedelta(seconds=0.5)
    died = {"kind": "app_token", "key": key, "attempts": 1, "holder": "a process that died", "lease": ends}
    await stores._database.jobs.insert_one({"_id": f"app_token:{key}", **died})
    await send(open_client())
    assert 0.3 < time.monotonic() - began < 40
    # Whoever comes back late changes nothing.
    found = await documents.find(key)
    for seen in (None, msgspec.structs.replace(found, token="older")):
        await documents.save(key, msgspec.structs.replace(found, token="old"), seen)
    assert await documents.find(key) == found


async def test_wecoms_members_are_known_by_a_token_in_common_that_is_renewed_within_a_login(
    wechat, open_client
):
    client = open_client()
    assert (await client.identity_of("wecom", wechat.code(userid="zhangsan"))).openid == "zhangsan"
    wechat.end_token(wechat.CORP)
    assert (await client.identity_of("wecom", wechat.code(userid="zhangsan"))).openid == "zhangsan"
    assert wechat.count(GET) == 2


async def test_whoever_gives_up_a_renewal_leaves_it_to_the_next(wechat, open_client):
    wechat.consents["somebody"] = 1000
    client = open_client()
    wechat.stalls = True
    task = asyncio.create_task(send(client))
    await eventually(lambda: wechat.count(STABLE), what="the renewal")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    wechat.stalls = False
    await send(client)
    assert len(wechat.inbox) == 1


async def test_the_command_names_what_is_wrong_in_plain_words(wechat):
    async def check(**changes):
        """The command's status and lines, without stores and beside the double's loop."""
        settings = Namespace(wechat.settings() | changes)
        ran = await asyncio.to_thread(CliRunner().invoke, command, ["check"], obj=settings)
        lines = dict(line.split(": ", 1) for line in ran.output.strip().splitlines())
        assert not [secret for secret in wechat.secrets.values() if secret in ran.output]
        return ran.exit_code, {name.split()[0]: said for name, said in lines.items()}

    names = ("wechat_mini_appid", "wechat_mp_appid", "wecom_corpid")
    assert await check() == (0, dict.fromkeys(names, "ok"))
    assert wechat.count(STABLE) == 2
    assert not [body for path, _, body in wechat.calls if path == STABLE and body["force_refresh"]]
    for changes, name, words in (
        (
            {"wechat_mini_secret": "another-secret-0123456789"},
            names[0],
            ("secret is wrong", "wechat_mini_secret"),
        ),
        ({"wechat_mp_appid": "wxunknown0000001"}, names[1], ("no such app", "wechat_mp_appid")),
        ({"wecom_secret": "another-secret-0123456789"}, names[2], ("secret is wrong", "wecom_secret")),
        ({"wecom_agentid": 7}, names[2], ("no such agent", "wecom_agentid")),
        ({"wecom_api_url": "http://127.0.0.1:1"}, names[2], ("no answer", "wecom_api_url")),
    ):
        status, said = await check(**changes)
        assert status == 1
        assert all(word in said[name] for word in words), said
        assert {word for other, word in said.items() if other != name} == {"ok"}
    for errcode, words in ((40164, "IP白名单"), (45009, "used up"), (99999, "refused (errcode 99999")):
        wechat.refuses[STABLE] = [errcode]
        status, said = await check()
        assert (status, words in said[names[0]], said[names[1]]) == (1, True, "ok")
    wechat.says = b"<html>"
    assert "not WeChat's" in (await check())[1][names[0]]
    none = {name: None for name in wechat.settings() if "url" not in name}
    assert (await check(**none))[0] == 1


def test_a_call_takes_less_than_a_request_has(in_time):
    assert http_module.CALL_S < 2.3
    assert KINDS["app_token"].lease.total_seconds() > tokens_module._RENEW_S
