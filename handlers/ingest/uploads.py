"""How many forms with files a process takes in at once, of all and of one source, and where files wait.

    uploads.enter(source)       # 503 where there are too many
    ...
    uploads.leave(source)

A file is costly: it is on the disk while it waits, in memory while it is read, and reading it takes a core
some tenths of a second. Here the disk and the memory are bounded; what is read, and when, is the reader's.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from handlers.api.errors import ApiError

MOST = 8
"""Forms at once. Of each one file is in memory, and all of it on the disk: 80 MiB and 1.7 GiB at the most."""
MOST_OF_ONE = 4
"""Forms of one source at once: the others are for the other sources."""


class Uploads:
    """The forms with files that are under way. Belongs to one event loop.

    Attributes:
        directory: Where files wait, for their owner alone to read.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._of_source: Counter[str] = Counter()

    def enter(self, source: str) -> None:
        """Note that a form comes, by the source of its token; "" for the one that may send all.

        Raises:
            ApiError: 503, there are too many.
        """
        if self._of_source.total() >= MOST or self._of_source[source] >= MOST_OF_ONE:
            raise busy()
        self._of_source[source] += 1

    def leave(self, source: str) -> None:
        """Note that it was answered, or went away."""
        self._of_source[source] -= 1


def busy() -> ApiError:
    """The refusal of a file that would wait for too long."""
    return ApiError(503, "unavailable", "正在读取的文件过多，请稍后再试", retry_after_s=5)
