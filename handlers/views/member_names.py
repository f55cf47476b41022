"""Who did something, as colleagues see them."""

from __future__ import annotations

from collections.abc import Iterable

from cachetools import TTLCache

from handlers.api.contract import Shape
from runtime.decoding import Id
from store.accounts.accounts import Account, Accounts

_KEPT_S, _MOST_KEPT = 30.0, 10_000
"""Seconds for which a name is given again without a read, and names that are kept."""


class MemberName(Shape):
    """A member of the company.

    Attributes:
        id: The account's.
        name: What colleagues call them; empty of an account that is no more.
    """

    id: Id
    name: str


class Names:
    """Reads names. Belongs to one event loop."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._kept: TTLCache[str, str] = TTLCache(_MOST_KEPT, _KEPT_S)

    async def of(self, user_ids: Iterable[str], *, known: Account | None = None) -> dict[str, MemberName]:
        """The names of some accounts, by id; `known` is one that was read in the last seconds."""
        ids = dict.fromkeys(user_ids)
        names = {known.id: known.shown_name} if known else {}
        names |= {id_: self._kept[id_] for id_ in ids if id_ in self._kept}
        if missing := [id_ for id_ in ids if id_ not in names]:
            found = await self._accounts.find(missing)
            names |= {id_: found[id_].shown_name if id_ in found else "" for id_ in missing}
            self._kept.update({id_: names[id_] for id_ in missing})
        return {id_: MemberName(id_, names[id_]) for id_ in ids}

    def keep(self, account: Account) -> None:
        """Note what an account is called from now on."""
        self._kept[account.id] = account.shown_name
