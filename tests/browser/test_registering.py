"""From registering to the first login where an account must be activated by a letter."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.async_api import expect

from tests.mail_server import link_in, path_of
from tests.support import PASSWORD


@pytest.fixture
def settings(settings, mail_server):
    return replace(settings, require_activation=True, smtp_url=f"smtp://127.0.0.1:{mail_server.port}")


@pytest.mark.long
async def test_whoever_registers_agrees_and_is_led_by_the_letter_to_the_login(server, windows, mail_server):
    window = await windows.open(server.port, path="/#/register")
    page = window.page
    await window.button("注册").click()
    await window.sees(".van-field__error-message", 4)
    await expect(window.at("p.wrong")).to_have_text("请先阅读并同意")
    await page.get_by_label("邮箱").fill("wrong@example.com")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_label("公司名称").fill("示例公司")
    await page.get_by_label("联系电话").fill("010-12345678")
    # Nothing is agreed to beforehand, and the texts open over the form.
    await expect(page.get_by_label("我已阅读并同意")).not_to_be_checked()
    await window.button("注册").click()
    await expect(window.at("p.wrong")).to_have_text("请先阅读并同意")
    await window.button("《隐私政策》").click()
    await expect(window.at(".legal")).to_contain_text("不出售个人信息")
    await page.go_back()
    await window.sees("[role=dialog]", 0)
    await page.get_by_label("我已阅读并同意").check()
    await window.button("注册").click()
    await expect(window.at(".told")).to_contain_text("邮件发往 wrong@example.com")
    await expect(window.button("重新发送")).to_be_disabled()
    # A wrong address is put right without filling in all of it again.
    await window.button("邮箱写错了").click()
    await expect(page.get_by_label("公司名称")).to_have_value("示例公司")
    await page.get_by_label("邮箱").fill("right@example.com")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_label("我已阅读并同意").check()
    await window.button("注册").click()
    await expect(window.at(".told")).to_contain_text("right@example.com")
    await page.reload()
    await expect(window.at(".told")).to_contain_text("right@example.com")
    await page.clock.install()
    await page.clock.fast_forward(61_000)
    await window.button("重新发送激活邮件").click()
    await expect(window.at(".notice")).to_contain_text("激活邮件很快会到")
    assert (await mail_server.letter(3))["To"] == "right@example.com"
    # A login before the activation leads here too.
    await window.button("去登录").click()
    await expect(page.get_by_label("邮箱")).to_have_value("right@example.com")
    await page.get_by_label("密码").fill(PASSWORD)
    await window.button("登录").click()
    await expect(window.at(".told")).to_contain_text("right@example.com")

    # The letter is read in another browser, which does not know the address.
    path = path_of(link_in(await mail_server.letter(2)))
    other = await windows.open(server.port, path=path)
    await other.button("激活账号").click()
    await other.page.get_by_role("link", name="去登录").click()
    await expect(other.page.get_by_label("邮箱")).to_have_value("right@example.com")
    assert "right" not in other.page.url
    await other.page.get_by_label("密码").fill(PASSWORD)
    await other.button("登录").click()
    await other.is_live()
    assert not [url for url in other.requests if "right" in url]
    await other.go("/me")
    await expect(other.page.get_by_text("已同意").first).to_be_visible()
    account = await server.stores.accounts.find_by_email("right@example.com")
    assert account.agreed is not None
