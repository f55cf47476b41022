"""The snapshot of an index of feeds: packed out of a copy, and filled into empty arrays again.

What is kept is what cannot be had otherwise: records, blocks, ids and names. Postings are made anew, which
takes less time than reading them would save.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.matching.compiled import compiled
from engine.matching.score.feed_arrays import ANYWHERE, FeedArrays
from engine.matching.score.layout import BLOCK_STEP, FEED
from engine.matching.score.place_bits import all_held
from engine.matching.score.snapshot import Copying, Snapshot, count, keep, pack, renumber
from engine.matching.score.vocabulary import Vocabulary

COLUMNS = {
    "feed": FEED,
    "ids": np.dtype(np.int32),
    "weights": np.dtype(np.int16),
    "word_uses": np.dtype(np.int64),
    "text_uses": np.dtype(np.int64),
}
NAMES = ("feeds", "words", "texts")
"""The arrays of a snapshot, with their types, and its lists of text."""

_WORD = 1
_TEXT = 2
"""What an item of a block is, where it is a number of a word or of a text; 0 for anything else."""


def copy_of(feeds: FeedArrays) -> Copying:
    """A copy that is about to be made of an index of feeds."""
    return Copying(
        (feeds.records, feeds.blocks.items),
        {"feeds": feeds.ids, "words": feeds.blocks.words.names, "texts": feeds.blocks.texts.names},
        lambda: feeds.records["feed"]["changed"][: len(feeds.records)],
        feeds.version,
    )


def packed(copy: Copying) -> Snapshot:
    """The snapshot that a finished copy makes, whose arrays it uses up. Threads may call it."""
    ids = copy.names["feeds"]
    # Without an id a slot is free.
    slots = [slot for slot in np.flatnonzero(copy.same).tolist() if ids[slot]]
    # `take`, as an index in brackets would hold the interpreter for 20 ms where there are 100,000 feeds.
    records = copy.arrays["feed"].take(slots)
    items, weights = copy.arrays["ids"], copy.arrays["weights"]
    begins = records["block"].copy()
    end = pack(begins, records["length"].astype(np.int64), BLOCK_STEP, items, weights)
    records["block"], items, weights = begins, items[:end], weights[:end]
    records["changed"] = 0
    kinds = np.zeros(end, np.uint8)
    _mark(records, items, kinds)

    words, texts = copy.names["words"], copy.names["texts"]
    word_uses, text_uses = (
        count(items, kinds, kind, len(names)) for kind, names in ((_WORD, words), (_TEXT, texts))
    )
    word_uses[words.index(ANYWHERE)] += 1  # the index itself uses it
    for text in ("title", "about", "level_words", "asks"):
        text_uses += np.bincount(records[text], minlength=len(texts))
    words, fresh = keep(words, word_uses)
    renumber(items, kinds, _WORD, fresh)
    texts, fresh = keep(texts, text_uses)
    renumber(items, kinds, _TEXT, fresh)
    for text in ("title", "about", "level_words", "asks"):
        records[text] = fresh[records[text]]
    return Snapshot(
        {
            "feed": records,
            "ids": items,
            "weights": weights,
            "word_uses": word_uses[word_uses > 0],
            "text_uses": text_uses[text_uses > 0],
        },
        {"feeds": [ids[slot] for slot in slots], "words": words, "texts": texts},
    )


def fill(feeds: FeedArrays, snapshot: Snapshot) -> None:
    """Put the feeds of a snapshot into empty arrays, to which its own belong from now on.

    Threads may call it, for arrays that nobody else uses yet.
    """
    arrays, names = snapshot
    records, blocks = arrays["feed"], feeds.blocks
    begins = (records["block"] + records["length"]).astype(np.int64)
    for section in ("gates", "preferences", "domains", "places"):
        begins -= records[section]
    feeds.records.fill(feed=records, near=all_held(begins, records["places"], arrays["ids"]))
    feeds.ids = names["feeds"]
    blocks.items.fill(ids=arrays["ids"], weights=arrays["weights"])
    blocks.words = Vocabulary(names["words"], arrays["word_uses"].tolist())
    blocks.texts = Vocabulary(names["texts"], arrays["text_uses"].tolist())
    anywhere = blocks.words.find(ANYWHERE)
    if anywhere is None:
        raise ValueError("no snapshot of feeds: it has no word for anywhere")
    feeds.anywhere = anywhere
    feeds.reserve_words()
    feeds.postings.add_all(records, arrays["ids"], anywhere)


@compiled
def _mark(records: NDArray[Any], ids: Any, kinds: Any) -> None:
    """Note what each item of the feeds' blocks is."""
    for slot in range(len(records)):
        feed = records[slot]
        at, end = feed.block, feed.block + feed.length
        kinds[at:end] = _WORD
        at += feed.reach + feed.title_words
        for _ in range(feed.keywords):
            kinds[at], kinds[at + 1] = 0, _TEXT
            at += 2 + ids[at]
