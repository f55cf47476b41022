"""Tests that can fail: each change of `mutants.toml` breaks the product, and some test has to notice.

    python -m tests.mutants            # all of them, for half an hour
    python -m tests.mutants lease      # those whose name has the word

Each is made in a copy of the tree, where the tests run that are to notice. A change whose old text is not in
its file, or is there twice, is an error: whoever changes that line says there what breaks it now.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_AT_ONCE = 2
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".data", ".*_cache", ".hypothesis", "node_modules")
_FELL = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


def main(words: list[str]) -> int:
    """Try the changes; the exit status says whether all were noticed."""
    with Path(__file__).with_suffix(".toml").open("rb") as file:
        mutants = {name: one for name, one in tomllib.load(file).items() if all(w in name for w in words)}
    if lost := [name for name, one in mutants.items() if _text(one).count(one["old"]) != 1]:
        print("the old text is not there, or not once:", *lost, sep="\n  ")
        return 2
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ThreadPoolExecutor(_AT_ONCE) as pool:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(_AT_ONCE):
            copies.put(shutil.copytree(ROOT, Path(folder) / str(number), ignore=_LEFT_OUT))
        told = list(pool.map(lambda item: _try(*item, copies), mutants.items()))
    print(f"{sum(told)} of {len(told)} changes were noticed")
    return 0 if all(told) else 1


def _text(one: dict[str, Any]) -> str:
    return (ROOT / one["file"]).read_text("utf-8")


def _try(name: str, one: dict[str, Any], copies: SimpleQueue[Path]) -> bool:
    copy = copies.get()
    text = _text(one)
    (copy / one["file"]).write_text(text.replace(one["old"], one["new"]), "utf-8")
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-m", "", *one["tests"].split()]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    (copy / one["file"]).write_text(text, "utf-8")
    copies.put(copy)
    fallen = _FELL.findall(done.stdout)
    is_noticed = done.returncode == 1 and bool(fallen)
    print(f"{'fell' if is_noticed else 'NOBODY NOTICED'}: {name}: {fallen[0] if fallen else ''}", flush=True)
    if done.returncode not in {0, 1}:
        print(done.stdout, done.stderr)
    return is_noticed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
