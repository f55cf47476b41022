"""What stores resumes and reads files in a command, built on its stores."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from intake.files.reader import FileReader, ReaderBusy
from intake.filing import Filed, Filing
from intake.storing import Storing
from store.stores import Stores

_AGAIN_S = 1.0
"""How long a file waits that the reader does not take yet, as no process for it can be started."""


def storing_of(stores: Stores) -> Storing:
    """What stores resumes. Running servers hear of them by the queue, or find them by their sweep."""
    return Storing(stores.resumes, stores.feeds, stores.queue, lambda: None)


@asynccontextmanager
async def filing_of(stores: Stores) -> AsyncIterator[Filing]:
    """What takes files in while the block lasts; its reader's processes end with it."""
    reader = FileReader(workers=1)
    try:
        yield Filing(reader, stores.originals, stores.file_quarantine, storing_of(stores))
    finally:
        await reader.close()


async def take(
    filing: Filing,
    name: str,
    data: bytes,
    *,
    source: str,
    source_id: str = "",
    send_to: Sequence[str] = (),
    dry_run: bool = False,
) -> list[Filed]:
    """As `Filing.take`; where the reader takes no file yet, this one waits."""
    while True:
        try:
            return await filing.take(
                name, data, source=source, source_id=source_id, send_to=send_to, dry_run=dry_run
            )
        except ReaderBusy:
            await asyncio.sleep(_AGAIN_S)
