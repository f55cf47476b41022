"""Finding somebody in a list: filters in the URL, the search, what was removed, and cards that say it."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.support import PYTHON_FEED, python_resume


@pytest.fixture
def feed(hr, io_loop):
    """A feed with five results, of whom two have a master's degree."""
    master = [{"school": "北京邮电大学", "degree": "硕士", "major": "计算机"}]
    state = {"job_career": "Python开发工程师", "job_hunting_state": "在职-考虑机会"}
    masters = [python_resume(number, education=master, self_evaluation="用过Kafka") for number in range(2)]
    others = [python_resume(number, job_target=state) for number in range(2, 5)]
    feed_id, _ = io_loop.run_sync(lambda: hr.feed_with(*masters, *others), timeout=120)
    return feed_id


async def test_filters_stay_in_the_url_over_a_reload_and_the_way_back_from_a_resume(hr, feed, windows):
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.sees(".result", 5)
    await window.button(re.compile("^筛选")).click()
    await window.button("硕士").click()
    await window.page.get_by_label("其他城市或地区").fill("bj")
    await window.button("北京", within=".found").wait_for()
    await window.page.keyboard.press("Enter")
    await window.button("看 2 份").click()
    await window.sees(".result", 2)
    await expect(window.page).to_have_url(re.compile(r"degree=master"))
    await window.page.reload()
    await window.sees(".result", 2)
    await window.button("去掉：北京").wait_for()
    await window.at(".result .main").first.click()
    await window.sees(".docked", 1)
    await window.page.go_back()
    await window.sees(".result", 2)
    await window.button("去掉筛选").click()
    await window.sees(".result", 5)
    await expect(window.page).not_to_have_url(re.compile(r"\?"))
    # A link of an older or newer page opens the list, whatever it does not know.
    await window.go(f"/feeds/{feed}?degree=phd&latest=1&colour=red")
    await expect(window.button("去掉：未读")).to_be_visible()


async def test_a_search_finds_words_and_says_how_many(hr, feed, windows):
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.sees(".result", 5)
    await window.button("搜索这些简历").click()
    field = window.page.get_by_label("在这些简历里找")
    await expect(field).to_be_focused()
    await window.page.mouse.wheel(0, 2_000)
    await window.page.wait_for_function("() => scrollY > 100")
    await field.fill("kafka")
    await window.page.keyboard.press("Enter")
    await window.sees(".result", 2)
    assert await window.page.evaluate("scrollY") == 0
    await window.shows(".counts [role=status]", "筛出 2 份，共 5 份")
    await field.fill("王小明")
    await window.button("搜索", within="[role=search]").click()
    await expect(window.at(".empty")).to_contain_text("没有符合筛选的简历")
    await window.button("搜索这些简历").click()
    await window.sees(".result", 5)


@pytest.mark.long
@pytest.mark.usefixtures("within_a_day")
async def test_removed_ones_are_listed_with_their_reason_and_come_back(hr, feed, windows):
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.sees(".result", 5)
    await window.button("不合适", within=".result").first.click()
    await window.button("地区不符").click()
    await window.sees(".result", 4)
    await window.button(re.compile("^筛选")).click()
    await window.button("已移出的").click()
    await window.button("看 1 份").click()
    await window.sees(".result", 1)
    await expect(window.at(".result .removed")).to_have_text("今天移出：地区不符")
    await window.shows(".counts [role=status]", "已移出 1 份")
    # From the resume, and from its card.
    await window.at(".result .main").click()
    await window.button("移回列表", within=".docked").click()
    await window.says("已移回")
    await window.button("撤销", within=".snack").click()
    await window.button("移回列表", within=".docked").wait_for()
    await window.page.go_back()
    await window.button(re.compile("^移回列表")).click()
    await window.says("已移回")
    await window.sees(".result", 0)
    await window.button("去掉筛选", within=".empty").click()
    await window.sees(".result", 5)


async def test_three_cards_are_on_a_phones_screen_and_say_who_it_is_and_why_with_nothing_cut(
    hr, feed, windows
):
    first = (await hr.results(feed))[0]["resume"]["id"]
    await hr.unlock(feed, first)
    await hr.mark(feed, first, "已联系")
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.page.set_viewport_size({"width": 375, "height": 812})
    await window.sees(".result", 5)
    boxes = [await window.at(".result").nth(at).bounding_box() for at in range(3)]
    assert all(box["y"] + box["height"] <= 812 for box in boxes), boxes
    texts = window.at(".result h3, .result .facts, .result .reasons")
    hidden = "all => all.filter(one => getComputedStyle(one).overflow !== 'visible').length"
    assert await texts.evaluate_all(hidden) == 0, "nothing of them is cut"
    card = window.at(f'[data-resume="{first}"]')
    await expect(card.locator("h3")).to_contain_text("王小明")
    await expect(card.locator(".top")).to_contain_text("已解锁")
    await expect(card.locator(".top")).to_contain_text("已联系")
    await expect(card.locator(".reasons")).to_contain_text("Python开发工程师")
    await expect(window.at(".facts").filter(has_text="在职-考虑机会")).to_have_count(3)
    assert await card.evaluate("card => card.querySelectorAll('*').length") <= 60
    # A link once it is known that the feed is one's own.
    await window.page.get_by_role("link", name=re.compile("我们理解为：Python")).click()
    await expect(window.button("不对？")).to_be_focused()


@pytest.mark.long
async def test_one_search_over_all_feeds_is_a_key_away_and_back_finds_it_as_it_was(hr, feed, windows):
    first = (await hr.results(feed))[0]["resume"]["id"]
    await hr.unlock(feed, first)
    await hr.mark(feed, first, "约面试")
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.sees(".result", 5)
    await window.page.keyboard.press("?")
    await expect(window.at("[role=dialog] dl")).to_contain_text("找人")
    await window.page.keyboard.press("Escape")
    await window.page.get_by_role("link", name="找人").click()
    field = window.page.get_by_label("找人")
    await expect(field).to_be_focused()
    await expect(window.at(".empty")).to_contain_text("在全部职位里找人")
    await window.go("/me")
    await window.at(".face").wait_for()
    await window.page.keyboard.press("/")
    await expect(field).to_be_focused()
    await field.fill("王小明")
    await window.shows("[role=status].dim", "找到 1 位")
    await expect(window.at(".found")).to_contain_text("约面试")
    await expect(window.at(".found")).to_contain_text("Python开发")
    await field.fill("139")
    await expect(window.at(".empty")).to_contain_text("电话至少输入 4 位")
    await field.fill("python")
    await window.sees(".found", 5)
    await window.page.mouse.wheel(0, 2_000)
    last = window.at(".found .main").last
    await expect(last).to_be_in_viewport()
    before = await window.page.evaluate("scrollY")
    assert before > 0
    await last.click()
    await window.sees(".docked", 1)
    await window.page.go_back()
    await window.sees(".found", 5)
    await expect(field).to_have_value("python")
    await window.page.wait_for_function("before => Math.abs(scrollY - before) < 2", arg=before)
    window.forgive_lost_connections()
    async with window.answered("**/resumes/search/**"):
        await field.fill("golang")
        await expect(window.at(".empty[role=alert]")).to_contain_text("没能搜索")
    await window.button("再试一次").click()
    await expect(window.at(".empty")).to_contain_text("没有找到“golang”")


async def test_who_was_called_and_removed_is_found_with_the_reason_and_opened(hr, feed, windows):
    person = (await hr.results(feed))[0]["resume"]["id"]
    await hr.unlock(feed, person)
    await hr.mark(feed, person, "不合适", good=False)
    removal = {"feed_id": feed, "resume_id": person, "reco_index": -150, "feedback": "salary_high"}
    await hr.get("/feed/modify_feed_result", **removal)
    window = await windows.open_as(hr, "/search?q=王小明")
    found = window.at(".found")
    await expect(found).to_contain_text("不合适")
    await expect(found).to_contain_text("已移出：薪资偏高")
    await found.locator(".main").click()
    await expect(window.at("main")).to_contain_text("王小明")


async def test_what_speaks_against_somebody_is_no_reason_for_them(hr, windows):
    feed_id = await hr.submit(**PYTHON_FEED)
    wish = {**python_resume()["job_target"], "salary": "6000-7000"}
    (person,) = await hr.scored(python_resume(job_target=wish))
    item = (await hr.get(f"/feed/get/{feed_id}/{person}"))["data"]
    *reasons, shortfall = item["summary"].split("，")
    assert shortfall == "期望6-7K（给3-5K）"
    window = await windows.open_as(hr, f"/feeds/{feed_id}/resumes/{person}")
    await expect(window.at(".reasons").first.locator("li")).to_have_text(reasons)
    await expect(window.at("h3:text-is('不足') + ul li")).to_have_text([shortfall])
