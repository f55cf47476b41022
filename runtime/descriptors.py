"""Descriptors: how many a process may have, and how an error tells that there are none left, or no room.

A shortage passes, as connections close and room is made. So it is waited out wherever it shows, and is never
a reason to end.
"""

from __future__ import annotations

import contextlib
import errno
import resource

_SHORTAGES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ENOSPC, errno.EDQUOT}
_ASKED_WITHOUT_LIMIT = 65536
"""What is asked for where the system sets no limit. Some systems refuse to have none."""


def raise_limit() -> int:
    """Let this process, and what it starts, have as many descriptors as it may; returns how many.

    A shell often gives 1,024 and allows far more.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else max(soft, _ASKED_WITHOUT_LIMIT)
    if soft != resource.RLIM_INFINITY and wanted > soft:
        with contextlib.suppress(OSError, ValueError):  # macOS allows less than its hard limit says
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return soft if soft != resource.RLIM_INFINITY else _ASKED_WITHOUT_LIMIT


def is_shortage(error: BaseException | None) -> bool:
    """Whether an error says that the process, or the system, has no descriptor, buffer or disk left."""
    return isinstance(error, OSError) and error.errno in _SHORTAGES
