"""A feed's list of results: page through it, read one, delete and restore."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from handlers.base import ApiHandler, need_id
from handlers.bodies import Query
from store.errors import NotFound
from store.events import Event, Events
from store.feeds import Feeds
from store.results import SHANGHAI, Result, ResultFilter, Results
from store.resumes import Resumes

MAX_PAGE = 50
DELETE, RESTORE = "-150", "150"
REASONS = (
    *("title", "degree_low", "degree_high", "salary_low", "salary_high"),
    *("level_low", "level_high", "industry", "area"),
)


class ResultHandler(ApiHandler):
    """What the endpoints of results have in common."""

    feeds: Feeds
    resumes: Resumes
    results: Results
    events: Events

    async def view(self, results: Sequence[Result]) -> list[dict[str, Any]]:
        """Results as the API document gives them, each with its resume; an erased one is left out."""
        bodies = await self.resumes.bodies([result.resume for result in results])
        return [_item(result, bodies[result.resume]) for result in results if result.resume in bodies]


class FeedListHandler(ResultHandler):
    """`GET /special_feed/feed_list/<feed_id>`."""

    idle_after: timedelta

    async def handle(self, *args: str) -> None:
        """List one page; opening the list counts as a click on the feed, and wakes an idle one."""
        feed_id = need_id("feed_id", args[0])
        query = self.query
        start = query.whole("start", 0, 10**9, 0) or 0
        size = query.whole("size", 1, MAX_PAGE, 10) or 10
        by_score = query.choice("sort", ("time", "score"), "time") == "score"
        which = read_filter(query)
        query.refuse()
        try:
            await self._open(feed_id)
        except NotFound:
            self.answer("no_feed", "没有这个定制", **_counters(0, 0, 0, -1), data=[])
            return
        total = await self.results.count(feed_id, ResultFilter())
        newest = await self.results.count(feed_id, ResultFilter(unread=True))
        found = total if which == ResultFilter() else await self.results.count(feed_id, which)
        page = await self.results.page(feed_id, which, by_score=by_score, skip=start * size, limit=size)
        next_start = start + 1 if (start + 1) * size < found else -1
        self.ok(**_counters(total, newest, found, next_start), data=await self.view(page))

    async def _open(self, feed_id: str) -> None:
        if self.request.method == "HEAD" or self.is_cross_site() or self.is_prefetch():
            await self.feeds.get(self.user_id, feed_id)
            return
        feed, must_catch_up = await self.feeds.open(self.user_id, feed_id, self.idle_after)
        if must_catch_up:
            await self.events.publish(Event("feed", user=feed.user, feed=feed.id))


class ReadResultHandler(ResultHandler):
    """`/feed/get/<feed_id>/<resume_id>`."""

    methods = ("GET", "POST")
    changes_state = True

    async def handle(self, *args: str) -> None:
        """Give one result and mark it read."""
        feed_id, resume_id = need_id("feed_id", args[0]), need_id("resume_id", args[1])
        await self.feeds.get(self.user_id, feed_id)
        result = await self.results.mark_read(self.user_id, feed_id, resume_id)
        # Always: a client that repeats a request whose answer was lost finds nothing changed.
        await self.events.publish(Event("count", user=self.user_id, feed=feed_id))
        items = await self.view([result])
        if not items:
            raise NotFound(f"no resume {resume_id}")
        self.ok(data=items[0])


class ModifyResultHandler(ResultHandler):
    """`/feed/modify_feed_result`."""

    methods = ("GET", "POST")
    changes_state = True

    async def handle(self, *_: str) -> None:
        """Delete a result from the list, or restore it; doing it twice is `ok`."""
        query = self.query
        feed_id, resume_id = query.object_id("feed_id"), query.object_id("resume_id")
        action = query.required("reco_index", (DELETE, RESTORE), "应为 -150（删除）或 150（恢复）")
        feedback = query.text("feedback")
        reasons = [reason for word in feedback.split(",") if (reason := word.strip())]
        query.check(
            "feedback", all(reason in REASONS for reason in reasons), f"应为 {'、'.join(REASONS)} 中的原因"
        )
        query.refuse()
        await self.feeds.get(self.user_id, feed_id)
        await self.results.set_deleted(
            self.user_id, feed_id, resume_id, deleted=action == DELETE, reasons=reasons
        )
        await self.events.publish(Event("count", user=self.user_id, feed=feed_id))
        self.ok()


def read_filter(query: Query) -> ResultFilter:
    """The filters of a list's query parameters; errors stay in `query`."""
    titles, extended = query.flag("title_match"), query.flag("extend_match")
    days = query.whole("reco_time", 7, 30)
    query.check("reco_time", days in {None, 7, 15, 30}, "应为 7、15 或 30")
    return ResultFilter(
        unread=query.flag("latest"),
        send=query.flag("send"),
        partner=query.flag("partner"),
        title_match=None if titles == extended else titles,
        since=datetime.now(UTC) - timedelta(days=days) if days else None,
        area=query.text("current_area", max_length=50),
        salary_min=query.whole("salary_min", 0, 1_000_000),
        salary_max=query.whole("salary_max", 0, 1_000_000),
    )


def clock(moment: datetime) -> str:
    """A time as clients read it, in China."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def _counters(total: int, newest: int, found: int, next_start: int) -> dict[str, int]:
    return {
        "total_recommend_count": total,
        "newest_recommend_count": newest,
        "feed_query_count": found,
        "total_count": found,
        "next_start": next_start,
    }


def _item(result: Result, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "feed": {"id": result.feed, "keywords": result.keywords},
        "resume": {**body, "id": result.resume},
        "favStatus": False,
        "user_read_status": "read" if result.read else "unread",
        "pub_time": clock(result.pub_time),
        "calc_time": clock(result.calc_time),
        "id": result.id,
        "tags": result.tags,
        "contact_info": {},
        "mark_log": [],
        "comment_log": [],
        "score": result.score,
        "title_match": result.title_match,
        "why": [
            {"field": row.field, "term": row.term, "matched": row.matched, "points": row.points}
            for row in result.why
        ],
        "missing": result.missing,
    }
