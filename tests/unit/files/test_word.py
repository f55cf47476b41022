"""Word files, RTF and old Word files."""

import io
import re
import zipfile

import pytest

from intake.files import doc
from intake.files.doc import read_doc
from intake.files.docx import read_docx
from intake.files.outcome import Refused
from intake.files.rtf import read_rtf
from tests.support import each
from tests.unit.files import file_samples as samples
from tests.unit.files.file_samples import docx, par, table, text_box


def shown(body: str, header: str = "") -> list[tuple[str, tuple[str, ...]]]:
    return [(block.text, block.cells) for block in read_docx(docx(body, header=header)).blocks]


def reason(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        read_docx(data)
    return refused.value.reason


def test_paragraphs_have_their_size_weight_and_style() -> None:
    heading = par("工作经历", '<w:pPr><w:pStyle w:val="1"/></w:pPr>')
    bold = par("张三", "", '<w:rPr><w:b/><w:sz w:val="28"/></w:rPr>')
    blocks = read_docx(docx(heading + bold + par("电话"), header="求职简历")).blocks
    assert [(block.text, block.size, block.is_bold, block.is_heading) for block in blocks] == [
        ("求职简历", 0, False, False),
        ("工作经历", 16, True, True),
        ("张三", 14, True, False),
        ("电话", 0, False, False),
    ]


def test_a_file_that_declares_only_what_it_uses_is_read() -> None:
    declared = re.compile(rb' xmlns:r="[^"]*"')
    out, data = io.BytesIO(), docx(par("张三"), header="求职简历", more=[("word/media/a.png", b"p")])
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as copy:
        assert declared.search(archive.read("word/document.xml"))
        for name in archive.namelist():
            copy.writestr(name, declared.sub(b"", archive.read(name)))
    assert [block.text for block in read_docx(out.getvalue()).blocks] == ["求职简历", "张三"]


def test_a_resume_that_is_one_table_has_rows_of_cells() -> None:
    body = table([par("姓名"), par("张三"), par("性别"), par("男")], [par("经历"), par("一行") + par("二行")])
    assert shown(body) == [
        ("姓名\t张三\t性别\t男", ("姓名", "张三", "性别", "男")),
        ("经历\t一行", ("经历", "一行")),
        ("二行", ()),
    ]


def test_a_table_that_holds_a_page_together_is_read_cell_by_cell() -> None:
    body = table([par("左一") + par("左二"), par("右一") + par("右二")])
    assert [text for text, _ in shown(body)] == ["左一", "左二", "右一", "右二"]


def test_a_table_within_a_table_is_read() -> None:
    inner = table([par("内一"), par("内二")]) + par("")
    assert ("内一\t内二", ("内一", "内二")) in shown(table([par("外"), inner]))


def test_a_text_box_is_read_once() -> None:
    assert [text for text, _ in shown(text_box(par("电话 138")) + par("正文"))] == ["电话 138", "正文"]


def test_what_word_does_not_show_is_not_read() -> None:
    hidden = par("Java Python", "", "<w:rPr><w:vanish/></w:rPr>")
    old, new = (f"<w:r><w:t>{text}</w:t></w:r>" for text in "旧新")
    deleted = f'<w:p><w:del w:id="1">{old}</w:del><w:ins w:id="2">{new}</w:ins></w:p>'
    field = "<w:p><w:r><w:instrText>INCLUDETEXT http://x.example</w:instrText></w:r><w:r><w:t>域</w:t></w:r></w:p>"
    assert [text for text, _ in shown(hidden + deleted + field)] == ["新", "域"]


def test_line_breaks_and_tabs_within_a_paragraph_count() -> None:
    body = "<w:p><w:r><w:t>姓名</w:t><w:tab/><w:t>张三</w:t><w:br/><w:t>电话</w:t></w:r></w:p>"
    assert [text for text, _ in shown(body)] == ["姓名\t张三", "电话"]


def test_macros_and_embedded_files_are_not_touched() -> None:
    data = docx(par("张三"), more=[("word/vbaProject.bin", b"x" * 9), ("word/embeddings/o.bin", b"MZ")])
    assert [block.text for block in read_docx(data).blocks] == ["张三"]


@each(
    "data, why",
    [
        (docx(par("a"), before='<!DOCTYPE w [<!ENTITY a "aaaa">]>'), "corrupt"),
        (docx(par("a"), before='<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), "corrupt"),
        (docx(par("a" * 3_000_000)), "too_large"),
        (docx(par("a"), more=[("word/media/m.xml", b"0" * 25_000_000)]), "too_large"),
        (docx(par("a"), more=[(f"word/x{number}.bin", b"") for number in range(2001)]), "too_large"),
        (docx("<w:p>" * 500 + "</w:p>" * 500), "too_large"),
        (docx("<w:p/>" * 300_001), "too_large"),
        (docx(par("a") + "<w:p>"), "corrupt"),
        (b"PK\x03\x04" + b"\0" * 99, "corrupt"),
    ],
)
def test_bombs_are_refused_before_they_are_unpacked(data: bytes, why: str) -> None:
    assert reason(data) == why


def test_an_archive_that_lies_about_its_sizes_is_refused() -> None:
    data = docx(par("a"), more=[("word/big.xml", b"0" * 22_000_000)])
    at = data.rindex(b"word/big.xml") - 46
    lying = data[: at + 24] + (100).to_bytes(4, "little") + data[at + 28 :]
    assert reason(lying) in {"too_large", "corrupt"}


def rtf(body: str) -> list[tuple[str, tuple[str, ...]]]:
    head = r"{\rtf1\ansi\ansicpg936{\fonttbl{\f0\fcharset134 \'cb\'ce\'cc\'e5;}}\f0 "
    return [(block.text, block.cells) for block in read_rtf((head + body + "}").encode("gbk")).blocks]


def test_rtf_in_gbk_and_in_unicode_is_read() -> None:
    assert rtf(r"\'d5\'c5\'c8\'fd\par \u24352?\u19977?\u-10179?\u-8704?") == [("张三", ()), ("张三😀", ())]
    assert rtf(r"张三\par ") == [("张三", ())]


def test_rows_of_rtf_have_their_cells() -> None:
    row = r"\trowd\cellx1\cellx2\pard\intbl 姓名\cell 张三\cell\trowd\cellx1\row"
    long = r"\trowd\cellx1\pard\intbl 经历\cell 一\par 二\cell\row"
    assert rtf(rf"简历\par {row}{long}\pard 完\par") == [
        ("简历", ()),
        ("姓名\t张三", ("姓名", "张三")),
        ("经历\t一", ("经历", "一")),
        ("二", ()),
        ("完", ()),
    ]


def test_pictures_and_hidden_text_of_rtf_are_left_out() -> None:
    assert rtf(r"{\pict\pngblip 89504e470d0a}{\v Java}张三\v Go\v0 \par") == [("张三", ())]


@pytest.mark.skipif(not doc.program(), reason="neither catdoc nor antiword is installed")
def test_an_old_word_file_is_read() -> None:
    blocks = read_doc(samples.doc("姓名：张三\n电话 13800001111\n工作经历\n" * 10)).blocks
    assert [block.text for block in blocks[:2]] == ["姓名:张三", "电话 13800001111"]


def test_an_old_word_file_without_a_program_is_of_an_unknown_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doc, "program", lambda: ())
    with pytest.raises(Refused) as refused:
        read_doc(samples.doc("张三"))
    assert refused.value.reason == "unknown_kind"
