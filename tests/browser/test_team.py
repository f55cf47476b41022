"""A company of several: who is invited joins, a feed is shared and worked in, a colleague is taken out."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.api.company.team import colleague, feeds_of, invited, links, share
from tests.browser.walk import cut_texts, faults_of, small_targets
from tests.support import PASSWORD, PYTHON_FEED, eventually, python_resume

_FOCUSED = """() => {
  const here = document.activeElement, named = here.cloneNode(true);
  named.querySelectorAll("[aria-hidden=true]").forEach(one => one.remove());
  return [here.ariaLabel ?? named.textContent.trim(), getComputedStyle(here).outlineStyle];
}"""
"""What has the focus, by name, and the line around it."""


async def problems(window, times=2.0):
    """What axe finds, what is too small for a thumb, and what is cut where letters are so much larger."""
    return [*await faults_of(window), *await small_targets(window), *await cut_texts(window, times)]


async def by_keys(window, name, most=80):
    """Go with Tab to what has a name, and press it; it can be seen that one is there."""
    for _ in range(most):
        await window.page.keyboard.press("Tab")
        here, outline = await window.page.evaluate(_FOCUSED)
        if here.startswith(name):
            assert outline != "none", f"nobody sees that {here} has the focus"
            await window.page.keyboard.press("Enter")
            return
    pytest.fail(f"Tab does not lead to {name}")


async def shared(hr, roles):
    """A feed with three people in it that is shared; gives it and the colleagues."""
    feed, _ = await hr.feed_with(*(python_resume() for _ in range(3)))
    team = [await colleague(hr) for _ in roles]
    await share(hr, feed, dict(zip(team, roles, strict=True)))
    return feed, team


@pytest.mark.long
async def test_a_colleague_is_invited_works_in_a_shared_feed_and_is_taken_out(hr, windows):
    feed, ids = await hr.feed_with(*(python_resume() for _ in range(3)))
    owner = await windows.open_as(hr, "/me", width=320)
    await owner.button("团队").click()
    with links() as letters:
        await owner.button("邀请同事").click()
        sheet = owner.page.get_by_role("dialog")
        await sheet.get_by_label("邮箱").fill(hr.email)
        await owner.button("发送邀请").click()
        await expect(sheet.get_by_role("alert")).to_have_text("这个邮箱已是公司成员")
        assert await problems(owner) == []
        await sheet.get_by_label("邮箱").fill("wei@example.com")
        await owner.page.keyboard.press("Enter")
        await expect(owner.at("[aria-label=已邀请]")).to_contain_text("wei@example.com")

        async def is_sent():
            return letters

        await eventually(is_sent, what="the letter")
    assert await problems(owner) == []

    wei = await windows.open(hr.port, path=f"/#join={letters[-1].partition('#join=')[2]}", width=320)
    await expect(wei.at(".told")).to_contain_text("加入 示例公司，角色是招聘人员")
    assert await problems(wei) == []
    await wei.button("注册并加入").click()
    await expect(wei.page.get_by_label("邮箱")).to_have_value("wei@example.com")
    await expect(wei.page.get_by_label("公司名称")).to_have_count(0)
    await wei.page.get_by_label("密码").fill(PASSWORD)
    await wei.page.get_by_label("联系电话").fill("010-12345678")
    await wei.page.get_by_label("我已阅读并同意").check()
    await wei.button("注册").click()
    await expect(wei.at("h1")).to_contain_text("我的职位")
    await wei.is_live()

    await owner.go("/")
    await owner.button("Python开发的更多操作").click()
    await owner.button("共享").click()
    await expect(owner.button("不共享")).to_have_attribute("aria-pressed", "true")
    assert await problems(owner, 1.45) == []
    await owner.button("一起处理").press("Enter")
    await owner.button("保存").press("Enter")
    await owner.says("已共享给 1 位同事")
    await expect(owner.at(f"[data-feed='{feed}']")).to_contain_text("共享给 wei")
    await expect(wei.page.get_by_role("heading", name="同事共享的")).to_be_visible()
    await expect(wei.at(f"[data-feed='{feed}']")).to_contain_text("的职位 · 一起处理")
    for window in (owner, wei):
        await window.shows_unread(3)
        assert await problems(window, 1.45) == []
    await wei.go(f"/feeds/{feed}/resumes/{ids[0]}")
    await wei.button("备注", within=".docked").click()
    await wei.page.get_by_role("dialog").get_by_role("textbox").fill("值得一看")
    await wei.button("保存备注").click()
    for window in (owner, wei):
        await window.shows_unread(2)

    async def is_told():
        return any(row["comment_log"] for row in await hr.results(feed))

    await eventually(is_told, what="what the outbox tells the server")
    await owner.go(f"/feeds/{feed}/resumes/{ids[0]}")
    await expect(owner.at(".notes")).to_contain_text("wei")
    await expect(owner.button(re.compile("值得一看"))).to_have_count(0)
    await expect(wei.button(re.compile("值得一看"))).to_have_count(1)
    assert await faults_of(owner) == []

    await wei.go("/me/team")
    await expect(wei.at("[aria-label=成员] li")).to_have_count(2)
    await expect(wei.at("[aria-label=成员] .face").last).to_have_text("I")
    await expect(wei.button(re.compile("管理|邀请同事|改名"))).to_have_count(0)
    await owner.go("/me/team")
    await owner.button(re.compile("^管理hr")).click()
    await owner.button("招聘人员").click()
    await expect(owner.page.get_by_role("alert")).to_have_text("公司至少要有一位所有者")
    await owner.page.keyboard.press("Escape")
    await owner.button("管理wei").press("Enter")
    await owner.button("移出公司").press("Enter")
    await expect(owner.button("移出公司")).to_be_disabled()
    assert await problems(owner) == []
    await owner.button(re.compile("^hr"), within="[role=dialog]").press("Enter")
    await owner.button("移出公司").press("Enter")
    await owner.says("已把wei移出公司")
    await expect(wei.page.get_by_label("密码")).to_be_visible()
    await owner.go("/me/team/work")
    wei_did = owner.at("[aria-label=每位成员] li").last
    await expect(wei_did).to_contain_text("看过 1 人 · 解锁 0 人 · 打过电话 0 人 · 约面试 0 人")
    assert await problems(owner) == []
    await owner.button("前一周").press("Enter")
    await expect(owner.at("h2")).to_contain_text("上周")
    await expect(wei_did).to_contain_text("看过 0 人")
    await owner.go("/me/team/audit")
    await expect(owner.at(".line").first).to_contain_text("把wei移出了公司")
    assert await problems(owner) == []
    wei.forgive("401")


@pytest.mark.long
async def test_who_may_look_is_offered_nothing_that_is_refused(hr, windows):
    feed, (lan,) = await shared(hr, ["view"])
    window = await windows.open_as(lan)
    card = f"[data-feed='{feed}']"
    await expect(window.at(card)).to_contain_text("只看")
    await expect(window.at(card).get_by_role("link")).to_have_count(2)
    await window.sees(".badge", 0)
    await expect(window.button("开始处理")).to_have_count(0)
    await window.at(f"{card} .main").click()
    await window.sees(".result", 3)
    denied = re.compile("多选|不合适|收藏|标记|解锁|导出|编辑|转给|更多操作|开始处理")
    for role in ("button", "link"):
        await expect(window.at("main").get_by_role(role, name=denied)).to_have_count(0)
    await window.at(".result .main").first.click()
    await expect(window.button("备注", within=".docked")).to_be_visible()
    for key in "fxmc":
        await window.page.keyboard.press(key)
    for role in ("button", "link"):
        await expect(window.at("body").get_by_role(role, name=denied)).to_have_count(0)
    await window.sees("[role=dialog]", 0)
    await window.go(f"/feeds/{feed}/statistics")
    await window.button("30 天").wait_for()
    await expect(window.button("导出")).to_have_count(0)
    assert await hr.unread(feed) == 3


async def test_who_works_in_a_feed_does_not_manage_it_and_its_owner_gives_it_away(hr, windows):
    feed, (wei,) = await shared(hr, ["work"])
    window = await windows.open_as(wei)
    await window.button("Python开发的更多操作").click()
    await expect(window.at("[role=dialog] .acts button")).to_have_text(["统计", "转出的链接"])
    await window.page.keyboard.press("Escape")
    owner = await windows.open_as(hr)
    await owner.button("Python开发的更多操作").click()
    await owner.button("转给同事").click()
    await owner.button(re.compile("^colleague"), within="[role=dialog]").click()
    await owner.button("转给 TA").click()
    await owner.says("已把“Python开发”转给colleague")
    await owner.sees(f"[data-feed='{feed}']", 0)
    await window.page.reload()
    await expect(window.at(f"[data-feed='{feed}'] .acts").get_by_role("link", name="编辑")).to_have_count(1)


async def test_an_owner_looks_after_a_colleagues_feed_that_is_shared_with_nobody(hr, windows):
    wei = await colleague(hr)
    feed = await wei.submit(**PYTHON_FEED)
    window = await windows.open_as(hr, "/me/team", width=320)
    await window.page.get_by_role("button", name="同事的职位").click()
    line = window.at("[aria-label=同事的职位] .line")
    await expect(line).to_contain_text("Python开发")
    await expect(line).to_contain_text("colleague")
    assert await problems(window) == []
    manage = window.button(re.compile("^管理colleague"))
    await manage.click()
    await expect(window.at("[role=dialog] .acts button")).to_have_text(
        ["编辑", "共享", "转给同事", re.compile("^暂停"), "删除"]
    )
    assert await problems(window) == []
    await window.button(re.compile("^暂停")).click()
    await window.says("已暂停“Python开发”")
    await expect(line).to_contain_text("已暂停")
    await manage.click()
    await window.button("编辑").click()
    await window.page.get_by_label("职位名称").fill("Python讲师")
    await window.button("保存").click()
    await expect(line).to_contain_text("Python讲师")
    await manage.click()
    await window.button("共享").click()
    await window.button("一起处理", within="[role=dialog]").click()
    await window.button("保存", within="[role=dialog]").click()
    await expect(line).to_contain_text("共享给 hr")
    assert [*await feeds_of(hr)] == [feed]
    await manage.click()
    await window.button("删除").click()
    await window.button("删除", within=".van-dialog").click()
    await expect(window.at(".empty")).to_contain_text("同事还没有职位")
    await window.go("/me/team/audit")
    lines = window.at("[aria-label=操作记录] .line")
    await expect(lines.first).to_contain_text(re.compile("删除了职位.*Python讲师"))
    await expect(lines.filter(has_text="新建了职位")).to_have_count(1)


@pytest.mark.long
async def test_a_team_is_led_by_keys_alone(hr, windows):
    feed, (wei,) = await shared(hr, ["view"])
    window = await windows.open_as(hr, "/me/team", width=1280)
    await expect(window.at("[aria-label=成员] li")).to_have_count(2)
    await by_keys(window, "改名")
    await window.page.get_by_label("公司名称").fill("")
    await window.page.keyboard.type("欧阳伟的公司")
    await window.page.keyboard.press("Enter")
    await window.says("公司名称已改好")

    await by_keys(window, "邀请同事")
    await window.page.get_by_role("dialog").get_by_label("邮箱").wait_for()
    await window.page.keyboard.press("Escape")
    await window.is_without_layers()
    await by_keys(window, "管理colleague")
    await window.page.get_by_role("dialog").wait_for()
    await by_keys(window, "所有者")
    await window.says("现在是所有者")
    await window.is_without_layers()
    await by_keys(window, "管理colleague")
    await by_keys(window, "招聘人员")
    await window.says("现在是招聘人员")

    await window.go("/")
    await by_keys(window, "Python开发的更多操作")
    await by_keys(window, "共享")
    await window.button("保存").wait_for()
    await by_keys(window, "一起处理")
    await by_keys(window, "保存")
    await window.says("已共享给 1 位同事")
    await window.is_without_layers()
    await by_keys(window, "Python开发的更多操作")
    await by_keys(window, "转给同事")
    await window.button("转给 TA").wait_for()
    await by_keys(window, "colleague")
    await by_keys(window, "转给 TA")
    await window.says("已把“Python开发”转给colleague")

    await window.go("/me/team")
    await by_keys(window, "管理colleague")
    await by_keys(window, "移出公司")
    await expect(window.button("移出公司")).to_be_disabled()
    await by_keys(window, "hr")
    await by_keys(window, "移出公司")
    await window.says("移出公司")
    await window.is_without_layers()
    await expect(window.at("[aria-label=成员] li")).to_have_count(1)
    await by_keys(window, "操作记录")
    await expect(window.at(".line").first).to_contain_text("移出了公司")
    assert [*await feeds_of(hr)] == [feed]
    assert (await wei.get("/special_feed/page/")).http == 401


@pytest.mark.long
async def test_an_account_joins_in_one_tap_unless_it_has_feeds(hr, other_hr, windows):
    feed = await other_hr.submit(**PYTHON_FEED)
    token = await invited(hr, other_hr.email, "owner")
    window = await windows.open_as(other_hr)
    await window.go(f"/join={token}")
    await window.button("加入").first.click()
    await expect(window.page.get_by_role("alert")).to_contain_text("还有职位或同事")
    await other_hr.get(f"/feed/delete/{feed}")
    await window.button("加入").first.click()
    await expect(window.at("[aria-label=成员] li")).to_have_count(2)
    await window.go(f"/join={token}")
    await expect(window.page.get_by_role("alert")).to_have_text("邀请无效或已过期，请同事重新邀请")
