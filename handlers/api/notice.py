"""A page with one notice, for links that people follow; programs that follow them get JSON."""

from __future__ import annotations

from typing import Any, ClassVar

from handlers.api.base import ApiHandler
from handlers.api.errors import ApiError
from handlers.api.page_notice import finish_page, wants_page
from handlers.api.replies import refusal_in


class NoticeHandler(ApiHandler):
    """An endpoint whose contract `has_page`."""

    failed_title: ClassVar[str]
    """The heading of the page that tells of a refusal."""

    def wants_page(self) -> bool:
        """Whether the client is a browser that shows a page."""
        return wants_page(self.request)

    def finish_page(
        self, title: str, text: str, *, button: str = "", link: str = "", href: str = "/"
    ) -> None:
        """Answer with a page, see `page_notice.finish_page`."""
        finish_page(self, title, text, button=button, link=link, href=href)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Turn any exception into an answer: a page where one is wanted."""
        refusal = refusal_in(status_code, kwargs)
        # 405 stays JSON: it comes from programs, and has the header `Allow`.
        if not self.wants_page() or refusal.http == 405:
            super().write_error(status_code, **kwargs)
            return
        self.set_status(refusal.http)
        if refusal.retry_after_s:
            self.set_header("Retry-After", str(refusal.retry_after_s))
        self.finish_page(self.failed_title, self.text_of(refusal))

    def text_of(self, refusal: ApiError) -> str:
        """What the page says of a refusal."""
        return refusal.msg
