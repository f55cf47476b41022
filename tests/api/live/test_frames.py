"""The frames of the socket and its messages, held to their description in `/openapi.json`."""

from tests.api.company.team import colleague, share
from tests.api.description import Description
from tests.support import PYTHON_FEED, Socket, python_resume

PING = {"type": "ping"}


async def test_every_frame_is_as_described_and_every_described_frame_is_sent(hr):
    description = await Description.of(hr)
    answers = description.document["paths"]["/special_feed/ws/"]["get"]["responses"]
    frames = description.resolve(answers["101"]["x-frames"])
    feed_id = await hr.submit(**PYTHON_FEED)
    live = await Socket.connect(hr.port, None)
    await live.say({"type": "auth", "authorization": hr.authorization, "undecided": True})
    seen = {"snapshot": await live.until("snapshot")}
    (resume,) = (await hr.ingest(python_resume()))["ids"]
    seen["unread"] = await live.until("unread")
    await hr.get(f"/feed/get/{feed_id}/{resume}")
    seen["undecided"] = await live.until("undecided")
    claim = {"feed_id": feed_id, "kind": "look"}
    await hr.post(f"/resumes/claim/{resume}", claim)
    seen["claim"] = await live.until("claim")
    wei = await colleague(hr)
    await share(hr, feed_id, {wei: "work"})
    await wei.post(f"/resumes/claim/{resume}", {**claim, "ask": 1})
    seen["asked"] = await live.until("asked")
    other = await hr.submit(title="护士")
    seen["progress"] = await live.until("progress", feed_id=other)
    await hr.get(f"/feed/delete/{feed_id}")
    seen["removed"] = await live.until("removed", feed_id=feed_id)
    for kind, message in (("pong", PING), ("error", {"type": "dance"})):
        await live.say(message)
        seen[kind] = await live.until(kind)
    assert seen.keys() == frames["discriminator"]["mapping"].keys()
    for kind, frame in seen.items():
        assert description.schema_problems(frames, frame) == [], frame
        said = frames["discriminator"]["mapping"][kind]
        assert description.schema_problems({"$ref": said}, frame) == [], frame
        assert description.schema_problems(frames, {**frame, "more": 1})
        assert description.schema_problems(frames, {"type": kind}) or kind == "pong"
    assert seen["removed"]["total"] == 0


async def test_the_messages_of_a_client_are_described(hr):
    description = await Description.of(hr)
    messages = description.document["paths"]["/special_feed/ws/"]["get"]["responses"]["101"]["x-messages"]
    auth = {"type": "auth", "authorization": hr.authorization}
    for message in (PING, auth, {**PING, "more": 1}):
        assert description.schema_problems(messages, message) == []
    for wrong in ({"type": "dance"}, {"type": "auth"}, {"type": "snapshot"}):
        assert description.schema_problems(messages, wrong)
