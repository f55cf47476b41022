"""Who somebody is to WeChat: an openid of an app, and the unionid that links the apps of one owner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from store.ids import identity_key, unionid_key


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """One person in one app.

    Attributes:
        app: Which kind of app: `mini`, `mp` or `wecom`.
        appid: What WeChat calls the app; an openid means nothing in another one. Of WeCom the company's.
        openid: The person; of WeCom the member's id.
        unionid: The person in all apps of the same owner; empty where WeChat does not say.
    """

    app: str
    appid: str
    openid: str
    unionid: str = ""

    def __repr__(self) -> str:
        return f"Identity({self.app})"  # the rest says who it is

    @property
    def keys(self) -> list[str]:
        """What the identity is found by: itself, and its unionid where it has one."""
        union = [unionid_key(self.unionid)] if self.unionid else []
        return [identity_key(self.appid, self.openid), *union]


class Way(Identity, frozen=True, kw_only=True):
    """An identity that opens an account, since `at`."""

    at: datetime


def ways_from(document: Mapping[str, Any]) -> dict[str, Way]:
    """The ways into an account by WeChat, from its document: one an app at most."""
    return {app: Way(app=app, **fields) for app, fields in document.get("wechat", {}).items() if fields}


def way_fields(identity: Identity, at: datetime) -> dict[str, Any]:
    """A way as it stands in its account, under the name of its app."""
    return {"appid": identity.appid, "openid": identity.openid, "unionid": identity.unionid, "at": at}


def held_keys(ways: Mapping[str, Identity]) -> set[str]:
    """What an account with these ways is found by."""
    return {key for way in ways.values() for key in way.keys}
