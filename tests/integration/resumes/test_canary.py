"""A person whose every text holds a contact: none is shown before unlocking, none is left after erasure."""

from __future__ import annotations

import asyncio
import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest

from config.settings import Settings
from store import mongo
from store.embedded.supervisor import state_of
from store.mongo import whole
from store.resumes.masked_texts import DATES
from tests.api.scene import FULL_FEED, FULL_RESUME, JSON_INGEST
from tests.integration.processes import Process, manage
from tests.support import Answer, Api, Hr, Socket, eventually

PERSON = {"name": "欧阳金丝", "phone": "13912344321", "email": "canary.person@example.com", "qq": "918273645"}
SPELLINGS = (
    "电话13912344321",
    "手机 139-1234-4321",
    "139 1234 4321",
    "１３９１２３４４３２１",
    "一三九一二三四四三二一",
    "邮箱：canary.person@example.com",
    "canary.person (at) example.com",
    "ｃａｎａｒｙ.person＠example.com",
    "QQ：918273645",
    "qq 918 273 645",
    "微信：canary_wx88",
    "VX canary_wx88",
    "V信canary_wx88",
    "身份证110105199412317778",
    "身份证：110105 19941231 7778",
    "我是欧阳金丝",
    "欧 阳 金 丝",
)
CANARIES = (
    "13912344321",
    "canarypersonexamplecom",
    "918273645",
    "canarywx88",
    "110105199412317778",
    "欧阳金丝",
)
_CHINESE_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")


def with_contacts(value: Any, name: str = "", counter: Iterator[int] | None = None) -> Any:
    """A record with another spelling of a contact in each of its texts."""
    counter = counter or iter(range(10_000))
    if isinstance(value, dict):
        return {key: with_contacts(part, key, counter) for key, part in value.items()}
    if isinstance(value, list):
        return [with_contacts(part, name, counter) for part in value]
    if not isinstance(value, str) or name in DATES:
        return value
    return f"{value}，{SPELLINGS[next(counter) % len(SPELLINGS)]}。"


ABOUT = ("source", "source_id", "contact_status")
CANARY = {
    **with_contacts({**FULL_RESUME, "works": FULL_RESUME["works"] * 3}),
    **{name: FULL_RESUME[name] for name in ABOUT},
    **PERSON,
}


def found_in(text: str) -> list[str]:
    """The contacts in a text, however they are spelled."""
    text = unicodedata.normalize("NFKC", text).lower().replace("(at)", "").translate(_CHINESE_DIGITS)
    plain = re.sub(r"[\W_]+", "", text)
    return [canary for canary in CANARIES if canary in plain]


class Recorder(Hr):
    """A recruiter who remembers every answer."""

    answers: list[tuple[str, str]]

    async def call(self, method: str, path: str, **options: Any) -> Answer:
        answer = await super().call(method, path, **options)
        self.answers.append((f"{method} {path}", answer.body.decode()))
        return answer


async def look_at_everything(hr: Recorder, feed_id: str, resume_id: str) -> None:
    """Every endpoint that shows something of a resume, in every order and with searches."""
    for query in (
        {},
        {"sort": "score"},
        {"latest": 1},
        {"current_area": "北京"},
        {"title_match": 1},
        {"reco_time": 7},
    ):
        await hr.get(f"/special_feed/feed_list/{feed_id}", **query)
        await hr.get(f"/feed/export/{feed_id}.csv", **query)
    await hr.get(f"/feed/get/{feed_id}/{resume_id}")

    async def is_previewed() -> bool:  # a busy server asks for it to come again
        return (await hr.post("/special_feed/preview/", FULL_FEED)).json.get("total_count") == 1

    await eventually(is_previewed, what="the preview")
    await hr.post("/special_feed/preview/", {**FULL_FEED, "feed_id": feed_id})
    await hr.get(f"/special_feed/statistics/{feed_id}")
    await hr.get("/special_feed/page/")
    await hr.get(f"/special_feed/edit_feed/{feed_id}/")
    await hr.get(f"/resumes/add_watch/{resume_id}", feed_id=feed_id)
    body = {"feed_id": feed_id, "mark_name": "已面试", "good_result": True}
    await hr.post(f"/resumes/mark/{resume_id}", body)
    await hr.post(f"/resumes/comment/{resume_id}", {"content": "谈得不错"})
    await hr.get("/resume/follow/list/")
    for field in ("all", "name", "school", "company_name", "position_title"):
        await hr.get("/resume/follow/list/", search_fields=field, keywords="python")
    for path in ("/openapi.json", "/readyz", "/metrics", "/"):
        await hr.get(path)
    # It learns of a deletion, and shows what it learned.
    await hr.get(
        "/feed/modify_feed_result", feed_id=feed_id, resume_id=resume_id, reco_index=-150, feedback="title"
    )
    await hr.get("/feed/modify_feed_result", feed_id=feed_id, resume_id=resume_id, reco_index=150)


async def guesses(hr: Hr, feed_id: str) -> list[int]:
    """How many are found by searching for what is masked."""
    counts = []
    for word in (*PERSON.values(), "canary_wx88", "139"):
        for field in ("all", "name", "position_title", "company_name", "school"):
            answer = await hr.read("/resume/follow/list/", search_fields=field, keywords=word)
            counts.append(answer["total_count"])
        answer = await hr.read(f"/special_feed/feed_list/{feed_id}", current_area=word)
        counts.append(answer["feed_query_count"])
    return counts


def operator_says(process: Process) -> str:
    """All that the operator's commands print."""
    words = (["check"], ["quarantine"], ["learn"])
    return "".join(
        (done.stdout + done.stderr).decode() for done in (manage(process.data_dir, *one) for one in words)
    )


@pytest.mark.long
async def test_no_contact_in_any_text_leaves_before_it_is_unlocked_and_none_stays_after_erasure(start):
    process = await start().ready()
    hr = await Recorder.register(process.port)
    hr.answers = []
    socket = await Socket.connect(process.port, hr.authorization)
    feed_id = await hr.submit(**FULL_FEED)
    (resume_id,) = await hr.scored(CANARY)
    frames = [await socket.frame(), await socket.until("unread", unread_count=1)]
    await look_at_everything(hr, feed_id, resume_id)
    assert set(await guesses(hr, feed_id)) == {0}
    printed = await asyncio.to_thread(operator_says, process)
    shown = [*hr.answers, ("frames", json.dumps(frames)), ("manage", printed)]
    assert [(where, found) for where, text in shown if (found := found_in(text))] == []
    assert sum(text.count("***") for _, text in shown) > 100

    # Strangers who say what the person says: by unlocking them one learns what they wrote, and no more.
    await strangers_open_nothing(hr, feed_id)

    assert (await hr.unlock(feed_id, resume_id)).status == "ok"
    for path in (
        f"/special_feed/feed_list/{feed_id}",
        "/resume/follow/list/",
        f"/feed/get/{feed_id}/{resume_id}",
    ):
        assert set(found_in((await hr.read(path)).body.decode())) == set(CANARIES), path
    assert 1 in await guesses(hr, feed_id)

    assert (await Api(process.port).call("DELETE", f"/resumes/{resume_id}", headers=JSON_INGEST)).http == 200
    assert await everything_stored(process) == []
    assert await asyncio.to_thread(process.stop) == 0
    # The embedded store's journal forgets at the next start.
    assert (await asyncio.to_thread(manage, process.data_dir, "stats")).returncode == 0
    assert found_in(process.log.read_text()) == []
    files = [path for path in process.data_dir.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert {path.name: found for path in files if (found := spelled_in(path.read_bytes()))} == {}


async def strangers_open_nothing(hr: Recorder, feed_id: str) -> None:
    """Unlock strangers with the person's phone, e-mail or name in their resumes, and erase them again."""
    about = {name: FULL_RESUME[name] for name in FULL_RESUME if name not in PERSON} | {"qq": ""}
    said = [
        {"name": "甲乙丙", "phone": PERSON["phone"], "email": ""},
        {"name": "丁戊己", "phone": "", "email": f"{PERSON['email']}, else@example.com"},
        {"name": PERSON["name"], "phone": "13900009999", "email": f"own@example.com {PERSON['email']}"},
    ]
    lines = [{**about, **one, "source_id": f"stranger {n}"} for n, one in enumerate(said)]
    ids = await hr.scored(*lines)
    for id_, one in zip(ids, said, strict=True):
        answer = await hr.unlock(feed_id, id_)
        assert {name: answer["contact_info"][name] for name in one} == one
        listed = (await hr.read(f"/special_feed/feed_list/{feed_id}")).body.decode()
        assert set(found_in(answer.body.decode() + listed)) <= set(
            found_in(json.dumps(said, ensure_ascii=False))
        )
    for id_ in ids:
        assert (await hr.call("DELETE", f"/resumes/{id_}", headers=JSON_INGEST)).http == 200


def spelled_in(data: bytes) -> list[str]:
    return [one for one in (*PERSON.values(), "canary_wx88", "１３９") if one.encode() in data]


async def everything_stored(process: Process) -> list[str]:
    """The contacts in all documents of all collections."""
    client = mongo.connect(state_of(process.data_dir)["mongo"]["url"])
    database = whole(client[Settings.mongo_db])
    names = await database.list_collection_names()
    assert "erasures" in names
    texts = [repr(await database[name].find({}).to_list(None)) for name in names]
    client.close()
    return [found for text in texts for found in found_in(text)]
