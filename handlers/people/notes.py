"""Marks and comments of a candidate: add one, correct it, take it back, and give it back again.

Each answer has the whole log of its kind. All of it is seen by its account alone; how is in `candidate_view`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Protocol

import msgspec

from handlers.api.contract import Contract, Ok
from handlers.api.errors import BadRequest
from handlers.people.interviews import INTERVIEW, Minute, NewInterview, moment_of
from handlers.people.marked import KeptCounts
from handlers.people.people import OfFeed, PersonHandler
from handlers.views.candidate_view import CommentView, MarkView, authors_of, comment_log, mark_log
from handlers.views.member_names import MemberName, Names
from runtime.clock import SHANGHAI
from runtime.decoding import Errors
from store.accounts.accounts import Accounts
from store.errors import ListFull
from store.notes.candidate_records import MAX_COMMENT_CHARS, MAX_ENTRIES, CandidateRecord

MOST_MENTIONS = 10
"""Colleagues whom a comment names."""
_MENTION = re.compile(r"@\[([0-9a-fA-F]{24})\]")
_MARKS_FULL = {"mark_name": [f"最多 {MAX_ENTRIES} 条标记"]}
_COMMENTS_FULL = {"content": [f"最多 {MAX_ENTRIES} 条备注，共 {MAX_COMMENT_CHARS} 个字符"]}

MarkName = Annotated[
    str, msgspec.Meta(max_length=50, pattern=r"\S", extra={"message": "应为 1 到 50 个字符"})
]
Content = Annotated[
    str, msgspec.Meta(max_length=2000, pattern=r"\S", extra={"message": "应为 1 到 2000 个字符"})
]
ClientId = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^([A-Za-z0-9_-]{8,64})?\Z",
        examples=["c7Yw-93bq_A1"],
        extra={"message": "应为 8 至 64 个字母、数字、_ 或 -"},
    ),
]
Day = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?\Z",
        examples=["2026-12-01"],
        extra={"message": "应为 YYYY-MM-DD 的日期"},
    ),
]


class NewMark(OfFeed):
    """How things stand with a candidate.

    Attributes:
        mark_name: 1 to 50 characters that are not all blank.
        good_result: Whether things go well.
        remind_on: The day in China to come back to them, `YYYY-MM-DD`, from today on; empty for none.
        remind_at: The same with the hour, `YYYY-MM-DD HH:MM`; `remind_on` need not be given beside it.
        interview: When they come; with the mark 约面试 alone.
        client_id: Chosen by the client: 8 to 64 letters, digits, `_` and `-`. A mark that the candidate has
            under the same one is not added again.
    """

    mark_name: MarkName
    good_result: bool
    remind_on: Day = ""
    remind_at: Minute = ""
    interview: NewInterview | None = None
    client_id: ClientId = ""


class NewComment(msgspec.Struct):
    """A note on a candidate.

    Attributes:
        content: 1 to 2,000 characters that are not all blank.
        client_id: As of a mark.
    """

    content: Content
    client_id: ClientId = ""


class MarkChange(msgspec.Struct, kw_only=True):
    """What changes of a mark; what is left out stays.

    Attributes:
        mark_name: As of a new mark, as is `good_result`.
        remind_on: As of a new mark; empty takes the reminder away, for example when it is done.
        remind_at: As of a new mark; empty leaves the day.
        interview: As of a new mark.
        taken_back: True takes the mark out of the log, false gives it back within a day.
    """

    mark_name: MarkName | None = None
    good_result: bool | None = None
    remind_on: Day | None = None
    remind_at: Minute | None = None
    interview: NewInterview | None = None
    taken_back: bool | None = None


class CommentChange(msgspec.Struct, kw_only=True):
    """What changes of a comment; what is left out stays.

    Attributes:
        content: As of a new comment.
        taken_back: As of a mark.
    """

    content: Content | None = None
    taken_back: bool | None = None


class MarkAnswer(Ok):
    """All marks, the latest last."""

    mark_log: list[MarkView]


class CommentAnswer(Ok):
    """All comments, the latest last."""

    comment_log: list[CommentView]


class NoteHandler(PersonHandler):
    """Base of these endpoints."""

    methods = ("POST",)

    counts: KeptCounts
    names: Names

    async def marked(self, change: Awaitable[CandidateRecord]) -> None:
        """Answer with the marks after a change of them."""
        candidate, names = await self._changed(change, _MARKS_FULL)
        self.counts.forget(self.user_id)
        self.ok(mark_log=mark_log(candidate, names))

    async def commented(self, change: Awaitable[CandidateRecord]) -> None:
        """Answer with the comments after a change of them."""
        self.ok(comment_log=comment_log(*await self._changed(change, _COMMENTS_FULL)))

    async def _changed(
        self, change: Awaitable[CandidateRecord], full: Errors
    ) -> tuple[CandidateRecord, Mapping[str, MemberName]]:
        try:
            candidate = await change
        except ListFull:
            raise BadRequest(full) from None
        return candidate, await self.names.of(authors_of([candidate]), known=self.account)


class MarkHandler(NoteHandler):
    """`POST /resumes/mark/<resume_id>`."""

    contract = Contract("Mark how things stand with a candidate", body=NewMark, answer=MarkAnswer)

    form: NewMark

    async def handle(self, resume_id: str) -> None:
        """The mark goes to the end of the candidate's `mark_log`, which its company sees.

        Until the next one it says how things stand: `GET /resumes/marked/` lists them by it. A reminder of
        the mark before ends with it.
        """
        form = self.form
        more = details_of(form, form.mark_name)
        await self.require_listed(resume_id, form.feed_id)
        await self.marked(
            self.records.mark(
                self.member,
                resume_id,
                form.feed_id,
                form.mark_name.strip(),
                form.good_result,
                more=more,
                client_id=form.client_id,
            )
        )


class ChangeMarkHandler(NoteHandler):
    """`POST /resumes/mark/<resume_id>/<mark_id>`."""

    contract = Contract(
        "Correct a mark, set its reminder, or take it back", body=MarkChange, answer=MarkAnswer
    )

    form: MarkChange

    async def handle(self, resume_id: str, mark_id: str) -> None:
        """Its time and its place in `mark_log` stay. The same change a second time is `ok`.

        What was taken back last can be given back for a day; then it is gone.
        """
        form = self.form
        when = _when(form.remind_on, form.remind_at)
        if form.interview:
            _require_interview(form.mark_name.strip() if form.mark_name else INTERVIEW)
        await self.candidate_records.require_listed(self.member, resume_id, "work")
        fields = {
            "name": None if form.mark_name is None else form.mark_name.strip(),
            "good": form.good_result,
            "interview": msgspec.structs.asdict(form.interview.stored()) if form.interview else None,
            **when,
        }
        given = {name: value for name, value in fields.items() if value is not None}
        await self.marked(
            self.records.change(self.member, resume_id, "marks", mark_id, given, taken_back=form.taken_back)
        )


class CommentHandler(NoteHandler):
    """`POST /resumes/comment/<resume_id>`."""

    contract = Contract("Comment on a candidate", body=NewComment, answer=CommentAnswer)

    form: NewComment
    accounts: Accounts

    async def handle(self, resume_id: str) -> None:
        """The comment goes to the end of the candidate's `comment_log`, which its company sees.

        A colleague whom it names as `@[id]` is told of it.
        """
        await self.candidate_records.require_listed(self.member, resume_id, "view")
        content, client_id = self.form.content.strip(), self.form.client_id
        named = [*dict.fromkeys(id_.lower() for id_ in _MENTION.findall(content))][:MOST_MENTIONS]
        mentions = await self._colleagues(named) if named else []
        await self.commented(
            self.records.comment(self.member, resume_id, content, client_id=client_id, mentions=mentions)
        )

    async def _colleagues(self, user_ids: Sequence[str]) -> list[str]:
        """Those of some accounts that are colleagues."""
        found = await self.accounts.find(user_ids)
        others = (one for one in found.values() if one.id != self.user_id)
        return [one.id for one in others if one.company_id == self.company_id]


class ChangeCommentHandler(NoteHandler):
    """`POST /resumes/comment/<resume_id>/<comment_id>`."""

    contract = Contract("Correct a comment, or take it back", body=CommentChange, answer=CommentAnswer)

    form: CommentChange

    async def handle(self, resume_id: str, comment_id: str) -> None:
        """Its time and its place in `comment_log` stay, and `edited` says that its text is another one.

        The same change a second time is `ok`. What was taken back last can be given back for a day; then it
        is gone.
        """
        form = self.form
        await self.candidate_records.require_listed(self.member, resume_id, "view")
        fields = {} if form.content is None else {"content": form.content.strip(), "edited": True}
        await self.commented(
            self.records.change(
                self.member, resume_id, "comments", comment_id, fields, taken_back=form.taken_back
            )
        )


class MarkDetails(Protocol):
    """What a mark says beside its name."""

    remind_on: str
    remind_at: str
    interview: NewInterview | None


def details_of(form: MarkDetails, mark_name: str) -> dict[str, Any]:
    """What is stored of a new mark beside its name.

    Raises:
        BadRequest: A time that is none or has passed, or a date of an interview where there is none.
    """
    more: dict[str, Any] = {
        name: value for name, value in _when(form.remind_on, form.remind_at).items() if value
    }
    if form.interview:
        _require_interview(mark_name.strip())
        more["interview"] = msgspec.structs.asdict(form.interview.stored())
    return more


def _when(day: str | None, minute: str | None) -> dict[str, str | None]:
    """The day of a reminder, and its hour; None for what stays as it is."""
    if minute:
        if day and not minute.startswith(day):
            raise BadRequest({"remind_at": ["与 remind_on 不是同一天"]})
        moment_of(minute, "remind_at")
        _require_day(minute[:10], "remind_at")
        return {"remind_on": minute[:10], "remind_at": minute}
    if day:
        _require_day(day, "remind_on")
    # Another day has no hour, unless one is given.
    return {"remind_on": day, "remind_at": minute if day is None else ""}


def _require_interview(mark_name: str) -> None:
    if mark_name != INTERVIEW:
        raise BadRequest({"interview": [f"只有标记“{INTERVIEW}”可以带面试时间"]})


def _require_day(text: str, field: str) -> None:
    """Check that there is such a day of a reminder, and that it has not passed in China."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadRequest({field: ["没有这一天"]}) from None
    if day < datetime.now(UTC).astimezone(SHANGHAI).date():
        raise BadRequest({field: ["不能早于今天"]})
