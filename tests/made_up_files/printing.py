"""Debian's Chromium as a printer: a page of HTML becomes a PDF."""

from __future__ import annotations

import shutil
from types import TracebackType
from typing import Self

from playwright.sync_api import sync_playwright

_FOOTER = (
    '<div style="font-size:8px;width:100%;text-align:center">第<span class="pageNumber"></span>页 / '
    '共<span class="totalPages"></span>页</div>'
)


class Printer:
    """One browser for many pages; open as long as it is a context."""

    def __enter__(self) -> Self:
        self._playwright = sync_playwright().start()
        path = shutil.which("chromium") or shutil.which("google-chrome")
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        self._browser = self._playwright.chromium.launch(executable_path=path, args=flags)
        self._page = self._browser.new_page()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._browser.close()
        self._playwright.stop()

    def pdf(self, html: str, *, has_footer: bool = False) -> bytes:
        """Print a page, at times with its numbers at the foot."""
        self._page.set_content(html)
        return self._page.pdf(
            prefer_css_page_size=True,
            print_background=True,
            display_header_footer=has_footer,
            header_template="<span></span>",
            footer_template=_FOOTER,
        )
