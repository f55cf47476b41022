"""No process outlives the run of the tests that has started it, whichever way the run ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.leftovers import ENDING

pytestmark = pytest.mark.faults
ROOT = Path(__file__).resolve().parents[2]

# Processes that nobody ends: two of a session of their own, whose parent has ended, of which one has its
# environment and the other works in the run's directory; and a child of one that has the environment.
RUN = """
import os, pathlib, subprocess, sys, time

NAMED = {named!r}
WAITS = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"
DAEMON = f'''
import os, sys
if os.fork() == 0:
    os.setsid()
    words = ["python", "-c", {{WAITS!r}}, sys.argv[1]]
    os.execve(sys.executable, words, dict(os.environ) if sys.argv[2] else {{{{}}}})
'''
FATHER = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:], env={{}}); time.sleep(600)"

def test_leaves_three(tmp_path):
    for name, keeps in (("marked", "1"), ("working", "")):
        subprocess.run([sys.executable, "-c", DAEMON, f"{{NAMED}}/{{name}}", keeps], cwd=tmp_path, check=True)
    child = [sys.executable, "-c", WAITS, f"{{NAMED}}/child"]
    subprocess.Popen([sys.executable, "-c", FATHER, *child], start_new_session=True)
    while not all((pathlib.Path(NAMED) / name).exists() for name in ("marked", "working", "child")):
        time.sleep(0.05)
    {end}
"""


@pytest.fixture(autouse=True)
def without_patience(monkeypatch):
    monkeypatch.setenv(ENDING, "0.2")


def run_of(tmp_path, end):
    """A run that leaves daemons; and the folder where these note their ids."""
    named = tmp_path / "named"
    named.mkdir()
    (tmp_path / "test_leaving.py").write_text(RUN.format(named=str(named), end=end), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.leftovers", "-p", "no:cacheprovider"]
    command += ["-c", os.devnull, "--rootdir", f"{tmp_path}", f"--basetemp={tmp_path}/t", f"{tmp_path}"]
    return command, named


def until_gone(pids):
    deadline = time.monotonic() + 60
    while left := [pid for pid in pids if Path(f"/proc/{pid}").exists() and state_of(pid) != "Z"]:
        assert time.monotonic() < deadline, f"{left} are still there"
        time.sleep(0.05)


def state_of(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def test_whoever_is_left_fails_the_run_by_name_and_is_ended(tmp_path):
    command, named = run_of(tmp_path, "pass")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    pids = {one.name: one.read_text() for one in named.iterdir()}
    for pid in pids.values():
        assert f"left over: process {pid}:" in done.stdout
    until_gone(pids.values())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=lambda one: one.name)
def test_a_run_that_is_stopped_takes_everything_with_it(number, tmp_path):
    command, named = run_of(tmp_path, "time.sleep(600)")
    # A run in the background of a shell ignores SIGINT, and so would what it starts.
    heard = ["env", "--default-signal=INT", *command]
    with subprocess.Popen(heard, cwd=ROOT, stdout=subprocess.DEVNULL) as child:
        deadline = time.monotonic() + 60
        while not (len(list(named.iterdir())) == 3 and all(one.read_text() for one in named.iterdir())):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        child.send_signal(number)
    until_gone([one.read_text() for one in named.iterdir()])
