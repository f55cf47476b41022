"""The channels: WeCom, a robot of a WeCom group, the mini-program, the official account, and mail.

The sender sees of each whether it can serve an account, and what became of a notice. Each says in its own
form what a notice says, see `wording`. What WeChat answers becomes one of three ends.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Literal, Protocol

import msgspec
from aiosmtplib import SMTPReadTimeoutError, SMTPRecipientsRefused, SMTPServerDisconnected

from mail.letter import notice_letter
from mail.smtp import SmtpServer
from notices.wording import Notice
from store.accounts.accounts import Account
from store.notes.notices import Wishes
from wechat.apps import Template
from wechat.errors import AnswerLost, Refused, WechatError
from wechat.mini import MiniProgram
from wechat.official import OfficialAccount
from wechat.wechat import Wechat
from wechat.wecom import Robots, WeCom

WAYS = ("wecom", "robot", "mini", "mp", "mail")
"""Kinds of channels, in the order in which they are tried."""
APPS = ("mini", "mp")
"""Those that need a consent for each message."""


class Receiver(msgspec.Struct, frozen=True):
    """Who is told.

    Attributes:
        email: The account's address.
        openids: By app that the server has, who the recruiter is to it.
        wishes: What the recruiter set.
    """

    user: str
    email: str
    openids: Mapping[str, str]
    wishes: Wishes

    def wants(self, kind: str) -> bool:
        """Whether a channel is on: it is until it is turned off, or given up."""
        return self.wishes.on.get(kind, True) and kind not in self.wishes.failed


class NobodyAnswers(Exception):
    """The other side is away, or asks to be asked later: the message is sent once it is back."""


class Unanswered(NobodyAnswers):
    """The message went out and no answer came, so it may have been taken."""


class NotTaken(Exception):
    """The message was not taken this time: the next channel serves."""


class GivenUp(Exception):
    """The channel will not serve this account any more; the reason is in words for the recruiter.

    `used_up`: it is for want of consents.
    """

    def __init__(self, reason: str, *, used_up: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.used_up = used_up


class Channel(Protocol):
    """One way to recruiters, which this server has."""

    kind: str

    def lacks(self, receiver: Receiver) -> str:
        """What is missing before anything can be sent, in words for the recruiter; empty for nothing."""

    async def send(self, receiver: Receiver, notice: Notice) -> None:
        """Hand a message over; it is on its way when this returns.

        Raises:
            NobodyAnswers: Not now.
            Unanswered: It may be on its way, or not.
            NotTaken: Not this one.
            GivenUp: Never again.
        """


def receiver_of(account: Account, appids: Mapping[str, str], wishes: Wishes) -> Receiver:
    """An account as channels see it. Who was bound to an app that the server has not is nobody to them."""
    openids = {app: way.openid for app, way in account.wechat.items() if appids.get(app) == way.appid}
    if account.proved_at is not None and wishes.robot_at < account.proved_at:
        # Whoever registered somebody else's address gave it: the owner's group is another one.
        wishes = msgspec.structs.replace(wishes, robot_key="")
    return Receiver(account.id, account.email, openids, wishes)


logger = logging.getLogger(__name__)

_NO_CONSENT = 43101
_REASONS = {
    40003: "绑定的微信已失效，请重新绑定",
    40037: "消息模板有误，请联系管理员",
    41030: "消息页面有误，请联系管理员",
    43004: "你已取消关注公众号",
    _NO_CONSENT: "没有剩余的提醒次数，请再次允许提醒",
    47003: "消息模板有误，请联系管理员",
    60111: "你已不在企业微信的通讯录中",
    81013: "企业微信中你无权使用此应用",
    93000: "群机器人已失效，请重新填写 Key",
}
"""By `errcode`, why a channel is given up."""

NO_CONSENTS = "没有剩余的提醒次数"
_NO_ADDRESS = "邮箱拒收邮件，请检查邮箱地址"


class WeComWay:
    """A message of the company's app."""

    kind = "wecom"

    def __init__(self, app: WeCom) -> None:
        self._app = app

    def lacks(self, receiver: Receiver) -> str:
        """See `Channel`."""
        return "" if self.kind in receiver.openids else "未绑定企业微信"

    async def send(self, receiver: Receiver, notice: Notice) -> None:
        """See `Channel`."""
        userid, description = receiver.openids[self.kind], "\n".join(notice.lines)
        try:
            await self._app.send(userid, _headline(notice), description, notice.link)
        except WechatError as error:
            raise _end_of(error) from None


class RobotWay:
    """A robot in a group of WeCom."""

    kind = "robot"

    def __init__(self, robots: Robots) -> None:
        self._robots = robots

    def lacks(self, receiver: Receiver) -> str:
        """See `Channel`."""
        return "" if receiver.wishes.robot_key else "未填写群机器人地址"

    async def send(self, receiver: Receiver, notice: Notice) -> None:
        """See `Channel`."""
        lines = [*map(_plain_markdown, notice.lines), f"[查看简历]({notice.link})"]
        try:
            await self._robots.send(receiver.wishes.robot_key, "\n".join(lines))
        except WechatError as error:
            raise _end_of(error) from None


class SubscribedWay:
    """A message that somebody agreed to, of the mini-program or of the official account.

    `target` makes of a notice what a tap opens.
    """

    def __init__(
        self,
        kind: Literal["mini", "mp"],
        app: MiniProgram | OfficialAccount,
        template: Template,
        target: Callable[[Notice], str],
    ) -> None:
        self.kind: str = kind
        self._app = app
        self._template = template
        self._target = target

    def lacks(self, receiver: Receiver) -> str:
        """See `Channel`."""
        if self.kind not in receiver.openids:
            return "未绑定微信小程序" if self.kind == "mini" else "未绑定公众号"
        return "" if receiver.wishes.left.get(self.kind, 0) > 0 else NO_CONSENTS

    async def send(self, receiver: Receiver, notice: Notice) -> None:
        """See `Channel`."""
        said = {"title": notice.title, "count": str(notice.unread), "score": str(notice.best)}
        values = {field: said[name] for name, field in self._template.fields.items()}
        try:
            await self._app.send(receiver.openids[self.kind], self._template.id, values, self._target(notice))
        except WechatError as error:
            raise _end_of(error) from None


class MailWay:
    """A letter."""

    kind = "mail"

    def __init__(self, smtp: SmtpServer) -> None:
        self._smtp = smtp

    def lacks(self, receiver: Receiver) -> str:
        """See `Channel`."""
        return ""

    async def send(self, receiver: Receiver, notice: Notice) -> None:
        """See `Channel`."""
        try:
            letter = notice_letter(
                sender=self._smtp.sender,
                to=receiver.email,
                subject=_headline(notice),
                lines=notice.lines,
                link=notice.link,
            )
        except ValueError:
            raise GivenUp(_NO_ADDRESS) from None
        try:
            await self._smtp.send(letter)
        except SMTPRecipientsRefused as error:
            if all(refused.code >= 500 for refused in error.recipients):
                raise GivenUp(_NO_ADDRESS) from None
            raise NobodyAnswers from None
        except Exception as error:  # noqa: BLE001 - whatever a mail server does, the notice waits
            # Not the error's own text: mail servers quote the address in it.
            logger.warning("a notice was not mailed: %s", type(error).__name__)
            lost = isinstance(error, SMTPReadTimeoutError | SMTPServerDisconnected)
            raise (Unanswered if lost else NobodyAnswers) from None


def ways_of(wechat: Wechat, smtp: SmtpServer | None) -> list[Channel]:
    """The channels that a server has, by what is set."""
    ways: list[Channel] = [RobotWay(wechat.robots)]
    if wechat.wecom:
        ways.append(WeComWay(wechat.wecom))
    if wechat.mini and (template := wechat.mini.app.template):
        ways.append(SubscribedWay("mini", wechat.mini, template, mini_page))
    if wechat.mp and (template := wechat.mp.app.template):
        ways.append(SubscribedWay("mp", wechat.mp, template, lambda notice: notice.link))
    if smtp:
        ways.append(MailWay(smtp))
    return ways


def mini_page(notice: Notice) -> str:
    """The page of the mini-program that a notice opens."""
    if len(notice.feeds) == 1:
        return f"pages/results/results?feed={notice.feeds[0].feed}"
    return "pages/feeds/feeds"


def _headline(notice: Notice) -> str:
    if notice.said:
        return notice.said
    return f"{notice.unread} 份强匹配简历未读" if notice.feeds else "测试消息"


_MARKUP = str.maketrans("[]<>*`", "［］＜＞＊｀")
"""WeCom knows no way to escape its markup, so a title's own becomes the full-width character."""


def _plain_markdown(text: str) -> str:
    """A line in which nothing is taken for markup: a title might hold a link, or call everybody."""
    plain = text.translate(_MARKUP)
    return f"＃{plain[1:]}" if plain.startswith("#") else plain


def _end_of(error: WechatError) -> Exception:
    if isinstance(error, Refused):
        if error.is_for_good:
            reason = _REASONS.get(error.errcode, "微信拒收消息")
            return GivenUp(reason, used_up=error.errcode == _NO_CONSENT)
        return NotTaken()
    return Unanswered() if isinstance(error, AnswerLost) else NobodyAnswers()
