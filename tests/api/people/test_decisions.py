"""What an account may decide of who is one person is bounded."""

from store.persons import persons
from tests.support import PYTHON_FEED, contact_of, python_resume


async def strangers(hr, count):
    """A feed, and the resumes of so many people."""
    feed_id = await hr.submit(**PYTHON_FEED)
    people = [python_resume(**contact_of(f"person {number}")) for number in range(count)]
    ids = await hr.scored(*people)
    return feed_id, ids


async def decide(hr, what, one, other):
    return await hr.post(f"/resumes/{what}/", {"resume_id": one, "other_id": other})


async def lists(hr, feed_id):
    return {row["resume"]["id"]: row["others"] for row in await hr.results(feed_id)}


async def test_an_account_decides_of_so_many_pairs_and_may_change_its_mind(hr, other_hr, monkeypatch):
    monkeypatch.setattr(persons, "MOST_DECISIONS", 2)
    feed_id, (a, b, c, d) = await strangers(hr, 4)
    assert (await decide(hr, "join", a, b)).status == "ok"
    assert (await decide(hr, "part", a, c)).status == "ok"
    before = await lists(hr, feed_id)
    for what in ("join", "part"):
        refused = await decide(hr, what, c, d)
        assert (refused.http, refused.status) == (400, "bad_request")
        assert refused["errors"] == {"other_id": ["最多合并或分开 1000 对简历"]}
    assert await lists(hr, feed_id) == before
    # What was decided is decided anew, either way round, and others have a bound of their own.
    assert (await decide(hr, "part", b, a)).status == "ok"
    assert (await decide(hr, "join", c, a)).status == "ok"
    assert len(await lists(hr, feed_id)) == 3
    theirs = await other_hr.submit(**PYTHON_FEED)
    await other_hr.all_scored()
    assert len(await other_hr.results(theirs)) == 4
    assert (await decide(other_hr, "join", c, d)).status == "ok"


async def test_who_decided_more_before_keeps_it(server, hr, monkeypatch):
    feed_id, (a, b, c, d) = await strangers(hr, 4)
    assert (await decide(hr, "join", a, b)).status == "ok"
    assert (await decide(hr, "join", b, c)).status == "ok"
    monkeypatch.setattr(persons, "MOST_DECISIONS", 1)
    assert (await decide(hr, "join", c, d)).http == 400
    assert sorted(map(len, (await lists(hr, feed_id)).values())) == [0, 2]
    assert (await decide(hr, "join", a, b)).status == "ok"
    assert await server.stores._database.person_decisions.count_documents({}) == 2


async def test_a_join_makes_no_person_of_too_many_resumes(hr, monkeypatch):
    monkeypatch.setattr(persons, "MOST_RESUMES", 4)
    feed_id, (a, b, c, d, e) = await strangers(hr, 5)
    for one, other in ((a, b), (c, d), (d, e)):
        assert (await decide(hr, "join", one, other)).status == "ok"
    before = await lists(hr, feed_id)
    refused = await decide(hr, "join", a, e)
    assert (refused.http, refused.status) == (400, "bad_request")
    assert refused["errors"] == {"other_id": ["合并后同一人最多 16 份简历"]}
    assert await lists(hr, feed_id) == before
    assert (await decide(hr, "part", c, d)).status == "ok"
    assert (await decide(hr, "join", a, e)).status == "ok"
    assert sorted(map(len, (await lists(hr, feed_id)).values())) == [0, 3]
