"""Mails: the resume in the body as text, as HTML or both, or attached."""

from __future__ import annotations

from email.encoders import encode_base64
from email.header import Header
from email.message import Message
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import formataddr

from tests.made_up_files import web, word
from tests.made_up_files.hand import Hand
from tests.made_up_files.pages import paragraphs
from tests.made_up_files.person import Person
from tests.made_up_files.texts import text_of

_LETTER = "您好：\n\n    我从贵公司的招聘信息得知正在招聘，附件是我的简历，期待您的回复。\n\n此致\n敬礼"


def in_utf8(person: Person, hand: Hand) -> bytes:
    """A mail in UTF-8."""
    return _mail(person, hand, "utf-8")


def in_gbk(person: Person, hand: Hand) -> bytes:
    """A mail in one of GBK's names."""
    return _mail(person, hand, hand.rng.choice(("gb2312", "gbk", "gb18030")))


def _mail(person: Person, hand: Hand, charset: str) -> bytes:
    shape = hand.rng.choice(("text", "text", "both", "html", "attached", "attached"))
    if shape == "attached":
        mail: Message = MIMEMultipart("mixed")
        mail.attach(_text(_LETTER, "plain", charset))
        mail.attach(_attachment(person, hand, charset))
    elif shape == "both":
        mail = MIMEMultipart("alternative")
        text = text_of(person, hand)
        mail.attach(_text(text, "plain", charset))
        mail.attach(_text(f"<html><body>{paragraphs(text.split(chr(10)))}</body></html>", "html", charset))
    elif shape == "html":
        mail = _text(web.body_of(person, hand), "html", charset)
    else:
        mail = _text(text_of(person, hand), "plain", charset)
    subjects = (
        f"应聘{person.career}-{person.name}",
        f"{person.name}_{person.career}_{person.years}",
        "求职简历",
        "(无主题)",
    )
    mail["Subject"] = Header(hand.rng.choice(subjects), _codec(charset)).encode()
    mail["From"] = formataddr((person.name, person.email or "sender@example.com"), _codec(charset))
    mail["To"] = "hr@example.com"
    mail["Date"] = "Mon, 17 Nov 2025 09:12:45 +0800"
    mail["Message-ID"] = f"<{hand.rng.randrange(10**9)}@example.com>"
    return mail.as_bytes()


def _codec(charset: str) -> str:
    """A codec that has every letter, whatever the mail calls it."""
    return charset if charset == "utf-8" else "gb18030"


def _text(text: str, kind: str, charset: str) -> MIMEText:
    part = MIMEText("", kind)
    del part["Content-Type"], part["Content-Transfer-Encoding"]
    part["Content-Type"] = f'text/{kind}; charset="{charset}"'
    part.set_payload(text.encode(_codec(charset)))
    encode_base64(part)
    return part


def _attachment(person: Person, hand: Hand, charset: str) -> MIMEApplication:
    write, suffix = hand.rng.choice(
        ((word.plain, "docx"), (word.tables, "docx"), (web.site, "html"), (web.mht, "doc"))
    )
    part = MIMEApplication(write(person, hand))
    name = f"{person.name}_{person.career}.{suffix}".replace("/", "-")
    part.add_header("Content-Disposition", "attachment", filename=(_codec(charset), "", name))
    return part
