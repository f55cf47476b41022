"""Learning relations is one explicit step; every process and every feed that it changes follow it."""

import pytest

from engine.learning.relearn import OtherRules, relearn
from tests.integration.gates import Killed, Trap
from tests.integration.processes import check_stores, manage
from tests.support import Hr, nurse_resume, python_resume

QIN_FEED = {"title": "古琴斫制师", "job_desc": "选材与制漆"}
"""A title that no lexicon knows."""


def works(*titles):
    return [{"position_title": title, "job_desc": "使用Python和Django"} for title in titles]


def luthiers(count=8):
    """People who made guqins once and write Python now."""
    target = {"job_career": "Python开发工程师"}
    return [
        python_resume(number, job_target=target, works=works("Python开发工程师", "古琴斫制师"))
        for number in range(count)
    ]


def neighbours(count=30):
    return [nurse_resume(number) for number in range(count)]


@pytest.fixture
def learn(server, analyzer):
    stores = server.stores

    async def step(least=500):
        return await relearn(stores, analyzer, least=least)

    return step


async def scores(hr, feed_id):
    return {item["resume"]["id"]: item["score"] for item in await hr.results(feed_id)}


async def people(hr):
    """The people of these tests are stored; the id of the one who only writes Python."""
    await hr.ingest(*luthiers(), *neighbours())
    coder = python_resume(job_target={"job_career": "Python开发工程师"})
    (id_,) = await hr.scored(coder)
    return id_


async def test_a_feed_finds_by_relation_whom_its_words_do_not_find(hr, learn):
    coder = await people(hr)
    qin, nurses = await hr.submit(**QIN_FEED), await hr.submit(title="护士")
    before, nurses_before = await hr.results(qin), await hr.results(nurses)
    assert len(before) == 8
    learned = await learn()
    assert learned.is_new
    assert (learned.resumes, learned.feeds) == (39, 1)
    await hr.calced(qin)
    found = {item["resume"]["id"]: item for item in await hr.results(qin)}
    assert len(found) == 9
    assert not found[coder]["title_match"]
    assert [item["resume"]["id"] for item in await hr.results(qin, extend_match=1)] == [coder]
    assert await hr.results(nurses) == nurses_before, "a feed that nothing changes is not scored again"


async def test_new_resumes_and_backfills_agree_after_learning(hr, learn):
    await people(hr)
    qin = await hr.submit(**QIN_FEED)
    await learn()
    await hr.scored(*luthiers(3), python_resume(), nurse_resume())
    await hr.calced(qin)
    as_they_came = await scores(hr, qin)
    assert len(as_they_came) == 13
    assert await scores(hr, await hr.submit(**QIN_FEED)) == as_they_came
    preview = await hr.post("/special_feed/preview/", QIN_FEED)
    assert preview["total_count"] == 13


TRADES = (
    "古琴 制漆 选材 桐木 斫琴 灰胎 琴弦",
    "养蜂 蜂箱 取蜜 蜂王 花期 蜂蜡 巢脾",
    "采茶 炒茶 茶园 萎凋 揉捻 焙火 品茗",
    "烧窑 拉坯 釉料 素坯 瓷土 修坯 窑炉",
    "剪纸 刻刀 宣纸 窗花 蜡盘 纹样 装裱",
    "酿酒 酒曲 发酵 蒸馏 高粱 窖池 勾兑",
    "木雕 凿子 榫卯 打磨 雕花 香樟 上蜡",
    "编竹 竹篾 竹器 劈竹 箩筐 竹席 竹编",
    "养蚕 缫丝 桑叶 蚕茧 织绸 丝绵 蚕房",
)
"""Trades that no lexicon knows, and what they speak of."""


def craftsmen(count, source="craft"):
    """People whose titles say nothing, and whose text has five of the seven words of their trade."""
    people = []
    for number in range(count):
        words = TRADES[number % len(TRADES)].split()
        own = [words[(number // len(TRADES) + step) % 7] for step in range(5)]
        job = [{"position_title": "员工", "job_desc": "，".join(own)}]
        people.append(python_resume(number, source_id=f"{source}{number}", job_target={}, works=job))
    return people


@pytest.mark.long
async def test_topics_find_whom_no_word_of_the_gate_finds_as_they_come_and_afterwards(
    hr, learn, analyzer, monkeypatch
):
    await hr.scored(*craftsmen(99))
    bees = {"title": "蜂农", "job_desc": "蜂箱，取蜜，蜂王，巢脾"}
    feed = await hr.submit(**bees)
    before = await scores(hr, feed)
    learned = await learn(90)
    assert (learned.is_new, learned.topics_are_new, learned.feeds) == (True, True, 1)
    assert learned.words > 50
    await hr.calced(feed)
    found = {item["resume"]["id"]: item for item in await hr.results(feed)}
    assert len(before) < len(found) == 11
    assert all("similar" in [row["field"] for row in item["why"]] for item in found.values())
    assert analyzer.topics.words

    await hr.scored(*craftsmen(18, "later"))
    as_they_came = await scores(hr, feed)
    assert len(as_they_came) == 13
    assert await scores(hr, await hr.submit(**bees)) == as_they_came
    assert (await hr.post("/special_feed/preview/", bees))["total_count"] == 13
    again = await learn(90)
    assert not again.topics_are_new, "few came since"

    monkeypatch.setattr("engine.learning.relearn._OTHER_BY", 100)
    more = await learn(90)
    assert more.topics_are_new
    await hr.calced(feed)
    other = await hr.submit(**bees)
    assert await scores(hr, feed) == await scores(hr, other)
    await hr.scored(*craftsmen(9, "last"))
    assert await scores(hr, feed) == await scores(hr, other) == await scores(hr, await hr.submit(**bees))


@pytest.mark.long
@pytest.mark.parametrize("dies_in", ["request", "set_applied"])
async def test_a_step_that_died_half_way_is_made_good_by_the_next(hr, learn, server, dies_in):
    coder = await people(hr)
    qin = await hr.submit(**QIN_FEED)
    owner = server.stores.backfills if dies_in == "request" else server.stores.relations
    trap = Trap(owner, dies_in)
    with pytest.raises(Killed):
        await learn()
    trap.take_away()
    learned = await learn()
    assert (learned.is_new, learned.feeds) == (True, 1)
    await hr.calced(qin)
    assert coder in await scores(hr, qin)
    assert not (await learn()).is_new


@pytest.mark.long
async def test_the_command_learns_and_running_servers_follow(start):
    first = await start().ready()
    second = await start().ready()
    hr = await Hr.register(first.port)
    coder = await people(hr)
    qin = await hr.submit(**QIN_FEED)
    learned = manage(first.data_dir, "learn")
    assert learned.returncode == 0, learned.stderr
    assert b"learned from 39 resumes" in learned.stdout
    assert b"feeds to score again: 1" in learned.stdout
    for process in (first, second):
        hr.port = process.port
        await hr.calced(qin)
        assert coder in await scores(hr, qin)
        (id_,) = await hr.scored(python_resume(job_target={"job_career": "Python开发工程师"}))
        assert id_ in await scores(hr, qin)
    assert b"as before" not in manage(first.data_dir, "learn").stdout  # two came since
    assert b"as before" in manage(first.data_dir, "learn").stdout
    assert b"learned              2" in manage(first.data_dir, "stats").stdout
    check_stores(first.data_dir)


@pytest.mark.parametrize(
    ("facts", "is_outdated"),
    [
        ({"analyzer_version": "newer rules"}, True),
        ({"analyzer_version": "older rules", "unsettled": 1}, False),
        ({"analyzer_version": None, "unsettled": 0}, False),
    ],
)
async def test_what_was_learned_stays_while_profiles_are_of_other_rules(
    hr, learn, server, analyzer, facts, is_outdated
):
    """As in the night after an upgrade: such a process would learn from few profiles, or from none."""
    await people(hr)
    await learn()
    relations, database = server.stores.relations, server.stores._database
    before = await relations.load()
    assert before.table
    facts = {**facts, "analyzer_version": facts["analyzer_version"] or analyzer.version}
    await database.meta.update_one({"_id": "facts"}, {"$set": facts})
    await database.profiles.update_many({}, {"$set": {"version": "other rules"}})
    with pytest.raises(OtherRules) as refused:
        await learn()
    assert refused.value.is_outdated == is_outdated
    assert await relations.load() == before
