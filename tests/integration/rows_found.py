"""How much MongoDB reads out for us, as the driver hears it: a bound that holds on a busy machine too."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pymongo.monitoring import CommandListener


class RowsFound(CommandListener):
    """Counts documents by collection: the `most` that one query found, in however many answers, those of all
    `together`, and the most that one command `deleted`."""

    def __init__(self) -> None:
        self.most: Counter[str] = Counter()
        self.together: Counter[str] = Counter()
        self.deleted: Counter[str] = Counter()
        self._cursors: dict[int, int] = {}
        self._deletes: dict[int, str] = {}
        self._found: Counter[int] = Counter()

    def started(self, event: Any) -> None:
        if event.command_name == "getMore":
            self._cursors[event.request_id] = event.command["getMore"]
        elif event.command_name == "delete":
            self._deletes[event.request_id] = event.command["delete"]

    def succeeded(self, event: Any) -> None:
        if collection := self._deletes.pop(event.request_id, ""):
            self.deleted[collection] = max(self.deleted[collection], event.reply["n"])
            return
        answer = event.reply.get("cursor", {})
        rows = answer.get("firstBatch", answer.get("nextBatch", ()))
        collection = answer.get("ns", "").partition(".")[2]
        cursor = self._cursors.pop(event.request_id, answer.get("id", 0))
        found = len(rows) + (self._found[cursor] if cursor else 0)
        if cursor:
            self._found[cursor] = found
        self.most[collection] = max(self.most[collection], found)
        self.together[collection] += len(rows)

    def failed(self, event: Any) -> None:
        pass
