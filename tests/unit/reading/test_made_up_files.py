"""Made-up resumes in ten layouts, read as the server reads them: how much of what is true is read.

The floors lie below what `make bench-intake` measures: they fall when a kind of file or a part of the
reader breaks, and not with a single field.
"""

import asyncio

import msgspec
import pytest

from intake.files.outcome import Outcome
from intake.files.reader import FileReader
from intake.record import parse_resume
from tests.made_up_files.layouts import LAYOUTS
from tests.made_up_files.measures import judge, total
from tests.made_up_files.samples import samples
from tests.support import each

FLOORS = {"contact": 0.97, "works": 0.92, "education": 0.92}
FLOOR_OF_A_LAYOUT = 0.75


@pytest.fixture(scope="module")
def read() -> list[list[Outcome]]:
    """What became of each sample."""

    async def read_all() -> list[list[Outcome]]:
        reader = FileReader(workers=1)
        try:
            return [await reader.read(truth.file, data) for truth, data in samples()]
        finally:
            await reader.close()

    return asyncio.run(read_all())


@pytest.fixture(scope="module")
def judged(read):
    found = []
    for (truth, _), outcomes in zip(samples(), read, strict=True):
        resumes = [one.resume for one in outcomes if one.resume]
        found.append((truth, judge(truth, resumes[0].record if resumes else {})))
    return found


def test_there_is_a_sample_of_every_layout():
    assert {truth.layout for truth, _ in samples()} == {layout.name for layout in LAYOUTS}


def test_each_file_is_one_resume_that_can_be_stored_and_says_how_sure_its_fields_are(read):
    for outcomes in read:
        (one,) = [one for one in outcomes if one.resume]
        parse_resume(msgspec.json.encode({**one.resume.record, "source": "test", "source_id": one.file}))
        assert one.resume.record["name"]
        assert 0 < one.resume.confidence["name"] <= 1


@pytest.mark.parametrize("group", FLOORS)
def test_most_of_what_is_true_is_read(judged, group):
    tally = total((one for _, one in judged), group)
    assert tally.f1 >= FLOORS[group], [(truth.file, one.mistakes) for truth, one in judged]


@each("layout", [layout.name for layout in LAYOUTS])
def test_no_layout_is_lost(judged, layout):
    for group in FLOORS:
        tally = total((one for truth, one in judged if truth.layout == layout), group)
        assert tally.f1 >= FLOOR_OF_A_LAYOUT, (group, tally)
