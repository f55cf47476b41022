"""The engine of one process, put together: who shares which feeds, indexes and models.

A process holds only what its roles need, so `web` alone has no index. As in `services`, building starts
nothing, connects to nothing and reads no files.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from pathlib import Path

import msgspec

from engine.backfills.backfill import Backfill
from engine.indexes.active_feeds import ActiveFeeds, snapshots_of_feeds
from engine.indexes.left_snapshots import LeftSnapshots
from engine.indexes.resume_snapshots import file_of_resumes, snapshots_of_resumes
from engine.indexes.snapshots import SnapshotWriter
from engine.indexes.stored_resumes import StoredResumes
from engine.learning.feedback_learner import FeedbackLearner
from engine.learning.feedback_models import FeedbackModels
from engine.learning.learning_task import LearningTask
from engine.learning.relearn import RelationsInForce
from engine.matching.analysis.analyzer import Analyzer
from engine.percolation.percolator import Percolator
from engine.percolation.quarantine import PoisonGuard
from engine.percolation.rescore import Rescoring
from engine.percolation.worker import LANES, Worker
from engine.previews.preview import Preview
from runtime.lanes import Lanes
from runtime.metrics import Metrics
from runtime.roles import ROLES
from store.stores import Stores


class Scoring(msgspec.Struct, frozen=True, kw_only=True):
    """What a process with the role `engine` holds: all feeds and all resumes, and who scores them.

    Attributes:
        feeds: Against which `worker` scores new resumes.
        resumes: Against which `backfill` scores submitted feeds, and `preview` a form.
        snapshots: Write either index to a file.
        rescoring: Has everything scored again after a change of the rules.
        relations: What is learned from the stored resumes, as it is in force here.
        learning: Learns it.
    """

    feeds: ActiveFeeds
    resumes: StoredResumes
    snapshots: Sequence[SnapshotWriter]
    percolator: Percolator
    worker: Worker
    backfill: Backfill
    preview: Preview
    rescoring: Rescoring
    relations: RelationsInForce
    learning: LearningTask


class Engine(msgspec.Struct, frozen=True, kw_only=True):
    """What scores and learns in one process; the file of each says how.

    Attributes:
        scoring: None where the role is not `engine`.
        learner: A backfill has it learn its feeds anew, and handlers wake it; its own task is an engine's.
        left_snapshots: None where this process has resumes, and looks after their file itself.
    """

    scoring: Scoring | None = None
    learner: FeedbackLearner
    left_snapshots: LeftSnapshots | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether every index is read that there is."""
        held = self.scoring
        return held is None or (held.feeds.loaded and held.resumes.loaded.is_set())


def build_engine(
    stores: Stores,
    analyzer: Analyzer,
    metrics: Metrics,
    *,
    data_dir: Path,
    mongo_db: str,
    idle_after: timedelta,
    resume_index_size: int,
    learn_from: int,
    roles: Collection[str] = ROLES,
) -> Engine:
    """Build what scores and learns in one process. Belongs to the running event loop.

    Args:
        stores: The opened stores.
        analyzer: The rules of matching.
        metrics: Where it is counted what was scored.
        data_dir: Where snapshots of the indexes are kept.
        mongo_db: The name of the database, after which they are called.
        idle_after: Feeds that nobody has opened for so long are not scored.
        resume_index_size: How many resumes the index in memory holds at most.
        learn_from: How many scored resumes there must be to learn from them.
        roles: What the process does.
    """
    # One object each, shared by whoever scores: every list must come from the same feeds, relations and
    # resumes.
    relations = RelationsInForce(stores.relations, analyzer)
    # Makes models of feedback for this version of the rules; whoever scores reads them from `models`.
    learner = FeedbackLearner(stores, analyzer, relations)
    if "engine" not in roles:
        left_snapshots = LeftSnapshots(file_of_resumes(data_dir, mongo_db), stores.erasures)
        return Engine(learner=learner, left_snapshots=left_snapshots)
    stores.events.listen(learner.note, "feed")
    of_resumes = snapshots_of_resumes(data_dir, mongo_db, stores.meta, analyzer.version)
    resumes = StoredResumes(
        stores.profiles,
        stores.erasures,
        analyzer.version,
        resume_index_size,
        of_resumes,
        lambda: analyzer.topics,
    )
    scored_first = Lanes(LANES)
    backfill = Backfill(
        stores,
        stored=resumes,
        learner=learner,
        analyzer=analyzer,
        relations=relations,
        metrics=metrics,
        first=scored_first,
    )
    preview = Preview(
        stored=resumes,
        profiles=stores.profiles,
        resumes=stores.resumes,
        feedback=stores.feedback,
        relations=relations,
        analyzer=analyzer,
    )
    of_feeds = snapshots_of_feeds(data_dir, mongo_db, stores.meta, analyzer, idle_after)
    feeds = ActiveFeeds(stores.feeds, relations, analyzer, idle_after, of_feeds)
    guard = PoisonGuard(stores.quarantine, stores.persons, stores.registry, stores.name)
    percolator = Percolator(
        stores,
        feeds=feeds,
        feedback=FeedbackModels(stores.feedback, learner.version, stores.events),
        stored=resumes,
        analyzer=analyzer,
        guard=guard,
        metrics=metrics,
    )
    worker = Worker(stores, feeds=feeds, guard=guard, percolator=percolator, lanes=scored_first)
    return Engine(
        scoring=Scoring(
            feeds=feeds,
            resumes=resumes,
            snapshots=(
                SnapshotWriter(of_feeds, feeds),
                SnapshotWriter(of_resumes, resumes, resumes.check_snapshot),
            ),
            percolator=percolator,
            worker=worker,
            backfill=backfill,
            preview=preview,
            rescoring=Rescoring(stores, resumes, analyzer.version),
            relations=relations,
            learning=LearningTask(stores, analyzer, relations, least=learn_from),
        ),
        learner=learner,
    )
