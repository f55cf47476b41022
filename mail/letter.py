"""The letters, as text and as HTML: of activation, invitation, reset, a second registration, and notices.

Of what was typed into a form they hold nothing but the address that it goes to. Otherwise anybody
could use the open form to send words of their own to strangers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from html import escape
from typing import NamedTuple

from mail.links import INVITED_DAYS, RESET_MINUTES, VALID_DAYS
from store.accounts.letters import Kind

_TEXT = "你好！\n\n{before}\n\n{button}：{link}\n\n{after}\n\n这封邮件由系统自动发送，请勿回复。\n"
_HTML = """<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>{title}</title></head>
<body>
<p>你好！</p>
<p>{before}</p>
<p><a href="{link}">{button}</a></p>
<p>如果点击无效，请把下面的地址复制到浏览器中打开：<br>{link}</p>
<p>{after}</p>
<p>这封邮件由系统自动发送，请勿回复。</p>
</body>
</html>
"""


class Wording(NamedTuple):
    """What a letter says: its subject, the title of the page, and paragraphs around the link on a button."""

    subject: str
    title: str
    before: Sequence[str]
    button: str
    after: Sequence[str]


_WORDINGS: Mapping[Kind, Wording] = {
    "activation": Wording(
        "激活你的 TalentFeed 账号",
        "激活 TalentFeed 账号",
        ["有人用这个邮箱注册了 TalentFeed 招聘账号。请打开下面的链接，按页面上的按钮激活账号，然后登录。"],
        "激活账号",
        [
            f"链接 {VALID_DAYS} 天内有效。过期后用邮箱和密码登录一次，系统会重新发送激活邮件。",
            "如果不是你本人注册，请忽略这封邮件，账号不会被激活。",
        ],
    ),
    "invitation": Wording(
        "你的 TalentFeed 账号已开通",
        "你的 TalentFeed 账号",
        ["管理员为你在 TalentFeed 开通了招聘账号，用这个邮箱登录。请打开下面的链接设置密码，然后登录。"],
        "设置密码",
        [
            f"链接 {INVITED_DAYS} 天内有效，只能用一次。过期后请联系管理员重新发送。",
            "如果你不知道这是什么，请忽略这封邮件。",
        ],
    ),
    "join": Wording(
        "同事邀请你加入 TalentFeed",
        "加入同事的公司",
        ["你的同事邀请你在 TalentFeed 一起招聘。请打开下面的链接，注册账号，或用已有的账号加入。"],
        "查看邀请",
        [
            f"链接 {INVITED_DAYS} 天内有效，只能用一次。过期后请同事重新邀请。",
            "如果你不知道这是什么，请忽略这封邮件。",
        ],
    ),
    "reset": Wording(
        "重置你的 TalentFeed 密码",
        "重置 TalentFeed 密码",
        ["有人要求重置这个邮箱在 TalentFeed 的密码。请打开下面的链接设置新密码。"],
        "设置新密码",
        [
            f"链接 {RESET_MINUTES} 分钟内有效，只能用一次。重置后，所有设备都需要重新登录。",
            "如果不是你本人操作，请忽略这封邮件，密码不会改变。",
        ],
    ),
    "registered": Wording(
        "这个邮箱已有 TalentFeed 账号",
        "已有 TalentFeed 账号",
        [
            "有人用这个邮箱注册 TalentFeed。这个邮箱已有账号，没有新建，原来的账号也没有变化。",
            "如果是你本人，请直接登录。忘记密码，或账号还没有激活，请打开下面的链接设置新密码，然后登录。",
        ],
        "设置新密码",
        [
            f"链接 {RESET_MINUTES} 分钟内有效，只能用一次。过期后请在登录页点“忘记密码”。",
            "如果不是你本人操作，请忽略这封邮件。",
        ],
    ),
}
_UNWANTED = "不想再收到这样的邮件，请打开 TalentFeed，在“我的 - 提醒”中关闭。"


def link_letter(kind: Kind, *, sender: str, to: str, link: str) -> EmailMessage:
    """Write a letter that carries a link.

    Raises:
        ValueError: An address cannot stand in a header, or its domain is not a valid one.
    """
    return _letter(_WORDINGS[kind], sender, to, link)


def notice_letter(*, sender: str, to: str, subject: str, lines: Sequence[str], link: str) -> EmailMessage:
    """Write the letter that tells of unread matches, with a link to their list; as `link_letter`.

    Its lines have titles of the recruiter's own feeds in them, and nobody else's words.
    """
    return _letter(Wording(subject, "TalentFeed 提醒", lines, "查看简历", [_UNWANTED]), sender, to, link)


def _letter(wording: Wording, sender: str, to: str, link: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = wording.subject
    origin = _address(sender, "TalentFeed")
    message["From"] = origin
    message["To"] = _address(to)
    message["Date"] = datetime.now(UTC)
    # Without a domain `make_msgid` asks the DNS for this machine's name, which blocks the event loop.
    message["Message-ID"] = make_msgid(domain=origin.domain)
    # It keeps out-of-office replies from being sent back.
    message["Auto-Submitted"] = "auto-generated"
    parts = {"title": wording.title, "button": wording.button}
    before, after = ("\n\n".join(lines) for lines in (wording.before, wording.after))
    message.set_content(_TEXT.format(before=before, after=after, link=link, **parts), cte="base64")
    before, after = ("</p>\n<p>".join(map(escape, lines)) for lines in (wording.before, wording.after))
    html = _HTML.format(before=before, after=after, link=escape(link), **parts)
    message.add_alternative(html, subtype="html", cte="base64")
    return message


def _address(text: str, name: str = "") -> Address:
    """An address in its parts, so that nothing in it is taken for syntax; the domain in ASCII."""
    user, _, domain = text.rpartition("@")
    # An IP address in brackets stays as it is.
    ascii_domain = domain if domain.startswith("[") else domain.encode("idna").decode("ascii")
    return Address(name, user, ascii_domain)
