"""A resume's texts are masked together, and the originals kept and put back where the contact is unlocked."""

import copy
import json

import msgspec

from intake.record import parse_resume
from store.resumes.masked_texts import DATES, masked_body, opener, reveal
from store.resumes.resume_record import Resume

BODY = {
    "self_evaluation": "林晚照，微信 lin_wz90",
    "works": [{"job_desc": "开发"}, {"job_desc": "电话13800001111", "start_time": "2020-01", "salary": 8000}],
    "job_target": {"salary": "8000-12000", "enroll_time": "2024-03-05 09:08:07"},
    "age": 28,
    "education": [],
}
CONTACT = {"name": "林晚照", "phone": "2024-03-05 09:08:07", "email": "", "qq": ""}


def test_the_originals_stand_by_their_paths_and_the_record_stays_as_it_was():
    before = copy.deepcopy(BODY)
    body, originals = masked_body(BODY, CONTACT)
    assert before == BODY
    assert originals == {"self_evaluation": "林晚照，微信 lin_wz90", "works/1/job_desc": "电话13800001111"}
    assert body == {
        **BODY,
        "self_evaluation": "***，微信 ***",
        "works": [{"job_desc": "开发"}, {**BODY["works"][1], "job_desc": "电话***"}],
    }
    assert masked_body(body, CONTACT) == (body, {})


def test_what_has_nothing_to_mask_stays():
    assert masked_body({"address": "北京", "works": []}, {}) == ({"address": "北京", "works": []}, {})
    assert masked_body({}, CONTACT) == ({}, {})


def test_dates_are_no_texts():
    assert {"start_time", "end_time", "enroll_time", "last_contact"} == DATES


def test_a_resume_is_revealed_where_its_texts_are_and_nowhere_else():
    body, originals = masked_body(BODY, CONTACT)
    resume = reveal(msgspec.convert(body, Resume), originals)
    assert msgspec.to_builtins(resume) == msgspec.to_builtins(msgspec.convert(BODY, Resume))
    shorter = msgspec.convert({**body, "works": []}, Resume)
    assert reveal(shorter, {**originals, "unknown": "x"}).works == []


def test_an_arriving_resume_is_masked_and_its_originals_go_with_the_contact():
    sent = {
        "source": "s",
        "source_id": "1",
        "name": "林晚照",
        "self_evaluation": "我是林晚照",
        "address": "北京",
    }
    resume = parse_resume(json.dumps(sent).encode())
    assert (resume.body["self_evaluation"], resume.body["address"]) == ("我是***", "北京")
    assert resume.contact["texts"] == {"self_evaluation": "我是林晚照"}
    assert "texts" not in parse_resume(json.dumps({**sent, "self_evaluation": "会计"}).encode()).contact


def test_who_or_what_is_masked_makes_no_difference_to_what_is_read(analyzer):
    def profile(name, phone, mail):
        sent = {
            "source": "s",
            "source_id": "1",
            "name": name,
            "phone": phone,
            "email": mail,
            "job_target": {"job_career": f"Python开发工程师 {name}"},
            "self_evaluation": f"{name}，精通Python和MySQL，电话{phone}，邮箱{mail}，熟悉Linux",
        }
        return analyzer.resume(parse_resume(json.dumps(sent).encode()).body)

    one = profile("林晚照", "13800001111", "lin.java@spring.com")
    assert one == profile("高数据", "一三九零零零零二二二二", "redis@golang.cn")
    assert {"python", "mysql", "linux"} <= one.terms.keys()
    assert not {"java", "spring", "lin"} & one.terms.keys()


def test_pieces_of_a_revealed_resume_show_the_same_of_the_original():
    long = "软件工程与人工智能应用方向 13800001111 的本科专业"
    sent = {
        "works": [{"position_title": " Python开发 13800001111"}],
        "education": [{"major": long}],
        "hr_evaluate": "13800001111",
    }
    body, originals = masked_body(sent, {})
    resume = msgspec.convert(body, Resume)
    masked = resume.education[0].major
    opened = opener(resume, originals)
    reveal(resume, originals)
    assert opened("Python开发 ***") == "Python开发 13800001111"
    assert opened(masked[:20]) == long[:20]
    assert opened("***") == "13800001111"
    assert [opened(piece) for piece in ("Python开发", "Java ***", "Python", "")] == [
        "Python开发",
        "Java ***",
        "Python",
        "",
    ]
    assert opener(resume, {})("Python开发 ***") == "Python开发 ***"
