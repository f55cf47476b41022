"""What the C library does with memory, where it is glibc; elsewhere nothing is done.

Left to itself, glibc learns from the first large piece that is freed to cut the next ones out of its heaps,
one heap for each of some threads, and these stay as large as they ever were. A process in which many log in,
each of whose passwords is hashed in 19 MiB, came to hold several hundred.
"""

from __future__ import annotations

import contextlib
import ctypes

_LARGE_BYTES = 1024 * 1024
_M_MMAP_THRESHOLD = -3  # in malloc.h


def map_large_pieces() -> None:
    """Have large pieces mapped each by itself, so that they go back to the system when they are freed."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def give_back() -> None:
    """Return what was freed to the system: after much was built, that is a fifth."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
