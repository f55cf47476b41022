"""The settings that endpoints act by, under the same names. `process/setup.py` fills them in."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from store.accounts.accounts import Account


class AccountPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What accounts are subject to.

    Attributes:
        require_activation: A new account must follow its activation link before it can log in.
        login_attempts: Failed logins that an account, and an address, may have in the window.
        login_window_s: The window, in seconds.
        register_per_minute: Registrations that an address may make in a minute.
    """

    require_activation: bool
    login_attempts: int
    login_window_s: int
    register_per_minute: int


class LimitPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How much an account may ask for; a VIP `vip_times` as much, but for `unlock_per_address`.

    Attributes:
        account_budget: Units a minute; a heavy request takes ten, any other one.
        preview_per_hour: Previews in an hour.
        unlock_per_day: Contacts that are unlocked in a day.
        unlock_per_address: The same of all young accounts of one address, together.
    """

    account_budget: int
    preview_per_hour: int
    unlock_per_day: int
    unlock_per_address: int
    vip_times: int = 10


class FeedPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What feeds are subject to.

    Attributes:
        feed_quota: Feeds in service that an account may have, unless its own quota says otherwise.
        service_days: How long a new feed is in service.
        idle_days: A feed whose list nobody opened for so long rests until it is opened.
    """

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
