"""Loops over arrays as machine code, by numba.

Compiled code is kept on disk, beside the source or in numba's cache directory. Numba makes it anew when the
file of the function changes, and only then: a constant from another file is frozen into it. So a compiled
function stands in one file with the constants that it uses, or is handed them as arguments.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

logger = logging.getLogger(__name__)

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """The function, compiled at its first call; the machine code is kept on disk where that is writable.

    It runs without the interpreter's lock. Compiling takes seconds, so callers make a first call at start-up.
    """
    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba found no place to write
        logger.info("nowhere to keep compiled code: it is compiled at every start")
        return cast(F, numba.njit(nogil=True)(function))
