"""The parts of the mailbox that need no server: its address, its settings, and the source of a mail."""

from pathlib import Path

import pytest

from config.data import load_mail_sources
from config.settings import load_settings
from config.takes import SettingError
from intake.mailbox.address import Address
from intake.mailbox.senders import Senders
from runtime.hosts import is_this_machine
from tests.support import each

SENDERS = Senders(load_mail_sources(), "mail")


@each(
    "sender, source",
    [
        (b"no-reply@ehire.51job.com", "51job"),
        (b"=?GB2312?B?x7Cza87e08c=?= <x@51JOB.com>", "51job"),
        ("智联招聘 <noreply@zhaopin.com>".encode("gbk"), "zhaopin"),
        (b'"a@51job.com" <me@example.org>', "mail"),
        (b"me@not51job.com", "mail"),
        (b"me@51job.com.example.org", "mail"),
        (b"no address", "mail"),
        (b"\xff\xfe\r\n\tbroken <", "mail"),
        (b"(" * 50_000, "mail"),
        (b"=?gbk?b?" * 4_000, "mail"),
    ],
)
def test_the_senders_domain_names_the_source(sender, source):
    assert SENDERS.source_of(b"From: " + sender + b"\r\nSubject: x\r\n\r\nFrom: y@liepin.com") == source


@pytest.mark.parametrize("mail", [b"", b"no header", b"\r\n\r\n", b"From:\r\n\r\n", b"\0" * 100])
def test_a_mail_without_a_sender_is_the_mailboxs(mail):
    assert SENDERS.source_of(mail) == "mail"


def test_an_address_is_read_from_its_url_and_hides_whose_it_is():
    address = Address.of("imaps://hr%40example.com:p%40ss%2Fword@imap.exmail.qq.com", "简历")
    assert (address.host, address.port, address.is_tls) == ("imap.exmail.qq.com", 993, True)
    assert (address.user, address.password) == ("hr@example.com", "p@ss/word")
    assert Address.of("imap://a:b@h").port == 143
    assert is_this_machine(Address.of("imap://a:b@[::1]:1143").host)
    assert not is_this_machine(Address.of("imap://a:b@imap.example.com").host)
    for text in (str(address), repr(address), address.key):
        assert "hr" not in text
        assert "word" not in text
    assert address.key != Address.of("imaps://hr%40example.com:p@imap.exmail.qq.com").key


@pytest.mark.parametrize(
    "url",
    [
        "imap.example.com",
        "smtp://a:secret@imap.example.com",
        "imaps://imap.example.com",
        "imaps://user@imap.example.com",
        "imaps://:secret@imap.example.com",
        "imaps://a:secret@imap.example.com/INBOX",
        "imaps://a:secret@imap.example.com?x=1",
        "imaps://a:secret@imap..example.com",
        "imaps://a:sec/ret@imap.example.com",
        "imaps://hr@example.com:secret@imap.example.com:x",
    ],
)
def test_a_bad_mailbox_stops_the_start_and_its_password_is_not_told(tmp_path: Path, url: str):
    with pytest.raises(SettingError, match="--imap_url") as told:
        load_settings([f"--data_dir={tmp_path}", f"--imap_url={url}"], {})
    assert "sec" not in str(told.value)


@pytest.mark.parametrize("name", ["imap_folder", "imap_done_folder", "imap_source"])
def test_names_are_bounded(tmp_path: Path, name: str):
    for value in ("x" * 201, "a\nb"):
        with pytest.raises(SettingError, match=name):
            load_settings([f"--data_dir={tmp_path}", f"--{name}={value}"], {})
