"""Snapshots of an index in one file: writing it whole or not at all, and reading it only where it is sound.

    file = SnapshotFile(path, {"feed": FEED, ...}, ("ids", ...))
    file.write(made_of, Stored(watermark, snapshot))
    stored = file.read(made_of)         # None for a file that cannot be used

A file is a header and the parts of a snapshot, one after the other. The header says what the snapshot was
made of, how far changes are in it, and of each part its type, size and checksum. The types name the order of
bytes, so a file of a machine with another one is not read.

Everything here blocks and belongs in a thread. When files are written is in `snapshots`.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import zlib
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec
import numpy as np

from engine.matching.score.snapshot import Snapshot

logger = logging.getLogger(__name__)

_MAGIC = b"TalentFeed snapshot 1\n"
"""How a file begins, with the number of its format."""
_PREFIX = np.dtype([("length", "<u4"), ("crc", "<u4")])
"""What stands between that and the header: the header's length and checksum."""
_LONGEST_HEADER = 1 << 16
"""Bytes of a header, which has less than 2,000. A damaged length could ask for all memory."""
UNFINISHED = ".new"
"""The end of the name of a file that is being written, or that whoever wrote it has left."""
_TEXTS = "texts"
"""The type of a part that is a list of texts, in MessagePack."""


class _Part(msgspec.Struct, frozen=True):
    """A part of a snapshot: its name and type, and of its bytes the number and the CRC-32."""

    name: str
    type: str
    size: int
    crc: int


class _Header(msgspec.Struct, frozen=True):
    made_of: dict[str, str]
    watermark: datetime
    parts: list[_Part]


class Stored(NamedTuple):
    """A snapshot, and how far changes of the database are in it.

    Attributes:
        watermark: The `updated_at` of the latest change that is in it, as are all before.
    """

    watermark: datetime
    snapshot: Snapshot


class _Unusable(Exception):
    """A file is not what it should be; the text says why."""


class SnapshotFile:
    """One file. Processes that share its folder may read it at any time; one of them at a time writes it.

    Args:
        path: Where it is.
        arrays: The arrays of its snapshots and their types, without fields of more than one dimension.
        texts: The lists of text.

    Raises:
        ValueError: Two parts have one name.
    """

    def __init__(self, path: Path, arrays: Mapping[str, Any], texts: Collection[str]) -> None:
        self._path = path
        self._arrays = {name: np.dtype(type_) for name, type_ in arrays.items()}
        self._types = {name: str(type_.descr) for name, type_ in self._arrays.items()}
        if twice := self._types.keys() & set(texts):
            raise ValueError(f"two parts are called {', '.join(twice)}")
        self._types |= dict.fromkeys(texts, _TEXTS)

    @property
    def name(self) -> str:
        """What it is called, for the log."""
        return self._path.name

    def stamp(self) -> int | None:
        """Another number each time the file was replaced; None where there is none."""
        try:
            return self._path.stat().st_mtime_ns
        except OSError:
            return None

    def written_at(self) -> list[float]:
        """When it was written, and what a killed process has left of another one, in Unix seconds."""
        times = []
        for path in (self._path, self._fresh):
            with contextlib.suppress(OSError):  # it is not there, or another process deletes it just now
                times.append(path.stat().st_mtime)
        return times

    def read(self, made_of: Mapping[str, str]) -> Stored | None:
        """The snapshot, where there is a sound one that was made of the same; else None, with a logged line.

        A file that is not there needs no line.
        """
        try:
            with self._path.open("rb") as file:
                return self._read(file, made_of)
        except FileNotFoundError:
            return None
        except (_Unusable, OSError, ValueError, msgspec.MsgspecError) as error:
            logger.warning("%s is not used: %s", self.name, error)
            return None

    def _read(self, file: BufferedReader, made_of: Mapping[str, str]) -> Stored:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise _Unusable("it is of another format")
        prefix = np.frombuffer(_exactly(file, _PREFIX.itemsize), _PREFIX)[0]
        if prefix["length"] > _LONGEST_HEADER:
            raise _Unusable("its header is damaged")
        encoded = _exactly(file, int(prefix["length"]))
        if zlib.crc32(encoded) != prefix["crc"]:
            raise _Unusable("its header is damaged")
        header = msgspec.json.decode(encoded, type=_Header)
        if header.made_of != made_of:
            other = sorted(name for name, value in made_of.items() if header.made_of.get(name) != value)
            raise _Unusable(f"it was made of another {', '.join(other)}")
        if {part.name: part.type for part in header.parts} != self._types:
            raise _Unusable("it has other parts")
        # Before room is made for what may not be there.
        size = os.fstat(file.fileno()).st_size
        if size - file.tell() != sum(part.size for part in header.parts):
            raise _Unusable("its length is wrong")
        snapshot = Snapshot({}, {})
        for part in header.parts:
            is_text = part.type == _TEXTS
            array = np.empty(part.size, np.uint8) if is_text else self._room(part)
            content: Any = array.view(np.uint8)
            if file.readinto(content) != part.size or zlib.crc32(content) != part.crc:
                raise _Unusable(f"its part {part.name} is damaged")
            if is_text:
                snapshot.names[part.name] = msgspec.msgpack.decode(content, type=list[str])
            else:
                snapshot.arrays[part.name] = array
        return Stored(header.watermark, snapshot)

    def _room(self, part: _Part) -> Any:
        type_ = self._arrays[part.name]
        if part.size % type_.itemsize:
            raise _Unusable(f"its part {part.name} is cut")
        return np.empty(part.size // type_.itemsize, type_)

    def write(self, made_of: Mapping[str, str], stored: Stored) -> bool:
        """Put a snapshot in the place of the one that is there.

        Whatever ends the process meanwhile, one of the two is there.

        Returns:
            Whether it was written; false while another process writes.

        Raises:
            OSError: It cannot be written.
        """
        contents: dict[str, Any] = {
            name: np.ascontiguousarray(array).view(np.uint8) for name, array in stored.snapshot.arrays.items()
        }
        contents |= {name: msgspec.msgpack.encode(texts) for name, texts in stored.snapshot.names.items()}
        parts = [
            _Part(name, self._types[name], len(content), zlib.crc32(content))
            for name, content in contents.items()
        ]
        header = msgspec.json.encode(_Header(dict(made_of), stored.watermark, parts))
        prefix = np.array([(len(header), zlib.crc32(header))], _PREFIX).tobytes()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked() as is_ours:
            if is_ours:
                self._replace([_MAGIC, prefix, header, *contents.values()])
            return is_ours

    def delete(self) -> None:
        """Delete the file, and what a killed process has left of another one.

        Raises:
            OSError: It cannot be deleted.
        """
        self._path.unlink(missing_ok=True)
        if self._fresh.exists():
            with self._locked() as is_ours:
                if is_ours:  # else whoever holds the lock is writing it
                    self._fresh.unlink(missing_ok=True)

    @property
    def _fresh(self) -> Path:
        """What is written before it has its name."""
        return self._path.with_name(self._path.name + UNFINISHED)

    def _replace(self, pieces: list[Any]) -> None:
        # Under the lock nobody else has this file. One that a killed process left is written over.
        with _private(self._fresh, os.O_TRUNC) as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            # Else the name could survive a power failure, and the content not.
            os.fsync(file.fileno())
        self._fresh.replace(self._path)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[bool]:
        """Hold the lock, where it is free; the system frees it when the process ends."""
        # A file of its own: the other two are replaced, and whoever waits would lock what is gone.
        with _private(self._path.with_name(self._path.name + ".lock"), 0) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True


def _private(path: Path, flag: int) -> IO[bytes]:
    """Open a file for writing that its owner alone can read: forms and resumes are in it."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | flag, 0o600), "wb")


def _exactly(file: BufferedReader, size: int) -> bytes:
    content = file.read(size)
    if len(content) != size:
        raise _Unusable("it is cut short")
    return content
