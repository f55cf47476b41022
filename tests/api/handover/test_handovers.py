"""Hand-overs: made and ended by recruiters, opened and judged by whoever has the link and no account."""

from datetime import UTC, datetime, timedelta

import pytest

from store.notes.handovers import MOST_OPEN, MOST_WRONG
from tests.api.company.team import colleague, share
from tests.api.scene import INGEST, UNKNOWN
from tests.integration.engine.feedback import (
    CHEAP,
    DEAR,
    FEED,
    broken,
    learned,
    paid,
    scores,
)
from tests.integration.engines import another
from tests.support import Api, each, python_resume

PERSON = {"name": "林晚照", "phone": "13900001234", "email": "lin.wanzhao@example.com", "qq": "987654321"}
LIMIT = 60
"""False links that an address may try in a minute: `register_per_minute`."""


async def with_people(hr, *resumes):
    feed_id = await hr.submit(**FEED)
    return feed_id, await hr.scored(*(resumes or (python_resume(),)))


async def hand_over(hr, feed_id, ids, **more):
    body = {"feed_id": feed_id, "resume_ids": ids, "to": "王总", **more}
    answer = await hr.post("/handover/", body)
    assert answer.status == "ok", answer.body
    base, token = answer["url"].split("/#review=")
    assert base == f"http://127.0.0.1:{hr.port}"
    return answer["id"], token


async def listed(hr, feed_id):
    answer = await hr.get("/handover/", feed_id=feed_id)
    assert answer.status == "ok", answer.body
    return answer["data"]


def reviewer(server):
    """Somebody without an account."""
    return Api(server.port)


async def seen(api, token, **body):
    answer = await api.post(f"/review/{token}/", body)
    assert answer.status == "ok", answer.body
    return [one["resume"]["id"] for one in answer["data"]]


async def judge(api, token, resume_id, verdict, **more):
    return await api.post(f"/review/{token}/{resume_id}/", {"verdict": verdict, **more})


async def comments(hr, feed_id, resume_id):
    item = (await hr.get(f"/feed/get/{feed_id}/{resume_id}"))["data"]
    return [one["content"] for one in item["comment_log"]]


async def test_a_manager_opens_a_link_judges_and_changes_their_mind(hr, server):
    feed_id, (first, second) = await with_people(hr, python_resume(), python_resume())
    id_, token = await hand_over(hr, feed_id, [second, first, second], note=" 请看看 ", days=3)
    boss = reviewer(server)
    before = (await listed(hr, feed_id))[0]
    assert (before["state"], before["opened"], before["verdicts"]) == ("open", None, [])
    assert before["until"] - before["created"] == 3 * 86_400
    review = await boss.post(f"/review/{token}/")
    assert (review["title"], review["to"], review["note"]) == (FEED["title"], "王总", "请看看")
    assert [one["resume"]["id"] for one in review["data"]] == [second, first]
    assert all(one["summary"] and one["why"] and one["said"] is None for one in review["data"])
    assert abs((await listed(hr, feed_id))[0]["opened"] - datetime.now(UTC).timestamp()) < 120
    assert (await judge(boss, token, first, "yes", comment=" 经验很好 ")).status == "ok"
    assert await comments(hr, feed_id, first) == ["王总：想见。经验很好"]
    assert (await judge(boss, token, first, "no", reason="salary_high,area")).status == "ok"
    assert await comments(hr, feed_id, first) == ["王总：不合适，地区不符，薪资偏高。"]
    assert (await judge(boss, token, second, "maybe", reason="area", comment="再想想")).status == "ok"
    (after,) = await listed(hr, feed_id)
    assert (after["id"], after["to"], after["state"], after["people"]) == (id_, "王总", "done", 2)
    assert [(one["resume_id"], one["verdict"], one["reasons"]) for one in after["verdicts"]] == [
        (second, "maybe", []),
        (first, "no", ["area", "salary_high"]),
    ]
    assert {one["position"] for one in after["verdicts"]} == {python_resume()["works"][0]["position_title"]}
    assert after["openings"] == [after["opened"]]
    said = {one["resume"]["id"]: one["said"] for one in (await boss.post(f"/review/{token}/"))["data"]}
    assert said[second] == {"verdict": "maybe", "reasons": [], "comment": "再想想"}
    assert {item["resume"]["id"] for item in await hr.results(feed_id)} == {first, second}
    opened = (await listed(hr, feed_id))[0]["openings"]
    assert len(opened) == 2
    assert opened == sorted(opened, reverse=True)
    rows = await server.stores.audit_history.rows(account=hr.user)
    acts = [(row.action, row.resumes) for row in rows if row.action in {"handover", "review", "verdict"}]
    assert acts == [
        ("handover", [second, first]),
        ("review", [second, first]),
        *[("verdict", [one]) for one in (first, first, second)],
        ("review", [second, first]),
    ]
    of_company = [row["action"] for row in (await hr.get("/company/audit/"))["data"]]
    acted = [action for action in of_company if action not in {"view", "company"}]
    assert acted == [action for action, _ in reversed(acts)]
    assert await broken(server) == []


async def test_a_link_ends_with_its_makers_place_in_the_company(hr, server):
    feed_id, (person,) = await with_people(hr, python_resume())
    wei = await colleague(hr)
    await share(hr, feed_id, {wei: "work"})
    id_of_wei, of_wei = await hand_over(wei, feed_id, [person])
    id_of_hr, of_hr = await hand_over(hr, feed_id, [person])
    boss = reviewer(server)
    assert (await boss.post(f"/review/{of_wei}/")).status == "ok"
    assert (await hr.post(f"/company/members/{wei.user}/remove/", {"to": hr.user})).status == "ok"
    assert (await boss.post(f"/review/{of_wei}/")).status == "token_error"
    assert (await judge(boss, of_wei, person, "yes")).status == "token_error"
    states = {row["id"]: row["state"] for row in await listed(hr, feed_id)}
    assert states == {id_of_wei: "revoked", id_of_hr: "open"}
    assert (await boss.post(f"/review/{of_hr}/")).status == "ok"


async def test_nothing_of_a_person_gets_out_whatever_the_company_unlocked(hr, server):
    told = "找林晚照：微信 lin_wz90，电话13900001234，lin.wanzhao@example.com"
    resume = python_resume(**PERSON, self_evaluation=told, hr_evaluate="林晚照很稳")
    feed_id, (person,) = await with_people(hr, resume)
    unlocked = await hr.unlock(feed_id, person)
    assert unlocked["contact_info"]["name"] == PERSON["name"]
    await hr.post(f"/resumes/comment/{person}", {"content": "背调：口碑很好"})
    assert (await hr.mark(feed_id, person, "加了微信")).status == "ok"
    own = (await hr.get(f"/feed/get/{feed_id}/{person}")).body.decode()
    canaries = [*PERSON.values(), "lin_wz90", "背调", "加了微信"]
    assert all(canary in own for canary in canaries)
    note = f"{PERSON['name']}很好，电话{PERSON['phone']}"
    _, token = await hand_over(hr, feed_id, [person], note=note)
    boss = reviewer(server)
    for answer in (
        await boss.post(f"/review/{token}/"),
        await judge(boss, token, person, "yes", comment="好"),
        await boss.post(f"/review/{token}/"),
    ):
        assert answer.status == "ok"
        everything = answer.body.decode() + str(dict(answer.headers))
        assert [canary for canary in canaries if canary in everything] == []
    assert answer["note"] == "***很好，电话***"
    (entry,) = answer["data"]
    assert entry["resume"]["works"][0]["compnay_name"] == resume["works"][0]["compnay_name"]
    assert "***" in entry["resume"]["self_evaluation"]


async def test_a_keyword_or_title_that_is_a_persons_name_is_masked(hr, server):
    named = {"title": f"{FEED['title']} 接{PERSON['name']}", "keywords": PERSON["name"]}
    asked = {"requirements": {"certificates": [f"{PERSON['name']}的推荐信"]}}
    feed_id = await hr.submit(**{**FEED, **named, **asked})
    (person,) = await hr.scored(python_resume(**PERSON))
    (item,) = await hr.results(feed_id, tier="all")
    assert PERSON["name"] in item["missing"]
    _, token = await hand_over(hr, feed_id, [person])
    answer = await reviewer(server).post(f"/review/{token}/")
    assert PERSON["name"] not in answer.body.decode()
    assert answer["title"] == f"{FEED['title']} 接***"
    (entry,) = answer["data"]
    assert entry["missing"] == [word.replace(PERSON["name"], "***") for word in item["missing"]]
    terms = [(row["field"], row["term"].replace(PERSON["name"], "***")) for row in item["why"]]
    assert [(row["field"], row["term"]) for row in entry["why"]] == terms
    assert [row["asked"] for row in entry["requirements"]] == ["***的推荐信"]


async def test_who_was_handed_over_is_named_by_no_word_of_it(hr, server):
    """Neither who kept it secret from the first, nor who was erased since."""
    secret = python_resume(name="顾南乔", contact_status="secret")
    feed_id = await hr.submit(**{**FEED, "title": f"{FEED['title']} 接{PERSON['name']}"})
    erased, hidden, kept = await hr.scored(python_resume(**PERSON), secret, python_resume())
    _, token = await hand_over(hr, feed_id, [erased, hidden, kept], note="顾南乔和林晚照里选")
    assert (await hr.call("DELETE", f"/resumes/{erased}", headers=INGEST)).status == "ok"
    review = await reviewer(server).post(f"/review/{token}/")
    assert [one["resume"]["id"] for one in review["data"]] == [kept]
    assert (review["title"], review["note"]) == (f"{FEED['title']} 接***", "***和***里选")


async def test_false_expired_and_revoked_links_are_told_apart_by_nothing(hr, server):
    feed_id, (person,) = await with_people(hr)
    other_feed, (theirs,) = await with_people(hr)
    links = {name: await hand_over(hr, feed_id, [person]) for name in ("revoked", "expired", "kept")}
    links["of a deleted feed"] = await hand_over(hr, other_feed, [theirs])
    tokens = {name: token for name, (_, token) in links.items()}
    for _ in range(2):
        assert (await hr.post(f"/handover/{links['revoked'][0]}/revoke/")).status == "ok"
    over = {"$set": {"until": datetime.now(UTC) - timedelta(seconds=1)}}
    which = {"until": {"$exists": True}, "_id": links["expired"][0]}
    handovers = server.stores._database.handovers
    which["_id"] = next(
        row["_id"] for row in await handovers.find({}).to_list(None) if str(row["_id"]) == which["_id"]
    )
    await handovers.update_one(which, over)
    assert (await hr.get(f"/feed/delete/{other_feed}")).status == "ok"
    boss = reviewer(server)
    assert await seen(boss, tokens.pop("kept")) == [person]
    tokens |= {"false": "x" * 43, "cut": tokens["revoked"][:-1], "of no letters": "%ff"}
    answers = {}
    for name, token in tokens.items():
        opened = await boss.post(f"/review/{token}/")
        judged = await judge(boss, token, person, "yes")
        answers[name] = (opened.http, opened.body, judged.http, judged.body)
        assert opened.status == judged.status == "token_error"
    assert len({*answers.values()}) == 1, answers
    states = {one["id"]: one["state"] for one in await listed(hr, feed_id)}
    assert [states[links[name][0]] for name in ("revoked", "expired", "kept")] == [
        "revoked",
        "expired",
        "open",
    ]
    rows = [row for row in (await hr.get("/company/audit/"))["data"] if row["act"] == "revoke"]
    assert [(row["by"]["id"], row["feed_id"]) for row in rows] == [(hr.user, feed_id)] * 2


async def test_a_code_opens_and_five_wrong_ones_rest_the_link(hr, server):
    feed_id, (person,) = await with_people(hr)
    _, token = await hand_over(hr, feed_id, [person], code="240815")
    _, free = await hand_over(hr, feed_id, [person])
    boss = reviewer(server)
    assert await seen(boss, free, code="000000") == [person]
    for _ in range(MOST_WRONG + 1):  # who says none does not guess
        assert (await boss.post(f"/review/{token}/")).status == "code_error"
    for number in range(MOST_WRONG):
        assert await seen(boss, token, code="240815") == [person] if number < MOST_WRONG - 1 else True
        wrong = await judge(boss, token, person, "yes", code=f"00000{number}")
        assert (wrong.http, wrong.status) == (200, "code_error")
        assert (wrong["rests_s"] > 0) == (number == MOST_WRONG - 1)
    rests = await boss.post(f"/review/{token}/", {"code": "240815"})
    assert rests.status == "code_error"
    assert 600 < rests["rests_s"] <= 900
    await server.stores._database.handovers.update_many(
        {"rests_until": {"$exists": True}}, {"$set": {"rests_until": datetime.now(UTC)}}
    )
    assert await seen(boss, token, code="240815") == [person]
    assert await comments(hr, feed_id, person) == []
    stored = str(await server.stores._database.handovers.find({}).to_list(None))
    assert "240815" not in stored
    assert token not in stored


async def test_another_process_knows_links_and_wrong_codes_though_redis_forgot(
    hr, server, settings, analyzer
):
    feed_id, (person,) = await with_people(hr)
    _, rests = await hand_over(hr, feed_id, [person], code="240815")
    _, opens = await hand_over(hr, feed_id, [person], code="240815")
    for _ in range(MOST_WRONG):
        await reviewer(server).post(f"/review/{rests}/", {"code": "000000"})
    await server.stores._redis.client.flushdb()
    async with another(settings, analyzer) as second:
        refused = await reviewer(second).post(f"/review/{rests}/", {"code": "240815"})
        assert (refused.status, refused["rests_s"] > 600) == ("code_error", True)
        assert await seen(reviewer(second), opens, code="240815") == [person]


async def test_who_is_joined_with_somebody_meanwhile_is_still_judged(hr, server):
    feed_id, (older, newer) = await with_people(hr, python_resume(), python_resume())
    _, token = await hand_over(hr, feed_id, [older])
    boss, pair = reviewer(server), {"resume_id": older, "other_id": newer}
    assert (await hr.post("/resumes/join/", pair)).status == "ok"
    assert await seen(boss, token) == [older]
    assert (await judge(boss, token, older, "yes")).status == "ok"
    assert await comments(hr, feed_id, newer) == ["王总：想见。"]
    assert (await hr.post("/resumes/part/", pair)).status == "ok"
    assert (await judge(boss, token, older, "maybe")).status == "ok"
    assert await comments(hr, feed_id, older) == ["王总：再看看。"]
    assert await comments(hr, feed_id, newer) == []
    await learned(server)
    assert await broken(server) == []


async def test_an_erased_person_is_masked_in_what_was_said_of_others(hr, server):
    feed_id, (_, kept) = await with_people(hr, python_resume(**PERSON), python_resume())
    _, token = await hand_over(hr, feed_id, [kept], note=f"也问问 {PERSON['phone']}")
    boss = reviewer(server)
    assert (await judge(boss, token, kept, "yes", comment=f"先打{PERSON['phone']}")).status == "ok"
    people = server.stores.people
    await people.erase(await people.find([f"p:{PERSON['phone']}"]))
    assert await seen(boss, token) == [kept]
    everything = [
        (await boss.post(f"/review/{token}/")).body.decode(),
        (await hr.get("/handover/", feed_id=feed_id)).body.decode(),
        *await comments(hr, feed_id, kept),
    ]
    assert [text for text in everything if PERSON["phone"] in text] == []
    assert all("***" in text for text in everything)


@pytest.mark.long
async def test_a_feed_learns_what_was_said_and_unlearns_what_is_taken_back(hr, server):
    feed_id = await hr.submit(**FEED)
    dear = await hr.scored(*(paid(DEAR) for _ in range(4)))
    cheap = await hr.scored(*(paid(CHEAP) for _ in range(4)))
    _, token = await hand_over(hr, feed_id, [*dear[:3], *cheap[:3]])
    boss = reviewer(server)
    await learned(server)
    before = await scores(hr, feed_id)
    for person in dear[:3]:
        assert (await judge(boss, token, person, "no", reason="salary_high")).status == "ok"
    for person in cheap[:3]:
        assert (await judge(boss, token, person, "yes")).status == "ok"
    company = (await server.stores.accounts.get(hr.user)).company_id
    clicks = await server.stores.feedback.clicks(company, feed_id)
    told = {click.resume: (click.act, click.reasons) for click in clicks}
    assert told == {
        **dict.fromkeys(dear[:3], ("deleted", ["salary_high"])),
        **dict.fromkeys(cheap[:3], ("favourite", [])),
    }

    await learned(server)
    fell, rose = await hr.scored(paid(DEAR), paid(CHEAP))
    after = await scores(hr, feed_id)
    assert after[fell] < before[dear[3]]
    assert after[rose] > before[cheap[3]]
    for person in (*dear[:3], *cheap[:3]):
        assert (await judge(boss, token, person, "maybe")).status == "ok"
    await learned(server)
    assert {one.act for one in await server.stores.feedback.clicks(company, feed_id)} == {"read"}
    (again,) = await hr.scored(paid(DEAR))
    assert (await scores(hr, feed_id))[again] >= before[dear[3]]
    assert await broken(server) == []


async def test_who_is_erased_or_keeps_it_secret_is_gone_from_every_review(hr, server):
    people = [python_resume() for _ in range(3)]
    feed_id, (erased, secret, kept) = await with_people(hr, *people)
    _, token = await hand_over(hr, feed_id, [erased, secret, kept])
    boss = reviewer(server)
    for person in (erased, secret):
        assert (await judge(boss, token, person, "yes", comment="见见")).status == "ok"
    assert (await hr.call("DELETE", f"/resumes/{erased}", headers=INGEST)).status == "ok"
    await hr.ingest({**people[1], "contact_status": "secret"})
    assert await seen(boss, token) == [kept]
    for person in (erased, secret, UNKNOWN):
        answer = await judge(boss, token, person, "no")
        assert (answer.http, answer.status) == (404, "not_found")
    (row,) = await server.stores._database.handovers.find({}).to_list(None)
    assert erased not in [str(id_) for id_ in row["resumes"]]
    assert [one["resume_id"] for one in (await listed(hr, feed_id))[0]["verdicts"]] == [secret]
    assert (await judge(boss, token, kept, "yes")).status == "ok"
    assert (await listed(hr, feed_id))[0]["state"] == "done"
    refused = await hr.post("/handover/", {"feed_id": feed_id, "resume_ids": [secret], "to": "王总"})
    assert (refused.http, list(refused["errors"])) == (400, ["resume_ids"])
    assert await broken(server) == []


async def test_nobody_here_corrects_what_was_said_by_a_hand_over(hr, server):
    feed_id, (person,) = await with_people(hr)
    _, token = await hand_over(hr, feed_id, [person])
    boss = reviewer(server)
    assert (await judge(boss, token, person, "no", comment="坚决不要")).status == "ok"
    own = (await hr.post(f"/resumes/comment/{person}", {"content": "再约一次"}))["comment_log"][1]
    (said, _) = (await hr.get(f"/feed/get/{feed_id}/{person}"))["data"]["comment_log"]
    assert (said["by_handover"], own["by_handover"]) == (True, False)
    for change in ({"content": "王总：想见。"}, {"taken_back": True}):
        refused = await hr.post(f"/resumes/comment/{person}/{said['id']}", change)
        assert (refused.http, refused.status) == (403, "forbidden")
        assert (await hr.post(f"/resumes/comment/{person}/{own['id']}", change)).status == "ok"
    assert await comments(hr, feed_id, person) == ["王总：不合适。坚决不要"]
    assert (await judge(boss, token, person, "maybe")).status == "ok"
    assert await comments(hr, feed_id, person) == ["王总：再看看。"]


async def test_hand_overs_end_with_their_account_and_go_with_the_company(hr, server):
    feed_id, (person,) = await with_people(hr)
    _, token = await hand_over(hr, feed_id, [person])
    wei = await colleague(hr)
    await share(hr, feed_id, {wei: "work"})
    _, of_wei = await hand_over(wei, feed_id, [person])
    await server.stores.deletions.delete(wei.user)
    assert (await reviewer(server).post(f"/review/{of_wei}/")).status == "token_error"
    assert {row["state"] for row in await listed(hr, feed_id)} == {"open", "revoked"}
    await server.stores.deletions.delete(hr.user)
    assert (await reviewer(server).post(f"/review/{token}/")).status == "token_error"
    assert await server.stores._database.handovers.count_documents({}) == 0


async def test_a_disabled_account_shows_nobody(hr, server):
    feed_id, (person,) = await with_people(hr)
    _, token = await hand_over(hr, feed_id, [person])
    await server.stores.account_access.disable(hr.user)
    assert (await reviewer(server).post(f"/review/{token}/")).status == "token_error"


@pytest.mark.long
async def test_an_account_has_so_many_links_at_once(hr, server):
    feed_id, (person,) = await with_people(hr)
    for _ in range(MOST_OPEN):
        id_, _ = await hand_over(hr, feed_id, [person])
    body = {"feed_id": feed_id, "resume_ids": [person], "to": "王总"}
    refused = await hr.post("/handover/", body)
    assert (refused.http, list(refused["errors"])) == (400, ["feed_id"])
    assert (await hr.post(f"/handover/{id_}/revoke/")).status == "ok"
    assert (await hr.post("/handover/", body)).status == "ok"


@pytest.mark.long
async def test_an_address_tries_so_many_false_links(hr, server):
    feed_id, (person,) = await with_people(hr)
    _, token = await hand_over(hr, feed_id, [person])
    boss = reviewer(server)
    for _ in range(LIMIT):
        assert (await boss.post(f"/review/{'x' * 43}/")).status == "token_error"
    for tried in ("x" * 43, token):
        refused = await boss.post(f"/review/{tried}/")
        assert (refused.http, refused.status) == (429, "too_many")


@each(
    "field, value",
    [
        ("resume_ids", []),
        ("resume_ids", ["x"]),
        ("resume_ids", [f"{number:024x}" for number in range(21)]),
        ("to", " "),
        ("to", "王" * 41),
        ("days", 0),
        ("days", 31),
        ("note", "x" * 501),
        ("code", "12345"),
        ("code", "１２３４５６"),
    ],
)
async def test_a_wrong_field_of_a_hand_over_is_named(hr, field, value):
    body = {"feed_id": UNKNOWN, "resume_ids": [UNKNOWN], "to": "王总", field: value}
    answer = await hr.post("/handover/", body)
    assert answer.http == 400
    assert [name.split("[")[0] for name in answer["errors"]] == [field]


@each(
    "field, value",
    [("verdict", "perhaps"), ("reason", "because"), ("comment", "x" * 501), ("code", "abc")],
)
async def test_a_wrong_field_of_a_verdict_is_named(hr, server, field, value):
    answer = await reviewer(server).post(f"/review/x/{UNKNOWN}/", {"verdict": "no", field: value})
    assert (answer.http, list(answer["errors"])) == (400, [field])


async def test_who_works_in_the_feed_hears_of_a_verdict_at_once_and_nobody_else(hr, server):
    feed_id, (person,) = await with_people(hr, python_resume())
    lan, wei = await colleague(hr), await colleague(hr)
    await share(hr, feed_id, {lan: "work"})
    mine, theirs, stranger = await hr.socket(), await lan.socket(), await wei.socket()
    claim = await lan.post(f"/resumes/claim/{person}", {"feed_id": feed_id, "kind": "look"})
    for live in (mine, theirs):
        assert (await live.until("claim", resume_id=person))["comment_log"] is None
    _, token = await hand_over(hr, feed_id, [person])
    assert (await judge(reviewer(server), token, person, "yes", comment="约")).status == "ok"
    item = (await hr.get(f"/feed/get/{feed_id}/{person}"))["data"]
    assert [one["content"] for one in item["comment_log"]] == ["王总：想见。约"]
    for live in (mine, theirs):
        frame = await live.until("claim", resume_id=person)
        assert (frame["feed_id"], frame["comment_log"]) == (feed_id, item["comment_log"])
        assert {name: frame[name] for name in ("by", "kind", "until")} == {
            name: claim[name] for name in ("by", "kind", "until")
        }
    await stranger.say({"type": "ping"})
    assert [(await stranger.frame())["type"] for _ in range(2)] == ["snapshot", "pong"]
