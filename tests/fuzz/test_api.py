"""Requests made from `/openapi.json`, good and bad ones, by schemathesis.

500 in a normal run, always the same ones; `TALENTFEED_FUZZ=long` makes 100,000.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections import Counter
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from handlers.api.contract import FORM, MULTIPART
from handlers.api.openapi import describe
from handlers.routes import ROUTES, VERSION
from tests.fuzz.api_scene import Scene
from tests.support import INGEST_TOKEN

IS_LONG = os.environ.get("TALENTFEED_FUZZ") == "long"
ROUNDS, CASES_A_ROUND = (20, 5_000) if IS_LONG else (1, 300)
WITHIN_S = 60
"""No answer may take longer: a server of the tests has 40 s for it, and then says that it cannot."""

# How often, where it is not once: what has many parameters more often, what has none less.
WEIGHTS = {
    "/special_feed/submit_feed/": 3,
    "/special_feed/feed_list/{feed_id}": 3,
    "/resumes/": 3,
    "/special_feed/preview/": 2,
    "/resume/follow/list/": 2,
    "/feed/export/{feed_id}.csv": 2,
    "/resumes/mark/{resume_id}": 2,
    "/resumes/comment/{resume_id}": 2,
    "/hr/register/": 1,
    "/hr/logout/": 0.3,
    "/special_feed/page/": 0.3,
    "/special_feed/edit_feed/": 0.3,
    "/docs/{name}": 0.3,
    # No app is set there, so all of them end early.
    **{f"/hr/wechat/{name}/": 0.3 for name in ("login", "exchange", "start", "callback", "bind", "unbind")},
    "/special_feed/ws/": 0.05,
    # Operators are few, and have a budget that no setting raises.
    **{route.path: 0.3 for route in ROUTES if route.path.startswith("/admin/api/")},
    # Each answer takes as long as a letter would, so that it tells nothing.
    **dict.fromkeys(("/hr/password/forgot/", "/hr/activate/resend/"), 0.2),
}
FIXED = 0.05
"""Of an operation that takes nothing at all."""

# Values that a schema cannot think of; a case has some of them in place of its own.
SPICE: dict[str, list[Any]] = {
    "user_email": ["a@example.com", "b@例子.中国", "fuzz@example.com"],
    "username": ["fuzz@example.com", "FUZZ@example.com "],
    "password": ["correct horse battery", "x" * 128],
    "company_name": ["示例公司"],
    "phone": ["010-12345678", "+86 138 0000 0000"],
    "title": ["Python开发", "护士", "C++/Go 后端（急）", "a" * 100],
    "keywords": ["python,mysql", "python、django；flask", ["python", "golang"], "王", "大学"],
    "expect_area": ["北京,上海", ["广州"]],
    "talent_level": ["中级,高级"],
    "job_desc": ["Python\nHtml\nJS"],
    "company_prefer": [[1, 2], "1,2", [{"id": 2, "name": "x"}]],
    "job_domain": [[7, 14], [{"id": 7, "category": "O2O"}]],
    "occupations": [["护士"], "护士,会计", [{"id": "护士", "name": "护士"}]],
    "words": ["前端", "java"],
    "salary_min": [0, 3000],
    "salary_max": [5000, 1_000_000],
    "content": ["=1+1", "聊过，不错", "<script>", "\u2028"],
    "mark_name": ["已面试", " x "],
    "remind_on": ["2099-12-31", "2024-02-30", ""],
    "feedback": ["salary_high,area", " title , "],
    "current_area": ["北京", "海淀", "(", "\\"],
    "job_career": ["Python开发工程师", "护士"],
    "salary": ["8-12K", "15K以上", 8000, 0.5, "面议"],
    "work_years": ["3-5年", "应届", 5, 0.5],
    "self_evaluation": ["熟悉Python、MySQL、Linux"],
    "job_target": [{"job_career": "Python开发", "salary": "8-12K", "expectation_area": "北京"}],
    "start_time": ["2020-01", "2024-02-30", "至今"],
    "source": ["fuzz"],
    "source_id": ["1", "2", "3", "😀"],
    "search_fields": ["name", "all", "school"],
    "start": [0, 1],
}
# Refusals of well-formed requests: what types cannot say.
BUSINESS = re.compile(
    "含有无效字符|没有这一天|至少填写一项|没有这个职位|应为职位编号|最多 [0-9]+ 条|链接无效或已过期"
    "|不是有效的 WebSocket 握手|请给出 id|没有开通这种登录方式|请给出 app|没有开通这种提醒"
    "|请给出 ids|应为上一页给出的 next|请选择一个表格文件|不能早于今天|不能小于最少年数"
    "|标记时必填|必填|资料保密|个有效的链接|没有这个时间|与 remind_on 不是同一天|可以带面试时间"
    "|应为另一份简历|应为另一位成员|同一位成员只能出现一次|已被删除，不再接收|只发送一个文件时才能填写|应为文件，须带文件名|文件名不是有效的"
)
_ID = re.compile("[0-9a-fA-F]{24}")
_LEAK = re.compile(
    r"Traceback|File \"|\b[A-Z]\w+(Error|Exception|Warning)\b|/site-packages/|msgspec|bson|0x[0-9a-f]{8}"
)

DOCUMENT = describe(ROUTES, version=VERSION)
CONFIG = {
    "cache": {"enabled": False},
    "checks": {"negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 413]}},
}
load_all_checks()
SECURITY = {
    f"{method.upper()} {path}": [name for way in operation.pop("security") for name in way]
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
"""Who may; not left to schemathesis, which would take a missing header for what is wrong with a case."""
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT, config=SchemathesisConfig.from_dict(CONFIG))
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}


def takes_something(operation: Any) -> bool:
    return bool(operation.path_parameters or operation.query or operation.body)


def shares() -> dict[str, int]:
    """How many cases of a round each operation gets."""
    weights = {
        label: WEIGHTS.get(operation.path, 1 if takes_something(operation) else FIXED)
        for label, operation in OPERATIONS.items()
    }
    whole = sum(weights.values())
    return {label: round(CASES_A_ROUND * weight / whole) + 1 for label, weight in weights.items()}


SHARES = shares()
COUNTED: Counter[str] = Counter()
OUTCOMES: Counter[str] = Counter()


class Verdicts:
    """What was wrong, each kind of it once, with a request that shows it."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def add(self, kind: str, case: Case, answer: Any, more: str = "") -> None:
        request = answer.request
        shown = f"{request.method} {request.url}\n{dict(request.headers)}\n{(request.body or b'')[:2000]!r}"
        self.found.setdefault(kind, f"{shown}\n-> {answer.status_code} {answer.text[:600]}\n{more}")


class Player:
    """Sends the cases of one operation."""

    def __init__(self, scene: Scene, operation: Any) -> None:
        self.scene = scene
        self.operation = operation
        self.verdicts = Verdicts()
        scene.mend()

    def play(self, case: Case, dice: int) -> None:
        """Send a case as somebody, with ids that exist, and judge the answer."""
        chance = Random(dice)
        self._lend(case, chance)
        who, headers = self._identity(chance)
        is_form = case.media_type == FORM and isinstance(case.body, dict)
        as_ours = {"data": as_form(case.body)} if is_form and case.meta.generation.mode.is_positive else {}
        try:
            raw = case.call(
                base_url=self.scene.base_url,
                session=self.scene.session,
                headers=headers,
                timeout=WITHIN_S,
                **as_ours,
            )
        except requests.RequestException as error:
            self.verdicts.found.setdefault("no answer", f"{case.as_curl_command()}\n{error}")
            return
        answer = self._read(case, raw)
        COUNTED[self.operation.label] += 1
        OUTCOMES[f"{raw.status_code} {answer.get('status', '')}".strip()] += 1
        self._judge(case, raw, answer, who)
        if raw.status_code == 200 and who == "hr":
            self.scene.learn(self.operation.path, answer)
        if self.operation.path == "/hr/logout/" and raw.status_code == 200:
            self.scene.guest.log_in()

    def _lend(self, case: Case, chance: Random) -> None:
        for place in (case.path_parameters, case.query, case.body):
            if isinstance(place, dict):
                self._season(place, chance, is_query=place is case.query)
        if not isinstance(case.body, (bytes, type(schemathesis.core.NOT_SET))):
            case.body = whole_numbers(case.body)

    def _season(self, fields: dict[str, Any], chance: Random, *, is_query: bool) -> None:
        for name, value in list(fields.items()):
            if name.endswith("_id") and isinstance(value, str) and _ID.fullmatch(value):
                lent = self.scene.borrow(name, self.operation.path, chance)
                if lent and chance.random() < 0.8:
                    fields[name] = lent
            elif name in SPICE and chance.random() < 0.4:
                spice = chance.choice(SPICE[name])
                fields[name] = str(spice) if is_query else spice
            elif isinstance(value, dict):
                self._season(value, chance, is_query=is_query)

    def _identity(self, chance: Random) -> tuple[str, dict[str, str]]:
        """Mostly who may; now and then somebody who may not."""
        needs = SECURITY[self.operation.label]
        who = chance.choices(["hr", "nobody", "liar", "stranger"], [90, 3, 3, 4])[0]
        if not needs:
            return "hr", {}
        if who == "nobody":
            return who, {}
        if who == "liar":
            texts = [
                "Basic",
                "Basic !",
                "Basic Og==",
                f"Basic {'A' * 600}",
                "Bearer x",
                "Digest x",
                "Basic eDp5",
            ]
            return who, {"Authorization": chance.choice(texts)}
        if needs == ["operator"]:
            # An account of recruiters is nobody there.
            is_let_in = who == "hr"
            return (who if is_let_in else "liar"), {
                "Authorization": self.scene.operator if is_let_in else self.scene.stranger.authorization
            }
        if needs == ["ingest"]:
            return "hr", {"Authorization": f"Bearer {INGEST_TOKEN}"}
        account = self.scene.hr if who == "hr" else self.scene.stranger
        if self.operation.path == "/hr/logout/":
            account = self.scene.guest
        return who, {"Authorization": account.authorization}

    def _read(self, case: Case, raw: Any) -> dict[str, Any]:
        """The JSON of an answer, which must be strict."""
        kind = raw.headers.get("content-type", [""])[0]  # a redirect is empty, and of no kind
        if not kind.startswith("application/json"):
            return {}
        try:
            answer = json.loads(
                raw.content.decode("utf-8"), parse_constant=refuse, object_pairs_hook=no_twins
            )
        except ValueError as error:
            self.verdicts.add("not strict JSON", case, raw, str(error))
            return {}
        return answer if isinstance(answer, dict) else {}

    def _judge(self, case: Case, raw: Any, answer: dict[str, Any], who: str) -> None:
        checks = [
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_headers_conformance,
            response_schema_conformance,
        ]
        if who == "hr" and not counts_as_left_out(case, raw.request.url):
            checks.append(negative_data_rejection)
        try:
            case.validate_response(raw, checks=checks)
        except FailureGroup as group:
            for failure in group.exceptions:
                assert isinstance(failure, Failure)
                self.verdicts.add(f"{failure.title} {raw.status_code}", case, raw, failure.message)
        # A body that its length already makes too large is refused whoever sends it.
        # What is no handshake at all is refused before anybody asks who sends it.
        refusals = {401, 403, 413} | ({400} if self.operation.path == "/special_feed/ws/" else set())
        if who in {"nobody", "liar"} and raw.status_code not in refusals:
            self.verdicts.add("let in", case, raw)
        if who == "stranger" and self._is_about_the_scene(case) and answer.get("status") == "ok":
            self.verdicts.add("somebody else's", case, raw)
        is_good = case.meta.generation.mode.is_positive and not has_blank_text(case.body)
        if raw.status_code == 400 and is_good and not BUSINESS.search(raw.text):
            self.verdicts.add("refused though well-formed", case, raw)
        if raw.status_code >= 400:
            words = json.dumps([answer.get("msg"), *answer.get("errors", {}).values()], ensure_ascii=False)
            if _LEAK.search(words):
                self.verdicts.add("tells of the code", case, raw)

    def _is_about_the_scene(self, case: Case) -> bool:
        return any(
            isinstance(place, dict) and place.get("feed_id") in self.scene.feeds
            for place in (case.path_parameters, case.query, case.body)
        )


def counts_as_left_out(case: Case, url: str) -> bool:
    """Whether what is wrong with a case may be something that the server takes for not given, or ignores."""
    known = {parameter.name for parameter in case.operation.query}
    body = case.body.values() if isinstance(case.body, dict) else ()
    if case.media_type == MULTIPART:  # all of it is text there, so that no value is of a wrong type
        return True
    sent = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    is_blank = any(not value.strip() for _, value in sent) or len(sent) < len(case.query)
    return is_blank or not case.query.keys() <= known or any(value is None for value in body)


def has_blank_text(body: Any) -> bool:
    """Whether a body has a text of separators alone: blanks to Python, and not to JSON Schema."""
    texts = body.values() if isinstance(body, dict) else ()
    return any(isinstance(text, str) and text and not text.strip() for text in texts)


def whole_numbers(value: Any) -> Any:
    """A body in which 3.0 is written 3, as every client writes it: to JSON Schema both are integers."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: whole_numbers(part) for name, part in value.items()}
    return [whole_numbers(part) for part in value] if isinstance(value, list) else value


def as_form(body: dict[str, Any]) -> dict[str, str]:
    """A body as a form of ours has it: what is no text is JSON, and null, which forms lack, is left out.

    OpenAPI's default, which schemathesis follows, repeats the name for each item of a list.
    """
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in body.items()
        if value is not None
    }


def refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name twice in one object")
    return dict(pairs)


@pytest.mark.parametrize("label", OPERATIONS)
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_an_operation_answers_as_described_whatever_it_is_sent(fuzzed, round_, label):
    operation = OPERATIONS[label]
    player = Player(fuzzed.scene, operation)
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    cases = good
    if takes_something(operation):
        bad = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
        cases = st.integers(0, 9).flatmap(lambda number: bad if number < 3 else good)

    @seed(zlib.crc32(f"{round_} {label}".encode()))
    @settings(
        max_examples=SHARES[label],
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, dice=st.integers(0, 2**32 - 1))
    def run(case: Case, dice: int) -> None:
        player.play(case, dice)

    run()
    assert not player.verdicts.found, "\n\n".join(
        f"## {kind}\n{shown}" for kind, shown in player.verdicts.found.items()
    )


@pytest.mark.last
def test_there_were_as_many_cases_as_promised_and_the_server_is_well(fuzzed, capsys):
    total = sum(COUNTED.values())
    with capsys.disabled():
        print(f"\n{total} cases: {dict(OUTCOMES.most_common())}")
    assert fuzzed.faults() == []
    assert fuzzed.is_ready()
    assert set(COUNTED) == set(OPERATIONS)
    assert total >= ROUNDS * CASES_A_ROUND
