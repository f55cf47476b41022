"""The engine of one process, put together: who shares which feeds, indexes and models.

A process holds only what its roles need. So `web` alone has neither index, and `score` has the feeds but not
the resumes. As in `services`, building starts nothing, connects to nothing and reads no files.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import msgspec

from engine.backfills.backfill import Backfill
from engine.ends.erasure import EraseAgain
from engine.indexes.active_feeds import ActiveFeeds, snapshots_of_feeds
from engine.indexes.left_snapshots import LeftSnapshots
from engine.indexes.resume_snapshots import OtherSnapshots, ResumeSnapshots
from engine.indexes.snapshots import SnapshotWriter
from engine.indexes.stored_resumes import StoredResumes
from engine.learning.feedback_models import FeedbackModels
from engine.learning.learner import Learner
from engine.learning.relearn import RelationsInForce
from engine.matching.analysis.analyzer import Analyzer
from engine.percolation.pending_resumes import PendingResumes
from engine.percolation.percolator import Percolator
from engine.percolation.preparation import Preparation
from engine.percolation.quarantine import PoisonGuard
from engine.percolation.rescore import Rescoring
from engine.percolation.work_source import WorkSource
from engine.percolation.worker import Worker
from engine.previews.preview import Preview
from runtime.metrics import Metrics
from runtime.roles import ROLES
from store.shards.shares import WHOLE, Share
from store.stores import Stores


class Scoring(msgspec.Struct, frozen=True, kw_only=True):
    """What a process with the role `score` holds: the feeds, and who scores new resumes against them."""

    feeds: ActiveFeeds
    snapshots: SnapshotWriter
    percolator: Percolator
    worker: Worker


class Backfilling(msgspec.Struct, frozen=True, kw_only=True):
    """What a process with the role `backfill` holds: the resumes, and who scores feeds against them."""

    resumes: StoredResumes
    snapshots: SnapshotWriter
    backfill: Backfill
    preview: Preview


class Engine(msgspec.Struct, frozen=True, kw_only=True):
    """What scores and learns in one process; the file of each says how. What its roles do not need is None.

    Attributes:
        learner: There wherever texts are read. A backfill has it learn its feeds anew, and handlers wake it;
            its own task runs where the role is `learn`.
        rescoring: There wherever something is scored.
    """

    scoring: Scoring | None = None
    backfilling: Backfilling | None = None
    rescoring: Rescoring | None = None
    learner: Learner | None = None
    erase_again: EraseAgain
    left_snapshots: LeftSnapshots

    @property
    def is_loaded(self) -> bool:
        """Whether every index is read that there is."""
        feeds, resumes = self.scoring, self.backfilling
        return (feeds is None or feeds.feeds.loaded) and (resumes is None or resumes.resumes.loaded.is_set())


def build_engine(
    stores: Stores,
    analyzer: Analyzer | None,
    metrics: Metrics,
    *,
    data_dir: Path,
    mongo_db: str,
    idle_after: timedelta,
    resume_index_size: int,
    share: Share = WHOLE,
    roles: Collection[str] = ROLES,
) -> Engine:
    """Build what scores and learns in one process. Belongs to the running event loop.

    Args:
        stores: The opened stores.
        analyzer: The rules of matching; None where no role reads texts (`runtime.roles.READERS`).
        metrics: Where it is counted what was scored.
        data_dir: Where snapshots of the indexes are kept.
        mongo_db: The name of the database, after which they are called.
        idle_after: Feeds that nobody has opened for so long are not scored.
        resume_index_size: How many resumes the index in memory holds at most.
        share: Which part of the feeds and of the resumes is held and scored here.
        roles: What the process does.
    """
    # Also where nobody scores: whoever takes resumes in gives them to the shares that are there.
    stores.queue.share = stores.quarantine.share = share
    erase_again = EraseAgain(stores.erasures, stores.people, stores.deletions, stores.persons)
    others = OtherSnapshots(data_dir, mongo_db, share if "backfill" in roles else None)
    left_snapshots = LeftSnapshots(others, stores.erasures)
    if analyzer is None:
        return Engine(erase_again=erase_again, left_snapshots=left_snapshots)
    # One object each, shared by whoever scores: every list must come from the same feeds, relations and
    # resumes.
    relations = RelationsInForce(stores.relations, analyzer)
    # Makes models of feedback for this version of the rules; whoever scores reads them from `models`.
    learner = Learner(
        feeds=stores.feeds,
        feedback=stores.feedback,
        resumes=stores.resumes,
        profiles=stores.profiles,
        erasures=stores.erasures,
        analyzer=analyzer,
        relations=relations,
        events=stores.events,
    )
    if "learn" in roles:
        stores.events.listen(learner.note, "feed")
    backfilling = None
    if "backfill" in roles:
        of_resumes = ResumeSnapshots(data_dir, mongo_db, stores.meta, analyzer.version, share)
        resumes = StoredResumes(
            stores.profiles,
            stores.erasures,
            analyzer.version,
            resume_index_size,
            of_resumes,
            lambda: analyzer.topics,
            share,
        )
        backfilling = Backfilling(
            resumes=resumes,
            snapshots=SnapshotWriter(of_resumes, resumes, resumes.check_snapshot),
            backfill=Backfill(
                name=stores.name,
                backfills=stores.backfills.of(share),
                resumes=stores.resumes,
                profiles=stores.profiles,
                stored=resumes,
                results=stores.results,
                erasures=stores.erasures,
                feedback=stores.feedback,
                learner=learner,
                analyzer=analyzer,
                relations=relations,
                events=stores.events,
                metrics=metrics,
            ),
            preview=Preview(
                stored=resumes,
                profiles=stores.profiles,
                resumes=stores.resumes,
                feedback=stores.feedback,
                relations=relations,
                analyzer=analyzer,
                share=share,
            ),
        )
    scoring = None
    if "score" in roles:
        of_feeds = snapshots_of_feeds(data_dir, mongo_db, stores.meta, analyzer, idle_after, share)
        feeds = ActiveFeeds(stores.feeds, relations, analyzer, idle_after, of_feeds, share)
        guard = PoisonGuard(stores.quarantine, stores.contacts, stores.registry, stores.name)
        resumes_here = backfilling.resumes if backfilling else None
        percolator = Percolator(
            share=share,
            queue=stores.queue,
            resumes=stores.resumes,
            preparation=Preparation(
                contacts=stores.contacts,
                persons=stores.persons,
                lookalikes=stores.lookalikes,
                profiles=stores.profiles,
                stored=resumes_here,
                queue=stores.queue,
                analyzer=analyzer,
                guard=guard,
            ),
            results=stores.results,
            erasures=stores.erasures,
            feeds=feeds,
            feedback=FeedbackModels(stores.feedback, learner.version, stores.events, share),
            stored=resumes_here,
            analyzer=analyzer,
            guard=guard,
            metrics=metrics,
        )
        scoring = Scoring(
            feeds=feeds,
            snapshots=SnapshotWriter(of_feeds, feeds),
            percolator=percolator,
            worker=Worker(
                pending=PendingResumes(stores.resumes, stores.profiles, stores.queue, analyzer.version),
                feeds=feeds,
                source=WorkSource(stores.queue, stores.resumes),
                registry=stores.registry,
                guard=guard,
                percolator=percolator,
                share=share,
                on_written=stores.result_counters.hurry,
            ),
        )
    rescoring = None
    if scoring or backfilling:
        rescoring = Rescoring(
            meta=stores.meta,
            resumes=stores.resumes,
            profiles=stores.profiles,
            stored=backfilling.resumes if backfilling else None,
            queue=stores.queue,
            registry=stores.registry,
            version=analyzer.version,
            process=stores.name,
        )
    return Engine(
        scoring=scoring,
        backfilling=backfilling,
        rescoring=rescoring,
        learner=learner,
        erase_again=erase_again,
        left_snapshots=left_snapshots,
    )
