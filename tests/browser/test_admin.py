"""The operators' desk in a browser: taking in, finding, erasing, and what a viewer is not offered."""

import io
import json
import re
import zipfile

import pytest
from playwright.async_api import expect

from tests.api.admin.desk import sign_in, world
from tests.api.company.team import colleague, feeds_of
from tests.api.scene import small_resume
from tests.browser.test_access import faults_of
from tests.browser.test_slow import Slow
from tests.files import form_of
from tests.spreadsheets import xlsx
from tests.support import PYTHON_FEED, Hr

__all__ = ["world"]
PHONE = "13700008888"
RESUME = f"姓名：林晚照\n手机：{PHONE}\n工作经历\n2019.03-至今 示例公司 会计\n".encode()
BROKEN = b"\x00\x01\x02\x03"
TABLE = """姓名,手机,应聘岗位,自我评价,内部编号
周小满,13700001111,会计,做账仔细,A-1
吴立夏,13700002222,出纳,认真负责,A-2
郑小暑,13700003333,,,A-3
""".encode()
ONLY_UPLOADED = """姓名,手机,应聘岗位,联系方式是否保密
冯小雪,13700004441,会计,是
褚大寒,13700004442,会计,否
""".encode()
VIEWS = {
    "/": ".figures",
    "/files": ".drop",
    "/tables": "text=导入过的表格",
    "/sources": "svg",
    "/quarantine": "text=没有被隔离的简历",
    "/quarantine?kind=files": "tbody tr",
    "/companies": "tbody tr",
    "/accounts": "tbody tr",
    "/audit": "tbody tr",
    "/person": "form",
    "/me": "form",
    "/nowhere": "text=没有这个页面",
}


async def desk(windows, world, who="admin", **options):
    """A window of an operator who has signed in, as they do."""
    window = await windows.open(world.server.port, path="/admin/", width=1280, **options)
    await enter(window, who)
    await window.at(".figures").wait_for()
    return window


async def enter(window, who="admin"):
    await window.log_in(f"{who}@example.com")


async def says(window, text):
    await window.says(text)


def upload(name, body):
    return {"name": name, "mimeType": "application/octet-stream", "buffer": body}


def zipped():
    """A ZIP of two files, one with its name in GBK; of one that is too large; of what is none of them; and of
    one with a password."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/NAME.txt", RESUME)
        archive.writestr("folder/李四.txt", RESUME, zipfile.ZIP_STORED)
        archive.writestr("很大.txt", bytes(100 * 2**20))
        for name in ("__MACOSX/NAME.txt", "folder/.DS_Store", "folder/", "lock.txt"):
            archive.writestr(name, b"x")
    data = bytearray(packed.getvalue().replace(b"NAME", "张三".encode("gbk")))
    data[data.rfind(b"lock.txt") - 46 + 8] |= 1
    return bytes(data)


async def test_figures_that_renew_themselves_keep_no_session_alive(world, windows):
    window = await windows.open(world.server.port, path="/healthz", width=1280)
    await window.page.clock.install()
    await window.page.goto(f"http://127.0.0.1:{world.server.port}/admin/")
    health = "**/admin/api/health/"
    async with window.page.expect_request(health) as by_hand:
        await enter(window)
    async with window.page.expect_request(health) as by_clock:
        await window.page.clock.run_for(31_000)
    assert "x-unattended" not in (await by_hand.value).headers
    assert (await by_clock.value).headers["x-unattended"] == "1"


async def test_whoever_signs_in_comes_back_to_where_they_were(world, windows):
    window = await windows.open(world.server.port, path="/admin/#/sources?days=30", width=1280)
    await window.log_in("admin@example.com", "not the password")
    await expect(window.at(".wrong")).to_be_visible()
    await enter(window)
    await expect(window.page).to_have_url(re.compile(r"#/sources\?days=30$"))
    await expect(window.page).to_have_title("来源 · TalentFeed 运营台")
    await expect(window.button("刷新")).to_be_enabled()  # nothing is being asked any more
    # The session ends elsewhere: the next request leads to signing in, and back.
    window.forgive("401")
    await world.server.stores._database.operator_sessions.delete_many({})
    await window.button("刷新").click()
    await expect(window.page.get_by_text("登录已失效，请重新登录")).to_be_visible()
    await enter(window)
    await expect(window.page).to_have_url(re.compile(r"#/sources\?days=30$"))
    await window.go("/me")
    await window.button("退出登录").click()
    await expect(window.page.get_by_text("已退出登录")).to_be_visible()
    await window.go("/accounts")
    await expect(window.page).to_have_url(re.compile(r"#/login\?next=/accounts$"))
    window.forgive("401")


@pytest.mark.long
async def test_three_files_are_dropped_and_each_has_its_outcome(world, windows, tmp_path):
    window = await desk(windows, world)
    await window.go("/files")
    await window.page.get_by_label("来源").fill("招聘会")
    await window.at("input[type=file]").first.set_input_files(
        [upload("林晚照.txt", RESUME), upload("再来一次.txt", RESUME), upload("坏了.pdf", BROKEN)]
    )
    await expect(window.at("[aria-label=结果] [role=status]")).to_have_text(
        re.compile("^(?=.*未收 1)(?!.*还剩)")
    )
    rows = window.at("tbody tr")
    await expect(rows).to_have_count(3)
    # Two are under way at once, so either of the same two may be the first.
    outcomes = await rows.locator("td:nth-of-type(1)").all_inner_texts()
    assert sorted(outcomes[:2]) == ["新增", "重复"]
    assert outcomes[2] == "未收"
    assert await rows.nth(2).locator("td:nth-of-type(2)").inner_text() != ""
    # A folder is chosen with what is in it, but for what systems hide there.
    for name in ("第三次.txt", ".DS_Store"):
        (tmp_path / name).write_bytes(RESUME)
    await window.page.get_by_label("选择文件夹").set_input_files(tmp_path)
    await expect(rows).to_have_count(4)
    await expect(rows.nth(3)).to_contain_text("重复")
    # A ZIP is as many files as it holds, whatever wrote their names; one with a password is said to have one.
    await window.at("input[type=file]").first.set_input_files(upload("一批.zip", zipped()))
    await expect(rows).to_have_count(7)
    await expect(rows.nth(6)).to_contain_text("超过 10 MB")
    for number, name in ((4, "张三.txt"), (5, "李四.txt")):
        await expect(rows.nth(number)).to_contain_text(re.compile(f"{re.escape(name)}.*重复"))
    await expect(window.page.get_by_label("打不开的文件")).to_contain_text("一批.zip / lock.txt：打不开")
    await window.at("input[type=file]").first.set_input_files(upload("半个.zip", zipped()[:200]))
    await expect(window.page.get_by_label("打不开的文件")).to_contain_text("半个.zip：这不是完整的 ZIP")
    await window.go("/quarantine?kind=files")
    await window.at("tbody tr").filter(has_text="坏了.pdf").get_by_role("checkbox").check()
    await window.button(re.compile("^重试选中的")).click()
    await says(window, "1 个仍然不能收下")
    await window.at("tbody tr").filter(has_text="坏了.pdf").get_by_role("checkbox").check()
    await window.button("删除选中的").click()
    await window.button("删除 1 个").click()
    await says(window, "已删除 1 个文件")
    await expect(window.at("tbody tr").filter(has_text="坏了.pdf")).to_have_count(0)


async def test_a_table_is_mapped_looked_at_and_imported_row_by_row(world, windows):
    window = await desk(windows, world)
    await window.go("/tables")
    await window.page.get_by_label("来源").fill("表格")
    await window.at("input[type=file]").set_input_files(upload("名单.csv", TABLE))
    # The header's words say which column is what; the rest is left out.
    await expect(window.page.get_by_label("姓名 对应到")).to_have_value("name")
    await expect(window.page.get_by_label("手机 对应到")).to_have_value("phone")
    await expect(window.page.get_by_label("内部编号 对应到")).to_have_value("")
    await expect(window.at(".records")).to_contain_text("周小满")
    await window.page.get_by_label("自我评价 对应到").select_option("")
    await expect(window.at(".records")).not_to_contain_text("做账仔细")
    # What was chosen is still there for who looks at something else in between.
    table = await window.page.evaluate("location.hash.slice(1)")
    await window.go("/sources")
    await expect(window.page).to_have_title("来源 · TalentFeed 运营台")
    await window.go(table)
    await expect(window.page.get_by_label("自我评价 对应到")).to_have_value("")
    await expect(window.at(".records")).not_to_contain_text("做账仔细")
    await window.button("导入 3 行").click()
    await expect(window.page.get_by_text("导入完成")).to_be_visible()
    await window.at("tbody tr").filter(has_text="新增").first.get_by_role("button").click()
    await expect(window.at("dialog[open]")).to_contain_text("13700001111")
    await window.page.keyboard.press("Escape")
    await window.button("未收 1").click()
    await expect(window.at("tbody tr")).to_have_count(1)
    await expect(window.at("tbody tr td").nth(0)).to_have_text("4")
    async with window.page.expect_download() as saving:
        await window.button("下载未收的行（CSV）").click()
    text = (await (await saving.value).path()).read_text("utf-8-sig")
    assert "郑小暑" in text
    assert "周小满" not in text
    # A reload shows the same: the filter is in the URL, and the outcomes are the server's.
    await window.page.reload()
    await expect(window.at("tbody tr")).to_have_count(1)


async def test_what_was_said_of_a_column_holds_for_the_other_sheets(world, windows):
    window = await desk(windows, world)
    await window.go("/tables")
    await window.page.get_by_label("来源").fill("两张表")
    header = ["姓名", "手机", "应聘岗位", "说明"]
    book = xlsx(
        {
            "一月": [header, ["甲", "13700007771", "会计", "x"]],
            "二月": [header, ["乙", "13700007772", "会计", "y"]],
        }
    )
    await window.at("input[type=file]").set_input_files(upload("两张.xlsx", book))
    await window.page.get_by_label("说明 对应到").select_option("hr_evaluate")
    await window.page.get_by_label("工作表").select_option("二月")
    await expect(window.at(".records")).to_contain_text("乙")
    await expect(window.page.get_by_label("说明 对应到")).to_have_value("hr_evaluate")


async def test_a_token_is_made_shown_once_and_revoked_and_the_audit_says_so_in_words(world, windows):
    window = await desk(windows, world)
    await window.go("/sources")
    tokens = window.at("section[aria-labelledby=tokens]")
    await tokens.get_by_label("来源").fill("新猎头")
    await window.button("新建令牌").click()
    shown = await tokens.locator(".link-text").inner_text()
    assert await world.server.stores.ingest_tokens.source_of(shown) == "新猎头"
    await expect(window.at("tbody tr").filter(has_text="新猎头").first).to_contain_text("1 个令牌")
    await window.page.reload()
    await expect(tokens).to_contain_text("新猎头")
    await expect(tokens).not_to_contain_text(shown)
    await window.button(re.compile(r"^停用\s*：新猎头")).click()
    await window.button("停用", within="dialog").click()
    await says(window, "令牌已停用")
    assert await world.server.stores.ingest_tokens.source_of(shown) is None
    await expect(tokens).not_to_contain_text("新猎头")
    await window.go("/audit")
    for what in ("停用令牌", "新建令牌"):
        await expect(window.at("tbody tr").filter(has_text=what).first).to_contain_text("admin@example.com")
    await window.sees("text=desk tokens", 0)


async def test_a_person_is_found_given_out_and_erased_once_it_is_typed_again(world, windows):
    await world.admin.ingest(small_resume("gone", name="秦不见", phone="13600005555"))
    window = await desk(windows, world)
    await window.go("/person")
    await window.page.get_by_label("电话").fill("136 0000 5555")
    await window.button("查找").click()
    await expect(window.page.get_by_text("找到 1 份简历")).to_be_visible()
    await window.button(re.compile("^看简历")).click()
    names = window.at("dialog dt")
    await expect(names.filter(has_text="姓名").first).to_be_visible()
    assert [one for one in await names.all_inner_texts() if one.isascii()] == [], "words of the API"
    await window.page.keyboard.press("Escape")
    async with window.page.expect_download() as saving:
        await window.button("导出 JSON").click()
    saved = await saving.value
    assert saved.suggested_filename == "person.json"
    assert "秦不见" in (await saved.path()).read_text("utf-8")
    await window.button(re.compile("^彻底删除这个人")).click()
    await expect(window.button("彻底删除", within="dialog")).to_be_disabled()
    await window.page.get_by_label(re.compile("^请再输入一次")).fill("13600005556")
    await window.button("彻底删除", within="dialog").click()
    await expect(window.at("dialog .wrong").first).to_be_visible()
    await window.page.get_by_label(re.compile("^请再输入一次")).fill("13600005555")
    await window.button("彻底删除", within="dialog").click()
    await expect(window.page.get_by_text(re.compile("已彻底删除 1 份简历"))).to_be_visible()
    await window.page.get_by_label("电话").fill("13600005555")
    await window.button("查找").click()
    await expect(window.page.get_by_role("heading", name="没有找到")).to_be_visible()
    assert not [url for url in window.requests if "1360000" in url or "秦" in url]


async def test_who_stands_in_an_uploaded_table_alone_is_erased_too(world, windows):
    window = await desk(windows, world)
    await window.go("/tables")
    await window.page.get_by_label("来源").fill("只上传")
    await window.at("input[type=file]").set_input_files(upload("只上传.csv", ONLY_UPLOADED))
    # What is a word of the API is shown as people say it.
    await expect(window.at(".records")).to_contain_text("保密")
    await expect(window.at(".records")).not_to_contain_text("secret")
    await window.go("/person")
    await window.page.get_by_label("电话").fill("13700004441")
    await window.button("查找").click()
    await expect(window.page.get_by_role("heading", name="没有找到")).to_be_visible()
    await window.button("从文件和表格里删除…").click()
    await window.page.get_by_label(re.compile("^请再输入一次")).fill("13700004441")
    await window.button("彻底删除", within="dialog").click()
    await expect(window.page.get_by_text("已从没有收下的文件和上传的表格里删除")).to_be_visible()
    admin = await sign_in(world.server.port, "admin@example.com")
    (table,) = [one for one in (await admin.read("tables/"))["tables"] if one["source"] == "只上传"]
    rows = (await admin.read(f"tables/{table['id']}/"))["table"]["first_rows"]
    assert "13700004441" not in json.dumps(rows)
    assert "13700004442" in json.dumps(rows)
    # Nobody at all is said to be nobody.
    await window.page.get_by_label("电话").fill("13700004449")
    await window.button("查找").click()
    await window.button("从文件和表格里删除…").click()
    await window.page.get_by_label(re.compile("^请再输入一次")).fill("13700004449")
    await window.button("彻底删除", within="dialog").click()
    await expect(window.at("dialog .wrong").first).to_have_text("文件和表格里也没有，不需要删除")
    window.forgive("404")


async def test_an_unfinished_table_that_is_looked_at_is_no_row_of_the_audit_every_few_seconds(world, windows):
    lines = "".join(f"人{number},1370001{number:04},会计\n" for number in range(201))
    admin = await sign_in(world.server.port, "admin@example.com")
    form = form_of(("半途.csv", f"姓名,手机,应聘岗位\n{lines}".encode()), source="半途")
    table = (await admin.send("tables/upload/", form))["table"]["id"]
    assert (await admin.do(f"tables/{table}/import/"))["table"]["state"] == "importing"
    window = await desk(windows, world)
    await window.page.clock.install()
    await window.go(f"/tables/{table}")
    await expect(window.at("[role=status]").filter(has_text="200 / 201")).to_be_visible()

    async def looks():
        rows = (await admin.do("audit/", size=100))["rows"]
        return len([row for row in rows if row["command"] == "desk tables"])

    before = await looks()
    for _ in range(2):
        async with window.page.expect_response(re.compile(r"/admin/api/tables/\?")):
            await window.page.clock.run_for(4_000)
    assert await looks() == before
    # What another operator does is seen all the same.
    await admin.do(f"tables/{table}/import/")
    await window.page.clock.run_for(4_000)
    await expect(window.page.get_by_text("导入完成")).to_be_visible()


async def test_a_table_that_took_long_to_read_does_not_lead_away_from_what_is_typed_elsewhere(world, windows):
    window = await desk(windows, world)
    await window.go("/tables")
    await window.page.get_by_label("来源").fill("慢")
    slow = Slow()
    await slow.hold(window, "**/admin/api/tables/upload/")
    await window.at("input[type=file]").set_input_files(upload("慢.csv", TABLE))
    await slow.reached()
    await window.go("/person")
    await window.page.get_by_label("电话").fill("138")
    slow.go_on()
    await says(window, "慢.csv 已读完")
    await expect(window.page.get_by_label("电话")).to_have_value("138")


async def test_who_searches_while_a_list_is_loading_is_heard(world, windows):
    window, slow = await desk(windows, world), Slow()
    await slow.hold(window, "**/admin/api/accounts/find/", most=1)
    await window.go("/accounts")
    await slow.reached()
    await window.page.get_by_label("邮箱或公司").fill("没有这家")
    await window.page.keyboard.press("Enter")
    await expect(window.at("main")).to_contain_text("没有符合条件的账号")
    slow.go_on()


async def test_an_account_is_invited_found_limited_and_shut(world, windows):
    window = await desk(windows, world)
    await window.go("/accounts")
    await window.button("邀请账号").click()
    await window.page.get_by_label("邮箱", exact=True).fill("wei@example.com")
    await window.page.get_by_label("公司名称").fill("未来公司")
    # The second press, before the answer is there, does nothing.
    await window.button("邀请", within="dialog").dblclick()
    await expect(window.at("dialog .link-text")).to_contain_text("/#reset=")
    await window.page.keyboard.press("Escape")
    await expect(window.button("邀请账号")).to_be_focused()
    await window.page.get_by_label("邮箱或公司").fill("未来")
    await window.page.keyboard.press("Enter")
    await expect(window.at("tbody tr")).to_have_count(1)
    await window.page.get_by_role("link", name="wei@example.com").click()
    await expect(window.at("main")).to_contain_text("未设密码")
    await window.page.get_by_label("职位上限").fill("7")
    await window.button("保存额度").click()
    await says(window, "额度已保存")
    await expect(window.at(".facts").first).to_contain_text("上限 7 个")
    await window.button("停用账号").click()
    await window.button("停用", within="dialog").click()
    await says(window, "账号已停用")
    await expect(window.button("启用账号")).to_be_visible()
    assert not [url for url in window.requests if "wei" in url or "%E6%9C%AA" in url]
    # Back leads to what was searched for.
    await window.page.go_back()
    await expect(window.at("tbody tr")).to_have_count(1)


async def test_a_company_is_found_with_its_members_and_given_a_quota(world, windows):
    owner = await Hr.register(world.server.port)
    await owner.post("/company/", {"name": "寻找三号"})
    await colleague(owner)
    window = await desk(windows, world)
    await window.go("/companies")
    await window.page.get_by_label("公司名称").fill("寻找三号")
    await window.page.keyboard.press("Enter")
    await expect(window.at("tbody tr")).to_have_count(1)
    await window.page.get_by_role("link", name="寻找三号").click()
    await expect(window.at("tbody tr")).to_have_count(2)
    await expect(window.at("tbody tr").first).to_contain_text("所有者")
    await window.page.get_by_label("每人职位上限").fill("x")
    await window.button("保存额度").click()
    await expect(window.page.get_by_role("alert")).to_have_text("职位上限要写成数字，不填就按默认")
    await window.page.get_by_label("每人职位上限").fill("7")
    await window.page.keyboard.press("Enter")
    await says(window, "额度已保存")
    await expect(window.at("tbody tr").last).to_contain_text("7")
    assert not [url for url in window.requests if "%E5%AF%BB" in url]


@pytest.mark.long
async def test_a_company_that_was_registered_twice_goes_into_the_other_one(world, windows):
    twice, once, _ = [await Hr.register(world.server.port) for _ in range(3)]
    await twice.post("/company/", {"name": "寻找四号公司"})
    await once.post("/company/", {"name": "寻找四号"})
    feed = await twice.submit(**PYTHON_FEED)
    window = await desk(windows, world)
    await window.go(f"/companies/{twice.user}")
    await window.button("并入另一家公司").click()
    dialog = window.at("dialog")
    await expect(dialog).to_contain_text("没有别的公司叫这个名字")
    await expect(window.button("并入", within="dialog")).to_be_disabled()
    await dialog.get_by_label("公司名称").fill("寻找四号")
    await window.page.keyboard.press("Enter")
    await dialog.get_by_text("寻找四号", exact=True).click()
    await window.button("并入", within="dialog").click()
    await says(window, "已并入寻找四号，职位会陆续到达")
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("寻找四号")
    await expect(window.at("tbody tr")).to_have_count(2)
    await expect(window.at("dl")).to_contain_text("1 个")
    # A second time it is said why not.
    await window.button("并入另一家公司").click()
    await dialog.get_by_label("公司名称").fill("")
    await window.button("查找", within="dialog").click()
    await dialog.get_by_role("radio").first.click()
    await window.button("并入", within="dialog").click()
    await expect(dialog.get_by_role("alert")).to_have_text("其中一家刚合并过，请十分钟后再试")
    assert feed in await feeds_of(twice)


async def test_a_viewer_is_offered_nothing_that_would_be_refused(world, windows):
    await Hr.register(world.server.port)
    window = await desk(windows, world, "viewer")
    await expect(window.at("nav a")).to_have_text(
        [*("概况", "导入表格", "来源", "隔离区", "公司", "账号", "审计"), re.compile("^我的账号")]
    )
    for path, words in {"/files": "只读账号不能使用这里", "/person": "只读账号不能使用这里"}.items():
        await window.go(path)
        await expect(window.page.get_by_text(words)).to_be_visible()
        await window.sees("main button", 0)
    for path in ("/tables", "/quarantine", "/quarantine?kind=files"):
        await window.go(path)
        await window.at("h1").wait_for()
        await window.sees("main input", 0)
    await window.go("/accounts")
    await window.at("tbody a").first.click()
    await expect(window.page.get_by_role("heading", name="资料")).to_be_visible()
    await window.sees("main button", 0)


@pytest.mark.long
async def test_axe_finds_no_fault_in_any_view(world, windows):
    """In an old kernel."""
    await Hr.register(world.server.port)
    await world.admin.ingest(small_resume("axe", name="陈大雪", phone=PHONE), {"source": "x"})
    window = await windows.open(world.server.port, path="/admin/", width=1280, is_old=True)
    faults = {}

    async def look(place):
        faults[place] = await faults_of(window)

    await window.at("form").wait_for()
    await look("signing in")
    await enter(window)
    await window.go("/files")
    await window.page.get_by_label("来源").fill("x")
    await window.at("input[type=file]").first.set_input_files([upload("axe.bin", BROKEN)])
    await expect(window.page.get_by_text("未收 1")).to_be_visible()
    await look("outcomes")
    for path, shown in VIEWS.items():
        await window.go(path)
        await window.at(shown).first.wait_for()
        await look(path)
    await window.go("/tables")
    await window.page.get_by_label("来源").fill("axe")
    await window.at("input[type=file]").set_input_files(upload("axe.csv", TABLE))
    await window.at(".records").wait_for()
    await look("a table")
    await window.button("导入 3 行").click()
    await expect(window.page.get_by_text("导入完成")).to_be_visible()
    await look("an imported table")
    await window.go("/accounts")
    await window.button("邀请账号").click()
    await window.at("dialog form").wait_for()
    await look("an invitation")
    await window.page.keyboard.press("Escape")
    await window.at("tbody a").first.click()
    await window.at("#sessions").wait_for()
    await look("an account")
    await window.go("/person")
    await window.page.get_by_label("电话").fill(PHONE)
    await window.button("查找").click()
    await window.at("tbody tr").first.wait_for()
    await look("a person")
    for width in (768, 375):
        await window.page.set_viewport_size({"width": width, "height": 760})
        assert await window.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    assert [(place, fault) for place, found in faults.items() for fault in found] == []
