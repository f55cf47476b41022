"""The demo: a newcomer sees the badge move within the first seconds."""

import pytest

from config.demo.play import DEMO_ACCOUNT
from tests.support import Api, Hr, eventually


@pytest.mark.gen_test
async def test_the_demo_makes_its_account_and_the_badges_move(start):
    process = await start("--demo").ready()
    api = Api(process.port)

    async def says_where():
        return f"open http://127.0.0.1:{process.port}/" in process.log.read_text()

    await eventually(says_where, what="the demo's greeting")
    auth_info = (await api.call("POST", "/hr/login/", form=DEMO_ACCOUNT))["auth_info"]
    hr = Hr.logged_in(process.port, "", auth_info)
    live = await hr.socket()
    assert (await live.until("snapshot"))["type"] == "snapshot"
    for total in range(1, 4):
        frame = await live.until("unread", within_s=30)
        assert frame["total"] >= total
    page = await hr.get("/special_feed/page/")
    assert len(page["data"]["all_feed"]) == 3
    assert process.stop() == 0
    second = await start("--demo").ready()
    hr = Hr.logged_in(second.port, "", auth_info)
    live = await hr.socket()
    before = (await live.until("snapshot"))["total"]
    assert (await live.until("unread", within_s=30))["total"] > before
    assert len((await hr.get("/special_feed/page/"))["data"]["all_feed"]) == 3
