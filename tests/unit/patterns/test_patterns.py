"""No regular expression of the product takes more than its share of time, whatever a stranger writes.

`re` holds the interpreter while it matches: where a pattern takes a second, nobody is answered for a second.

A normal run tries a quarter of what each pattern is made of and some texts of everything, up to 2,500
characters; `TALENTFEED_FUZZ=long` (`make fuzz`) tries all, up to 10,000, and the long lists of words.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from handlers.results.text_search import searched_words
from intake.mailbox.senders import Senders
from intake.reading import read_resume
from runtime.masking import Masker
from tests.growth import takes_squares
from tests.support import each
from tests.unit.patterns.finding import ROOMS, ROOT
from tests.unit.patterns.pumps import LONG_CHARS, fixed, pumped, pumps_of
from tests.unit.patterns.scene import POSTING, RESUME, document, posting_reader
from tests.unit.patterns.steps import TRIES_ALL, slow_text

SOME = list(fixed())[:: 1 if TRIES_ALL else 6]
LONGEST = 40_000 if TRIES_ALL else 16_000
"""Characters for a whole reader."""


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """Every pattern of the product."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.unit.patterns.finding"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    return json.loads(made.stdout)


def test_every_call_of_re_has_a_pattern_that_was_met(found):
    assert found["unmet"] == [], "add what makes these patterns to tests/unit/patterns/scene.py"
    assert len(found["patterns"]) > 500


@each("room", [*ROOMS, "server.py", "manage.py"])
def test_no_pattern_takes_long_for_any_text(found, room):
    patterns = {
        (one["pattern"], one["flags"], one["is_bytes"], tuple(one["methods"])): one["where"]
        for one in found["patterns"]
        if one["where"].startswith(f"{room}{'/' if '.' not in room else ':'}")
        # What such a list is made with stands in a short one too.
        if TRIES_ALL or len(one["pattern"]) < LONG_CHARS
    }
    slow = []
    for (text, flags, is_bytes, methods), where in patterns.items():
        pattern = re.compile(text.encode("latin-1") if is_bytes else text, flags)
        made = pumps_of(pattern.pattern, flags)
        texts = dict.fromkeys([*SOME, *made[:: 1 if TRIES_ALL else 4]])
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


@pytest.fixture(scope="module")
def readers(analyzer):
    """What reads texts of strangers, each warm."""
    masker = Masker(name="林晚照", phone="13800138000", email="lin@example.com", qq="123456")
    postings, senders = posting_reader(analyzer), Senders({"a.com": "a"}, "other")
    postings.read(POSTING)
    read_resume(document(RESUME))
    return {
        "masks": masker.mask,
        "searches": searched_words,
        "senders": lambda text: senders.source_of(b"From: " + text.replace("\n", " ").encode() + b"\n\n"),
        "postings": postings.read,
        "resumes": lambda text: read_resume(document(RESUME + text)),
    }


@pytest.mark.parametrize("name", ["masks", "searches", "senders", "postings", "resumes"])
def test_four_times_the_text_takes_no_square_of_the_time(readers, name):
    def grows(start: str, body: str) -> bool:
        return takes_squares(lambda size: readers[name](pumped(start, body, size, "x")), LONGEST, 0.05)

    assert not [one for one in SOME if grows(*one)]
