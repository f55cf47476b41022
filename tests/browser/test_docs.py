"""`/docs/`, browsed in Chromium without a way to any other site."""

from __future__ import annotations

import pytest
from playwright.async_api import expect


@pytest.mark.long
async def test_the_docs_show_every_operation_which_can_be_tried_and_ask_nobody_else(server, windows):
    window = await windows.open(server.port, path="/docs/")
    await expect(window.at(".info .title")).to_contain_text("TalentFeed")
    answer = await window.page.request.get(f"http://127.0.0.1:{server.port}/openapi.json")
    paths = (await answer.json())["paths"]
    operations = {
        (path, method)
        for path, item in paths.items()
        for method in item
        if method in ("get", "post", "delete")
    }
    await expect(window.at(".opblock")).to_have_count(len(operations))
    shown = await window.page.eval_on_selector_all(
        ".opblock",
        "blocks => blocks.map(one => [one.querySelector('[data-path]').dataset.path,"
        " one.querySelector('.opblock-summary-method').innerText.toLowerCase()])",
    )
    assert {tuple(one) for one in shown} == operations

    block = window.at(".opblock").filter(has=window.at("[data-path='/hr/login/']")).first
    await block.locator(".opblock-summary").click()
    await expect(block).to_contain_text("username")
    await expect(block).to_contain_text("password")
    await block.get_by_role("button", name="Try it out").click()
    await block.locator("textarea, input[type=text]").first.wait_for()
    await block.get_by_role("button", name="Execute").click()
    await expect(block.locator(".live-responses-table tbody .response-col_status").first).to_contain_text(
        "200"
    )
