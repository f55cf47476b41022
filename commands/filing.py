"""What stores resumes and reads files in a command, built on its stores."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from intake.files.outcome import Outcome
from intake.files.reader import FileReader, ReaderBusy
from intake.filing import Filing
from intake.storing import Storing
from store.stores import Stores

logger = logging.getLogger(__name__)

_AGAIN_S = 1.0
"""How long a file waits where no process can be started that reads it."""


class PatientReader(FileReader):
    """A reader that waits where it could take no file: nobody is there who could send it again."""

    async def read(self, name: str, data: bytes) -> list[Outcome]:
        """As `FileReader.read`, without `ReaderBusy`."""
        while True:
            try:
                return await super().read(name, data)
            except ReaderBusy:
                logger.warning("no file can be read now")
                await asyncio.sleep(_AGAIN_S)


def storing_of(stores: Stores) -> Storing:
    """What stores resumes. Running servers hear of them by the queue, or find them by their sweep."""
    return Storing(stores.resumes, stores.feeds, stores.queue, lambda: None, stores.arrivals)


@asynccontextmanager
async def filing_of(stores: Stores) -> AsyncIterator[Filing]:
    """What takes files in while the block lasts; its reader's processes end with it."""
    reader = PatientReader(workers=1)
    try:
        yield Filing(reader, stores.file_quarantine, storing_of(stores))
    finally:
        await reader.close()
