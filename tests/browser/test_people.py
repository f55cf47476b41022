"""What a recruiter does with a person: favourite, search, unlock, mark, comment."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.support import PYTHON_FEED, WANG, eventually, python_resume


@pytest.fixture
def feed(hr, io_loop):
    """A feed with two results: one may be unlocked, one keeps the contact secret."""
    secret = python_resume(contact_status="secret", works=[{"position_title": "Python架构师"}])
    feed_id, _ = io_loop.run_sync(lambda: hr.feed_with(python_resume(**WANG), secret), timeout=120)
    return feed_id


async def test_what_another_tab_has_sent_is_known_and_taken_back_here(hr, feed, windows):
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.at(".result .main").filter(has_text="Python开发工程师").first.click()
    other = await windows.beside(window, "/me")
    window.forgive_lost_connections()
    async with window.answered("**/resumes/mark/**"):
        await window.button("标记").click()
        await window.button("约面试").click()
        await window.button("约明天 14:00").click()
        await other.page.reload()

        async def is_marked():
            return any(item["mark_log"] for item in await hr.results(feed))

        await eventually(is_marked, what="the other tab to send it")
    invitation = window.at("[role=dialog] .text").filter(visible=True)
    await expect(invitation).to_contain_text("面试")
    await window.button("完成").click()
    await window.button("撤销").click()

    async def is_undone():
        return not await is_marked()

    await eventually(is_undone, what="the mark to be taken back")


async def test_a_contact_is_unlocked_marked_and_commented_on(hr, feed, windows):
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.at(".result .main").filter(has_text="Python开发工程师").first.click()
    await window.sees(".contact", 0)
    await window.button("解锁并复制").click()
    await expect(window.at(".contact")).to_contain_text("王小明")
    await expect(window.at(".contact a[href='tel:10000000001']")).to_be_visible()
    await window.button("标记").click()
    await window.button("约面试").click()
    await window.button("视频").click()
    await window.page.get_by_label("会议链接").fill("https://meet.example.com/1")
    await window.button("约明天 14:00").click()
    invitation = window.at("[role=dialog] .text").filter(visible=True)
    await expect(invitation).to_contain_text("https://meet.example.com/1")
    await window.button("复制邀请").click()
    await window.says("邀请已复制")
    async with window.page.expect_download() as started:
        await window.button("加入日历").click()
    assert (await started.value).suggested_filename == "面试.ics"
    await window.button("完成").click()
    await expect(window.at(".notes li").first).to_contain_text("约面试")
    await expect(window.at(".notes li").first).to_be_in_viewport()
    await window.button("备注").click()
    await window.page.get_by_label("备注", exact=True).fill("周三下午三点\n带作品")
    await window.button("保存备注").click()
    await window.says("备注已保存")
    await expect(window.at(".notes")).to_contain_text("周三下午三点")
    await expect(window.at(".notes li").first).to_be_in_viewport()
    await window.button("返回").click()
    await expect(window.at(".result").filter(has_text="约面试")).to_have_count(1)
    item = next(item for item in await hr.results(feed) if item["mark_log"])
    assert item["comment_log"][0]["content"] == "周三下午三点\n带作品"
    assert item["contact_info"]["phone"] == "10000000001"


async def test_a_secret_contact_stays_secret(hr, feed, windows):
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.at(".result .main").filter(has_text="Python架构师").click()
    await window.button("解锁并复制").click()
    await expect(window.at(".contact")).to_contain_text("候选人的联系方式保密")
    await window.sees(".contact button", 0)


@pytest.mark.long
async def test_favourites_are_kept_found_by_name_only_when_unlocked_and_given_up_with_a_way_back(
    hr, feed, windows
):
    window = await windows.open_as(hr, f"/feeds/{feed}")
    for number in range(2):
        await window.button("收藏", within=f".result >> nth={number}").click()
    await window.sees(".result .on", 2)
    await window.go("/favourites")
    await window.sees(".favourite", 2)
    await window.page.get_by_label("搜索词").fill("架构师")
    await window.sees(".favourite", 1)
    await expect(window.at(".favourite")).to_contain_text("联系方式保密")
    await window.button("公司名").click()
    await expect(window.at(".empty")).to_contain_text("收藏里没有找到")
    await window.button("姓名").click()
    await window.page.get_by_label("搜索词").fill("王小明")
    await expect(window.at(".empty")).to_contain_text("姓名只在解锁过")
    await window.page.get_by_label("搜索词").fill("")
    await window.sees(".favourite", 2)
    await window.at(".favourite .main").filter(has_text="Python开发工程师").click()
    await window.button("解锁并复制").click()
    await expect(window.at(".contact")).to_contain_text("王小明")
    await window.button("返回").click()
    await window.page.get_by_label("搜索词").fill("王小明")
    await window.sees(".favourite", 1)
    await expect(window.at(".favourite")).to_contain_text("10000000001")
    await window.button("取消收藏").click()
    await window.sees(".favourite", 0)
    await window.button("撤销").click()
    await window.sees(".favourite", 1)

    async def is_told():
        return (await hr.get("/resume/follow/list/"))["total_count"] == 2

    await eventually(is_told, what="what the outbox tells the server")


async def test_a_favourite_outlives_the_feed_that_found_it(hr, feed, windows):
    resume_id = (await hr.results(feed))[0]["resume"]["id"]
    await hr.post(f"/resumes/add_watch/{resume_id}", feed_id=feed)
    await hr.post(f"/feed/delete/{feed}")
    window = await windows.open_as(hr, "/favourites")
    await window.at(".favourite .main").click()
    await expect(window.at(".line").first).to_be_visible()
    await window.sees(".ring", 0)
    await window.button("收藏", within=".docked").click()
    await window.says("已取消收藏")
    await window.button("返回").click()
    await expect(window.at(".empty")).to_contain_text("还没有收藏")
    window.forgive("404")


@pytest.mark.long
@pytest.mark.usefixtures("within_a_day")
async def test_two_who_may_be_one_person_are_joined_opened_and_told_apart_again(hr, windows):
    feed = await hr.submit(**PYTHON_FEED)
    person = {"name": "林晚照", "education": [{"school": "北京邮电大学", "end_time": "2018-06"}]}
    await hr.scored(python_resume(**person))
    await hr.scored(python_resume(**person, works=[{"position_title": "Python架构师"}]))
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.shows_unread(2)
    await expect(window.at(".result").filter(has_text="疑似同一人")).to_have_count(2)
    await window.at(".result .main").filter(has_text="Python架构师").click()
    alike = window.page.get_by_role("region", name="疑似同一人")
    await expect(alike.get_by_role("link")).to_contain_text("test 今天")
    await expect(alike).to_contain_text("算一次解锁")
    await alike.get_by_role("button", name="合并").press("Enter")
    await window.says("已合并为一人")
    await window.button("撤销").focus()  # which keeps it there
    same = window.page.get_by_role("region", name="同一人", exact=True)
    await expect(same).to_contain_text("还有 1 份简历")
    await expect(alike).to_have_count(0)
    await window.shows_unread(0)  # the one that was opened is the person's
    await window.button("撤销").click()
    await expect(same).to_have_count(0)
    await window.shows_unread(1)
    await window.button("返回").click()
    await window.sees(".result", 2)
    (older,) = [row["resume"]["id"] for row in await hr.results(feed) if row["user_read_status"] == "unread"]
    (newer,) = [row["resume"]["id"] for row in await hr.results(feed) if row["resume"]["id"] != older]
    await hr.post("/resumes/join/", {"resume_id": older, "other_id": newer})
    await window.page.reload()
    await window.sees(".result", 1)
    await window.at(".result").get_by_role("link", name="test 今天").click()
    await expect(window.at(".pane h1")).to_have_text("Python开发工程师")
    await window.button("返回").click()
    await window.at(".result .main").click()
    await same.get_by_role("button", name="不是同一人").click()
    await window.says("已分为两人")
    await window.button("返回").click()
    await window.sees(".result", 2)
