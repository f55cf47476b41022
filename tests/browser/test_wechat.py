"""Coming in by WeChat on the page, whose browser is led through a double of WeChat and back."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.async_api import expect

from tests.support import PASSWORD

WECHAT = "Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile MicroMessenger/8.0.50 NetType/WIFI"
WECOM = f"{WECHAT} wxwork/4.1.30"


@pytest.fixture
def settings(settings, wechat):
    return replace(settings, **wechat.settings())


def elsewhere(window, wechat):
    """What went wrong, but for the way through WeChat."""
    return [fault for fault in window.faults if f":{wechat.port}/connect/oauth2/authorize" not in fault]


@pytest.mark.gen_test
async def test_a_phone_is_bound_by_one_login_comes_in_by_one_tap_and_is_unbound(hr, windows, wechat):
    wechat.visitor = {"openid": "somebody", "unionid": "somebody everywhere"}
    window = await windows.open(hr.port, path="/#/me/profile", agent=WECHAT)
    await window.button("微信一键登录").click()
    await expect(window.at(".notice")).to_contain_text("还没有绑定账号")
    assert "ticket" not in window.page.url
    await window.log_in(hr.email, "wrong wrong")
    await expect(window.at(".wrong")).to_have_text("用户名或密码错误")
    await window.log_in(hr.email, PASSWORD)
    await expect(window.page).to_have_url(re.compile("#/me/profile$"))
    assert elsewhere(window, wechat) == []

    again = await windows.open(hr.port, agent=WECHAT)
    await again.button("微信一键登录").click()
    await again.is_live()
    assert "exchange" not in again.page.url
    await again.go("/me")
    await again.button("登录方式").click()
    await expect(again.at("[data-app=mp]")).to_contain_text("绑定")
    await again.button("解绑", within="[data-app=mp]").click()
    await again.button("解绑", within=".van-dialog").click()
    await again.says("已解绑")
    # And bound again from here, without a password.
    await again.button("绑定", within="[data-app=mp]").click()
    await expect(again.button("解绑", within="[data-app=mp]")).to_be_visible()
    await expect(again.page).to_have_url(re.compile("#/me/ways$"))
    assert elsewhere(again, wechat) == []


@pytest.mark.gen_test
async def test_somebody_new_registers_without_a_password_and_keeps_the_last_way(server, windows, wechat):
    wechat.visitor = {"userid": "zhangsan"}
    window = await windows.open(server.port, agent=WECOM)
    await window.button("企业微信一键登录").click()
    await window.button("没有账号？注册一个").click()
    for label, text in (("邮箱", "new@example.com"), ("公司名称", "示例公司"), ("联系电话", "010-12345678")):
        await window.page.get_by_label(label).fill(text)
    await window.button("注册").click()
    await window.is_live()
    await window.go("/me/ways")
    await expect(window.at(".way").first).to_contain_text("还没有密码")
    await window.button("解绑", within="[data-app=wecom]").click()
    await window.button("解绑", within=".van-dialog").click()
    await window.says("唯一的登录方式")
    assert elsewhere(window, wechat) == []


@pytest.mark.gen_test
async def test_a_link_of_somebody_else_logs_nobody_in_and_binds_nothing(hr, windows, wechat, server):
    async def exchange():
        tickets = server.stores.wechat_tickets
        identity = await server.services.wechat.identity_of("mp", wechat.code("an attacker"))
        return await tickets.make_exchange(identity)

    window = await windows.open(hr.port, path=f"/#exchange={await exchange()}&next=/me", hr=hr)
    await expect(window.page).to_have_url(re.compile("#/me$"))
    assert (await hr.get("/hr/wechat/ways/"))["data"][1]["bound"] is False
    stranger = await windows.open(hr.port, path=f"/#exchange={await exchange()}&next=//evil.example")
    await expect(stranger.button("继续登录")).to_be_visible()
    await expect(stranger.at(".notice")).to_contain_text("如果不是，请关闭本页")
    await stranger.button("继续登录").click()
    await expect(stranger.page).to_have_url(re.compile("#/login$"))
    # In another browser there is no one-tap login.
    assert await stranger.button("微信一键登录").count() == 0
    assert window.faults + stranger.faults == []


@pytest.mark.gen_test
async def test_a_snapshot_is_told_to_open_the_full_service(server, windows, wechat):
    wechat.visitor = {"openid": "nobody", "is_snapshotuser": 1}
    window = await windows.open(server.port, agent=WECHAT)
    await window.button("微信一键登录").click()
    await expect(window.at(".wrong")).to_contain_text("使用完整服务")
    await window.button("返回").click()
    await expect(window.button("微信一键登录")).to_be_visible()
    assert elsewhere(window, wechat) == []
