"""The letters, as text and as HTML: of activation, invitation, reset, a second registration, and notices.

Of what was typed into a form they hold nothing but the address that it goes to. Otherwise anybody
could use the open form to send words of their own to strangers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from html import escape

from mail.links import INVITED_DAYS, RESET_MINUTES, VALID_DAYS

_TEXT = """你好！

{said}
这封邮件由系统自动发送，请勿回复。
"""

_HTML = """<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>{title}</title></head>
<body>
<p>你好！</p>
{said}<p>这封邮件由系统自动发送，请勿回复。</p>
</body>
</html>
"""
"""What all letters have around what each one says."""

_ACTIVATION_TEXT = """\
有人用这个邮箱注册了 TalentFeed 招聘账号。请打开下面的链接，按页面上的按钮激活账号，然后登录：

{link}

链接 {days} 天内有效。过期后用邮箱和密码登录一次，系统会重新发送激活邮件。

如果不是你本人注册，请忽略这封邮件，账号不会被激活。
"""

_ACTIVATION_HTML = """\
<p>有人用这个邮箱注册了 TalentFeed 招聘账号。请点击链接，按页面上的按钮激活账号，然后登录：</p>
<p><a href="{link}">激活账号</a></p>
<p>如果点击无效，请把下面的地址复制到浏览器中打开：<br>{link}</p>
<p>链接 {days} 天内有效。过期后用邮箱和密码登录一次，系统会重新发送激活邮件。</p>
<p>如果不是你本人注册，请忽略这封邮件，账号不会被激活。</p>
"""

_RESET_TEXT = """\
有人要求重置这个邮箱在 TalentFeed 的密码。请打开下面的链接设置新密码：

{link}

链接 {minutes} 分钟内有效，只能用一次。重置后，所有设备都需要重新登录。

如果不是你本人操作，请忽略这封邮件，密码不会改变。
"""

_RESET_HTML = """\
<p>有人要求重置这个邮箱在 TalentFeed 的密码。请点击链接设置新密码：</p>
<p><a href="{link}">设置新密码</a></p>
<p>如果点击无效，请把下面的地址复制到浏览器中打开：<br>{link}</p>
<p>链接 {minutes} 分钟内有效，只能用一次。重置后，所有设备都需要重新登录。</p>
<p>如果不是你本人操作，请忽略这封邮件，密码不会改变。</p>
"""

_REGISTERED_TEXT = """\
有人用这个邮箱注册 TalentFeed。这个邮箱已有账号，没有新建，原来的账号也没有变化。

如果是你本人，请直接登录。忘记密码，或账号还没有激活，请打开下面的链接设置新密码，然后登录：

{link}

链接 {minutes} 分钟内有效，只能用一次。过期后请在登录页点“忘记密码”。

如果不是你本人操作，请忽略这封邮件。
"""

_REGISTERED_HTML = """\
<p>有人用这个邮箱注册 TalentFeed。这个邮箱已有账号，没有新建，原来的账号也没有变化。</p>
<p>如果是你本人，请直接登录。忘记密码，或账号还没有激活，请点击链接设置新密码，然后登录：</p>
<p><a href="{link}">设置新密码</a></p>
<p>如果点击无效，请把下面的地址复制到浏览器中打开：<br>{link}</p>
<p>链接 {minutes} 分钟内有效，只能用一次。过期后请在登录页点“忘记密码”。</p>
<p>如果不是你本人操作，请忽略这封邮件。</p>
"""

_INVITATION_TEXT = """\
管理员为你在 TalentFeed 开通了招聘账号，登录邮箱就是这个邮箱。请打开下面的链接设置密码，然后登录：

{link}

链接 {days} 天内有效，只能用一次。过期后请联系管理员重新发送。

如果你不知道这是什么，请忽略这封邮件。
"""

_INVITATION_HTML = """\
<p>管理员为你在 TalentFeed 开通了招聘账号，登录邮箱就是这个邮箱。请点击链接设置密码，然后登录：</p>
<p><a href="{link}">设置密码</a></p>
<p>如果点击无效，请把下面的地址复制到浏览器中打开：<br>{link}</p>
<p>链接 {days} 天内有效，只能用一次。过期后请联系管理员重新发送。</p>
<p>如果你不知道这是什么，请忽略这封邮件。</p>
"""

_NOTICE_TEXT = """\
{lines}

查看简历：{link}

不想再收到这样的邮件，请打开 TalentFeed，在“我的 - 提醒”中关闭。
"""

_NOTICE_HTML = """\
<p>{lines}</p>
<p><a href="{link}">查看简历</a></p>
<p>不想再收到这样的邮件，请打开 TalentFeed，在“我的 - 提醒”中关闭。</p>
"""


def activation_letter(*, sender: str, to: str, link: str) -> EmailMessage:
    """Write the letter that asks to confirm an address.

    Args:
        sender: The address it comes from.
        to: The address it goes to; anything with an `@`.
        link: The activation link.

    Raises:
        ValueError: An address cannot stand in a header, or its domain is not a valid one.
    """
    text = _ACTIVATION_TEXT.format(link=link, days=VALID_DAYS)
    html = _ACTIVATION_HTML.format(link=escape(link), days=VALID_DAYS)
    return _letter(sender, to, "激活你的 TalentFeed 账号", "激活 TalentFeed 账号", text, html)


def reset_letter(*, sender: str, to: str, link: str) -> EmailMessage:
    """Write the letter with a link that sets a new password; as `activation_letter`."""
    text = _RESET_TEXT.format(link=link, minutes=RESET_MINUTES)
    html = _RESET_HTML.format(link=escape(link), minutes=RESET_MINUTES)
    return _letter(sender, to, "重置你的 TalentFeed 密码", "重置 TalentFeed 密码", text, html)


def registered_letter(*, sender: str, to: str, link: str) -> EmailMessage:
    """Write the letter that an address which was registered again has an account; as `reset_letter`."""
    text = _REGISTERED_TEXT.format(link=link, minutes=RESET_MINUTES)
    html = _REGISTERED_HTML.format(link=escape(link), minutes=RESET_MINUTES)
    return _letter(sender, to, "这个邮箱已有 TalentFeed 账号", "已有 TalentFeed 账号", text, html)


def invitation_letter(*, sender: str, to: str, link: str) -> EmailMessage:
    """Write the letter with a link that sets the first password; as `activation_letter`."""
    text = _INVITATION_TEXT.format(link=link, days=INVITED_DAYS)
    html = _INVITATION_HTML.format(link=escape(link), days=INVITED_DAYS)
    return _letter(sender, to, "你的 TalentFeed 账号已开通", "你的 TalentFeed 账号", text, html)


def notice_letter(*, sender: str, to: str, subject: str, lines: Sequence[str], link: str) -> EmailMessage:
    """Write the letter that tells of unread matches; as `activation_letter`.

    Args:
        sender: The address it comes from.
        to: The address it goes to.
        subject: What it is about.
        lines: What it says; titles of the recruiter's own feeds are in it, and nobody else's words.
        link: The list that it is about.
    """
    text = _NOTICE_TEXT.format(lines="\n".join(lines), link=link)
    html = _NOTICE_HTML.format(lines="<br>\n".join(map(escape, lines)), link=escape(link))
    return _letter(sender, to, subject, "TalentFeed 提醒", text, html)


def _letter(sender: str, to: str, subject: str, title: str, text: str, html: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    origin = _address(sender, "TalentFeed")
    message["From"] = origin
    message["To"] = _address(to)
    message["Date"] = datetime.now(UTC)
    # Without a domain `make_msgid` asks the DNS for this machine's name, which blocks the event loop.
    message["Message-ID"] = make_msgid(domain=origin.domain)
    # It keeps out-of-office replies from being sent back.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_TEXT.format(said=text), cte="base64")
    message.add_alternative(_HTML.format(title=title, said=html), subtype="html", cte="base64")
    return message


def _address(text: str, name: str = "") -> Address:
    """An address in its parts, so that nothing in it is taken for syntax; the domain in ASCII."""
    user, _, domain = text.rpartition("@")
    # An IP address in brackets stays as it is.
    ascii_domain = domain if domain.startswith("[") else domain.encode("idna").decode("ascii")
    return Address(name, user, ascii_domain)
