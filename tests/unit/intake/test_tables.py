"""Tables of people, without a server: bytes to rows, headers to fields, rows to resumes."""

import io
import zipfile
from datetime import date

import pytest

from intake.tables import limits
from intake.tables.fields import FIELDS, mapping_errors, propose
from intake.tables.limits import decode_head
from intake.tables.reading import parts_of
from intake.tables.records import record_of, resume_of
from runtime.decoding import InvalidFields
from store.files.tables import decode_rows, reach_in, without
from tests.spreadsheets import Formula, xlsx
from tests.support import each

TODAY = date(2026, 11, 27)
HEADER = ["姓名", "电话", "期望职位"]


def read(data, sheet=""):
    """The head, and the rows as (number, cells)."""
    *parts, head = parts_of(data, sheet)
    return decode_head(head), [(row.number, row.cells) for part in parts for row in decode_rows(part)]


@each(
    "data",
    [
        "姓名,电话,期望职位\n林晚照,13800001111,会计\n".encode(),
        "\ufeff姓名,电话,期望职位\r\n林晚照,13800001111,会计\r\n".encode(),
        "姓名;电话;期望职位\n林晚照;13800001111;会计".encode(),
        "姓名\t电话\t期望职位\n林晚照\t13800001111\t会计".encode(),
        '"姓名","电话","期望职位"\n"林晚照","13800001111","会计"'.encode("gb18030"),
        "姓名，电话，期望职位\n林晚照，13800001111，会计".encode(),
        "姓名,电话,期望职位\n林晚照,13800001111,会计\n".encode("utf-16"),
        xlsx({"一": [HEADER, ["林晚照", 13800001111, "会计"]]}),
        xlsx({"一": [HEADER, ["林晚照", 13800001111.0, Formula("会计")]]}),
    ],
)
def test_a_table_reads_alike_however_it_is_written(data):
    head, rows = read(data)
    assert head.header == HEADER
    assert rows == [(2, ["林晚照", "13800001111", "会计"])]
    assert head.mapping == {0: "name", 1: "phone", 2: "job_target.job_career"}


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_commas_within_texts_do_not_part_cells_where_something_else_does(separator):
    talk = "熟悉，精通，善于，" * 20 + ("a, b, c, d" if separator != "," else "")
    rows = [["姓名", "自我评价"], ["林晚照", talk + "一"], ["周行之", talk * 2]]
    head, found = read("\n".join(map(separator.join, rows)).encode())
    assert head.header == ["姓名", "自我评价"]
    assert [cells for _, cells in found] == rows[1:]


def test_a_sheet_of_one_column_is_read_and_one_of_a_header_alone_says_so():
    head, rows = read(xlsx({"一": [["电话"], ["13800001111"]]}))
    assert (head.header, rows) == (["电话"], [(2, ["13800001111"])])
    assert read(xlsx({"一": [HEADER]}))[0].refusal == "no_rows"


def test_the_header_is_found_below_a_title_and_rows_keep_the_numbers_of_the_spreadsheet():
    rows = [[], ["十一月候选人名单"], [], HEADER, ["甲", "1", "会计"], [None, None], ["乙", "2", "出纳"]]
    head, found = read(xlsx({"名单": rows}))
    assert head.header == HEADER
    assert [number for number, _ in found] == [5, 7]


def test_the_first_sheet_that_is_shown_and_holds_something_is_read_unless_one_is_named():
    sheets = {
        "空": [],
        "藏": [HEADER, ["藏", "1", "x"]],
        "甲": [HEADER, ["甲", "1", "x"]],
        "乙": [HEADER, ["乙"]],
    }
    data = xlsx(sheets, hidden=["藏"])
    head, rows = read(data)
    assert (head.sheet, head.sheets, rows[0][1][0]) == ("甲", ["空", "甲", "乙"], "甲")
    assert read(data, "乙")[1][0][1] == ["乙"]
    assert read(data, "藏")[0].refusal == "no_sheet"


def test_a_cell_with_line_ends_and_separators_is_one_cell():
    head, rows = read('姓名,备注\n甲,"第一行\n第二行, 有逗号"\n'.encode())
    assert rows == [(2, ["甲", "第一行\n第二行, 有逗号"])]
    assert head.rows == 1


def test_a_quotation_that_nobody_ends_is_refused_and_eats_no_rows():
    text = '姓名,备注\n甲,"好\n乙,13800001111\n丙,'
    assert read(text.encode())[0].refusal == "open_quote"
    for end in ("", "\n", "\r\n"):
        assert read(f'姓名,备注\n甲,好"的\n乙,"""好"""{end}'.encode())[1] == [
            (2, ["甲", '好"的']),
            (3, ["乙", '"好"']),
        ]


def test_what_is_beyond_a_bound_is_refused_with_its_own_word(monkeypatch):
    wide = ",".join("h" * 1 for _ in range(limits.MAX_COLUMNS + 1))
    assert read(f"{wide}\n{wide}\n".encode())[0].refusal == "too_many_columns"
    assert read(xlsx({"a": [["h"] * (limits.MAX_COLUMNS + 1)] * 2}))[0].refusal == "too_many_columns"
    monkeypatch.setattr("intake.tables.cells.MAX_ROWS", 3)
    assert read(b"h,i\n" + b"a,b\n" * 3)[0].rows == 3
    assert read(b"h,i\n" + b"a,b\n" * 4)[0].refusal == "too_many_rows"
    monkeypatch.setattr("intake.tables.cells.MAX_CHARACTERS", 10)
    assert read("姓名,备注\n甲,一二三四五六七八九\n".encode())[0].refusal == "too_large"


def archive(**files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as opened:
        for name, text in files.items():
            opened.writestr(name.replace("__", "/"), text)
    return data.getvalue()


@each(
    "data, refusal",
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n\n", "empty"),
        (b"%PDF-1.7\n1 0 obj", "unknown_kind"),
        (archive(word__document="<w/>"), "unknown_kind"),
        (b"PK\x03\x04 cut off", "unknown_kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 cut off", "unknown_kind"),
        ("姓名,电话\n".encode(), "no_rows"),
        (b"\x00\x01\x02\x03\x04\x05" * 100, "unknown_kind"),
    ],
)
def test_what_is_no_table_is_refused_with_its_own_word(data, refusal):
    head, rows = read(data)
    assert (head.refusal, rows) == (refusal, [])
    assert limits.REFUSALS[head.refusal]


def test_columns_are_proposed_each_field_once():
    header = [
        "候选人姓名",
        "姓名",
        "手机号",
        "联系电话(必填)",
        "Email",
        "现居住地",
        "期望薪资(元/月)",
        "附件",
        "",
    ]
    mapping = propose(header)
    assert mapping[2] == "phone"
    assert mapping[4] == "email"
    assert mapping[6] == "job_target.salary"
    assert {7, 8}.isdisjoint(mapping)
    assert len(set(mapping.values())) == len(mapping)
    assert set(mapping.values()) <= FIELDS.keys()


@each("first, second, names", [
    ("1", "2", False), ("0", "1", False), ("001", "002", False), ("", "1", False),
    ("1001", "1002", True), ("2", "1", True), ("A1", "A2", True), ("1", "7", True),
])  # fmt: skip
def test_numbers_of_the_rows_name_no_resumes(first, second, names):
    head, _ = read(f"编号,姓名,期望职位\n{first},林晚照,会计\n{second},王五,司机\n".encode())
    assert head.mapping == ({0: "source_id"} if names else {}) | {1: "name", 2: "job_target.job_career"}


def test_every_field_that_can_be_proposed_by_its_own_label_is():
    for field, label in FIELDS.items():
        found = propose([label])
        assert found.get(0) in (field, None), (field, label, found)
    proposed = [field for field, label in FIELDS.items() if propose([label]).get(0) == field]
    assert len(proposed) > 0.8 * len(FIELDS)


def test_a_mapping_is_refused_for_what_is_wrong_with_it():
    assert mapping_errors({0: "name", 1: "job_target.job_career"}, 2) == []
    for mapping in (
        {0: "x", 1: "self_evaluation"},
        {0: "name", 1: "name"},
        {2: "self_evaluation"},
        {0: "name", 1: "phone"},
    ):
        assert mapping_errors(mapping, 2), mapping


def test_a_row_becomes_a_record_with_its_parts():
    fields = dict(enumerate(FIELDS))
    said = {
        "name": "林晚照", "phone": "13800001111", "email": "lin@example.com", "qq": "12345678",
        "gender": "女", "age": "", "birth": "1995年3月", "address": "杭州", "work_years": "5年",
        "job_target.job_career": "会计", "job_target.salary": "8-12K", "job_target.expectation_area": "上海",
        "work.compnay_name": "示例公司", "work.position_title": "出纳", "work.start_time": "2019/7",
        "education.school": "北京大学", "education.degree": "本科", "self_evaluation": "细心",
        "last_contact": "2026/1/5 9:30", "collected_at": "2026年1月5日", "contact_status": "保密",
        "source_id": "A-1",
    }  # fmt: skip
    cells = [said.get(field, "") for field in FIELDS]
    record = record_of(cells, fields, "desk", TODAY)
    assert (record["source"], record["source_id"], record["age"]) == ("desk", "A-1", 31)
    assert record["job_target"] == {"job_career": "会计", "salary": "8-12K", "expectation_area": "上海"}
    assert record["works"] == [{"compnay_name": "示例公司", "position_title": "出纳", "start_time": "2019/7"}]
    assert record["education"] == [{"school": "北京大学", "degree": "本科"}]
    assert (record["last_contact"], record["collected_at"]) == ("2026-01-05 09:30:00", "2026-01-05")
    assert record["contact_status"] == "secret"
    resume = resume_of(cells, fields, "desk", TODAY)
    assert resume.contact["phone"] == "13800001111"


@pytest.mark.parametrize(
    ("header", "cell", "status"),
    [
        ("是否保密", "是", "secret"),
        ("是否保密", "否", "public"),
        ("联系方式是否保密", "保密", "secret"),
        ("是否保密", "公开", "public"),
        ("是否公开", "是", "public"),
        ("是否公开", "否", "secret"),
        ("联系方式是否公开", "保密", "secret"),
    ],
)
def test_a_column_that_asks_for_secrecy_is_read_the_other_way_round(header, cell, status):
    mapping = propose([header, "自我评价"])
    assert record_of([cell, "细心"], mapping, "desk", TODAY)["contact_status"] == status


@pytest.mark.parametrize("cells", [["是", "是"], ["否", "否"]])
def test_of_two_columns_that_contradict_each_other_the_secret_one_counts(cells):
    mapping = {0: "is_secret", 1: "contact_status", 2: "self_evaluation"}
    assert record_of([*cells, "细心"], mapping, "desk", TODAY)["contact_status"] == "secret"
    swapped = {0: "contact_status", 1: "is_secret", 2: "self_evaluation"}
    assert record_of([*cells, "细心"], swapped, "desk", TODAY)["contact_status"] == "secret"


@each(
    "field, text",
    [
        ("age", "中年"),
        ("birth", "三月"),
        ("birth", "29221"),
        ("birth", "31048"),
        ("contact_status", "也许"),
        ("is_secret", "也许"),
        ("last_contact", "昨天"),
        ("phone", "1.38E+10"),
        ("work.start_time", "很久以前"),
        ("last_contact", "2026-02-30"),
    ],
)
def test_a_cell_that_cannot_be_what_its_column_is_rejects_the_row_and_names_the_field(field, text):
    with pytest.raises(InvalidFields) as refused:
        resume_of([text, "细心"], {0: field, 1: "self_evaluation"}, "desk", TODAY)
    (name,) = refused.value.errors
    assert name in {field, "age", "works", "contact_status"}


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        ("work.start_time", "2019/3/1 0:00", "2019/3/1"),
        ("work.start_time", "2019-03-01 00:00:00", "2019-03-01"),
        ("education.end_time", "2019-03-01T00:00:00.000", "2019-03-01"),
        ("work.end_time", "至今", "至今"),
        ("phone", "13800001111.0", "13800001111"),
        ("qq", "12345678.0", "12345678"),
        ("phone", "010-87654321", "010-87654321"),
    ],
)
def test_numbers_and_days_as_programs_write_them_are_taken(field, cell, value):
    record = record_of([cell, "细心"], {0: field, 1: "self_evaluation"}, "desk", TODAY)
    part, _, name = field.rpartition(".")
    holder = record[{"work": "works", "education": "education"}[part]][0] if part else record
    assert holder[name] == value
    resume_of([cell, "细心"], {0: field, 1: "self_evaluation"}, "desk", TODAY)


@pytest.mark.parametrize("nothing", ["-", "—", "/", "无", "N/A"])
def test_a_cell_that_says_that_there_is_nothing_says_nothing(nothing):
    mapping = {0: "name", 1: "age", 2: "last_contact", 3: "self_evaluation"}
    resume = resume_of(["林晚照", nothing, nothing, "细心"], mapping, "desk", TODAY)
    assert record_of(["林晚照", nothing, nothing, "细心"], mapping, "desk", TODAY).keys() == {
        "source", "source_id", "name", "self_evaluation",
    }  # fmt: skip
    assert resume.contact["name"] == "林晚照"


def test_the_apostrophe_that_keeps_a_cell_from_being_a_formula_is_not_part_of_it():
    rows = read("姓名,电话\n'-,'+86 13800001111\n'小'李,'=x\n".encode())[1]
    assert [cells for _, cells in rows] == [["-", "+86 13800001111"], ["'小'李", "=x"]]


def test_a_person_is_the_same_resume_in_the_next_table_and_another_name_is_another():
    mapping = {0: "name", 1: "phone", 2: "self_evaluation"}

    def id_of(*cells):
        return record_of(cells, mapping, "desk", TODAY)["source_id"]

    assert id_of("甲", "138-0000-1111", "细心") == id_of("甲", "13800001111", "又细心又耐心")
    assert id_of("甲", "13800001111", "x") != id_of("乙", "13800001111", "x")
    assert id_of("甲", "", "x") != id_of("甲", "", "y")
    assert "13800001111" not in id_of("甲", "13800001111", "x")


def test_the_rows_of_an_erased_person_lose_their_cells_and_keep_their_numbers():
    *parts, _ = parts_of("姓名,电话,备注\n甲,138-0000-1111,x\n乙,13800002222,y\n".encode(), "")
    assert reach_in(parts[0]) == ["p:13800001111", "p:13800002222"]
    left = decode_rows(without(parts[0], ["p:13800001111"], ["甲"]))
    assert [(row.number, row.cells[:1]) for row in left] == [(2, []), (3, ["乙"])]
