"""What a snapshot of stored resumes consists of: their index, and what else `stored_resumes` has to know.

When it is taken and what is read after it is in `stored_resumes`. When one is deleted that another process
has left is in `left_snapshots`.
"""

from __future__ import annotations

import logging
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


def snapshots_of_resumes(folder: Path, database: str, meta: Meta, version: str) -> Snapshots:
    """The snapshots of the resumes of a database, whose profiles the rules `version` made."""
    return Snapshots(file_of_resumes(folder, database), meta, {"rules": version})


def file_of_resumes(folder: Path, database: str) -> SnapshotFile:
    """The file in a folder that has the snapshot of a database's resumes."""
    path = folder / f"resumes-{database}.snapshot"
    return SnapshotFile(path, {**COLUMNS, "has_cold": np.bool_}, (*NAMES, "other_rules", "latest"))


def drop(file: SnapshotFile) -> None:
    """Delete a file that another process has left, and what a killed one has left of another."""
    try:
        file.delete()
    except OSError:
        logger.exception("a snapshot cannot be deleted")


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
