"""What the demo prints of a phone, and whom its server asks."""

from config.demo.phone import Phone, line_of
from config.settings import Settings


def test_a_message_is_one_line() -> None:
    values = {"thing1": "会计等2个职位", "number2": "3", "number3": "86"}
    line = line_of("somebody", values, "pages/feeds/feeds")
    assert line == "手机 | 有 3 份强匹配简历未读：会计等2个职位，最高匹配度 86 → pages/feeds/feeds"
    test = {"thing1": "测试消息", "number2": "0", "number3": "0"}
    assert line_of("somebody", test, "pages/feeds/feeds") == "手机 | 测试消息"
    assert line_of("robot", "有 3 份\n[查看简历](http://x)", "") == "群机器人 | 有 3 份 [查看简历](http://x)"


def test_the_demos_server_asks_nobody_but_the_double() -> None:
    settings = Phone().connected(Settings())
    asked = (settings.wechat_api_url, settings.wechat_open_url, settings.wecom_api_url)
    assert all(url.startswith("http://127.0.0.1:") for url in asked)
    assert settings.wechat_mini_appid
    assert settings.notice_grace_s < Settings().notice_grace_s
    assert Phone().connected(Settings(notice_grace_s=1)).notice_grace_s == 1
