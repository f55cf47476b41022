"""Settings: flag beats environment beats default; a bad value is one line; docs/settings.md keeps in step."""

import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import SETTINGS, default_text, load_settings
from config.takes import SettingError
from runtime.roles import ROLES

ROOT = Path(__file__).resolve().parents[3]


def load(tmp_path: Path, *argv: str, **environ: str):
    return load_settings([f"--data_dir={tmp_path}", *argv], environ)[0]


def test_defaults_hold_where_nothing_is_said(tmp_path):
    settings = load(tmp_path)
    assert (settings.port, settings.address, settings.feed_quota) == (8888, "127.0.0.1", 5)
    assert settings.mongo_url is None
    assert settings.trusted_proxies == ("127.0.0.1", "::1")


def test_a_flag_beats_the_environment_which_beats_the_default(tmp_path):
    assert load(tmp_path, PORT="9001").port == 9001
    assert load(tmp_path, "--port", "9002", PORT="9001").port == 9002


def test_a_process_does_everything_unless_roles_are_named(tmp_path):
    assert load(tmp_path).roles == load(tmp_path, ROLES="web, engine").roles == frozenset(ROLES)
    assert load(tmp_path, "--roles", "engine").roles == {"engine"}


@pytest.mark.parametrize("roles", ["web,", "all", "score", "web,intake", "gateway", "Web"])
def test_an_unknown_role_is_one_line(tmp_path, roles):
    with pytest.raises(SettingError, match=r"^--roles takes web, engine or both, not"):
        load(tmp_path, "--roles", roles)


def test_a_replica_set_is_a_url(tmp_path):
    url = "mongodb://one:27017,two:27017/?replicaSet=rs"
    assert load(tmp_path, MONGO_URL=url).mongo_url == url


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.example.com",
        "smtp://[::1]:2525/",
        "smtp://user:p%40ss%2Fword@mail.example.com:587",
        "smtps://hr%40example.com:secret@mail.example.com?from=jobs%2Btalent@example.com",
    ],
)
def test_a_mail_server_is_a_url(tmp_path, url):
    assert load(tmp_path, SMTP_URL=url).smtp_url == url


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com:25",
        "http://mail.example.com",
        "smtp://",
        "smtp://user:pa/sxword@mail.example.com",
        "smtp://mail.example.com:port",
        "smtp://mail..example.com",
        "smtp://:secret@mail.example.com",
        "smtp://mail.example.com/inbox",
        "smtp://mail.example.com#x",
        "smtp://mail.example.com?to=a@b.cc",
        "smtp://mail.example.com?from=",
        "smtp://mail.example.com?from=nobody",
        "smtp://mail.example.com?from=a@b.cc&from=c@d.ee",
        "smtp://mail.example.com?from=a@b.cc%0d%0aBcc:x@y.zz",
        "smtp://mail.example.com?from=%3Ca@b.cc%3E",
        "smtp://mail.example.com?from=a b@c.dd",
    ],
)
def test_a_bad_mail_server_stops_the_start_and_its_password_is_not_told(tmp_path, url):
    with pytest.raises(SettingError, match="--smtp_url") as told:
        load(tmp_path, f"--smtp_url={url}")
    for word in ("pa/", "'pa'", "sxword", "secret"):
        assert word not in str(told.value)
    assert "\n" not in str(told.value)


def test_an_empty_variable_counts_as_unset(tmp_path):
    assert load(tmp_path, REDIS_URL="").redis_url is None


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        (["--port=abc"], "--port"),
        (["--port=70000"], "--port"),
        (["--address=nowhere"], "--address"),
        (["--mongo_url=redis://x"], "--mongo_url"),
        (["--redis_url=redis://localhost:x"], "--redis_url"),
        (["--redis_url=redis://localhost/talentfeed"], "--redis_url"),
        (["--redis_url=redis+cluster://one:1,two:2"], "--redis_url takes no cluster: use one Redis"),
        (["--redis_url=http+cluster://one:1"], "--redis_url"),
        (["--public_url=https://talent..example.com"], "--public_url"),
        (["--require_activation=maybe"], "--require_activation"),
        (["--mongo_db=a.b"], "--mongo_db"),
        (["--ingest_token=short"], "--ingest_token"),
        (["--trusted_proxies=1.2.3.4,x"], "--trusted_proxies"),
        (["--login_window_s=0"], "--login_window_s"),
        (["--no_such_setting=1"], "--no_such_setting"),
    ],
)
def test_a_bad_value_names_its_setting(tmp_path, argv, name):
    with pytest.raises(SettingError, match=re.escape(name)):
        load(tmp_path, *argv)


def test_a_bad_variable_is_named_as_one(tmp_path):
    with pytest.raises(SettingError, match="FEED_QUOTA"):
        load(tmp_path, FEED_QUOTA="many")


def test_a_bad_value_stops_the_start_with_one_line_and_status_2(tmp_path):
    outcome = subprocess.run(
        [sys.executable, "server.py", "--port=x", "--data_dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 2
    assert outcome.stderr.count("\n") == 1
    assert "--port" in outcome.stderr


def test_secrets_are_made_once_and_readable_by_their_owner_alone(tmp_path):
    first, second = load(tmp_path), load(tmp_path)
    assert len(first.ingest_token) >= 32
    assert first.ingest_token == second.ingest_token != first.secret_key == second.secret_key
    assert stat.S_IMODE((tmp_path / "ingest_token").stat().st_mode) == 0o600


def test_a_broken_secret_is_an_error_not_a_new_secret(tmp_path):
    (tmp_path / "secret_key").write_text("x")
    with pytest.raises(SettingError, match="secret_key"):
        load(tmp_path)


def test_the_document_lists_every_setting_as_it_is():
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    rows = [
        f"| `{s.name}` | {default_text(s.name)} | {s.metadata['unit']} | {s.metadata['help']} |"
        for s in SETTINGS
    ]
    table = re.search(r"\| setting \|.*?\n\n", text, re.DOTALL)
    assert table is not None
    assert table.group(0).strip().splitlines()[2:] == rows
