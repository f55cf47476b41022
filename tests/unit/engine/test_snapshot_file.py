"""A snapshot's file is read as it was written, or not at all."""

import logging
import os
import signal
import stat
import struct
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from engine.indexes.snapshot_file import SnapshotFile, Stored
from engine.matching.score.snapshot import Snapshot

ROOT = Path(__file__).resolve().parents[3]
RECORD = np.dtype([("a", np.int32), ("b", np.float64)])
MADE_OF = {"rules": "1", "database": "x"}
AT = datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)


def file_in(folder, record=RECORD, texts=("names",)):
    return SnapshotFile(folder / "a.snapshot", {"records": record, "numbers": np.int16}, texts)


def stored(seed=1):
    records = np.zeros(3, RECORD)
    records["a"], records["b"] = seed, [0.5, -np.inf, 3]
    return Stored(
        AT,
        Snapshot(
            {"records": records, "numbers": np.arange(seed, dtype=np.int16)}, {"names": ["甲", "", "a\0b"]}
        ),
    )


def same(one, other):
    return (
        one.watermark == other.watermark
        and one.snapshot.names == other.snapshot.names
        and one.snapshot.arrays.keys() == other.snapshot.arrays.keys()
        and all(
            array.dtype == other.snapshot.arrays[name].dtype and (array == other.snapshot.arrays[name]).all()
            for name, array in one.snapshot.arrays.items()
        )
    )


@pytest.fixture
def file(tmp_path):
    file = file_in(tmp_path)
    assert file.write(MADE_OF, stored())
    return file


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.snapshot"


@pytest.mark.parametrize("size", [0, 1, 30_000])
def test_what_is_written_is_read(tmp_path, size):
    file = file_in(tmp_path / "new folder")
    assert file.write(MADE_OF, stored(size))
    assert same(file.read(MADE_OF), stored(size))


def test_its_owner_alone_can_read_it(tmp_path, path):
    before = os.umask(0)
    try:
        assert file_in(tmp_path).write(MADE_OF, stored())
    finally:
        os.umask(before)
    assert {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()} == {0o600}


def test_a_file_is_not_used_wherever_it_is_cut(path, file, caplog):
    whole = path.read_bytes()
    for length in range(len(whole)):
        caplog.clear()
        path.write_bytes(whole[:length])
        assert file.read(MADE_OF) is None, length
        assert len(caplog.records) == 1
    path.write_bytes(whole + b"\0")
    assert file.read(MADE_OF) is None
    path.write_bytes(whole)
    assert file.read(MADE_OF) is not None


def test_a_file_is_not_used_whichever_byte_is_damaged(path, file, caplog):
    whole = path.read_bytes()
    for at in range(len(whole)):
        caplog.clear()
        damaged = bytearray(whole)
        damaged[at] ^= 1 << at % 8
        path.write_bytes(damaged)
        assert file.read(MADE_OF) is None, at
        assert len(caplog.records) == 1


def test_a_damaged_length_does_not_ask_for_all_memory(path, file, caplog):
    whole = path.read_bytes()
    magic = whole.index(b"\n") + 1
    path.write_bytes(whole[:magic] + struct.pack("<I", 2**32 - 1) + whole[magic + 4 :])
    assert file.read(MADE_OF) is None
    assert "header" in caplog.text


@pytest.mark.parametrize(
    ("made_of", "what"),
    [
        ({**MADE_OF, "rules": "2"}, "rules"),
        ({**MADE_OF, "database": "y"}, "database"),
        ({**MADE_OF, "more": "z"}, "more"),
    ],
)
def test_what_was_made_of_something_else_is_not_used(file, caplog, made_of, what):
    assert file.read(made_of) is None
    assert caplog.text.count("was made of another") == 1
    assert what in caplog.text


@pytest.mark.parametrize(
    ("record", "texts"),
    [
        (RECORD.newbyteorder(), ("names",)),  # of a machine with another order of bytes
        (np.dtype([("a", np.float32), ("b", np.float64)]), ("names",)),
        (np.dtype([("c", np.int32), ("b", np.float64)]), ("names",)),
        (RECORD, ("names", "others")),
        (RECORD, ()),
    ],
)
def test_a_file_with_other_parts_is_not_used(tmp_path, file, caplog, record, texts):
    assert file_in(tmp_path, record, texts).read(MADE_OF) is None
    assert "other parts" in caplog.text


WRITE = """
import os, signal, sys
from pathlib import Path
from engine.indexes import snapshot_file
from tests.unit.engine.test_snapshot_file import MADE_OF, file_in, stored

folder, point = Path(sys.argv[1]), sys.argv[2]
file = file_in(folder)
if point == "for ever":
    number = int(sys.argv[3])
    while True:
        file.write(MADE_OF, stored(number))
elif point == "locked":
    with file._locked() as is_ours:
        assert is_ours
        print("locked", flush=True)
        sys.stdin.read()
else:
    def die(*_):
        os.kill(os.getpid(), signal.SIGKILL)
    if point == "before the lock":
        snapshot_file.fcntl.flock = die
    elif point == "half written":
        class Half:
            def __init__(self, pieces): self.pieces = pieces
            def __iter__(self):
                yield from self.pieces[:3]
                yield b"half of it"
                die()
        replace = snapshot_file.SnapshotFile._replace
        snapshot_file.SnapshotFile._replace = lambda self, pieces: replace(self, Half(pieces))
    elif point == "before it is on the disk":
        snapshot_file.os.fsync = die
    elif point == "before it has its name":
        Path.replace = die
    file.write(MADE_OF, stored(20_000))
"""


def run(folder, *words, **more):
    return subprocess.Popen([sys.executable, "-c", WRITE, str(folder), *words], cwd=ROOT, **more)


@pytest.mark.parametrize(
    "point", ["before the lock", "half written", "before it is on the disk", "before it has its name"]
)
def test_whoever_is_killed_while_writing_leaves_the_file_and_the_way_free(
    tmp_path, path, file, point, caplog
):
    assert run(tmp_path, point).wait(60) == -signal.SIGKILL
    assert same(file.read(MADE_OF), stored(1))
    assert file.write(MADE_OF, stored(3))
    assert same(file.read(MADE_OF), stored(3))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.snapshot", "a.snapshot.lock"]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_while_one_process_writes_another_does_not_and_all_may_read(tmp_path, file):
    other = run(tmp_path, "locked", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert other.stdout.readline() == b"locked\n"
        before = file.stamp()
        assert not file.write(MADE_OF, stored(2))
        assert file.stamp() == before
        assert same(file.read(MADE_OF), stored(1))
    finally:
        other.communicate()
    assert file.write(MADE_OF, stored(2))


def test_readers_never_see_a_half_of_what_several_processes_write(tmp_path, file, caplog):
    others = [run(tmp_path, "for ever", number) for number in ("1000", "2000")]
    try:
        seen, deadline = set(), time.monotonic() + 60
        while len(seen) < 3:
            assert time.monotonic() < deadline, seen
            found = file.read(MADE_OF)
            assert found is not None, caplog.text
            size = len(found.snapshot.arrays["numbers"])
            assert same(found, stored(size))
            seen.add(size)
    finally:
        for other in others:
            other.kill()
            other.wait()
