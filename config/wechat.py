"""The settings of WeChat's apps: what each takes, and that those of one app are given together.

Errors are `ValueError`s whose text says what the setting takes; `settings.py` puts its name before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TOGETHER = (
    ("wechat_mini_appid", "wechat_mini_secret"),
    ("wechat_mp_appid", "wechat_mp_secret"),
    ("wecom_corpid", "wecom_agentid", "wecom_secret"),
)
"""Settings that are nothing without each other; what comes first is the app."""

_NAMES = ("title", "count", "score")
"""What a message can say."""
_FIELD = re.compile(
    r"(thing|character_string|phrase|name|short_thing|number|letter|symbol|amount|time|date|const)[0-9]{1,3}"
)
"""A field of a template, as WeChat calls it: its kind and a number."""


def appid(text: str) -> str:
    """An appid or corpid: both are Latin letters and digits."""
    if not re.fullmatch(r"[A-Za-z0-9_]{6,64}", text):
        raise ValueError(f"takes the id that WeChat gave the app, not {text!r}")
    return text


def secret(text: str) -> str:
    """The secret of an app. It is not repeated in the error."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,128}", text):
        raise ValueError("takes the secret that WeChat gave the app, 16 to 128 letters, digits, - or _")
    return text


def agentid(text: str) -> int:
    """The number of an agent of WeCom."""
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise ValueError(f"takes the number of the agent, not {text!r}")
    return int(text)


def template(text: str) -> tuple[str, dict[str, str]]:
    """A template of messages, as `ID:title=thing1,count=number2,score=number3`.

    Returns:
        Its id, and the fields that it has by what of ours goes there.
    """
    form = "takes ID:title=thing1,count=number2,score=number3"
    id_, colon, rest = text.partition(":")
    if not colon or not re.fullmatch(r"[A-Za-z0-9_-]{10,64}", id_.strip()):
        raise ValueError(f"{form}; before the colon stands the template's id")
    fields: dict[str, str] = {}
    for part in rest.split(","):
        name, _, field = (piece.strip() for piece in part.partition("="))
        if name not in _NAMES:
            raise ValueError(f"{form}; {name!r} is none of {', '.join(_NAMES)}")
        if not _FIELD.fullmatch(field):
            raise ValueError(f"{form}; {field!r} is no field of a template")
        if name in fields or field in fields.values():
            raise ValueError(f"{form}; each of them once")
        fields[name] = field
    return id_.strip(), fields


def incomplete(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """A setting that its app lacks, and another one that the app has; None where all are together."""
    for names in _TOGETHER:
        there = [name for name in names if values.get(name)]
        missing = [name for name in names if not values.get(name)]
        if there and missing:
            return missing[0], there[0]
    for app in ("wechat_mini", "wechat_mp"):
        if values.get(f"{app}_template") and not values.get(f"{app}_appid"):
            return f"{app}_appid", f"{app}_template"
    return None


def wechat_settings(settings: Any) -> dict[str, Any]:
    """The apps that are set and where they are asked, as plain values."""

    def app(prefix: str) -> dict[str, Any] | None:
        found = {name: getattr(settings, f"{prefix}_{name}") for name in ("appid", "secret", "template")}
        if found["template"]:
            id_, fields = found["template"]
            found["template"] = {"id": id_, "fields": fields}
        return found if found["appid"] else None

    wecom = {name: getattr(settings, f"wecom_{name}") for name in ("corpid", "agentid", "secret")}
    return {
        "mini": app("wechat_mini"),
        "mp": app("wechat_mp"),
        "wecom": wecom if wecom["corpid"] else None,
        "api_url": settings.wechat_api_url,
        "open_url": settings.wechat_open_url,
        "wecom_api_url": settings.wecom_api_url,
    }
