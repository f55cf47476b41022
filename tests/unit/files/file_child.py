"""A reading child that does what the first word of a file says: it misbehaves as libraries and bombs do."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import time
from pathlib import Path

from intake.files import child, wire
from intake.files.outcome import Outcome, ReadResume, Refused


def read(name: str, data: bytes) -> list[Outcome]:
    match data.split(b" ")[0]:
        case b"hang":
            time.sleep(3600)
        case b"spin":
            while True:
                pass
        case b"crash":
            ctypes.string_at(0)
        case b"crash-once":
            flag = Path(data.split(b" ")[1].decode())
            if not flag.exists():
                flag.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        case b"babble":
            os.write(4, b"\xff" * 100)
        case b"memory":
            bytearray(8 * 1024**3)
        case b"print":
            sys.stdout.write("x" * 10_000)
            os.write(1, b"x" * 10_000)
        case b"slow":
            for _ in range(4):
                wire.slow_page()
                time.sleep(0.6)
        case b"ask":
            return [Outcome(file=word, kind="", refusal="empty") for word in _asked()]
        case b"parts":
            parts = [b"", b"a" * 3_000_000, None]
            return [Outcome(file=name, kind="txt", refusal="empty", part=part) for part in parts]
    resume = ReadResume(record={"size": len(data), "pid": os.getpid()}, confidence={})
    return [Outcome(file=name, kind="txt", resume=resume)]


def _asked() -> list[str]:
    """What a child may do that it should not."""
    found = [name for name in os.environ if "SECRET" in name or "TOKEN" in name]
    found += [f"open {number}" for number in os.listdir("/proc/self/fd") if int(number) > 5]
    for what in (
        lambda: Path("written").write_text("x"),
        lambda: socket.create_connection(("127.0.0.1", 9), 1),
    ):
        try:
            what()
        except (FileNotFoundError, PermissionError):
            continue
        except OSError:
            pass
        found.append(f"could {what}")
    return found or ["nothing"]


def picture(data: bytes, page: int) -> bytes:
    if page > 1:
        raise Refused("empty")
    return b"\x89PNG" + data


if __name__ == "__main__":
    child.serve(read, picture, lambda data, sheet: [], int(sys.argv[1]))
