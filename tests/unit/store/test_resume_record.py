"""One definition of a resume: what is sent fills it, what is stored is filled by it, and digests stay."""

import json

import msgspec
import pytest

from intake.record import ResumeRecord, parse_resume
from runtime.decoding import InvalidFields
from store.resumes.resume_record import Education, JobTarget, Resume, Work

FULL = {
    "source": "site",
    "source_id": "2",
    "name": "王小明",
    "phone": "10000000001",
    "email": "w@example.com",
    "qq": "10001",
    "contact_status": "secret",
    "job_target": {
        "job_career": "Python开发",
        "salary": 8000,
        "job_category": "全职",
        "job_hunting_state": "在职",
        "job_industry": "互联网",
        "enroll_time": "2025-01-02",
        "expectation_area": "北京",
    },
    "education": [
        {
            "school": "清华大学",
            "start_time": "2012-09",
            "end_time": "2016-07-01",
            "degree": "本科",
            "major": "软件工程",
        }
    ],
    "works": [
        {
            "salary": "8-12K",
            "company_category": "上市公司",
            "start_time": "2016-08",
            "position_category": "后端",
            "company_scale": "500人",
            "compnay_name": "甲乙丙",
            "industry_category": "互联网",
            "position_title": "工程师",
            "job_desc": "开发",
            "duration": "5年",
            "end_time": "至今",
        }
    ],
    "address": "北京",
    "gender": "男",
    "age": 28,
    "self_evaluation": "熟悉Linux",
    "work_years": 2.5,
    "hr_evaluate": "好",
    "last_contact": "2025-01-02 03:04:05",
    "send_to": ["a" * 24],
    "partner_for": ["B" * 24],
    "unknown": 1,
}
SMALL = {"source": "site", "source_id": "1", "self_evaluation": "会计"}
NULLS = {
    "source": "site",
    "source_id": "3",
    "job_target": {"salary": None, "enroll_time": None},
    "education": None,
    "works": [{"salary": 3.0, "end_time": None}],
    "age": None,
    "work_years": None,
    "name": None,
    "contact_status": None,
    "send_to": [],
}
STATUSES = ({}, {"contact_status": "public"}, {"contact_status": "secret"})


def parsed(fields):
    return parse_resume(json.dumps(fields, ensure_ascii=False).encode())


@pytest.mark.parametrize(
    ("fields", "digest"),
    [
        (SMALL, "1c2718bf028bd8a7f540547e5a21faec6d49e1d6bafd96e6a0829ff0fedf4ae0"),
        (FULL, "f5e3968140ed16ff204e43c59d90ec74d16b9422ba96b278f7c4651a7460cde4"),
        (NULLS, "e60f56d49e19faf0cec84c48eb3f2675b698143c7af25d8bf4e80e9f56b3131a"),
    ],
)
def test_a_line_has_the_digest_that_the_first_release_gave_it(fields, digest):
    # Another digest would make every resume that is sent again an update instead of a duplicate.
    assert parsed(fields).is_as_stored(digest)


def test_a_status_that_is_left_out_is_that_of_the_stored_resume():
    left_out, public, secret = (parsed(SMALL | status) for status in STATUSES)
    assert left_out.contact.keys() == public.contact.keys() - {"status"}
    # Whatever was stored, nothing else differs; and what it was updated to says nothing of the status.
    for stored in (left_out.digest, left_out.update_digest, public.digest, secret.digest):
        assert left_out.is_as_stored(stored)
    for sent in (public, secret):
        assert sent.update_digest == sent.digest
        assert not sent.is_as_stored(left_out.update_digest)
    assert not public.is_as_stored(secret.digest)


def test_consent_and_collection_count_where_they_are_sent():
    origin = {"consent": "本人在网站上勾选同意", "collected_at": "2025-01-02"}
    assert parsed(SMALL | dict.fromkeys(origin)).digest == parsed(SMALL).digest
    assert parsed(SMALL).origin == {}
    sent = parsed(SMALL | origin)
    assert sent.origin == origin | {"collected_at": "2025-01-02 00:00:00"}
    assert sent.digest != parsed(SMALL).digest
    for name, value in (("consent", "x" * 2001), ("collected_at", "2025-02-30"), ("collected_at", "昨天")):
        with pytest.raises(InvalidFields) as refused:
            parsed(SMALL | {name: value})
        assert refused.value.errors.keys() == {name}


def test_whom_a_site_calls_the_same_is_found_by_that_where_it_is_sent():
    assert parsed(SMALL | {"person_id": None}).digest == parsed(SMALL).digest
    sent = parsed(SMALL | {"person_id": " 7:8 "})
    assert sent.digest != parsed(SMALL).digest
    assert sent.reach == [*parsed(SMALL).reach, f"s:{SMALL['source']}:7:8"]
    with pytest.raises(InvalidFields):
        parsed(SMALL | {"person_id": "x" * 201})


def test_a_full_resume_comes_back_as_it_was_sent():
    body = parsed(FULL).body
    sent = {name: FULL[name] for name in body}
    assert body == {**sent, "job_target": {**sent["job_target"], "enroll_time": "2025-01-02 00:00:00"}}
    assert list(body) == list(Resume().__struct_fields__)
    for part, kind in ((body["job_target"], JobTarget), (body["education"][0], Education)):
        assert list(part) == list(kind.__struct_fields__)
    assert list(body["works"][0]) == list(Work.__struct_fields__)


def test_null_counts_as_absent():
    assert parsed(NULLS).body == {
        **msgspec.to_builtins(Resume()),
        "works": [{**msgspec.to_builtins(Work()), "salary": 3.0}],
    }


def test_every_field_of_a_resume_may_be_sent():
    kinds = {field.name: field.type for field in msgspec.structs.fields(ResumeRecord)}
    assert kinds.keys() > set(Resume().__struct_fields__)


def test_what_is_stored_is_filled_with_defaults_and_what_is_not_defined_is_left_out():
    stored = {"works": [{"position_title": "会计", "later": 1}], "job_target": {}, "age": 30, "later": 1}
    resume = msgspec.convert(stored, Resume)
    assert resume == Resume(works=[Work(position_title="会计")], age=30)
    assert msgspec.convert({}, Resume) == Resume(job_target=JobTarget(), education=[], works=[])


def test_a_stored_value_beyond_todays_bounds_can_still_be_read():
    stored = {"self_evaluation": "长" * 200_000, "age": 200, "last_contact": "昨天"}
    assert msgspec.to_builtins(msgspec.convert(stored, Resume)).items() >= stored.items()


def test_what_people_write_in_place_of_a_phone_is_none():
    def phone_of(text):
        sent = {"source": "s", "source_id": "1", "self_evaluation": "会计", "phone": text}
        return parse_resume(json.dumps(sent).encode()).contact["phone"]

    assert [phone_of(text) for text in ("不肯给", "一直不给", "见附件", "")] == [""] * 4
    kept = ["138 0000 1234", "０１０－１２３４", "一三八零零零零一二三四"]
    assert [phone_of(text) for text in kept] == kept
