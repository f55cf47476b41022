"""Reads that share a round trip."""

import asyncio

from store.data_loader import MOST, DataLoader


class Shelf:
    """Values to read, which counts the reads and lets each take a moment."""

    def __init__(self) -> None:
        self.values = {key: key * 10 for key in range(1000)}
        self.reads: list[list[int]] = []
        self.in_flight = 0
        self.failure: Exception | None = None

    async def read(self, keys: list[int]) -> dict[int, int]:
        self.reads.append(keys)
        self.in_flight += 1
        assert self.in_flight == 1
        await asyncio.sleep(0.001)
        self.in_flight -= 1
        if self.failure:
            raise self.failure
        return {key: self.values[key] for key in keys if key in self.values}


async def test_thousands_who_ask_at_once_share_few_reads_one_after_the_other():
    shelf = Shelf()
    loader = DataLoader(shelf.read)
    answers = await asyncio.gather(*(loader.get([key]) for key in range(1000)))
    assert answers == [{key: key * 10} for key in range(1000)]
    assert len(shelf.reads) == -(-1000 // MOST)


async def test_the_same_key_is_read_once_for_all_who_wait_for_it():
    shelf = Shelf()
    loader = DataLoader(shelf.read)
    await asyncio.gather(*(loader.get([7, 8]) for _ in range(100)))
    assert shelf.reads == [[7, 8]]


async def test_who_asks_while_a_read_is_under_way_gets_what_is_true_after_that():
    shelf = Shelf()
    loader = DataLoader(shelf.read)
    first = asyncio.ensure_future(loader.get([1]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert shelf.in_flight == 1
    second = asyncio.ensure_future(loader.get([1]))
    await first
    shelf.values[1] = 99
    assert await second == {1: 99}


async def test_more_keys_than_go_together_are_put_together_again_and_unknown_ones_left_out():
    shelf = Shelf()
    loader = DataLoader(shelf.read, most=3)
    assert await loader.get([*range(8), 5000]) == {key: key * 10 for key in range(8)}
    assert await loader.get([]) == {}
    assert [len(keys) for keys in shelf.reads] == [3, 3, 3]


async def test_a_failure_is_of_all_who_wait_by_then_and_the_next_read_goes_on():
    shelf = Shelf()
    loader = DataLoader(shelf.read, most=2)
    shelf.failure = ConnectionError("away")
    outcomes = await asyncio.gather(*(loader.get([key]) for key in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ConnectionError] * 3
    assert len(shelf.reads) == 1
    shelf.failure = None
    assert await loader.get([1]) == {1: 10}


async def test_who_gives_up_waits_no_longer_and_is_not_read_for():
    shelf = Shelf()
    loader = DataLoader(shelf.read, most=1)
    waiting = [asyncio.ensure_future(loader.get([key])) for key in range(3)]
    await asyncio.sleep(0)
    waiting[1].cancel()
    assert await waiting[2] == {2: 20}
    assert shelf.reads == [[0], [2]]
    assert waiting[1].cancelled()


async def test_nobody_waits_for_ever_when_the_reading_is_cancelled():
    shelf = Shelf()
    loader = DataLoader(shelf.read, most=1)
    waiting = [asyncio.ensure_future(loader.get([key])) for key in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    loader._reader.cancel()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 3
