"""Whatever a document says, reading it ends soon, never raises, and gives a record that can be stored."""

import json

from hypothesis import given
from hypothesis import strategies as st

from intake.files.document import Block, Document
from intake.files.outcome import ReadResume
from intake.reading import read_resume
from intake.record import parse_resume
from tests.growth import takes_squares
from tests.support import each
from tests.unit.reading.reading_samples import HEAD, SCHOOL, TODAY, document

MARKS = "\t\n  ()[]|/-:：，。·•@>#*_0123456789年月岁男女k张王\u200b\ue000\x00\x0c"
PIECES = (
    *("工作经历", "教育经历", "求职意向", "自我评价", "项目经历", "姓名", "电话"),
    *("公司名称：", "职位：", "时间"),
    *("2018.03-2020.05", "2018年3月", "至今", "Mar 2018 - Present", "2019-13", "2019-02-30", "2018-", "无"),
    *("上海启明信息技术有限公司", "工程师", "浙江大学", "本科", "软件工程", "138 0013 8000", "a@example.com"),
    *("20-30K", "面议", "29岁", "5年经验", "1990年5月", "岗位职责", "甲方", "发票", "ID:123456", "\n", "\t"),
)
PARTS = st.sampled_from([*MARKS, *PIECES])
TEXTS = st.lists(PARTS, max_size=60).map("".join)
BLOCKS = st.lists(
    st.builds(
        Block,
        text=TEXTS,
        cells=st.lists(TEXTS, max_size=4).map(tuple),
        page=st.integers(1, 3),
        left=st.sampled_from([0, 50, 300]),
        top=st.sampled_from([0, 40, 60, 80]),
        right=st.sampled_from([0, 200, 500]),
        size=st.sampled_from([0, 9, 14]),
        is_bold=st.booleans(),
        is_heading=st.booleans(),
    ),
    max_size=12,
)


def stored(resume: ReadResume) -> None:
    parse_resume(json.dumps({**resume.record, "source": "test", "source_id": "1"}).encode())


@given(BLOCKS, TEXTS)
def test_any_document_gives_a_record_that_can_be_stored_or_a_reason(blocks, title):
    found = read_resume(Document(blocks=blocks, pages=3, title=title), TODAY)
    if isinstance(found, str):
        return
    stored(found)
    assert all(0 < confidence <= 1 for confidence in found.confidence.values())


@given(TEXTS)
def test_anything_may_stand_in_a_description(text):
    found = read_resume(document(f"{HEAD}\n工作经历\n2018.03-2020.05 某某公司 工程师\n{text}{SCHOOL}"), TODAY)
    assert isinstance(found, ReadResume)
    stored(found)
    assert found.record["name"] == "张小满"


@each(
    "part",
    [" ", "\t", "(", "1-", "a.", "a@", "中", "2018年", "|", "姓 ", "姓名：", "1 2 ", "138 0013 8000 ", "> "],
)
def test_no_line_takes_long(part):
    def read(size: int) -> None:
        line = part * (size // len(part)) + "x"
        texts = (*HEAD.split(), "工作经历", line, "教育经历", line, "求职意向", line)
        read_resume(Document(blocks=[Block(text=text) for text in texts], title=line), TODAY)

    assert not takes_squares(read, 100_000)


def test_a_resume_of_many_jobs_keeps_what_a_record_may_have():
    jobs = "".join(f"{1990 + at % 30}.03-{1990 + at % 30}.05 某某{at}公司 工程师\n" for at in range(300))
    found = read_resume(document(f"{HEAD}\n工作经历\n{jobs}"), TODAY)
    assert isinstance(found, ReadResume)
    assert len(found.record["works"]) == 200
    stored(found)
