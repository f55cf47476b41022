"""`POST /feed/export/<feed_id>/link/` and the link that it gives: an export for browsers that save nothing.

WeChat's own browser on iOS saves no file, and no other browser has the page's credentials. So the page asks
for a link, and the recruiter opens it elsewhere.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import NoReturn

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Contract, Moment
from handlers.api.errors import ApiError
from handlers.api.page_notice import finish_page
from handlers.results.export import ExportHandler
from handlers.results.export_links import VALID_FOR, ExportLink, ExportLinks
from handlers.results.list_filter import ListFilter
from runtime.clock import clock_text
from store.accounts.sessions import Sessions, token_hash
from store.feeds.feeds import Feeds

_BAD_LINK = "下载链接无效或已过期，请回到 TalentFeed 重新导出"
_ELSEWHERE = "请在浏览器里打开"
_HOW = "微信里不能保存文件。请点右上角的“…”，选“在浏览器中打开”，表格就会下载。链接 10 分钟内有效。"


class ExportLinkAnswer(Answer):
    """Where the export is.

    Attributes:
        url: Opens it without credentials; ends with the session.
        expires: When it ends.
    """

    url: str
    expires: Moment


class ExportLinkHandler(ApiHandler):
    """`POST /feed/export/<feed_id>/link/`."""

    contract = Contract("A link to a feed's list as CSV", query=ListFilter, answer=ExportLinkAnswer)
    methods = ("POST",)

    params: ListFilter
    feeds: Feeds
    export_links: ExportLinks

    async def handle(self, feed_id: str) -> None:
        """Takes the parameters of the export. The link is good for ten minutes, and ends with the session."""
        await self.feeds.seen_by(self.member, feed_id, "work")
        usual = msgspec.to_builtins(ListFilter())
        filters = {
            name: value for name, value in msgspec.to_builtins(self.params).items() if value != usual[name]
        }
        link = ExportLink(self.user_id, token_hash(self.token), feed_id, filters)
        expires = datetime.now(UTC) + VALID_FOR
        base = (self.context.public_url or self.own_origin()).rstrip("/")
        url = f"{base}/feed/export/link/{self.export_links.make(link)}/"
        self.ok(url=url, expires=clock_text(expires))


class LinkedExportHandler(ExportHandler):
    """`GET /feed/export/link/<token>/`."""

    contract = Contract(
        "A feed's list as CSV, by a link",
        other_answer="text/csv",
        has_page=True,
        throttled=True,
        may_be_missing=True,
        by_role=True,
    )
    needs_login = False  # the link is the credentials
    failed_title = "不能下载"

    export_links: ExportLinks
    sessions: Sessions

    async def admit(self) -> None:
        """Read the link, and take what the export costs from the account that made it."""
        await super().admit()
        async with asyncio.timeout(self.deadline_s):
            self._link = self._read_link()
            await self._check_session()
            await self._enter(self.user_id, is_vip=self.account.vip)

    async def handle(self, token: str) -> None:
        """Opens without credentials, for ten minutes.

        A browser gets a page where that fails, and in WeChat, which saves no file.
        """
        if "micromessenger" in self.request.headers.get("User-Agent", "").lower() and self.wants_page():
            finish_page(self, _ELSEWHERE, _HOW)
            return
        await super().handle(self._link.feed)

    def _read_link(self) -> ExportLink:
        link = self.export_links.read(self.path_kwargs["token"])
        if link is None:
            self._refuse()
        try:
            self.params = msgspec.convert(link.filters, ListFilter)
        except msgspec.ValidationError:  # made by a release that had other filters
            self._refuse()
        return link

    async def _check_session(self) -> None:
        check = (self._link.user, self._link.session)
        account = await self.sessions.known.find(check)
        if account is None:
            self._refuse()
        self.account = account
        self._ask_as(account.member)

    def _refuse(self) -> NoReturn:
        self.report("export", "failed")
        raise ApiError(404, "not_found", _BAD_LINK)

    def text_of(self, refusal: ApiError) -> str:
        """What the page says of a refusal."""
        return _BAD_LINK if refusal.http == 404 else refusal.msg
