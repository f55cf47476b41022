"""Which resumes are one person's: a function of keys and decisions, whatever their order."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from store.persons.person_groups import MOST_RESUMES, Card, Decision, persons_of
from store.persons.reach import person_keys, reach_of

START = datetime(2026, 1, 1, tzinfo=UTC)


def card(resume, *keys):
    return Card(resume, keys)


def decision(a, b, *, same, after_s=0):
    first, second = sorted((a, b))
    return Decision(first, second, same, START + timedelta(seconds=after_s))


def told(cards, decisions=()):
    return {"".join(sorted(person)) for person in persons_of(cards, decisions).values()}


def test_who_shares_a_phone_or_an_email_is_one_person_also_by_way_of_a_third_resume():
    cards = [card("a", "p:1"), card("b", "p:1", "e:x"), card("c", "e:x"), card("d", "p:2"), card("e")]
    assert told(cards) == {"abc", "d", "e"}


def test_of_more_than_a_person_has_the_first_are_one_and_each_other_stands_alone():
    crowd = [card(f"{n:03}", "p:1") for n in range(MOST_RESUMES + 3)]
    assert sorted(map(len, persons_of(crowd).values())) == [1] * 3 + [MOST_RESUMES] * MOST_RESUMES
    assert len(persons_of(crowd)["000"]) == MOST_RESUMES
    chain = [card(f"{n:03}", f"p:{n}", f"p:{n + 1}") for n in range(MOST_RESUMES + 1)]
    assert len(persons_of(chain)["000"]) == MOST_RESUMES
    assert persons_of(chain)[f"{MOST_RESUMES:03}"] == {f"{MOST_RESUMES:03}"}
    # One that comes before all takes the place of one.
    changed = persons_of([*crowd, card("!", "p:1")])
    assert {id_ for id_, person in persons_of(crowd).items() if len(person) == 1} ^ {
        id_ for id_, person in changed.items() if len(person) == 1
    } == {f"{MOST_RESUMES - 1:03}"}


def test_what_a_recruiter_joined_is_one_person_with_all_that_keys_connect():
    cards = [card("a", "p:1"), card("b", "p:1"), card("c", "p:2"), card("d", "p:2")]
    assert told(cards, [decision("a", "d", same=True)]) == {"abcd"}


def test_what_a_recruiter_parted_stays_apart_and_the_rest_together_as_far_as_it_can():
    cards = [card(letter, "p:1") for letter in "abc"]
    assert told(cards, [decision("a", "b", same=False)]) == {"ac", "b"}
    # By way of others neither, nor by joins.
    apart = decision("a", "c", same=False)
    joins = [decision("a", "b", same=True), decision("b", "c", same=True, after_s=1)]
    assert told([card("a"), card("b"), card("c")], [*joins, apart]) == {"a", "bc"}
    assert told([card("a"), card("b"), card("c")], joins) == {"abc"}


NAMES = ["", "甲", "乙", "丙", "丁"]
CARDS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sets(st.sampled_from(["p:1", "p:2", "e:1", "e:2"]), max_size=3)),
    min_size=2,
    max_size=24,
)
PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda pair: pair[0] < pair[1]),
    st.tuples(st.booleans(), st.integers(0, 3)),
    max_size=6,
)


@given(CARDS, PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_never_changes_who_is_one_person(drawn, pairs, rng):
    cards = [Card(str(n), tuple(person_keys(sorted(keys), name))) for n, (name, keys) in enumerate(drawn)]
    decisions = [
        decision(str(a), str(b), same=same, after_s=at)
        for (a, b), (same, at) in pairs.items()
        if b < len(cards)
    ]
    persons = persons_of(cards, decisions)
    shuffled = [Card(one.resume, tuple(rng.sample(one.keys, len(one.keys)))) for one in cards]
    rng.shuffle(shuffled)
    assert persons_of(shuffled, rng.sample(decisions, len(decisions))) == persons
    names = {str(n): name for n, (name, _) in enumerate(drawn)}
    for resume, person in persons.items():
        assert resume in person
        assert len(person) <= MOST_RESUMES
        assert any(one.same for one in decisions) or len({names[other] for other in person}) == 1
        assert all(persons[other] == person for other in person)
    assert not any(one.b in persons[one.a] for one in decisions if not one.same)


SURNAMES, GIVEN = "王李张刘陈杨黄赵", "伟芳娜敏静丽强磊军洋"


def people_by_three_sources(rng, count=1000):
    """Resumes of made-up people as three sites have them: with changed phones, typos, and namesakes.

    Gives each resume's person and its card. Most people are at two or three sites. Some gave a site a new
    phone or none, some mistyped one of the two; sites show a number of their own for some, and a few people
    have the number that somebody else gave up. One in twenty-five is called otherwise by a site: a part of
    the name is hidden, or it is in Latin letters.
    """
    phones = [f"13{rng.randrange(10**9):09d}" for _ in range(count)]
    resumes = []
    for person in range(count):
        name = rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=rng.choice((1, 2))))
        email = f"user{person}@example.com"
        phone = phones[person - 1] if person and rng.random() < 0.001 else phones[person]
        for site in rng.sample(range(3), rng.choices((1, 2, 3), (2, 5, 3))[0]):
            given_phone, given_email = phone, email
            if rng.random() < 0.1:
                given_phone = f"13{rng.randrange(10**9):09d}"
            elif rng.random() < 0.03:
                place = rng.randrange(3, 11)
                given_phone = phone[:place] + rng.choice("0123456789") + phone[place + 1 :]
            elif rng.random() < 0.05:
                given_phone = f"400-{site}00-1234"  # the site's own
            if rng.random() < 0.03:
                given_email = given_email.replace("user", "usre")
            elif rng.random() < 0.06:
                given_email = ""
            spelled = rng.choice((given_phone, f"+86 {given_phone}", f"{given_phone[:3]}-{given_phone[3:]}"))
            reach = reach_of(spelled, rng.choice((given_email, given_email.upper())))
            called = rng.choice((f"{name[0]}女士", f"{name[0]}**", "Li Wei")) if rng.random() < 0.04 else name
            resumes.append((person, Card(f"{person}-{site}", tuple(person_keys(reach, called)))))
    return resumes


def test_of_a_thousand_people_by_three_sources_nearly_all_are_told_apart_and_brought_together():
    resumes = people_by_three_sources(Random(20260101))
    persons = persons_of([card for _, card in resumes])
    true = {card.resume: person for person, card in resumes}
    same = [(a, b) for a in persons for b in persons[a] if a < b]
    by_person = {}
    for person, one in resumes:
        by_person.setdefault(person, []).append(one.resume)
    wanted = sum(len(ids) * (len(ids) - 1) // 2 for ids in by_person.values())
    right = sum(true[a] == true[b] for a, b in same)
    print(right / len(same), right / wanted)
    assert right / len(same) >= 0.997
    assert right / wanted >= 0.85
