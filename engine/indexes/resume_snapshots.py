"""What a snapshot of stored resumes consists of: their index, and what else `stored_resumes` has to know.

When it is taken and what is read after it is in `stored_resumes`. When one is deleted that another process
has left is in `left_snapshots`.
"""

from __future__ import annotations

import contextlib
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.indexes.snapshot_file import SnapshotFile
from engine.indexes.snapshots import Snapshots
from engine.matching.score.resume_index import ResumeIndex
from engine.matching.score.resume_snapshot import COLUMNS, NAMES, packed
from engine.matching.score.snapshot import Copying, Snapshot
from store.meta import Meta

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
    """The snapshots of a database.

    Args:
        folder: Where their file is.
        database: The name of the database.
        meta: Knows its id.
        version: The rules that made the profiles.
    """

    def __init__(self, folder: Path, database: str, meta: Meta, version: str) -> None:
        super().__init__(_file(folder, database), meta, {"rules": version})


class LeftSnapshot:
    """The file of a folder in which this process writes no snapshots. Threads may call it.

    Args:
        folder: Where it is.
        database: The name of the database.
    """

    def __init__(self, folder: Path, database: str) -> None:
        self._file = _file(folder, database)

    def drop(self) -> None:
        """Delete it, and what a killed process has left of another."""
        try:
            self._file.delete()
        except OSError:
            logger.exception("a snapshot cannot be deleted")

    def drop_older(self, time: datetime) -> None:
        """Delete it if it was written before a time."""
        if any(at < time.timestamp() for at in self._file.written_at()):
            with contextlib.suppress(OSError):  # another process may have deleted it
                self._file.delete()

    def written_at(self) -> datetime | None:
        """When it was written; None where it is not there."""
        times = self._file.written_at()
        return datetime.fromtimestamp(min(times), UTC) if times else None


def _file(folder: Path, database: str) -> SnapshotFile:
    path = folder / f"resumes-{database}.snapshot"
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
