"""Spoilt files of every kind, as strangers would send them, through the reader of the server.

A hundred in a normal run, always the same ones; `TALENTFEED_FUZZ=long` makes 20,000, while `test_raw_http`
sends 100,000 to a server.
"""

from __future__ import annotations

import asyncio
import os
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import get_args

import msgspec
import pytest

from intake.files.outcome import Outcome, Reason
from intake.files.reader import FileReader
from intake.record import parse_resume
from tests.fuzz.spoilt_files import spoilt
from tests.integration.processes import children_of, memory_mb
from tests.made_up_files.samples import samples

IS_LONG = os.environ.get("TALENTFEED_FUZZ") == "long"
FILES = 100_000 if IS_LONG else 100
AT_ONCE = 4
WITHIN_S = 60
"""A file has 20 s in the child; those before it in the queue have theirs."""
MOST_GROWTH_MB = 150


def png(width: int, height: int) -> bytes:
    """A picture that says how large it is, and has nothing of it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


OTHERS = (
    png(60_000, 60_000),
    png(3, 3),
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + b"\0" * 50 + b"\xff\xd9",
    rb"{\rtf1\ansi\ansicpg936 {\fonttbl{\f0 SimSun;}}\f0 \'d5\'c5\'c8\'fd\par 13800001234\par}",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000,
    b'{"basics": {"name": "\xe7\x8e\x8b\xe8\x8a\xb3", "phone": "13800001234"}, "work": [{"name": "A"}]}',
    "# 王芳\n\n- 13800001234\n\n| 公司 | 职位 |\n| --- | --- |\n".encode(),
    b"",
)


def faults_of(outcomes: list[Outcome]) -> Iterator[str]:
    """What no outcome may be, whatever the file."""
    if not outcomes:
        yield "nothing said"
    for one in outcomes:
        if (one.resume is None) == (one.refusal is None):
            yield f"neither or both: {one}"
        if one.refusal and one.refusal not in get_args(Reason):
            yield f"an unknown reason: {one.refusal}"
        if one.resume:
            record = {**one.resume.record, "source": "fuzz", "source_id": "1"}
            try:
                parse_resume(msgspec.json.encode(record))
            except Exception as error:  # noqa: BLE001 - any of them is told with its file
                yield f"a record that cannot be stored: {error!r}"


def test_no_file_ends_the_reader_or_leaves_a_child(capsys: pytest.CaptureFixture[str]) -> None:
    files = [data for _, data in samples()] + list(OTHERS)
    before = children_of(os.getpid())
    told: list[str] = []
    kinds: Counter[str] = Counter()

    async def take(reader: FileReader, numbers: Iterator[int]) -> None:
        for number in numbers:
            how, name, data = spoilt(Random(f"file/{number}"), files)
            try:
                outcomes = await asyncio.wait_for(reader.read(name, data), WITHIN_S)
            except Exception as error:  # noqa: BLE001 - any of them is told with its file
                told.append(f"{number} {how}: {error!r}")
                continue
            told.extend(f"{number} {how}: {fault}" for fault in faults_of(outcomes))
            kinds.update(one.refusal or "resume" for one in outcomes)

    async def take_all() -> tuple[list[Outcome], float]:
        reader = FileReader(workers=2)
        try:
            await reader.read("first.txt", b"x")
            memory = memory_mb(os.getpid())
            numbers = iter(range(FILES))
            await asyncio.gather(*(take(reader, numbers) for _ in range(AT_ONCE)))
            return await reader.read("good.pdf", samples()[0][1]), memory_mb(os.getpid()) - memory
        finally:
            await reader.close()

    good, growth = asyncio.run(take_all())
    with capsys.disabled():
        print(f"\n{FILES} spoilt files: {dict(kinds.most_common())}; {growth:.0f} MB more")
    assert told == []
    assert [one.refusal for one in good] == [None]
    assert children_of(os.getpid()) <= before
    assert growth < MOST_GROWTH_MB
    assert min(kinds["resume"], kinds["corrupt"]) > FILES // 50, "most of them are thrown away at the door"
