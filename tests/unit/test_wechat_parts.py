"""What of WeChat needs no server: errcodes, states, paths to go on to, keys of robots, settings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import load_settings
from config.takes import SettingError
from config.wechat import template
from handlers.wechat.states import VALID_S, States, own_path
from store.accounts.identity import Identity
from tests.support import each
from wechat.apps import App, WeComApp
from wechat.errors import KNOWN, CodeRefused, Misconfigured, Refused, TokenRefused, Unavailable, error_of
from wechat.wecom import is_robot_key

SECRET = "0123456789abcdef0123456789abcdef"


@each(
    "carries, errcode, kind",
    [
        ("secret", 40029, CodeRefused),
        ("secret", 40163, CodeRefused),
        ("token", 40029, CodeRefused),
        ("secret", -1, Unavailable),
        ("secret", 45009, Unavailable),
        ("secret", 45011, Unavailable),
        ("secret", 40013, Misconfigured),
        ("secret", 40125, Misconfigured),
        ("secret", 40001, Misconfigured),
        ("secret", 99999, Unavailable),
        ("token", 40001, TokenRefused),
        ("token", 42001, TokenRefused),
        ("token", 40014, TokenRefused),
        ("token", 43101, Refused),
        ("token", 99999, Refused),
        ("key", 93000, Refused),
        ("key", 45009, Unavailable),
    ],
)
def test_an_errcode_means_one_error(carries, errcode, kind):
    assert type(error_of("call", carries, errcode)) is kind


def test_few_errcodes_are_labels_of_metrics():
    assert len(KNOWN) < 50


def test_no_secret_and_nobody_shows_in_a_repr():
    shown = repr(
        [
            App(appid="wx1", secret=SECRET),
            WeComApp(corpid="ww1", agentid=1, secret=SECRET),
            Identity(app="mini", appid="wx1", openid="somebody", unionid="somebody else"),
        ]
    )
    assert SECRET not in shown
    assert "somebody" not in shown


def test_a_state_belongs_to_one_cookie_for_ten_minutes():
    now = 1_000_000.0
    states = States("a secret of sixteen", lambda: now)
    state, cookie = states.make("mp", "/feeds/1?x=王")
    _, other = states.make("mp", "")
    assert states.read(cookie, state) == ("mp", "/feeds/1?x=王")
    assert states.read(other, state) is None
    assert states.read("", state) is None
    assert states.read(cookie, "") is None
    assert states.read(cookie, "王\ud800") is None
    assert states.read(cookie[:-1] + "0", state) in (None, ("mp", "/feeds/1?x=王"))
    assert States("another secret of 16", lambda: now).read(cookie, state) is None
    now += VALID_S + 1
    assert states.read(cookie, state) is None


@pytest.mark.parametrize("path", ["/", "/feeds/6b064ce8eafc27a898b70a33", "/me/ways?x=1&y=%2F%2F#z", "/王"])
def test_a_path_of_our_own_is_gone_on_to(path):
    assert own_path(path) == path


@each(
    "path",
    ["", "//evil.example", "/\\evil.example", "\\/evil.example", "https://evil.example", "evil", " /x",
     "/x y", "/\t/evil.example", "/x\\y", "javascript:alert(1)", "/\x00", "/x\n", "/" + "x" * 500],
)  # fmt: skip
def test_anything_else_is_left_out(path):
    assert own_path(path) == ""


@given(st.text(max_size=30))
def test_what_is_gone_on_to_never_leads_elsewhere(text):
    found = own_path(text)
    assert found in ("", text)
    if found:
        assert found[0] == "/"
        assert found[1:2] not in ("/", "\\")


def test_a_robots_key_is_a_uuid_and_no_address():
    assert is_robot_key("693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa") is False
    assert is_robot_key("693a91f6-7aaa-4bc4-97a0-0ec2efa5aaab")
    assert not is_robot_key("693a91f6-7aaa-4bc4-97a0-0ec2efa5aaab&x=1")
    assert not is_robot_key("https://evil.example/693a91f6-7aaa-4bc4-97a0-0ec2efa5aaab")


def test_a_template_is_read():
    fields = {"title": "thing1", "count": "number2", "score": "character_string13"}
    text = "AbC-123_xyz0:title=thing1, count=number2,score=character_string13"
    assert template(text) == ("AbC-123_xyz0", fields)


@pytest.mark.parametrize(
    "text",
    ["", "AbC-123_xyz0", "AbC-123_xyz0:", ":title=thing1", "short:title=thing1", "AbC-123_xyz0:title",
     "AbC-123_xyz0:name=thing1", "AbC-123_xyz0:title=thing", "AbC-123_xyz0:title=thing1,title=thing2",
     "AbC-123_xyz0:title=thing1,count=thing1", "AbC-123_xyz0:title={{thing1.DATA}}"],
)  # fmt: skip
def test_a_template_that_is_none_is_one_line(tmp_path, text):
    if text:
        with pytest.raises(SettingError, match=r"^WECHAT_MINI_TEMPLATE takes ID:title=thing1[^\n]*$"):
            load_settings([f"--data_dir={tmp_path}"], {"WECHAT_MINI_TEMPLATE": text})
    else:
        with pytest.raises(ValueError, match="takes ID"):
            template(text)


@pytest.mark.parametrize(
    ("given_", "missing"),
    [
        ({"WECHAT_MINI_APPID": "wx1234567890"}, "--wechat_mini_secret is missing: wechat_mini_appid"),
        ({"WECHAT_MP_SECRET": SECRET}, "--wechat_mp_appid is missing: wechat_mp_secret"),
        ({"WECOM_CORPID": "ww1234567890", "WECOM_SECRET": SECRET}, "--wecom_agentid is missing"),
        ({"WECHAT_MP_TEMPLATE": "AbC-123_xyz0:title=thing1"}, "--wechat_mp_appid is missing"),
    ],
)
def test_an_app_is_set_whole_or_not_at_all(tmp_path, given_, missing):
    with pytest.raises(SettingError) as told:
        load_settings([f"--data_dir={tmp_path}"], given_)
    assert str(told.value).startswith(missing)
    assert SECRET not in str(told.value)


def test_a_secret_that_is_none_is_not_repeated(tmp_path):
    with pytest.raises(SettingError) as told:
        load_settings([f"--data_dir={tmp_path}"], {"WECHAT_MINI_SECRET": "pass word with blanks"})
    assert "word" not in str(told.value)
