"""A recruiter's week on a phone and at a desk, with two days offline: everybody is accounted for."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest
from playwright.async_api import expect

from tests.browser.test_queue import NO_PHONE, come_back
from tests.support import IS_LONG, case, eventually, python_resume

JOBS = {
    "Python开发工程师": "用Python、Django和MySQL开发后端接口",
    "护士": "静脉采血，伤口护理，病历书写",
    "会计": "总账、成本核算和月末结账，增值税申报",
    "厨师": "川菜热菜，配菜，后厨管理",
    "电工": "低压配电，线路检修，持电工证",
}
JOBS_THERE, PEOPLE, CALLS, INTERVIEWS = (5, 300, 40, 12) if IS_LONG else (2, 30, 6, 2)
DAYS, OFFLINE = 5, (1, 3)
MORE = re.compile("位新的，接着看")
OUTCOMES = {"已联系": "contacted", "没接": "contacted", "加了微信": "contacted", "对方不考虑": "rejected"}
WORKS = ("new", "undecided", "contacted", "interview", "offer", "hired", "rejected")


pytestmark = pytest.mark.settings(unlock_per_day=1_000)  # a week goes by in less than a minute here


class Week:
    """What was done to whom, by the company that their resume names first."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.calls, self.interviews = CALLS, INTERVIEWS
        self.stands: dict[str, str] = {}
        self.marks: Counter[str] = Counter()

    async def decide(self, window, *, is_offline: bool) -> None:
        """Do something about whoever is shown."""
        who = await window.at(".head ol b").first.inner_text()
        act = self.random.choice(["call", "call", "mark", "unfit", "pass", "pass"])
        if act == "call" and self.calls and not is_offline:
            self.calls -= 1
            await self._call(window)
            outcome = "约面试" if self.interviews else self.random.choice(list(OUTCOMES))
            await self._note(window, who, outcome)
        elif act == "mark":
            await window.button("标记", within=".docked").click()
            await self._note(window, who, self.random.choice(list(OUTCOMES)))
        elif act == "unfit":
            await window.button("不合适", within=".docked").click()
            await window.button("薪资偏高").click()
            self.stands[who] = "removed"
        else:
            await window.button("下一位").click()
            self.stands[who] = "undecided"

    async def _call(self, window) -> None:
        if await window.button("显示电话").count():
            await window.button("显示电话").click()
            await window.at(".contact").wait_for()
            await window.button("标记", within=".docked").click()
            return
        await window.button("解锁并拨打").click()
        await eventually(lambda: window.page.evaluate("window.__dialled.splice(0).length"), what="the call")
        await come_back(window)

    async def _note(self, window, who: str, outcome: str) -> None:
        self.marks[outcome] += 1
        await window.button(outcome, within="[role=dialog]").first.click()
        self.stands[who] = OUTCOMES.get(outcome, "interview")
        if outcome == "约面试":
            self.interviews -= 1
            await window.button("约明天 14:00").click()
            await window.button("完成").click()


async def work_through(week: Week, window, *, is_offline: bool) -> None:
    """The new ones, or offline as many of them as are here."""
    await window.go("/me")
    await window.go("/queue")
    # The queue of the day before may stand at its end, until it knows who came.
    await window.at(".head").or_(window.button(MORE)).first.wait_for()
    await some(window)
    if is_offline:
        window.forgive_lost_connections()
        await window.page.context.set_offline(True)
    for _ in range(8 if is_offline else PEOPLE):
        before = await window.at(".progress").inner_text()
        await week.decide(window, is_offline=is_offline)
        end = window.at(".empty, [aria-busy=true]")
        await expect(end.or_(window.at(".progress").filter(has_not_text=before)).first).to_be_visible()
        if await end.count() and not await some(window):
            break
    await shown_by_then(week, window)
    if is_offline:
        await expect(window.at(".banner")).to_contain_text("没有网络")
        await window.page.context.set_offline(False)
        await window.is_live()
    await expect(window.at(".banner")).not_to_contain_text("待发送")


async def shown_by_then(week: Week, window) -> None:
    """Whoever is shown is read, and undecided until something is noted."""
    await window.at(".head, .empty").first.wait_for()
    for who in await window.at(".head ol b").all_inner_texts():
        week.stands.setdefault(who, "undecided")


async def some(window) -> bool:
    """Whether anybody is in the queue, once it is there. Where it has ended, it goes on with who came."""
    await window.at(".head, .empty").first.wait_for()
    if await window.button(MORE).count():
        await window.button(MORE).click()
        await window.at(".head").wait_for()
    return bool(await window.at(".head").count())


async def listed(hr, feed_id: str, **query) -> dict[str, dict]:
    """The people of a list, by their company."""
    items = await hr.results(feed_id, **query)
    found = {work["compnay_name"]: item for item in items for work in item["resume"]["works"]}
    assert len(found) == len(items), "nobody is listed twice"
    return found


@pytest.mark.long
@pytest.mark.gen_test(timeout=1800)
@pytest.mark.usefixtures("within_a_day")
async def test_everybody_is_accounted_for(hr, windows):
    titles = list(JOBS)[:JOBS_THERE]
    feeds = [await hr.submit(title=title, job_desc=JOBS[title]) for title in titles]
    week, of_feed = Week(34), {feed_id: set() for feed_id in feeds}
    phone, desk = await windows.open_as(hr, "/me"), await windows.open_as(hr, "/me", width=1200)
    for window in (phone, desk):
        await window.page.evaluate(NO_PHONE)
    tab = await windows.beside(phone)
    for window in (phone, desk, tab):
        window.forgive("429")  # with the test itself there may be more than six requests at once: asked again
    wrong = []

    async def is_as_done():
        wrong.clear()
        rows = (await hr.read("/special_feed/page/"))["data"]["all_feed"]
        counts = {row["feed"]["id"]: row["feed"] for row in rows}
        for feed_id, everybody in of_feed.items():
            stands = {who: work for work in WORKS for who in await listed(hr, feed_id, work=work)}
            stands |= dict.fromkeys(await listed(hr, feed_id, removed=1), "removed")
            expected = {who: week.stands.get(who, "new") for who in everybody}
            wrong.extend(expected.items() ^ stands.items())
            numbers, feed = Counter(stands.values()), counts[feed_id]
            if (feed["undecided_count"], feed["unread_count"]) != (numbers["undecided"], numbers["new"]):
                wrong.append((feed_id, feed["undecided_count"], feed["unread_count"], numbers))
        return not wrong

    async def is_accounted_for():
        with case(wrong):
            await eventually(is_as_done, what="everybody where they were left")

    for day in range(DAYS):
        people = []
        for number in range(day * PEOPLE // DAYS, (day + 1) * PEOPLE // DAYS):
            title, who = titles[number % len(titles)], f"第{number}公司"
            of_feed[feeds[number % len(titles)]].add(who)
            work = {
                "position_title": title,
                "compnay_name": who,
                "job_desc": JOBS[title],
                "start_time": "2020-01",
            }
            target = {"job_career": title}
            texts = {"self_evaluation": JOBS[title], "job_target": target, "works": [work]}
            people.append(python_resume(name=f"候选人{number}", phone=f"138{number:08}", email="", **texts))
        await hr.scored(*people)
        is_offline = day in OFFLINE
        await work_through(week, phone if is_offline or day % 4 == 0 else desk, is_offline=is_offline)
        await is_accounted_for()
    assert (week.calls, week.interviews) == (0, 0)
    # Some of those who are undecided are looked at once more.
    await phone.button("接着看待定的").click()
    for _ in range(4):
        if await some(phone):
            await week.decide(phone, is_offline=False)
            await shown_by_then(week, phone)
    await is_accounted_for()
    items = [item for feed_id in feeds for item in (await listed(hr, feed_id)).values()]
    for item in items:
        assert (item["work"] == "undecided") <= (not item["mark_log"])
        assert (item["work"] in ("new", "undecided")) or item["mark_log"]
    # The tab beside shows the same numbers.
    await tab.go("/")
    for feed_id, title in zip(feeds, titles, strict=True):
        undecided = [who for who in of_feed[feed_id] if week.stands.get(who) == "undecided"]
        card = tab.at(".feed").filter(has_text=title)
        if undecided:
            await expect(card).to_contain_text(f"待定 {len(undecided)}")
    for feed_id in feeds:
        items += (await listed(hr, feed_id, removed=1)).values()
    assert Counter(row["mark_name"] for item in items for row in item["mark_log"]) - week.marks <= Counter(
        {"不合适": PEOPLE}
    )
    assert not week.marks - Counter(row["mark_name"] for item in items for row in item["mark_log"])
