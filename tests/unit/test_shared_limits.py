"""Values that rooms must each state, because none of them may import the other, are equal."""

from config.data import MAX_LEVEL as MAX_CONFIG_LEVEL
from config.data import NEGATION_KINDS
from engine.matching.feed_query import MAX_KEYWORDS, MAX_NAMED, MAX_RELATED, FeedQuery
from engine.matching.feed_spec import FeedSpec
from engine.matching.feedback.deletion_reasons import DELETION_REASONS
from engine.matching.feedback.features import NAMES_BY_REASON, measure
from engine.matching.lexicon.lexicon import CUES, MAX_LEVEL
from engine.matching.lexicon.salary import OPEN, is_open
from engine.matching.resume_profile import ResumeProfile
from handlers.feeds.feed_form import MAX_GIVEN_KEYWORDS, SubmittedFeed
from store.feeds.feed_documents import FeedForm


def test_a_salary_without_limits_is_the_same_range_everywhere():
    assert is_open(*OPEN)
    assert FeedQuery().salary == OPEN
    for one in (FeedSpec(title=""), FeedForm(title=""), SubmittedFeed()):
        assert (one.salary_min, one.salary_max) == OPEN
    profile = ResumeProfile()
    assert (profile.salary_low, profile.salary_high) == OPEN


def test_a_query_has_room_for_every_keyword_of_a_form_and_for_related_ones():
    assert MAX_GIVEN_KEYWORDS <= MAX_NAMED
    assert MAX_KEYWORDS == MAX_NAMED + MAX_RELATED == 28


def test_levels_and_cues_are_those_of_the_lexicon_files():
    assert MAX_CONFIG_LEVEL == MAX_LEVEL
    assert CUES.keys() == NEGATION_KINDS


def test_every_reason_of_a_deletion_is_about_a_value_or_about_names():
    for reason in DELETION_REASONS:
        if reason not in NAMES_BY_REASON:
            measure(reason, ResumeProfile())
    assert NAMES_BY_REASON.keys() < DELETION_REASONS.keys()
