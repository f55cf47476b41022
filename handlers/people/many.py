"""`POST /special_feed/results/`: the same step with up to fifty people of a list, in one transaction."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from engine.learning.feedback_learner import FeedbackLearner
from handlers.api.base import ApiHandler
from handlers.api.contract import Contract, Ok, Shape
from handlers.api.errors import BadRequest
from handlers.people.interviews import Minute, NewInterview
from handlers.people.marked import KeptCounts
from handlers.people.notes import ClientId, Day, MarkName, details_of
from handlers.results.results import Feedback, reasons_in
from runtime.decoding import Id
from store.errors import ListFull, NotFound
from store.feeds.feeds import Feeds
from store.ids import candidate_record_id, new_id, note_id
from store.notes.candidate_records import CandidateRecords
from store.notes.repeats import Repeats
from store.persons.person_records import PersonRecords
from store.results.result_counters import ResultCounters
from store.results.results import Results

MOST = 50
"""People in one request."""
_REST_BYTES, _TEN_BYTES = 150, 280
"""What a body has beside the ids, and what ten of them take."""
Action = Literal["delete", "restore", "watch", "unwatch", "read", "mark", "unmark"]
Outcome = Literal["ok", "not_found", "full"]


class ManyResults(msgspec.Struct, kw_only=True):
    """What is done with whom.

    Attributes:
        resume_ids: Results of the feed; one that is named twice counts once.
        action: What is done with each; `read` marks them read, and shows nothing of them.
        feedback: As of `modify_feed_result`, for `delete`.
        mark_name: As of a mark, as are `good_result`, `remind_on`, `remind_at` and `interview`, for `mark`.
        client_id: As of a mark: a repeat within a day is answered as before, and nothing is done.
        marked_as: The `client_id` of the request of `mark` whose marks `unmark` takes back.
    """

    feed_id: Id
    resume_ids: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=MOST)]
    action: Action
    feedback: Feedback = ""
    mark_name: MarkName | None = None
    good_result: bool | None = None
    remind_on: Day = ""
    remind_at: Minute = ""
    interview: NewInterview | None = None
    client_id: ClientId = ""
    marked_as: ClientId = ""


class ResultOutcome(Shape):
    """What came of one; `full` where a person has as many marks as there may be.

    Attributes:
        mark_id: Of `mark`: the mark's own, by which it is corrected and taken back.
    """

    id: Id
    status: Outcome
    mark_id: Id | msgspec.UnsetType = msgspec.UNSET


class ManyAnswer(Ok):
    """What came of each, in the order asked for."""

    results: list[ResultOutcome]


class ManyHandler(ApiHandler):
    """Each as by the endpoint of its own, together in one transaction."""

    contract = Contract(
        "Delete, restore, mark, read or keep up to fifty results, or take that back",
        body=ManyResults,
        answer=ManyAnswer,
        may_be_missing=True,
    )
    methods = ("POST",)

    form: ManyResults
    feeds: Feeds
    results: Results
    candidate_records: CandidateRecords
    records: PersonRecords
    numbers: ResultCounters
    repeats: Repeats
    marked: KeptCounts
    learner: FeedbackLearner

    def cost(self) -> int:
        """A unit for ten."""
        length = self.request.headers.get("Content-Length", "")
        bytes_ = int(length) if length.isascii() and length.isdigit() else 0
        return min(1 + max(0, bytes_ - _REST_BYTES) // _TEN_BYTES, MOST // 10)

    async def handle(self) -> None:
        """What is not in one of the account's lists is `not_found`, and the others are done all the same."""
        form, details = self.form, dict[str, object]()
        if form.action == "mark":
            wanted = {"mark_name": form.mark_name, "good_result": form.good_result}
            if missing := [name for name, value in wanted.items() if value is None]:
                raise BadRequest({name: ["标记时必填"] for name in missing})
            details = details_of(form, form.mark_name or "")
        elif form.action == "unmark" and not form.marked_as:
            raise BadRequest({"marked_as": ["撤销标记时必填"]})
        await self.feeds.require_seen(self.member, form.feed_id, "work")

        ids = list(dict.fromkeys(form.resume_ids))
        # A mark that has a name has the same id whenever it is asked for, also in the answer to a repeat.
        name = form.client_id or new_id()

        async def each() -> list[Outcome]:
            return [await self._do(id_, details, name) for id_ in ids]

        done = await self.numbers.together(
            self.company_id, lambda: self.repeats.once(self.user_id, form.client_id, each)
        )
        self.marked.forget(self.user_id)
        self.learner.wake()
        said = dict(zip(ids, done, strict=False))  # under the same name another one may be asked for
        self.ok(results=[self._outcome(id_, said.get(id_, "not_found"), name) for id_ in form.resume_ids])

    def _outcome(self, id_: str, status: Outcome, name: str) -> ResultOutcome:
        if status != "ok" or self.form.action != "mark":
            return ResultOutcome(id_, status)
        return ResultOutcome(id_, status, self._mark_of(id_, name))

    def _mark_of(self, id_: str, name: str) -> str:
        """The mark of somebody that a request of this name sets."""
        return note_id(candidate_record_id(self.company_id, id_), "marks", name)

    async def _do(self, id_: str, details: dict[str, object], name: str) -> Outcome:
        company, form = self.company_id, self.form
        try:
            match form.action:
                case "delete" | "restore":
                    is_deleted = form.action == "delete"
                    reasons = reasons_in(form.feedback) if is_deleted else ()
                    await self.results.set_deleted(
                        company, form.feed_id, id_, deleted=is_deleted, reasons=reasons
                    )
                    if is_deleted:
                        await self.records.release(company, id_)
                case "read":
                    await self.results.mark_read(company, form.feed_id, id_)
                case _:
                    await self.candidate_records.require_listed(self.member, id_, "work")
                    await self._keep(id_, details, name)
        except NotFound:
            return "not_found"
        except ListFull:
            return "full"
        return "ok"

    async def _keep(self, id_: str, details: dict[str, object], name: str) -> None:
        form = self.form
        if form.action == "watch":
            await self.records.watch(self.member, id_, form.feed_id)
        elif form.action == "unwatch":
            await self.records.unwatch(self.member, id_)
        elif form.action == "unmark":
            mark = self._mark_of(id_, form.marked_as)
            await self.records.change(self.member, id_, "marks", mark, {}, taken_back=True)
        else:
            await self.records.mark(
                self.member,
                id_,
                form.feed_id,
                (form.mark_name or "").strip(),
                bool(form.good_result),
                more=details,
                client_id=name,
            )
