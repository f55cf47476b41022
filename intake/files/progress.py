"""Where long work says that it goes on, so that its time is not up. Outside the child nobody listens."""

from __future__ import annotations

from collections.abc import Callable

_listeners: list[Callable[[], None]] = []


def listen(listener: Callable[[], None]) -> None:
    """Have `listener` called whenever a page is begun that takes seconds."""
    _listeners.append(listener)


def slow_page() -> None:
    """A page is begun that takes seconds."""
    for listener in _listeners:
        listener()
