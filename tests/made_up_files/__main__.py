"""Made-up resumes in real files, read as the server reads them, against what is true of them.

    python -m tests.made_up_files                    200 files in ten layouts; Chromium prints a third of them
    python -m tests.made_up_files --mistakes 40      and what was read wrongly
    python -m tests.made_up_files --unseen           layouts that were kept from those who wrote the reader

`measures` says when a fact counts as right. PDFs a second are those of one core: by the processor time of the
child that reads them. What was made up is kept in `.data/made_up_files`, with what is true of it, and made
again when the generator changes.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import resource
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.harness.table import Row, text_of
from intake.files.outcome import Outcome, ReadResume
from intake.files.reader import FileReader
from tests.made_up_files.layouts import LAYOUTS, Layout, made_up_files
from tests.made_up_files.measures import FIELDS, Judged, Tally, judge, total
from tests.made_up_files.truth import Truth, has_truth, read_folder, write_folder
from tests.made_up_files.unseen import UNSEEN

_KEPT = Path(".data/made_up_files")
_MAKERS = Path(__file__).parent
_SURE = 0.8
"""A confidence from which on a field should be right."""
_AIMS = {"contact": 0.98, "works": 0.92, "education": 0.92}
_UNSEEN_AIMS = {"contact": 0.95, "works": 0.85, "education": 0.85}
_PDFS_A_SECOND = 5


class File(NamedTuple):
    """A file that was read.

    Attributes:
        resume: What it says; nothing where it was refused.
        refusals: Why it, or a part of it, got no place.
        too_many: How many resumes it was taken for beyond the one that it is.
    """

    truth: Truth
    judged: Judged
    resume: ReadResume | None
    refusals: list[str]
    too_many: int


class Speed(NamedTuple):
    """How long reading took.

    Attributes:
        pdfs, pdfs_cpu_s: How many of the files are PDFs, and the processor time of the child for those.
        others, others_cpu_s: The other files, likewise.
    """

    pdfs: int
    pdfs_cpu_s: float
    others: int
    others_cpu_s: float


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; 1 where an aim is missed."""
    parser = argparse.ArgumentParser(prog="tests.made_up_files")
    parser.add_argument("--each", type=int, default=20, help="people in each layout")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--unseen", action="store_true", help="layouts the reader was not written for")
    parser.add_argument("--layout", default="", help="only layouts whose name has this in it")
    parser.add_argument("--files", type=Path, help="a folder with files and a truth.jsonl")
    parser.add_argument("--mistakes", type=int, default=0, help="print so many")
    options = parser.parse_args(argv)
    layouts, aims = (UNSEEN, _UNSEEN_AIMS) if options.unseen else (LAYOUTS, _AIMS)
    folder = options.files or _made(layouts, options.each, options.seed)
    made = [(truth, data) for truth, data in read_folder(folder) if options.layout in truth.layout]
    files, speed = asyncio.run(_read_all(made))
    print(_matrix(files))
    for line in _mistakes(files, options.mistakes):
        print(line)
    rows = [*_rows(files, aims), *_speed_rows(speed)]
    print(f"\n{text_of(rows)}")
    return int(any(row.is_met is False for row in rows))


def _made(layouts: Sequence[Layout], each: int, seed: int) -> Path:
    """The folder with these files, which are made up where they are not there yet."""
    makers = b"".join(path.read_bytes() for path in sorted(_MAKERS.glob("*.py")))
    names = "/".join(layout.name for layout in layouts).encode()
    folder = _KEPT / f"{hashlib.sha256(makers + names).hexdigest()[:12]}-{each}-{seed}"
    if not has_truth(folder):
        print(f"making up {each * len(layouts)} files in {folder} ...", flush=True)
        write_folder(folder, made_up_files(layouts, each=each, seed=seed))
    return folder


async def _read_all(made: Sequence[tuple[Truth, bytes]]) -> tuple[list[File], Speed]:
    """Read all files in one child, one after the other, PDFs first."""
    reader = FileReader(workers=1)
    files, spent = [], []
    pdfs = [one for one in made if one[1].startswith(b"%PDF")]
    others = [one for one in made if not one[1].startswith(b"%PDF")]
    try:
        await reader.read("first.txt", b"x")  # starts the child
        for group in (pdfs, others):
            before = _children_s()
            for truth, data in group:
                files.append(_file(truth, await reader.read(truth.file, data)))
            spent.append(_children_s() - before)
    finally:
        await reader.close()
    return files, Speed(len(pdfs), spent[0], len(others), spent[1])


def _children_s() -> float:
    """Processor time of this process's children, those that live and those that ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    ticks = 0
    for path in Path("/proc/self/task").glob("*/children"):
        for pid in path.read_text().split():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ended.ru_utime + ended.ru_stime + ticks / os.sysconf("SC_CLK_TCK")


def _file(truth: Truth, outcomes: Sequence[Outcome]) -> File:
    """Of several resumes that one file was taken for, the best one is judged."""
    resumes = [one.resume for one in outcomes if one.resume]
    refusals = [str(one.refusal) for one in outcomes if one.refusal]
    if not resumes:
        return File(truth, judge(truth, {}), None, refusals, 0)
    judged = [(judge(truth, one.record), one) for one in resumes]
    best, resume = max(judged, key=lambda one: sum(tally.right for tally in one[0].tallies.values()))
    return File(truth, best, resume, refusals, len(resumes) - 1)


def _matrix(files: Sequence[File]) -> str:
    """F1 of every field in every layout."""
    by_layout: dict[str, list[Judged]] = defaultdict(list)
    for file in files:
        by_layout[file.truth.layout].append(file.judged)
    by_layout["all"] = [file.judged for file in files]
    lines = ["layout".ljust(22) + "".join(f"{name[:7]:>8}" for _, name in FIELDS)]
    for layout, judged in by_layout.items():
        figures = (total(judged, group, name).f1 for group, name in FIELDS)
        lines.append(layout.ljust(22) + "".join(f"{figure:>8.3f}" for figure in figures))
    return "\n".join(lines)


def _mistakes(files: Sequence[File], most: int) -> Iterator[str]:
    """What is wrong, spread over the files."""
    found = []
    for file in files:
        if not file.resume:
            found.append((0, f"{file.truth.file} [{file.truth.layout}] no resume: {file.refusals}"))
        for at, one in enumerate(file.judged.mistakes):
            where = f"{file.truth.file} [{file.truth.layout}] {'.'.join(one.field)}"
            found.append((at, f"{where}: true {one.true!r}, read {one.read!r}"))
    for _, line in sorted(found, key=lambda one: one[0])[:most]:
        yield line


def _rows(files: Sequence[File], aims: Mapping[str, float]) -> Iterator[Row]:
    """The figures of all files, and of the layout that is read worst."""
    judged = [file.judged for file in files]
    for group, aim in aims.items():
        figure = total(judged, group).f1
        yield Row(f"{group}, {len(files)} files", figure, "F1").at_least(aim)
        worst, name = min(
            (total((file.judged for file in files if file.truth.layout == layout), group).f1, layout)
            for layout in {file.truth.layout for file in files}
        )
        yield Row(f"  worst layout: {name}", worst, "F1")
    kept, all_ = (sum(counts) for counts in zip(*(one.kept for one in judged), strict=True))
    yield Row("lines of what was done, in their job", kept / (all_ or 1), "of all")
    refused = sum(file.resume is None for file in files)
    yield Row("resumes refused", refused, "files").at_most(0)
    yield Row("resumes too many", sum(file.too_many for file in files), "").at_most(0)
    sure, unsure = _calibration(files)
    yield Row(f"fields of confidence >= {_SURE} that are right", sure, "of all").at_least(0.98)
    yield Row(f"fields of confidence < {_SURE} that are right", unsure, "of all")


def _calibration(files: Sequence[File]) -> tuple[float, float]:
    """The share of fields that are right, of those the reader is sure of and of the others."""
    sure, unsure = Tally(), Tally()
    for file in files:
        for path, is_right in file.judged.by_path.items():
            confidence = file.resume.confidence.get(path, 0.0) if file.resume else 0.0
            tally = sure if confidence >= _SURE else unsure
            tally.right += is_right
            tally.wrong += not is_right
    return tuple(one.right / (one.right + one.wrong or 1) for one in (sure, unsure))  # type: ignore[return-value]


def _speed_rows(speed: Speed) -> Iterator[Row]:
    if speed.pdfs:
        yield Row("PDFs, one core", speed.pdfs / speed.pdfs_cpu_s, "a second").at_least(_PDFS_A_SECOND)
    if speed.others:
        yield Row("other files, one core", speed.others / speed.others_cpu_s, "a second")


if __name__ == "__main__":
    sys.exit(main())
