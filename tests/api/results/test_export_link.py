"""A link to an export: opens without credentials, for a while, what its session might open."""

import json

from handlers.results.export_links import VALID_FOR, ExportLink, ExportLinks
from store.accounts.sessions import token_hash
from tests.api.results.test_export import table
from tests.api.scene import log_in_again
from tests.support import SECRET, Api, python_resume

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def link_to(hr, feed_id, **filters):
    answer = await hr.post(f"/feed/export/{feed_id}/link/", **filters)
    assert answer.status == "ok", answer.json
    base, _, path = answer["url"].partition(f"127.0.0.1:{hr.port}")
    assert base == "http://"
    return path


async def test_a_link_opens_the_same_table_without_credentials(hr, server):
    feed_id, ids = await hr.feed_with(python_resume(), python_resume())
    await hr.get(f"/feed/get/{feed_id}/{ids[0]}")
    path = await link_to(hr, feed_id, latest=1, current_area="")
    anybody = Api(server.port)
    answer = await anybody.call("GET", path, headers=BROWSER)
    assert [row["简历编号"] for row in table(answer)] == [ids[1]]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    same = await hr.get(f"/feed/export/{feed_id}.csv", latest=1)
    assert same.body == answer.body
    audited = [row async for row in server.stores._database.audit.find({"action": "export_list"})]
    assert len(audited) == 2
    by_form = await hr.call("POST", f"/feed/export/{feed_id}/link/", form={"latest": "1"})
    assert by_form.status == "ok"
    wrong = await hr.post(f"/feed/export/{feed_id}/link/", reco_time=8)
    assert (wrong.http, wrong["errors"].keys()) == (400, {"reco_time"})


async def test_wechat_is_told_where_to_open_it_and_nothing_is_taken_out(hr, server):
    feed_id, _ = await hr.feed_with(python_resume())
    path = await link_to(hr, feed_id)
    headers = {**BROWSER, "User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/8.0"}
    answer = await Api(server.port).call("GET", path, headers=headers)
    assert (answer.http, answer.headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
    assert "在浏览器中打开" in answer.body.decode()
    assert await server.stores._database.audit.count_documents({"action": "export_list"}) == 0


async def test_a_link_that_is_forged_expired_or_foreign_opens_nothing(hr, server, other_hr):
    feed_id, _ = await hr.feed_with(python_resume())
    path = await link_to(hr, feed_id)
    token = path.split("/")[-2]
    good = ExportLinks(SECRET).read(token)
    old = ExportLinks(SECRET, lambda: 1_700_000_000.0).make(good)
    theirs = ExportLink(other_hr.user, token_hash(other_hr.token), feed_id, {})
    not_mine = ExportLink(other_hr.user, good.session, feed_id, {})
    for bad in (
        token[:-1],
        token[:-2] + "xx",
        "x",
        "%ff",
        old,
        ExportLinks("another-secret-key-here").make(good),
        ExportLinks(SECRET).make(theirs),
        ExportLinks(SECRET).make(not_mine),
        ExportLinks(SECRET).make(ExportLink(hr.user, good.session, feed_id, {"reco_time": 8})),
        ExportLinks(SECRET).make(ExportLink(hr.user, good.session, "0" * 24, {})),
    ):
        answer = await Api(server.port).get(f"/feed/export/link/{bad}/")
        assert (answer.http, answer.status) == (404, "not_found"), bad
        page = await Api(server.port).call("GET", f"/feed/export/link/{bad}/", headers=BROWSER)
        assert (page.http, "重新导出" in page.body.decode()) == (404, True), bad
    # Signed for something else, it is no link; and what is signed as a link opens no account.
    assert (await Api(server.port).get(f"/hr/activate/{token}/")).body.decode().count("<button") == 0
    assert VALID_FOR.total_seconds() == 600


async def test_a_link_ends_with_its_session_its_account_and_its_feed(hr, server):
    feed_id, _ = await hr.feed_with(python_resume())
    anybody, again = Api(server.port), await log_in_again(hr)
    of_ended = await link_to(again, feed_id)
    of_mine = await link_to(hr, feed_id)
    assert (await anybody.get(of_ended)).http == 200
    await again.post("/hr/logout/")
    assert (await anybody.get(of_ended)).http == 404
    assert (await anybody.get(of_mine)).http == 200
    await hr.get(f"/feed/delete/{feed_id}")
    assert (await anybody.get(of_mine)).http == 404
    other = await link_to(hr, await hr.submit(title="Python开发"))
    await server.stores.account_access.disable(hr.user)
    assert (await anybody.get(other)).http == 404


async def test_no_line_of_the_log_has_the_link(hr, server, caplog):
    caplog.set_level("INFO")
    feed_id, _ = await hr.feed_with(python_resume())
    path = await link_to(hr, feed_id)
    await Api(server.port).get(path)
    await Api(server.port).get(path[:-3])
    assert caplog.records
    token = path.split("/")[-2]
    assert not [one for one in caplog.records if token[:30] in json.dumps(one.__dict__, default=str)]
