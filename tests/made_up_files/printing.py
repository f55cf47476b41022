"""Debian's Chromium as a printer: a page of HTML becomes a PDF."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import Self

from playwright.sync_api import Page, sync_playwright

_FOOTER = (
    '<div style="font-size:8px;width:100%;text-align:center">第<span class="pageNumber"></span>页 / '
    '共<span class="totalPages"></span>页</div>'
)


class Printer:
    """One browser for many pages, started with the first; open as long as it is a context."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._page: Page | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def pdf(self, html: str, *, has_footer: bool = False) -> bytes:
        """Print a page, at times with its numbers at the foot."""
        page = self._page = self._page or self._started()
        page.set_content(html)
        return page.pdf(
            prefer_css_page_size=True,
            print_background=True,
            display_header_footer=has_footer,
            header_template="<span></span>",
            footer_template=_FOOTER,
        )

    def _started(self) -> Page:
        chromium = self._open.enter_context(sync_playwright()).chromium
        names = ("chromium-headless-shell", "chromium", "google-chrome")
        path = next(filter(None, map(shutil.which, names)), None)
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = chromium.launch(executable_path=path, args=flags)
        self._open.callback(browser.close)
        return browser.new_page()
