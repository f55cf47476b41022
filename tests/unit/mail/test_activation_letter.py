"""The activation letter: what it says, and that no address can say more."""

import email
import email.policy
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from mail.letter import link_letter
from mail.smtp import SmtpServer
from tests.mail_server import link_in

LINK = "https://talent.example.com/hr/activate/" + "MnwxOjB8" * 22 + "/"


def sent(to="hr@example.com", sender="talentfeed@talent.example.com"):
    """A letter as it travels, and as the other side reads it."""
    raw = link_letter("activation", sender=sender, to=to, link=LINK).as_bytes()
    return raw, email.message_from_bytes(raw, policy=email.policy.default)


def test_a_letter_carries_its_link_in_text_and_html():
    _, letter = sent()
    assert link_in(letter) == LINK
    assert letter.get_content_type() == "multipart/alternative"
    for kind in ("plain", "html"):
        text = letter.get_body((kind,)).get_content()
        assert "7 天内有效" in text
        assert "如果不是你本人注册，请忽略" in text


def test_a_letter_has_the_headers_of_an_automatic_one():
    _, letter = sent()
    assert letter["Subject"] == "激活你的 TalentFeed 账号"
    assert letter["From"] == "TalentFeed <talentfeed@talent.example.com>"
    assert letter["To"] == "hr@example.com"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert abs(parsedate_to_datetime(letter["Date"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert letter["Message-ID"].endswith("@talent.example.com>")
    assert letter["Message-ID"] != sent()[1]["Message-ID"]


def test_a_letter_is_ascii_and_has_short_lines_so_any_server_takes_it():
    raw, _ = sent()
    assert raw.isascii()
    assert max(map(len, raw.splitlines())) <= 78


@pytest.mark.parametrize("to", ["a@b.cc\nBcc: victim@example.com", "a@b.cc\r\n\r\nbody", "a\n@b.cc"])
def test_an_address_with_a_line_end_is_refused(to):
    with pytest.raises(ValueError, match=r".+"):
        sent(to)


@pytest.mark.parametrize(
    "to",
    [
        "x:victim@example.com",
        "a[b]@example.com",
        "\\a@example.com",
        "a`$'%!|{}^@example.com",
        "a..b@example.com",
        "l" * 64 + "@" + ".".join(["d" * 60] * 3) + ".com",
    ],
)
def test_an_odd_address_is_one_address_and_stays_itself(to):
    _, letter = sent(to)
    (address,) = letter["To"].addresses
    user, _, domain = to.rpartition("@")
    assert (address.username, address.domain) == (user, domain)


def test_the_domain_of_an_address_travels_in_ascii():
    raw, letter = sent("hr@例子.中国")
    assert letter["To"] == "hr@xn--fsqu00a.xn--fiqs8s"
    assert raw.isascii()


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("smtp://mail.example.com", "talentfeed@talent.example.com"),
        ("smtp://relay:secret@mail.example.com", "talentfeed@talent.example.com"),
        ("smtps://hr%40example.com:secret@mail.example.com", "hr@example.com"),
        ("smtps://hr%40example.com:secret@mail.example.com:465/?from=jobs@example.com", "jobs@example.com"),
    ],
)
def test_letters_come_from_the_named_address_or_the_user_or_the_own_domain(url, sender):
    assert SmtpServer(url, "talent.example.com").sender == sender
