"""What one of each thing costs: the table in `costs.toml`, as values.

costs = load_costs()
costs.process["page"]       # CPU in ms
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

FILE = Path(__file__).with_name("costs.toml")


class Costs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table. Its comments say what each line is, and in which unit.

    Attributes:
        process: CPU of a process of ours, in ms but where the name says otherwise.
        embedded: CPU of the embedded MongoDB, likewise.
        wait: What a request waits beside all CPU and queues, in ms, with the embedded MongoDB.
        calls: Round trips to MongoDB: reads, writes.
        spread: Coefficients of variation.
        memory: Bytes.
        disk: Bytes.
        real: What is assumed of engines that do not run here.
    """

    process: Mapping[str, float]
    embedded: Mapping[str, float]
    wait: Mapping[str, float]
    calls: Mapping[str, tuple[int, int]]
    spread: Mapping[str, float]
    memory: Mapping[str, float]
    disk: Mapping[str, float]
    real: Mapping[str, float]


def load_costs(file: Path = FILE) -> Costs:
    """Read the table.

    Raises:
        msgspec.ValidationError: A part of it is missing, or there is one more.
    """
    return msgspec.convert(tomllib.loads(file.read_text("utf-8")), Costs)
