"""What must hold of every pair: what order and spelling may not change, and what more skill may not cost."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from engine.matching.analysis.gathering import MAX_TERMS
from engine.matching.analysis.resume import MAX_KEY_TERMS, MAX_RESUME_CHARS
from engine.matching.feed_query import FeedQuery, Keyword
from engine.matching.feed_spec import FeedSpec
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.breakdown import breakdown_of
from engine.matching.score.match import score
from engine.matching.score.rules import FULL
from engine.matching.text.normalise import MAX_FIELD_CHARS
from tests.unit.matching.engine_samples import analyzer, feed, resume, work

ROOT = Path(__file__).resolve().parents[4]

PHRASES = (
    "Java",
    "k8s",
    "Spring Boot",
    "MySQL",
    "Vue",
    "C++",
    "Node.js",
    "负责微服务开发",
    "优化jvm",
    "不会Vue",
    "了解Java",
    "招聘Java工程师",
    "开发客户",
    "测试用例",
    "授课",
    "3年以上开发经验",
    "本科及以上学历",
)
SENTENCES = st.lists(st.sampled_from(PHRASES), max_size=8)
TITLES = st.sampled_from(
    ["Java开发", "高级Java工程师", "k8s 运维", "销售经理", "工程师", "测试开发", "Java讲师", ""]
)
AREAS = st.lists(st.sampled_from(["广州", "北京", "深圳", "天河区", "广东"]), max_size=3)
KEYWORDS = st.lists(
    st.sampled_from(["Java", "k8s", "Vue", "C++", "Excel", "微服务"]), max_size=5, unique=True
)
SALARIES = st.sampled_from(["面议", "8-12K", "1.5-2万", "2万以上", ""])
DEGREES = st.lists(st.sampled_from(["本科", "大专", "硕士", ""]), max_size=3)


def text(phrases):
    return "。\n".join(phrases)


@st.composite
def pairs(draw):
    """The parts of a feed and of a resume, as lists that a test may turn round or spell otherwise."""
    asked = {
        "title": draw(TITLES),
        "job_desc": draw(SENTENCES),
        "keywords": draw(KEYWORDS),
        "areas": draw(AREAS),
        "salary": draw(st.sampled_from([(0, 1_000_000), (8_000, 12_000), (15_000, 20_000)])),
    }
    told = {
        "wish": draw(TITLES),
        "areas": draw(AREAS),
        "salary": draw(SALARIES),
        "works": draw(st.lists(st.tuples(TITLES, SENTENCES), max_size=3)),
        "degrees": draw(DEGREES),
        "self": draw(SENTENCES),
    }
    return asked, told


def query(asked, spell=str, order=list):
    return analyzer().feed(
        FeedSpec(
            title=spell(asked["title"]),
            job_desc=spell(text(asked["job_desc"])),
            keywords=tuple(map(spell, order(asked["keywords"]))),
            expect_area=tuple(order(asked["areas"])),
            salary_min=asked["salary"][0],
            salary_max=asked["salary"][1],
        )
    )


def profile(told, spell=str, order=list):
    return analyzer().resume(
        {
            "job_target": {
                "job_career": spell(told["wish"]),
                "salary": spell(told["salary"]),
                "expectation_area": spell("，".join(order(told["areas"]))),
            },
            "works": [
                {"position_title": spell(title), "job_desc": spell(text(said))}
                for title, said in told["works"]
            ],
            "education": [{"degree": spell(degree)} for degree in order(told["degrees"])],
            "self_evaluation": spell(text(told["self"])),
        }
    )


def points(asked, told):
    """What is computed, in an order that does not depend on that of the keywords."""
    breakdown = breakdown_of(asked, told)
    if breakdown is None:
        return None
    return breakdown.total, breakdown._replace(skills=tuple(sorted(breakdown.skills)))


def reverse(items):
    return list(reversed(items))


@given(pairs())
def test_the_order_of_keywords_areas_and_schools_does_not_matter(pair):
    asked, told = pair
    assert points(query(asked), profile(told)) == points(
        query(asked, order=reverse), profile(told, order=reverse)
    )


def wide(text):
    """In full width, as an input method for Chinese writes Latin letters and digits."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def spaced(text):
    return f"　{text.replace(' ', ' 　 ')} \t"


@given(pairs(), st.sampled_from([wide, spaced, str.upper, str.lower]))
def test_width_case_and_white_space_do_not_matter(pair, spell):
    asked, told = pair
    plain = points(query(asked), profile(told))
    assert points(query(asked), profile(told, spell)) == plain
    assert points(query(asked, spell), profile(told)) == plain


@given(pairs())
def test_an_alias_counts_as_the_name_on_either_side(pair):
    asked, told = pair

    def spell(text):
        return text.replace("k8s", "Kubernetes")

    plain = points(query(asked), profile(told))
    assert points(query(asked, spell), profile(told)) == plain
    assert points(query(asked), profile(told, spell)) == plain


@given(pairs(), st.sampled_from(["C++", "Excel", "Kubernetes", "Node.js"]))
def test_a_required_skill_more_never_lowers_the_score(pair, skill):
    """Promised for a skill that gives no occupation away; another may well show another occupation."""
    asked, told = pair
    asked["keywords"] = [skill, *asked["keywords"]]
    before = points(query(asked), profile(told))
    told["self"] = [*told["self"], f"熟悉{skill}"]
    after = points(query(asked), profile(told))
    if before is not None:
        assert after is not None
        assert after[0] >= before[0]


WEIGHTS = st.integers(0, 100)
NAMES = st.sampled_from("abcdefghijkl")


@given(
    st.lists(st.tuples(NAMES, st.integers(1, 800)), min_size=1, max_size=12, unique_by=lambda item: item[0]),
    st.dictionaries(NAMES, WEIGHTS, min_size=6),
    st.dictionaries(st.sampled_from("uvwxyz"), WEIGHTS),
    WEIGHTS,
    st.one_of(st.integers(1, 3), st.integers(1, 100)),
    st.tuples(st.integers(0, 12_000), st.integers(0, 8)),
)
def test_a_keyword_borne_out_better_never_lowers_the_points(keywords, terms, words, titled, more, wishes):
    """Exact, whatever the weights: no rounding and no share of the others may cost a hundredth."""
    salary, level = wishes
    asked = FeedQuery(
        gate_terms=frozenset({"o:x"}),
        reach={"x": FULL},
        keywords=tuple(Keyword(name, (name,), weight * FULL // 9_600) for name, weight in keywords),
        words={"u": 5_000, "v": 2_500, "w": 2_500},
        salary=(10_000, 10_000),
        level=(3, 4),
    )
    told = ResumeProfile(
        key_terms=("o:x",),
        titled={"x": titled},
        terms={**words, **terms},
        salary_low=salary,
        salary_high=salary,
        level=min(level, 5),
    )
    name = keywords[0][0]
    better = {**told.terms, name: min(100, told.terms.get(name, 0) + more)}
    before, after = (
        breakdown_of(asked, told),
        breakdown_of(asked, msgspec.structs.replace(told, terms=better)),
    )
    if before is not None:
        assert after is not None
        assert before.total <= after.total <= FULL


def test_twelve_equal_keywords_lose_nothing_by_rounding_when_one_is_borne_out_better():
    names = "abcdefghijkl"
    asked = FeedQuery(
        gate_terms=frozenset({"o:x"}),
        reach={"x": FULL},
        keywords=tuple(Keyword(name, (name,), FULL // len(names)) for name in names),
    )
    told = ResumeProfile(key_terms=("o:x",), titled={"x": 100}, terms=dict.fromkeys(names, 50))
    totals = [
        breakdown_of(asked, msgspec.structs.replace(told, terms={**told.terms, "a": weight})).total
        for weight in range(101)
    ]
    assert totals == sorted(totals)


FINGERPRINT = """
import msgspec
from config.data import load_lexicon
from config.demo import DEMO_FEEDS, demo_resumes
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feed_spec import FeedSpec
from engine.matching.score.match import score
analyzer = Analyzer.from_data(load_lexicon())
feeds = [analyzer.feed(FeedSpec(title=one["title"], job_desc=one["job_desc"])) for one in DEMO_FEEDS]
for body in demo_resumes(20):
    profile = analyzer.resume(body)
    print(profile.encode().hex())
    for feed in feeds:
        print(msgspec.json.encode(score(feed, profile)).decode())
"""


def test_every_process_computes_the_same():
    running = [
        subprocess.Popen(
            [sys.executable, "-c", FINGERPRINT],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
        )
        for seed in ("1", "2")
    ]
    one, other = (process.communicate()[0] for process in running)
    assert [process.returncode for process in running] == [0, 0]
    assert one.count(b'"score"') > 5
    assert one == other


def test_of_an_immense_resume_no_more_is_looked_at_than_of_a_capped_one(monkeypatch):
    reader = analyzer()._readers.reader
    find, chars = reader.find, []
    monkeypatch.setattr(
        reader, "find", lambda texts, lists: chars.append(sum(map(len, texts))) or find(texts, lists)
    )
    said = "负责微服务开发，使用Java、Spring Boot和MySQL；" * 40_000
    capped = said[:MAX_FIELD_CHARS]
    analyzer().resume(resume(works=[work("Java工程师", capped)] * 20, self_evaluation=capped))
    analyzer().resume(resume(works=[work("Java工程师", said)] * 200, self_evaluation=said))
    # The titles are read in the same go.
    capped_chars, immense_chars = chars
    assert MAX_RESUME_CHARS <= capped_chars <= 1.2 * MAX_RESUME_CHARS
    assert immense_chars <= capped_chars


def test_a_resume_that_claims_everything_opens_a_bounded_number_of_gates():
    names = [row.title for row in analyzer()._readers.lexicon.titles]
    claims = resume(
        job_target={"job_career": "/".join(names), "expectation_area": "不限"},
        works=[work(name, text(PHRASES)) for name in names * 4],
        self_evaluation="、".join([*names, *PHRASES, *(f"词{i}" for i in range(2_000))]),
    )
    found = analyzer().resume(claims)
    assert len(found.key_terms) <= MAX_KEY_TERMS
    assert len(found.terms) <= MAX_TERMS
    honest = score(analyzer().feed(feed()), analyzer().resume(resume()))
    padded = score(analyzer().feed(feed()), found)
    assert padded is None or padded.score < honest.score
