"""Broken files of every kind, through the real child: each is an outcome, and the loop goes on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time

import pytest

from intake.files.outcome import Outcome
from intake.files.reader import FileReader, NoPicture
from tests.unit.files import file_samples as samples

RESUME = "姓名：张三丰\n电话：13800001111\n工作经历\n2019.03-至今 长春某某科技有限公司 产品经理\n负责产品\n"
LINES: list[samples.Text] = [
    (50, 50 + 20 * number, 10, line) for number, line in enumerate(RESUME.split("\n"))
]
WHOLE = {
    "pdf": samples.pdf([LINES], [(50, 50, 400, 50), (50, 90, 400, 90), (50, 50, 50, 90)]),
    "docx": samples.docx(samples.table(*([samples.par(line)] for line in RESUME.split("\n")))),
    "doc": samples.doc(RESUME * 5),
    "rtf": (r"{\rtf1\ansi\ansicpg936 " + r"\par ".join(RESUME.split("\n")) + r"\trowd a\cell\row}").encode(
        "gbk"
    ),
    "html": "".join(f"<table><tr><td>{line}</td><td>x</td>" for line in RESUME.split("\n")).encode(),
    "mht": b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\n"
    b"Content-Type: text/html\n\n<p>" + RESUME.encode() + b"\n--x--",
    "eml": b"From: a@b.example\nTo: c@d.example\nSubject: =?utf-8?B?5a+56LGh?=\n"
    b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\n" + RESUME.encode() + b"\n--x\n"
    b'Content-Disposition: attachment; filename="a.txt"\n\n' + RESUME.encode("gbk") + b"\n--x--",
    "txt": RESUME.encode("gb18030"),
    "json": '{"basics":{"name":"张三"},"work":[{"name":"甲","startDate":"2019-03"}]}'.encode(),
    "png": samples.png(100, 100) + b"\0" * 50,
    "jpeg": samples.jpeg(100, 100) + b"\0" * 50,
}
LONG = os.environ.get("TALENTFEED_FUZZ") == "long"
ROUNDS = 1000 if LONG else 6


def broken(chance: random.Random, data: bytes) -> bytes:
    """A file with bytes changed, left out, doubled or cut."""
    for _ in range(chance.randrange(1, 6)):
        at, length = chance.randrange(len(data) + 1), chance.choice([1, 1, 2, 8, 64, 400])
        match chance.randrange(5):
            case 0:
                data = data[:at] + chance.randbytes(length) + data[at + length :]
            case 1:
                data = data[:at] + data[at + length :]
            case 2:
                data = data[:at] + data[at : at + length] * chance.choice([2, 50]) + data[at:]
            case 3:
                data = (
                    data[:at] + bytes([chance.choice([0, 0xFF, 0x7F, 0x80])]) * length + data[at + length :]
                )
            case _:
                data = data[: max(at, 1)]
    return data


@pytest.mark.gen_test
async def test_whole_files_are_what_they_are_and_broken_ones_are_outcomes() -> None:
    chance = random.Random(0)
    files = FileReader(1)
    lags: list[float] = []

    async def watch() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.002)
            lags.append(time.perf_counter() - began - 0.002)

    try:
        for kind, data in WHOLE.items():
            outcomes = await files.read(f"a.{kind}", data)
            assert {one.kind for one in outcomes} <= {kind, "txt"}, kind
        watching = asyncio.create_task(watch())
        for _ in range(ROUNDS):
            for kind, data in WHOLE.items():
                bad = broken(chance, data)
                outcomes = await files.read(f"a.{kind}", bad)
                assert outcomes, bad
                assert all(isinstance(one, Outcome) and (one.resume or one.refusal) for one in outcomes), bad
                assert {one.refusal for one in outcomes} != {"too_slow"}, bad
            with contextlib.suppress(NoPicture):
                assert (await files.picture(broken(chance, WHOLE["pdf"]), 1)).startswith(b"\x89PNG")
        watching.cancel()
    finally:
        await files.close()
    # On a machine that does other work as well; alone it is far below 20 ms.
    assert sorted(lags)[len(lags) // 2] < 0.02
