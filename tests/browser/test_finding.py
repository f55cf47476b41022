"""Finding somebody in a list: filters in the URL, the search, what was removed, and cards that say it."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.support import PYTHON_FEED, python_resume


@pytest.fixture
def feed(hr, io_loop):
    """A feed with five results, of whom two have a master's degree."""

    async def fill():
        feed_id = await hr.submit(**PYTHON_FEED)
        master = [{"school": "北京邮电大学", "degree": "硕士", "major": "计算机"}]
        state = {"job_career": "Python开发工程师", "job_hunting_state": "在职-考虑机会"}
        await hr.ingest(
            *(python_resume(number, education=master, self_evaluation="用过Kafka") for number in range(2)),
            *(python_resume(number, job_target=state) for number in range(2, 5)),
        )
        await hr.all_scored()
        return feed_id

    return io_loop.run_sync(fill, timeout=120)


@pytest.mark.gen_test
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
    await window.sees(".actions", 1)
    await window.page.go_back()
    await window.sees(".result", 2)
    await window.button("去掉筛选").click()
    await window.sees(".result", 5)
    await expect(window.page).not_to_have_url(re.compile(r"\?"))
    # A link of an older or newer page opens the list, whatever it does not know.
    await window.go(f"/feeds/{feed}?degree=phd&latest=1&colour=red")
    await expect(window.button("去掉：未读")).to_be_visible()
    assert window.faults == []


@pytest.mark.gen_test
async def test_a_search_finds_words_and_says_how_many(hr, feed, windows):
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.sees(".result", 5)
    await window.button("搜索这些简历").click()
    field = window.page.get_by_label("在这些简历里找")
    await expect(field).to_be_focused()
    await field.fill("kafka")
    await window.page.keyboard.press("Enter")
    await window.sees(".result", 2)
    await window.shows(".counts [role=status]", "筛出 2 份，共 5 份")
    await field.fill("王小明")
    await window.button("搜索", within="[role=search]").click()
    await expect(window.at(".empty")).to_contain_text("没有符合筛选的简历")
    await window.button("搜索这些简历").click()
    await window.sees(".result", 5)
    assert window.faults == []


@pytest.mark.gen_test
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
    await window.button("移回列表", within=".actions").click()
    await window.says("已移回")
    await window.button("撤销", within=".snack").click()
    await window.button("移回列表", within=".actions").wait_for()
    await window.page.go_back()
    await window.button(re.compile("^移回列表")).click()
    await window.says("已移回")
    await window.sees(".result", 0)
    await window.button("去掉筛选", within=".empty").click()
    await window.sees(".result", 5)
    assert window.faults == []


@pytest.mark.gen_test
async def test_three_cards_are_on_a_phones_screen_and_say_who_it_is_and_why_with_nothing_cut(
    hr, feed, windows
):
    first = (await hr.results(feed))[0]["resume"]["id"]
    await hr.post(f"/resumes/download/{first}", {"feed_id": feed})
    mark = {"feed_id": feed, "mark_name": "已联系", "good_result": True}
    await hr.post(f"/resumes/mark/{first}", mark)
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
    await window.at(".guess").filter(has_text="我们理解为：Python").click()
    await expect(window.button("不对？")).to_be_focused()
    assert window.faults == []


@pytest.mark.gen_test
async def test_people_are_searched_from_any_page_and_stand_in_the_funnel_by_week(hr, feed, windows):
    resume = (await hr.results(feed))[0]["resume"]["id"]
    body = {"feed_id": feed, "mark_name": "约面试", "good_result": True}
    await hr.post(f"/resumes/mark/{resume}", body)
    window = await windows.open_as(hr, f"/feeds/{feed}")
    await window.at(".result").first.wait_for()
    await window.page.get_by_role("link", name="搜索所有人").click()
    await window.page.get_by_label("搜索所有职位的人").fill("没有这个词")
    await expect(window.at(".empty")).to_contain_text("没有找到")
    await window.page.get_by_label("搜索所有职位的人").fill("邮电大学")
    await expect(window.at(".kept").first).to_contain_text("约面试")
    await window.at(".kept .main").first.click()
    await window.sees(".actions", 1)
    await window.page.go_back()
    await expect(window.at(".kept").first).to_contain_text("约面试")
    await window.go(f"/feeds/{feed}/funnel")
    await expect(window.button("本周联系 1 位")).to_be_visible()
    await expect(window.button("本周Offer 1 位")).to_have_count(0)
    await window.button("本周面试 1 位").click()
    await window.page.get_by_role("dialog").get_by_role("link").click()
    await window.sees(".actions", 1)
    assert window.faults == []
