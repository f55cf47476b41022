"""The documents name what is there: links, files, targets of the Makefile, and what each room may import."""

import os
import re
from pathlib import Path

import pytest

from tests.support import each
from tests.unit.test_architecture import ALLOWED

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path
    for path in [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "web" / "README.md",
        ROOT / "web" / "miniprogram-example" / "README.md",
    ]
)
# Others tell of the past, and name files that are gone.
OF_TODAY = [path for path in DOCUMENTS if path.parent.name != "adr" and path.name != "CHANGELOG.md"]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = re.findall(r"(?m)^([a-z-]+):", MAKEFILE)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def anchors(path: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a document."""
    text = re.sub(r"(?ms)^```.*?^```", "", path.read_text("utf-8"))
    headings = re.findall(r"(?m)^#+ (.*)$", text)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each("document", DOCUMENTS)
def test_links_lead_somewhere(document):
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8")):
        file, _, anchor = link.partition("#")
        if "://" in file:
            continue
        target = document.parent / file if file else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


@pytest.fixture(scope="module")
def files() -> list[str]:
    """Every file of the repository as `/engine/percolation/worker.py`, without what was installed or
    built."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [
            name for name in folders if name not in {".venv", ".git", "node_modules", "dist", ".data"}
        ]
        found += [f"/{name_of(Path(folder, name))}" for name in names]
    return found


@each("document", OF_TODAY)
def test_files_that_are_named_are_there(document, files):
    """A file may be named by the end of its path, as `analysis/feed.py`."""
    named = re.findall(r"`([\w./-]+\.(?:py|ts|vue|js|tsv|md|toml|conf|yml|sh))`", document.read_text("utf-8"))
    gone = {name for name in named if not any(file.endswith(f"/{name}") for file in files)}
    assert gone - {"listen.py"} == set()


@each("document", OF_TODAY)
def test_targets_that_are_named_are_in_the_makefile(document):
    named = re.findall(r"(?m)(?:`|^)make ([a-z-]+)", document.read_text("utf-8"))
    assert set(named) <= set(TARGETS)


def test_every_target_says_what_it_does():
    described = re.findall(r"(?m)^([a-z-]+):.* ## \S", MAKEFILE)
    assert sorted(described) == sorted(TARGETS)
    phony = re.search(r"(?s)\.PHONY: (.*?[^\\])\n", MAKEFILE)[1].replace("\\", " ").split()
    assert sorted(phony) == sorted(TARGETS)


def test_the_map_says_of_each_room_what_it_may_import():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rows = re.findall(r"(?m)^\| `(\w+)(?:\.py|/)` \|[^|]*\|([^|]*)\|$", text)
    told = {room: set(re.findall(r"`(\w+)`", cell)) for room, cell in rows}
    assert {room: told.get(room) for room in ALLOWED} == ALLOWED
