"""Whoever a colleague names in a comment is told, once, and only if they see the person."""

from dataclasses import replace

import pytest

from tests.api.company.team import register, share
from tests.mail_server import link_in
from tests.support import PYTHON_FEED, Hr, python_resume


@pytest.fixture
def settings(settings, mail_server):
    return replace(
        settings,
        smtp_url=f"smtp://127.0.0.1:{mail_server.port}",
        public_url="https://talent.example.com",
        quiet_hours="00:00-00:00",
    )


async def member(hr, mail_server, email):
    number = len(mail_server.letters) + 1
    await hr.post("/company/invite/", {"email": email, "role": "recruiter"})
    token = link_in(await mail_server.letter(number)).partition("#join=")[2]
    answer = await register(hr.port, email, invite=token)
    return Hr.logged_in(hr.port, email, answer["auth_info"])


async def test_a_colleague_who_is_named_gets_a_letter_that_leads_to_the_person(hr, server, mail_server):
    wei, lan = [await member(hr, mail_server, f"{name}@example.com") for name in ("wei", "lan")]
    await hr.post("/hr/profile/", {"name": "小王"})
    feed = await hr.submit(**PYTHON_FEED)
    await share(hr, feed, {wei: "view"})
    (resume,) = await hr.scored(python_resume(phone="13700001234"))
    before = len(mail_server.letters)
    content = f"@[{wei.user}] @[{lan.user}] @[{hr.user}] @[{'0' * 24}] 你看看，13700001234"
    comment = {"content": content, "client_id": "mention-1"}
    for _ in range(2):
        answer = await hr.post(f"/resumes/comment/{resume}", comment)
        assert len(answer["comment_log"]) == 1
    letter = await mail_server.letter(before + 1)
    assert letter["To"] == "wei@example.com"
    text = letter.get_body(("plain",)).get_content()
    assert f"/#/feeds/{feed}/resumes/{resume}" in text
    assert "小王在备注里提到你" in letter["Subject"]
    assert "1370000" not in text + str(letter["Subject"])
    (first, second) = (await hr.post(f"/resumes/comment/{resume}", {"content": f"@[{wei.user}] 再看看"}))[
        "comment_log"
    ]
    assert (first["by"]["name"], second["by"]["id"]) == ("小王", hr.user)
    await mail_server.letter(before + 2)
    waiting = [row["key"] for row in await server.stores.jobs.of_kind("mention")]
    assert not [key for key in waiting if key.startswith(hr.user)], "nobody tells oneself"
    assert {letter["To"] for letter in mail_server.letters[before:]} == {"wei@example.com"}
