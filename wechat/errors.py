"""What can go wrong with WeChat, as the rest of the system sees it.

    WechatError
    ├── CodeRefused         the code of a login is used, expired or false: whoever sent it begins again
    ├── TokenRefused        the app's token does not hold; `tokens.py` gets another one
    ├── Refused             a message is not taken; `is_for_good` where it never will be
    └── Unavailable         no answer that says anything; later, or by another way
        ├── AnswerLost      none came to a message that was sent, which may have been taken
        └── Misconfigured   what the operator has set is wrong; `manage.py wechat check` says what

An error has the call and WeChat's `errcode`, and nothing of what was sent or answered.
"""

from __future__ import annotations

from typing import Literal

Outcome = Literal["no_answer", "no_json", "errcode"]


class WechatError(Exception):
    """WeChat did not do what was asked.

    Attributes:
        call: Which call it was.
        outcome: Whether it was said by an `errcode`, or not at all.
        errcode: What WeChat said; 0 where it said nothing.
    """

    def __init__(self, call: str, errcode: int = 0, outcome: Outcome = "errcode") -> None:
        super().__init__(f"{call}: {errcode or outcome}")
        self.call = call
        self.errcode = errcode
        self.outcome = outcome


class CodeRefused(WechatError):
    """The code is used, expired, or false."""


class TokenRefused(WechatError):
    """The app's token does not hold."""


class Refused(WechatError):
    """A message was not taken."""

    @property
    def is_for_good(self) -> bool:
        """Whether the same message to the same person will never be taken."""
        return self.errcode in FOR_GOOD


class Unavailable(WechatError):
    """No answer in time, none that can be read, or one that says to come later."""


class AnswerLost(Unavailable):
    """A message was sent, and no answer came to it."""


class Misconfigured(Unavailable):
    """The appid, the secret, or what the app may do is not as WeChat has it."""


# Errcodes as developers.weixin.qq.com and developer.work.weixin.qq.com/document/path/90313 document them.
_CODE = frozenset(
    {
        40029,  # the code is false, or older than five minutes
        40163,  # it was used before
        40226,  # WeChat's risk control keeps this person from logging in to mini-programs
        41008,  # there is none
        42003,  # it has expired
    }
)
_TOKEN = frozenset({40001, 40014, 41001, 42001})
_SETUP = frozenset(
    {
        40001,  # of a call that carries the secret: the secret is wrong
        40013,  # the appid or corpid is false
        40056,  # the agentid is false
        40091,  # WeCom: the secret is wrong
        40125,  # the secret is wrong
        40164,  # this machine's address is not on the app's list
        40243,  # the secret is frozen
        41002,  # no appid
        41004,  # no secret
        48001,  # the app may not use this call
        50007,  # the app is frozen
        60020,  # WeCom: this machine's address is not trusted
        89503,  # the address waits for the administrator's word
        89506,  # the administrator has refused the address, for the day
        89507,  # the same, for the hour
        301002,  # WeCom: the secret is of another agent
    }
)
_LATER = frozenset(
    {
        -1,  # busy
        45009,  # the day's calls are used up, or too many a minute
        45011,  # too many of one person a minute
    }
)
FOR_GOOD = frozenset(
    {
        40003,  # no such openid in this app
        40037,  # no such template
        41030,  # no such page
        43004,  # the person no longer follows the account
        43101,  # the person has not asked for the message, or has taken that back
        47003,  # the template has other fields
        60111,  # WeCom: no such member
        81013,  # WeCom: nobody of those named may be reached
        93000,  # the robot's key is false, or it was removed from its group
    }
)
KNOWN = _CODE | _TOKEN | _SETUP | _LATER | FOR_GOOD
"""The errcodes that metrics tell apart."""

BUSY = -1
"""Of all errcodes the one after which the same call may succeed within a second."""

Carries = Literal["secret", "token", "key"]
"""What a call proves itself with: the app's secret, the app's token, or a robot's key."""


def error_of(call: str, carries: Carries, errcode: int) -> WechatError:
    """The error that an `errcode` means for a call.

    What is not known says nothing of a code that somebody sent, so a call with the secret is `Unavailable`.
    """
    if carries == "token" and errcode in _TOKEN:
        return TokenRefused(call, errcode)
    if errcode in _CODE:
        return CodeRefused(call, errcode)
    if errcode in _SETUP:
        return Misconfigured(call, errcode)
    if errcode in _LATER or carries == "secret":
        return Unavailable(call, errcode)
    return Refused(call, errcode)
