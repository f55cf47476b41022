"""The rules of texts, built once and kept on disk beside the machine code of their loops.

Building takes some two seconds and twice the memory that it leaves; to read what was built takes a tenth of a
second. Where nothing can be written, each start builds.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import logging
import os
import pickle
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import engine.matching
import runtime.nfkc
from config.data import HERE, load_lexicon
from engine.matching.analysis.analyzer import Analyzer
from runtime.memory import give_back

logger = logging.getLogger(__name__)

_RULES = Path(engine.matching.__file__).parent
_STAMP_BYTES = 32


def make_analyzer() -> Analyzer:
    """The analyzer of the lexicon in `config/`, read from the disk or built and written there."""
    stamp = _stamp()
    path = Path(os.environ.get("NUMBA_CACHE_DIR") or _RULES / "__pycache__") / "analyzer.pickle"
    if (kept := _read(path, stamp)) is not None:
        return kept
    analyzer = Analyzer.from_data(load_lexicon())
    _write(path, stamp, analyzer)
    give_back()
    return analyzer


def _read(path: Path, stamp: bytes) -> Analyzer | None:
    """What is kept, if it was built from what there is now."""
    was_enabled = gc.isenabled()
    gc.disable()  # nothing of it is garbage
    try:
        with path.open("rb") as file:
            if file.read(_STAMP_BYTES) != stamp:
                return None
            # It is as much of the program as the compiled files around it.
            found = pickle.load(file)  # noqa: S301
    except OSError:
        return None
    except Exception as error:  # noqa: BLE001 - a file that is cut off raises anything
        logger.warning("what was kept of the rules cannot be read, so they are built: %s", error)
        return None
    finally:
        if was_enabled:
            gc.enable()
    return found if isinstance(found, Analyzer) else None


def _write(path: Path, stamp: bytes, analyzer: Analyzer) -> None:
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("wb") as file:
            file.write(stamp)
            pickle.dump(analyzer, file, pickle.HIGHEST_PROTOCOL)
        fresh.replace(path)
    except OSError as error:
        logger.info("the rules are built at every start: %s", error.strerror)
        with contextlib.suppress(OSError):
            fresh.unlink()


def _stamp() -> bytes:
    """Of all that the rules are built from: sources, lexicon and libraries, as numba stamps a source."""
    digest = hashlib.sha256(f"{sys.version} {version('jieba')} {version('numpy')}".encode())
    for path in _files():
        seen = path.stat()
        digest.update(f"{path} {seen.st_size} {seen.st_mtime_ns}\n".encode())
    return digest.digest()


def _files() -> Iterator[Path]:
    yield from sorted(_RULES.rglob("*.py"))
    yield from sorted(path for path in HERE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    yield Path(runtime.nfkc.__file__)
