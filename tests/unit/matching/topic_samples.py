"""Made-up trades whose words keep company, people of each, and the topics that are learned of them."""

import random
from functools import cache

from engine.matching.analysis.topical import placed
from engine.matching.feed_query import FeedQuery, Keyword
from engine.matching.learned.topic_learning import Gathering
from engine.matching.resume_profile import ResumeProfile

TRADES = 45
WORDS = 8
CITIES = "京沪杭"


def words(trade):
    return [f"行{trade}词{number}" for number in range(WORDS)]


def person(trade, seed, **fields):
    """Somebody of a trade, whose text has half of its words."""
    chosen = random.Random(f"{trade} {seed}")
    terms = dict.fromkeys(chosen.sample(words(trade), WORDS // 2), 100)
    terms |= {f"闲{chosen.randrange(60)}": 60}
    return ResumeProfile(terms=terms, title=f"行{trade}", **fields)


def people(count=600):
    return [person(number % TRADES, number, titled={f"行{number % TRADES}": 90}) for number in range(count)]


def learned_of(profiles):
    gathering = Gathering()
    for profile in profiles:
        gathering.add(profile)
    return gathering.topics()


@cache
def topics():
    return learned_of(people())


def wanted(trade, seed=0, **fields):
    """A feed that asks for half of a trade's words, placed among the topics."""
    chosen = random.Random(f"wanted {trade} {seed}").sample(words(trade), WORDS // 2)
    keywords = (Keyword(chosen[0], (chosen[0],), 10_000),)
    query = FeedQuery(title=f"招{trade}", words=dict.fromkeys(chosen[1:], 3_000), keywords=keywords, **fields)
    return placed(query, topics(), {}, str)
