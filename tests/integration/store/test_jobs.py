"""Jobs: one process at a time does one, another goes on where it dies, what fails waits and is given up."""

import asyncio
import contextvars
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from store.accounts.companies import Member
from store.jobs.jobs import JobCounts, Jobs
from store.jobs.kinds import KINDS
from store.transactions import again_after_conflict
from tests.integration.gates import Gate

LATER = timedelta(minutes=10)


@pytest.fixture
def jobs(stores):
    return stores.jobs


async def document(jobs, id_="reset:a"):
    return await jobs._jobs.find_one({"_id": id_})


async def test_a_job_that_is_asked_for_twice_is_one_and_is_claimed_once(jobs):
    await jobs.ask("reset", "a")
    await jobs.ask("reset", "a")
    await jobs.ask("registered", "a")
    claims = await asyncio.gather(*(jobs.claim("reset", most=5) for _ in range(6)))
    (job,) = [one for claim in claims for one in claim]
    assert (job.kind, job.key, job.attempts) == ("reset", "a", 1)
    await jobs.done(job)
    assert await document(jobs) is None
    assert len(await jobs.claim("registered")) == 1


async def test_some_are_claimed_at_once_those_that_wait_longest_first(jobs):
    now = datetime.now(UTC)
    for number in range(6):
        await jobs.ask("reset", f"{number}", now - number * LATER)
    await jobs.ask("reset", "later", now + LATER)
    first, rest = await jobs.claim("reset", most=2), await jobs.claim("reset", most=9)
    assert [job.key for job in first] == ["5", "4"]
    assert [job.key for job in rest] == ["3", "2", "1", "0"]
    assert await jobs.claim("reset", most=9) == []
    assert [job.key for job in await jobs.claim("reset", now=now + LATER + LATER, key="later")] == ["later"]


async def test_what_is_asked_for_while_it_runs_is_done_once_more_and_not_before(jobs):
    await jobs.ask("reset", "a")
    (job,) = await jobs.claim("reset")
    await jobs.ask("reset", "a")
    assert await jobs.claim("reset") == []
    await jobs.done(job)
    (again,) = await jobs.claim("reset")
    await jobs.ask("reset", "a")
    await jobs.fail(again, "SmtpError")
    assert len(await jobs.claim("reset")) == 1


async def test_a_job_of_a_process_that_died_is_done_by_another_once_its_lease_is_over(jobs):
    await jobs.ask("reset", "a")
    (job,) = await jobs.claim("reset")
    assert await jobs.renew(job) == [job]
    over = datetime.now(UTC) + KINDS["reset"].lease
    assert await jobs.claim("reset", now=over - timedelta(seconds=5)) == []
    (other,) = await jobs.claim("reset", now=over + timedelta(seconds=5))
    assert other.attempts == 2
    # Whoever comes back has it no more, and changes nothing.
    assert not await jobs.renew(job)
    await jobs.done(job)
    await jobs.fail(job, "SmtpError")
    await jobs.put_off([job], datetime.now(UTC))
    assert (await document(jobs))["holder"] == other.holder
    assert await jobs.renew(other) == [other]


async def test_tries_that_fail_are_given_up_and_begin_anew_when_somebody_asks(jobs):
    waits = []
    await jobs.ask("reset", "a")
    while found := await jobs.claim("reset", now=datetime.now(UTC) + sum(waits, LATER)):
        await jobs.fail(found[0], "SmtpError 451")
        if "due" in (row := await document(jobs)):
            waits.append(timedelta(minutes=round((row["due"] - datetime.now(UTC)) / timedelta(minutes=1))))
    assert waits == list(KINDS["reset"].waits)
    assert (row["attempts"], row["error"]) == (4, "SmtpError 451")
    (counts,) = [one for one in await jobs.counts() if one.kind == "reset"]
    assert counts == JobCounts(kind="reset", failed=1, error="SmtpError 451")
    assert await jobs.retry("reset:a")
    assert not await jobs.retry("reset:nobody")
    assert not await jobs.retry("something else")
    assert [job.attempts for job in await jobs.claim("reset")] == [1]


async def test_a_job_that_each_process_dies_over_is_given_up_too(jobs):
    await jobs.ask("reset", "a")
    now, claims = datetime.now(UTC), 0
    while await jobs.claim("reset", now=now):
        claims, now = claims + 1, now + LATER
    assert claims == len(KINDS["reset"].waits) + 1
    assert (await document(jobs))["error"] == "LeaseOver"
    assert "failed_at" in await document(jobs)


async def test_what_is_put_off_waits_as_if_it_was_not_tried(jobs):
    await jobs.ask("reset", "a")
    await jobs.put_off(await jobs.claim("reset"), datetime.now(UTC) + LATER)
    await jobs.put_off([], datetime.now(UTC))
    assert await jobs.claim("reset") == []
    assert [job.attempts for job in await jobs.claim("reset", now=datetime.now(UTC) + 2 * LATER)] == [1]


async def test_operators_see_how_many_wait_run_and_failed(jobs):
    now = datetime.now(UTC).replace(microsecond=0)
    for number in range(3):
        await jobs.ask("activation", f"{number}", now - number * LATER)
    await jobs.claim("activation")
    counts = {one.kind: one for one in await jobs.counts()}
    assert list(counts) == list(KINDS)
    assert counts["activation"] == JobCounts(kind="activation", waiting=2, running=1, oldest=now - LATER)
    assert counts["reset"] == JobCounts(kind="reset")
    assert [row["key"] for row in await jobs.of_kind("activation", 9)] == ["2", "1", "0"]


async def test_what_begins_anew_is_taken_from_whoever_does_it(jobs):
    await jobs.ask("backfill", "a", of=Member("user", "company"))
    (job,) = await jobs.claim("backfill")
    await jobs.ask("backfill", "a")
    (again,) = await jobs.claim("backfill")
    assert (again.company, job.company) == ("company", "company")
    assert (await jobs.renew(job), await jobs.renew(again)) == ([], [again])
    await jobs.done(job)
    assert await jobs.count("backfill") == 1
    await jobs.done(again)
    assert await jobs.count("backfill") == 0


async def test_many_are_asked_for_hastened_and_ended_in_one_write(jobs):
    now = datetime.now(UTC).replace(microsecond=0)
    await jobs.ask_all("notice", dict.fromkeys("abc", now + LATER))
    await jobs.hasten("notice", ["a", "b", "nobody"], now)
    found = await jobs.find("notice", ["a", "b", "c", "nobody"])
    assert {key: row["due"] for key, row in found.items()} == {"a": now, "b": now, "c": now + LATER}
    claimed = await jobs.claim("notice", most=9)
    await jobs.ask("notice", "b", now + LATER)
    await jobs.done(*claimed)
    await jobs.done()
    assert [row["key"] for row in await jobs.of_kind("notice")] == ["b", "c"]


async def test_one_process_at_a_time_holds_and_the_next_does_when_it_is_done_or_dead(jobs):
    async with jobs.holding("reset", "a") as first, jobs.holding("reset", "a") as second:
        assert (first is None, second is None) == (False, True)
    assert await document(jobs) is None
    async with jobs.holding("reset", "a"):
        await jobs._jobs.update_one({"lease": {"$exists": True}}, {"$set": {"lease": datetime.now(UTC)}})
        async with jobs.holding("reset", "a") as taken:
            assert taken is not None


async def test_who_holds_a_job_comes_before_those_who_look_for_what_is_due(stores):
    jobs, others = stores.jobs, Jobs(stores._database)
    gate = Gate(jobs, "claim")
    asked = jobs.holding("import", "a")
    holding = asyncio.create_task(asked.__aenter__())
    await gate.reached.wait()
    assert await others.claim("import") == []
    gate.open()
    await jobs.put_off([await holding], datetime.now(UTC) + LATER)
    await asked.__aexit__(None, None, None)
    async with jobs.holding("import", "a") as job:
        await jobs._jobs.update_one({"_id": "import:a"}, {"$set": {"attempts": 9}})
        await jobs.fail(msgspec.structs.replace(job, attempts=9), "one failure after the other")
        assert "failed_at" in await document(jobs, "import:a")
    async with jobs.holding("import", "a") as job:
        assert job.attempts == 1
        assert "failed_at" not in await document(jobs, "import:a")


async def test_who_asks_in_a_transaction_while_it_is_claimed_is_heard(stores):
    """As where a feed is changed in the moment in which its backfill begins."""
    jobs, claimed = stores.jobs, []
    await jobs.ask("backfill", "a")

    @again_after_conflict
    async def change():
        async with stores._database.transaction():
            await jobs.find("backfill", ["a"])
            if not claimed:
                other = contextvars.Context()
                claimed.extend(await asyncio.create_task(jobs.claim("backfill"), context=other))
            await jobs.ask("backfill", "a")

    await change()
    await jobs.done(*claimed)
    assert [job.key for job in await jobs.claim("backfill")] == ["a"]
