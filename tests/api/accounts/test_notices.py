"""Notices as clients set them and phones get them, against a double of WeChat and a mail server."""

import asyncio
import itertools
import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

import notices.sender
from config.demo.wechat_server import WechatServer
from handlers.accounts.notices import TEST_S
from notices.schedule import SPACING
from tests.api.wechat_scene import current, hr, io_loop, settings_of
from tests.integration.notices.notice_scene import an_hour_later
from tests.loops import held
from tests.mail_server import MailServer, link_in
from tests.support import IN_TIME_S, Hr, eventually, scored_result, serving

__all__ = ["current", "hr", "io_loop"]

PATH = "/hr/notices/"
NUMBERS = itertools.count(1)
AT_ONCE = {"quiet": "00:00-00:00", "digests": "", "at_once_score": 0}
NAME, PHONE = "林晚照", "13900001234"


@pytest.fixture(scope="module")
def world(io_loop, store_urls, analyzer, tmp_path_factory):
    wechat, mail = WechatServer(), MailServer()
    io_loop.run_sync(wechat.start)
    io_loop.run_sync(mail.start)
    settings = settings_of(
        store_urls,
        tmp_path_factory.mktemp("notices"),
        wechat,
        notice_grace_s=0,
        smtp_url=f"smtp://127.0.0.1:{mail.port}",
        public_url="https://talent.example.com",
    )
    patch = pytest.MonkeyPatch()
    patch.setattr(notices.sender, "_LOOK_EVERY_S", 0.05)
    with held(io_loop, serving(settings, analyzer)) as server:
        yield wechat, mail, server
    io_loop.run_sync(wechat.stop)
    io_loop.run_sync(mail.stop)
    patch.undo()


@pytest.fixture
def wechat(world):
    wechat, _, _ = world
    wechat.inbox.clear()
    yield wechat
    wechat.stalls, wechat.says, wechat.http, wechat.refuses = False, None, 200, {}
    wechat.answers_after_s = 0.0


@pytest.fixture
def mail(world):
    _, mail, _ = world
    mail.letters.clear()
    mail.envelopes.clear()
    yield mail
    mail.refuse_rcpt = ""


@pytest.fixture
def server(world):
    return world[2]


async def bind(hr, wechat, app, **who):
    answer = await hr.post("/hr/wechat/bind/", {"app": app, "code": wechat.code(**who)})
    assert answer.status == "ok", answer.json


async def consent(hr, app="mini", accepted=1):
    return await hr.post("/hr/notices/consent/", {"app": app, "accepted": accepted})


async def channels(hr):
    """By kind of channel, whether it is on, its state, and what is left."""
    answer = await hr.get(PATH)
    return {one["kind"]: (one["on"], one["state"], one.get("left")) for one in answer["channels"]}


async def feed_of(hr, title="Python开发工程师"):
    return await hr.submit(title=title, keywords="不存在的词")


async def listed(server, hr, feed, *scores, strong=True):
    """New results of a feed; their resumes.

    Nobody looks at the account meanwhile: a look that goes on may know its wishes and its numbers as they
    were before, and find these results.
    """
    await settled(server, hr)
    resumes = [str(ObjectId()) for _ in scores]
    await server.stores.results.save(
        [
            scored_result(company=hr.user, feed=feed, resume=resume, score=float(score), strong=strong)
            for resume, score in zip(resumes, scores, strict=True)
        ]
    )
    return resumes


async def document(server, hr):
    """What the account wishes and was told, and the job of looking at it."""
    known = await server.stores._database.notices.find_one({"_id": ObjectId(hr.user)}) or {}
    return known | (await server.stores.jobs.find("notice", [hr.user])).get(hr.user, {})


async def came(wechat, mail, number):
    """Wait for so many messages of any kind."""

    await eventually(lambda: len(wechat.inbox) + len(mail.letters) == number, what=f"message {number}")


async def told(server, hr):
    """Wait until the account was told, and is looked at no more before its hour is over."""

    async def check():
        found = await document(server, hr)
        # A result may be marked once more after it was told of.
        due = found.get("due", datetime.max.replace(tzinfo=UTC))
        return "last_sent" in found and "lease" not in found and due > datetime.now(UTC) + SPACING / 2

    await eventually(check, what="a notice")


async def settled(server, hr):
    """Wait until the account's last look is over, whatever it found."""

    async def check():
        counter = await server.stores._database.counters.find_one({"_id": ObjectId(hr.user)}) or {}
        found = await document(server, hr)
        due = found.get("due", datetime.max.replace(tzinfo=UTC))
        return "untold" not in counter and "lease" not in found and due > datetime.now(UTC)

    await eventually(check, what="the end of the looks")


# What clients set.


async def test_a_new_account_has_the_servers_defaults(hr):
    answer = await hr.get(PATH)
    assert (answer.http, answer.status) == (200, "ok")
    assert (answer["quiet"], answer["digests"], answer["at_once_score"]) == (
        "22:00-08:00",
        "09:00,14:00",
        None,
    )
    assert answer["channels"] == [
        {"kind": "wecom", "on": True, "state": "off", "reason": "未绑定企业微信"},
        {"kind": "robot", "on": True, "state": "off", "reason": "未填写群机器人地址"},
        {"kind": "mini", "on": True, "state": "off", "reason": "未绑定微信小程序", "left": 0},
        {"kind": "mp", "on": True, "state": "off", "reason": "未绑定公众号", "left": 0},
        {"kind": "mail", "on": True, "state": "ok", "reason": ""},
    ]


async def test_what_is_left_out_stays_and_forms_are_as_good_as_json(hr):
    answer = await hr.post(PATH, {"quiet": "23:30-07:00", "at_once_score": 80})
    assert (answer["quiet"], answer["digests"], answer["at_once_score"]) == ("23:30-07:00", "09:00,14:00", 80)
    form = {"digests": "18:00，12:00", "channels": json.dumps([{"kind": "mail", "on": False}])}
    answer = await hr.call("POST", PATH, form=form)
    assert (answer["quiet"], answer["digests"], answer["at_once_score"]) == ("23:30-07:00", "12:00,18:00", 80)
    assert (await channels(hr))["mail"] == (False, "off", None)
    answer = await hr.post(PATH, {"at_once_score": None, "digests": ""})
    assert (answer["digests"], answer["at_once_score"]) == ("", None)
    answer = await hr.call("POST", PATH, form={"at_once_score": "66.5"})
    assert answer["at_once_score"] == 66.5
    assert (await hr.call("POST", PATH, form={"at_once_score": ""}))["at_once_score"] is None


async def test_bad_values_are_named_and_nothing_is_changed(hr):
    bad = {
        "quiet": "22-8",
        "digests": "9点",
        "at_once_score": 101,
        "robot_key": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x",
    }
    answer = await hr.post(PATH, bad | {"channels": [{"kind": "mail", "on": False}]})
    assert (answer.http, answer.status, answer["errors"].keys()) == (200, "form_error", bad.keys())
    assert all("请填写" in messages[0] for messages in answer["errors"].values())
    assert (await channels(hr))["mail"] == (True, "ok", None)
    for wrong in ({"channels": [{"kind": "fax", "on": True}]}, {"quiet": 5}, {"at_once_score": [1]}):
        answer = await hr.post(PATH, wrong)
        assert (answer.http, list(answer["errors"])) == (400, list(wrong))
    assert (await hr.post(PATH, {"at_once_score": "nan"})).status == "form_error"


async def test_a_robots_key_is_taken_and_never_given_back(hr, server, wechat, caplog):
    key = str(uuid.uuid4())
    wechat.robots.add(key)
    answer = await hr.post(PATH, {"robot_key": f" {key} "})
    assert (await channels(hr))["robot"] == (True, "ok", None)
    assert (await hr.post("/hr/notices/test/"))["kind"] == "robot"
    assert key not in answer.body.decode() + (await hr.get(PATH)).body.decode()
    wechat.robots.discard(key)
    assert (await hr.post("/hr/notices/test/"))["kind"] == "mail"
    said = "".join(str(record.__dict__) for record in caplog.records if not record.name.startswith("pymongo"))
    assert key not in said + server.services.metrics.text().decode()
    async for row in server.stores._database.audit.find():
        assert key not in str(row)
    await hr.post(PATH, {"robot_key": ""})
    assert (await channels(hr))["robot"][1] == "off"
    await hr.post(PATH, {"robot_key": key})
    await server.stores.deletions.delete(hr.user)
    assert await document(server, hr) == {}


async def test_consents_are_counted_and_bounded(hr, wechat):
    answer = await consent(hr, accepted=10)
    assert (answer.status, answer["left"]) == ("ok", 10)
    for _ in range(5):
        answer = await consent(hr, accepted=10)
    assert answer["left"] == 50
    assert (await consent(hr, "mp"))["left"] == 1
    for accepted in (0, 11, -1):
        answer = await consent(hr, accepted=accepted)
        assert (answer.http, list(answer["errors"])) == (400, ["accepted"])
    answer = await consent(hr, "wecom")
    assert (answer.http, list(answer["errors"])) == (400, ["app"])
    await bind(hr, wechat, "mini", openid=f"o{next(NUMBERS)}")
    assert (await channels(hr))["mini"] == (True, "ok", 50)


async def test_three_test_messages_a_day_those_that_were_not_taken_left_out(hr, mail):
    mail.refuse_rcpt = "451 come back later"
    for _ in range(4):
        assert (await hr.post("/hr/notices/test/")).http == 503
    mail.refuse_rcpt = ""
    for number in range(1, 4):
        answer = await hr.post("/hr/notices/test/")
        assert (answer.http, answer.status, answer["kind"]) == (200, "ok", "mail")
        letter = await mail.letter(number)
        assert (letter["To"], letter["Subject"]) == (hr.email, "测试消息")
        assert link_in(letter) == "https://talent.example.com/#/"
    answer = await hr.post("/hr/notices/test/")
    assert (answer.http, answer.status) == (429, "too_many")
    assert 0 < int(answer.headers["Retry-After"]) <= 86_400


async def test_a_test_message_that_wechat_takes_late_is_taken(wechat_in_time, hr, wechat):
    key = str(uuid.uuid4())
    wechat.robots.add(key)
    await hr.post(PATH, {"robot_key": key})
    wechat.answers_after_s = 3.0
    answer = await hr.post("/hr/notices/test/")
    assert (answer.http, answer["kind"]) == (200, "robot")
    assert len(wechat.inbox) == 1


@pytest.mark.long
async def test_where_no_channel_can_serve_a_test_says_so(wechat_in_time, hr, mail, wechat):
    await hr.post(PATH, {"channels": [{"kind": "mail", "on": False}]})
    answer = await hr.post("/hr/notices/test/")
    assert (answer.http, answer.status, answer["kind"]) == (200, "no_channel", "")
    await hr.post(PATH, {"robot_key": str(uuid.uuid4())})
    answer = await hr.post("/hr/notices/test/")  # WeCom knows no such robot
    assert (answer.http, answer.status) == (200, "no_channel")
    assert (await channels(hr))["robot"] == (True, "failed", None)
    wechat.stalls = True
    await hr.post(PATH, {"channels": [{"kind": "robot", "on": True}]})
    began = asyncio.get_running_loop().time()
    answer = await hr.post("/hr/notices/test/")
    assert (answer.http, answer.status) == (503, "unavailable")
    assert asyncio.get_running_loop().time() - began < TEST_S + IN_TIME_S


# What phones get.


async def test_the_first_channel_that_can_serve_takes_it(hr, server, wechat, mail):
    openid, member, key = f"o{next(NUMBERS)}", f"member{next(NUMBERS)}", str(uuid.uuid4())
    wechat.consents[openid] = wechat.consents[f"{openid}-mp"] = 5
    wechat.members.add(member)
    wechat.robots.add(key)
    await hr.post(PATH, AT_ONCE | {"robot_key": key})
    await bind(hr, wechat, "wecom", userid=member)
    await bind(hr, wechat, "mini", openid=openid)
    await bind(hr, wechat, "mp", openid=f"{openid}-mp")
    await consent(hr, "mini", 2)
    await consent(hr, "mp", 1)
    feed = await feed_of(hr)
    got = []
    for kind in ("wecom", "robot", "mini", "mp", "mail"):
        await listed(server, hr, feed, 71.9)

        await came(wechat, mail, len(got) + 1)
        await told(server, hr)
        got.append(wechat.inbox[-1][0] if kind != "mail" else mail.letters[-1]["To"])
        await hr.post(PATH, {"channels": [{"kind": kind, "on": False}]})
        await an_hour_later(server.stores, hr.user)
    assert got == [member, "robot", openid, f"{openid}-mp", hr.email]
    card, said, mini, mp = (what for _, what in wechat.inbox[-4:])
    link = f"https://talent.example.com/#/feeds/{feed}/queue"
    assert (card["title"], card["url"]) == ("1 份强匹配简历未读", link)
    assert "Python开发工程师：2 份未读" in said
    assert said.endswith(f"[查看简历]({link})")
    assert mini == {"thing1": "Python开发工程师", "number2": "3", "number3": "71"}
    assert mp["number2"] == "4"
    assert link_in(mail.letters[-1]) == link
    pages = {path: body["page"] for path, _, body in wechat.calls if body and "page" in body}
    assert pages["/cgi-bin/message/subscribe/send"] == f"pages/results/results?feed={feed}"
    assert pages["/cgi-bin/message/subscribe/bizsend"] == link
    assert {kind: left for kind, (_, _, left) in (await channels(hr)).items() if left is not None} == {
        "mini": 1,
        "mp": 0,
    }


async def test_a_message_says_nothing_of_a_person(hr, server, wechat, mail):
    await hr.post(PATH, AT_ONCE)
    feed = await hr.submit(title="护士", keywords="护理")
    resume = {
        "source": "test",
        "source_id": f"n{next(NUMBERS)}",
        "name": NAME,
        "phone": PHONE,
        "job_target": {"job_career": "护士"},
        "self_evaluation": "静脉采血",
        "send_to": [feed],
    }
    await hr.ingest(resume)
    letter = await mail.letter()
    text = "".join(letter.get_body((kind,)).get_content() for kind in ("plain", "html")) + letter["Subject"]
    assert "护士：1 份未读" in text
    assert not [word for word in (NAME, PHONE, "采血") if word in text]


async def test_what_fails_for_good_is_switched_off_with_its_reason_and_the_next_serves(
    hr, server, wechat, mail
):
    openid, key = f"o{next(NUMBERS)}", str(uuid.uuid4())
    wechat.consents[openid] = 0  # they took their consent back
    await hr.post(PATH, AT_ONCE | {"robot_key": key})
    await bind(hr, wechat, "mini", openid=openid)
    await consent(hr, "mini", 3)
    feed = await feed_of(hr)
    await listed(server, hr, feed, 70)
    assert (await mail.letter())["To"] == hr.email
    await told(server, hr)
    found = await channels(hr)
    assert (found["robot"], found["mini"]) == ((True, "failed", None), (True, "failed", 0))
    reasons = {one["kind"]: one["reason"] for one in (await hr.get(PATH))["channels"]}
    assert "重新填写" in reasons["robot"]
    assert "再次允许" in reasons["mini"]
    # Agreeing again, or a new key, turns the channel on.
    wechat.consents[openid] = 1
    await consent(hr, "mini", 1)
    assert (await channels(hr))["mini"] == (True, "ok", 1)
    await hr.post(PATH, {"robot_key": str(uuid.uuid4())})
    assert (await channels(hr))["robot"] == (True, "ok", None)


async def test_a_refused_address_gives_mail_up(hr, server, mail):
    await hr.post(PATH, AT_ONCE)
    mail.refuse_rcpt = "550 no such user"
    await listed(server, hr, await feed_of(hr), 70)

    async def is_given_up():
        return (await channels(hr))["mail"] == (True, "failed", None)

    await eventually(is_given_up, what="the end of mail")
    await settled(server, hr)
    assert "last_sent" not in await document(server, hr)
    # Turned on again it serves, with what nobody was told of.
    mail.refuse_rcpt = ""
    await hr.post(PATH, {"channels": [{"kind": "mail", "on": True}]})
    await mail.letter()


@pytest.mark.long
async def test_while_wechat_is_away_requests_are_served_and_each_notice_comes_once_after_it(
    wechat_in_time, server, wechat, mail
):
    made = []
    for _ in range(5):
        hr = await Hr.register(server.port)
        openid = f"o{next(NUMBERS)}"
        wechat.consents[openid] = 3
        await bind(hr, wechat, "mini", openid=openid)
        await consent(hr, "mini", 2)
        await hr.post(PATH, AT_ONCE)
        made.append((hr, openid, await feed_of(hr)))
    wechat.stalls = True
    for hr, _, feed in made:
        await listed(server, hr, feed, 70)

    async def tried():
        found = [await document(server, hr) for hr, _, _ in made]
        return all(one.get("attempts", 0) >= 1 and "lease" not in one for one in found)

    await eventually(tried, what="a try of each")
    assert (await made[0][0].get("/special_feed/page/")).http == 200
    assert (wechat.inbox, mail.letters) == ([], [])
    wechat.stalls = False
    # As the minutes go by.
    await server.stores.jobs.hasten("notice", [hr.user for hr, _, _ in made], datetime.now(UTC))
    for hr, _, _ in made:
        await told(server, hr)
    assert sorted(openid for openid, _ in wechat.inbox) == sorted(openid for _, openid, _ in made)
    for hr, _, _ in made:
        hr.http.close()


@pytest.mark.long
async def test_while_the_page_is_open_nothing_is_sent(hr, server, mail):
    await hr.post(PATH, AT_ONCE)
    feed = await feed_of(hr)
    await settled(server, hr)
    socket = await hr.live()
    await listed(server, hr, feed, 70)
    await socket.until("unread", unread_count=1)
    await settled(server, hr)
    due = (await document(server, hr))["due"]
    assert due > datetime.now(UTC) + timedelta(seconds=15)
    assert mail.letters == []
    socket.connection.close()

    await eventually(lambda: hr.user not in server.services.hub.accounts())
    await server.stores.jobs.hasten("notice", [hr.user], datetime.now(UTC))
    # On a busy machine Redis may answer late: for half a minute nobody is then believed to be away.
    assert (await mail.letter(within_s=45.0))["To"] == hr.email
