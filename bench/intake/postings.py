"""How often a pasted posting is read right: real postings, laid out as five kinds of pages are pasted.

    python -m bench.intake.postings --data ../shared/data/matching-dev

The texts are recruiters' own. What stands around them is made up, and so is known: title, city and pay are
the feed's, degree and years are drawn. A field is right where it is exactly that. Of the bare texts `--wrong`
shows which title, city and pay were read, as only people can say whether they stand there.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from bench.quality.data import DATA, read
from config.data import load_options
from handlers.feeds.options import OptionLists
from handlers.feeds.postings import options_of
from intake.posting import PostingReader, ReadPosting
from process.setup import make_analyzer


class Facts(NamedTuple):
    """What a layout says of a posting; salaries in yuan a month."""

    title: str
    city: str
    low: int
    high: int
    degree: str
    years: tuple[int, int | None]
    text: str

    @property
    def k(self) -> str:
        """The pay in thousands."""
        return f"{self.low / 1000:g}-{self.high / 1000:g}K"

    @property
    def span(self) -> str:
        """The years."""
        least, most = self.years
        return f"{least}-{most}年" if most else f"{least}年以上"


def _boss(one: Facts) -> str:
    return (
        f"首页\n职位\n公司\n校园\nAPP\n消息\n招聘中\n{one.title} {one.k}·13薪\n{one.city}\n{one.span}\n"
        f"{one.degree}\n"
        "五险一金\n带薪年假\n节日福利\n感兴趣\n立即沟通\n职位描述\n"
        + one.text
        + "\n王女士\n刚刚活跃\n某某科技 · 招聘经理\n"
        "公司介绍\n某某科技成立于2010年，总部位于南京，注册资本3000万元，有5年以上行业经验。\n工作地址\n"
        f"{one.city}某某路88号\n点击查看地图\n看过该职位的人还看了\n出纳 6-8K\n"
    )


def _job51(one: Facts) -> str:
    pay = f"{one.low / 10000:g}-{one.high / 10000:g}万/月"
    return (
        f"{one.title}\n{pay}\n{one.city} | {one.span}经验 | {one.degree} | 招2人 | 11-03发布\n"
        "五险一金 餐饮补贴 周末双休\n"
        f"职位信息\n{one.text}\n职能类别：其他\n联系方式\n"
        f"上班地址：{one.city}市某某大道1号\n公司信息\n某某有限公司\n民营 | 150-500人\n"
    )


def _labels(one: Facts) -> str:
    return (
        f"【招聘职位】{one.title}\n【工作地点】{one.city}\n【薪资待遇】{one.low}-{one.high}元/月\n【学历要求】{one.degree}及以上\n"
        f"【工作经验】{one.span}\n\n{one.text}\n\n有意者请将简历发至邮箱"
    )


def _chat(one: Facts) -> str:
    return (
        f"🔥急招{one.title}（2名）💰{one.low / 1000:g}k-{one.high / 1000:g}k 📍{one.city}\n"
        f"{one.degree}，{one.span}经验\n{one.text}\n"
        "感兴趣的朋友私聊我哦～👏"
    )


def _zhilian(one: Facts) -> str:
    pay = f"{one.low / 1000:g}千-{one.high / 1000:g}千"
    return (
        f"我的简历\n{one.title}\n{pay}\n{one.city}\t{one.span}\t{one.degree}\t全职\t招3人\n收藏\n立即投递\n职位描述\n{one.text}\n"
        f"工作地点\n{one.city}\n公司介绍\n某某集团，员工5000人，服务客户200-300万家。\n相似职位\n"
    )


LAYOUTS: dict[str, Callable[[Facts], str]] = {
    "boss": _boss, "51job": _job51, "labels": _labels, "chat": _chat, "zhilian": _zhilian,
}  # fmt: skip
DEGREES = ("大专", "本科", "硕士")
YEARS = ((1, 3), (3, 5), (5, 10), (3, None))


def facts_of(submit: dict[str, Any], rng: random.Random) -> Facts:
    """What a feed's posting is laid out with."""
    cities = submit["expect_area"].split(",")
    text = "\n".join(filter(None, (submit["job_desc"], submit["skill_required"])))
    low, high = submit["salary_min"], submit["salary_max"]
    if (low, high) == (0, 1_000_000):
        low, high = 8_000, 12_000
    city = cities[0] or "武汉"
    return Facts(submit["title"], city, low, high, rng.choice(DEGREES), rng.choice(YEARS), text)


def right(read: ReadPosting, one: Facts) -> dict[str, bool]:
    """By field whether it was read right."""
    return {
        "title": read.title == one.title,
        "city": read.expect_area == [one.city],
        "pay": read.salary == (one.low, one.high),
        "degree": read.degree == one.degree,
        "years": read.years == one.years,
    }


def main() -> None:
    """Print a row a layout."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--wrong", action="store_true", help="print what was read wrong")
    given = parser.parse_args()
    reader = PostingReader(
        make_analyzer(), options_of(msgspec.convert(load_options(), OptionLists, from_attributes=True))
    )
    rng, times, bare = random.Random(17), [], Counter[str]()
    feeds = read(given.data).feeds
    for name, layout in LAYOUTS.items():
        hits = Counter[str]()
        for feed in feeds:
            one = facts_of(feed["submit"], rng)
            began = time.perf_counter()
            found = reader.read(layout(one))
            times.append(time.perf_counter() - began)
            for field, is_right in right(found, one).items():
                hits[field] += is_right
                if given.wrong and not is_right:
                    print(
                        name,
                        field,
                        one[:6],
                        found.title,
                        found.expect_area,
                        found.salary,
                        found.degree,
                        found.years,
                    )
        print(name.ljust(8), {field: f"{count}/{len(feeds)}" for field, count in hits.items()})
    for feed in feeds:
        found = reader.read(feed["submit"]["job_desc"])
        bare.update({"title": bool(found.title), "city": bool(found.expect_area), "pay": bool(found.salary)})
        if given.wrong:
            for field in ("title", "expect_area", "salary"):
                if getattr(found, field):
                    print("bare", field, getattr(found, field), found.sources.get(field))
    times.sort()
    print(
        "read of bare texts",
        dict(bare),
        f"median {times[len(times) // 2] * 1e3:.1f} ms, most {times[-1] * 1e3:.1f} ms",
    )


if __name__ == "__main__":
    main()
