"""Notes commands that a sharded MongoDB would ask of all its shards, though nobody meant that.

    TALENTFEED_KEYLESS=/tmp/keyless server.py          # each goes to that file, a line each

The tests listen to all that they make our processes ask, and fail where there is a line. Each command costs
some microseconds to look at, so nobody listens where the environment does not say so.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pymongo import WriteConcern
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)
from pymongo.read_concern import ReadConcern

from store.shards.asking_all import ASKING_ALL
from store.shards.shard_keys import keyless

FILE = "TALENTFEED_KEYLESS"
"""Names the file in the environment."""

# What makes no difference to MongoDB, and tells commands of `whole` from others: a read that says how it
# reads anyway, and a write that waits a millisecond longer than those of `mongo.connect`.
_OF_ALL = ReadConcern("local")
_WRITTEN = WriteConcern(w="majority", j=True, wtimeout=2001)


def listeners() -> list[CommandListener]:
    """Whoever listens to the commands of a client that is made now."""
    file = os.environ.get(FILE)
    return [KeylessCommands(Path(file))] if file else []


def whole(database: Any) -> Any:
    """The same database for those to whom keys are no matter: changes of all that is stored, and tests."""
    return database.with_options(read_concern=_OF_ALL, write_concern=_WRITTEN)


def _is_of_all(command: Mapping[str, Any]) -> bool:
    """Whether a command came by `whole`."""
    marks = (("readConcern", _OF_ALL.document), ("writeConcern", _WRITTEN.document))
    return any(command.get(name) == mark for name, mark in marks)


class KeylessCommands(CommandListener):
    """Called by the driver, on whichever thread it sends a command."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def started(self, event: CommandStartedEvent) -> None:
        """Look at a command that is about to be sent."""
        if _is_of_all(event.command):
            return
        for line in keyless(event.command_name, event.command):
            if line not in ASKING_ALL:
                with self._file.open("a") as file:
                    file.write(f"{line}\n")

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing: only what is asked counts."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing either."""
