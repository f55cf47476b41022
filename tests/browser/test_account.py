"""What a recruiter does with the account: profile, password, devices, a forgotten password, activation."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from mail.links import Links
from tests.api.scene import log_in_again
from tests.support import PASSWORD, SECRET

GOOD = "another good one"


async def test_a_profile_is_filled_in_and_what_is_wrong_is_said(hr, windows):
    window = await windows.open_as(hr, "/me")
    await window.button("个人资料").click()
    await window.page.get_by_label("所属行业").fill("互联网")
    await window.page.get_by_label("公司网址").fill("javascript:alert(1)")
    await window.page.get_by_label("联系电话").fill("x")
    await window.button("A轮").click()
    await window.button("O2O").click()
    await window.button("保存").click()
    await expect(window.at(".van-field__error-message")).to_have_text("请填写有效的联系电话")
    await expect(window.at("p.wrong")).to_contain_text("公司网址：请填写有效的网址")
    await window.page.get_by_label("公司网址").fill("https://example.com")
    await window.page.get_by_label("联系电话").fill("010-7654321")
    await window.button("返回").click()  # which asks before what was typed is lost
    await window.button("取消").click()
    await expect(window.page.get_by_label("联系电话")).to_have_value("010-7654321")
    await window.button("保存").click()
    await window.says("资料已保存")
    await expect(window.at(".face")).to_be_visible()
    data = (await hr.get("/hr/profile/"))["data"]
    assert (data["user_industry"], data["phone"], data["company"]["url"]) == (
        "互联网",
        "010-7654321",
        "https://example.com",
    )
    assert data["company"]["company_stage"] == "A轮"
    assert [row["category"] for row in data["company"]["categroys"]] == ["O2O"]
    await window.go("/me/profile")
    await expect(window.page.get_by_label("所属行业")).to_have_value("互联网")
    await expect(window.button("O2O")).to_have_attribute("aria-pressed", "true")
    await window.button("返回").click()
    await expect(window.at(".face")).to_be_visible()


async def test_the_options_are_there_for_an_account_without_a_free_feed(hr, windows):
    while (await hr.post("/special_feed/submit_feed/", {"title": "会计"})).status == "ok":
        pass
    window = await windows.open_as(hr, "/me")
    await window.go("/me/profile")
    await expect(window.button("O2O")).to_be_visible()


@pytest.mark.long
async def test_a_changed_password_logs_other_windows_out_and_keeps_this_one(hr, windows):
    other = await windows.open_as(await log_in_again(hr), "/me")
    window = await windows.open_as(hr, "/me")
    await window.button("修改密码").click()
    await window.page.get_by_label("原密码").fill("wrong wrong")
    await window.page.get_by_label("新密码").fill(GOOD)
    await window.button("保存").click()
    await expect(window.at(".van-field__error-message")).to_have_text("原密码错误")
    await window.page.get_by_label("原密码").fill(PASSWORD)
    await window.page.get_by_label("新密码").fill("password1")
    await window.button("保存").click()
    await expect(window.at(".van-field__error-message")).to_have_text("这个密码太常见，请换一个")
    await window.page.get_by_label("新密码").fill(GOOD)
    await window.button("保存").click()
    await window.says("密码已修改")
    await expect(other.at(".notice")).to_contain_text("登录已失效")
    await window.is_live()
    await other.log_in(hr.email, GOOD)
    await other.is_live()


@pytest.mark.long
async def test_devices_are_listed_and_logged_out(hr, windows):
    others = [await windows.open_as(await log_in_again(hr)) for _ in range(2)]
    window = await windows.open_as(hr, "/me")
    await window.button("登录设备").click()
    await window.sees(".session", 3)
    await expect(window.at(".session").filter(has_text="当前设备")).to_have_count(1)
    await window.button("退出", within=".session").first.click()
    await window.button("退出", within=".van-dialog").click()
    await window.sees(".session", 2)
    await window.button("退出其他所有设备").click()
    await window.button("退出", within=".van-dialog").click()
    await window.sees(".session", 1)
    for other in others:
        await expect(other.at(".notice")).to_contain_text("登录已失效")


@pytest.mark.long
@pytest.mark.parametrize("is_logged_in", [False, True])
async def test_a_forgotten_password_is_asked_for_and_set_by_the_link(hr, windows, is_logged_in):
    window = await windows.open(hr.port)
    await window.button("忘记密码？").click()
    await expect(window.button("发送重置邮件")).to_be_visible()
    await window.page.get_by_label("邮箱").fill(hr.email)
    await window.button("发送重置邮件").click()
    await expect(window.at(".notice")).to_contain_text("不发邮件，请联系管理员")
    path = Links(SECRET, "").make_reset(hr.user, 0)
    linked = await windows.open(hr.port, path=path, hr=hr if is_logged_in else None)
    await linked.page.get_by_label("新密码").fill("12345678")
    await linked.button("设置新密码").click()
    await expect(linked.at(".van-field__error-message")).to_have_text("这个密码太常见，请换一个")
    await linked.page.get_by_label("新密码").fill(GOOD)
    await linked.button("设置新密码").click()
    await linked.says("密码已重置")
    await expect(linked.page).to_have_url(re.compile("#/login$"))
    await linked.log_in(hr.email, GOOD)
    await linked.is_live()
    again = await windows.open(hr.port, path=path)
    await again.page.get_by_label("新密码").fill(GOOD)
    await again.button("设置新密码").click()
    await expect(again.at(".wrong")).to_contain_text("链接无效或已过期")
