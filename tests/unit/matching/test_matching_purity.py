"""`engine/matching` is pure: text in, scores out, in an interpreter that has of the rest NFKC alone."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

ALONE = """
import sys

BARRED = {
    "asyncio", "tornado", "motor", "pymongo", "bson", "redis", "ujson",
    "bench", "config", "handlers", "intake", "mail", "manage", "runtime", "server", "store", "tests",
}
LET_IN = {"runtime", "runtime.nfkc"}

class Bar:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BARRED and name not in LET_IN:
            raise ImportError(f"{name} is barred here")

sys.meta_path.insert(0, Bar())
assert not BARRED & sys.modules.keys()

import numba, msgspec  # what they read at import is theirs

opened = []
CODE = (".py", ".pyc", ".so", ".nbi", ".nbc")

def hook(event, arguments):
    name = str(arguments[0]) if event == "open" else ""
    if name and not name.endswith(CODE) and "__pycache__" not in name:  # where numba keeps compiled code
        opened.append(name)

sys.addaudithook(hook)
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feed_spec import FeedSpec
from engine.matching.feedback.trainer import FeedbackTrainer
from engine.matching.lexicon.lexicon import Lexicon
from engine.matching.lexicon.places import Places
from engine.matching.score.index import FeedIndex
from engine.matching.score.match import score
assert not opened, opened

analyzer = Analyzer(Lexicon(), Places(()))
query = analyzer.feed(FeedSpec(title="牙医", keywords=("种植牙",)))
profile = analyzer.resume({"job_target": {"job_career": "牙医"}, "self_evaluation": "会种植牙"})
match = score(query, profile)
index = FeedIndex()
index.put("a", query)
assert list(index.matches(profile)) == [("a", match)]
assert FeedbackTrainer(query, analyzer.idf).model().encode() == b""
print(match.score)
"""


def test_matching_scores_a_pair_where_nothing_else_of_ours_can_be_imported():
    done = subprocess.run(
        [sys.executable, "-c", ALONE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 10
