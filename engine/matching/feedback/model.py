"""The feedback model: what one feed has learned from its recruiter's clicks, as it is stored.

    data = trainer.model().encode()
    model = FeedbackModel.decode(data)

Only the shape and the bytes live here. `trainer` makes models, `adjustment` applies them.

The structs are stored as arrays, so a field may be renamed but not moved: another order reads old bytes
wrongly. All numbers are whole, so every process computes the same points from the same bytes.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

MAX_DECODED = 512
"""Decoded models that a process keeps, by their bytes.

A decoded model takes some ten kilobytes, so this is 5 MiB at most. A model beyond that is decoded again at
its next use, which costs some tens of microseconds.
"""


class Step(msgspec.Struct, array_like=True, frozen=True):
    """From `value` upwards a resume loses `points` hundredths, because of so many `deletions`."""

    value: int
    points: int
    deletions: int


class Penalty(msgspec.Struct, array_like=True, frozen=True):
    """A resume loses `points` hundredths, because of so many `deletions`."""

    points: int = 0
    deletions: int = 0


class Unwanted(msgspec.Struct, array_like=True, frozen=True):
    """Titles, places or industries that people were deleted for.

    Attributes:
        named: Title, place or industry -> its penalty.
        elsewhere: The penalty for any place or industry that the feed does not ask for.
        asked: Those that the feed asks for; empty where `elsewhere` has no points.
    """

    named: dict[str, Penalty] = {}
    elsewhere: Penalty = Penalty()
    asked: tuple[str, ...] = ()


class Preference(msgspec.Struct, array_like=True, frozen=True):
    """What a group of clicked people have in common, beyond what the feed asks for.

    Attributes:
        points: Hundredths for a resume that has all of it; negative where the group was deleted.
        label: Who the group is, as the recruiter reads it (`与收藏3人相近`).
        features: Feature -> weight, the heaviest first. See `features.strength` for what a feature is.
        table: The number of the table of topics among which the group lies; 0 for a preference of features.
        topics: Where it lies, see `engine.matching.learned.topics`.
    """

    points: int = 0
    label: str = ""
    features: dict[str, int] = {}
    table: int = 0
    topics: bytes = b""


class FeedbackModel(msgspec.Struct, array_like=True, frozen=True):
    """What a feed has learned. The same clicks give the same bytes, in whatever order they came.

    Attributes:
        thresholds: Reason -> steps by rising value, for what can be too high or too low.
        unwanted: Reason -> what people were deleted for, for what can be the wrong one.
        preferences: At most three: like those who were kept, like those deleted without a reason, and about
            the same as those who were kept.
    """

    thresholds: dict[str, tuple[Step, ...]] = {}
    unwanted: dict[str, Unwanted] = {}
    preferences: tuple[Preference, ...] = ()

    def encode(self) -> bytes:
        """MessagePack; empty bytes where nothing was learned."""
        return b"" if self == FeedbackModel() else _ENCODER.encode(self)

    @staticmethod
    def decode(data: bytes) -> FeedbackModel:
        """A model from `encode`'s bytes. Equal bytes may give the same object.

        Raises:
            msgspec.DecodeError: The bytes are not a model of this shape.
        """
        return _decode(data)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(FeedbackModel)


@lru_cache(MAX_DECODED)
def _decode(data: bytes) -> FeedbackModel:
    return _DECODER.decode(data) if data else FeedbackModel()
