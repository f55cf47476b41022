"""Notices: what a recruiter who is away is told, when and by which ways; consents, and a test message."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import FORM, JSON, Answer, Contract, Ok, Shape
from handlers.api.errors import BadRequest, Declined, TooMany
from notices.schedule import digests_from, digests_text, quiet_from, quiet_text, rules_of
from notices.sender import Sender
from notices.ways import APPS, NobodyAnswers, NotTaken, Receiver, receiver_of
from notices.wording import Notice
from store.accounts.accounts import Accounts
from store.accounts.allowances import Allowances
from store.notes.notices import Notices, turned_on
from wechat.errors import Unavailable
from wechat.wecom import is_robot_key

Unset = msgspec.UnsetType
MAX_CONSENTS = 50
"""Consents of an app that an account can have; WeChat keeps no more of a template."""
TESTS_A_DAY = 3
TEST_S = 8.0
"""Seconds that a test message may take, for which somebody waits at a screen."""


class ChannelState(Shape):
    """One way to the recruiter, in the order in which they are tried.

    Attributes:
        kind: `wecom`, `robot`, `mini`, `mp` or `mail`; those that this server has.
        on: Whether the recruiter wants it.
        state: `ok`; `off` where it is not wanted, or something is missing; `failed` where it was given up.
        reason: What is missing, or why it was given up.
        left: Messages that were agreed to and not sent yet; of `mini` and `mp` alone.
    """

    kind: str
    on: bool
    state: Literal["ok", "off", "failed"]
    reason: str
    left: int | Unset = msgspec.UNSET


class Wanted(msgspec.Struct):
    """One channel, on or off."""

    kind: Literal["wecom", "robot", "mini", "mp", "mail"]
    on: bool


class NoticesForm(msgspec.Struct):
    """What is left out stays.

    Attributes:
        channels: Those to turn on or off; in a form as JSON.
        quiet: `22:00-08:00`; the same time twice for never quiet.
        digests: `09:00,14:00`, at most 6; empty for none.
        at_once_score: 0 to 100, from which a match is told at once; null, in a form empty, for never.
        robot_key: The key of a robot in a group of WeCom, empty to take it away. It is never given back.
    """

    channels: list[Wanted] | Unset = msgspec.UNSET
    quiet: str | Unset = msgspec.UNSET
    digests: str | Unset = msgspec.UNSET
    at_once_score: float | str | Unset | None = msgspec.UNSET
    robot_key: str | Unset = msgspec.UNSET


class NoticesAnswer(Answer):
    """What is set, with the server's defaults where nothing was.

    Attributes:
        errors: What is wrong with each field, with `form_error`; then nothing was changed.
    """

    status: Literal["ok", "form_error"]
    errors: dict[str, list[str]]
    channels: list[ChannelState]
    quiet: str
    digests: str
    at_once_score: float | None


class NoticesHandler(ApiHandler):
    """`/hr/notices/`."""

    contract = Contract(
        "What a recruiter who is away is told: read it, change it",
        body=NoticesForm,
        body_kinds=(FORM, JSON),
        answer=NoticesAnswer,
    )
    methods = ("GET", "POST")

    form: NoticesForm
    accounts: Accounts
    notices: Notices
    sender: Sender

    async def handle(self) -> None:
        """POST changes what it names, and both give what is set."""
        errors: dict[str, list[str]] = {}
        if self.request.method == "POST":
            changes, errors = _checked(self.form)
            if changes and not errors:
                await self.notices.change(self.user_id, changes)
        wishes = await self.notices.wishes(self.user_id)
        rules = rules_of(wishes, self.sender.defaults)
        receiver = receiver_of(await self.accounts.get(self.user_id), self.sender.appids, wishes)
        self.answer_form(
            errors,
            channels=[_state(way.kind, way.lacks(receiver), receiver) for way in self.sender.ways],
            quiet=quiet_text(rules.quiet),
            digests=digests_text(rules.digests),
            at_once_score=rules.at_once_score,
        )


class ConsentForm(msgspec.Struct):
    """How often somebody tapped 允许.

    Attributes:
        app: `mini` or `mp`.
        accepted: 1 to 10.
    """

    app: Literal["mini", "mp"]
    accepted: Annotated[int, msgspec.Meta(ge=1, le=10)]


class ConsentAnswer(Ok):
    """How many messages may be sent now."""

    left: int


class ConsentHandler(ApiHandler):
    """`/hr/notices/consent/`."""

    contract = Contract(
        "Note that the recruiter agreed to messages of WeChat",
        body=ConsentForm,
        body_kinds=(FORM, JSON),
        answer=ConsentAnswer,
    )
    methods = ("POST",)

    form: ConsentForm
    notices: Notices
    sender: Sender

    async def handle(self) -> None:
        """Each consent is one message; WeChat does not say how many there are, so we count."""
        if not any(way.kind == self.form.app for way in self.sender.ways):
            raise BadRequest({"app": ["此服务器没有开通这种提醒"]})
        left = await self.notices.add_consents(self.user_id, self.form.app, self.form.accepted, MAX_CONSENTS)
        self.ok(left=left)


class TestAnswer(Answer):
    """Which channel took the message."""

    status: Literal["ok", "no_channel"]
    kind: str


class TestHandler(ApiHandler):
    """`/hr/notices/test/`."""

    contract = Contract("Send a message now, to see that it comes", answer=TestAnswer, throttled=True)
    methods = ("POST",)

    accounts: Accounts
    allowances: Allowances
    notices: Notices
    sender: Sender

    async def handle(self) -> None:
        """It says nothing of what is unread, and does not count for the hour.

        Raises:
            TooMany: Three were taken within a day.
        """
        wishes = await self.notices.wishes(self.user_id)
        receiver = receiver_of(await self.accounts.get(self.user_id), self.sender.appids, wishes)
        if wait_s := await self.allowances.take(self.user_id, "test", TESTS_A_DAY):
            raise TooMany(wait_s)
        self.lift_deadline()  # a mail server may take its time, and the sender has a limit of its own
        kind = None
        try:
            kind = await self.sender.send(receiver, Notice([], f"{self.sender.page_url}/#/"), TEST_S)
        except NobodyAnswers:
            raise Unavailable("notice_test", outcome="no_answer") from None
        except NotTaken:
            pass
        finally:
            if kind is None:
                await self.allowances.give_back(self.user_id, "test")
        if kind is None:
            raise Declined("no_channel", "没有可用的提醒方式", kind="")
        self.ok(kind=kind)


def _state(kind: str, lacks: str, receiver: Receiver) -> ChannelState:
    reason = receiver.wishes.failed.get(kind, "") or lacks
    is_on = receiver.wishes.on.get(kind, True)
    state: Literal["ok", "off", "failed"] = "ok"
    if kind in receiver.wishes.failed:
        state = "failed"
    elif lacks or not is_on:
        state = "off"
    left = receiver.wishes.left.get(kind, 0) if kind in APPS else msgspec.UNSET
    return ChannelState(kind, is_on, state, reason, left)


def _checked(form: NoticesForm) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The fields of the account's document that change, and what is wrong with the form's."""
    changes: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    if not isinstance(form.channels, Unset):
        for one in form.channels:
            changes |= turned_on(one.kind) if one.on else {f"channels.{one.kind}.on": False}
    for name, (read, wrong) in _READERS.items():
        if not isinstance(value := getattr(form, name), Unset):
            try:
                changes[name] = read(value)
            except ValueError:
                errors[name] = [wrong]
    if not isinstance(form.robot_key, Unset):
        key = form.robot_key.strip()
        if key and not is_robot_key(key):
            errors["robot_key"] = ["请填写群机器人的地址，或其中 key= 后面的部分"]
        changes |= {"robot_key": key, "robot_at": datetime.now(UTC), **turned_on("robot")}
    return changes, errors


def _score(value: float | str | None) -> float | None:
    """A score as a form or JSON gives it; None for none.

    Raises:
        ValueError: It is none of 0..100.
    """
    if value is None or value == "" or value == "null":
        return None
    score = float(value)
    if not 0 <= score <= 100:
        raise ValueError(value)
    return score


_READERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "quiet": (lambda text: list(quiet_from(text)), "请填写时间段，例如 22:00-08:00"),
    "digests": (lambda text: list(digests_from(text)), "请填写时间，例如 09:00,14:00，最多 6 个"),
    "at_once_score": (_score, "请填写 0 到 100 的分数，留空表示不立即提醒"),
}
"""How a field is read into what is stored, which raises `ValueError`, and what is said where it cannot be."""
