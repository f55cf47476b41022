"""Which `Origin` is another site's."""

from types import SimpleNamespace

import pytest
from tornado.httputil import HTTPHeaders

from handlers.api.origins import is_foreign, own_origin, socket_url
from tests.support import each

PROXY = frozenset({"127.0.0.1"})


def own(host, peer="127.0.0.1", **headers):
    named = HTTPHeaders({name.replace("_", "-"): value for name, value in headers.items()})
    connection = SimpleNamespace(context=SimpleNamespace(address=(peer, 1)))
    return own_origin(SimpleNamespace(host=host, headers=named, connection=connection), PROXY)


def test_the_own_origin_is_what_the_request_says_or_what_a_proxy_tells():
    assert own("a.example:8888") == "http://a.example:8888"
    assert own("A.example", X_Forwarded_Proto="https") == "https://a.example"
    assert own("x", X_Forwarded_Proto="https", X_Forwarded_Host="a.example:443") == "https://a.example"
    assert own("[::1]:80") == "http://[::1]"
    # Only of a proxy.
    assert own("a.example", peer="10.0.0.1", X_Forwarded_Proto="https") == "http://a.example"
    assert own("a b;script-src *") == ""


@pytest.mark.parametrize("origin", ["http://a.example", "HTTP://A.example:80", " http://a.example "])
def test_the_same_scheme_host_and_port_are_not_foreign(origin):
    assert not is_foreign(origin, "http://a.example", None)


@each(
    "origin",
    [
        "null", "https://a.example", "http://a.example:8080", "http://b.a.example", "http://a.example.evil",
        "http://a.example@evil", "file://", "http://a.example:99999999", "http://[",
    ],
)  # fmt: skip
def test_everything_else_is(origin):
    assert is_foreign(origin, "http://a.example", "https://public.example/")


def test_the_public_url_is_ours_too():
    assert not is_foreign("https://public.example", "http://a.example", "https://public.example:443/")


def test_sockets_to_the_own_origin_have_their_own_scheme():
    assert socket_url("https://a.example:8443") == "wss://a.example:8443"
    assert socket_url("http://http.example") == "ws://http.example"
    assert socket_url("") == ""
