import msgspec
import pytest

from engine.matching.analysis import readers
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.lexicon.places import Places
from engine.matching.resume_profile import ResumeProfile
from tests.unit.matching.engine_samples import (
    CITIES,
    DOMAINS,
    SCHOOLS,
    SKILLS,
    TITLES,
    accountant,
    analyzer,
    lexicon,
    resume,
    seller,
    work,
)


@pytest.mark.parametrize("body", [resume(), seller(), accountant(), {}])
def test_a_profile_survives_its_bytes(body):
    profile = analyzer().resume(body)
    again = ResumeProfile.decode(profile.encode())
    assert again == profile
    assert again.encode() == profile.encode()
    assert type(again.key_terms) is tuple


def test_bytes_of_another_shape_are_refused():
    with pytest.raises(msgspec.DecodeError):
        ResumeProfile.decode(b"\x81\xa1a\x01")


def test_an_ordinary_profile_is_small():
    assert len(analyzer().resume(resume()).encode()) < 2_048


def test_an_immense_resume_keeps_a_small_profile():
    words = "".join(chr(0x4E00 + i % 3_000) for i in range(100_000))
    profile = analyzer().resume(resume(self_evaluation=words, works=[work("Java", words)] * 200))
    assert len(profile.key_terms) <= 64
    assert len(profile.encode()) < 8_192


def test_key_terms_are_sorted_and_each_stands_once():
    keys = analyzer().resume(resume()).key_terms
    assert list(keys) == sorted(set(keys))
    assert "o:java开发工程师" in keys


def test_tags_name_the_school_the_degree_the_major_and_the_company():
    assert analyzer().resume(resume()).tags == ("985", "本科", "软件工程", "民营")


def test_the_highest_degree_is_the_one_that_counts():
    education = [
        {"school": "苏州大学", "degree": "本科", "major": "数学"},
        {"school": "University of Leeds", "degree": "硕士", "major": "统计学"},
    ]
    profile = analyzer().resume(resume(education=education))
    assert profile.tags[:4] == ("211", "海外", "硕士", "统计学")
    assert profile.degree == 5


def test_the_expected_salary_and_the_address_are_readable_fields():
    profile = analyzer().resume(resume())
    assert (profile.salary_low, profile.salary_high) == (10_000, 15_000)
    assert profile.address == "广州市天河区"
    unknown = analyzer().resume({})
    assert (unknown.salary_low, unknown.salary_high) == (0, 1_000_000)


def test_years_come_from_the_works_when_nobody_says_them():
    works = [work("Java", "", start_time="2018-01", end_time="2021-01")]
    assert analyzer().resume(resume(work_years="", works=works)).months == 36


def test_the_version_follows_the_data_and_nothing_else():
    def version(words=None, cities=CITIES, schools=SCHOOLS):
        return Analyzer(words or lexicon(), Places(cities), DOMAINS, schools).version

    first = version()
    assert first == analyzer().version
    others = {
        version(lexicon(skills=SKILLS[1:])),
        version(lexicon(titles=TITLES[1:])),
        version(lexicon(stopwords=("参与",))),
        version(cities=CITIES[1:]),
        version(schools=()),
    }
    assert len(others | {first}) == 6


def test_answers_are_remembered_up_to_a_number_and_a_length(monkeypatch):
    monkeypatch.setattr(readers, "REMEMBERED", 2)
    asked = []
    answers = readers.Answers(lambda text: asked.append(text) or len(text))
    long = "长" * (readers.MAX_REMEMBERED_CHARS + 1)
    assert [answers[text] for text in ("a", "bb", "a", long, long)] == [1, 2, 1, len(long), len(long)]
    assert asked == ["a", "bb", long, long]
    assert (answers["ccc"], answers["a"]) == (3, 1)
    assert asked[4:] == ["ccc", "a"]
    assert len(answers) == 2
