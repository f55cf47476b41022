"""The settings of a process: one dataclass, read from flags, environment and defaults.

    settings = load_settings(sys.argv[1:], os.environ)

A flag (`--x_y=value`) beats the environment (`X_Y`), which beats the default. A bad value raises
`SettingError`, whose text is the one line an operator needs. A new setting is one field of `Settings`: flags
and `--help` follow from it, and a test holds the documentation's table to it.

Nothing here knows what a setting is used for.
"""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NoReturn

from config import takes, wechat
from config.takes import SettingError
from runtime.roles import ROLES, ProcessRole


def _setting(default: Any, parse: Callable[[str], Any], unit: str, help_: str, shown: str = "") -> Any:
    return field(default=default, metadata={"parse": parse, "unit": unit, "help": help_, "shown": shown})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting with its default; `help` and `unit` are in the field's metadata."""

    port: int = _setting(
        8888, takes.whole(0, 65535), "TCP port", "where HTTP and WebSocket listen; 0 takes a free one"
    )
    address: str = _setting("127.0.0.1", takes.address, "IP address", "where HTTP and WebSocket listen")
    mongo_url: str | None = _setting(
        None,
        takes.url("mongodb", "mongodb+srv"),
        "URL",
        "MongoDB, a replica set or sharded; none: an embedded server under data_dir",
    )
    mongo_db: str = _setting(
        "talentfeed", takes.name, "name", "the database in MongoDB, and the prefix of Redis keys"
    )
    redis_url: str | None = _setting(
        None,
        takes.redis_url,
        "URL",
        "one Redis; none: an embedded Valkey under data_dir",
    )
    data_dir: Path = _setting(
        Path(".data"),
        takes.path,
        "path",
        "files of the embedded stores, snapshots of indexes, and secrets made once",
    )
    ingest_token: str = _setting(
        "", takes.secret, "text", "bearer token of the ingest API", "made once, kept in data_dir"
    )
    secret_key: str = _setting(
        "", takes.secret, "text", "signs links in letters", "made once, kept in data_dir"
    )
    roles: frozenset[ProcessRole] = _setting(
        frozenset(ROLES),
        takes.roles,
        "names",
        "what this process does: web serves clients and takes resumes in, engine scores, learns and sends",
        "web,engine",
    )
    require_activation: bool = _setting(
        False,
        takes.truth,
        "true/false",
        "a new account must follow its activation link before it can log in; "
        "registering then tells nobody whether an address has one",
    )
    smtp_url: str | None = _setting(
        None,
        takes.smtp_url,
        "URL",
        "mail server for links in letters, smtp[s]://[user:password@]host[:port][?from=address]; "
        "none: the link goes to the log",
    )
    public_url: str | None = _setting(
        None, takes.url("http", "https"), "URL", "how browsers reach this server, for links in mail"
    )
    terms_file: Path | None = _setting(
        None, takes.path, "path", "the operator's own user terms, as Markdown; none: those that come with it"
    )
    privacy_file: Path | None = _setting(
        None, takes.path, "path", "the operator's own privacy policy, likewise"
    )
    feed_quota: int = _setting(
        5,
        takes.whole(0, 1000),
        "feeds",
        "live feeds an ordinary HR may have; a deleted, paused or expired one is none",
    )
    service_days: int = _setting(
        365,
        takes.whole(1, 36500),
        "days",
        "length of a feed's service; a month after it its list keeps the last page alone",
    )
    idle_days: int = _setting(
        7, takes.whole(1, 36500), "days", "a feed not opened for so long rests until it is opened"
    )
    resume_days: int = _setting(
        0,
        takes.whole(0, 36500),
        "days",
        "after so many days without news a resume ends, with all that was noted of it; 0 never",
    )
    result_days: int = _setting(
        180,
        takes.whole(0, 36500),
        "days",
        "so many days after its listing a result ends; favourites and notes stay with their resume; 0 never",
    )
    audit_days: int = _setting(
        1095,
        takes.whole(0, 36500),
        "days",
        "so many days after it was written a row of the audit ends; 0 never",
    )
    file_workers: int = _setting(
        1,
        takes.whole(1, 64),
        "files",
        "files that are read at once, each in a process of its own that takes up to one core",
    )
    resume_index_size: int = _setting(
        500_000,
        takes.whole(1_000, 10_000_000),
        "resumes",
        "the newest resumes, which are in memory for feeds to be scored against, at 1.2 KiB each; feeds find "
        "older ones through MongoDB",
    )
    learn_from: int = _setting(
        100,
        takes.whole(50, 10_000_000),
        "resumes",
        "scored resumes from which on topics are learned; fewer make lists worse",
    )
    login_attempts: int = _setting(
        5,
        takes.whole(1, 10000),
        "attempts",
        "failed logins allowed per account and address, and per address, in the window",
    )
    login_window_s: int = _setting(120, takes.whole(1, 86400), "seconds", "the window of login_attempts")
    register_per_minute: int = _setting(
        60, takes.whole(1, 100000), "a minute", "registrations allowed per address in a minute"
    )
    connections_per_address: int = _setting(
        200,
        takes.whole(1, 100000),
        "connections",
        "connections that one address may have at once, sockets included; of IPv6 a network of 64 bits",
    )
    account_budget: int = _setting(
        600,
        takes.whole(1, 10_000_000),
        "units a minute",
        "what an account may ask for: statistics, export, preview and a search in a list or in "
        "favourites cost 10, any other request 1, a refused one nothing; a VIP ten times as much",
    )
    preview_per_hour: int = _setting(
        600,
        takes.whole(1, 10_000_000),
        "an hour",
        "previews allowed per account in an hour; a VIP ten times as many",
    )
    unlock_per_day: int = _setting(
        100,
        takes.whole(1, 10_000_000),
        "a day",
        "contacts that an account may unlock in a day; a VIP ten times as many",
    )
    unlock_per_address: int = _setting(
        300,
        takes.whole(1, 10_000_000),
        "a day",
        "contacts that all accounts which registered from one address in the last 30 days may unlock in "
        "a day, VIPs too; of IPv6 a network of 64 bits",
    )
    trusted_proxies: tuple[str, ...] = _setting(
        ("127.0.0.1", "::1"), takes.addresses, "IP addresses", "peers that may name the client's address"
    )
    forwarded_header: str = _setting(
        "X-Real-Ip",
        takes.forwarded_header,
        "header",
        "the one header in which they name it: X-Real-Ip or X-Forwarded-For",
    )
    admin_addresses: tuple[str, ...] = _setting(
        takes.networks("private"),
        takes.networks,
        "networks",
        "from where the operator's desk (/admin/) is found; private: this machine and private networks; "
        "all; none; or networks with commas between them",
        "private",
    )
    wechat_mini_appid: str | None = _setting(
        None, wechat.appid, "text", "the mini-program that one logs in by"
    )
    wechat_mini_secret: str | None = _setting(None, wechat.secret, "text", "its AppSecret")
    wechat_mini_template: tuple[str, dict[str, str]] | None = _setting(
        None,
        wechat.template,
        "text",
        "its template of subscribed messages, as ID:title=thing1,count=number2,score=number3",
    )
    wechat_mp_appid: str | None = _setting(
        None, wechat.appid, "text", "the official account that one logs in by, on the page"
    )
    wechat_mp_secret: str | None = _setting(None, wechat.secret, "text", "its AppSecret")
    wechat_mp_template: tuple[str, dict[str, str]] | None = _setting(
        None, wechat.template, "text", "its template of subscription notices, as wechat_mini_template"
    )
    wecom_corpid: str | None = _setting(
        None, wechat.appid, "text", "the company in WeCom whose members log in, on the page"
    )
    wecom_agentid: int | None = _setting(None, wechat.agentid, "number", "the company's app")
    wecom_secret: str | None = _setting(None, wechat.secret, "text", "the app's secret")
    wechat_api_url: str = _setting(
        "https://api.weixin.qq.com", takes.url("https", "http"), "URL", "where WeChat is asked"
    )
    wechat_open_url: str = _setting(
        "https://open.weixin.qq.com", takes.url("https", "http"), "URL", "where browsers are sent to log in"
    )
    wecom_api_url: str = _setting(
        "https://qyapi.weixin.qq.com", takes.url("https", "http"), "URL", "where WeCom is asked"
    )
    quiet_hours: str = _setting(
        "22:00-08:00",
        takes.hours,
        "times",
        "when nobody is sent a notice, in China's time, unless the account says otherwise",
    )
    digest_times: str = _setting(
        "09:00,14:00",
        takes.times,
        "times",
        "when notices tell of whatever is new, in China's time, unless the account says otherwise",
    )
    notice_grace_s: int = _setting(
        120,
        takes.whole(0, 86_400),
        "seconds",
        "how long a strong match may be read on the page before anybody is told of it",
    )
    imap_url: str | None = _setting(
        None,
        takes.imap_url,
        "URL",
        "the mailbox that `manage.py mailbox` takes resumes from, imap[s]://user:password@host[:port]; "
        "none: no mailbox is read",
    )
    imap_folder: str = _setting("INBOX", takes.folder, "name", "the folder of the mailbox that is read")
    imap_done_folder: str | None = _setting(
        None, takes.folder, "name", "where mails move once they are taken; none: they stay, marked"
    )
    imap_source: str = _setting(
        "mail", takes.source, "name", "the source of resumes whose sender is none of config/mail_sources.tsv"
    )


SETTINGS = fields(Settings)
_BY_NAME = {setting.name: setting for setting in SETTINGS}


def default_text(name: str) -> str:
    """The default of a setting as docs/settings.md shows it."""
    setting = _BY_NAME[name]
    if setting.metadata["shown"]:
        return str(setting.metadata["shown"])
    if setting.default is None:
        return "none"
    if isinstance(setting.default, bool):
        return str(setting.default).lower()
    return ",".join(setting.default) if isinstance(setting.default, tuple) else str(setting.default)


def metavar(name: str) -> str:
    """What stands for a setting's value in `--help`: its unit, as `IP_ADDRESS`."""
    return str(_BY_NAME[name].metadata["unit"]).upper().replace(" ", "_")


def help_text(name: str) -> str:
    """What `--help` says of a setting, with its default."""
    return f"{_BY_NAME[name].metadata['help']} [{default_text(name)}]"


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise SettingError(message)


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Give a parser one `--x_y` flag a setting."""
    for setting in SETTINGS:
        # argparse fills in `%(default)s` and the like, so a percent sign of ours is doubled.
        help_ = help_text(setting.name).replace("%", "%%")
        parser.add_argument(f"--{setting.name}", metavar=metavar(setting.name), help=help_)


def read_settings(flags: Mapping[str, str | None], environ: Mapping[str, str]) -> Settings:
    """Combine flags (None where one was not given), environment (an empty variable is unset) and defaults.

    Raises:
        SettingError: A value is bad, or a secret kept in `data_dir` cannot be read or made.
    """
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        flag, variable = flags.get(setting.name), environ.get(setting.name.upper()) or None
        text = flag if flag is not None else variable
        if text is None:
            continue
        source = f"--{setting.name}" if flag is not None else setting.name.upper()
        try:
            values[setting.name] = setting.metadata["parse"](text)
        except ValueError as error:
            raise SettingError(f"{source} {error}") from None
    if found := wechat.incomplete(values):
        missing, there = found
        raise SettingError(f"--{missing} is missing: {there} needs it")
    data_dir = values.get("data_dir", _BY_NAME["data_dir"].default)
    for name in ("ingest_token", "secret_key"):
        if name not in values:
            values[name] = _kept_secret(data_dir, name)
    return Settings(**values)


def load_settings(argv: Sequence[str], environ: Mapping[str, str]) -> tuple[Settings, bool]:
    """Read the settings of `server.py`.

    Returns:
        The settings, and whether `--demo` was given.

    Raises:
        SettingError: A flag is unknown or a value is bad.
    """
    parser = _OneLineParser(
        prog="server.py",
        description="TalentFeed's server. Every flag is also an environment variable (PORT=…).",
    )
    parser.add_argument("--demo", action="store_true", help="make a demo account and let resumes arrive")
    add_flags(parser)
    flags = vars(parser.parse_args(argv))
    demo = bool(flags.pop("demo"))
    return read_settings(flags, environ), demo


def _kept_secret(data_dir: Path, name: str) -> str:
    """Read a secret from `data_dir`, or make it once; safe against a second process doing the same."""
    path = data_dir / name
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            # Written under another name first, so that nobody reads half of it, and readable by its owner
            # alone before anything is in it.
            fresh = path.with_name(f".{name}.{secrets.token_hex(4)}")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(32) + "\n", encoding="ascii")
            try:
                # A link, unlike a rename, fails where another process was first: one secret wins.
                path.hardlink_to(fresh)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return takes.secret(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise SettingError(f"--data_dir: cannot read or make {path}: {error}") from None
