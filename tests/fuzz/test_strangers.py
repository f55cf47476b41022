"""Resumes of strangers with other people's names, phones and mails in them, against what recruiters may see.

What a resume says of itself decides nothing about anybody else: a contact is shown by that very resume, once
the account has unlocked it or another of the same name and number. Eighty resumes in a normal run, the
same ones each time; `TALENTFEED_FUZZ=long` sends 20,000.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from tests.support import PYTHON_FEED, Hr, python_resume

IS_LONG = os.environ.get("TALENTFEED_FUZZ") == "long"
RESUMES, BATCH = (20_000, 200) if IS_LONG else (80, 40)
UNLOCKS = 20
"""By each account, of each batch."""
CITIES = (
    *("北京", "上海", "广州", "深圳", "杭州", "成都", "武汉"),
    *("西安", "南京", "长沙", "青岛", "厦门", "沈阳", "昆明"),
)
NAMES = ("欧阳翡翠", "司马相宜", "慕容雪晴", "上官若谷", "诸葛清和")
_QQ = re.compile(r"(?<![0-9a-f])77[0-9]{7}(?![0-9a-f])")


def strange(rng: Random, number: int, before: Sequence[dict[str, Any]], city: str) -> dict[str, Any]:
    """A resume that says some of what others say of themselves, beside a number that is its own alone."""
    own = {"name": rng.choice(NAMES), "phone": f"139{number:08d}", "email": f"person{number}@example.com"}
    for name in own:
        if before and rng.random() < 0.4:
            own[name] = first(rng.choice(before)[name])
    for name in ("phone", "email"):
        if before and rng.random() < 0.2:  # and more of them behind it
            own[name] = " / ".join([own[name], *(first(one[name]) for one in rng.choices(before, k=9))])
    if rng.random() < 0.1:
        own[rng.choice(("name", "phone", "email"))] = ""
    qq = f"77{number:07d}"
    return python_resume(
        **own,
        qq=qq,
        self_evaluation=f"熟悉Python、MySQL，QQ{qq}，电话{own['phone']}，{own['email']}",
        contact_status="secret" if rng.random() < 0.05 else "public",
        job_target={"job_career": "Python开发工程师", "expectation_area": city},
        address=city,
    )


def first(text: str) -> str:
    """What a field names first; it may begin with what somebody else left out."""
    return next((part for one in text.split(" / ") if (part := one.strip())), "")


def is_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two resumes say one name, and one phone or e-mail as their first."""
    return one["name"] == other["name"] != "" and any(
        first(one[name]) == first(other[name]) != "" for name in ("phone", "email")
    )


def component(of: str, sent: dict[str, dict[str, Any]]) -> set[str]:
    """All that are connected with a resume by what `is_same` says."""
    found, todo = {of}, [of]
    while todo:
        one = sent[todo.pop()]
        more = {id_ for id_, other in sent.items() if id_ not in found and is_same(one, other)}
        found |= more
        todo += more
    return found


@pytest.mark.gen_test(timeout=14_400 if IS_LONG else 240)
async def test_nobodys_contact_is_in_anybody_elses_answer(server: Any) -> None:
    rng = Random("strangers")
    sent: dict[str, dict[str, Any]] = {}
    for batch in range(RESUMES // BATCH):
        city = CITIES[batch % len(CITIES)]
        hrs = [await Hr.register(server.port), await Hr.register(server.port)]
        feeds = [await hr.submit(**{**PYTHON_FEED, "expect_area": city}) for hr in hrs]
        # Some of what came long ago is used too, mostly what has just come.
        before = [*list(sent.values())[-BATCH:], *rng.sample(list(sent.values()), min(len(sent), BATCH // 4))]
        resumes: list[dict[str, Any]] = []
        for number in range(batch * BATCH, (batch + 1) * BATCH):
            resumes.append(strange(rng, number, [*before, *resumes], city))
        answer = await hrs[0].ingest(*resumes)
        assert answer["accepted"] == BATCH, answer.json
        sent |= zip(answer["ids"], resumes, strict=True)
        await hrs[0].all_scored()
        for hr, feed_id in zip(hrs, feeds, strict=True):
            await look(hr, feed_id, rng, sent)


async def look(hr: Hr, feed_id: str, rng: Random, sent: dict[str, dict[str, Any]]) -> None:
    """Unlock some of a list, and hold every answer to what the account may see."""
    opened: set[str] = set()
    listed = await hr.results(feed_id)
    assert not [item for item in listed if item["contact_info"] or _QQ.search(json.dumps(item))]
    for item in rng.sample(listed, min(UNLOCKS, len(listed))):
        id_ = item["resume"]["id"]
        answer = await hr.unlock(feed_id, id_)
        assert answer.status in ("ok", "secret")
        if answer.status == "ok":
            opened |= component(id_, sent)
            assert answer["contact_info"] == own_contact(id_, sent[id_])
            assert sent[id_]["contact_status"] == "public"
    assert opened
    items = await hr.results(feed_id)
    for item in list(items):
        for other in item["others"]:
            items.append((await hr.get(f"/feed/get/{feed_id}/{other}"))["data"])
    shown = 0
    for item in items:
        id_ = item["resume"]["id"]
        if item["contact_info"]:
            shown += 1
            assert id_ in opened
            assert item["contact_info"] == own_contact(id_, sent[id_])
        # No text shows the number of anybody else, nor its own before it is opened.
        own = {sent[id_]["qq"]} if item["contact_info"] else set()
        assert set(_QQ.findall(json.dumps(item))) <= own
    assert shown


def own_contact(id_: str, resume: dict[str, Any]) -> dict[str, Any]:
    return {"resume_id": id_, **{name: resume[name] for name in ("name", "phone", "email", "qq")}}
