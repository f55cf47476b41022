"""WeChat's apps: whether what is set is what WeChat has, in plain words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import click
import msgspec

from config.wechat import wechat_settings
from runtime.metrics import Metrics
from wechat.apps import App, WechatApps, WeComApp
from wechat.errors import WechatError
from wechat.http import WechatHttp
from wechat.mini import ask_stable_token
from wechat.wecom import ask_agent, ask_wecom_token

_WORDS = {
    -1: ("busy, try again", ""),
    40001: ("the secret is wrong, or was reset", "secret"),
    40013: ("WeChat knows no such app", "id"),
    40056: ("WeCom knows no such agent", "agent"),
    40091: ("the secret is wrong, or was reset", "secret"),
    40125: ("the secret is wrong, or was reset", "secret"),
    40164: ("this machine's address is not on the app's list: add it to IP白名单 at mp.weixin.qq.com", ""),
    40243: ("the secret is frozen: unfreeze it at mp.weixin.qq.com", "secret"),
    45009: ("the day's calls are used up", ""),
    48001: ("the app may not use this call: it has to be verified (认证)", ""),
    50007: ("the app is frozen", ""),
    60020: ("this machine's address is not trusted: add it under 企业可信IP of the app", ""),
    89503: ("this machine's address waits for the app's administrator to allow it", ""),
    89506: ("the app's administrator has refused this machine's address, until tomorrow", ""),
    89507: ("the app's administrator has refused this machine's address, for an hour", ""),
    301002: ("the secret is of another agent of the company", "agent"),
}
"""What an errcode means to whoever has set the app, and which of its settings to look at."""


@click.group()
def wechat() -> None:
    """The apps of WeChat that are set."""


@wechat.command("check")
@click.pass_context
def check_wechat(context: click.Context) -> None:
    """Ask for a token of each app that is set; exit status 1 where one is not given.

    The token that servers use stays good.
    """
    found = asyncio.run(_check(msgspec.convert(wechat_settings(context.obj), WechatApps)))
    for line in found:
        click.echo(line, err=not line.endswith(": ok"))
    if not found:
        click.echo("no app is set: wechat_mini_appid, wechat_mp_appid and wecom_corpid name one", err=True)
    if not found or any(not line.endswith(": ok") for line in found):
        context.exit(1)


async def _check(apps: WechatApps) -> list[str]:
    """A line an app."""
    http = WechatHttp(Metrics())

    async def of_wechat(app: App) -> None:
        await ask_stable_token(app, apps.api_url, http)

    async def of_wecom(app: WeComApp) -> None:
        granted = await ask_wecom_token(app, apps.wecom_api_url, http)
        await ask_agent(app, apps.wecom_api_url, http, granted.access_token)

    try:
        lines = []
        for prefix, one in (("wechat_mini", apps.mini), ("wechat_mp", apps.mp)):
            if one:
                names = {"id": f"{prefix}_appid", "secret": f"{prefix}_secret", "url": "wechat_api_url"}
                lines.append(await _line(f"{prefix}_appid {one.appid}", names, of_wechat(one)))
        if apps.wecom:
            names = {"id": "wecom_corpid", "secret": "wecom_secret", "agent": "wecom_agentid"}
            names["url"] = "wecom_api_url"
            lines.append(await _line(f"wecom_corpid {apps.wecom.corpid}", names, of_wecom(apps.wecom)))
        return lines
    finally:
        http.close()


async def _line(name: str, settings: dict[str, str], asked: Awaitable[None]) -> str:
    try:
        await asked
    except WechatError as error:
        return f"{name}: {_words(error, settings)}"
    return f"{name}: ok"


def _words(error: WechatError, settings: dict[str, str]) -> str:
    if error.outcome == "no_answer":
        return f"no answer: look at the network, and at {settings['url']}"
    if error.outcome == "no_json":
        return f"the answer is not WeChat's: look at {settings['url']}"
    words, setting = _WORDS.get(error.errcode, ("refused", ""))
    hint = f"; look at {settings[setting]}" if setting in settings else ""
    return f"{words} (errcode {error.errcode}{hint})"
