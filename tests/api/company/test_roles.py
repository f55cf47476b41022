"""Who of a company may do what with a feed: each role against each endpoint of `test_ownership.TABLE`."""

from tests.api.company.team import colleague, share
from tests.api.scene import listed_person
from tests.api.test_ownership import TABLE, UNKNOWN, Row, said, send

NEEDS = {
    "view": {
        "/special_feed/feed_list/{feed_id}",
        "/special_feed/statistics/{feed_id}",
        "/feed/get/{feed_id}/{resume_id}",
        "/resumes/comment/{resume_id}",
        "/resumes/comment/{resume_id}/{comment_id}",
        "/resumes/original/{resume_id}",
        "/resumes/interview/{resume_id}/{mark_id}.ics",
        "/resumes/interview/{resume_id}/{mark_id}.txt",
    },
    "work": {
        "/feed/modify_feed_result",
        "/special_feed/results/",
        "/feed/export/{feed_id}.csv",
        "/feed/export/{feed_id}/link/",
        "/resumes/add_watch/{resume_id}",
        "/resumes/remove_watch/{resume_id}",
        "/resumes/download/{resume_id}",
        "/resumes/mark/{resume_id}",
        "/resumes/claim/{resume_id}",
        "/resumes/mark/{resume_id}/{mark_id}",
        "/resumes/join/",
        "/resumes/part/",
    },
    "release": {"/resumes/release/{resume_id}"},
    "manage": {
        "/special_feed/edit_feed/{feed_id}/",
        "/special_feed/submit_feed/",
        "/special_feed/preview/",
        "/special_feed/pause/",
        "/special_feed/share/{feed_id}",
        "/special_feed/transfer/{feed_id}",
        "/feed/delete/{feed_id}",
    },
}
MAY = {
    "work": {"view", "work", "release"},
    "view": {"view"},
    "owner": {"manage", "release"},
    "nothing": set(),
}
"""By role, what it may do; `owner` is one of the company who is not in the feed."""
ELSEWHERE = {"/handover/", "/handover/{handover_id}/revoke/"}
"""`handover/test_handovers.py` has who may do that."""
NOT_HERE = {"/resumes/original/{resume_id}"}
OF_FEED = [row for row in TABLE if row.needs == "account" and row.ids and row.route not in ELSEWHERE]


def need_of(row: Row) -> str:
    (need,) = [need for need, routes in NEEDS.items() if row.route in routes]
    return need


def test_every_endpoint_about_a_feed_or_a_person_says_what_it_needs():
    assert {row.route for row in OF_FEED} == set().union(*NEEDS.values())


async def test_each_role_is_refused_all_that_is_not_its_own(hr, server):
    scene = await listed_person(hr)
    await scene.fill()
    (item,) = await hr.results(scene.feed_id)
    roles = {"work": await colleague(hr), "view": await colleague(hr)}
    roles |= {"owner": await colleague(hr, "owner"), "nothing": await colleague(hr)}
    await share(hr, scene.feed_id, {roles["work"]: "work", roles["view"]: "view"})
    names = {
        "feed_id": scene.feed_id,
        "resume_id": scene.resume_id,
        "mark_id": item["mark_log"][0]["id"],
        "comment_id": item["comment_log"][0]["id"],
    }
    for row in OF_FEED:
        for role, member in roles.items():
            is_allowed = need_of(row) in MAY[role]
            if is_allowed and row.writes:
                continue  # what becomes of it is in the other tests
            answer = await send(member, row, {**names, "user": member.user, "member_id": member.user})
            if is_allowed:
                there_is = [row.owner, *(["404 not_found"] if row.route in NOT_HERE else [])]
                assert said(answer) in there_is, (role, row, answer.body)
            elif role in ("work", "view"):
                assert said(answer) == "403 forbidden", (role, row, answer.body)
            else:
                nobodys = {**names, "feed_id": UNKNOWN, "resume_id": UNKNOWN}
                other = await send(member, row, {**nobodys, "user": member.user, "member_id": member.user})
                assert (said(answer), answer.body) == (said(other), other.body), (role, row)
    assert [one["work"] for one in await hr.results(scene.feed_id)] == [item["work"]]
