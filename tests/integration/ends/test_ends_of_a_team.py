"""What a team keeps of a person, and of a colleague, ends as all else does: notes, claims, hand-overs."""

import pytest

from tests.api.company.team import colleague, invited, share
from tests.api.handover.test_handovers import hand_over, judge, listed, reviewer, seen
from tests.integration.ends.test_erasure import about, all_delivered, broken, everything
from tests.support import PYTHON_FEED, python_resume

PERSON = {
    "name": "欧阳翡翠",
    "phone": "13900654321",
    "email": "feicui.ouyang@example.com",
    "qq": "100998877",
}
CONTACT = [PERSON["phone"], PERSON["email"], PERSON["qq"]]
TOLD = f"她的电话{PERSON['phone']}，{PERSON['email']}，QQ {PERSON['qq']}"


async def places(server, needles):
    """The places where one of some texts is."""
    return {
        where
        async for where, content in everything(server)
        if any(needle.encode() in content for needle in needles)
    }


class Team:
    """An owner and a colleague in one feed, with a person and a neighbour of whom everything is noted."""

    def __init__(self, hr, server):
        self.hr, self.server, self.boss = hr, server, reviewer(server)

    async def fill(self):
        hr = self.hr
        self.wei = await colleague(hr)
        await self.wei.post("/hr/profile/", {"name": "魏某某", "phone": "010-55667788"})
        self.feed = await hr.submit(**PYTHON_FEED)
        await share(hr, self.feed, {self.wei: "work"})
        self.resume = python_resume(**PERSON)
        self.person, self.other = await hr.scored(self.resume, python_resume())
        await self.wei.post(f"/resumes/download/{self.person}", {"feed_id": self.feed})
        claim = {"feed_id": self.feed, "kind": "call"}
        for one in (self.person, self.other):
            await self.noted(one)
            assert (await self.wei.post(f"/resumes/claim/{one}", claim)).status == "ok"
        _, self.token = await hand_over(self.wei, self.feed, [self.person, self.other], note=TOLD)
        # A number that only this person's resume tells for one of QQ.
        await hand_over(self.wei, self.feed, [self.other], note=f"另一位是{PERSON['qq']}")
        for one in (self.person, self.other):
            assert (await judge(self.boss, self.token, one, "yes", comment=TOLD)).status == "ok"
        await all_delivered(self.server)
        return self

    async def noted(self, resume):
        said = f"@[{self.hr.user}] {TOLD}"
        assert (await self.wei.post(f"/resumes/comment/{resume}", {"content": said})).status == "ok"
        for one in (self.hr, self.wei):
            await one.get(f"/resumes/add_watch/{resume}", feed_id=self.feed)
        when = {"at": "2099-01-04 10:00", "minutes": 30, "kind": "phone", "note": TOLD}
        mark = {"feed_id": self.feed, "mark_name": "约面试", "good_result": True, "interview": when}
        assert (await self.wei.post(f"/resumes/mark/{resume}", mark)).status == "ok"

    async def item(self, who, resume):
        return (await who.get(f"/feed/get/{self.feed}/{resume}"))["data"]

    async def claims(self):
        company = (await self.server.stores.accounts.get(self.hr.user)).company_id
        return [one.resume for one in await self.server.stores.candidate_records.claimed(company)]


@pytest.fixture
def team(hr, server, io_loop):
    return io_loop.run_sync(Team(hr, server).fill, timeout=120)


async def test_an_erased_person_is_in_no_note_claim_or_hand_over_of_a_team(team, server):
    assert await places(server, CONTACT) >= {"candidate_records", "handovers", "contacts"}
    people = server.stores.people
    await people.erase(await people.find([f"p:{PERSON['phone']}"]))
    assert await places(server, [*CONTACT, PERSON["name"]]) == set()
    # What counts and tells for a day has their id, which is a hash.
    assert await about(server, team.person) <= {"jobs", "allowances", "redis", "suppressions"}
    assert await team.claims() == [team.other]
    assert await seen(team.boss, team.token) == [team.other]
    for answer in (
        await judge(team.boss, team.token, team.person, "no"),
        await team.hr.post(f"/resumes/claim/{team.person}", {"feed_id": team.feed, "kind": "look"}),
        await team.hr.post(f"/resumes/comment/{team.person}", {"content": "还在吗"}),
    ):
        assert answer.http == 404
    rows = (await team.hr.get("/company/audit/", size=50))["data"]
    assert team.person in {id_ for row in rows for id_ in row["resumes"]}, "who read it is still known"
    shown = [
        (await team.boss.post(f"/review/{team.token}/")).body.decode(),
        (await team.hr.get("/handover/", feed_id=team.feed)).body.decode(),
        str(await team.item(team.hr, team.other)),
    ]
    assert [one for text in shown for one in CONTACT if one in text] == []
    assert all("***" in text for text in shown)
    assert await broken(server) == []


async def test_a_copy_of_what_is_kept_has_what_was_said_by_a_hand_over(team, server):
    people = server.stores.people
    (copy,) = await people.export(await people.find([f"p:{PERSON['phone']}"]))
    assert [one["comment"] for noted in copy["noted"] for one in noted["verdicts"]] == [TOLD]
    assert len(copy["noted"]) == 2, "what the company keeps, and the colleague's favourite"
    (shown,) = copy["handed_over"]
    assert (shown["to"], shown["note"]) == ("王总", "她的电话***，***，QQ ***"), "masked when it was made"


async def test_who_turns_secret_by_another_resume_is_shown_to_no_colleague_and_by_no_link(team, server):
    assert (await team.item(team.hr, team.person))["contact_info"]["phone"] == PERSON["phone"]
    await team.hr.scored(python_resume(**PERSON, contact_status="secret"))
    for member in (team.hr, team.wei):
        assert (await team.item(member, team.person))["contact_info"] == {}
        answer = await member.post(f"/resumes/download/{team.person}", {"feed_id": team.feed})
        assert answer.status == "secret"
        found = await member.get("/resumes/search/", q=PERSON["phone"])
        assert found["data"] == []
    assert await seen(team.boss, team.token) == [team.other]
    assert (await judge(team.boss, team.token, team.person, "no")).http == 404
    refused = await team.hr.post(
        "/handover/", {"feed_id": team.feed, "resume_ids": [team.person], "to": "王总"}
    )
    assert (refused.http, list(refused["errors"])) == (400, ["resume_ids"])


async def test_a_colleague_who_deletes_their_account_leaves_what_is_the_companys(team, server):
    wei = team.wei
    assert sorted(await team.claims()) == sorted([team.person, team.other])
    await server.stores.deletions.delete(wei.user)
    assert await team.claims() == []
    assert (await team.boss.post(f"/review/{team.token}/")).status == "token_error"
    assert {row["state"] for row in await listed(team.hr, team.feed)} == {"revoked"}
    assert await places(server, ["魏某某", "010-55667788", wei.email]) == set()
    log = (await team.item(team.hr, team.person))["comment_log"]
    assert [one["by"]["id"] for one in log] == [wei.user] * 2, "a comment, and what was said by the link"
    rows = (await team.hr.get("/company/audit/", size=50))["data"]
    assert wei.user in {row["by"]["id"] for row in rows}
    assert await broken(server) == []


async def test_a_company_ends_with_its_last_account_and_all_of_it(team, server):
    hr = team.hr
    await hr.post("/company/", {"name": "将要消失的公司"})
    await invited(hr, "awaited@example.com")
    for one in (team.wei, hr):
        await server.stores.deletions.delete(one.user)
    texts = ["将要消失的公司", "awaited@example.com", hr.email, "她的电话", "约面试", PYTHON_FEED["job_desc"]]
    assert await places(server, texts) == set()
    database = server.stores._database
    for name in ("handovers", "candidate_records", "invitations", "companies", "accounts", "results"):
        assert await database[name].count_documents({}) == 0, name
    assert (await team.boss.post(f"/review/{team.token}/")).status == "token_error"
    assert await broken(server) == []
