"""The settings that endpoints act by, under the names by which docs/settings.md tells of them."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from store.accounts.accounts import Account


class AccountPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What accounts are subject to."""

    require_activation: bool
    login_attempts: int
    login_window_s: int
    register_per_minute: int


class LimitPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How much an account may ask for; a VIP `vip_times` as much, but for `unlock_per_address`."""

    account_budget: int
    preview_per_hour: int
    unlock_per_day: int
    unlock_per_address: int
    vip_times: int = 10


class FeedPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What feeds are subject to."""

    feed_quota: int
    service_days: int
    idle_days: int

    @property
    def idle_after(self) -> timedelta:
        """The same as a time."""
        return timedelta(days=self.idle_days)

    def quota_of(self, account: Account) -> int:
        """How many feeds in service the account may have."""
        return account.feed_quota(self.feed_quota)
