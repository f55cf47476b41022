"""PDF: letters and where they stand become lines in reading order."""

import random

import pytest

from intake.files import ocr
from intake.files.document import Block
from intake.files.layout import Piece
from intake.files.outcome import Refused
from intake.files.pdf import picture_of, read_pdf
from intake.files.ruled import Rule, with_tables
from tests.growth import takes_squares
from tests.unit.files import file_samples as samples
from tests.unit.files.file_samples import Text


def texts(data: bytes) -> list[str]:
    return [block.text for block in read_pdf(data).blocks]


def reason(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        read_pdf(data)
    return refused.value.reason


def column(left: float, top: float, lines: list[str], pitch: float = 20) -> list[Text]:
    return [(left, top + pitch * number, 10, line) for number, line in enumerate(lines)]


def grid(columns: list[float], rows: list[float]) -> list[tuple[float, float, float, float]]:
    """The lines of a drawn table."""
    lines = [(columns[0], y, columns[-1], y) for y in rows]
    return lines + [(x, rows[0], x, rows[-1]) for x in columns]


def test_a_line_has_its_place_size_and_weight() -> None:
    data = samples.pdf([[(50, 100, 10, "电话：138")]], bold=[(50, 60, 20, "张三")], info="张三的简历")
    document = read_pdf(data)
    assert document.blocks == [
        Block(text="张三", left=50, top=40, right=90, bottom=60, size=20, is_bold=True),
        Block(text="电话：138", left=50, top=90, right=110, bottom=100, size=10),
    ]
    assert (document.pages, document.title) == (1, "张三的简历")


def test_radicals_become_characters() -> None:
    assert texts(samples.pdf([[(50, 50, 10, "⻓春⼈⺠⼴场")]])) == ["长春人民广场"]


def test_what_stands_apart_on_a_line_has_a_tab_between() -> None:
    line: list[Text] = [(50, 50, 10, "2019.03"), (125, 50, 10, "至今"), (300, 50.4, 10, "产品经理")]
    assert texts(samples.pdf([line])) == ["2019.03 至今\t产品经理"]


def test_letters_drawn_one_by_one_and_in_any_order_are_one_line() -> None:
    letters: list[Text] = [(50 + 6 * number, 50, 10, letter) for number, letter in enumerate("Beijing")]
    assert texts(samples.pdf([letters[::-1]])) == ["Beijing"]


def test_letters_drawn_twice_are_read_once() -> None:
    for aside in (0.2, 0.4, 0.8):
        twice: list[Text] = [(50, 50, 10, "工作经历"), (50 + aside, 50, 10, "工作经历")]
        assert texts(samples.pdf([twice])) == ["工作经历"]


def test_two_columns_are_read_one_after_the_other() -> None:
    name: list[Text] = [(200, 40, 20, "个人简历张三丰先生")]
    left = column(50, 80, ["联系方式", "电话138", "邮箱a", "技能", "英语"])
    right = column(200, 87, [f"右栏的第{number}行写得相当长" for number in range(8)], 18)
    found = texts(samples.pdf([[*right, *left, *name]]))
    assert found == [text for *_, text in (*name, *left, *right)]


def test_a_date_at_the_end_of_a_line_makes_no_column_of_its_own() -> None:
    left = column(50, 80, [f"正文的第{number}行" for number in range(20)])
    date: list[Text] = [(200, 80, 10, "2012年09月")]
    last: list[Text] = [(50, 480, 10, "正文的最后一行一直写到日期的下面")]
    right = column(400, 87, [f"右栏{number}" for number in range(6)], 18)
    found = texts(samples.pdf([[*left, *date, *last, *right]]))
    assert found[0] == "正文的第0行\t2012年09月"
    assert found[-6:] == [text for *_, text in right]


def test_dates_beside_what_they_date_are_read_across() -> None:
    dates: list[Text] = [(50, 80 + 60 * number, 10, f"201{number}.03") for number in range(4)]
    jobs = column(200, 80, [f"第{number}行" for number in range(12)])
    found = texts(samples.pdf([[*dates, *jobs]]))
    assert found[:4] == ["2010.03\t第0行", "第1行", "第2行", "2011.03\t第3行"]


def test_headings_over_few_dates_make_no_column_of_them() -> None:
    left: list[Text] = [(50, 80, 10, "教育"), (50, 110, 10, "2019.09"), (50, 170, 10, "工作")]
    left += [(50, 200, 10, "2023.04"), (50, 280, 10, "关于我")]
    school = column(200, 110, ["某某学校", "商务英语"])
    jobs = column(200, 200, ["客服专员", "整理常见问题"])
    last: list[Text] = [(50, 310, 10, "三年经验能独立负责一个模块做事有条理")]
    assert texts(samples.pdf([[*left, *school, *jobs, *last]])) == [
        *("教育", "2019.09\t某某学校", "商务英语", "工作"),
        *("2023.04\t客服专员", "整理常见问题", "关于我", last[0][3]),
    ]


def test_dates_at_the_ends_of_lines_stay_there_beside_a_narrow_column() -> None:
    jobs = column(40, 80, [f"公司{number // 3}的第{number}行" for number in range(12)])
    dates: list[Text] = [(250, 80 + 60 * number, 10, f"201{number}.03") for number in range(4)]
    rail = column(450, 87, [f"技能{number}" for number in range(7)], 17)
    found = texts(samples.pdf([[*jobs, *dates, *rail]]))
    assert found[:2] == ["公司0的第0行\t2010.03", "公司0的第1行"]
    assert found[-7:] == [text for *_, text in rail]


def test_a_table_without_lines_is_read_across() -> None:
    cells = [
        *column(50, 80, ["姓名", "电话", "邮箱", "地址"]),
        *column(200, 80, ["张三", "138", "a@b", "长春"]),
    ]
    assert texts(samples.pdf([cells])) == ["姓名\t张三", "电话\t138", "邮箱\ta@b", "地址\t长春"]


def test_a_drawn_table_has_rows_of_cells() -> None:
    rules = grid([50, 100, 400], [50, 80, 160])
    cells: list[Text] = [(55, 70, 10, "姓名"), (105, 70, 10, "张三"), (55, 122, 10, "经历")]
    cells += [(105, 100, 10, "一二三"), (105, 120, 10, "四五六"), (105, 140, 10, "七八九")]
    blocks = read_pdf(samples.pdf([cells], rules)).blocks
    assert [(block.text, block.cells) for block in blocks] == [
        ("姓名\t张三", ("姓名", "张三")),
        ("经历\t一二三", ("经历", "一二三")),
        ("四五六", ()),
        ("七八九", ()),
    ]


def test_a_wrapped_cell_is_one_text() -> None:
    rules = grid([50, 100, 180, 250], [50, 100])
    cells: list[Text] = [(55, 75, 10, "2019"), (105, 70, 10, "北京某某科技有"), (105, 85, 10, "限公司")]
    cells += [(185, 70, 10, "高级产品经理"), (185, 85, 10, "的助手")]
    (block,) = read_pdf(samples.pdf([cells], rules)).blocks
    assert block.cells == ("2019", "北京某某科技有限公司", "高级产品经理的助手")


def test_a_word_that_did_not_fit_is_joined_again_and_empty_cells_stay() -> None:
    rules = grid([50, 150, 300, 450], [50, 100, 130])
    cells: list[Text] = [(55, 70, 10, "2022.09-"), (55, 85, 10, "2024.07"), (305, 70, 10, "产品经理")]
    cells += [(55, 120, 10, "2020.09"), (305, 120, 10, "产品助理")]
    blocks = read_pdf(samples.pdf([cells], rules)).blocks
    assert [block.cells for block in blocks] == [
        ("2022.09-2024.07", "", "产品经理"),
        ("2020.09", "", "产品助理"),
    ]


def test_a_cell_with_room_for_one_character_is_one_text() -> None:
    rules = [Rule(False, at, 50, 450) for at in (50, 220)] + [Rule(True, at, 50, 220) for at in (50, 80, 450)]
    pieces = [Piece(one, 55, 60 + 15 * at, 65, 70 + 15 * at, 10) for at, one in enumerate("某某会计师事务所")]
    pieces += [Piece("写得相当长的一行工作", 85, 60 + 15 * at, 400, 70 + 15 * at, 10) for at in range(6)]
    (row,) = with_tables(pieces, rules, 1)
    assert row.blocks[0].cells == ("某某会计师事务所", "写得相当长的一行工作")


def test_a_span_of_time_and_a_bracket_go_on_in_the_next_line_of_a_cell() -> None:
    rules = grid([50, 180, 246, 450], [50, 100])
    cells: list[Text] = [(55, 70, 10, "2019年9"), (55, 85, 10, "月-2022年5月")]
    cells += [(185, 70, 10, "博澜食品"), (185, 85, 10, "（上海）公司"), (250, 70, 10, "会计")]
    (block,) = read_pdf(samples.pdf([cells], rules)).blocks
    assert block.cells == ("2019年9月-2022年5月", "博澜食品（上海）公司", "会计")


def test_a_row_that_the_page_cuts_is_read_cell_by_cell() -> None:
    rules: list[tuple[float, float, float, float]] = [(50, 200, 450, 200)]
    rules += [(x, 200, x, 270) for x in (50, 150, 300, 450)]
    row: list[Text] = [(55, 230, 10, "2019"), (155, 230, 10, "某某公司"), (305, 230, 10, "会计")]
    row += [(155, 245, 10, "贵阳分公司"), (305, 245, 10, "助理")]
    assert texts(samples.pdf([row], rules)) == ["2019", "某某公司", "贵阳分公司", "会计", "助理"]


def test_a_frame_around_a_page_is_no_table() -> None:
    frame = grid([20, 570], [20, 820])
    blocks = read_pdf(samples.pdf([column(50, 80, ["张三", "电话138"])], frame)).blocks
    assert [(block.text, block.cells) for block in blocks] == [("张三", ()), ("电话138", ())]


def test_headers_are_read_once_and_page_numbers_never() -> None:
    pages: list[list[Text]] = [
        [
            (50, 40, 10, "张三的简历"),
            (50, 300, 10, f"正文{number}"),
            (280, 820, 10, f"第 {number} 页 共 3 页"),
        ]
        for number in (1, 2, 3)
    ]
    document = read_pdf(samples.pdf(pages))
    assert [(block.page, block.text) for block in document.blocks] == [
        (1, "张三的简历"), (1, "正文1"), (2, "正文2"), (3, "正文3"),
    ]  # fmt: skip


def test_a_phone_at_the_edge_of_a_page_is_no_page_number() -> None:
    assert texts(samples.pdf([[(50, 40, 10, "13800001111")], [(50, 40, 10, "2019 - 2020")]])) == [
        "13800001111",
        "2019 - 2020",
    ]


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_that_is_shown_turned_is_read_as_shown(turn: int) -> None:
    page: list[Text] = [(50, 50 + 20 * line, 10, f"第{line}行的文字内容") for line in range(4)]
    blocks = read_pdf(samples.pdf([page], rotate=turn)).blocks
    assert [(block.text, block.left, block.bottom) for block in blocks] == [
        (text, left, top) for left, top, _, text in page
    ]


def test_scattered_letters_and_lines_take_no_longer_than_a_page() -> None:
    def read(size: int) -> None:
        chance = random.Random(size)
        spots: list[Text] = [
            (round(chance.uniform(10, 550), 1), round(chance.uniform(30, 800), 1), 4, "字字字字")
            for _ in range(2 * size)
        ]
        apart = 1_200 / size
        rules = [(at * apart, 0.0, at * apart, 842.0) for at in range(size // 2)]
        rules += [(0.0, at * apart, 595.0, at * apart) for at in range(size // 2)]
        assert read_pdf(samples.pdf([spots], rules)).blocks

    assert not takes_squares(read, 600)


def test_letters_that_nobody_can_see_are_left_out() -> None:
    assert texts(samples.pdf([[(50, 50, 10, "张三"), (50, 60, 1, "Java Python Go")]])) == ["张三"]


def test_a_pdf_that_gets_no_place_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = samples.pdf([[(50, 50, 10, "张三")]])
    assert reason(samples.pdf([[(50, 50, 10, "张三")]], encrypted=True)) == "encrypted"
    for repeat in (31, 10_000):
        assert reason(samples.pdf([[(50, 50, 10, "张三")]], repeat=repeat)) == "too_many_pages"
    assert reason(whole[:200]) == "corrupt"
    assert reason(samples.pdf([[]])) == "empty"
    monkeypatch.setattr("intake.files.pdf.MAX_CHARACTERS", 20)
    assert reason(samples.pdf([[(50, 50, 10, "一二三四五六七八")]] * 3)) == "too_large"


@pytest.mark.skipif(ocr.is_installed(), reason="OCR is installed")
def test_a_scan_without_ocr_says_so() -> None:
    assert reason(samples.scan()) == "no_text"


def test_a_page_as_a_picture_is_bounded() -> None:
    data = samples.pdf([[(50, 50, 10, "张三")]])
    shown = picture_of(data, 1)
    assert shown.startswith(b"\x89PNG")
    assert int.from_bytes(shown[16:20], "big") == 1000
    wide = data.replace(b"/MediaBox[0 0 595 842]", b"/MediaBox[0 0 595 9e6]")
    assert int.from_bytes(picture_of(wide, 1)[20:24], "big") <= 3000
    for page in (0, 2, 999):
        with pytest.raises(Refused):
            picture_of(data, page)
