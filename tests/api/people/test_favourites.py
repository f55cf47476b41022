"""The favourites: newest first, page by page, searched as a person expects."""

import pytest

from tests.support import PYTHON_FEED, case, python_resume

PATH = "/resume/follow/list/"


def person(source_id, *, title, company, school, text, name, **changes):
    base = python_resume()
    work = {**base["works"][0], "position_title": title, "compnay_name": company}
    return {
        **base,
        "source_id": source_id,
        "name": name,
        "works": [work],
        "education": [{"school": school, "degree": "本科", "major": "软件工程"}],
        "self_evaluation": f"熟悉Python。{text}",
        **changes,
    }


PEOPLE = {
    "a": person("a", title="Python开发工程师", company="蓝鲸科技（北京）", school="清华大学",
                text="做过数据 挖掘与Spring Boot", name="欧阳修远"),
    "b": person("b", title="后端开发工程师", company="Ｂｌｕｅ Ｗｈａｌｅ", school="北京大学",
                text="用过 C++ (2017) 与 .NET", name="李雷"),
    "c": person("c", title="python 开发", company="小象网络", school="Tsinghua University",
                text="100% 投入，a.b*c 的正则也写过", name="欧阳询"),
}  # fmt: skip


async def favourites(hr):
    """Three favourites, watched in the order a, b, c; the contact of a alone is unlocked."""
    feed_id = await hr.submit(**PYTHON_FEED)
    ids = dict(zip(PEOPLE, (await hr.ingest(*PEOPLE.values()))["ids"], strict=True))
    await hr.all_scored()
    for resume_id in ids.values():
        assert (await hr.get(f"/resumes/add_watch/{resume_id}", feed_id=feed_id)).status == "ok"
    await hr.unlock(feed_id, ids["a"])
    return feed_id, {resume_id: name for name, resume_id in ids.items()}


async def test_no_favourite_is_an_empty_list(hr):
    answer = await hr.get(PATH)
    assert (answer.status, answer["data"], answer["total_count"], answer["next_start"]) == ("ok", [], 0, -1)


async def test_the_newest_comes_first_and_pages_join_to_the_whole(hr):
    feed_id, names = await favourites(hr)
    seen, start = [], 0
    while start >= 0:
        answer = await hr.get(PATH, start=start, size=2)
        assert answer["total_count"] == 3
        seen += [names[item["resume"]["id"]] for item in answer["data"]]
        start = answer["next_start"]
    assert seen == ["c", "b", "a"]
    first = (await hr.get(PATH))["data"][0]
    assert first["feed_id"] == feed_id
    assert "python" in [word.lower() for word in first["keywords"]]
    past_the_end = await hr.get(PATH, start=9)
    assert (past_the_end["data"], past_the_end["next_start"]) == ([], -1)


async def test_watching_again_moves_nothing_and_unwatching_takes_it_off(hr):
    feed_id, names = await favourites(hr)
    ids = {name: resume_id for resume_id, name in names.items()}
    before = (await hr.get(PATH))["data"]
    await hr.get(f"/resumes/add_watch/{ids['a']}", feed_id=feed_id)
    assert (await hr.get(PATH))["data"] == before
    await hr.get(f"/resumes/remove_watch/{ids['b']}", feed_id=feed_id)
    assert [names[item["resume"]["id"]] for item in (await hr.get(PATH))["data"]] == ["c", "a"]


SEARCHES = [
    ("position_title", "python开发", "abc"),
    ("position_title", "后端", "b"),
    ("position_title", "PYTHON", "abc"),  # a wish counts as a title too
    ("position_title", "蓝鲸", ""),
    ("company_name", "蓝鲸", "a"),
    ("company_name", "blue whale", "b"),
    ("company_name", "（北京）", "a"),
    ("company_name", "(北京)", "a"),
    ("school", "清华", "a"),
    ("school", "tsinghua", "c"),
    ("school", "北京 大学", "b"),
    ("all", "数据挖掘", "a"),
    ("all", "数据 挖掘", "a"),
    ("all", "spring boot", "a"),
    ("all", "小象", "c"),
    ("all", "清华大学", "a"),
    ("all", "c++", "b"),
    ("all", "用过c++", "b"),
    ("all", ".net", "b"),
    ("all", "100%", "c"),
    ("all", "a.b*c", "c"),
    ("all", "a.b.c", ""),
    ("all", ".*", ""),
    ("all", "[", ""),
    ("all", "python，软件工程", "abc"),
    ("all", "python 清华", "a"),
    ("all", "", "abc"),
    ("name", "欧阳", "a"),
    ("name", "李雷", ""),
    ("all", "李雷", ""),
    ("all", "欧阳修远", "a"),
]


@pytest.mark.long
async def test_a_search_finds_what_a_person_expects(hr):
    _, names = await favourites(hr)
    for field, keywords, found in SEARCHES:
        with case(field, keywords):
            answer = await hr.get(PATH, search_fields=field, keywords=keywords)
            hits = [names[item["resume"]["id"]] for item in answer["data"]]
            assert sorted(hits) == sorted(found)
            assert answer["total_count"] == len(found)


async def test_a_search_that_names_no_field_there_is_is_400(hr):
    answer = await hr.get(PATH, search_fields="phone", keywords="1")
    assert (answer.http, answer["errors"].keys()) == (400, {"search_fields"})
    answer = await hr.get(PATH, keywords="长" * 201)
    assert (answer.http, answer["errors"].keys()) == (400, {"keywords"})
