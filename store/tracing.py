"""A span for each command that MongoDB is asked, by the name of the command and of the collection.

What is asked and answered is not told: it is people's data.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from pymongo import monitoring

from runtime.tracing import span


def trace_commands() -> None:
    """Have clients that are made from now on tell of their commands."""
    monitoring.register(CommandSpans())


class CommandSpans(monitoring.CommandListener):
    """Begins a span where a command is sent, and ends it with the answer. Thread-safe."""

    def __init__(self) -> None:
        self._open: dict[tuple[Any, int], AbstractContextManager[object]] = {}

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """A command is sent."""
        asked = event.command.get(event.command_name)
        collection = asked if isinstance(asked, str) else ""
        # The same thread, or task, ends it, so it may be the parent of what happens meanwhile.
        begun = span(f"mongodb {event.command_name}", collection=collection)
        begun.__enter__()
        self._open[event.connection_id, event.request_id] = begun

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """It was answered."""
        self._end(event)

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """It was answered by an error, or not at all."""
        self._end(event)

    def _end(self, event: Any) -> None:
        if begun := self._open.pop((event.connection_id, event.request_id), None):
            begun.__exit__(None, None, None)
