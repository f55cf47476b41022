"""Keeps the pauses of Python's garbage collector short, however much a process holds.

    keep_for_good()                     # once, when what stays for good is there
    look_through_if_due()               # again and again (`runtime.loop`)

The collector looks through new objects often, and now and then through all that there are. Nothing else runs
meanwhile: with 3,000 open sockets that is 70 ms, several times a minute under load. So here what has survived
two looks becomes permanent (`gc.freeze`), and is not looked through again. Nearly all of it goes by itself
once nobody refers to it, permanent or not. What stays is garbage that refers to itself in a circle and had
lived for longer than those two looks. For its sake all is looked through once there is twice as much as the
last time.

From Python 3.14 on the collector goes through what is old step by step by itself, and is left alone.
"""

from __future__ import annotations

import gc
import logging
import sys
import time
from collections.abc import Mapping

logger = logging.getLogger(__name__)

_LEAST = 500_000
"""How many objects have to be there beside those of the last look through all. As garbage they would be some
50 MB. With fewer, a process would look through all while its first thousands of sockets connect."""


class Collector:
    """Python's collector, made to leave alone what has grown old.

    Attributes:
        permanent: How many objects there were after the last look through all.
    """

    def __init__(self, least: int = _LEAST) -> None:
        self.permanent = 0
        self._least = least
        self._arrived = 0
        self._looks = False

    def start(self) -> None:
        """Make permanent whatever there is, and from now on whatever grows old; again is no error."""
        self.look_through()
        if sys.version_info < (3, 14) and self._on_collection not in gc.callbacks:
            gc.callbacks.append(self._on_collection)

    def stop(self) -> None:
        """Leave all to Python again."""
        if self._on_collection in gc.callbacks:
            gc.callbacks.remove(self._on_collection)
        gc.unfreeze()

    def is_due(self) -> bool:
        """Whether there is twice as much as after the last look through all."""
        # Counting 200,000 takes 10 ms. So it is done once as many have come, of which some are gone again.
        enough = max(self._least, self.permanent)
        if self._arrived < enough:
            return False
        self._arrived = 0
        return gc.get_freeze_count() >= self.permanent + enough

    def look_through(self) -> None:
        """Look through all, and free what is garbage."""
        self._looks = True
        try:
            gc.unfreeze()
            gc.collect()
            gc.freeze()
        finally:
            self._looks = False
        self.permanent, self._arrived = gc.get_freeze_count(), 0

    def _on_collection(self, phase: str, info: Mapping[str, int]) -> None:
        # Called by the collector, in whichever thread made the object that was one too many.
        if phase == "stop" and info["generation"] and not self._looks:
            self._arrived += len(gc.get_objects(generation=2))
            gc.freeze()


_collector = Collector()  # Python's is one for the whole process, too


def keep_for_good() -> None:
    """Never look through what there is now, such as the lexicon, nor through what will have grown old."""
    _collector.start()


def look_through_if_due() -> None:
    """Look through all if there is twice as much as the last time."""
    if _collector.is_due():
        before, began = gc.get_freeze_count(), time.perf_counter()
        _collector.look_through()
        took_ms = round(1_000 * (time.perf_counter() - began))
        data = {"objects": before, "left": _collector.permanent, "took_ms": took_ms}
        logger.info("looked through all objects", extra={"data": data})
