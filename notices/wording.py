"""What a notice says: titles of feeds, how many strong matches are unread, the best score, and a link.

It says nothing of a person: it is read on a locked phone, and passes other people's servers.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

MAX_TITLE_CHARS = 20
"""Characters of a title: WeChat refuses a `thing` of more."""
MAX_TITLES = 3
"""Titles that a notice names."""


class FeedLine(msgspec.Struct, frozen=True):
    """One feed in a notice: its id, its title, how many strong matches are unread, and the best new score."""

    feed: str
    title: str
    unread: int
    best: float


class Notice(msgspec.Struct, frozen=True):
    """What one message tells: the feeds, those with the most unread first, and where it leads.

    Attributes:
        feeds: At least one, but for a test message, which has none.
        link: The page that it opens.
        said: What it says in place of that, in one line; "" for that.
    """

    feeds: Sequence[FeedLine]
    link: str
    said: str = ""

    @property
    def unread(self) -> int:
        """How many strong matches are unread."""
        return sum(feed.unread for feed in self.feeds)

    @property
    def best(self) -> int:
        """The best score of what is new, rounded down."""
        return int(max((feed.best for feed in self.feeds), default=0))

    @property
    def title(self) -> str:
        """The feeds, in as few characters as WeChat takes."""
        if self.said:
            return shortened(self.said, MAX_TITLE_CHARS)
        if not self.feeds:
            return "测试消息"
        first, others = self.feeds[0].title, len(self.feeds) - 1
        tail = f"等{others + 1}个职位" if others else ""
        return shortened(first, MAX_TITLE_CHARS - len(tail)) + tail

    @property
    def lines(self) -> list[str]:
        """The message in lines of text, for channels that take any."""
        if self.said:
            return [self.said]
        if not self.feeds:
            return ["TalentFeed 测试消息：以后有强匹配的新简历，会在这里提醒你。"]
        lines = [f"有 {self.unread} 份强匹配简历未读，最高匹配度 {self.best}"]
        lines += [f"{shortened(feed.title, 40)}：{feed.unread} 份未读" for feed in self.feeds[:MAX_TITLES]]
        if len(self.feeds) > MAX_TITLES:
            lines.append(f"还有 {len(self.feeds) - MAX_TITLES} 个职位")
        return lines


def notice_of(feeds: Sequence[FeedLine], page_url: str) -> Notice:
    """The notice of some feeds, in any order.

    The link opens the queue of the only feed, or of all feeds: what was told of is shown one after the other.
    """
    ordered = sorted(feeds, key=lambda feed: (-feed.unread, -feed.best, feed.feed))
    path = f"/feeds/{ordered[0].feed}/queue" if len(ordered) == 1 else "/queue" if ordered else "/"
    return Notice(ordered, f"{page_url.rstrip('/')}/#{path}")


def mention_notice(by: str, feed: str, title: str, resume: str, page_url: str) -> Notice:
    """The notice that a colleague has named somebody in a comment on a resume.

    The feed is one that lists the person, and its title. `by` is what colleagues call who wrote the comment;
    "" of an account that is gone.
    """
    said = f"{shortened(by, 8) or '同事'}在备注里提到你"
    link = f"{page_url.rstrip('/')}/#/feeds/{feed}/resumes/{resume}"
    return Notice([FeedLine(feed, title, 0, 0.0)], link, said)


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters, with `…` where something was left out."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
