"""What is read of a text is spelt as the writer spelt it."""

from unicodedata import normalize

from intake.files.document import Block, Document
from intake.files.letters import clean
from intake.files.outcome import ReadResume
from intake.reading import read_resume
from intake.reading.spelling import Spelling
from tests.growth import takes_squares
from tests.support import each
from tests.unit.reading.reading_samples import HEAD, SCHOOL, TODAY
from tests.unit.reading.test_works import FORMS

RESUME = """
张小满（Ａｍｙ）
男 ｜ ２９岁 ｜ ５年经验 ｜ 本科 ｜ 上海
电话：１３８　００１３　８０００　邮箱：ｘｉａｏｍａｎ＠ｅｘａｍｐｌｅ．ｃｏｍ
工作经历
公司名称：上海启明（中国）信息技术有限公司
职位：高级Ｊａｖａ开发工程师（平台）
起止时间：２０２０．０３－至今
工作内容：
１、负责网关（上海），带３人；温度≤８０℃，提升５０％……
２、“用户增长”项目：日活从１０万到３０万！
教育经历
浙江大学（紫金港）  计算机科学与技术  本科  2014.09-2018.06
自我评价
性格开朗，善于沟通；热爱技术（Ｊａｖａ）。
"""


def written(text: str) -> Document:
    lines = (
        clean(line.replace("  ", "\u3000\u3000").replace("\u3000\u3000", "\t")) for line in text.split("\n")
    )
    return Document(blocks=[Block(text=line) for line in lines if line])


def read(document: Document) -> dict:
    found = read_resume(document, TODAY)
    assert isinstance(found, ReadResume), found
    return found.record


def folded(value):
    if isinstance(value, dict):
        return {key: folded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [folded(one) for one in value]
    return normalize("NFKC", value) if isinstance(value, str) else value


def plain(document: Document) -> Document:
    return Document(blocks=[Block(text=normalize("NFKC", one.text)) for one in document.blocks])


def test_texts_keep_their_punctuation_and_values_are_plain():
    record = read(written(RESUME))
    work = record["works"][0]
    assert work["compnay_name"] == "上海启明（中国）信息技术有限公司"
    assert work["position_title"] == "高级Java开发工程师（平台）"
    assert work["job_desc"] == (
        "1、负责网关（上海），带3人；温度≤80℃，提升50％……\n2、“用户增长”项目：日活从10万到30万！"
    )
    assert record["self_evaluation"] == "性格开朗，善于沟通；热爱技术（Java）。"
    assert (record["phone"], record["email"]) == ("13800138000", "xiaoman@example.com")
    assert (work["start_time"], work["end_time"]) == ("2020.03", "至今")
    assert (record["age"], record["gender"]) == (29, "男")


@each("text", [RESUME, *(f"{HEAD}{form}{SCHOOL}" for form in FORMS.values())])
def test_the_same_is_read_in_either_punctuation(text):
    document = written(text)
    assert folded(read(document)) == read(plain(document))


def test_a_text_that_was_put_together_is_spelt_part_by_part():
    blocks = [
        Block(text=text) for text in ("负责网关（上海），带三人，", "页眉，与此无关", "并提升效率：八成；")
    ]
    spelling = Spelling(Document(blocks=blocks))
    assert (
        spelling.restored("负责网关(上海),带三人,并提升效率:八成;", 0)
        == "负责网关（上海），带三人，并提升效率：八成；"
    )
    assert spelling.restored("这里没有,此文", 0) == "这里没有,此文"
    assert spelling.restored("", 9) == ""


def test_marks_and_blanks_that_are_gone_are_not_missed():
    document = Document(blocks=[Block(text="**负责网关**（上 海），`Java`")])
    assert Spelling(document).restored("负责网关(上海), Java", 0) == "负责网关（上海）， Java"


def test_equal_lines_are_each_spelt_as_their_own():
    blocks = [Block(text="负责沟通,协调(内部)"), Block(text="负责沟通，协调（内部）")]
    spelling = Spelling(Document(blocks=blocks))
    assert spelling.restored("负责沟通,协调(内部)", 0) == "负责沟通,协调(内部)"
    assert spelling.restored("负责沟通,协调(内部)", 1) == "负责沟通，协调（内部）"


def test_a_document_that_holds_nothing_of_what_was_read_takes_no_time():
    def restore(size: int) -> None:
        spelling = Spelling(Document(blocks=[Block(text="，" + "（a" * (size // 2))]))
        text = ",(b" * (size // 3)
        assert spelling.restored(text, 0) == text

    assert not takes_squares(restore, 100_000)
