"""The profile: what is set stays, what is left out stays too, and login and `edit_feed` show it."""

import json

import pytest

from tests.support import PASSWORD, each

COMPANY = {
    "url": "https://example.com/关于?x=1",
    "product_url": "www.example.com",
    "company_stage": "A轮",
    "key_points": "不加班",
    "desc": "做软件\n也做硬件",
    "categroys": [7, {"id": 1, "category": "医疗健康"}],
}
SHOWN = {**COMPANY, "categroys": [{"id": 7, "category": "O2O"}, {"id": 1, "category": "医疗健康"}]}
EMPTY = {**dict.fromkeys(("url", "product_url", "company_stage", "key_points", "desc"), ""), "categroys": []}


async def test_a_new_account_has_what_it_registered_with(hr):
    answer = await hr.get("/hr/profile/")
    assert answer.status == "ok"
    assert answer["data"] == {
        "username": hr.email,
        "name": "",
        "company_name": "示例公司",
        "phone": "010-12345678",
        "user_industry": "",
        "company": EMPTY,
    }


@pytest.mark.parametrize("is_form", [False, True])
async def test_what_is_set_is_shown_by_profile_login_and_edit_feed(api, hr, is_form):
    profile = {"company_name": " 新公司 ", "phone": "010-7654321", "user_industry": "互联网"}
    if is_form:
        form = {**profile, "company": json.dumps(COMPANY)}
        answer = await hr.call("POST", "/hr/profile/", form=form)
    else:
        answer = await hr.post("/hr/profile/", {**profile, "company": COMPANY})
    assert (answer.http, answer.status, answer["errors"]) == (200, "ok", {})
    expected = {**profile, "name": "", "company_name": "新公司", "username": hr.email, "company": SHOWN}
    assert answer["data"] == (await hr.get("/hr/profile/"))["data"] == expected
    login = await api.post("/hr/login/", {"username": hr.email, "password": PASSWORD})
    assert login["user_industry"] == "互联网"
    shown = (await hr.get("/special_feed/edit_feed/"))["data"]["feed"]["company"]
    assert shown == {**SHOWN, "company_name": "新公司"}


async def test_a_feed_that_names_domains_of_its_own_shows_those(hr):
    await hr.post("/hr/profile/", {"company": {"categroys": [7]}})
    own = await hr.submit(title="会计", categorys=[1])
    none = await hr.submit(title="会计")
    for feed_id, ids in ((own, [1]), (none, [7])):
        data = (await hr.get(f"/special_feed/edit_feed/{feed_id}/"))["data"]
        assert [row["id"] for row in data["feed"]["company"]["categroys"]] == ids


async def test_what_is_left_out_stays_and_the_address_cannot_be_set(hr):
    await hr.post("/hr/profile/", {"user_industry": "互联网", "company": COMPANY})
    for body in ({}, {"username": "other@example.com"}, {"company": {}}, {"phone": None}):
        answer = await hr.post("/hr/profile/", body)
        assert (answer.status, answer["data"]["company"]) == ("ok", SHOWN)
        assert answer["data"]["username"] == hr.email
    answer = await hr.post("/hr/profile/", {"company": {"desc": "", "categroys": []}, "phone": "12345"})
    assert answer["data"]["company"] == {**SHOWN, "desc": "", "categroys": []}
    assert (answer["data"]["phone"], answer["data"]["user_industry"]) == ("12345", "互联网")


@each(
    "body, field",
    [
        ({"company_name": " "}, "company_name"),
        ({"company_name": "x" * 101}, "company_name"),
        ({"phone": "call me"}, "phone"),
        ({"user_industry": "x" * 101}, "user_industry"),
        ({"company": {"url": "javascript:alert(1)"}}, "company"),
        ({"company": {"product_url": "a b"}}, "company"),
        ({"company": {"url": "https://x.example/" + "x" * 500}}, "company"),
        ({"company": {"desc": "x" * 5_001}}, "company"),
        ({"company": {"categroys": [99_999]}}, "company"),
    ],
)
async def test_a_bad_field_is_named_and_nothing_is_changed(hr, body, field):
    before = (await hr.get("/hr/profile/"))["data"]
    answer = await hr.post("/hr/profile/", {"user_industry": "金融", **body})
    assert (answer.http, answer.status, list(answer["errors"])) == (200, "form_error", [field])
    assert answer["data"] == before
