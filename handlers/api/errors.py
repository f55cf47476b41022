"""What a handler raises: what it declines, and refusals, into which one function turns any exception."""

from __future__ import annotations

import tornado.web
from tornado.iostream import StreamClosedError

from runtime.decoding import Errors, InvalidFields
from runtime.descriptors import is_shortage
from store.errors import STORE_FAILURES, NotAllowed, NotFound, SessionOver, is_closed
from wechat.errors import Unavailable


class ApiError(Exception):
    """A refusal: HTTP status, the API's `status` word, a message, what is wrong with each field."""

    def __init__(
        self, http: int, status: str, msg: str, errors: Errors | None = None, *, retry_after_s: int = 0
    ) -> None:
        super().__init__(status)
        self.http = http
        self.status = status
        self.msg = msg
        self.errors = errors
        self.retry_after_s = retry_after_s


class BadRequest(ApiError):
    """400: the request cannot be understood; `errors` names each field."""

    def __init__(self, errors: Errors) -> None:
        super().__init__(400, "bad_request", "请求内容有误", errors)


class NotLoggedIn(ApiError):
    """401: no, malformed, expired or revoked credentials."""

    def __init__(self, msg: str = "请先登录") -> None:
        super().__init__(401, "auth_error", msg)


class Forbidden(ApiError):
    """403: a cross-site state change, a wrong ingest token, or what a member's role does not allow."""

    def __init__(self, msg: str) -> None:
        super().__init__(403, "forbidden", msg)


class TooLarge(ApiError):
    """413: the body is over the limit of its route."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(413, "too_large", f"请求内容超过 {limit_bytes} 字节")


class Unsupported(ApiError):
    """415: the body is packed in a way that is not understood here."""

    def __init__(self) -> None:
        super().__init__(415, "unsupported", "不支持的 Content-Encoding")


class TooMany(ApiError):
    """429: try again after `retry_after_s`."""

    def __init__(self, retry_after_s: int, reason: str = "尝试次数过多") -> None:
        msg = f"{reason}，请 {retry_after_s} 秒后再试"
        super().__init__(429, "too_many", msg, retry_after_s=retry_after_s)


class Declined(Exception):
    """HTTP 200 with another `status` than `ok`, one that the API document lists for the endpoint.

    Attributes:
        fields: The answer's other fields.
    """

    def __init__(self, status: str, msg: str, **fields: object) -> None:
        super().__init__(status)
        self.status = status
        self.msg = msg
        self.fields = fields


class WrongForm(Declined):
    """`form_error`: something in the form will not do; `errors` names each field."""

    def __init__(self, errors: Errors, msg: str = "表单有误", **fields: object) -> None:
        super().__init__("form_error", msg, errors=dict(errors), **fields)


_BY_STATUS = {
    400: ("bad_request", "请求内容有误"),
    403: ("forbidden", "不允许的请求"),
    404: ("not_found", "内容不存在"),
    405: ("method_not_allowed", "不支持的请求方法"),
}


def refusal_of(error: BaseException | None) -> ApiError:
    """The answer that an exception means; anything unforeseen is a 500 that says nothing of its cause."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, InvalidFields):
        return BadRequest(error.errors)
    if isinstance(error, NotFound):
        return ApiError(404, *_BY_STATUS[404])
    if isinstance(error, NotAllowed):
        return Forbidden("你的权限不够，请联系职位负责人或公司所有者")
    if isinstance(error, SessionOver):
        return NotLoggedIn()
    if isinstance(error, StreamClosedError):
        # The client went away in the middle. Nobody reads this answer; it keeps a stack out of the log.
        return ApiError(400, *_BY_STATUS[400])
    if isinstance(error, Unavailable):
        return ApiError(503, "unavailable", "微信暂时没有回应，请稍后再试", retry_after_s=2)
    if isinstance(error, (TimeoutError, *STORE_FAILURES)) or is_shortage(error) or is_closed(error):
        return ApiError(503, "unavailable", "服务暂时不可用，请稍后再试", retry_after_s=2)
    if isinstance(error, tornado.web.HTTPError):
        # Tornado's own refusals, of a malformed URL for example. The API has fewer statuses: others are a
        # 400.
        if error.status_code == 405 or error.status_code in _BY_STATUS:
            return ApiError(error.status_code, *_BY_STATUS[error.status_code])
        if 400 <= error.status_code < 500:
            return ApiError(400, *_BY_STATUS[400])
    return ApiError(500, "error", "服务器内部错误")
