"""The form of a feed: what it asks, what it says is wrong, and how many it would find while one types."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
from playwright.async_api import expect

from tests.support import PASSWORD, PYTHON_FEED, Api, nurse_resume, python_resume

pytestmark = pytest.mark.usefixtures("unhurried_preview")


async def test_a_newcomer_registers_makes_a_feed_edits_it_and_deletes_it(server, windows):
    api = Api(server.port)
    await api.scored(*(python_resume() for _ in range(12)), nurse_resume())
    window = await windows.open(server.port)
    page = window.page
    await window.button("注册").click()
    await page.get_by_label("我已阅读并同意").check()
    await window.button("注册").first.click()
    await expect(window.at(".van-field").filter(has_text="邮箱")).to_contain_text("请")
    for label, value in {
        "邮箱": "tour@example.com",
        "密码": PASSWORD,
        "公司名称": "示例公司",
        "联系电话": "010-12345678",
    }.items():
        await page.get_by_label(label).fill(value)
    await window.button("注册").first.click()
    await expect(window.at(".empty")).to_contain_text("还没有职位")

    await window.button("新建第一个职位").click()
    await window.button("保存").click()
    await expect(window.at(".part").first).to_contain_text("请填写职位名称")
    await page.get_by_label("职位名称").fill("Python开发")
    await window.at("summary").click()
    await page.get_by_label("关键词").fill("python，mysql")
    await page.get_by_label("关键词").press("Enter")
    await window.sees(".tag", 2)
    await window.button("全部城市").click()
    await page.get_by_label("找城市").fill("beijing")
    await window.button("北京", within=".sheet").click()
    await window.button("完成").click()
    await window.button("中级").click()
    await expect(window.at(".count")).to_contain_text("强匹配 12 份")
    await window.button("保存").click()
    # Nobody could tell them of its results yet.
    await window.button("设置提醒").click()
    await window.shows("h1", "提醒")
    await window.button("返回").click()
    await window.shows("h1", "Python开发")
    await window.sees(".result", 10)

    await page.get_by_role("link", name="编辑").click()
    await expect(page.get_by_label("职位名称")).to_have_value("Python开发")
    await expect(window.at("summary")).to_contain_text("已填：关键词、人才级别")
    await window.at("summary").click()
    await window.sees(".tag", 2)
    await page.get_by_label("职位名称").fill("护士")
    for _ in range(2):  # leaving asks, as often as one tries
        await window.button("返回").click()
        await window.button("取消").click()
        await window.sees(".van-dialog", 0)
        await expect(page.get_by_label("职位名称")).to_have_value("护士")
    await window.button("去掉python").click()
    await window.button("去掉mysql").click()
    await window.button("北京", within="form").click()
    await window.button("中级").click()
    await expect(window.at(".count")).to_contain_text("强匹配 1 份")
    await window.button("保存").click()
    await window.shows("h1", "护士")
    await window.sees(".result", 1)
    await window.button("返回").click()
    await window.button("护士的更多操作").click()
    await window.button("删除", within=".sheet").click()
    await window.button("删除", within=".van-dialog").click()
    await expect(window.at(".empty")).to_contain_text("还没有职位")


@pytest.mark.long
async def test_the_preview_asks_one_question_at_a_time_and_ends_with_the_newest_form(hr, windows):
    await hr.scored(*(python_resume() for _ in range(4)), nurse_resume())
    window = await windows.open_as(hr, "/feeds/new")
    title = window.page.get_by_label("职位名称")
    asked, under_way, most = [], 0, 0

    async def slowly(route):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        asked.append(json.loads(route.request.post_data)["title"])
        answer = await route.fetch()
        await asyncio.sleep(0.5)
        under_way -= 1
        await route.fulfill(response=answer)

    await window.page.route("**/special_feed/preview/", slowly)
    for text in ("Python开发", "Python开发工程师", "会计", "护士"):
        await title.fill(text)
        await window.page.wait_for_timeout(500)
    await expect(window.at(".count")).to_have_text("强匹配 1 份")
    assert most == 1
    assert asked[-1] == "护士"
    await title.fill("")
    await expect(window.at(".preview")).to_contain_text("填写职位名称后")


@pytest.mark.long
async def test_a_vague_title_is_asked_about_and_the_choice_is_kept_until_it_is_taken_back(hr, windows):
    await hr.scored(*(python_resume() for _ in range(4)), nurse_resume())
    window = await windows.open_as(hr, "/feeds/new")
    page = window.page
    await page.get_by_label("职位名称").fill("Python开发")
    await expect(window.at(".understood")).to_contain_text("我们理解为")
    await expect(window.at(".understood .chip").first).to_have_text("Python开发工程师")
    await page.get_by_label("职位名称").fill("专员")
    await expect(window.at(".understood.asking")).to_contain_text("职位名称没有说明是什么职业")
    await window.button("找其他职业").click()
    await page.get_by_label("找职业").fill("护士")
    await page.get_by_role("button", name="护士", exact=True).click()
    await window.button("完成").click()
    await expect(window.at(".understood .chip")).to_contain_text("护士")
    await expect(window.at(".count")).to_have_text("强匹配 1 份")
    await window.button("保存").click()
    await window.shows("h1", "专员")
    await window.sees(".result", 1)
    await window.at(".result .main").click()
    await expect(window.at(".why").first).to_contain_text("专员（选定：护士）")
    await window.button("返回").click()
    await page.get_by_role("link", name="编辑").click()
    await window.button("去掉护士").click()
    await window.sees(".understood.asking", 1)


@pytest.mark.long
async def test_what_the_server_finds_wrong_stands_beside_its_field_and_fields_not_shown_survive(hr, windows):
    feed_id = await hr.submit(**PYTHON_FEED, categorys=[1, 14], job_welfare="不加班")
    window = await windows.open_as(hr, f"/feeds/{feed_id}/edit")
    await window.page.get_by_label("最低（千元）").fill("30")
    await window.page.get_by_label("最高（千元）").fill("20")  # and still typing
    await window.shows(".preview .fault", "最低薪资不能高于最高薪资")
    await window.button("保存").click()
    await window.shows(".part .wrong", "最低薪资不能高于最高薪资")
    await window.page.get_by_label("最低（千元）").fill("99")
    await window.page.get_by_label("最低（千元）").blur()
    assert await window.page.evaluate("document.documentElement.scrollWidth") <= 375
    await window.sees(".part .wrong", 0)
    await window.page.get_by_label("最低（千元）").fill("30")
    await window.page.get_by_label("最高（千元）").fill("40")
    await expect(window.at(".count")).to_contain_text("强匹配 0 份")
    await window.sees(".part .wrong", 0)
    await window.button("保存").click()
    await window.shows("h1", "Python开发")
    feed = (await hr.get(f"/special_feed/edit_feed/{feed_id}/"))["data"]["feed"]
    assert (feed["salary_min"], feed["salary_max"]) == (30_000, 40_000)
    assert [row["id"] for row in feed["company"]["categroys"]] == [1, 14]
    assert feed["job_welfare"] == ["不加班"]


async def test_a_new_feed_is_made_once_though_the_answer_was_lost_and_keeps_what_is_required(hr, windows):
    window = await windows.open_as(hr, "/feeds/new")
    await window.page.get_by_label("职位名称").fill("Python开发")
    await window.sees("[aria-label$=希望还是必须]", 0)
    await window.button("本科").click()
    degree = window.at("[aria-label=学历：希望还是必须]")
    await expect(degree.get_by_role("button", name="希望")).to_have_attribute("aria-pressed", "true")
    await degree.get_by_role("button", name="必须").click()
    await window.page.get_by_label("最少年限").fill("3")
    await window.page.get_by_label("最少年限").press("Tab")
    years = window.at("[aria-label=工作年限：希望还是必须]")
    await years.get_by_role("button", name="必须").click()
    await window.page.get_by_label("最多年限").fill("8")
    await window.page.get_by_label("最多年限").press("Tab")
    await expect(years.get_by_role("button", name="必须")).to_have_attribute("aria-pressed", "true")
    await window.at("summary").click()
    await window.button("宽松").click()
    await expect(window.at("form")).to_contain_text("把握小一些的也算强匹配")
    sent = []

    async def lose_the_first_answer(route):
        sent.append(json.loads(route.request.post_data))
        answer = await route.fetch()
        await (route.fulfill(response=answer) if len(sent) > 1 else route.abort())

    await window.page.route("**/special_feed/submit_feed/", lose_the_first_answer)
    window.forgive_lost_connections()
    await window.button("保存").click()
    await window.says("连不上")
    async with window.answered("**/special_feed/page/"):
        await window.button("保存").click()
        await expect(window.page).to_have_url(re.compile("#/feeds/[0-9a-f]{24}$"))
    await window.page.reload()
    await window.shows("h1", "Python开发")
    assert sent[0] == sent[1]
    assert len((await hr.get("/special_feed/page/"))["data"]["all_feed"]) == 1
    required = sent[0]["requirements"]
    assert (required["degree"], required["years_min"], required["years_max"]) == ("本科", 3, 8)
    assert sorted(required["must"]) == ["degree", "years_max", "years_min"]
    await window.page.get_by_role("link", name="编辑").click()
    await expect(degree.get_by_role("button", name="必须")).to_have_attribute("aria-pressed", "true")
    await expect(window.at("summary")).to_contain_text("已填：强匹配的标准")
    await window.at("summary").click()
    await expect(window.button("宽松")).to_have_attribute("aria-pressed", "true")


async def test_whoever_has_no_feed_left_is_told_so(hr, windows):
    await hr.submit(**PYTHON_FEED)
    window = await windows.open_as(hr, "/me")

    async def used_up(route):
        answer = await (await route.fetch()).json()
        await route.fulfill(json=answer | {"data": answer["data"] | {"has_rest_feed": False}})

    async with window.answered("**/special_feed/page/", used_up):
        await window.page.reload()
        await expect(window.page.get_by_text("已用完")).to_be_visible()
        await window.go("/")
        await window.page.get_by_role("button", name="新建").click(force=True)
        sheet = window.page.get_by_role("dialog", name="职位名额已用完")
        await expect(sheet).to_contain_text("5 个名额都在用")
        await expect(sheet).to_contain_text("VIP 账号可以同时有 1000 个职位")
        assert window.page.url.endswith("#/")
    # The one that can be spared is deleted there.
    await window.button("删除Python开发", within=".sheet").click()
    await window.button("删除", within=".van-dialog").click()
    await expect(window.at(".empty")).to_contain_text("还没有职位")
    await expect(sheet).to_be_hidden()


@pytest.mark.long
async def test_a_feed_is_paused_and_goes_on_by_keyboard_and_is_copied(hr, windows):
    feed_id, _ = await hr.feed_with(python_resume())
    window = await windows.open_as(hr)
    page = window.page
    menu = window.button("Python开发的更多操作")
    await menu.focus()
    await page.keyboard.press("Enter")
    await expect(window.button("暂停", within=".sheet")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(menu).to_be_focused()
    await menu.click()
    await window.button("暂停", within=".sheet").click()
    await window.says("已暂停“Python开发”")
    await expect(window.at(".feed.paused .chip.warn")).to_have_text("已暂停，不再推荐")
    await hr.scored(python_resume())
    await window.shows(".feed .badge", "1")
    # The list says so, and lets it go on.
    await window.at(".feed .main").click()
    await expect(window.at(".paused-note")).to_contain_text("已暂停")
    await window.button("恢复", within=".paused-note").click()
    await expect(window.at(".paused-note")).to_have_count(0)
    await hr.calced(feed_id)
    await window.go("/")
    await window.shows(".feed .badge", "2")

    await menu.click()
    await window.button("复制", within=".sheet").click()
    await window.shows("h1", "复制职位")
    await expect(page.get_by_label("职位名称")).to_have_value("Python开发")
    await page.get_by_label("职位名称").fill("Python开发（上海）")
    await window.button("保存").click()
    await window.shows("h1", "Python开发（上海）")
    feeds = (await hr.get("/special_feed/page/"))["data"]["all_feed"]
    assert [row["feed"]["title"] for row in feeds] == ["Python开发（上海）", "Python开发"]
    assert feeds[0]["feed"]["expect_area"] == feeds[1]["feed"]["expect_area"]


POSTING = """Python开发工程师 15-25K·14薪
上海
3-5年
本科
职位描述
岗位职责：
1、用Python开发接口。
任职要求：
1、熟悉MySQL、Redis。
护士（2名）
岗位职责：
1、照顾病人。
"""


@pytest.mark.long
async def test_a_pasted_posting_fills_the_form_in_asks_before_it_replaces_and_is_taken_back(hr, windows):
    await hr.scored(python_resume(), nurse_resume())
    window = await windows.open_as(hr, "/feeds/new")
    page = window.page
    title = page.get_by_label("职位名称")
    await title.fill("后端")
    await window.button("粘贴职位描述，自动填写").click()
    text = page.get_by_label("职位描述全文")
    await text.fill("你好")
    await window.button("自动填写", within=".sheet").click()
    await expect(window.at(".sheet")).to_contain_text("没有读出职位信息")
    await text.fill(POSTING)
    await window.button("自动填写", within=".sheet").click()
    # The title was typed: nothing replaces it unless that is chosen.
    await expect(window.at(".sheet .conflict")).to_contain_text("读到：Python开发工程师")
    await window.button("替换职位名称").click()
    await window.button("替换 1 项").click()
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(title).to_have_value("Python开发工程师")
    await expect(page.get_by_text("读自：15-25K·14薪")).to_be_visible()
    await expect(page.get_by_label("最低（千元）")).to_have_value("15")
    await expect(window.button("上海", within="form")).to_have_attribute("aria-pressed", "true")
    await window.button("撤销填入").click()
    await expect(title).to_have_value("后端")
    await expect(page.get_by_label("最低（千元）")).to_have_value("")
    await expect(page.get_by_text("读自：")).to_have_count(0)

    # Pasted into the title, where it does not fit, it comes to the sheet by itself.
    await title.fill("")
    await title.evaluate(
        """(field, text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          const paste = { clipboardData: data, bubbles: true, cancelable: true };
          field.dispatchEvent(new ClipboardEvent("paste", paste));
        }""",
        POSTING,
    )
    await window.button("自动填写", within=".sheet").click()
    await expect(title).to_have_value("Python开发工程师")
    # What is edited is the recruiter's own.
    await page.get_by_label("最低（千元）").fill("3")
    await page.get_by_label("最高（千元）").fill("5")
    await expect(page.get_by_text("读自：15-25K·14薪")).to_have_count(0)
    await window.button("护士", within=".paste").click()
    await expect(title).to_have_value("护士")
    await expect(window.at(".count")).to_contain_text("强匹配 1 份")
    await window.button("预览").click()
    await window.button("保存", within=".sheet").click()
    await window.shows("h1", "护士")


async def test_an_empty_account_tries_an_example_and_what_is_said_covers_no_button(hr, windows):
    window = await windows.open_as(hr, width=320)
    await window.button("先用一个例子试试").click()
    title = window.page.get_by_label("职位名称")
    await expect(title).to_have_value("会计主管")
    await expect(window.at(".snack")).to_contain_text("保存以前什么都不会留下")
    await expect(window.at(".count")).to_contain_text("强匹配")
    said, foot = await window.at(".snack").bounding_box(), await window.at(".docked").bounding_box()
    assert said["y"] + said["height"] <= foot["y"]
    # Whoever comes back to the same address finds what they wrote.
    await title.fill("出纳")
    await window.page.reload()
    await window.says("已恢复上次没有保存的内容")
    await expect(title).to_have_value("出纳")


async def test_a_feed_that_is_still_scored_shows_how_far_it_is(hr, windows):
    feed_id = await hr.submit(**PYTHON_FEED)
    window = await windows.open_as(hr)
    sockets = []

    def between(socket):
        socket.connect_to_server()
        sockets.append(socket)

    await window.page.route_web_socket("**/special_feed/ws/", between)
    await window.page.reload()
    await window.is_live()
    await window.sees(".feed", 1)
    await window.sees(".feed .progress", 0)
    frame = {"type": "progress", "seq": 90, "feed_id": feed_id, "progress": 0.42, "calced": False}
    sockets[-1].send(json.dumps(frame))
    await expect(window.at(".feed .progress")).to_contain_text("正在匹配已有简历 42%")
    await window.at(".feed .main").click()
    await expect(window.page.get_by_role("progressbar", name="匹配已有简历")).to_have_attribute(
        "aria-valuenow", "42"
    )
    sockets[-1].send(json.dumps(frame | {"seq": 91, "progress": 1, "calced": True}))
    await expect(window.page.get_by_role("progressbar")).to_have_count(0)


@pytest.mark.long
async def test_what_was_filled_in_survives_the_end_of_the_session(hr, windows):
    window = await windows.open_as(hr, "/feeds/new")
    title = window.page.get_by_label("职位名称")
    await title.fill("护士长")
    await expect(window.at(".count")).to_contain_text("强匹配 0 份")
    assert (await hr.post("/hr/logout/")).status == "ok"
    await expect(window.at(".notice")).to_contain_text("登录已失效")
    await window.log_in(hr.email)
    await expect(title).to_have_value("护士长")
    await window.button("返回").click()
    await window.button("放弃").click()
    await expect(window.at(".empty")).to_contain_text("还没有职位")
    await window.button("新建第一个职位").click()
    await expect(title).to_have_value("")


async def test_of_a_text_with_several_jobs_each_is_a_tap_away(hr, windows):
    jobs = {
        "会计主管": "会计主管 10-15K\n岗位职责：负责总账和月末结账，编制报表\n任职要求：本科及以上",
        "出纳": "出纳 5-7K\n岗位职责：负责现金收付和银行对账\n任职要求：大专及以上",
        "行政专员": "行政专员 6-8K\n岗位职责：负责办公用品采购和会议安排\n任职要求：大专及以上",
    }
    window = await windows.open_as(hr, "/feeds/new")
    await window.button("粘贴职位描述，自动填写").click()
    text = "\n\n".join(f"岗位{at}：{job}" for at, job in zip("一二三", jobs.values(), strict=True))
    await window.at(".sheet textarea").fill(text)
    await window.button("自动填写", within=".sheet").click()
    title, picks = window.page.get_by_label("职位名称"), window.at(".others .pick")
    await expect(picks).to_have_text(list(jobs))
    for name in ("会计主管", "行政专员", "出纳", "会计主管"):
        await picks.get_by_text(name, exact=True).click()
        await expect(title).to_have_value(name)
        await expect(window.at(".others [aria-pressed=true]")).to_have_text(name)
        await expect(picks).to_have_count(3)
    await window.button("撤销填入").click()
    await expect(title).to_have_value("")
    await window.sees(".others", 0)
