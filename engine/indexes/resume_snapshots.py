"""What a snapshot of stored resumes consists of: their index, and what else `stored_resumes` has to know.

When it is taken and what is read after it is in `stored_resumes`. Each share of the resumes has a file of
its own. When those are deleted that other processes have left is in `left_snapshots`.
"""

from __future__ import annotations

import contextlib
import glob
import logging
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.indexes.snapshot_file import UNFINISHED, SnapshotFile
from engine.indexes.snapshots import Snapshots
from engine.matching.score.resume_index import ResumeIndex
from engine.matching.score.resume_snapshot import COLUMNS, NAMES, packed
from engine.matching.score.snapshot import Copying, Snapshot
from store.meta import Meta
from store.shards.shares import WHOLE, Share

logger = logging.getLogger(__name__)


class KnownResumes(NamedTuple):
    """What is known of all stored resumes.

    Attributes:
        resumes: Those that are searched.
        other_rules: Those whose profiles are of other rules.
        has_cold: Whether some are cold.
        latest: The one whose profile was written last, at the watermark.
    """

    resumes: ResumeIndex
    other_rules: list[str]
    has_cold: bool
    latest: str


class ResumeSnapshots(Snapshots):
    """The snapshots of a share.

    Args:
        folder: Where their files are.
        database: The name of the database.
        meta: Knows its id.
        version: The rules that made the profiles.
        share: Whose resumes are in them.
    """

    def __init__(self, folder: Path, database: str, meta: Meta, version: str, share: Share = WHOLE) -> None:
        super().__init__(_file(_path(folder, database, share)), meta, {"rules": version})


class OtherSnapshots:
    """The snapshots of a database in a folder that this process does not write. Threads may call it.

    Args:
        folder: Where their files are.
        database: The name of the database.
        own: The share whose snapshots this process writes; None where it has no resumes.
    """

    def __init__(self, folder: Path, database: str, own: Share | None) -> None:
        self._folder = folder
        self._database = database
        self._own = own

    def drop(self, resume_ids: Collection[str]) -> None:
        """Delete those that may hold one of these resumes."""
        for share, path in self._found():
            if any(map(share.covers, resume_ids)):
                try:
                    _file(path).delete()
                except OSError:
                    logger.exception("a snapshot cannot be deleted")

    def drop_older(self, time: datetime) -> None:
        """Delete those that were written before a time."""
        for _, path in self._found():
            if any(at < time.timestamp() for at in _file(path).written_at()):
                with contextlib.suppress(OSError):  # another process may have deleted it
                    _file(path).delete()

    def oldest(self) -> datetime | None:
        """When the oldest of them was written; None where there is none."""
        times = [at for _, path in self._found() for at in _file(path).written_at()]
        return datetime.fromtimestamp(min(times), UTC) if times else None

    def _found(self) -> list[tuple[Share, Path]]:
        whole = _path(self._folder, self._database, WHOLE).stem
        found = []
        files = self._folder.glob(f"{glob.escape(whole)}*.snapshot*")
        # Also those of which there is only what a killed process has left.
        for path in {file.with_name(file.name.removesuffix(UNFINISHED)) for file in files}:
            if path.suffix != ".snapshot":
                continue
            suffix = path.stem.removeprefix(whole)
            with contextlib.suppress(ValueError):  # it is of a database whose name begins like ours
                found.append((Share.of(suffix[1:].replace("-of-", "/")) if suffix else WHOLE, path))
        return [(share, path) for share, path in found if share != self._own]


def _path(folder: Path, database: str, share: Share) -> Path:
    return folder / f"resumes-{database}{share.suffix}.snapshot"


def _file(path: Path) -> SnapshotFile:
    return SnapshotFile(path, {**COLUMNS, "has_cold": np.bool_}, (*NAMES, "other_rules", "latest"))


def pack(copying: Copying, other_rules: list[str], has_cold: bool, latest: str) -> Snapshot:
    """The snapshot that a finished copy of the index makes. Threads may call it."""
    snapshot = packed(copying)
    snapshot.arrays["has_cold"] = np.array([has_cold])
    snapshot.names["other_rules"], snapshot.names["latest"] = other_rules, [latest]
    return snapshot


def unpack(snapshot: Snapshot) -> KnownResumes:
    """What was packed. Threads may call it.

    Raises:
        ValueError: It is not what `pack` makes.
    """
    (latest,), (has_cold,) = snapshot.names["latest"], snapshot.arrays["has_cold"].tolist()
    return KnownResumes(ResumeIndex.restored(snapshot), snapshot.names["other_rules"], has_cold, latest)
