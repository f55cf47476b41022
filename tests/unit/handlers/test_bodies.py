"""From bytes to records: what is wrong is said of every field, in Chinese; nothing else passes."""

import json
from typing import Annotated, Literal
from urllib.parse import urlencode

import msgspec
import pytest

from engine.matching.lexicon.experience import month
from handlers.api.bodies import decode_body, decode_query, parameter_pairs
from handlers.api.contract import FORM, JSON
from intake.record import parse_resume
from runtime.decoding import Id, InvalidFields, decode_json
from tests.growth import takes_squares
from tests.support import each


class Row(msgspec.Struct):
    n: int = 0


class Record(msgspec.Struct):
    name: str
    age: int = 0
    tags: list[str] = []
    rows: list[Row] = []


def errors_of(call, *args, **kwargs):
    with pytest.raises(InvalidFields) as caught:
        call(*args, **kwargs)
    return caught.value.errors


def test_every_wrong_field_is_named_at_once():
    body = b'{"age": "x", "tags": [1], "rows": [{"n": 1}, {"n": "y"}]}'
    assert errors_of(decode_json, Record, body) == {
        "name": ["必填"],
        "age": ["应为整数"],
        "tags": ["第 1 项：应为文本"],
        "rows": ["第 2 项 n：应为整数"],
    }


@each(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"name": NaN}',
        b'{"name": "\xff"}',
        b'{"name": "\\ud800"}',
        b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"name": 1e999}',
    ],
)
def test_what_is_no_strict_json_object_is_refused(body):
    assert errors_of(decode_json, Record, body)


def test_nul_is_refused_wherever_it_stands():
    assert errors_of(decode_json, Record, b'{"name": "a", "tags": ["b\\u0000"]}') == {
        "tags": ["含有无效字符"]
    }


def test_unknown_fields_are_ignored_or_refused():
    assert decode_json(Record, b'{"name": "a", "$where": 1}') == Record("a")
    assert errors_of(decode_json, Record, b'{"name": "a", "$where": 1}', unknown="refuse") == {
        "$where": ["未知字段"]
    }


def test_a_form_and_json_are_taken_alike():
    form = decode_body(Record, "name=王&x=1".encode(), "application/x-www-form-urlencoded; charset=utf-8")
    assert form == decode_body(Record, '{"name": "王"}'.encode(), "application/json") == Record("王")


def test_a_repeated_or_broken_form_field_is_refused():
    assert "name" in errors_of(decode_body, Record, b"name=a&name=b", FORM)
    assert errors_of(decode_body, Record, b"name=%ff", FORM)


def resume(**fields):
    return json.dumps({"source": "s", "source_id": "1", "works": [{}], **fields}).encode()


@each(
    "fields, named",
    [
        ({"source": ""}, "source"),
        ({"source_id": None}, "source_id"),
        ({"works": None}, "job_target"),
        ({"age": "28"}, "age"),
        ({"age": 2**70}, "age"),
        ({"age": -1}, "age"),
        ({"age": 28.5}, "age"),
        ({"work_years": [5]}, "work_years"),
        ({"work_years": -3}, "work_years"),
        ({"works": [{"start_time": "很久以前"}]}, "works"),
        ({"works": [{}, {"end_time": "2020-13"}]}, "works"),
        ({"works": [{}] * 201}, "works"),
        ({"education": [{}] * 51}, "education"),
        ({"education": {"school": "x"}}, "education"),
        ({"self_evaluation": "x" * 100_001}, "self_evaluation"),
        ({"self_evaluation": "a\0b"}, "self_evaluation"),
        ({"last_contact": "yesterday"}, "last_contact"),
        ({"last_contact": "2021-02-01 10:00:00\n"}, "last_contact"),
        ({"works": [{"start_time": "2021-03\n"}]}, "works"),
        ({"education": [{"end_time": "2021-02-31"}]}, "education"),
        ({"job_target": {"enroll_time": "2021-02-30"}}, "job_target"),
        ({"contact_status": "hidden"}, "contact_status"),
        ({"send_to": ["xyz"]}, "send_to"),
        ({"send_to": "0" * 24}, "send_to"),
        ({"job_target": {"salary": {"$gt": 0}}}, "job_target"),
    ],
)
def test_a_bad_resume_names_the_field(fields, named):
    assert named in errors_of(parse_resume, resume(**fields))


DATES = (
    "2019|2020.3|2020.03|2017/7|2017-7|2017-07|2019年3月|2019年|2019 年 3 月|2019年3月5日|2019-03-01|2019/3/1"
    "|2019.12|201903|03/2019|Mar 2019|March 2019|MAR. 2019| 2019-03 "
)
NOW = "现在|至今|今|目前|Present|present|PRESENT|now|Now|Current|To Date|"


@each("typed", f"{DATES}|{NOW}".split("|"))
def test_dates_of_works_and_schools_come_as_people_write_them(typed):
    dates = {"start_time": typed, "end_time": typed}
    body = parse_resume(resume(works=[dates], education=[dates])).body
    for entry in (body["works"][0], body["education"][0]):
        assert (entry["start_time"], entry["end_time"]) == (typed, typed)
    assert (month(typed) is not None) == (typed in DATES.split("|")), "the engine reads what is taken in"


NO_DATES = (
    "很久以前|2019-13|2019.0|2019年13月|2019-02-31|2019/2/30|2019年2月30日|19-3|2019-3-|20190|13/2019"
    "|Foo 2019|三年|2019-2021|2019至今|10000000001|2019-03 电话10000000001|-|2019-03\n|0|5年|nowhere"
)


@each("typed", NO_DATES.split("|"))
def test_what_is_no_date_names_the_list_and_the_entry(typed):
    for name in ("works", "education"):
        for field in ("start_time", "end_time"):
            errors = errors_of(parse_resume, resume(**{name: [{}, {field: typed}]}))
            assert errors.keys() == {name}  # the field is said in the message alone
            assert errors[name][0].startswith(f"第 2 项 {field}：")
            assert "应为日期" in errors[name][0] or "没有这一天" in errors[name][0]


@pytest.mark.parametrize(("start", "part", "end"), [("", " ", "x"), ("2019", " ", "x"), ("", "2019 ", "")])
def test_a_long_text_is_refused_as_a_date_at_once(start, part, end):
    def refuse(size: int) -> None:
        text = start + part * (size // len(part)) + end
        assert errors_of(parse_resume, resume(works=[{"start_time": text}]))

    assert not takes_squares(refuse, 100_000)


@pytest.mark.parametrize("years", [5, 2.5, "5年", "3-5年", "应届", "", None])
def test_years_of_work_come_as_people_write_them(years):
    assert parse_resume(resume(work_years=years)).body["work_years"] == ("" if years is None else years)


class Asked(msgspec.Struct):
    size: Annotated[int, msgspec.Meta(ge=1, le=50)] = 10
    start: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    sort: Literal["time", "score"] = "time"
    latest: Literal[0, 1] = 0
    days: Literal[7, 15, 30] | None = None
    area: Annotated[str, msgspec.Meta(max_length=5)] = ""
    feed_id: Id | None = None


class Needed(msgspec.Struct):
    feed_id: Id
    good: bool


def asked(**arguments):
    return decode_query(Asked, {name: [value.encode()] for name, value in arguments.items()})


def test_parameters_have_their_types_and_blanks_count_as_not_given():
    assert asked(size=" 5 ", latest="1", sort="score", days="", area=" 北京 ") == Asked(
        size=5, latest=1, sort="score", area="北京"
    )


def test_every_wrong_parameter_is_named_at_once():
    errors = errors_of(asked, size="x", start="-1", sort="best", latest="2", days="8", area="123456")
    assert errors == {
        "size": ["应为整数"],
        "start": ["不能小于 0"],
        "sort": ["应为 time、score 之一"],
        "latest": ["应为 0、1 之一"],
        "days": ["应为 7、15、30 之一"],
        "area": ["长度不能超过 5"],
    }


@each("text", ["9" * 30, "１２", "0x10", "1e1", "+5", "5.0", "null", "true", "1_0"])
def test_only_plain_digits_are_a_number(text):
    assert errors_of(asked, size=text).keys() == {"size"}


def test_a_repeated_parameter_is_refused_even_if_one_is_empty():
    for values in ([b"1", b"1"], [b"1", b""]):
        assert errors_of(decode_query, Asked, {"size": values}) == {"size": ["重复的参数"]}


def test_parameters_that_are_no_text_are_refused_and_unknown_ones_ignored():
    assert errors_of(decode_query, Asked, {"area": [b"\xff"]}) == {"area": ["不是 UTF-8 文本"]}
    assert errors_of(decode_query, Asked, {"area": [b"a\0"]}) == {"area": ["含有无效字符"]}
    assert decode_query(Asked, {"other": [b"\xff"]}) == Asked()


def test_an_id_is_24_hex_digits_in_one_spelling():
    assert asked(feed_id="A" * 24).feed_id == "a" * 24
    for text in ("xyz", "a" * 23, "a" * 25, "a" * 24 + "\n0"):
        assert errors_of(asked, feed_id=text) == {"feed_id": ["应为 24 位十六进制编号"]}


def test_a_form_writes_numbers_and_truth_as_texts_and_json_does_not():
    for text, truth in (("true", True), ("1", True), ("false", False), ("0", False)):
        form = f"feed_id={'a' * 24}&good={text}".encode()
        assert decode_body(Needed, form, "application/x-www-form-urlencoded").good is truth
    assert errors_of(decode_body, Needed, b"good=maybe", FORM) == {
        "feed_id": ["必填"],
        "good": ["应为true 或 false"],
    }
    body = json.dumps({"feed_id": "a" * 24, "good": "true"}).encode()
    assert errors_of(decode_body, Needed, body, "application/json").keys() == {"good"}


def test_a_form_writes_lists_and_objects_as_json():
    body = urlencode({"name": "[a]", "tags": '["x", "y"]', "rows": '[{"n": 1}]'}).encode()
    assert decode_body(Record, body, FORM) == Record("[a]", tags=["x", "y"], rows=[Row(1)])
    assert errors_of(decode_body, Record, b"name=a&tags=[1]", FORM) == {"tags": ["第 1 项：应为文本"]}
    assert errors_of(decode_body, Record, b"name=a&tags=[", FORM) == {"tags": ["应为列表"]}
    assert errors_of(decode_body, Record, b"name=a&rows=" + b"[" * 50_000, FORM).keys() == {"rows"}


def test_what_can_be_a_text_or_a_list_is_a_list_only_where_it_is_json():
    class Either(msgspec.Struct):
        words: list[str] | str = ""

    for text, words in (
        ("[急]后端,测试", "[急]后端,测试"),
        ('["急","后端"]', ["急", "后端"]),
        ("a,b", "a,b"),
    ):
        assert decode_body(Either, urlencode({"words": text}).encode(), FORM).words == words


def test_a_form_with_unknown_fields_is_refused_where_json_is():
    assert errors_of(decode_body, Record, b"name=a&nmae=b", FORM, unknown="refuse") == {"nmae": ["未知字段"]}


def test_parameters_in_a_body_are_a_form_or_json():
    body = b'{"size": 5, "area": "x", "days": null, "a": []}'
    assert sorted(parameter_pairs(Asked, body, JSON)) == [("area", "x"), ("size", "5")]
    assert parameter_pairs(Asked, b"size=5", FORM) == [("size", "5")]
    assert parameter_pairs(Asked, b"size=5", "text/plain") == []
    wrong = b'{"size": [5], "area": {"$ne": ""}}'
    assert errors_of(parameter_pairs, Asked, wrong, JSON).keys() == {"size", "area"}
    assert errors_of(parameter_pairs, Asked, b"[1]", JSON).keys() == {"body"}
    for broken in (b"1e400", rb'"\ud800"', b"1" + b"0" * 5_000, b"NaN", b"[" * 90_000):
        assert errors_of(parameter_pairs, Asked, b'{"size": ' + broken + b"}", JSON)


@pytest.mark.parametrize("unknown", ["ignore", "refuse"])
def test_a_body_of_a_hundred_thousand_fields_is_refused_unread(unknown):
    body = json.dumps({f"k{number}": 1 for number in range(80_000)}).encode()
    many = {"body": ["字段过多"]}
    assert errors_of(decode_body, Record, body, JSON, unknown=unknown) == many
    assert errors_of(parameter_pairs, Record, body, JSON) == many
    long = json.dumps({"name": ":" * 27_000}).encode()
    assert decode_body(Record, long, JSON, unknown=unknown).name == ":" * 27_000
