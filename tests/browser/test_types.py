"""The page's types are those of this server's description."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).resolve().parents[2] / "web"


def test_the_types_in_the_tree_are_generated_from_the_description_of_this_code(tmp_path):
    fresh = tmp_path / "schema.d.ts"
    command = [sys.executable, str(WEB / "npm.py"), "types"]
    subprocess.run(command, env={**os.environ, "TYPES": str(fresh)}, check=True, capture_output=True)
    kept = (WEB / "src" / "api" / "schema.d.ts").read_text("utf-8")
    assert fresh.read_text("utf-8") == kept, "the API has changed: make types"
