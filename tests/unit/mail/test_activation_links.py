"""Activation links: signed, dated, one segment of a URL."""

import pytest
from tornado.web import create_signed_value

from mail.links import VALID_DAYS, Links, local_url, mail_domain
from runtime.signing import wrap

SECRET = "a-secret-key-of-a-server"
ID = "6b064ce8eafc27a898b70a33"
DAY_S = 86400


class Clock:
    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        return self.now


def token_of(link):
    return link.rstrip("/").rpartition("/")[2]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def links(clock):
    return Links(SECRET, "https://talent.example.com", clock)


def test_a_link_holds_for_seven_days(links, clock):
    token = token_of(links.make(ID))
    clock.now += VALID_DAYS * DAY_S
    assert links.read(token) == ID
    clock.now += 1
    assert links.read(token) is None


def test_no_changed_character_is_overlooked(links):
    token = token_of(links.make(ID))
    alphabet = "ABab01-_"
    for place, char in enumerate(token):
        for other in alphabet:
            if other != char:
                changed = token[:place] + other + token[place + 1 :]
                assert links.read(changed) is None, (place, other)
    for changed in (token + "A", token[:-1], token[1:], token + "=", token + token, token.upper()):
        assert links.read(changed) is None


@pytest.mark.parametrize(
    "token", ["", "x", "====", "链接", "\ud800", "\0", "A" * 100_000, "Mnw", "-_-_", "2|1:0"]
)
def test_what_is_no_token_is_none(links, token):
    assert links.read(token) is None


def test_a_value_signed_with_another_key_or_for_another_purpose_is_none(links, clock):
    assert Links(SECRET + "x", "https://x", clock).read(token_of(links.make(ID))) is None
    assert links.read(wrap(create_signed_value(SECRET, "activate", ID, clock=clock))) == ID
    assert links.read(wrap(create_signed_value(SECRET, "session", ID, clock=clock))) is None


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8888"),
        ("10.0.0.7", "http://10.0.0.7:8888"),
        ("::1", "http://[::1]:8888"),
        ("0.0.0.0", "http://127.0.0.1:8888"),
        ("::", "http://[::1]:8888"),
    ],
)
def test_a_server_without_a_public_url_is_reached_where_it_listens(address, url):
    assert local_url(address, 8888) == url


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://Talent.example.com:8443/x", "talent.example.com"),
        ("http://例子.中国/", "xn--fsqu00a.xn--fiqs8s"),
        ("http://127.0.0.1:8888", "[127.0.0.1]"),
        ("http://[::1]:8888", "[IPv6:::1]"),
    ],
)
def test_the_domain_of_a_url_as_mail_spells_it(url, domain):
    assert mail_domain(url) == domain
