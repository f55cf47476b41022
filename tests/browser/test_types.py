"""The page's types and calls are those of this server's description."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).resolve().parents[2] / "web"


def files_of(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()
    }


def test_the_client_in_the_tree_is_generated_from_the_description_of_this_code(tmp_path):
    command = [sys.executable, str(WEB / "npm.py"), "types"]
    subprocess.run(command, env={**os.environ, "TYPES": str(tmp_path)}, check=True, capture_output=True)
    fresh, kept = files_of(tmp_path), files_of(WEB / "src" / "api" / "generated")
    differing = {name for name in fresh.keys() | kept.keys() if fresh.get(name) != kept.get(name)}
    assert fresh
    assert not differing, "the API has changed: make types"
