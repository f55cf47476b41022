"""Previews of all stored resumes, whoever holds them.

    outcome = await previews.count(form, user=account, feed_id=None)

What a process holds itself it searches itself, see `preview`.
"""

from __future__ import annotations

from engine.preview import Preview, PreviewOutcome
from store.feed_documents import FeedForm
from store.shares import Share


class NobodyAnswers(Exception):
    """Nobody who holds the resumes has answered in time."""


class Previews:
    """Asks for previews. Belongs to one event loop.

    Args:
        own: Searches what this process holds; None where it holds no resumes.
        share: Which part of the resumes that is.
    """

    def __init__(self, own: Preview | None, share: Share) -> None:
        self._own = own
        self._share = share

    async def count(self, form: FeedForm, *, user: str, feed_id: str | None) -> PreviewOutcome:
        """Count what a form would match; arguments and errors are those of `Preview.count`.

        Raises:
            NobodyAnswers: Some resumes are held by processes of which none has answered in time.
        """
        if self._own is None:
            raise NobodyAnswers
        return await self._own.count(form, user=user, feed_id=feed_id)
