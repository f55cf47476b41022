"""A page with one notice, for links that people follow; programs that follow them get JSON."""

from __future__ import annotations

from html import escape
from typing import Any, ClassVar

from handlers.api.base import ApiHandler
from handlers.api.errors import ApiError
from handlers.api.replies import refusal_in

_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - TalentFeed</title>
<style>
body {{ font: 16px/1.6 sans-serif; max-width: 28em; margin: 20vh auto; padding: 0 1em; text-align: center; }}
button {{ font: inherit; padding: 0.6em 2em; border: 0; border-radius: 8px; }}
button {{ background: #1a6b52; color: #fff; }}
a {{ color: #1a6b52; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{text}</p>
{more}
</body>
</html>
"""


class NoticeHandler(ApiHandler):
    """An endpoint whose contract `has_page`."""

    failed_title: ClassVar[str]
    """The heading of the page that tells of a refusal."""

    def wants_page(self) -> bool:
        """Whether the client is a browser that shows a page: it accepts HTML, and names it before JSON."""
        accepted = self.request.headers.get("Accept", "").lower()
        # Browsers name `text/html` first; libraries for HTTP name JSON, or `*/*` alone.
        html, _, _ = accepted.partition("application/json")
        return "text/html" in html

    def finish_page(self, title: str, text: str, *, button: str = "", link: str = "") -> None:
        """Answer with a page.

        Args:
            title: The heading.
            text: The sentence below it.
            button: What a button says that sends a POST to the same address; "" for none.
            link: What a link to the start says; "" for none.
        """
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.set_header(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'none'",
        )
        more = f'<form method="post"><button type="submit">{escape(button)}</button></form>' if button else ""
        more += f'<p><a href="/">{escape(link)}</a></p>' if link else ""
        self.finish(_PAGE.format(title=escape(title), text=escape(text), more=more))

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
