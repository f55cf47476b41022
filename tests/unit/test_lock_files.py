"""The lock files follow their sources: every pin, with hashes, and the same releases for tests and server."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN, DEV = "requirements", "requirements-dev"
EXTRAS = ("requirements-ocr", "requirements-otel")


def pins(path: Path) -> dict[str, str]:
    """Name -> release of every `name==release` in a file; names as PyPI compares them."""
    found = re.findall(r"(?m)^([\w.-]+)==([^\s;\\]+)", path.read_text("utf-8"))
    return {re.sub(r"[-_.]+", "-", name).lower(): release for name, release in found}


@pytest.mark.parametrize("name", [RUN, DEV, *EXTRAS])
def test_every_pin_of_the_source_is_locked(name):
    source, locked = pins(ROOT / f"{name}.in"), pins(ROOT / f"{name}.txt")
    assert source
    assert {package: locked.get(package) for package in source} == source, "run make lock"


def test_what_is_tested_is_what_runs():
    run, dev = pins(ROOT / f"{RUN}.txt"), pins(ROOT / f"{DEV}.txt")
    assert {package: dev.get(package) for package in run} == run, "run make lock"


@pytest.mark.parametrize("name", EXTRAS)
def test_an_extra_fits_beside_the_server(name):
    run, extra = pins(ROOT / f"{RUN}.txt"), pins(ROOT / f"{name}.txt")
    assert {package: extra[package] for package in run.keys() & extra} == {
        package: run[package] for package in run.keys() & extra
    }, "run make lock"


@pytest.mark.parametrize("name", [RUN, DEV, *EXTRAS])
def test_every_locked_package_has_hashes_and_no_address(name):
    text = (ROOT / f"{name}.txt").read_text("utf-8")
    entries = re.findall(r"(?m)^[^#\s].*\n(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)*", text)
    assert len(entries) == len(pins(ROOT / f"{name}.txt"))
    assert [entry.split()[0] for entry in entries if "--hash" not in entry] == []
    assert "://" not in text
