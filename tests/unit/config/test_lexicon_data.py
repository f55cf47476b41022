"""The lexicon and option files say what they must, once each, in one spelling; their loader is strict."""

import shutil
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import pytest

from config.data import (
    LEXICON_DIR,
    MOST_WANTED_CITIES,
    OPTIONS_DIR,
    load_lexicon,
    load_options,
)
from engine.matching.lexicon.rows import LexiconData
from handlers.feeds.options import OptionLists


@pytest.fixture(scope="module")
def lexicon() -> LexiconData:
    return load_lexicon()


@pytest.fixture(scope="module")
def options() -> OptionLists:
    return msgspec.convert(load_options(), OptionLists)


@pytest.fixture
def copies(tmp_path: Path) -> tuple[Path, Path]:
    """Copies of the two folders, to spoil."""
    lexicon_dir, options_dir = tmp_path / "lexicon", tmp_path / "options"
    shutil.copytree(LEXICON_DIR, lexicon_dir)
    shutil.copytree(OPTIONS_DIR, options_dir)
    return lexicon_dir, options_dir


def squeezed(words: Iterable[str]) -> list[str]:
    return [word.replace(" ", "") for word in words]


def repeated(words: Iterable[str]) -> list[str]:
    return [word for word, count in Counter(words).items() if count > 1]


def lexicon_words(lexicon: LexiconData) -> Iterator[str]:
    for skill in lexicon.skills:
        yield from (skill.term, *skill.aliases, *skill.kinds)
    for title in lexicon.titles:
        yield from (title.title, *title.aliases, *title.signs)
    for city in lexicon.cities:
        yield from (city.province, city.city, *city.aliases, *city.districts, *city.shared)
    for region in lexicon.regions:
        yield from (region.name, *region.aliases)
    for country in lexicon.abroad:
        yield from (country.name, *country.aliases)
    for school in lexicon.schools:
        yield from (school.name, *school.aliases)
    yield from lexicon.vague_titles
    yield from lexicon.stopwords
    yield from (word for word, _ in lexicon.levels)
    yield from (phrase for _, phrase in lexicon.negations)
    for words in lexicon.domains.values():
        yield from words


def test_every_word_is_nfkc_and_its_latin_lower_case(lexicon: LexiconData) -> None:
    odd = [
        word
        for word in lexicon_words(lexicon)
        if word != unicodedata.normalize("NFKC", word).lower().strip() or "\t" in word or "  " in word
    ]
    assert odd == []


def test_no_spelling_belongs_to_two_skills(lexicon: LexiconData) -> None:
    assert repeated(word for skill in lexicon.skills for word in (skill.term, *skill.aliases)) == []


def test_no_spelling_belongs_to_two_occupations(lexicon: LexiconData) -> None:
    words = [word for title in lexicon.titles for word in (title.title, *title.aliases)]
    assert repeated(squeezed(words)) == []


def test_guarded_spellings_are_spellings_of_their_skill(lexicon: LexiconData) -> None:
    strays = [
        (skill.term, word)
        for skill in lexicon.skills
        for word in skill.guarded
        if word not in (skill.term, *skill.aliases, *skill.kinds)
    ]
    assert strays == []


def test_one_latin_letter_is_a_skill_only_where_everybody_says_so(lexicon: LexiconData) -> None:
    letters = {w for skill in lexicon.skills for w in (skill.term, *skill.aliases) if len(w) == 1}
    assert letters <= {"c", "r"}


def test_the_trades_of_skills_are_trades_of_occupations(lexicon: LexiconData) -> None:
    assert {skill.trade for skill in lexicon.skills} <= {title.trade for title in lexicon.titles}


def test_every_family_lies_within_one_trade(lexicon: LexiconData) -> None:
    trades = defaultdict(set)
    for title in lexicon.titles:
        assert title.family
        trades[title.family].add(title.trade)
    assert {family: found for family, found in trades.items() if len(found) > 1} == {}


def test_every_occupation_has_four_to_eighty_signs(lexicon: LexiconData) -> None:
    odd = {title.title: len(title.signs) for title in lexicon.titles if not 4 <= len(set(title.signs)) <= 80}
    assert odd == {}


def test_a_vague_title_is_no_occupation(lexicon: LexiconData) -> None:
    claimed = {word for title in lexicon.titles for word in (title.title, *title.aliases)}
    assert claimed & set(lexicon.vague_titles) == set()
    assert {"工程师", "专员", "员工", "职员", "助理", "经理", "技术员"} <= set(lexicon.vague_titles)


def test_no_stopword_is_a_skill_or_a_sign(lexicon: LexiconData) -> None:
    skills = {word for skill in lexicon.skills for word in (skill.term, *skill.aliases)}
    signs = {sign for title in lexicon.titles for sign in title.signs}
    assert skills & set(lexicon.stopwords) == set()
    assert signs & set(lexicon.stopwords) == set()


def test_every_name_of_a_place_leads_to_one_city(lexicon: LexiconData) -> None:
    assert len(lexicon.cities) >= 340
    assert len({city.province for city in lexicon.cities}) == 34
    assert repeated(n for city in lexicon.cities for n in (city.city, *city.aliases, *city.districts)) == []


def test_a_shared_district_is_nobodys_alone(lexicon: LexiconData) -> None:
    alone = {name for city in lexicon.cities for name in (city.city, *city.aliases)}
    assert alone & {name for city in lexicon.cities for name in city.shared} <= {"海南"}
    assert {city.city for city in lexicon.cities if city.ambiguous} >= {"朝阳", "吉林"}
    assert sum("鼓楼区" in city.shared for city in lexicon.cities) >= 3


def test_no_region_or_country_has_the_name_of_another_place(lexicon: LexiconData) -> None:
    cities = [
        name for one in lexicon.cities for name in {one.city, f"{one.city}市", *one.aliases, *one.districts}
    ]
    wider = [name for one in (*lexicon.regions, *lexicon.abroad) for name in (one.name, *one.aliases)]
    assert repeated([*set(cities), *wider]) == []
    names = {one.city for one in lexicon.cities} | {one.name for one in lexicon.abroad}
    for region in lexicon.regions:
        assert set(region.around) <= names
        assert repeated(region.members) == []


def test_the_form_offers_the_most_wanted_cities_first(options: OptionLists) -> None:
    assert len(options.expect_area) == MOST_WANTED_CITIES
    assert options.expect_area[:4] == ["北京", "上海", "广州", "深圳"]


def test_all_985_and_211_universities_are_known(lexicon: LexiconData) -> None:
    assert sum("985" in school.classes for school in lexicon.schools) == 39
    assert sum("211" in school.classes for school in lexicon.schools) == 112  # 116 with second campuses
    assert sum("海外" in school.classes for school in lexicon.schools) >= 60
    assert repeated(name for school in lexicon.schools for name in (school.name, *school.aliases)) == []


def ids_of(options: OptionLists) -> dict[tuple[str, int], str]:
    """Every option that has an id: (list, id) -> name."""
    cities = {city.id: city.name for province in options.areas for city in province.cities}
    lists = {
        "company_prefer": options.company_prefer,
        "job_domain": options.job_domain,
        "talent_level": options.talent_level,
        "company_stage": options.company_stage,
        "province": {province.id: province.name for province in options.areas},
        "city": cities,
    }
    return {(name, id_): text for name, texts in lists.items() for id_, text in texts.items()}


def ids_ever_given() -> dict[tuple[str, int], str]:
    """What each id has meant since it was first given; lines are added to the file, never changed."""
    lines = Path(__file__).with_name("option_ids.tsv").read_text("utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    given = {(name, int(id_)): text for name, id_, text in rows}
    assert len(given) == len(rows)
    return given


def test_an_id_never_changes_its_meaning(options: OptionLists) -> None:
    given = ids_ever_given()
    moved = {key: (given[key], name) for key, name in ids_of(options).items() if given.get(key, name) != name}
    assert moved == {}


def test_a_new_option_goes_on_record(options: OptionLists) -> None:
    unrecorded = ids_of(options).keys() - ids_ever_given().keys()
    assert unrecorded == set(), "add these to option_ids.tsv"


def test_every_city_stands_in_its_province_once(lexicon: LexiconData, options: OptionLists) -> None:
    offered = {
        (city.id, province.name, city.name, tuple(city.aliases))
        for province in options.areas
        for city in province.cities
    }
    assert offered == {(city.id, city.province, city.city, city.aliases) for city in lexicon.cities}
    assert sum(len(province.cities) for province in options.areas) == len(lexicon.cities)
    assert len(options.areas) == 34
    assert all(province.cities for province in options.areas)


def test_every_domain_has_words_of_its_own(lexicon: LexiconData, options: OptionLists) -> None:
    assert set(lexicon.domains) == set(options.job_domain.values())
    assert repeated(word for words in lexicon.domains.values() for word in words) == []


@pytest.mark.parametrize(
    ("name", "line", "complaint"),
    [
        ("skills.tsv", "只有一列", "1 columns"),
        ("skills.tsv", "词\ta||b\tsoftware", "empty item"),
        ("titles/office.tsv", "职业\t别名\tsoftware\tbackend", "column 5 is empty"),
        ("levels.tsv", "超级\t9", "no number"),
        ("negations.txt", "whatever\t不会", "none of"),
        ("domains.tsv", "999\t词", "no option has the id 999"),
        ("stopwords.txt", "负责", "twice"),
    ],
)
def test_a_malformed_line_is_refused_by_file_and_line(
    copies: tuple[Path, Path], name: str, line: str, complaint: str
) -> None:
    file = copies[0] / name
    text = file.read_text(encoding="utf-8")
    file.write_text(text + line + "\n", encoding="utf-8")
    number = text.count("\n") + 1
    with pytest.raises(ValueError, match=complaint) as caught:
        load_lexicon(*copies)
    assert f"{file.parent.name}/{file.name}:{number}:" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "line", "complaint"),
    [
        ("job_domain.tsv", "7\t别的", "the id 7 stands here twice"),
        ("talent_level.tsv", "99\t中级", "'中级' stands here twice"),
        ("cities.tsv", "1\t河北\t别的", "the id 1 stands here twice"),
        ("cities.tsv", "9999\t别处\t别的", "'别处' is none of"),
    ],
)
def test_an_option_stands_under_one_id_in_one_place(
    copies: tuple[Path, Path], name: str, line: str, complaint: str
) -> None:
    with (copies[1] / name).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(ValueError, match=rf"options/{name}:\d+: {complaint}"):
        load_options(copies[1])


def test_a_file_that_is_not_utf8_is_refused(copies: tuple[Path, Path]) -> None:
    (copies[0] / "stopwords.txt").write_bytes("负责\n".encode("gbk"))
    with pytest.raises(ValueError, match=r"stopwords.txt:1: not UTF-8"):
        load_lexicon(*copies)
