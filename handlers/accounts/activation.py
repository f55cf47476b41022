"""Activating an account by the link that came by mail. `mail/links.py` makes and reads the link's token.

Following the link shows a page with one button, and the button activates: mail scanners follow every link,
and must not confirm an address in the name of its owner.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Contract
from handlers.api.page_notice import finish_page
from mail.links import Links
from store.accounts.accounts import Account, Accounts
from store.errors import NotFound

_BAD_LINK = "链接无效或已过期"
_ASK_AGAIN = "请用邮箱和密码登录一次，我们会重新发送激活邮件。"


class ActivateAnswer(Answer):
    """Whether the account is active; `token_error` for a link that is false or old."""

    status: Literal["ok", "token_error"]


class ActivateHandler(ApiHandler):
    """`/hr/activate/<token>/`."""

    contract = Contract("Activate an account", answer=ActivateAnswer, has_page=True)
    methods = ("GET", "POST")
    needs_login = False
    failed_title = "账号尚未激活"

    accounts: Accounts
    links: Links

    def is_cross_site(self) -> bool:
        """Whether another site's page pressed the button; whoever holds the link may press it anywhere else.

        `Origin` is not looked at: the page that holds the button gives none, as its address is a secret.
        """
        return self.request.headers.get("Sec-Fetch-Site", "") == "cross-site"

    async def handle(self, token: str) -> None:
        """GET gives a page with one button, which sends the POST. Activating once more is as good.

        POST answers with a page to a browser, with JSON to a program.
        """
        user_id = self.links.read(token)
        if self.request.method != "POST":
            self._show_button(is_good=user_id is not None)
            return
        account = await self._activate(user_id) if user_id is not None else None
        self.report("activation", "ok" if account else "failed", user_id)
        if not self.wants_page():
            status, msg = ("ok", "账号已激活，请登录") if account else ("token_error", _BAD_LINK)
            self.answer(status, msg)
        elif account:
            # Behind the `#`, where no server and no log sees the address.
            login = f"/#/login?email={quote(account.email, safe='')}"
            finish_page(self, "账号已激活", "现在可以登录了。", link="去登录", href=login)
        else:
            self._show_bad_link()

    async def _activate(self, user_id: str) -> Account | None:
        """The account; None where it is gone: that is answered as a link that never was."""
        try:
            await self.accounts.activate_by_id(user_id)
            return await self.accounts.get(user_id)
        except NotFound:
            return None

    def _show_button(self, *, is_good: bool) -> None:
        if is_good:
            finish_page(self, "激活 TalentFeed 账号", "请点击按钮，确认这个邮箱是你的。", button="激活账号")
        else:
            self._show_bad_link()

    def _show_bad_link(self) -> None:
        finish_page(self, _BAD_LINK, _ASK_AGAIN, link="去登录", href="/#/login")
