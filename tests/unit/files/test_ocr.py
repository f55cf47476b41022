"""Scans and pictures, where `requirements-ocr.txt` is installed; their bounds, everywhere."""

import pytest

from intake.files import ocr
from intake.files.outcome import Refused
from intake.files.pdf import picture_of, read_pdf
from intake.files.pictures import read_picture, size_of
from tests.unit.files import file_samples as samples

needs_ocr = pytest.mark.skipif(not ocr.is_installed(), reason="requirements-ocr.txt is not installed")


def reason(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        read_picture(data)
    return refused.value.reason


def test_a_picture_says_how_large_it_is() -> None:
    assert size_of(samples.png(640, 480)) == (640, 480)
    assert size_of(samples.jpeg(640, 480)) == (640, 480)
    assert size_of(samples.jpeg(640, 480)[:12]) == (0, 0)
    assert size_of(b"\xff\xd8" + b"\xff" * 99) == (0, 0)


def test_a_picture_is_bounded_before_it_is_unpacked() -> None:
    assert reason(samples.png(100_000, 100_000)) == "too_large"
    assert reason(samples.jpeg(60_000, 60_000)) == "too_large"
    assert reason(samples.png(0, 5)) == "corrupt"
    assert reason(b"\x89PNG\r\n\x1a\n") == "corrupt"


@pytest.mark.skipif(ocr.is_installed(), reason="OCR is installed")
def test_a_picture_without_ocr_has_no_text() -> None:
    assert reason(samples.png(100, 100)) == "no_text"


@needs_ocr
def test_a_picture_is_read() -> None:
    letters: list[samples.Text] = [(100 + 24 * n, 200, 40, letter) for n, letter in enumerate("Beijing")]
    picture = picture_of(samples.pdf([letters]), 1)
    (block,) = read_picture(picture).blocks
    assert block.text == "Beijing"
    assert block.top == pytest.approx(165, abs=15)


@needs_ocr
def test_a_scan_with_nothing_on_it_has_no_text() -> None:
    with pytest.raises(Refused) as refused:
        read_pdf(samples.scan())
    assert refused.value.reason == "no_text"
