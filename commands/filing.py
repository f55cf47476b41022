"""What reads and stores files in a command, built on its stores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from commands.running import Workspace
from intake.files.reader import FileReader
from intake.filing import Filing
from intake.storing import Storing
from store.stores import Stores


@asynccontextmanager
async def filing_of(space: Workspace, stores: Stores) -> AsyncIterator[Filing]:
    """What takes files in while the block lasts; its reader's processes end with it."""
    reader = FileReader(workers=1)
    try:
        # Nobody is woken here: running servers hear of new resumes by the queue, or find them by their sweep.
        storing = Storing(stores.resumes, stores.feeds, stores.queue, lambda: None)
        yield Filing(reader, stores.originals, stores.file_quarantine, storing)
    finally:
        await reader.close()
