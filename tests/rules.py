"""Watches every command that our processes send to MongoDB, for the rules that a test fails by.

    python -m tests.rules server.py --port 8000       # as server.py, watched

`tests.keyless`, `tests.untied` and `tests.planned` are the rules, each with the places where it does not
hold, and the reason. A command that breaks one is noted in the file that the environment names as
`TALENTFEED_BROKEN_RULES`, whichever process sends it, and the test that made it fails. What is about all that
is stored, as `manage.py check`, goes by `store.mongo.whole`, and is not looked at.
"""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Callable, Container, Mapping
from pathlib import Path
from typing import Any

from pymongo.monitoring import CommandListener, CommandStartedEvent

from store import mongo
from tests.keyless import ASKING_ALL, keyless
from tests.planned import unplanned
from tests.untied import ALONE, untied

FILE = "TALENTFEED_BROKEN_RULES"
"""Names the file in the environment."""

Rule = Callable[[str, Mapping[str, Any]], list[str]]
"""What of a command, which is given with its name, breaks it."""

RULES: Mapping[str, tuple[Rule, Container[str]]] = {
    "of all shards": (keyless, ASKING_ALL),
    "in no transaction": (untied, ALONE),
    "without an index": (unplanned, ()),
}
"""By what is wrong, the rule, and what may break it."""


class Watch(CommandListener):
    """Called by the driver, on whichever thread it sends a command."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def started(self, event: CommandStartedEvent) -> None:
        """Look at a command that is about to be sent."""
        if mongo.is_of_whole(event.command):
            return
        lines = [
            f"{wrong}: {line}\n"
            for wrong, (rule, may) in RULES.items()
            for line in rule(event.command_name, event.command)
            if line not in may
        ]
        if lines:
            with self._file.open("a") as file:
                file.writelines(lines)

    def _nothing(self, _: object) -> None:
        """Only what is asked counts."""

    succeeded = failed = _nothing


def listeners() -> list[CommandListener]:
    """Whoever listens to the commands of a client that is made now."""
    file = os.environ.get(FILE)
    return [Watch(Path(file))] if file else []


def watch() -> None:
    """Have the clients of this process watched that are made from now on."""
    mongo.listeners = listeners


if __name__ == "__main__":
    watch()
    del sys.argv[0]
    runpy.run_path(sys.argv[0], run_name="__main__")
