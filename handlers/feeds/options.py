"""The lists that a feed's form chooses from, and one option as clients see it.

The ids are stable: they are stored with feeds and written in `config/options`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from handlers.api.contract import Shape
from store.accounts.accounts import Company
from store.feeds.feed_documents import Choice


class Option(Shape):
    """An option with its stable id."""

    id: int
    name: str


class Category(Shape):
    """A domain with its stable id."""

    id: int
    category: str


class DomainOption(Option):
    """A domain as an option, under both names that the API document has for it."""

    category: str


class AreaCity(Option):
    """A city with the other names that people type for it."""

    aliases: list[str]


class Area(Option):
    """A province with its cities, the most wanted first."""

    cities: list[AreaCity]


class OptionLists(msgspec.Struct, frozen=True):
    """The lists that a form chooses from."""

    company_prefer: Mapping[int, str]
    job_domain: Mapping[int, str]
    talent_level: Mapping[int, str]
    company_stage: Mapping[int, str]
    expect_area: Sequence[str]
    job_welfare: Sequence[str]
    areas: Sequence[Area]

    def view(self) -> dict[str, Any]:
        """The lists as `edit_feed` gives them."""
        return {
            "company_prefer": _options(self.company_prefer),
            "expect_area": self.expect_area,
            "areas": self.areas,
            "job_welfare": self.job_welfare,
            "job_domain": [DomainOption(id_, name, name) for id_, name in self.job_domain.items()],
            "talent_level": _options(self.talent_level),
            "company_stage": _options(self.company_stage),
        }


def _options(options: Mapping[int, str]) -> list[Option]:
    return [Option(id_, name) for id_, name in options.items()]


def chosen(choices: Sequence[Choice]) -> list[Option]:
    """Chosen options of a list."""
    return [Option(choice.id, choice.name) for choice in choices]


def company_fields(company: Company) -> dict[str, Any]:
    """What an account says of its company."""
    return {**msgspec.structs.asdict(company), "categroys": categories(company.categroys)}


def categories(choices: Sequence[Choice]) -> list[Category]:
    """Chosen options of a list whose names the API document calls `category`."""
    return [Category(choice.id, choice.name) for choice in choices]
