"""`POST /special_feed/read/`: a pasted posting becomes a form, which can be submitted as it is."""

POSTING = """Java开发工程师 15-25K·14薪
深圳 | 3-5年 | 本科
岗位职责：
1、用Java和Spring开发交易系统。
任职要求：
1、熟悉MySQL、Redis。
"""


async def read(hr, text):
    return await hr.post("/special_feed/read/", {"text": text})


async def test_what_is_read_of_a_posting_can_be_submitted_as_it_is(hr):
    answer = await read(hr, POSTING)
    assert answer.status == "ok"
    assert answer["data"] == {
        "title": "Java开发工程师",
        "keywords": ["Java", "MySQL", "Redis", "Spring"],
        "expect_area": ["深圳"],
        "salary_min": 15_000,
        "salary_max": 25_000,
        "talent_level": ["中级"],
        "job_desc": "1、用Java和Spring开发交易系统。",
        "skill_required": "本科及以上学历，3-5年工作经验\n1、熟悉MySQL、Redis。",
        "requirements": {
            "degree": "本科",
            "years_min": 3,
            "years_max": 5,
            "certificates": [],
            "licence": "",
            "languages": [],
            "must": ["degree", "years_min"],
        },
    }
    assert (answer["degree"], answer["years"], answer["others"]) == ("本科", {"least": 3, "most": 5}, [])
    assert answer["from"]["salary"] == "15-25K·14薪"
    submitted = await hr.post("/special_feed/submit_feed/", answer["data"])
    assert submitted.status == "ok"


async def test_a_text_that_says_nothing_fills_nothing(hr):
    answer = await read(hr, "你好")
    assert (answer.status, answer["data"], answer["from"]) == ("ok", {}, {})
    assert "degree" not in answer.json


async def test_only_texts_of_a_postings_length_are_read(hr):
    for text in ("", "长" * 20_001, 5, None, ["会计"]):
        answer = await read(hr, text)
        assert (answer.http, list(answer["errors"])) == (400, ["text"]), text
    assert (await hr.post("/special_feed/read/", {})).http == 400
    assert (await read(hr, "长" * 20_000)).status == "ok"
    assert (await hr.call("POST", "/special_feed/read/", form={"text": POSTING})).status == "ok"
