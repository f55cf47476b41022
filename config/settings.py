"""The settings of a process: one dataclass, read from flags, environment and defaults.

    settings = load_settings(sys.argv[1:], os.environ)

A flag (`--x_y=value`) beats the environment (`X_Y`), which beats the default. A bad value raises
`SettingError`, whose text is the one line an operator needs. A new setting is one field of `Settings`: flags
and `--help` follow from it, and a test holds the documentation's table to it.

Nothing here knows what a setting is used for: `server.py` and `manage.py` hand its value down.
"""

from __future__ import annotations

import argparse
import ipaddress
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlsplit

from config import clocks, wechat

FORWARDED_HEADERS = ("X-Real-Ip", "X-Forwarded-For")
"""The headers in which a proxy may name a client's address."""
_LONGEST_NAME = 38
"""Characters of a database's name. MongoDB itself takes 63 bytes, hosted MongoDB (Atlas) only so many."""
_LONGEST_FOLDER, _LONGEST_SOURCE = 200, 200
"""Characters of a mailbox's folder, and of a source, which `intake.record` bounds too."""
_SHORTEST_SECRET = 16
"""Characters of a secret. A shorter one could be guessed by whoever can ask often; those made here have
43."""


class SettingError(ValueError):
    """A setting cannot be used; the text names it and says what it takes."""


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise SettingError(f"takes a whole number, not {text!r}") from None
        if not low <= value <= high:
            raise SettingError(f"takes {low} to {high}, not {value}")
        return value

    return parse


def _truth(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"takes true or false, not {text!r}")


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        try:
            parts = urlsplit(text)
            # A replica set's URL names several hosts, so it has no one port.
            host = parts.netloc if "mongodb" in parts.scheme else parts.port != 0 and parts.hostname
            if host and schemes[0] in {"http", "smtp", "imaps"}:
                # Mail and browsers will spell the host this way. A host that cannot be spelled so is refused
                # now, not when the first letter is sent.
                host.encode("idna")
        except ValueError:
            # Its own text is dropped, as it may quote a part of a password.
            raise SettingError("is not a URL: its host or port cannot be read") from None
        if parts.scheme not in schemes or not host:
            raise SettingError(f"takes a URL that begins {' or '.join(s + '://' for s in schemes)}")
        return text

    return parse


def _smtp_url(text: str) -> str:
    parts = urlsplit(_url("smtp", "smtps")(text))
    query = parse_qsl(parts.query, keep_blank_values=True)
    if parts.path.strip("/") or parts.fragment or (query and [name for name, _ in query] != ["from"]):
        raise SettingError("takes nothing behind the host and port but ?from=ADDRESS")
    if parts.password and not parts.username:
        raise SettingError("takes a password only with a user")
    if query and not re.fullmatch(r"[!-;=?-~]+@[!-;=?A-~]+", query[0][1]):
        raise SettingError("takes an e-mail address as from, percent-encoded")
    return text


def _imap_url(text: str) -> str:
    parts = urlsplit(_url("imaps", "imap")(text))
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise SettingError("takes nothing behind the host and port; imap_folder names the folder")
    if not parts.username or not parts.password:
        raise SettingError(
            "takes user and password before the host, percent-encoded: imaps://USER:PASSWORD@HOST"
        )
    return text


def _folder(text: str) -> str:
    if not text.isprintable() or len(text) > _LONGEST_FOLDER:
        raise SettingError("takes the name of a folder, at most 200 characters")
    return text


def _source(text: str) -> str:
    if not text.isprintable() or text != text.strip() or len(text) > _LONGEST_SOURCE:
        raise SettingError("takes the name of a source, at most 200 characters")
    return text


def _address(text: str) -> str:
    if text == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise SettingError(f"takes an IP address, not {text!r}") from None


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(_address(part.strip()) for part in text.split(",") if part.strip())


def _forwarded_header(text: str) -> str:
    for header in FORWARDED_HEADERS:
        if text.lower() == header.lower():
            return header
    raise SettingError(f"takes {' or '.join(FORWARDED_HEADERS)}, not {text!r}")


def _name(text: str) -> str:
    if (
        not text
        or len(text) > _LONGEST_NAME
        or not text.replace("_", "").replace("-", "").isalnum()
        or not text.isascii()
    ):
        raise SettingError("takes 1 to 38 Latin letters, digits, - or _")
    return text


def _path(text: str) -> Path:
    if "\0" in text:
        raise SettingError("takes a path without NUL")
    return Path(text)


def _secret(text: str) -> str:
    # What an HTTP header can carry as it stands.
    if len(text) < _SHORTEST_SECRET or not text.isascii() or not text.isprintable() or " " in text:
        raise SettingError("takes at least 16 printable ASCII characters without spaces")
    return text


def _setting(default: Any, parse: Callable[[str], Any], unit: str, help_: str, shown: str = "") -> Any:
    return field(default=default, metadata={"parse": parse, "unit": unit, "help": help_, "shown": shown})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting with its default; `help` and `unit` are in the field's metadata."""

    port: int = _setting(
        8888, _whole(0, 65535), "TCP port", "where HTTP and WebSocket listen; 0 takes a free one"
    )
    address: str = _setting("127.0.0.1", _address, "IP address", "where HTTP and WebSocket listen")
    mongo_url: str | None = _setting(
        None, _url("mongodb", "mongodb+srv"), "URL", "MongoDB; none: an embedded server under data_dir"
    )
    mongo_db: str = _setting(
        "talentfeed", _name, "name", "the database in MongoDB, and the prefix of Redis keys"
    )
    redis_url: str | None = _setting(
        None, _url("redis", "rediss"), "URL", "Redis; none: an embedded Valkey under data_dir"
    )
    data_dir: Path = _setting(
        Path(".data"),
        _path,
        "path",
        "files of the embedded stores, snapshots of indexes, and secrets made once",
    )
    ingest_token: str = _setting(
        "", _secret, "text", "bearer token of the ingest API", "made once, kept in data_dir"
    )
    secret_key: str = _setting("", _secret, "text", "signs links in letters", "made once, kept in data_dir")
    require_activation: bool = _setting(
        False, _truth, "true/false", "a new account must follow its activation link before it can log in"
    )
    smtp_url: str | None = _setting(
        None,
        _smtp_url,
        "URL",
        "mail server for links in letters, smtp[s]://[user:password@]host[:port][?from=address]; "
        "none: the link goes to the log",
    )
    public_url: str | None = _setting(
        None, _url("http", "https"), "URL", "how browsers reach this server, for links in mail"
    )
    feed_quota: int = _setting(5, _whole(0, 1000), "feeds", "live feeds an ordinary HR may have")
    service_days: int = _setting(365, _whole(1, 36500), "days", "length of a feed's service")
    idle_days: int = _setting(
        7, _whole(1, 36500), "days", "a feed not opened for so long rests until it is opened"
    )
    resume_days: int = _setting(
        0,
        _whole(0, 36500),
        "days",
        "after so many days without news a resume ends, with all that was noted of it; 0 never",
    )
    result_days: int = _setting(
        180,
        _whole(0, 36500),
        "days",
        "so many days after its listing a result ends; favourites and notes stay with their resume; 0 never",
    )
    audit_days: int = _setting(
        1095, _whole(0, 36500), "days", "so many days after it was written a row of the audit ends; 0 never"
    )
    file_workers: int = _setting(
        1,
        _whole(1, 64),
        "files",
        "files that are read at once, each in a process of its own that takes up to one core",
    )
    resume_index_size: int = _setting(
        500_000,
        _whole(1_000, 10_000_000),
        "resumes",
        "the newest resumes, which are in memory for feeds to be scored against, at 1.2 KiB each; feeds find "
        "older ones through MongoDB",
    )
    login_attempts: int = _setting(
        5,
        _whole(1, 10000),
        "attempts",
        "failed logins allowed per account and address, and per address, in the window",
    )
    login_window_s: int = _setting(120, _whole(1, 86400), "seconds", "the window of login_attempts")
    register_per_minute: int = _setting(
        60, _whole(1, 100000), "a minute", "registrations allowed per address in a minute"
    )
    connections_per_address: int = _setting(
        200,
        _whole(1, 100000),
        "connections",
        "connections that one address may have at once, sockets included; of IPv6 a network of 64 bits",
    )
    account_budget: int = _setting(
        600,
        _whole(1, 10_000_000),
        "units a minute",
        "what an account may ask for: statistics, export, preview and a search in favourites cost 10, a "
        "page of an original 5, any other request 1; a VIP ten times as much",
    )
    preview_per_hour: int = _setting(
        600,
        _whole(1, 10_000_000),
        "an hour",
        "previews allowed per account in an hour; a VIP ten times as many",
    )
    unlock_per_day: int = _setting(
        100,
        _whole(1, 10_000_000),
        "a day",
        "contacts that an account may unlock in a day; a VIP ten times as many",
    )
    trusted_proxies: tuple[str, ...] = _setting(
        ("127.0.0.1", "::1"), _addresses, "IP addresses", "peers that may name the client's address"
    )
    forwarded_header: str = _setting(
        "X-Real-Ip",
        _forwarded_header,
        "header",
        "the one header in which they name it: X-Real-Ip or X-Forwarded-For",
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
        "https://api.weixin.qq.com", _url("https", "http"), "URL", "where WeChat is asked"
    )
    wechat_open_url: str = _setting(
        "https://open.weixin.qq.com", _url("https", "http"), "URL", "where browsers are sent to log in"
    )
    wecom_api_url: str = _setting(
        "https://qyapi.weixin.qq.com", _url("https", "http"), "URL", "where WeCom is asked"
    )
    quiet_hours: str = _setting(
        "22:00-08:00",
        clocks.hours,
        "times",
        "when nobody is sent a notice, in China's time, unless the account says otherwise",
    )
    digest_times: str = _setting(
        "09:00,14:00",
        clocks.times,
        "times",
        "when notices tell of whatever is new, in China's time, unless the account says otherwise",
    )
    notice_grace_s: int = _setting(
        120,
        _whole(0, 86_400),
        "seconds",
        "how long a strong match may be read on the page before anybody is told of it",
    )
    imap_url: str | None = _setting(
        None,
        _imap_url,
        "URL",
        "the mailbox that `manage.py mailbox` takes resumes from, imap[s]://user:password@host[:port]; "
        "none: no mailbox is read",
    )
    imap_folder: str = _setting("INBOX", _folder, "name", "the folder of the mailbox that is read")
    imap_done_folder: str | None = _setting(
        None, _folder, "name", "where mails move once they are taken; none: they stay, marked"
    )
    imap_source: str = _setting(
        "mail", _source, "name", "the source of resumes whose sender is none of config/mail_sources.tsv"
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
    """Combine flags, environment and defaults.

    Args:
        flags: Setting name to the flag's text; None where the flag was not given.
        environ: The environment; an empty variable counts as unset.

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
    """Read a secret from `data_dir`, or make it once; safe against a second process doing the same.

    Raises:
        SettingError: It cannot be read or made, or what stands there is no secret.
    """
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
        return _secret(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise SettingError(f"--data_dir: cannot read or make {path}: {error}") from None
