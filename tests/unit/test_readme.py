"""The result that the README shows is what the program gives for its feed and its resume."""

import json
import re
from pathlib import Path

import msgspec

from engine.matching.feed_spec import FeedSpec
from engine.matching.score.match import score

ROOT = Path(__file__).resolve().parents[2]


def test_the_readmes_result_is_that_of_its_feed_and_its_resume(analyzer):
    readme = (ROOT / "README.md").read_text("utf-8")
    form = json.loads(re.search(r"submit_feed/.*?-d '(.*?)'", readme, re.DOTALL)[1])
    shown = json.loads(re.search(r"```json\n(.*?)```", readme, re.DOTALL)[1])
    resume = json.loads((ROOT / "docs" / "resume.json").read_text("utf-8"))
    lists = {name: tuple(form.pop(name).split(",")) for name in ("keywords", "expect_area", "talent_level")}
    profile = analyzer.resume(resume)
    match = score(analyzer.feed(FeedSpec(**form, **lists)), profile)
    assert match is not None
    assert shown == {
        "tier": "strong" if match.is_strong else "possible",
        "score": match.score,
        "missing": match.missing,
        "tags": list(dict.fromkeys([*match.keywords, *profile.tags])),
        "why": msgspec.to_builtins(match.why),
    }
