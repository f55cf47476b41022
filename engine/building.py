"""The engine of one process, put together: who shares which feeds, indexes and models.

As in `services.py`, building starts nothing, connects to nothing and reads no files.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec

from engine.active_feeds import ActiveFeeds, snapshots_of_feeds
from engine.backfill import Backfill
from engine.erasure import EraseAgain
from engine.feedback_models import FeedbackModels
from engine.learner import Learner
from engine.matching.analysis.analyzer import Analyzer
from engine.percolator import Percolator
from engine.preview import Preview
from engine.quarantine import PoisonGuard
from engine.relearn import RelationsInForce
from engine.resume_snapshots import ResumeSnapshots
from engine.snapshots import SnapshotWriter
from engine.stored_resumes import StoredResumes
from engine.worker import Worker
from runtime.metrics import Metrics
from store.shares import WHOLE, Share
from store.stores import Stores


class Engine(msgspec.Struct, frozen=True, kw_only=True):
    """What scores and learns; the file of each says how."""

    active_feeds: ActiveFeeds
    stored_resumes: StoredResumes
    feed_snapshots: SnapshotWriter
    resume_snapshots: SnapshotWriter
    percolator: Percolator
    worker: Worker
    backfill: Backfill
    preview: Preview
    learner: Learner
    erase_again: EraseAgain


def build_engine(
    stores: Stores,
    analyzer: Analyzer,
    metrics: Metrics,
    *,
    data_dir: Path,
    mongo_db: str,
    idle_after: timedelta,
    resume_index_size: int,
    share: Share = WHOLE,
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
        share: Which part of the feeds and of the resumes is held and scored here.
    """
    # One object each, shared by whoever scores: every list must come from the same feeds, relations and
    # models.
    relations = RelationsInForce(stores.relations, analyzer)
    of_feeds = snapshots_of_feeds(data_dir, mongo_db, stores.meta, analyzer, idle_after)
    active_feeds = ActiveFeeds(stores.feeds, relations, analyzer, idle_after, of_feeds)
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
    of_resumes = ResumeSnapshots(data_dir, mongo_db, stores.meta, analyzer.version, share)
    stored_resumes = StoredResumes(
        stores.profiles,
        stores.erasures,
        analyzer.version,
        resume_index_size,
        of_resumes,
        lambda: analyzer.topics,
        share,
    )
    models = FeedbackModels(stores.feedback, learner.version, stores.events)
    guard = PoisonGuard(stores.quarantine, stores.contacts, stores.name)
    percolator = Percolator(
        resumes=stores.resumes,
        contacts=stores.contacts,
        lookalikes=stores.lookalikes,
        profiles=stores.profiles,
        results=stores.results,
        erasures=stores.erasures,
        feeds=active_feeds,
        feedback=models,
        stored=stored_resumes,
        analyzer=analyzer,
        guard=guard,
        metrics=metrics,
    )
    backfill = Backfill(
        name=stores.name,
        backfills=stores.backfills.of(share),
        resumes=stores.resumes,
        profiles=stores.profiles,
        stored=stored_resumes,
        results=stores.results,
        erasures=stores.erasures,
        feedback=stores.feedback,
        learner=learner,
        analyzer=analyzer,
        relations=relations,
        events=stores.events,
        metrics=metrics,
    )
    return Engine(
        active_feeds=active_feeds,
        stored_resumes=stored_resumes,
        feed_snapshots=SnapshotWriter(of_feeds, active_feeds),
        resume_snapshots=SnapshotWriter(of_resumes, stored_resumes, stored_resumes.check_snapshot),
        percolator=percolator,
        worker=Worker(
            resumes=stores.resumes,
            feeds=active_feeds,
            queue=stores.queue,
            guard=guard,
            percolator=percolator,
        ),
        backfill=backfill,
        preview=Preview(
            stored=stored_resumes,
            profiles=stores.profiles,
            resumes=stores.resumes,
            feedback=models,
            relations=relations,
            analyzer=analyzer,
        ),
        learner=learner,
        erase_again=EraseAgain(stores.erasures, stores.people, stores.deletions, stores.persons),
    )
