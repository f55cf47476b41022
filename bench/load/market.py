"""Feeds and resumes to load a server with: the judged data, some of real texts, or made-up ones.

The data has no licence to be part of this project, so it is read where it lies and never copied. Where it
is not there, everything is made up.
"""

from __future__ import annotations

import itertools
from typing import Any

import msgspec

from bench.harness.people import forms, resumes
from bench.match import data as texts
from bench.quality import data as judged
from engine.matching.analysis.analyzer import Analyzer


class Market(msgspec.Struct, frozen=True):
    """Bodies of `submit_feed`, and resumes as `POST /resumes/` takes them."""

    name: str
    feeds: list[dict[str, Any]]
    resumes: list[dict[str, Any]]


def made_up(feeds: int, count: int) -> Market:
    """So many of each, of all trades."""
    return Market("made-up", list(itertools.islice(forms(), feeds)), resumes(count))


def judged_market(count: int) -> Market:
    """All judged feeds, and so many resumes.

    Where there are fewer they are repeated under other sources, as other people: else half of them would be
    joined with one who is there already, which costs the store several times as much.
    """
    if judged.missing(judged.DATA):
        return made_up(80, count)
    data, people = judged.read(judged.DATA), []
    for number in range(count):
        again, which = divmod(number, len(data.resumes))
        resume = {**data.resumes[which], "source": f"{data.resumes[which]['source']}-{again}"}
        if again:
            resume["name"] = data.resumes[(which + again) % len(data.resumes)].get("name", "")
            resume["phone"], resume["email"] = f"1{3 * 10**9 + number:010}", f"{number}@example.com"
        people.append(resume)
    return Market("real", [feed["submit"] for feed in data.feeds], people)


def text_market(analyzer: Analyzer, count: int, feeds: int) -> Market:
    """So many of each, made of real texts of few trades: many of these fit each other."""
    if not all((texts.DATA / name).exists() for name in texts.FILES):
        return made_up(feeds, count)
    real = texts.Market(analyzer, texts.texts_of(texts.DATA))
    submits = [msgspec.to_builtins(spec) for spec in real.forms(feeds)]
    return Market("real", submits, [record for record, _ in real.resumes(count)])
