"""What a notice says, and how each channel says it: within WeChat's limits, and nothing of a person."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.ways import (
    GivenUp,
    MailWay,
    NobodyAnswers,
    NotTaken,
    Receiver,
    RobotWay,
    SubscribedWay,
    Unanswered,
    WeComWay,
    mini_page,
)
from notices.wording import MAX_TITLE_CHARS, FeedLine, Notice, notice_of, shortened
from store.notes.notices import Wishes
from tests.support import each
from wechat.apps import Template
from wechat.errors import AnswerLost, CodeRefused, Misconfigured, Refused, Unavailable

PAGE = "https://talent.example.com/"
TEMPLATE = Template("t", {"title": "thing1", "count": "number2", "score": "number3"})
WHO = Receiver(
    "u", "hr@example.com", {"wecom": "zhangsan", "mini": "o1"}, Wishes(robot_key="k", left={"mini": 1})
)
LINES = st.lists(
    st.builds(
        FeedLine,
        st.text("abcdef0123456789", min_size=24, max_size=24),
        st.text(min_size=1, max_size=100).filter(str.strip),
        st.integers(1, 100_000),
        st.floats(0, 100),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda line: line.feed,
)


class Recorder:
    """Takes what is sent, or raises."""

    def __init__(self, error=None):
        self.error = error
        self.got = ()

    async def send(self, *what):
        self.got = what
        if self.error:
            raise self.error


def line(feed="a" * 24, title="Python开发", unread=3, best=88.9):
    return FeedLine(feed, title, unread, best)


def test_one_feed_leads_to_its_list_and_several_to_all():
    one = notice_of([line()], PAGE)
    assert (one.link, one.title, one.unread, one.best) == (
        f"{PAGE}#/feeds/{'a' * 24}/queue",
        "Python开发",
        3,
        88,
    )
    assert mini_page(one) == f"pages/results/results?feed={'a' * 24}"
    two = notice_of([line(), line("b" * 24, "护士", 5, 70.0)], PAGE)
    assert (two.link, two.title, two.unread, two.best) == (f"{PAGE}#/queue", "护士等2个职位", 8, 88)
    assert two.lines == ["有 8 份强匹配简历未读，最高匹配度 88", "护士：5 份未读", "Python开发：3 份未读"]
    assert mini_page(two) == "pages/feeds/feeds"


def test_more_feeds_than_three_are_counted():
    many = notice_of([line(str(number) * 24, f"定制{number}", number) for number in range(1, 6)], PAGE)
    assert len(many.lines) == 5
    assert many.lines[-1] == "还有 2 个职位"


@given(LINES)
def test_a_title_fits_what_wechat_takes_and_a_card_its_bytes(lines):
    notice = notice_of(lines, PAGE)
    assert 1 <= len(notice.title) <= MAX_TITLE_CHARS
    assert "\n" not in notice.title
    assert 0 <= notice.best <= 100
    app = Recorder()
    asyncio.run(SubscribedWay("mini", app, TEMPLATE, mini_page).send(WHO, notice))
    _, _, values, page = app.got
    assert len(values["thing1"]) <= 20
    assert values["number2"].isdigit()
    assert len(page) < 1024
    robots = Recorder()
    asyncio.run(RobotWay(robots).send(WHO, notice))
    assert len(robots.got[1].encode()) <= 4096


@given(st.text(max_size=60), st.integers(1, 30))
def test_a_shortened_text_is_no_longer_than_it_may_be(text, most):
    short = shortened(text, most)
    assert len(short) <= most
    assert short == " ".join(text.split()) or short.endswith("…")


@pytest.mark.parametrize(
    "title",
    ["[点我](http://x.example)", "<@all>", "<font color=red>急</font>", "# 标题", "> 引用", "**急** `x`"],
)
def test_a_title_is_no_markup_in_a_group(title):
    robots = Recorder()
    asyncio.run(RobotWay(robots).send(WHO, notice_of([line(title=title)], PAGE)))
    *said, link = robots.got[1].split("\n")
    assert not [char for char in "[]<>*`" if any(char in one for one in said)]
    assert not any(one.startswith("#") for one in said)
    assert link == f"[查看简历]({PAGE}#/feeds/{'a' * 24}/queue)"


def test_a_card_says_titles_and_counts_and_leads_to_the_list():
    app = Recorder()
    asyncio.run(WeComWay(app).send(WHO, notice_of([line()], PAGE)))
    userid, title, description, url = app.got
    assert (userid, title, url) == (
        "zhangsan",
        "3 份强匹配简历未读",
        f"{PAGE}#/feeds/{'a' * 24}/queue",
    )
    assert len(description.encode()) <= 512


def test_a_test_message_says_that_it_is_one():
    notice = Notice([], PAGE)
    assert (notice.title, notice.unread, notice.best) == ("测试消息", 0, 0)
    assert "测试消息" in notice.lines[0]


@each(
    "error, end, used_up",
    [
        (Refused("c", 43101), GivenUp, True),
        (Refused("c", 40003), GivenUp, False),
        (Refused("c", 47003), GivenUp, False),
        (Refused("c", 93000), GivenUp, False),
        (Refused("c", 81013), GivenUp, False),
        (Refused("c", 45033), NotTaken, False),
        (Unavailable("c", outcome="no_answer"), NobodyAnswers, False),
        (AnswerLost("c", outcome="no_answer"), Unanswered, False),
        (Unavailable("c", 45009), NobodyAnswers, False),
        (Misconfigured("c", 40013), NobodyAnswers, False),
        (CodeRefused("c", 40029), NobodyAnswers, False),
    ],
)
def test_what_wechat_says_ends_a_send_in_one_of_three_ways(error, end, used_up):
    for way in (
        WeComWay(Recorder(error)),
        RobotWay(Recorder(error)),
        SubscribedWay("mini", Recorder(error), TEMPLATE, mini_page),
    ):
        with pytest.raises(end) as caught:
            asyncio.run(way.send(WHO, notice_of([line()], PAGE)))
        assert getattr(caught.value, "used_up", False) is used_up
        assert "重" in getattr(caught.value, "reason", "重") or getattr(caught.value, "reason", "")


def test_what_a_channel_lacks_is_said():
    nobody = Receiver("u", "hr@example.com", {}, Wishes())
    mini = SubscribedWay("mini", Recorder(), TEMPLATE, mini_page)
    for way in (WeComWay(Recorder()), RobotWay(Recorder()), mini):
        assert way.lacks(nobody)
        assert not way.lacks(WHO)
    used_up = Receiver("u", "hr@example.com", {"mini": "o1"}, Wishes(left={"mini": 0}))
    assert "次数" in mini.lacks(used_up)


def test_an_address_that_no_letter_can_have_is_given_up():
    class Server:
        sender = "talentfeed@example.com"

        async def send(self, letter):
            raise AssertionError("nothing can be sent")

    who = Receiver("u", "hr@" + "x" * 80 + ".example.com", {}, Wishes())
    with pytest.raises(GivenUp):
        asyncio.run(MailWay(Server()).send(who, notice_of([line()], PAGE)))
