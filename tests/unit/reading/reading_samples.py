"""Texts as documents, for the tests of reading. All people in here are made up."""

from datetime import date
from typing import Any
from unicodedata import normalize

from intake.files.document import Block, Document
from intake.files.outcome import ReadResume
from intake.reading import read_resume

TODAY = date(2026, 1, 15)

HEAD = """
张小满
男 | 29岁 | 5年经验 | 本科 | 上海
电话：138 0013 8000  邮箱：xiaoman@example.com
"""
SCHOOL = """
教育经历
浙江大学  计算机科学与技术  本科  2014.09-2018.06
"""


def document(text: str, *, title: str = "") -> Document:
    """A line is a block; tabs are the borders of cells."""
    blocks = []
    for line in normalize("NFKC", text).split("\n"):
        if bare := line.strip():
            cells = tuple(cell.strip() for cell in line.split("\t")) if "\t" in line else ()
            blocks.append(Block(text=bare, cells=cells))
    return Document(blocks=blocks, title=title)


def read(text: str, *, title: str = "") -> ReadResume:
    """The resume that a text is."""
    found = read_resume(document(text, title=title), TODAY)
    assert isinstance(found, ReadResume), found
    return found


def works_of(text: str) -> list[tuple[Any, ...]]:
    """Company, title, start and end of each job of a resume with this text as its jobs."""
    record = read(f"{HEAD}{text}{SCHOOL}").record
    names = ("compnay_name", "position_title", "start_time", "end_time")
    return [tuple(work.get(name, "") for name in names) for work in record["works"]]


def schools_of(text: str) -> list[tuple[Any, ...]]:
    """School, major, degree, start and end of each school of a resume with this text as its schools."""
    record = read(f"{HEAD}\n教育背景\n{text}").record
    names = ("school", "major", "degree", "start_time", "end_time")
    return [tuple(school.get(name, "") for name in names) for school in record["education"]]
