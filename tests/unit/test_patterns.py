"""No regular expression of the product takes more than its share of time, whatever a stranger writes.

`re` holds the interpreter while it matches: where a pattern takes a second, nobody is answered for a second.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.unit.patterns.finding import ROOMS, ROOT
from tests.unit.patterns.pumps import fixed, pumps_of
from tests.unit.patterns.steps import slow_text


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """Every pattern of the product."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.unit.patterns.finding"],
        cwd=ROOT, capture_output=True, check=True, timeout=300,
    )  # fmt: skip
    return json.loads(made.stdout)


def test_every_call_of_re_has_a_pattern_that_was_met(found):
    assert found["unmet"] == [], "add what makes these patterns to tests/unit/patterns/scene.py"
    assert len(found["patterns"]) > 500


@pytest.mark.parametrize("room", [*ROOMS, "server.py", "manage.py"])
def test_no_pattern_takes_long_for_any_text(found, room):
    patterns = {
        (one["pattern"], one["flags"], one["is_bytes"], tuple(one["methods"])): one["where"]
        for one in found["patterns"]
        if one["where"].startswith(f"{room}{'/' if '.' not in room else ':'}")
    }
    slow = []
    for (text, flags, is_bytes, methods), where in patterns.items():
        pattern = re.compile(text.encode("latin-1") if is_bytes else text, flags)
        texts = dict.fromkeys([*fixed(), *pumps_of(pattern.pattern, flags)])
        runs = (slow_text(pattern, method, *one) for one in texts for method in methods)
        if worst := next(filter(None, runs), None):
            slow.append(f"{where}: {worst}")
    assert not slow, "\n".join(slow)


@pytest.mark.parametrize(
    ("text", "method"),
    [
        (r"\s+x", "finditer"),
        (r"(a+)+$", "match"),
        (r"a*a*b", "match"),
        (r"x\s*(?:-\s*)?\s*y", "search"),
        (r"(?:ab|abc?)*d", "fullmatch"),
        (r"@[a-z-]+(?:-dot-[a-z-]+){0,3}com", "finditer"),
    ],
)
def test_a_pattern_that_takes_squares_of_steps_is_found(text, method):
    texts = [*fixed(), *pumps_of(text, 0)]
    assert any(slow_text(re.compile(text), method, *one) for one in texts)


@pytest.mark.parametrize("text", [r"\d{1,3}x", r"(?<!\s)\s*+x", r"[^(]{0,40}\)", r"(?:a|b)*c"])
def test_a_pattern_that_takes_a_step_a_character_is_not(text):
    method = "match" if "*c" in text else "finditer"
    texts = [*fixed(), *pumps_of(text, 0)]
    assert not any(slow_text(re.compile(text), method, *one) for one in texts)
