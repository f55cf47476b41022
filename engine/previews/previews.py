"""Previews of all stored resumes, whoever holds them.

    outcome = await previews.count(form, user=account, feed_id=None)

A process that holds all resumes looks itself, see `preview`. Else one process of each part of the resumes is
asked, and what they say is added up. Of those of one part an account always asks the same one, which so knows
an older preview of the account, and ends it. Where it does not answer, another one is asked.
"""

from __future__ import annotations

import asyncio
import functools
import time
import zlib
from collections.abc import Sequence
from typing import Literal

import msgspec

from engine.previews.preview import Preview, PreviewOutcome, merged
from engine.previews.preview_slots import Crowded, Superseded
from store.errors import STORE_FAILURES
from store.feeds.feed_documents import FeedForm
from store.redis.asking import Asking
from store.redis.redis_client import REDIS_FAILURES
from store.redis.registry import Registry
from store.results.result_documents import ScoredResult
from store.shards.shares import Share, complete

_WITHIN_S = 1.7
"""Seconds in which all parts must have answered. A request has 2.3 s, and reads the best five afterwards."""

_TRY_S = 0.85
"""Seconds after which another process of the part is asked, if there is one. A preview waits 0.7 s for a slot
before it is refused: with less, a busy process would look like a dead one."""

_SHUNNED_S = 10.0
"""Seconds for which a process that has not answered is asked only where no other is left. Within so long the
registry forgets one that is gone."""


class NobodyAnswers(Exception):
    """Of some part of the resumes nobody has answered in time."""


class _Question(msgspec.Struct, frozen=True):
    form: FeedForm
    user: str
    feed_id: str | None


class _Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a process found, or why it did not look."""

    outcome: PreviewOutcome | None = None
    refused: Literal["", "superseded", "crowded", "unavailable"] = ""


_encode = msgspec.json.encode
_decode_question = msgspec.json.Decoder(_Question).decode
_decode_answer = msgspec.json.Decoder(_Answer).decode


class Previews:
    """Asks for previews, and answers those who ask. Belongs to one event loop.

    Args:
        own: Searches what this process holds; None where it holds no resumes.
        share: Which part of the resumes that is.
        registry: Knows who holds the others.
        asking: The way to them.
    """

    def __init__(self, own: Preview | None, share: Share, registry: Registry, asking: Asking) -> None:
        self._own = own
        self._share = share
        self._registry = registry
        self._asking = asking
        self._shunned: dict[str, float] = {}
        if own is not None:
            asking.answer("preview", functools.partial(_answer, own))

    async def count(self, form: FeedForm, *, user: str, feed_id: str | None) -> PreviewOutcome:
        """Count what a form would match, among all stored resumes.

        Args:
            form: The form, as it would be submitted.
            user: The account. If it has a preview under way, that ends with `Superseded`.
            feed_id: The feed that is edited, which must be the account's own; None for a new one.

        Raises:
            Superseded: The account asked for a newer preview meanwhile.
            Crowded: Others' previews take all slots of a process.
            NobodyAnswers: Of some part nobody has answered in time, or Redis is away.
            TimeoutError: This process looks itself, and MongoDB does not answer; likewise STORE_FAILURES.
        """
        if self._own is not None and self._share.is_all:
            return await self._own.count(form, user=user, feed_id=feed_id)
        seen = await self._registry.seen("backfill")
        count = complete(seen)
        if count is None:
            raise NobodyAnswers
        question, deadline = _Question(form, user, feed_id), time.monotonic() + _WITHIN_S
        shares = [Share(number, count) for number in range(1, count + 1)]
        outcomes = await asyncio.gather(
            *(self._of(share, seen[share], question, deadline) for share in shares), return_exceptions=True
        )
        # All of them have ended. What says that the account need not wait comes first.
        errors = [one for one in outcomes if isinstance(one, BaseException)]
        for kind in (Superseded, Crowded):
            if any(isinstance(error, kind) for error in errors):
                raise kind
        if errors:
            raise errors[0]
        return merged([one for one in outcomes if isinstance(one, PreviewOutcome)])

    async def _of(
        self, share: Share, processes: Sequence[str], question: _Question, deadline: float
    ) -> PreviewOutcome:
        """What there is in one part."""
        if self._own is not None and share == self._share:
            return await self._own.count(question.form, user=question.user, feed_id=question.feed_id)
        for process in self._in_order(processes, question.user)[:2]:
            left_s = deadline - time.monotonic()
            within_s = left_s if len(processes) == 1 else min(left_s, _TRY_S)
            try:
                found = await self._asking.ask(process, "preview", _encode(question), within_s=within_s)
            except REDIS_FAILURES:
                self._shunned[process] = time.monotonic() + _SHUNNED_S
                continue
            self._shunned.pop(process, None)
            answer = _decode_answer(found)
            if answer.outcome is not None:
                return answer.outcome
            if answer.refused == "superseded":
                raise Superseded
            if answer.refused == "crowded":
                raise Crowded
        raise NobodyAnswers

    def _in_order(self, processes: Sequence[str], user: str) -> list[str]:
        """The processes of a part as an account tries them: always the same order while they are well.

        Each account has an order of its own (rendezvous hashing: Thaler and Ravishankar 1998), so that the
        accounts are spread over the processes, and only those of a process that is gone move.
        """
        now = time.monotonic()
        self._shunned = {process: until for process, until in self._shunned.items() if until > now}
        return sorted(processes, key=lambda one: (one in self._shunned, zlib.crc32(f"{user} {one}".encode())))


async def _answer(own: Preview, data: bytes) -> bytes:
    """Answer another process from what this one holds."""
    question = _decode_question(data)
    try:
        outcome = await own.count(question.form, user=question.user, feed_id=question.feed_id)
    except Superseded:
        return _encode(_Answer(refused="superseded"))
    except Crowded:
        return _encode(_Answer(refused="crowded"))
    except TimeoutError:
        return _encode(_Answer(refused="unavailable"))
    except STORE_FAILURES:
        return _encode(_Answer(refused="unavailable"))
    best = [_anonymous(row) for row in outcome.best]
    return _encode(_Answer(outcome=msgspec.structs.replace(outcome, best=best)))


def _anonymous(row: ScoredResult) -> ScoredResult:
    """A row without what a preview does not show: of a person no more goes through Redis than has to."""
    return msgspec.structs.replace(
        row, address="", areas=[], salary_low=0, salary_high=0, degree=0, years=None, schools=[], hunting=""
    )
