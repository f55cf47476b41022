"""Two colleagues in one feed: each sees whom the other is with, and calls nobody who is being called."""

import asyncio
import re

import pytest
from playwright.async_api import expect

from tests.api.company.team import colleague, share
from tests.browser.test_queue import NO_PHONE, come_back, opened, with_people
from tests.support import IS_LONG, PYTHON_FEED, eventually, python_resume

CALL = re.compile("拨打|显示电话")
PEOPLE = 60 if IS_LONG else 6
_CAME_OF_IT = """() => window.__dialled[0]
  ?? window.__said.find(said => said.includes("刚标记"))"""
"""The number that is dialled, or what a colleague has noted just before."""
_CALL_SHOWN = """() => {
  const call = [...document.querySelectorAll(".docked button")]
    .find(button => /拨打|显示电话/.test(button.textContent));
  if (call) {
    document.querySelector(".person").isCalled = true;
    call.click();
  }
  return !!call;
}"""
"""Who is shown may have been noted by a colleague and leave at any moment: then nobody is called."""
_ON_WITH_MORE = """() => {
  const more = [...document.querySelectorAll("button")]
    .find(button => button.textContent.includes("位新的，接着看"));
  more?.click();
  return !!more || !document.querySelector(".empty");
}"""
"""Goes on where new people came meanwhile, who may be taken by a colleague before one is asked for them."""
_HAS_GONE_ON = """() => !document.querySelector("[role=dialog]:not([style*='none'])")
  && !document.querySelector(".person")?.isCalled"""


def _is_call(answer):
    return "/resumes/claim/" in answer.url and '"call"' in (answer.request.post_data or "")


async def shared_feed(hr):
    """A feed with two people in it, those, and a colleague who works in it."""
    feed, ids = await hr.feed_with(*(python_resume() for _ in range(2)))
    lan = await colleague(hr)
    await share(hr, feed, {lan: "work"})
    return feed, ids, lan


@pytest.mark.long
async def test_who_is_looked_at_or_called_is_shown_passed_over_and_not_called_twice(hr, windows):
    feed, ids, lan = await shared_feed(hr)
    mine = await windows.open_as(hr, f"/feeds/{feed}")
    card = mine.at(f"[data-resume='{ids[0]}']")
    await expect(card).to_be_visible()
    await mine.is_live()
    theirs = await windows.open_as(lan, f"/feeds/{feed}/resumes/{ids[0]}")
    name = lan.email.partition("@")[0]
    await expect(card).to_contain_text(f"{name}正在查看")

    # The queue has the other one alone, and whoever opens the first sees who is there.
    await mine.go(f"/feeds/{feed}/queue")
    await expect(mine.at("main")).to_contain_text("1 / 1")
    await mine.go(f"/feeds/{feed}/resumes/{ids[0]}")
    await expect(mine.at("[aria-label=概要]")).to_contain_text(f"{name}正在查看")
    await theirs.button(CALL, within=".docked").click()
    await expect(mine.at("[aria-label=概要]")).to_contain_text(f"{name}正在联系")
    await mine.button(CALL, within=".docked").click()
    await mine.says(f"{name}正在联系，已告诉对方你也想联系")
    (item,) = [row for row in await hr.results(feed) if row["resume"]["id"] == ids[0]]
    assert item["claim"]["kind"] == "call"

    await lan.post(f"/resumes/release/{ids[0]}", {})
    await expect(mine.at("[aria-label=概要]")).not_to_contain_text(name)
    theirs.forgive("tel:")


@pytest.mark.long
async def test_who_closes_the_page_or_loses_the_network_is_with_somebody_until_its_time(hr, windows):
    feed, ids, lan = await shared_feed(hr)
    mine = await windows.open_as(hr, f"/feeds/{feed}")
    await mine.page.clock.install()
    looked, called = (mine.at(f"[data-resume='{id_}']") for id_ in ids)
    await expect(looked).to_be_visible()
    looks, calls = [await opened(lan, windows, f"/feeds/{feed}/resumes/{id_}") for id_ in ids]
    for card in (looked, called):
        await expect(card).to_contain_text("正在查看")
    await calls.button(CALL, within=".docked").click()
    await expect(called).to_contain_text("正在联系")

    await looks.page.close()
    calls.forgive_lost_connections()
    await calls.page.context.set_offline(True)
    await expect(calls.at(".banner[data-live=live]")).to_have_count(0)
    until = {row["resume"]["id"]: row["claim"]["until"] for row in await hr.results(feed)}
    await mine.page.clock.pause_at(until[ids[0]] - 1)
    await expect(looked).to_contain_text("正在查看")
    await mine.page.clock.fast_forward(1_000)
    await expect(looked).not_to_contain_text("正在查看")
    await mine.page.clock.pause_at(until[ids[1]] - 1)
    await expect(called).to_contain_text("正在联系")
    await mine.page.clock.fast_forward(1_000)
    await expect(called).not_to_contain_text("正在联系")


async def test_whom_a_colleague_calls_is_called_from_nowhere_else(hr, windows):
    feed, ids, lan = await shared_feed(hr)
    own = await lan.submit(**{**PYTHON_FEED, "title": "Python工程师"})
    await lan.calced(own)
    assert (await lan.unlock(own, ids[0])).status == "ok"
    assert (await lan.get(f"/resumes/add_watch/{ids[0]}", feed_id=own)).status == "ok"
    calls = {"feed_id": feed, "kind": "call"}
    assert (await hr.post(f"/resumes/claim/{ids[0]}", calls)).status == "ok"
    says = f"{hr.email.partition('@')[0]}正在联系，已告诉对方你也想联系"
    theirs = await windows.open_as(lan, "/favourites")
    await theirs.page.evaluate(NO_PHONE)
    number = theirs.at(".favourite a[href^='tel:']")
    await number.click()
    await theirs.says(says)
    await theirs.go(f"/feeds/{own}/resumes/{ids[0]}")
    async with theirs.page.expect_response(_is_call) as answer:
        await theirs.button(CALL, within=".docked").click()
    assert (await (await answer.value).json())["status"] == "claimed"
    assert await theirs.page.evaluate("window.__dialled") == []
    await hr.post(f"/resumes/release/{ids[0]}", {})
    await theirs.go("/favourites")
    await number.click()
    await theirs.page.wait_for_function("() => window.__dialled.length === 1", polling=50)
    await come_back(theirs)
    await theirs.button("已联系", within="[role=dialog]").wait_for()
    (called,) = [row for row in await lan.results(own) if row["resume"]["id"] == ids[0]]
    assert called["claim"]["by"]["id"] == lan.user


async def test_a_colleague_is_named_in_a_comment_by_a_tap(hr, windows):
    feed, ids, lan = await shared_feed(hr)
    name = lan.email.partition("@")[0]
    window = await windows.open_as(hr, f"/feeds/{feed}/resumes/{ids[0]}")
    await window.button("备注").click()
    field = window.page.get_by_label("备注", exact=True)
    await field.fill("薪资谈不拢 @")
    await window.button(f"@{name}").click()
    await expect(field).to_have_value(f"薪资谈不拢 @{name} ")
    await window.button("保存备注").click()
    await window.says("备注已保存")
    note = window.at(".notes li").first
    await expect(note).to_contain_text(f"薪资谈不拢 @{name}")
    await expect(note).not_to_contain_text("待发送")
    log = (await hr.get(f"/feed/get/{feed}/{ids[0]}"))["data"]["comment_log"]
    assert [one["content"] for one in log] == [f"薪资谈不拢 @[{lan.user}]"]
    await expect(window.at("[aria-label=概要]")).to_contain_text(f"今天 · 薪资谈不拢 @{name}")
    await note.get_by_role("button").click()
    await expect(window.at("#note-edited")).to_have_value(f"薪资谈不拢 @{name}")


async def works_through(window, most=PEOPLE):
    """Call whoever the queue shows and say how it went, so many or to its end; gives whom it dialled."""
    dialled = []
    while len(dialled) < most:
        await window.button(CALL, within=".docked").or_(window.at(".empty")).first.wait_for()
        if await window.at(".empty").is_visible():
            if not await window.page.evaluate(_ON_WITH_MORE):
                break
            continue
        answer = asyncio.ensure_future(window.page.wait_for_event("response", _is_call))
        if not await window.page.evaluate(_CALL_SHOWN):
            answer.cancel()
            continue
        if (await (await answer).json())["status"] == "claimed":
            await window.page.keyboard.press("j")
            continue
        came = await window.page.wait_for_function(_CAME_OF_IT, polling=50)
        if not (await came.json_value()).startswith("tel:"):
            await window.says("同事已经处理了这位，看下一位")
            continue
        dialled += await window.page.evaluate("window.__dialled.splice(0)")
        await come_back(window)
        await window.button("已联系", within="[role=dialog]").click()
        await window.page.wait_for_function(_HAS_GONE_ON, polling=50)
    return dialled


@pytest.mark.long
@pytest.mark.gen_test(timeout=1_800 if IS_LONG else 240)
@pytest.mark.usefixtures("within_a_day")
async def test_two_who_work_through_one_queue_call_everybody_once(hr, windows):
    feed = await with_people(hr, PEOPLE)
    lan, looker = await colleague(hr), await colleague(hr)
    await share(hr, feed, {lan: "work", looker: "view"})
    mine, theirs = [await opened(one, windows, f"/feeds/{feed}/queue") for one in (hr, lan)]
    # One thinks somebody over while the other calls some of those who are to come for both.
    both = [await works_through(theirs, 2), []]
    both[1:] = await asyncio.gather(works_through(mine), works_through(theirs))
    numbers = [number for dialled in both for number in dialled]
    print(f"\n{PEOPLE} people, two browsers: {both} calls")
    assert sorted(numbers) == sorted({*numbers}), "somebody was called twice"

    async def is_noted():
        marks = [len(row["mark_log"]) for row in await looker.results(feed)]
        return marks == [1] * PEOPLE

    await eventually(is_noted, what="one mark of everybody")
    assert len(numbers) == PEOPLE
    for window in (mine, theirs):
        claims = [url for url in window.requests if "/resumes/claim/" in url]
        assert len(claims) <= 3 * PEOPLE, "they are with somebody once, not again and again"
