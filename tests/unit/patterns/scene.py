"""A scene in which all that makes patterns out of what it gets does so once."""

from __future__ import annotations

import msgspec

from config.data import load_options
from engine.matching.analysis.analyzer import Analyzer
from handlers.feeds.options import OptionLists
from handlers.feeds.postings import options_of
from intake.files.document import Block, Document
from intake.posting import PostingReader
from intake.reading import read_resume
from process.rules import make_analyzer
from runtime.masking import Masker
from runtime.nfkc import nfkc
from store.persons.person_notes import Traits

RESUME = """林晚照
男 | 29岁 | 5年经验 | 本科 | 上海
电话：138 0013 8000  邮箱：lin@example.com
求职意向：Java工程师 期望薪资：20-30K
工作经历
2018.03-2020.05 上海启明信息技术有限公司 工程师
负责支付系统的设计与开发
教育经历
浙江大学  计算机科学与技术  本科  2014.09-2018.06
自我评价
认真负责，微信 lin_wz90
"""
POSTING = """招聘Java开发工程师（2名）
工作地点：上海市浦东新区 薪资待遇：25K-40K*15薪 学历要求：本科 工作经验：5-10年
五险一金
岗位职责：
1、负责前端架构；
任职要求：
1、精通Vue、React。
"""


def document(text: str) -> Document:
    """A text as a document, a block a line."""
    return Document(blocks=[Block(text=line) for line in text.split("\n")], title=text[:200])


def posting_reader(analyzer: Analyzer) -> PostingReader:
    """A reader of postings with the form's own options."""
    return PostingReader(analyzer, options_of(msgspec.convert(load_options(), OptionLists)))


def play() -> None:
    """Read, mask and search."""
    read_resume(document(RESUME))
    posting_reader(make_analyzer()).read(POSTING)
    for name in ("林晚照", "欧阳·晚照", "Anna-Maria van der Berg", "John Smith"):
        masker = Masker(name=name, phone="138 0013 8000", email="lin@example.com", qq="123456")
        masker.mask(f"{name} 13800138000 lin@example.com 123456")
    # Marks on a letter: more than any writing has.
    nfkc("a" + "\u0301" * 100)
    Traits(["p:13800138000", "e:lin@example.com"], [{"qq": "123456", "name": "林晚照"}]).mask("138")
