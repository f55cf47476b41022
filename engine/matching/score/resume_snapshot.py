"""The snapshot of an index of resumes, the mirror of `feed_snapshot`.

What is kept is records, ids, blocks and words. Postings and the bits of places are made anew, as both depend
on the numbers of words.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.matching.compiled import compiled
from engine.matching.score.resume_arrays import ResumeArrays
from engine.matching.score.resume_layout import BLOCK_STEP, RESUME, begins_of, sizes_of
from engine.matching.score.snapshot import Copying, Snapshot, count, keep, pack, renumber
from engine.matching.score.vocabulary import Vocabulary

COLUMNS = {
    "resume": RESUME,
    "id": np.dtype("V12"),
    "ids": np.dtype(np.int32),
    "weights": np.dtype(np.uint8),
    "word_uses": np.dtype(np.int64),
}
NAMES = ("words",)
"""The arrays of a snapshot, with their types, and its lists of text."""

_WORD = 1
"""What an item of a block is, since all of them are numbers of words; 0 for what is between blocks."""


def copy_of(resumes: ResumeArrays) -> Copying:
    """A copy that is about to be made of an index of resumes."""
    return Copying(
        (resumes.records, resumes.blocks.items),
        {"words": resumes.blocks.words.names},
        lambda: resumes.records["resume"]["changed"][: len(resumes.records)],
        resumes.version,
    )


def packed(copy: Copying) -> Snapshot:
    """The snapshot that a finished copy makes, whose arrays it uses up. Threads may call it."""
    # Without a revision a slot is free.
    slots = np.flatnonzero(copy.same & (copy.arrays["resume"]["rev"] > 0))
    # `take`, as an index in brackets would hold the interpreter for long where there are many resumes.
    records, ids = copy.arrays["resume"].take(slots), copy.arrays["id"].take(slots)
    items, weights = copy.arrays["ids"], copy.arrays["weights"]
    begins, sizes = records["block"].copy(), sizes_of(records)
    end = pack(begins, sizes, BLOCK_STEP, items, weights)
    records["block"], items, weights = begins, items[:end], weights[:end]
    records["changed"] = 0
    kinds = np.zeros(end, np.uint8)
    _mark(begins, sizes, kinds)

    uses = count(items, kinds, _WORD, len(copy.names["words"]))
    words, fresh = keep(copy.names["words"], uses)
    renumber(items, kinds, _WORD, fresh)
    return Snapshot(
        {"resume": records, "id": ids, "ids": items, "weights": weights, "word_uses": uses[uses > 0]},
        {"words": words},
    )


def fill(resumes: ResumeArrays, snapshot: Snapshot) -> None:
    """Put the resumes of a snapshot into empty arrays, to which its own belong from now on.

    Threads may call it, for arrays that nobody else uses yet.
    """
    arrays, names = snapshot
    records, blocks = arrays["resume"], resumes.blocks
    blocks.items.fill(ids=arrays["ids"], weights=arrays["weights"])
    blocks.words = Vocabulary(names["words"], arrays["word_uses"].tolist())
    resumes.records.fill(resume=records, near=blocks.all_near(records), id=arrays["id"])
    # Which table they were placed by is not kept, as a start may find another one.
    records["topics"] = 0
    resumes.reserve_words()
    resumes.postings.add_all(
        begins_of(records, "key_terms"), records["key_terms"].astype(np.int64), blocks.items["ids"]
    )


@compiled
def _mark(begins: Any, sizes: Any, kinds: Any) -> None:
    """Note which items are in a block."""
    for slot in range(len(begins)):
        kinds[begins[slot] : begins[slot] + sizes[slot]] = _WORD
