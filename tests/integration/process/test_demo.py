"""The demo: a newcomer sees the badge move within the first seconds, and what the phone shows before."""

import pytest

from config.demo.feeds import DEMO_FEEDS
from config.demo.play import DEMO_ACCOUNT
from tests.support import Api, Hr, eventually


@pytest.mark.long
async def test_the_demo_makes_its_account_and_the_badges_move(start):
    process = await start("--demo", "--notice_grace_s", "1").ready()
    api = Api(process.port)
    await eventually(
        lambda: f"open http://127.0.0.1:{process.port}/" in process.log.read_text(),
        what="the demo's greeting",
    )
    shown = (
        await eventually(
            lambda: [line for line in process.log.read_text().splitlines() if "手机 | " in line],
            what="a message on the phone",
            within_s=60,
        )
    )[0]
    assert "份强匹配简历未读" in shown
    assert any(feed["title"] in shown for feed in DEMO_FEEDS)
    auth_info = (await api.call("POST", "/hr/login/", form=DEMO_ACCOUNT))["auth_info"]
    hr = Hr.logged_in(process.port, "", auth_info)
    live = await hr.socket()
    assert (await live.until("snapshot"))["type"] == "snapshot"
    for total in range(1, 4):
        frame = await live.until("unread")
        assert frame["total"] >= total
    page = await hr.get("/special_feed/page/")
    assert len(page["data"]["all_feed"]) == 3
    assert process.stop() == 0
    second = await start("--demo").ready()
    hr = Hr.logged_in(second.port, "", auth_info)
    live = await hr.socket()
    totals = [(await live.until("snapshot"))["total"]]
    # Nobody of the second run is one of the first, who would be counted already. Two feeds may say one total.
    for _ in range(3):
        totals.append((await live.until("unread"))["total"])
    assert totals == sorted(totals)
    assert totals[-1] > totals[0]
    assert len((await hr.get("/special_feed/page/"))["data"]["all_feed"]) == 3
