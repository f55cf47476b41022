"""Resumes that somebody sent to a feed: judged like any other, and listed whether they match or not."""

from datetime import UTC, datetime

import pytest
from hypothesis import given

from engine.indexes.active_feeds import ActiveFeed, FeedKey
from engine.indexes.rows import score_row
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.breakdown import breakdown_of, judge
from engine.matching.score.match import score, score_delivered
from engine.matching.score.rules import FULL, MIN_POINTS
from store.resumes.profiles import StoredProfile
from tests.unit.matching.engine_samples import accountant, analyzer, feed, match, resume, seller
from tests.unit.matching.score.test_rules import PROFILES, QUERIES


def target(**changes):
    return {"job_career": "Java开发", "salary": "10-15K", "expectation_area": "广州", **changes}


def delivered(spec, body):
    return score_delivered(analyzer().feed(spec), analyzer().resume(body))


def fields(found):
    return {row.field: row for row in found.why}


ELSEWHERE = resume(job_target=target(expectation_area="北京、深圳"))
DEAR = resume(job_target=target(salary="40-60K"))


def test_another_city_is_a_row_with_a_loss():
    assert match(feed(), ELSEWHERE) is None
    found = delivered(feed(), ELSEWHERE)
    city = fields(found)["city"]
    assert (city.term, city.matched) == ("广州", "北京,深圳")
    assert city.points < 0
    here = match(feed(), resume())
    assert 0.6 * here.score < found.score < 0.85 * here.score
    assert found.title_match
    assert {row.field for row in here.why} == fields(found).keys()
    assert (found.missing, found.keywords) == (here.missing, here.keywords)


def test_pay_far_apart_is_a_row_with_a_loss_that_leaves_something():
    assert match(feed(), DEAR) is None
    found = delivered(feed(), DEAR)
    salary = fields(found)["salary"]
    assert (salary.term, salary.matched) == ("10000-15000", "40000-60000")
    here = match(feed(), resume()).score
    assert 0.3 * here < found.score < 0.7 * here
    assert found.title_match
    dearer = delivered(feed(), resume(job_target=target(salary="30万/月")))
    assert dearer.score <= found.score
    assert dearer.score > 0


def test_pay_somewhat_apart_costs_less_than_pay_far_apart():
    near = match(feed(), resume(job_target=target(salary="17-20K")))
    assert delivered(feed(), resume(job_target=target(salary="17-20K"))) == near
    assert delivered(feed(), DEAR).score < near.score


@pytest.mark.parametrize(
    "other", [seller(), accountant(), resume(works=[], job_target={"job_career": "护士"})]
)
def test_somebody_of_another_trade_is_judged_and_lacks_what_is_asked_for(other):
    found = delivered(feed(), other)
    assert match(feed(), other) is None
    assert 0 <= found.score < MIN_POINTS / 100
    assert not found.title_match
    assert "Java" in found.missing


@given(QUERIES, PROFILES)
def test_gates_decide_what_is_listed_and_never_how_it_is_judged(query, profile):
    judged, matching = judge(query, profile), breakdown_of(query, profile)
    assert matching in (None, judged)
    found = score_delivered(query, profile)
    assert score(query, profile) in (None, found)
    assert 0 <= judged.total <= FULL
    assert sum(round(100 * row.points) for row in found.why) == judged.total


def row(body, *, send_to=(), partner_for=()):
    profile = analyzer().resume(body)
    stored = StoredProfile(
        resume="r" * 24,
        rev=1,
        arrived_at=datetime.now(UTC),
        send_to=list(send_to),
        partner_for=list(partner_for),
        key_terms=list(profile.key_terms),
        data=profile.encode(),
        version="",
    )
    active = ActiveFeed(FeedKey("f", "u", 1), analyzer().feed(feed()))
    return score_row(active, stored, ResumeProfile.decode(stored.data))


def test_only_what_was_sent_to_this_very_feed_is_listed_without_a_match():
    assert row(ELSEWHERE) is None
    assert row(ELSEWHERE, send_to=["g"]) is None
    sent, recommended = row(ELSEWHERE, send_to=["f"]), row(ELSEWHERE, partner_for=["f"])
    assert (sent.send, sent.partner, recommended.send, recommended.partner) == (True, False, False, True)
    assert sent.score == recommended.score == delivered(feed(), ELSEWHERE).score
    assert sent.why
    assert sent.title_match
    assert sent.keywords


def test_a_match_that_was_also_sent_has_the_score_of_a_match():
    plain, sent = row(resume()), row(resume(), send_to=["f"])
    assert (plain.score, plain.why, plain.missing) == (sent.score, sent.why, sent.missing)
