"""Kinds of files are told by their bytes, and texts are decoded by what is likeliest."""

import pytest

from intake.files.decoding import decode_text
from intake.files.letters import clean
from intake.files.outcome import Refused, file_name
from intake.files.sniff import sniff
from tests.support import each
from tests.unit.files import file_samples as samples

RESUME = "姓名：张三\n求职意向：产品经理，期望薪资 15K\n工作经历 2019.03 至今 字节跳动\n"
TRADITIONAL = "姓名：陳大文\n求職意向：產品經理\n工作經歷 2019.03 至今 台北市信義區\n"
MAIL = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\n\r\nhello\r\n"
PAGE_AS_MAIL = b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\n"


@each(
    "data, kind",
    [
        (samples.pdf([[(50, 50, 10, "a")]]), "pdf"),
        (b"junk\n" + samples.pdf([[(50, 50, 10, "a")]]), "pdf"),
        (samples.docx(samples.par("a")), "docx"),
        (samples.doc("a"), "doc"),
        (b"{\\rtf1 a}", "rtf"),
        (b"\n\n<!-- saved --><html><body>a", "html"),
        ("<table><tr><td>张三".encode("gb18030"), "html"),
        ("\ufeff<HTML>".encode("utf-16-le"), "html"),
        (PAGE_AS_MAIL, "mht"),
        (MAIL, "eml"),
        (b"Received: from x\nContent-Type: multipart/related; boundary=x\nTo: a@b.example\n\n", "eml"),
        (b"From someone Fri Nov 27\n" + MAIL, "eml"),
        (b'{"basics": {}}', "json"),
        (RESUME.encode(), "txt"),
        (b"Subject: my resume\nI am a developer\n", "txt"),
        (b"# Zhang San\n\n- a\n", "txt"),
        (samples.png(10, 10), "png"),
        (samples.jpeg(10, 10), "jpeg"),
    ],
)
def test_a_kind_is_told_by_the_bytes(data: bytes, kind: str) -> None:
    assert sniff(data) == kind


@each(
    "data, reason",
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n\0", "empty"),
        (b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 4, "unknown_kind"),
        (b"PK\x05\x06" + b"\0" * 18, "unknown_kind"),
        (samples.docx(samples.par("a")).replace(b"word/", b"xorf/"), "unknown_kind"),
        (samples.docx(samples.par("a"))[:400], "corrupt"),
        (samples.doc("a", encrypted=True), "encrypted"),
        (
            samples.doc("a").replace(*(s.encode("utf-16-le") for s in ("WordDocument", "Workbook\0\0\0\0"))),
            "unknown_kind",
        ),
        (samples.doc("a") + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    ],
)
def test_what_is_not_read_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        sniff(data)
    assert refused.value.reason == reason


@each("codec", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_simplified_text_is_decoded_from_each_encoding(codec: str) -> None:
    assert decode_text(RESUME.encode(codec)) == RESUME


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5", "utf-16"])
def test_traditional_text_is_decoded_from_each_encoding(codec: str) -> None:
    assert decode_text(TRADITIONAL.encode(codec)) == TRADITIONAL


def test_a_named_charset_means_the_wider_one() -> None:
    assert decode_text("张喆𠮷".encode("gb18030"), "gb2312") == "张喆𠮷"
    assert decode_text(RESUME.encode(), "base64") == RESUME


def test_a_text_that_was_cut_within_a_character_is_still_read() -> None:
    text = decode_text((RESUME * 5).encode()[:-2])
    assert text is not None
    assert text.startswith(RESUME)


def test_bytes_that_are_no_text_are_not_decoded() -> None:
    assert decode_text(bytes(range(256)) * 20) is None
    assert decode_text(b"abc\x01\x02\x03" * 20) is None


@pytest.mark.parametrize("text", ["应聘", "Café Müller", "Москва", "Ελλάδα", "张三", "简历"])
def test_a_few_words_are_decoded_as_they_are_meant(text: str) -> None:
    assert decode_text(text.encode()) == text
    if text >= "\u4e00":
        assert decode_text(text.encode("gb18030")) == text


def test_line_ends_become_line_feeds() -> None:
    assert decode_text(b"a\r\nb\rc\n") == "a\nb\nc\n"


@each(
    "text, shown",
    [
        ("⼈⺠⻓⻅⻔⻋⻢", "人民长见门车马"),
        ("⼾⼝", "户口"),
        ("ＡＢＣ：１２３　ｘ", "ABC：123 x"),
        ("（中国），“好”……℃①㎡", "（中国），“好”……℃①㎡"),
        ("ﬁne ｱ 𝐀 豈", "fine ア A 豈"),
        ("a\u200bb\ufeffc\u202ed", "abcd"),
        ("\ue0a1 138 0000 1111", "138 0000 1111"),
        (" a \t  b\n", "a\tb"),
        ("z" + "\u0301" * 500, "ź\u0301\u0301"),
        ("\ud800a", "a"),
    ],
)
def test_letters_are_as_a_person_sees_them(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_every_radical_becomes_a_character() -> None:
    for code in [*range(0x2E81, 0x2EF4), *range(0x2F00, 0x2FD6)]:
        assert code == 0x2E9A or not 0x2E80 <= ord(clean(chr(code))) <= 0x2FDF, hex(code)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\简历.doc", "简历.doc"),
        ("a\0b\nc.pdf", "a b c.pdf"),
        ("\ud800简历.txt", "简历.txt"),
        ("", "?"),
        ("/", "?"),
        ("x" * 999, "x" * 200),
    ],
)
def test_a_name_is_shown_without_its_path(name: str, shown: str) -> None:
    assert file_name(name) == shown
