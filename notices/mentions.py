"""Mentions: a member whom a colleague names in a comment is told, at once within their hours.

Each is a job, whose key names the member, the resume and the comment. What is told is read when it is sent:
of a comment that was taken back, or a person whom the member does not see any more, nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime

from notices.schedule import after_quiet, rules_of
from notices.sender import SEND_S, Sender
from notices.ways import NobodyAnswers, NotTaken, receiver_of
from notices.wording import mention_notice
from store.accounts.accounts import Accounts
from store.errors import NotFound
from store.feeds.feeds import Feeds
from store.jobs.jobs import Job
from store.jobs.runner import JobFailed
from store.notes.candidate_records import CandidateRecords
from store.notes.notices import Notices
from store.persons.person_records import PersonRecords


class Mentions:
    """Tells members who were mentioned. Belongs to one event loop."""

    def __init__(
        self,
        accounts: Accounts,
        notices: Notices,
        feeds: Feeds,
        candidate_records: CandidateRecords,
        records: PersonRecords,
        sender: Sender,
    ) -> None:
        self._accounts = accounts
        self._notices = notices
        self._feeds = feeds
        self._candidate_records = candidate_records
        self._records = records
        self._sender = sender

    async def tell(self, job: Job) -> datetime | None:
        """Tell of one mention, or say when to.

        Raises:
            JobFailed: No way took the message.
        """
        user, resume, comment_id = job.key.split(":")
        now, wishes = datetime.now(UTC), await self._notices.wishes(user)
        due = after_quiet(rules_of(wishes, self._sender.defaults).quiet, now)
        if due > now:
            return due
        try:
            account = await self._accounts.get(user)
        except NotFound:
            return None
        record = (await self._records.find_for(account.company_id, [resume])).get(resume)
        comment = next((one for one in record.comments if one.id == comment_id), None) if record else None
        feeds = await self._candidate_records.feeds_of(account.member, resume)
        if comment is None or not feeds or not account.may_log_in:
            return None
        by = (await self._accounts.find([comment.by])).get(comment.by)
        feed = await self._feeds.get(account.company_id, feeds[0])
        notice = mention_notice(
            by.shown_name if by else "", feed.id, feed.form.title, resume, self._sender.page_url
        )
        try:
            await self._sender.send(receiver_of(account, self._sender.appids, wishes), notice, SEND_S)
        except (NobodyAnswers, NotTaken) as error:
            raise JobFailed(type(error).__name__) from None
        return None
