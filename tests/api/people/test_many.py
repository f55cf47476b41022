"""One step with many people of a list: each as by itself, and once however often it is sent."""

from tests.api.people.test_notes import names, with_people
from tests.api.scene import UNKNOWN
from tests.support import Hr, python_resume


async def do(hr, feed_id, ids, action, **more):
    return await hr.post(
        "/special_feed/results/", {"feed_id": feed_id, "resume_ids": ids, "action": action, **more}
    )


def statuses(answer):
    assert answer.status == "ok", answer.json
    return [row["status"] for row in answer["results"]]


async def listed(hr, feed_id, **query):
    return {item["resume"]["id"]: item for item in await hr.results(feed_id, **query)}


async def test_each_is_done_with_in_the_order_asked_and_what_is_not_the_accounts_is_not_found(hr, server):
    feed_id, (a, b, c) = await with_people(hr, *(python_resume() for _ in range(3)))
    answer = await do(hr, feed_id, [b, UNKNOWN, a, b], "delete", feedback="area,salary_high")
    assert [row["id"] for row in answer["results"]] == [b, UNKNOWN, a, b]
    assert statuses(answer) == ["ok", "not_found", "ok", "ok"]
    assert {*await listed(hr, feed_id)} == {c}
    gone = await listed(hr, feed_id, removed=1)
    assert {*gone} == {a, b}
    assert [item["feedback"] for item in gone.values()] == [["area", "salary_high"]] * 2
    assert statuses(await do(hr, feed_id, [a, b], "restore")) == ["ok", "ok"]
    assert await hr.unread(feed_id) == 3
    assert statuses(await do(hr, feed_id, [a, b, c], "read")) == ["ok"] * 3
    assert await hr.unread(feed_id) == 0
    for action, is_favourite in (("watch", True), ("unwatch", False)):
        assert statuses(await do(hr, feed_id, [a, c], action)) == ["ok", "ok"]
        favourites = {*await listed(hr, feed_id, favourite=1)}
        assert favourites == ({a, c} if is_favourite else set())
    assert [line async for line in server.stores.invariants.broken()] == []


async def test_a_mark_is_made_once_each_however_often_it_is_sent(hr):
    feed_id, ids = await with_people(hr, python_resume(), python_resume())
    for _ in range(2):
        answer = await do(
            hr, feed_id, ids, "mark", mark_name="约面试", good_result=True, client_id="outbox-0001"
        )
        assert statuses(answer) == ["ok", "ok"]
        found = await listed(hr, feed_id)
        assert [names(item) for item in found.values()] == [["约面试"]] * 2
        assert {row["id"]: row["mark_id"] for row in answer["results"]} == {
            id_: item["mark_log"][0]["id"] for id_, item in found.items()
        }
    assert {item["work"] for item in found.values()} == {"interview"}


async def test_marks_of_many_are_taken_back_together_by_the_name_of_their_request(hr, other_hr):
    feed_id, (a, b, c) = await with_people(hr, *(python_resume() for _ in range(3)))
    for people, mark, name in (([a, b], "没接", "marks-0001"), ([a, c], "约面试", "marks-0002")):
        await do(hr, feed_id, people, "mark", mark_name=mark, good_result=True, client_id=name)
    for _ in range(2):  # the second time nothing changes
        back = await do(hr, feed_id, [a, c, b, UNKNOWN], "unmark", marked_as="marks-0002")
        assert statuses(back) == ["ok", "ok", "not_found", "not_found"]
        assert not any("mark_id" in row for row in back["results"])
        found = await listed(hr, feed_id)
        assert [names(found[id_]) for id_ in (a, b, c)] == [["没接"], ["没接"], []]
        assert [found[id_]["work"] for id_ in (a, b, c)] == ["contacted", "contacted", "undecided"]
    body = {"feed_id": feed_id, "resume_ids": [a], "action": "unmark"}
    refused = await hr.post("/special_feed/results/", body)
    assert (refused.http, refused.json["errors"]) == (400, {"marked_as": ["撤销标记时必填"]})
    theirs = await other_hr.post("/special_feed/results/", {**body, "marked_as": "marks-0001"})
    assert theirs.http == 404


async def test_marks_of_many_are_taken_back_by_the_ids_of_the_answer(hr):
    feed_id, (a, b) = await with_people(hr, python_resume(), python_resume())
    for _ in range(2):  # without a name each is another mark
        answer = await do(hr, feed_id, [a, UNKNOWN, b], "mark", mark_name="没接", good_result=False)
        assert statuses(answer) == ["ok", "not_found", "ok"]
    assert ["mark_id" in row for row in answer["results"]] == [True, False, True]
    for row in (answer["results"][0], answer["results"][2]):
        left = await hr.post(f"/resumes/mark/{row['id']}/{row['mark_id']}", {"taken_back": True})
        assert [one["id"] != row["mark_id"] for one in left["mark_log"]] == [True]
    assert all("mark_id" not in row for row in (await do(hr, feed_id, [a], "read"))["results"])


async def test_who_is_marked_is_read_by_whichever_way(hr, server):
    feed_id, (a, b, c) = await with_people(hr, *(python_resume() for _ in range(3)))
    mark = {"mark_name": "没接", "good_result": False}
    live = await hr.live()
    await do(hr, feed_id, [a], "mark", **mark)
    await live.until("unread", feed_id=feed_id, unread_count=2)
    assert (await hr.post(f"/resumes/mark/{b}", {"feed_id": feed_id, **mark})).status == "ok"
    assert await hr.unread(feed_id) == 1
    assert {*await listed(hr, feed_id, latest=1)} == {*await listed(hr, feed_id, work="new")} == {c}
    assert [line async for line in server.stores.invariants.broken()] == []


async def test_what_is_sent_again_is_answered_as_before_and_not_done_again(hr):
    feed_id, (a, b) = await with_people(hr, python_resume(), python_resume())
    for number, (action, undo) in enumerate(
        (("delete", "restore"), ("watch", "unwatch"), ("unwatch", "watch"), ("restore", "delete"))
    ):
        ids, name = [a, UNKNOWN, b, a], f"outbox-000{number}"
        first = await do(hr, feed_id, ids, action, client_id=name)
        assert statuses(first) == ["ok", "not_found", "ok", "ok"]
        await do(hr, feed_id, [a], undo)
        before = await state_of(hr, feed_id)
        again = await do(hr, feed_id, ids, action, client_id=name)
        assert again["results"] == first["results"]
        assert await state_of(hr, feed_id) == before
    # Another account's name is another one.
    stranger = await Hr.register(hr.port)
    own, ids = await with_people(stranger, python_resume())
    assert statuses(await do(stranger, own, ids, "delete", client_id="outbox-0000")) == ["ok"]
    assert not {*ids} & {*await listed(stranger, own)}


async def state_of(hr, feed_id):
    rows = [await listed(hr, feed_id, removed=removed) for removed in (0, 1)]
    return [{id_: item["favStatus"] for id_, item in found.items()} for found in rows]


async def test_another_accounts_people_and_feeds_are_not_found(hr, server):
    feed_id, ids = await with_people(hr, python_resume())
    stranger = await Hr.register(hr.port)
    assert (await do(stranger, feed_id, ids, "delete")).http == 404
    own = await stranger.submit(title="病房护士")
    for action in ("delete", "restore", "watch", "unwatch", "read"):
        assert statuses(await do(stranger, own, ids, action)) == ["not_found"], action
    assert {*await listed(hr, feed_id)} == {*ids}


async def test_what_is_wrong_is_named_and_nothing_is_done(hr):
    feed_id, ids = await with_people(hr, python_resume())
    for more, field in (
        ({"resume_ids": []}, "resume_ids"),
        ({"resume_ids": ids * 51}, "resume_ids"),
        ({"resume_ids": ["x"]}, "resume_ids"),
        ({"action": "burn"}, "action"),
        ({"feedback": "ugly"}, "feedback"),
        ({"action": "mark"}, "mark_name"),
        ({"action": "mark", "mark_name": "已联系"}, "good_result"),
        ({"feed_id": "x"}, "feed_id"),
    ):
        body = {"feed_id": feed_id, "resume_ids": ids, "action": "delete", **more}
        answer = await hr.post("/special_feed/results/", body)
        assert (answer.http, field in answer["errors"]) == (400, True), more
    assert {*await listed(hr, feed_id)} == {*ids}
