"""Asking WeChat who a code is of, as often as an address may be wrong about it."""

from __future__ import annotations

from handlers.api.base import ApiHandler
from handlers.api.errors import BadRequest, TooMany
from handlers.policies import AccountPolicy
from runtime.decoding import Errors
from store.accounts.identity import Identity
from store.redis.throttle import Throttle
from wechat.apps import AppName
from wechat.errors import CodeRefused
from wechat.wechat import Nobody, Wechat

MAX_CODE_CHARS = 512
"""The longest code; WeChat's have up to 64 characters, WeCom's up to 512 bytes."""
_WINDOW_S = 60

NOBODY: dict[str, str] = {
    "snapshot": "当前是快照页，不能登录：请点击页面底部的“使用完整服务”后再试",
    "outsider": "你不是该企业的成员，不能用企业微信登录",
}
"""What is said to a visitor who is nobody that could have an account."""


class AskingHandler(ApiHandler):
    """What all endpoints that take a code have in common.

    Only what is wrong is counted: many people share the address of a mobile network, and nobody but WeChat
    can make a code that is right.
    """

    policy: AccountPolicy
    throttle: Throttle
    wechat: Wechat

    def require_app(self, app: str) -> None:
        """See that an app is offered.

        Raises:
            BadRequest: It is not set.
        """
        if app not in self.wechat.apps.appids:
            raise BadRequest({"app": ["没有开通这种登录方式"]})

    async def identity_of(self, app: AppName, code: str) -> Identity | Nobody | None:
        """Who a code is of; None for one that is used, expired or false.

        Raises:
            TooMany: There were too many of these from the address within the minute.
            Unavailable: WeChat says nothing of it.
        """
        if not 0 < len(code) <= MAX_CODE_CHARS or not code.isprintable():
            return None
        await self.check_guesses()
        try:
            return await self.wechat.identity_of(app, code)
        except CodeRefused:
            await self.count_guess()
            return None

    async def check_guesses(self) -> None:
        """Refuse an address that was wrong too often.

        Raises:
            TooMany: It was wrong as often within the minute as it may register.
        """
        prefix, limit = self.client_prefix(), self.policy.register_per_minute
        if wait_s := await self.throttle.wait_s("wechat", prefix, limit):
            self.report("wechat_login", "throttled")
            raise TooMany(wait_s)

    async def count_guess(self) -> None:
        """Count what was used, expired or false."""
        await self.throttle.count("wechat", self.client_prefix(), _WINDOW_S)


def code_errors(code: str) -> Errors:
    """What is said of a code that is not taken."""
    return {"code": ["微信登录已失效，请重试"] if code else ["必填"]}
