"""The original of a resume on the page: after unlock a PDF as pictures, all else to be saved."""

import re

import pytest
from playwright.async_api import expect

from tests.files import FORM, form_of
from tests.support import INGEST_TOKEN, PYTHON_FEED, eventually

HTML = """<!doctype html><meta charset="utf-8"><title>简历</title><h1>卜一凡</h1>
<p>电话：13900001234　邮箱：bu@example.com</p><h2>求职意向</h2><p>Python开发工程师</p>
<h2>工作经历</h2><p>2019-03 至 2023-06　示例科技有限公司　Python开发工程师</p>
<p>用Python和Django写后端接口，负责MySQL和Redis。</p>
<h2 style="break-before: page">教育经历</h2><p>2015-09 至 2019-06　某某大学　计算机科学与技术　本科</p>"""


async def listed(hr, *files):
    """A feed, and the ids of the resumes that came as files."""
    feed = await hr.submit(**PYTHON_FEED)
    headers = {"Authorization": f"Bearer {INGEST_TOKEN}", "Content-Type": FORM}
    rows = (await hr.call("POST", "/resumes/file/", body=form_of(*files, source="x"), headers=headers))[
        "results"
    ]
    assert {row["status"] for row in rows} <= {"accepted", "to_confirm"}, rows
    await hr.all_scored()
    return feed, [row["id"] for row in rows]


async def printed(chromium):
    """The same as a PDF of two pages."""
    page = await chromium.browser.new_page()
    await page.set_content(HTML)
    data = await page.pdf(format="A4")
    await page.close()
    return data


@pytest.mark.long
async def test_the_pages_of_a_pdf_are_shown_as_pictures_after_unlock(hr, windows, chromium):
    feed, (resume,) = await listed(hr, ("卜一凡.pdf", await printed(chromium)))
    window = await windows.open_as(hr, f"/feeds/{feed}/resumes/{resume}")
    await expect(window.at(".original")).to_contain_text("解锁联系方式后可以查看原件")
    await expect(window.button("查看原件")).to_be_disabled()
    await window.button("解锁并复制").click()
    await window.button("查看原件").click()
    await window.sees(".pages img", 2)
    await expect(window.page.get_by_role("dialog", name="简历原件")).to_contain_text("共 2 页")

    async def are_legible():
        # A picture has its place before it is read.
        script = "all => all.map(one => one.naturalWidth)"
        return min(await window.page.eval_on_selector_all(".pages img", script)) > 500

    await eventually(are_legible, what="pictures of more than 500 pixels")
    async with window.page.expect_download() as saving:
        await window.button("下载原件").click()
    saved = await saving.value
    # Its own name may be the person's.
    assert saved.suggested_filename == "简历原件.pdf"
    await window.button("关闭").click()
    await expect(window.page.get_by_role("dialog", name="简历原件")).to_be_hidden()


@pytest.mark.long
async def test_other_files_are_saved_and_said_to_be_from_outside(hr, windows):
    feed, (resume,) = await listed(hr, ("a.html", HTML.encode()))
    plain = (
        await hr.ingest({"source": "x", "source_id": "2", "job_target": {"job_career": "Python开发工程师"}})
    )["ids"]
    await hr.all_scored()
    window = await windows.open_as(hr, f"/feeds/{feed}/resumes/{resume}")
    await window.button("解锁并复制").click()
    await window.button("查看原件").click()
    await expect(window.at(".original")).to_contain_text(re.compile("HTML 文件，来自外部"))
    async with window.page.expect_download() as saving:
        await window.button("下载原件").click()
    assert (await (await saving.value).path()).read_bytes() == HTML.encode()
    await window.go(f"/feeds/{feed}/resumes/{plain[0]}")
    await window.sees(".head", 1)
    await window.sees(".original", 0)
