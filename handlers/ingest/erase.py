"""`DELETE /resumes/<resume_id>`: erases a person everywhere, for whoever holds the ingest token.

What "everywhere" is, and how it ends even where a process dies, is in `store/ends/erasures.py`.
"""

from __future__ import annotations

from handlers.api.base import ApiHandler
from handlers.api.contract import Contract
from store.ends.erasures import Erasures
from store.errors import NotFound


class EraseHandler(ApiHandler):
    """Erase one resume, its contact, and all that was made or noted of it."""

    contract = Contract("Erase a person everywhere")
    methods = ("DELETE",)
    needs_login = False
    needs_ingest_token = True

    erasures: Erasures

    async def handle(self, resume_id: str) -> None:
        """The resume, its contact, and all that was made or noted of it. A second time is `ok` too.

        The same `(source, source_id)` is refused from then on. A token of one source erases that source's
        resumes alone.

        Once the erasure is stored it will be completed, even if this request is answered 503.
        """
        try:
            await self.erasures.erase(resume_id, self.request_id, source=self.ingest_source)
        except NotFound:
            if self.ingest_source is not None:  # another source's, or of none
                self.report("ingest_token", "refused")
            raise
        self.report("erasure", "ok")
        self.ok()
