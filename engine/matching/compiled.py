"""Loops over arrays as machine code, by numba.

Compiled code is kept on disk, beside the source or in numba's cache directory. Numba makes it anew when the
file of the function changes, and only then: a constant from another file is frozen into it, and so is a
compiled function that it calls. So a compiled function stands in one file with the constants that it uses, or
is handed them as arguments. One that calls functions of other files names these, see `compiled_over`.

Compiling all of it takes half a minute to two minutes. A server does not wait for that: it interprets the
loops meanwhile (`interpret`), which gives the same results ten times as slowly.

Signed numbers must not overflow in a compiled function. LLVM takes it that they never do, and where they do
all the same a loop may leave its array. So what hashes multiply has room in 63 bits. Interpreted, numbers of
arrays are narrower still: what is added to or multiplied is made an `int` first.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.core.registry import CPUDispatcher

logger = logging.getLogger(__name__)

F = TypeVar("F", bound=Callable[..., Any])

_dispatchers: list[Any] = []
_thread = threading.local()


class _Interpreted(CPUDispatcher):
    """A compiled function whose calls are interpreted, but for those of a thread that compiles."""

    __slots__ = ()

    def __call__(self, *arguments: Any) -> Any:
        if getattr(_thread, "compiles", False):
            return super().__call__(*arguments)
        return self.py_func(*map(_with_fields, arguments))


def _with_fields(argument: Any) -> Any:
    """An array of records as one whose records have attributes, as they have in compiled code."""
    if type(argument) is np.ndarray and argument.dtype.fields:
        return argument.view(np.recarray)
    return argument


def compiled(function: F) -> F:
    """The function, compiled at its first call; the machine code is kept on disk where that is writable.

    It runs without the interpreter's lock. Compiling takes seconds, so callers make a first call at start-up.
    """
    dispatcher: Any
    try:
        dispatcher = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba found no place to write
        logger.info("nowhere to keep compiled code: it is compiled at every start")
        dispatcher = numba.njit(nogil=True)(function)
    _dispatchers.append(dispatcher)
    if is_interpreted():
        dispatcher.__class__ = _Interpreted
    return cast(F, dispatcher)


def progress() -> tuple[int, int]:
    """How many functions are compiled or read from the disk by now, and how many there are.

    What only others call is read with these, and not counted where nothing has to be compiled.
    """
    return sum(bool(dispatcher.overloads) for dispatcher in _dispatchers), len(_dispatchers)


def interpret() -> None:
    """Have loops interpreted until `use_compiled`."""
    for dispatcher in _dispatchers:
        dispatcher.__class__ = _Interpreted


def is_interpreted() -> bool:
    """Whether loops are interpreted at present."""
    return any(isinstance(dispatcher, _Interpreted) for dispatcher in _dispatchers[:1])


def use_compiled() -> None:
    """Have loops run as machine code, as they do where nobody called `interpret`."""
    for dispatcher in _dispatchers:
        dispatcher.__class__ = CPUDispatcher


@contextmanager
def compiling() -> Iterator[None]:
    """What this thread calls is compiled, or read from the disk, even where all others interpret."""
    _thread.compiles = True
    try:
        yield
    finally:
        _thread.compiles = False


def is_kept() -> bool:
    """Whether the machine code of every function is on disk, made of its source and for this machine."""
    return all(_has_code(dispatcher) for dispatcher in _dispatchers)


def _has_code(dispatcher: Any) -> bool:
    # Numba has no name for this: its index is empty where the stamp of the source is another one.
    kept = getattr(dispatcher._cache, "_cache_file", None)
    machine = dispatcher.targetctx.codegen().magic_tuple()
    return kept is not None and any(key[1] == machine for key in kept._load_index())


def compiled_over(*modules: ModuleType) -> Callable[[F], F]:
    """As `compiled`, for a function that calls compiled functions of other files.

    Args:
        modules: All files whose compiled functions it calls, and those that these call.
    """

    def compile_it(function: F) -> F:
        dispatcher = compiled(function)
        # Numba has no name for this: kept code is taken for old where the stamp of the source is another one.
        kept = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
        if kept is not None:
            sources = b"".join(Path(str(module.__file__)).read_bytes() for module in modules)
            kept._source_stamp = (kept._source_stamp, hashlib.sha256(sources).hexdigest())
            vars(dispatcher)["over"] = modules
        return dispatcher

    return compile_it
