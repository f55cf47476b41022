"""A run that fails says what it takes to repeat it and to see why: `tests.order`, `tests.explained`."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

TESTS = """
import random
import pytest
from tests.support import EXCHANGES

@pytest.mark.parametrize("number", range(9))
def test_(number, tmp_path):
    print("ran", number, random.random())
    EXCHANGES.append(f"GET /{number}: 200")
    (tmp_path / "server.log").write_text(f"a line of {number}")
    assert number not in (3, 5)
"""


def run(tmp_path, *flags):
    """What a run says, and the numbers of its tests with a random number of each."""
    for name in ("test_a.py", "test_b.py"):
        (tmp_path / name).write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-p", "tests.order", "-p", "tests.explained", "-c", os.devnull]
    command += ["--rootdir", f"{tmp_path}", f"--basetemp={tmp_path}/t", f"{tmp_path}", *flags]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return said, re.findall(r"ran (\d \S+)", said)


@pytest.mark.faults
def test_failures_are_explained_and_repeated_in_their_order_with_their_random_numbers(tmp_path):
    said, ran = run(tmp_path, "-s", "--seed", "7")
    assert "seed: 7, of random numbers: 0\n" in said
    assert "seed 7: ARGS='--again' repeats what failed" in said
    assert "GET /3: 200\n" in said
    assert said.count("\na line of 3\n") == 2
    assert len(set(ran)) == 18
    orders = [[one[0] for one in half] for half in (ran[:9], ran[9:])]
    assert orders[0] != orders[1]
    assert orders[1] != sorted(orders[1])
    again, failed = run(tmp_path, "--again", "-n", "1")
    assert "seed: 7, of random numbers: 0\n" in again
    assert failed == [one for one in ran if one[0] in "35"]
