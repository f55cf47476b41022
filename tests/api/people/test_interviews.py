"""The date of an interview: noted with its mark, given back, and sent as a text and to calendars."""

from icalendar import Calendar

from tests.api.people.test_notes import day, mark, marked, people, with_people
from tests.api.scene import UNKNOWN
from tests.support import WANG, Hr, python_resume

DATE = {
    "at": f"{day(3)} 14:30",
    "minutes": 60,
    "kind": "video",
    "place": "https://meeting.example.com/1?a=1,2;3",
    "note": "请带作品\n联系前台",
}


async def interview_of(hr, **more):
    feed_id, (resume,) = await with_people(hr, python_resume(**WANG))
    answer = await mark(hr, feed_id, resume, "约面试", interview={**DATE, **more})
    assert answer.status == "ok", answer.json
    return feed_id, resume, answer["mark_log"][-1]


async def test_a_date_is_given_back_and_changed(hr):
    feed_id, resume, made = await interview_of(hr)
    assert made["interview"] == DATE
    later = {**DATE, "at": f"{day(4)} 09:00", "kind": "onsite", "place": "海淀区", "note": ""}
    answer = await hr.post(f"/resumes/mark/{resume}/{made['id']}", {"interview": later})
    assert answer["mark_log"][0]["interview"] == later
    (item,) = await hr.results(feed_id)
    assert item["mark_log"][0]["interview"] == later
    plain = await mark(hr, feed_id, resume, "约面试")
    assert plain["mark_log"][-1]["interview"] is None


async def test_a_calendar_takes_it_and_the_text_invites_by_name_once_it_is_known(hr):
    feed_id, resume, made = await interview_of(hr)
    path = f"/resumes/interview/{resume}/{made['id']}"
    answer = await hr.get(f"{path}.ics")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(answer.body).walk("VEVENT")
    assert str(event["location"]) == DATE["place"]
    assert f"{event['dtstart'].dt:%Y-%m-%d %H:%M}" == f"{day(3)} 06:30"  # UTC
    assert (event["dtend"].dt - event["dtstart"].dt).total_seconds() == 3600
    assert "请带作品\n联系前台" in str(event["description"])
    assert "王小明" not in str(event["summary"])
    assert all(len(line) <= 75 for line in answer.body.split(b"\r\n"))
    assert (await hr.get(f"{path}.ics")).body == answer.body
    text = (await hr.get(f"{path}.txt")).body.decode()
    assert text.startswith("您好，示例公司邀请您参加「Python开发」的面试。")
    assert "14:30，约 60 分钟" in text
    assert DATE["place"] in text
    await hr.unlock(feed_id, resume)
    assert (await hr.get(f"{path}.txt")).body.decode().startswith("王小明您好")
    assert "王小明" in (await hr.get(f"{path}.ics")).body.decode()


async def test_it_is_the_accounts_alone_and_of_marks_with_a_date(hr):
    feed_id, resume, made = await interview_of(hr)
    plain = (await mark(hr, feed_id, resume, "已联系"))["mark_log"][-1]
    stranger = await Hr.register(hr.port)
    for who, mark_id in ((stranger, made["id"]), (hr, plain["id"]), (hr, UNKNOWN)):
        for kind in ("ics", "txt"):
            assert (await who.get(f"/resumes/interview/{resume}/{mark_id}.{kind}")).http == 404


async def test_what_is_no_date_is_refused_under_its_name(hr):
    feed_id, (resume,) = await with_people(hr, python_resume())
    for wrong in (
        {"at": "2026-02-30 10:00"},
        {"at": "2026-12-01"},
        {"at": ""},
        {"minutes": 14},
        {"minutes": 481},
        {"kind": "walk"},
        {"place": "x" * 201},
        {"note": "x" * 501},
    ):
        answer = await mark(hr, feed_id, resume, "约面试", interview={**DATE, **wrong})
        assert (answer.http, [*answer["errors"]]) == (400, ["interview"]), wrong
    for name in ("at", "minutes", "kind"):
        rest = {key: value for key, value in DATE.items() if key != name}
        answer = await mark(hr, feed_id, resume, "约面试", interview=rest)
        assert (answer.http, [*answer["errors"]]) == (400, ["interview"]), name
    answer = await mark(hr, feed_id, resume, "已联系", interview=DATE)
    assert (answer.http, [*answer["errors"]]) == (400, ["interview"])
    assert (await hr.results(feed_id))[0]["mark_log"] == []


async def test_a_reminder_has_an_hour_and_comes_in_its_order(hr):
    feed_id, ids = await with_people(hr, *(python_resume() for _ in range(3)))
    hours = ("15:00", "09:30", "")
    for id_, hour in zip(ids, hours, strict=True):
        when = {"remind_at": f"{day(1)} {hour}"} if hour else {"remind_on": day(1)}
        answer = await mark(hr, feed_id, id_, "稍后再打", **when)
        made = answer["mark_log"][-1]
        assert (made["remind_on"], made["remind_at"]) == (day(1), when.get("remind_at", ""))
    found = await marked(hr, remind=1)
    assert people(found) == [ids[2], ids[1], ids[0]]
    assert [row["remind_at"][-5:] for row in found["data"]] == ["", "09:30", "15:00"]
    last = (await mark(hr, feed_id, ids[0], "稍后再打", remind_at=f"{day(2)} 10:00"))["mark_log"][-1]
    path = f"/resumes/mark/{ids[0]}/{last['id']}"
    for change, then in (
        ({"remind_at": ""}, (day(2), "")),
        ({"remind_at": f"{day(4)} 08:00"}, (day(4), f"{day(4)} 08:00")),
        ({"remind_on": day(5)}, (day(5), "")),
        ({"remind_on": ""}, ("", "")),
    ):
        made = (await hr.post(path, change))["mark_log"][-1]
        assert (made["remind_on"], made["remind_at"]) == then, change
    for wrong, field in (
        ({"remind_at": f"{day(-1)} 10:00"}, "remind_at"),
        ({"remind_at": f"{day(1)} 25:00"}, "remind_at"),
        ({"remind_at": "morgen"}, "remind_at"),
        ({"remind_at": f"{day(1)} 10:00", "remind_on": day(2)}, "remind_at"),
    ):
        answer = await mark(hr, feed_id, ids[0], "稍后再打", **wrong)
        assert (answer.http, [*answer["errors"]]) == (400, [field]), wrong
