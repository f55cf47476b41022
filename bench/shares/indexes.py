"""Shares as indexes alone, as scorers hold them; nothing is stored.

Each share is a process of its own. All take the same resumes, so that the slowest of them decides how long a
resume takes.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bench.harness.machine import memory
from bench.harness.table import Row
from bench.shares.many_feeds import Post, feeds, form_of, resumes
from bench.shares.served import MOST_BYTES, MOST_MS, MOST_START_S, row
from engine.indexes.active_feeds import FeedKey
from engine.indexes.profiles import stored_profile
from engine.indexes.rows import row_of
from engine.indexes.snapshot_file import SnapshotFile, Stored
from engine.indexes.specs import spec_of
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feed_query import FeedQuery
from engine.matching.score.feed_snapshot import COLUMNS, NAMES, packed
from engine.matching.score.index import FeedIndex, warm
from process.setup import make_analyzer
from runtime.garbage import keep_for_good
from store.resumes.resume_values import StoredResume
from store.shards.shares import Share


class Costs(msgspec.Struct, frozen=True):
    """What one share has measured.

    Attributes:
        feeds: How many it holds.
        feed_bytes: By how many bytes of memory the process has grown for each.
        stored_bytes: The bytes of each in the snapshot.
        made_s: CPU seconds in which the index was made, of queries that were analysed before.
        restored_s: CPU seconds from the snapshot's file to an index.
        analysed_ms: CPU milliseconds for the profile of a resume, which one share makes.
        scored_ms: Of each resume, CPU milliseconds from its profile to the rows that are written.
        matched: How many feeds each resume matches.
    """

    feeds: int
    feed_bytes: float
    stored_bytes: float
    made_s: float
    restored_s: float
    analysed_ms: list[float]
    scored_ms: list[float]
    matched: list[int]


def queries(analyzer: Analyzer, count: int, share: Share) -> Iterator[tuple[str, FeedQuery]]:
    """The feeds of a share; what they have in common is analysed once."""
    known: dict[Post, FeedQuery] = {}
    places: dict[str, Any] = {}
    for id_, post, city, salary in feeds(count):
        if not share.covers(id_):
            continue
        if post not in known:
            known[post] = analyzer.feed(spec_of(form_of(post, city, salary)))
        if city not in places:
            places[city] = analyzer.feed(spec_of(form_of(post, city, salary))).places
        yield id_, msgspec.structs.replace(known[post], places=places[city], salary=salary)


def measure_share(share: Share, count: int, bodies: Sequence[dict[str, Any]]) -> Costs:
    """Hold the feeds of a share and score the resumes; in a process of its own, as memory is measured."""
    analyzer = make_analyzer()
    analyzer.warm()
    warm()
    keep_for_good()
    # What is analysed once is not what a feed takes.
    list(queries(analyzer, 0, share))
    index, keys = FeedIndex(), {}
    gc.collect()
    before, began = memory(os.getpid()), time.process_time()
    for number, (id_, query) in enumerate(queries(analyzer, count, share)):
        index.put(id_, query)
        keys[id_] = FeedKey(id_, f"{number // 5:024x}", 1)
    made_s = time.process_time() - began
    gc.collect()
    grown = memory(os.getpid()) - before
    stored_bytes, restored_s = _restarted(index, keys)
    gc.freeze()
    analysed_ms, scored_ms, matched = [], [], []
    for body in bodies:
        began = time.process_time()
        profile = analyzer.resume(body)
        analysed_ms.append(1e3 * (time.process_time() - began))
        resume = StoredResume(
            id="0" * 24,
            rev=1,
            arrived_at=datetime.now(UTC),
            pending=True,
            send_to=[],
            partner_for=[],
            body=body,
            contact={},
        )
        stored = stored_profile(resume, profile, analyzer.version)
        began = time.process_time()
        search = index.search(profile)
        while not search.is_done:
            search.step()
        rows = [row_of(keys[id_], b"", stored, profile, match) for id_, match in search.worded()]
        scored_ms.append(1e3 * (time.process_time() - began))
        matched.append(len(rows))
    size = max(1, len(keys))
    return Costs(
        len(keys), grown / size, stored_bytes / size, made_s, restored_s, analysed_ms, scored_ms, matched
    )


def _restarted(index: FeedIndex, keys: dict[str, FeedKey]) -> tuple[int, float]:
    """Write a snapshot and read it, as a stop and a start do: its bytes, and the CPU time of reading."""
    copying = index.copying()
    while not copying.is_done:
        copying.step()
    with tempfile.TemporaryDirectory(prefix="talentfeed-bench-") as folder:
        path = Path(folder) / "feeds.snapshot"
        file = SnapshotFile(path, {**COLUMNS, "revs": np.int64}, (*NAMES, "users"))
        snapshot = packed(copying)
        ids = snapshot.names["feeds"]
        snapshot.arrays["revs"] = np.ones(len(ids), np.int64)
        snapshot.names["users"] = [keys[id_].user for id_ in ids]
        file.write({"bench": "1"}, Stored(datetime.now(UTC), snapshot))
        size = path.stat().st_size
        del snapshot
        began = time.process_time()
        stored = file.read({"bench": "1"})
        if stored is None:
            raise SystemExit("the snapshot cannot be read")
        FeedIndex.restored(stored.snapshot)
        return size, time.process_time() - began


def measure(count: int, shares: int, resume_count: int) -> list[Row]:
    """Measure all shares, one after the other so that none is in another's way; a row for each aim."""
    bodies = list(resumes(resume_count))
    context = multiprocessing.get_context("spawn")
    costs: list[Costs] = []
    for number in range(1, shares + 1):
        with context.Pool(1) as pool:
            costs.append(pool.apply(measure_share, (Share(number, shares), count, bodies)))
        one = costs[-1]
        print(
            f"share {number}/{shares}: {one.feeds:,} feeds, {one.feed_bytes:,.0f} bytes each in memory and "
            f"{one.stored_bytes:,.0f} in the snapshot; made in {one.made_s:.1f} s of CPU time from analysed "
            f"feeds, in {one.restored_s:.2f} s from the snapshot",
            flush=True,
        )
    # Whoever owns a resume makes its profile, and the others begin then.
    all_ms = np.array([one.scored_ms for one in costs]).max(axis=0) + np.array(costs[0].analysed_ms)
    matched = np.array([one.matched for one in costs]).sum(axis=0)
    print(f"a resume matches {matched.mean():,.0f} of {count:,} feeds, {matched.max():,} at most")
    print(f"its profile takes {np.mean(costs[0].analysed_ms):.2f} ms")
    half = np.percentile(all_ms, 50)
    print(f"by all shares: p50 {half:.1f} ms, mean {all_ms.mean():.1f}, max {all_ms.max():.1f}")
    return [
        row("a resume by all shares, p99, CPU time", float(np.percentile(all_ms, 99)), MOST_MS, "ms"),
        row("a feed in the memory of an index", max(one.feed_bytes for one in costs), MOST_BYTES, "bytes"),
        row("an index from its snapshot, CPU time", max(one.restored_s for one in costs), MOST_START_S, "s"),
    ]
