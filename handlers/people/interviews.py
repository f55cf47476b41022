"""Dates of interviews: what a mark takes of one, and what a recruiter sends of it: `.ics`, and a text.

GET /resumes/interview/<resume_id>/<mark_id>.ics        RFC 5545, for a calendar
GET /resumes/interview/<resume_id>/<mark_id>.txt        to be sent in WeChat
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import Contract
from handlers.api.errors import BadRequest
from handlers.views.candidate_view import InterviewKind
from runtime.clock import SHANGHAI
from store.errors import NotFound
from store.feeds.feeds import Feeds
from store.notes.candidate_records import CandidateRecords, Interview, Mark
from store.persons.person_records import PersonRecords
from store.resumes.contacts import Contacts

INTERVIEW = "约面试"
"""The mark that takes a date."""
_KINDS = {"onsite": "现场面试", "video": "视频面试", "phone": "电话面试"}
_WEEKDAYS = "一二三四五六日"

_MINUTE = "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}"


def _minute(pattern: str) -> msgspec.Meta:
    said = {"message": "应为 YYYY-MM-DD HH:MM 的时间"}
    return msgspec.Meta(pattern=pattern, examples=["2026-12-01 14:30"], extra=said)


Minute = Annotated[str, _minute(rf"^({_MINUTE})?\Z")]
"""A time in China, or empty for none."""


class NewInterview(msgspec.Struct, kw_only=True):
    """The date of an interview.

    Attributes:
        at: When it begins, in China: `YYYY-MM-DD HH:MM`.
        minutes: How long it takes.
        kind: At the company, by video, or by phone.
        place: The address, or the link.
        note: What else the candidate should know.
    """

    at: Annotated[str, _minute(rf"^{_MINUTE}\Z")]
    minutes: Annotated[int, msgspec.Meta(ge=15, le=480)]
    kind: InterviewKind
    place: Annotated[str, msgspec.Meta(max_length=200)] = ""
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""

    def stored(self) -> Interview:
        """As it is stored.

        Raises:
            BadRequest: There is no such time.
        """
        at = moment_of(self.at, "interview")
        return Interview(at, self.minutes, self.kind, self.place.strip(), self.note.strip())


def moment_of(text: str, field: str) -> datetime:
    """The moment of a time in China.

    Raises:
        BadRequest: There is no such time.
    """
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequest({field: ["没有这个时间"]}) from None


class InterviewHandler(ApiHandler):
    """Base of both: the mark is one of the company's, and has a date."""

    candidate_records: CandidateRecords
    records: PersonRecords
    contacts: Contacts
    feeds: Feeds

    async def find(self, resume_id: str, mark_id: str) -> tuple[Mark, Interview, str, str]:
        """The mark with its date, the title of its feed, and the person's name where it is unlocked.

        Raises:
            NotFound: The company has no such mark, or it has no date.
        """
        await self.candidate_records.require_listed(self.member, resume_id, "view")
        record = (await self.records.find_for(self.company_id, [resume_id])).get(resume_id)
        mark = next((mark for mark in record.marks if mark.id == mark_id), None) if record else None
        if record is None or mark is None or mark.interview is None:
            raise NotFound(f"no interview {mark_id}")
        try:
            title = (await self.feeds.get(self.company_id, mark.feed)).form.title
        except NotFound:  # deleted since
            title = ""
        name = ""
        if record.unlocked_at:
            disclosed = await self.contacts.disclose(self.member, [resume_id], "list", self.request_id)
            if (contact := disclosed.get(resume_id)) and contact.status != "secret":
                name = contact.name
        return mark, mark.interview, title, name


class CalendarHandler(InterviewHandler):
    """`GET /resumes/interview/<resume_id>/<mark_id>.ics`."""

    contract = Contract("The date of an interview, for a calendar", other_answer="text/calendar")

    async def handle(self, resume_id: str, mark_id: str) -> None:
        """An iCalendar file (RFC 5545) with one event; the same event each time it is asked for."""
        mark, interview, title, name = await self.find(resume_id, mark_id)
        what = "：".join(filter(None, ("面试", " ".join(filter(None, (title, name))))))
        data = await asyncio.to_thread(_calendar, mark, interview, what)
        self.attach("text/calendar; charset=UTF-8", "interview.ics")
        self.write(data)


class InvitationHandler(InterviewHandler):
    """`GET /resumes/interview/<resume_id>/<mark_id>.txt`."""

    contract = Contract("An invitation to an interview, as a text", other_answer="text/plain")

    async def handle(self, resume_id: str, mark_id: str) -> None:
        """A text to be sent in WeChat. It names the candidate where the contact is unlocked."""
        _, interview, title, name = await self.find(resume_id, mark_id)
        at = interview.at.astimezone(SHANGHAI)
        day = f"{at.month}月{at.day}日（周{_WEEKDAYS[at.weekday()]}）{at:%H:%M}"
        place = "链接" if interview.kind == "video" else "地点"
        lines = [
            f"{name}您好，{self.account.company_name}邀请您参加{f'「{title}」的' if title else ''}面试。",
            f"时间：{day}，约 {interview.minutes} 分钟",
            f"方式：{_KINDS[interview.kind]}",
            *([f"{place}：{interview.place}"] if interview.place else []),
            *([interview.note] if interview.note else []),
            "收到请回复，如时间不便请告诉我，谢谢！",
        ]
        self.set_header("Content-Type", "text/plain; charset=UTF-8")
        self.write("\n".join(lines))


def _calendar(mark: Mark, interview: Interview, what: str) -> bytes:
    from icalendar import Calendar, Event  # takes a tenth of a second, and few need it

    event = Event()
    event.add("uid", f"{mark.id}@talentfeed")
    event.add("dtstamp", mark.at)
    event.add("dtstart", interview.at)
    event.add("dtend", interview.at + timedelta(minutes=interview.minutes))
    event.add("summary", what)
    if interview.place:
        event.add("location", interview.place)
    event.add("description", "\n".join(filter(None, (_KINDS[interview.kind], interview.note))))
    calendar = Calendar()
    calendar.add("prodid", "-//TalentFeed//TalentFeed//ZH")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
