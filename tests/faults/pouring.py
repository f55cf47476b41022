"""A client that sends resumes while servers die, repeats what was not answered, and remembers it all."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

from tornado.httpclient import HTTPClientError

from config.demo import demo_resumes
from tests.api.scene import NDJSON_INGEST
from tests.support import Answer, Api, eventually

Resume = dict[str, Any]


def stream_of(seed: int) -> Iterator[list[Resume]]:
    """Batches of 40: new people, some who come again, and some who have changed since."""
    chance = random.Random(seed)
    people: list[Resume] = []
    new = demo_resumes(6400)
    while batch := list(itertools.islice(new, 32)):
        for known in chance.sample(range(len(people)), min(len(people), 8)):
            if known % 2:
                people[known] = people[known] | {"works": chance.choice(people)["works"]}
            batch.append(people[known])
        people += batch[:32]
        yield batch


class Pouring:
    """Sends to the ports in turn.

    Attributes:
        batches: Those that were answered, in order.
        ids: Of all resumes in them.
        cut_off: How many requests were not answered.
    """

    def __init__(self, ports: Sequence[int], seed: int) -> None:
        self.batches: list[list[Resume]] = []
        self.ids: set[str] = set()
        self.cut_off = 0
        self._api = Api(ports[0])
        self._ports = ports
        self._turn = 0
        self._seed = seed
        self._is_over = False
        self._task = asyncio.create_task(self._pour())

    async def moves(self) -> None:
        """Wait for an answer."""
        before = len(self.batches)
        await eventually(
            lambda: len(self.batches) > before, within_s=120, what="an answer"
        )  # a server may just start

    async def end(self) -> None:
        """Wait for the last answer."""
        self._is_over = True
        await self._task

    async def _pour(self) -> None:
        pause = random.Random(self._seed)
        for batch in stream_of(self._seed):
            if self._is_over:
                return
            answer = await self._answered(batch)
            assert not answer["rejected"]
            self.batches.append(batch)
            self.ids.update(answer["ids"])
            await asyncio.sleep(pause.uniform(0, 0.03))
        raise AssertionError("all resumes are sent, and the test goes on")

    async def _answered(self, batch: list[Resume]) -> Answer:
        """Send until there is an answer, each time to the next server."""
        body = "\n".join(json.dumps(resume) for resume in batch).encode()
        while True:
            self._turn += 1
            self._api.port = self._ports[self._turn % len(self._ports)]
            try:
                answer = await self._api.call("POST", "/resumes/", body=body, headers=NDJSON_INGEST)
                if answer.http == 200:
                    return answer
                assert answer.http == 503, answer.body  # it is starting
            except ConnectionRefusedError:
                pass  # nobody is there
            except (OSError, HTTPClientError):
                self.cut_off += 1
            await asyncio.sleep(0.01)
