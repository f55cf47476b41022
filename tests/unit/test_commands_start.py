"""What a command loads before it does anything."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS = "engine.matching.lexicon.rows"


def test_a_command_starts_without_the_rules_of_matching_and_their_compiler():
    loaded = "[name for name in sys.modules if name.split('.')[0] in ('engine', 'numba')]"
    code = f"import manage, sys; print(*{loaded})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    # What rows of the lexicon hold is no rule.
    assert all(ROWS.startswith(name) for name in done.stdout.split())
