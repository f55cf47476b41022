"""The shares of all work: whatever their number, each slot is in one of them."""

from __future__ import annotations

import pytest
from bson import ObjectId

from store.shards.parts import part_of
from store.shards.shares import EVERY_SLOT, SLOTS, WHOLE, Share, Team, complete, slot_of

IDS = [str(ObjectId()) for _ in range(2000)]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 16, 63, SLOTS])
def test_every_slot_is_in_one_share_of_each_count(count: int) -> None:
    shares = [Share(number, count) for number in range(1, count + 1)]
    assert [slot for share in shares for slot in share.slots] == list(range(SLOTS))
    left = EVERY_SLOT
    for share in shares:
        assert left & share.mask == share.mask, "no other share has taken its slots off"
        left &= ~share.mask
    assert left == 0
    assert max(len(share.slots) for share in shares) - min(len(share.slots) for share in shares) <= 1


@pytest.mark.parametrize("count", [1, 3, 16])
def test_the_documents_of_a_share_are_those_of_a_range_of_their_part(count: int) -> None:
    for number in range(1, count + 1):
        share = Share(number, count)
        first, end = share.parts
        for id_ in IDS:
            assert share.covers(id_) == (first <= part_of(ObjectId(id_)) < end)


def test_a_mask_is_what_a_64_bit_integer_holds() -> None:
    assert WHOLE.mask == EVERY_SLOT
    for share in (Share(1, 2), Share(2, 2), Share(64, 64)):
        assert -(1 << 63) <= share.mask < 1 << 63


def test_ids_made_one_after_the_other_are_spread_over_the_slots() -> None:
    counts = [0] * SLOTS
    for id_ in IDS:
        counts[slot_of(id_)] += 1
    assert max(counts) < 3 * len(IDS) / SLOTS


def test_a_team_is_the_most_complete_and_of_two_the_larger() -> None:
    four, five = ([Share(n, count) for n in range(1, count + 1)] for count in (4, 5))
    assert Team.of([], 3) == Team(3)
    assert Team.of([WHOLE, *four[:3]], 2).count == 1
    assert Team.of([WHOLE, *four], 2).count == 4
    assert Team.of([*four, *five[:4]], 1).count == 4
    assert Team.of([*four[:3], *five], 1).count == 5
    assert Team.of(four[1:], 1) == Team(4, frozenset({2, 3, 4}))
    assert complete([*four, *five]) == 5
    assert complete([*four, *five[1:]]) == 4
    assert complete(four[1:]) is None


@pytest.mark.parametrize("count", [1, 3, 16])
def test_the_owner_of_an_id_is_who_covers_it_and_the_next_stands_in_for_it(count: int) -> None:
    everybody = Team(count, frozenset(range(1, count + 1)))
    for id_ in IDS[:300]:
        owner = everybody.share_for(id_)
        assert owner.covers(id_)
        assert Team(count).share_for(id_) == owner, "where nobody is seen"
        others = everybody.present - {owner.number}
        if others:
            after = owner.number % count + 1
            assert Team(count, others).share_for(id_) == Share(after, count)
            assert Team(count, frozenset({min(others)})).share_for(id_) == Share(min(others), count)


@pytest.mark.parametrize("count", [3, 16])
def test_shares_come_one_after_the_other_from_the_owner_of_an_id_on(count: int) -> None:
    everybody = Team(count, frozenset(range(1, count + 1)))
    for id_ in IDS[:300]:
        owner = everybody.share_for(id_)
        around = [Share((owner.number + n - 1) % count + 1, count) for n in range(count)]
        assert [everybody.before(share, id_) for share in around] == list(range(count))
        assert [Team(count).before(share, id_) for share in around] == list(range(count)), "nobody is seen"
        without = Team(count, everybody.present - {owner.number})
        assert [without.before(share, id_) for share in around[1:]] == list(range(count - 1))
        assert without.share_for(id_) == around[1]
        alone = Team(count, frozenset({around[2].number}))
        assert [alone.before(share, id_) for share in around] == [0, 0, 0] + [1] * (count - 3)
        assert everybody.before(Share(1, 2), id_) == count, "those of another count come last"
        assert alone.before(Share(1, 2), id_) == 1
