"""Web pages, plain text, JSON Resume, and mails with what they bring."""

import base64
from email.message import EmailMessage
from typing import Any

import msgspec
import pytest

from intake.files.document import Document
from intake.files.extract import outcomes_of
from intake.files.html import read_html
from intake.files.json_resume import read_json_resume
from intake.files.mail import open_mail, read_mht
from intake.files.outcome import ReadResume, Reason, Refused
from intake.files.text import read_text
from tests.growth import takes_squares
from tests.support import each
from tests.unit.files import file_samples as samples


def page(html: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(block.text, block.cells) for block in read_html(html.encode()).blocks]


def test_blocks_of_a_page_are_lines_and_inline_elements_are_not() -> None:
    html = "<h1>张三</h1><div>电话：<b>138</b><span>0000</span><br>邮箱</div><ul><li>一<li>二</ul>"
    assert [text for text, _ in page(html)] == ["张三", "电话：1380000", "邮箱", "一", "二"]


def test_a_page_tells_headings_weight_and_size() -> None:
    html = '<h2>经历</h2><p style="font-size:16px"><strong>甲</strong></p><p>乙<b>丙</b></p>'
    blocks = read_html(html.encode()).blocks
    assert [(block.is_heading, block.is_bold, block.size) for block in blocks] == [
        (True, True, 0),
        (False, True, 12),
        (False, False, 0),
    ]


def test_rows_of_a_page_have_their_cells_and_layout_tables_do_not() -> None:
    row = "<tr><th>姓名</th><td><a href=x>张三</a></td><td></td></tr>"
    assert page(f"<table>{row}</table>") == [("姓名\t张三", ("姓名", "张三", ""))]
    assert page(f"<table><tr><td>左<p>边</p></td><td><table>{row}</table><p>尾</p></td></tr></table>") == [
        ("左", ()),
        ("边", ()),
        ("姓名\t张三", ("姓名", "张三", "")),
        ("尾", ()),
    ]


def test_what_a_page_does_not_show_is_not_read() -> None:
    html = """<title>t</title><style>a</style><body><script>b</script><noscript>c</noscript><!-- d -->
    <p hidden>e</p><p style="display: none">f</p><span style="font-size:0px">g</span><template>h</template>
    <iframe src="http://x.example"></iframe><img src="http://x.example/i.png" onerror="x()"><p>张三</p>"""
    assert page(html) == [("张三", ())]


def test_a_page_names_its_charset_and_a_mail_knows_better() -> None:
    html = "<meta charset=gb2312><title>简历</title><p>张喆𠮷</p>".encode("gb18030")
    assert read_html(html).blocks[0].text == "张喆𠮷"
    assert read_html(html).title == "简历"
    assert read_html("<meta charset=gbk><p>张三</p>".encode(), "utf-8").blocks[0].text == "张三"


def test_a_page_that_is_deep_or_large_is_bounded() -> None:
    assert page("<div>" * 5000 + "张三") == [("张三", ())]
    with pytest.raises(Refused):
        page("<p>x</p>" * 30_000)


@pytest.mark.parametrize("tag", ["<div>", "<ul><li>", "<DIV class=a>"])
def test_a_page_that_would_keep_the_parser_for_minutes_is_refused_at_once(tag: str) -> None:
    with pytest.raises(Refused, match="too_large"):
        page(tag * 100_000 + "张三")
    rows = "<ul>" + "<li><div>张三</div>" * 2000 + "</ul>"
    assert len(page(rows)) == 2000


def test_wide_blanks_and_kept_lines_of_a_page_count() -> None:
    assert [text for text, _ in page("<p>姓名　　张三&nbsp;&nbsp;&nbsp;男</p><pre>一\n二</pre>")] == [
        "姓名\t张三\t男",
        "一",
        "二",
    ]


@each("mark", ["[", "[a](", "[a](b", "**a", "`", "_", "# ", "\u3000 "])
def test_a_line_of_marks_takes_as_long_as_any_other(mark: str) -> None:
    assert not takes_squares(lambda size: read_text((mark * (size // len(mark))).encode()), 200_000)


def test_markdown_has_headings_weight_and_rows() -> None:
    text = "# 张三\n\n**工作经历**\n- 做 [站](http://x)\n\n| 公司 | 职位 |\n|---|---|\n| 甲 | 乙 |\n"
    text += "姓名   李四\n"
    blocks = read_text(text.encode("gbk")).blocks
    assert [(block.text, block.cells, block.is_heading, block.is_bold) for block in blocks] == [
        ("张三", (), True, False),
        ("工作经历", (), False, True),
        ("- 做 站", (), False, False),
        ("公司\t职位", ("公司", "职位"), False, False),
        ("甲\t乙", ("甲", "乙"), False, False),
        ("姓名\t李四", (), False, False),
    ]


def test_a_line_without_end_is_several_blocks() -> None:
    assert outcomes_of("a.txt", ("姓名" * 3000).encode(), is_resume)[0].resume == ReadResume(
        record={"blocks": 3}, confidence={}
    )


def test_a_text_of_blanks_without_end_is_refused() -> None:
    with pytest.raises(Refused):
        read_text(b"\n" * 200_000 + b"a")


JSON_RESUME: dict[str, Any] = {
    "basics": {
        "name": "张三", "label": "产品经理", "email": "a@b.example", "phone": "13800001111",
        "summary": "五年经验", "location": {"city": "长春", "countryCode": "CN"},
    },
    "work": [
        {
            "name": "甲公司", "position": "经理", "startDate": "2019-03-01", "summary": "做",
            "highlights": ["一", "二"],
        },
        {"company": "乙公司", "position": "助理", "startDate": "2017", "endDate": "2019-02"},
    ],
    "education": [{"institution": "吉林大学", "area": "管理", "studyType": "本科", "endDate": "2017-06-30"}],
    "skills": [{"name": "工具", "keywords": ["Axure", "SQL"]}],
}  # fmt: skip


def test_json_resume_becomes_the_record() -> None:
    read = read_json_resume(msgspec.json.encode(JSON_RESUME))
    assert read.record == {
        "name": "张三",
        "phone": "13800001111",
        "email": "a@b.example",
        "address": "长春",
        "job_target": {"job_career": "产品经理"},
        "works": [
            {
                "compnay_name": "甲公司",
                "position_title": "经理",
                "job_desc": "做\n一\n二",
                "start_time": "2019-03",
                "end_time": "至今",
            },
            {"compnay_name": "乙公司", "position_title": "助理", "start_time": "2017", "end_time": "2019-02"},
        ],
        "education": [{"school": "吉林大学", "major": "管理", "degree": "本科", "end_time": "2017-06"}],
        "self_evaluation": "五年经验\n工具:Axure、SQL",
    }
    assert not read.to_confirm
    assert read.confidence["works[0].position_title"] == 1


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("{}", "unknown_kind"),
        ('{"a": 1}', "unknown_kind"),
        ('{"basics": {"name": "张三"}}', "no_resume"),
        ('{"work": [1, null, {"name": 5}]}', "no_resume"),
        ("{" * 5000 + "}" * 5000, "corrupt"),
        ('{"basics": }', "corrupt"),
    ],
)
def test_other_json_is_refused(value: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        read_json_resume(value.encode())
    assert refused.value.reason == why


PAGE = "<html><meta charset=gbk><body><p>姓名：张三</p></body></html>".encode("gbk")


def mail(text: str = "您好", html: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "张三 <a@b.example>"
    message["To"] = "hr@c.example"
    message["Subject"] = "应聘产品经理"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def letter() -> EmailMessage:
    """A mail that says nothing itself, and brings a page."""
    message = mail("请看")
    message.add_attachment(PAGE, maintype="text", subtype="html", filename="r.html")
    return message


def passed_on(message: EmailMessage, times: int = 1) -> EmailMessage:
    """A mail within so many others."""
    for _ in range(times):
        outer = mail("转发")
        outer.add_attachment(message)
        message = outer
    return message


def is_resume(document: Document) -> ReadResume | Reason:
    """Stands for `intake.reading`: a resume says 姓名."""
    if any("姓名" in block.text for block in document.blocks):
        return ReadResume(record={"blocks": len(document.blocks)}, confidence={})
    return "no_resume"


def became(data: bytes) -> list[tuple[str, str, str]]:
    return [(one.file, one.kind, one.refusal or "") for one in outcomes_of("m.eml", data, is_resume)]


def test_what_gets_no_place_tells_whose_phones_and_addresses_it_has() -> None:
    text = (
        "劳动合同\n甲方：示例公司\n乙方：张三 138-0000-1111\nZhang.San@example.com\n签于2020.03.01".encode()
    )
    (outcome,) = outcomes_of("a.txt", text, lambda _: "contract")
    assert sorted(outcome.reach) == ["e:zhang.san@example.com", "p:13800001111"]
    assert outcomes_of("a.txt", "姓名：".encode() + text, is_resume)[0].reach == []
    many = "\n".join(f"a{number}@example.com" for number in range(200)).encode()
    assert len(outcomes_of("a.txt", many, lambda _: "no_resume")[0].reach) == 50


def test_a_mail_tells_its_subject() -> None:
    assert open_mail(mail().as_bytes()).body.title == "应聘产品经理"


def test_a_header_in_raw_gbk_or_in_a_narrow_charset_is_read() -> None:
    raw = "From: 张喆 <a@b.example>\r\nTo: x@y.example\r\nSubject: 应聘\r\n\r\n姓名".encode("gb18030")
    body = open_mail(raw).body
    assert body.title == "应聘"
    assert [block.text for block in body.blocks] == ["姓名"]
    split = b"From: a@b.example\nTo: c\nSubject: =?gb2312?B?06bGuA==?=\n =?gb2312?B?svrGtw==?=\n\nx"
    assert open_mail(split).body.title == "应聘产品"


def test_the_form_of_a_mail_that_says_more_is_read() -> None:
    assert [
        block.text for block in open_mail(mail("短", "<p>姓名：张三</p><p>电话</p>").as_bytes()).body.blocks
    ] == ["姓名：张三", "电话"]
    assert [
        block.text for block in open_mail(mail("姓名：张三,电话138", "<p>见附件</p>").as_bytes()).body.blocks
    ] == ["姓名：张三,电话138"]


def test_each_attachment_is_an_outcome_of_its_own() -> None:
    message = mail()
    for number in range(20):
        message.add_attachment(PAGE, maintype="application", subtype="msword", filename=f"简历{number}.doc")
    outcomes = outcomes_of("m.eml", message.as_bytes(), is_resume)
    assert [(one.file, one.kind, one.part) for one in outcomes] == [
        (f"m.eml / 简历{number}.doc", "html", PAGE) for number in range(20)
    ]


def test_a_bad_attachment_does_not_harm_its_neighbours() -> None:
    message = mail()
    for data in (samples.pdf([[(50, 50, 10, "a")]], encrypted=True), PAGE, b"PK\x03\x04word/"):
        message.add_attachment(data, maintype="application", subtype="pdf", filename="a.pdf")
    assert [why for *_, why in became(message.as_bytes())] == ["encrypted", "", "corrupt"]


def test_a_text_that_cannot_be_read_does_not_harm_the_attachments() -> None:
    message = mail("您好", "<p>" + "x</p><p>" * 30_000)
    message.add_attachment(PAGE, maintype="text", subtype="html", filename="r.html")
    assert became(message.as_bytes()) == [("m.eml / r.html", "html", "")]


def test_a_text_on_which_the_reading_fails_does_not_harm_the_attachments() -> None:
    def read(document: Document) -> ReadResume | Reason:
        if document.title == "应聘产品经理":
            raise IndexError
        return is_resume(document)

    message = mail("姓名：张三")
    message.add_attachment(PAGE, maintype="text", subtype="html", filename="r.html")
    outcomes = outcomes_of("m.eml", message.as_bytes(), read)
    assert [(one.file, one.refusal) for one in outcomes] == [("m.eml / r.html", None)]


def test_a_letter_with_attachments_is_no_outcome_and_a_resume_is() -> None:
    letter, resume = mail("您好"), mail("姓名：张三")
    for message in (letter, resume):
        message.add_attachment(PAGE, maintype="text", subtype="html", filename="r.html")
    assert became(letter.as_bytes()) == [("m.eml / r.html", "html", "")]
    assert became(resume.as_bytes()) == [("m.eml", "eml", ""), ("m.eml / r.html", "html", "")]
    assert became(mail("您好").as_bytes()) == [("m.eml", "eml", "no_resume")]


def test_logos_and_signatures_are_no_attachments() -> None:
    message = mail("姓名", "<p>姓名：张三 <img src=cid:a></p>")
    message.get_payload()[1].add_related(samples.png(9, 9) + b"x" * 50_000, "image", "png", cid="<a>")  # type: ignore[union-attr,index]
    message.add_attachment(samples.png(9, 9), maintype="image", subtype="png", filename="logo.png")
    message.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="x.ics")
    assert became(message.as_bytes()) == [("m.eml", "eml", "")]


def test_a_mail_in_a_mail_is_looked_into_and_a_thousand_are_not() -> None:
    assert [file for file, *_ in became(passed_on(letter()).as_bytes())] == [
        "m.eml / 应聘产品经理.eml / r.html"
    ]
    ((file, *_, why),) = became(passed_on(letter(), 3).as_bytes())
    assert (file.endswith("/ r.html"), why) == (True, "")
    deep = passed_on(letter(), 9).as_bytes()
    assert [why for *_, why in became(deep)] == ["too_deep"]
    head = b"From: a@example.com\nSubject: x\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n"
    assert [why for *_, why in became(head * 2_000 + deep)] == ["too_deep"]


def test_what_nobody_reads_in_the_deepest_mail_does_not_harm_its_neighbours() -> None:
    message = letter()
    message.add_attachment(b"PK\x03\x04", maintype="application", subtype="zip", filename="a.zip")
    assert [why for *_, why in became(passed_on(message, 3).as_bytes())] == ["", "unknown_kind"]


def test_a_mail_in_a_mail_may_be_packed() -> None:
    head = (
        b"From: a@b.example\nTo: c@d.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n"
        b"Content-Type: message/rfc822; name=fw.eml\nContent-Transfer-Encoding: base64\n\n"
    )
    packed = head + base64.encodebytes(letter().as_bytes()) + b"--x--\n"
    assert [file for file, *_ in became(packed)] == ["m.eml / fw.eml / r.html"]
    broken = head + b"AAAAA\n--x--\n"
    assert [why for *_, why in became(broken)] == ["no_resume"]


BROKEN = (
    b"From: a@b.example\nTo: c@d.example\nSubject: \xd3\xa6\xc6\xb8\nContent-Type: multipart/mixed\n\n"
    + "姓名：赵六\n".encode()
)
"""A mail that says that it has parts, and has none."""


def test_a_mail_without_the_parts_that_it_names_harms_none_of_its_neighbours() -> None:
    head = b"From: a@b.example\nTo: c@d.example\nContent-Type: multipart/mixed; boundary=x\n\n"
    data = head + b"--x\nContent-Type: message/rfc822\n\n" + BROKEN
    data += b"\n--x\nContent-Type: text/html; name=r.html\n\n" + PAGE + b"\n--x--\n"
    files = [(file.rpartition(" / ")[2], why) for file, _, why in became(data)]
    assert files == [("multipart.mixed", ""), ("r.html", "")]


def test_the_original_of_a_letter_has_nothing_of_what_it_brings() -> None:
    inner = mail("姓名：李四")
    inner.add_attachment(PAGE, maintype="text", subtype="html", filename="r.html")
    outer = mail("姓名：王五", "<p>姓名：王五</p>")
    outer.add_attachment(PAGE, maintype="application", subtype="pdf", filename="r.pdf")
    outer.add_attachment(inner)
    data = outer.as_bytes()
    outcomes = outcomes_of("m.eml", data, is_resume)
    assert [one.file.rpartition(" / ")[2] for one in outcomes] == [
        "m.eml",
        "r.pdf",
        "应聘产品经理.eml",
        "r.html",
    ]
    first, second = outcomes[0].part or b"", outcomes[2].part or b""
    assert [one.part for one in outcomes_of("m.eml", data, is_resume)] == [one.part for one in outcomes]
    for letter, who in ((first, "王五"), (second, "李四")):
        opened = open_mail(letter)
        assert (opened.files, opened.body.title) == ([], "应聘产品经理")
        assert [block.text for block in opened.body.blocks] == [f"姓名：{who}"]


@pytest.mark.parametrize(
    "disposition",
    [
        "attachment; filename*=UTF-8''%E7%AE%80%E5%8E%86.html",
        "attachment; filename*=gb2312''%BC%F2%C0%FA.html",
        'attachment; filename="=?gb18030?B?vPLA+g==?=.html"',
        'attachment; filename="%E7%AE%80%E5%8E%86.html"',
        'attachment; filename="简历.html"',
        'attachment; filename="../../简历.html"',
    ],
)
def test_names_of_attachments_are_read_as_they_are_meant(disposition: str) -> None:
    head = "From: a@b.example\nTo: c@d.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n"
    part = f"Content-Type: text/html\nContent-Disposition: {disposition}\n\n<p>x</p>\n--x--\n"
    (outcome,) = outcomes_of("m.eml", (head + part).encode(), is_resume)
    assert outcome.file == "m.eml / 简历.html"


def test_a_page_saved_as_a_mail_is_one_page() -> None:
    data = (
        b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n"
        b"--x\nContent-Type: text/html; charset=gb2312\nContent-Transfer-Encoding: base64\n\n"
        + base64.b64encode(PAGE)
        + b"\n--x\nContent-Type: image/png\nContent-Location: http://x.example/i.png\n\nx\n--x--\n"
    )
    assert [block.text for block in read_mht(data).blocks] == ["姓名：张三"]
    assert became(data) == [("m.eml", "mht", "")]


def test_a_mail_of_a_thousand_parts_is_refused() -> None:
    head = b"From: a@b.example\nTo: c@d.example\nContent-Type: multipart/mixed; boundary=x\n\n"
    assert became(head + b"--x\n\na\n" * 1000 + b"--x--\n") == [("m.eml", "eml", "too_large")]
