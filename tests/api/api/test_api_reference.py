"""The references in `docs` say what the server's own description says, and so does the table `fields.tsv`."""

import re

import pytest

from tests.api.api.api_reference import (
    answer_paths,
    expand,
    parameter_names,
    paths_of,
    read_reference,
    table_name,
)
from tests.api.api.fields import read_table
from tests.api.description import Description
from tests.support import each

REFERENCE = read_reference()
TABLE = read_table()
ENDPOINTS = [heading for heading, section in REFERENCE.items() if section.operations]
FRAMES = [name for name in TABLE if name.startswith("socket/")]
# Nearly every endpoint can answer these: the reference says so once.
COMMON = {"405", "413", "415", "429", "503"}
# What takes the same as another one: the reference lists it once.
SAME_BODY = {
    "POST /special_feed/preview/": "POST /special_feed/submit_feed/",
    "POST /feed/export/{feed_id}/link/": "GET /feed/export/{feed_id}.csv",
}
# An unlocked contact in a list of people whom one keeps has the fields of any contact but this one.
NEVER_SENT = {
    ("GET", path): {"data[].resume.contact_info.resume_id"}
    for path in ("/resume/follow/list/", "/resumes/marked/")
}
# Answers of the table that are no endpoint's own, or whose path is another's too.
ANSWERS = {
    "refusal": "Errors",
    "resumes": "POST /resumes/",
    "resumes/delete": "DELETE /resumes/{resume_id}",
    "company/invite": "POST /company/invite/",
    "company/invite/token": "GET /company/invite/{token}/",
    "company/members": "POST /company/members/{member_id}/",
    "company/remove": "POST /company/members/{member_id}/remove/",
    "special_feed/feed_list/claimed": "GET /special_feed/feed_list/{feed_id}",
    "handover": "GET, POST /handover/",
    "handover/made": "GET, POST /handover/",
    "handover/revoke": "POST /handover/{handover_id}/revoke/",
    "review": "POST /review/{link}/",
    "review/refused": "POST /review/{link}/",
    "review/verdict": "POST /review/{link}/{resume_id}/",
}


READ: list[Description] = []


@pytest.fixture
def description(request, io_loop):
    """That of the first test's server, as all of them describe themselves alike."""
    if not READ:
        api = request.getfixturevalue("api")
        READ.append(io_loop.run_sync(lambda: Description.of(api)))
    return READ[0]


def test_the_reference_has_a_section_for_every_operation_and_no_other(description):
    told = [operation for heading in ENDPOINTS for operation in REFERENCE[heading].operations]
    assert len(told) == len(set(told))
    assert set(told) == {(method, path) for method, path, _ in description.operations()}


def test_every_section_has_the_parameters_of_its_operations(description):
    for heading in ENDPOINTS:
        there = {
            name
            for method, path, operation in description.operations()
            if (method, path) in REFERENCE[heading].operations
            for name in parameter_names(description, operation)
        }
        assert REFERENCE[SAME_BODY.get(heading, heading)].parameters == there, heading


def test_every_section_has_the_fields_of_its_answers(description):
    for heading in ENDPOINTS:
        told = set(expand(REFERENCE, REFERENCE[heading].rows))
        for method, path, operation in description.operations():
            if (method, path) in REFERENCE[heading].operations:
                there = answer_paths(description, operation) - NEVER_SENT.get((method, path), set())
                assert told == there, heading


def test_every_section_names_the_statuses_of_its_answers(description):
    for heading in ENDPOINTS:
        for method, path, operation in description.operations():
            content = operation["responses"].get("200", {}).get("content", {}).get("application/json")
            if (method, path) in REFERENCE[heading].operations and content:
                schema = description.resolve(content["schema"])
                words = schema.get("properties", {}).get("status", {}).get("enum", [])
                told = REFERENCE[heading].text
                # Answers that are never anything but `ok` are told of once, under "Answers".
                missing = [word for word in words if f"`{word}`" not in told and words != ["ok"]]
                assert missing == [], heading


def test_every_section_names_the_refusals_of_its_operations(description):
    for heading in ENDPOINTS:
        there = {
            code
            for method, path, operation in description.operations()
            if (method, path) in REFERENCE[heading].operations
            for code in operation["responses"].keys() - COMMON
            if code >= "400"
        }
        assert REFERENCE[heading].refusals == there, heading


def test_refusals_are_described_as_they_are(description):
    refusal = description.document["components"]["schemas"]["Refusal"]
    assert {row.path for row in REFERENCE["Errors"].rows} == set(paths_of(description, refusal))
    for word in refusal["properties"]["status"]["enum"]:
        assert f"`{word}`" in REFERENCE["Errors"].text


def test_the_reference_names_no_path_that_the_server_does_not_have(description):
    known = {path.rstrip("/") for path in description.document["paths"]}
    text = "\n".join(section.text for section in REFERENCE.values())
    named = {path.rstrip("/") for path in re.findall(r"`(/[^`\s]*)`", text)}
    assert named - known == set()


def test_every_field_of_the_table_is_in_the_reference_and_in_the_description(description):
    operations = list(description.operations())
    for name in sorted(TABLE.keys() - FRAMES):
        if name in ANSWERS:
            headings = [ANSWERS[name]]
        else:
            headings = [
                heading
                for heading in ENDPOINTS
                if any(table_name(path) == name for _, path in REFERENCE[heading].operations)
            ]
        assert headings, name
        fields = {field.path for field in TABLE[name]}
        for heading in headings:
            assert fields <= set(expand(REFERENCE, REFERENCE[heading].rows)), (name, heading)
            for method, path, operation in operations:
                if (method, path) in REFERENCE[heading].operations:
                    assert fields <= answer_paths(description, operation), (name, heading)


def test_every_frame_has_its_fields_and_no_other(description):
    upgraded = description.document["paths"]["/special_feed/ws/"]["get"]["responses"]["101"]
    frames = description.resolve(upgraded["x-frames"])["discriminator"]["mapping"]
    assert {f"socket/{kind}" for kind in frames} == set(FRAMES)
    for kind, schema in frames.items():
        rows = {row.path for row in REFERENCE[kind].rows}
        assert rows == set(paths_of(description, {"$ref": schema})), kind


@each("name", FRAMES)
def test_every_field_of_a_frame_is_in_the_reference(name):
    rows = REFERENCE[name.removeprefix("socket/")].rows
    assert {field.path for field in TABLE[name]} <= {row.path for row in rows}
