"""Clicks to a feedback model.

    trainer = FeedbackTrainer(query, analyzer.idf)
    trainer.add("deleted", ("salary_high",), profile)
    model = trainer.model()

The model is a pure function of the clicks that count and of the learned topics. The order of clicks does not
matter, and one that was taken back leaves no trace, because the model is trained anew without it.

Deletions with a reason go to `votes`; people who were kept, or deleted without a reason, go to `rocchio`.
Each part of a model has a bound and is believed only as far as there are clicks behind it (`credit`), so one
click says little and three say it clearly.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from engine.matching.feed_query import FeedQuery
from engine.matching.feedback.credit import Act
from engine.matching.feedback.deletion_reasons import DELETION_REASONS
from engine.matching.feedback.features import NAMES_BY_REASON, measure
from engine.matching.feedback.model import FeedbackModel, Unwanted
from engine.matching.feedback.rocchio import Likeness
from engine.matching.feedback.votes import NameVotes, ThresholdVotes
from engine.matching.learned.topics import NO_TOPICS, Topics
from engine.matching.resume_profile import ResumeProfile


class FeedbackTrainer:
    """Gathers the clicks on the people in one feed's list. Adding one takes a fraction of a millisecond.

    Args:
        query: The feed, analysed.
        idf: How telling a word is, 0..11.
        topics: The learned topics in force; the model follows their revision.
    """

    def __init__(self, query: FeedQuery, idf: Callable[[str], float], topics: Topics = NO_TOPICS) -> None:
        self._thresholds = {
            reason: ThresholdVotes(reason) for reason in DELETION_REASONS if reason not in NAMES_BY_REASON
        }
        self._names = {reason: NameVotes(reason, query) for reason in NAMES_BY_REASON}
        self._likeness = Likeness(query, idf, topics)

    def add(self, act: Act, reasons: Collection[str], profile: ResumeProfile) -> None:
        """Take one click into account.

        Args:
            act: What was done.
            reasons: The reasons of a deletion; unknown ones are ignored.
            profile: The resume that was clicked.
        """
        if act == "deleted":
            for reason in DELETION_REASONS:
                if reason in reasons:
                    self._vote(reason, act, profile)
            if not reasons:
                self._likeness.add(act, profile)
        else:
            # Whoever was kept is right in every respect, so they vote against every reason.
            for reason in DELETION_REASONS:
                self._vote(reason, act, profile)
            self._likeness.add(act, profile)

    def model(self) -> FeedbackModel:
        """The model of the clicks so far; equal to `FeedbackModel()` where they say nothing."""
        thresholds = {reason: steps for reason, votes in self._thresholds.items() if (steps := votes.steps())}
        unwanted = {
            reason: found
            for reason, votes in self._names.items()
            if (found := votes.unwanted()) != Unwanted()
        }
        return FeedbackModel(thresholds, unwanted, tuple(self._likeness.preferences()))

    def _vote(self, reason: str, act: Act, profile: ResumeProfile) -> None:
        if reason in NAMES_BY_REASON:
            self._names[reason].add(act, profile)
        elif (value := measure(reason, profile)) is not None:
            self._thresholds[reason].add(act, value)
