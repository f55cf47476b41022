"""Activating an account by the link that came by mail. `mail/links.py` makes and reads the link's token."""

from __future__ import annotations

from html import escape
from typing import Any

from handlers.api.base import ApiHandler
from handlers.api.contract import Contract
from handlers.api.errors import BadRequest
from handlers.api.replies import refusal_in
from mail.links import Links
from store.accounts import Accounts
from store.errors import NotFound

_BAD_LINK = "链接无效或已过期"
_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - TalentFeed</title>
<style>
body {{ font: 16px/1.6 sans-serif; max-width: 28em; margin: 20vh auto; padding: 0 1em; text-align: center; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{text}</p>
</body>
</html>
"""


class ActivateHandler(ApiHandler):
    """`GET /hr/activate/<token>/`: JSON, or a page for a browser."""

    contract = Contract("Activate an account", has_page=True, may_be_malformed=True)
    methods = ("GET", "POST")
    needs_login = False
    changes_state = True

    accounts: Accounts
    links: Links

    def is_cross_site(self) -> bool:
        """Whether another site sent the request other than by a link that somebody followed.

        A mail client's page is another site; whoever holds the token may use it from anywhere.
        """
        is_followed = self.request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        return super().is_cross_site() and not is_followed

    async def handle(self, token: str) -> None:
        """Following the link once more is as good. A browser gets a page, a program JSON."""
        user_id = self.links.read(token)
        try:
            # A link that never was and one whose account is gone are answered alike.
            if user_id is None:
                raise NotFound("no account has this link")
            await self.accounts.activate_by_id(user_id)
        except NotFound:
            raise BadRequest({"token": [_BAD_LINK]}) from None
        if self._wants_page():
            self._finish_page("账号已激活", "请回到 TalentFeed 登录。")
        else:
            self.answer("ok", "账号已激活，请登录")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Turn any exception into an answer: a page where one is wanted."""
        refusal = refusal_in(status_code, kwargs)
        # 405 stays JSON: it comes from programs, and has the header `Allow`.
        if not self._wants_page() or refusal.http == 405:
            super().write_error(status_code, **kwargs)
            return
        self.set_status(refusal.http)
        if refusal.retry_after_s:
            self.set_header("Retry-After", str(refusal.retry_after_s))
        if refusal.http == 400:
            self._finish_page(_BAD_LINK, "请用邮箱和密码登录一次，我们会重新发送激活邮件。")
        else:
            self._finish_page("账号尚未激活", refusal.msg)

    def _wants_page(self) -> bool:
        """Whether the client is a browser that shows a page: it accepts HTML, and names it before JSON."""
        accepted = self.request.headers.get("Accept", "").lower()
        # Browsers name `text/html` first; libraries for HTTP name JSON, or `*/*` alone.
        html, _, _ = accepted.partition("application/json")
        return "text/html" in html

    def _finish_page(self, title: str, text: str) -> None:
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.set_header(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'",
        )
        self.finish(_PAGE.format(title=escape(title), text=escape(text)))
