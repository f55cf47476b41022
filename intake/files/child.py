"""The process that reads what strangers wrote: `python -m intake.files.child PARENT`.

It answers one file after another, and ends when its parent does. It has no secret in its environment, no open
descriptor but its two pipes, an empty directory that is gone already, little memory and no network. What goes
wrong in it beyond that is the parent's to notice, which kills it.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

import msgspec

from intake.files import wire
from intake.files.outcome import Outcome
from runtime.parent import die_with_parent

_MEMORY_BYTES = 3 * 1024**3
"""Address space. Libraries take up to 1 GiB of it by being there, most of which is never touched; a page of a
PDF takes some MiB."""
_CPU_S = 320
"""Seconds of work on one file, for the case that nobody is left to kill this process. The parent's limit, of
time that passes, comes first."""
_DESCRIPTORS = 128
_FILE_BYTES = 64 * 1024 * 1024
"""Of a file that it writes: the copy of an old Word file for the program that reads it."""
_NICENESS = 5
"""The server, which answers people, goes first."""

Read = Callable[[str, bytes], list[Outcome]]
"""Makes outcomes of a file's name and bytes."""
Picture = Callable[[bytes, int], bytes]
"""Makes a PNG of a file's page."""
Table = Callable[[bytes, str], Iterable[bytes]]
"""Makes parts of a table's bytes and sheet."""


def serve(read: Read, picture: Picture, table: Table, parent: int) -> None:
    """Answer files until the parent, of which the process id is given, closes its pipe."""
    incoming, outgoing = _private_pipes()
    die_with_parent(parent)
    _limit()
    wire.listen(lambda: _say(outgoing, wire.Answer("slow")))
    _say(outgoing, wire.Answer("ready"))
    while ask := _next(incoming):
        resource.setrlimit(resource.RLIMIT_CPU, (int(_cpu_s()) + _CPU_S, resource.RLIM_INFINITY))
        data = _exactly(incoming, ask.size)
        if ask.page or ask.sheet is not None:
            parts = _shown(data, ask.page, picture) if ask.sheet is None else table(data, ask.sheet)
            for part in parts:
                _say(outgoing, wire.Answer("more", size=len(part)), part)
        else:
            for outcome in read(ask.name, data):
                plain = msgspec.structs.replace(outcome, part=None)
                size = -1 if outcome.part is None else len(outcome.part)
                _say(outgoing, wire.Answer("more", plain, size), outcome.part or b"")
        _say(outgoing, wire.Answer("done"))


def _shown(data: bytes, page: int, picture: Picture) -> list[bytes]:
    try:
        return [picture(data, page)]
    except Exception:  # noqa: BLE001 - a library that fails, fails on what strangers wrote
        return []


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The two pipes under numbers that no library knows: what one prints would be taken for an answer."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", 64 * 1024)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    return incoming, outgoing


def _limit() -> None:
    # Not the number of processes: it counts all of the user, so a busy server would stop its own readers.
    for limit, most in (
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS),
        (resource.RLIMIT_FSIZE, _FILE_BYTES),
        (resource.RLIMIT_CORE, 0),  # a core would hold what people wrote
    ):
        with contextlib.suppress(OSError, ValueError):  # macOS knows not all of them
            resource.setrlimit(limit, (most, most))
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    sys.setrecursionlimit(2000)
    directory = tempfile.mkdtemp()
    os.chdir(directory)
    os.rmdir(directory)
    sys.addaudithook(_without_network)


def _without_network(event: str, _: Any) -> None:
    """No library that is used here loads anything. Should one begin to, it fails."""
    if event in {"socket.connect", "socket.getaddrinfo", "socket.bind", "urllib.Request"}:
        raise PermissionError(f"{event}: files are read without a network")


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _next(incoming: BinaryIO) -> wire.Ask | None:
    head = incoming.read(wire.LENGTH.size)
    if len(head) < wire.LENGTH.size:
        return None
    return wire.decode_ask(_exactly(incoming, wire.LENGTH.unpack(head)[0]))


def _exactly(incoming: BinaryIO, size: int) -> bytes:
    data = incoming.read(size)
    if len(data) < size:
        os._exit(0)  # the parent is gone
    return data


def _say(outgoing: BinaryIO, answer: wire.Answer, data: bytes = b"") -> None:
    message = wire.encode(answer)
    try:
        outgoing.write(wire.LENGTH.pack(len(message)) + message)
        outgoing.write(data)
        outgoing.flush()
    except BrokenPipeError:
        os._exit(0)


def main() -> None:
    """Read files with all that is there."""
    # Here, as the server imports `wire` and `outcome` alone and never these libraries.
    from intake.files.extract import outcomes_of
    from intake.files.pdf import picture_of
    from intake.reading import read_resume
    from intake.tables.reading import parts_of

    serve(lambda name, data: outcomes_of(name, data, read_resume), picture_of, parts_of, int(sys.argv[1]))


if __name__ == "__main__":
    main()
