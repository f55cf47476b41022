"""What tests of learning share: people who are dear or cheap, clicks, and waiting until they are learned."""

from tests.support import PYTHON_FEED, eventually, python_resume

FEED = {**PYTHON_FEED, "salary_max": 30_000}
DEAR, CHEAP = "24000-28000", "8000-10000"


def paid(salary, **changes):
    target = {"job_career": "Python开发工程师", "salary": salary, "expectation_area": "北京"}
    return python_resume(job_target=target, **changes)


async def delete(hr, feed_id, *resume_ids, feedback="", index=-150):
    for resume_id in resume_ids:
        query = {"feed_id": feed_id, "resume_id": resume_id, "reco_index": index, "feedback": feedback}
        assert (await hr.get("/feed/modify_feed_result", **query)).status == "ok"


async def restore(hr, feed_id, *resume_ids):
    await delete(hr, feed_id, *resume_ids, index=150)


async def learned(server):
    """Wait until everything that was clicked is learned."""

    async def nothing_is_due():
        return not await server.stores.feedback.due(10)

    await eventually(nothing_is_due, what="the feedback model")


async def scores(hr, feed_id):
    return {item["resume"]["id"]: item["score"] for item in await hr.results(feed_id)}


async def model_of(server, feed_id):
    found = await server.stores.feedback.find([feed_id])
    return found[0].data if found else b""


async def broken(server):
    return [line async for line in server.stores.invariants.broken()]


def learned_row(item):
    return [row for row in item["why"] if row["field"] == "learned"]
