"""What `warm` compiles is all that scoring calls: nothing is left to be compiled on an event loop."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
WATCH = """
import msgspec
from engine.matching.feed_query import FeedQuery, Keyword
from engine.matching.learned import topics as learned
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score import resume_layout, resume_postings, resume_snapshot, resume_topics, rules
from engine.matching.score import snapshot
from engine.matching.score.index import FeedIndex, warm
from engine.matching.score.match import score
from engine.matching.score.resume_index import ResumeIndex

warm()
modules = (rules, resume_layout, resume_postings, resume_snapshot, resume_topics, snapshot, learned)
compiled = {f"{module.__name__}.{name}": one for module in modules for name, one in vars(module).items()
            if hasattr(one, "signatures")}
before = {name: list(one.signatures) for name, one in compiled.items()}
assert sum(map(bool, before.values())) >= 10
query = FeedQuery(
    gate_terms=frozenset("ab"), title="a", clear=True, known=True, reach={"a": 10_000},
    title_words={"b": 10_000}, words={"w": 10_000},
    keywords=(Keyword("x", ("x", "y"), 5_000), Keyword("z", ("z",), 5_000, related=True)),
    text_points=9_000, places=frozenset("p"), salary=(8_000, 12_000), months=(12, 36), level=(1, 2), degree=4,
    domains=frozenset("d"), preferences=frozenset({"985"}),
)
profile = ResumeProfile(
    key_terms=("a",), titled={"a": 100}, shown={"a": 50}, title_words={"b": 100},
    terms={"x": 100, "y": 50, "w": 20},
    title="a", places=("p",), home=("q",), salary_low=9_000, salary_high=14_000, months=24, degree=3, level=3,
    domains=("d",), classes=("211",),
)
topics = learned.topics_of(("t:w", "t:x"), bytes([127, *[0] * 39]) * 2, bytes([9, 0, 0, 0]) * 2)
place = topics.locate(profile)
query = msgspec.structs.replace(query, table=place.table, topics=place.vector.tobytes())
match = score(query, profile, topics)
assert match is not None and any(row.field == "similar" for row in match.why)
assert score(query, profile) and score(FeedQuery(gate_terms=frozenset("a"), reach={"a": 10_000}), profile)
index = FeedIndex()
index.put("f", query)
assert list(index.matches(profile, 0.0, topics)) == [("f", match)]
index.remove("f")
resumes = ResumeIndex()
resumes.put("0" * 24, profile, rev=1, arrived_at=0)
placing = resumes.adopt(topics)
while not placing.is_done:
    placing.step()
search = resumes.search(query)
while not search.is_done:
    search.step()
assert search.count == 1
for kept, resume_id in ((True, "1" * 24), (False, "0" * 24)):
    copying = resumes.copying()
    while not copying.is_done:
        copying.step()
    resumes = ResumeIndex.restored(resume_snapshot.packed(copying))
    resumes.remove(resume_id)
    assert len(resumes) == kept
after = {name: list(one.signatures) for name, one in compiled.items()}
assert after == before, {name: after[name] for name in after if after[name] != before[name]}
"""


def test_nothing_is_compiled_after_the_start():
    done = subprocess.run(
        [sys.executable, "-c", WATCH], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


ANALYSIS = """
import importlib
from pathlib import Path

from numba.core.dispatcher import Dispatcher

from engine.matching.feed_spec import FeedSpec
from process.rules import make_analyzer

analyzer = make_analyzer()
analyzer.warm()
paths = [path.with_suffix("") for room in ("text", "lexicon", "analysis") for path in
         Path("engine/matching", room).glob("*.py")]
modules = [importlib.import_module(path.as_posix().replace("/", ".")) for path in paths]
compiled = {f"{one.__module__}.{one.__name__}": one for module in modules for one in vars(module).values()
            if isinstance(one, Dispatcher)}
before = {name: list(one.signatures) for name, one in compiled.items()}
assert sum(map(bool, before.values())) >= 8
said = "1、熟悉Java、vue3.2、Spring Boot 和foobar；不会go，了解过k8s\\n- 配合测试工程师，使用 CI/CD 平台"
profile = analyzer.resume({
    "job_target": {"job_career": "高级Java开发工程师"}, "self_evaluation": said,
    "works": [{"position_title": "软件工程师", "job_desc": said}, {"position_title": "专员", "job_desc": ""}],
})
assert profile.shown and profile.signs and profile.wording
for title in ("Java开发工程师", "软件工程师", "招募", ""):
    analyzer.feed(FeedSpec(title=title, job_desc=said, keywords=("vue3", "k8s")))
after = {name: list(one.signatures) for name, one in compiled.items()}
assert after == before, {name: after[name] for name in after if after[name] != before[name]}
"""


def test_no_text_makes_the_analysis_compile_after_the_start():
    done = subprocess.run(
        [sys.executable, "-c", ANALYSIS], cwd=ROOT, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stderr


def test_where_all_was_compiled_nothing_is_interpreted():
    script = "import process.life; from process.compiling import main; main(); from engine.matching.compiled "
    script += "import is_kept; assert is_kept()"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=600)


def test_code_that_calls_other_files_is_made_anew_when_one_of_them_changes(tmp_path):
    (tmp_path / "caller.py").write_text(
        "import called\n"
        "from called import seven\n"
        "from engine.matching.compiled import compiled_over\n"
        "@compiled_over(called)\n"
        "def answer(number):\n"
        "    return number * seven()\n"
    )
    environ = {
        **os.environ,
        "PYTHONPATH": f"{tmp_path}:{ROOT}",
        "NUMBA_CACHE_DIR": str(tmp_path / "kept"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    script = "import caller; print(caller.answer(6), sum(caller.answer.stats.cache_hits.values()))"
    said = []
    for number in (7, 7, 8):
        (tmp_path / "called.py").write_text(
            f"from engine.matching.compiled import compiled\n@compiled\ndef seven():\n    return {number}\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=environ,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        said.append(done.stdout.split())
    assert said == [["42", "0"], ["42", "1"], ["48", "0"]]
