"""The garbage collector leaves alone what has grown old, and garbage is freed all the same."""

import gc
import subprocess
import sys
import weakref

import pytest

from runtime.garbage import Collector

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 14), reason="its collector is left alone")

PROCESS = """
import gc, logging, sys, weakref
from runtime import garbage

class Circle:
    def __init__(self):
        self.itself = self

def grown_old(count):
    made = [Circle() for _ in range(count)]
    gc.collect(1)
    return made, weakref.ref(made[0])

def main():
    garbage._collector = garbage.Collector(50_000)
    garbage.keep_for_good()
    for count in map(int, sys.argv[1:]):
        made, one = grown_old(count)
        made.clear()
        garbage.look_through_if_due()
        print("kept" if one() else "freed")

logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
main()
"""


class Circle:
    def __init__(self):
        self.itself = self


@pytest.fixture
def collector():
    mine = Collector()
    mine.start()
    yield mine
    mine.stop()


def test_what_has_survived_is_not_looked_through_again(collector):
    before = gc.get_freeze_count()
    kept = [Circle() for _ in range(1_000)]
    gc.collect(1)
    assert gc.get_freeze_count() >= before + len(kept)
    assert not any(isinstance(one, Circle) for one in gc.get_objects())


def test_old_garbage_is_looked_for_by_hand_too(collector):
    circle = Circle()
    old = weakref.ref(circle)
    gc.collect(1)
    del circle
    gc.collect()
    assert old() is not None
    collector.look_through()
    assert old() is None


def test_old_garbage_is_freed_once_there_is_twice_as_much():
    # As few objects as a new process has: twice as many of the tests' own would take a while to make.
    command = [sys.executable, "-c", PROCESS, "1000", "1000", "120000", "1000"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert lines == ["kept", "kept", "looked through all objects", "freed", "kept"]
