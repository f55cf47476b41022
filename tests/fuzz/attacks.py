"""Ways to spoil a request: bodies, URLs, headers, and HTTP itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from tests.fuzz.raw_http import Request


@dataclass(frozen=True)
class Attack:
    """A way to spoil a request.

    Attributes:
        is_broken: What is sent is no HTTP any more; the connection may be cut.
        is_for_bodies: It only means something where a body is expected, and must be refused there.
    """

    name: str
    spoil: Callable[[Request], None]
    is_broken: bool = False
    is_for_bodies: bool = False


def _body(body: bytes, kind: bytes = b"application/json") -> Callable[[Request], None]:
    def spoil(request: Request) -> None:
        request.body = body
        request.headers.append((b"Content-Type", kind))

    return spoil


def _header(name: bytes, value: bytes, body: bytes = b"") -> Callable[[Request], None]:
    def spoil(request: Request) -> None:
        request.headers.append((name, value))
        if body:
            request.body, request.says_length = body, False

    return spoil


def _target(change: Callable[[bytes], bytes]) -> Callable[[Request], None]:
    def spoil(request: Request) -> None:
        request.target = change(request.target)

    return spoil


def _line(**changes: bytes) -> Callable[[Request], None]:
    def spoil(request: Request) -> None:
        for name, value in changes.items():
            setattr(request, name, value)

    return spoil


SPOILT_FIELDS = (
    *("title", "feed_id", "resume_id", "content", "source", "password", "username", "company_name", "id"),
    *(
        "app",
        "exchange",
        "quiet",
        "email",
        "old_password",
        "ids",
        "q",
        "quota",
        "account",
        "phone",
        "mapping",
    ),
    *("version", "text", "mark_name", "name", "invite", "role", "to", "into", "members", "code"),
    "verdict",
)
"""At least one of every body that there is. What is in a field that a body does not have is ignored."""


def everywhere(value: bytes) -> bytes:
    """An object that has a JSON value in a field of every body."""
    return b"{%b}" % b",".join(b'"%b":%b' % (name.encode(), value) for name in SPOILT_FIELDS)


BAD_BODIES: dict[str, bytes] = {
    "nothing but blanks": b"  \n",
    "not UTF-8": b'{"title": "\xff\xfe"}',
    "an overlong encoding": b'{"title": "\xc0\x80"}',
    "a surrogate in UTF-8": b'{"title": "\xed\xa0\x80"}',
    "UTF-16": '{"title": "a"}'.encode("utf-16"),
    "half an object": b'{"title": "a',
    "two objects": b'{"title": "a"}{"title": "b"}',
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "NaN": everywhere(b"NaN"),
    "a lone surrogate": everywhere(rb'"\ud800"'),
    "a NUL": everywhere(rb'"\u0000"'),
    "lists in lists": b"[" * 100_000,
    "objects in objects": b'{"title":' * 50_000,
    "a deep value": b'{"title":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "a deep unknown field": b'{"x":' + b'{"a":' * 3_000 + b"1" + b"}" * 3_001,
    "a huge number": everywhere(b"1" + b"0" * 5_000),
    "a huge exponent": everywhere(b"1e400"),
    "a number of 20 digits": everywhere(b"18446744073709551616"),
    "a comment": b'{"title": "a" /* b */}',
    "a trailing comma": b'{"title": "a",}',
    "single quotes": b"{'title': 'a'}",
}
ODD_BODIES: dict[str, Callable[[Request], None]] = {
    "the same name twice": _body(
        b'{"title":"a","title":"b","feed_id":"x","feed_id":"y","password":"a","password":"b"}'
    ),
    "a byte order mark": _body(b'\xef\xbb\xbf{"title":"a"}'),
    "a form that says it is JSON": _body(b"title=a&feed_id=b"),
    "JSON that says it is a form": _body(b'{"title":"a"}', b"application/x-www-form-urlencoded"),
    "a form of broken escapes": _body(
        b"user_email=%&password=%zz&%ff=%00", b"application/x-www-form-urlencoded"
    ),
    "a form of a thousand fields": _body(b"a=1&" * 1_000, b"application/x-www-form-urlencoded"),
    "a form with one field a thousand times": _body(
        b"feed_id=1&" * 1_000, b"application/x-www-form-urlencoded"
    ),
    "XML": _body(
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", b"text/xml"
    ),
    "multipart without an end": _body(
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1", b"multipart/form-data; boundary=x"
    ),
    "multipart without a boundary": _body(b"--x--", b"multipart/form-data"),
    "an unknown charset": _body(b'{"title":"a"}', b"application/json; charset=klingon"),
    "a media type of bytes": _body(b'{"title":"a"}', b"\xff/\xfe; =;;"),
    "gzip": lambda request: (
        _body(b"\x1f\x8b\x08\x00")(request),
        _header(b"Content-Encoding", b"gzip")(request),
    ),
    "lines": _body(b'{}\n[\n"\n\xff\n' * 50, b"application/x-ndjson"),
    "a line of two megabytes": _body(b"x" * 2_000_000, b"application/x-ndjson"),
    "a body over the limit": _body(b"x" * 1_100_000),
}
TARGETS: dict[str, Callable[[bytes], bytes]] = {
    "a path that is not UTF-8": lambda target: target + b"%ff",
    "a NUL in the path": lambda target: target + b"%00",
    "a surrogate in the path": lambda target: target + b"%ed%a0%80",
    "a slash in the path": lambda target: target + b"%2f..%2f..%2fetc%2fpasswd",
    "dots in the path": lambda target: target + b"/../../../etc/passwd",
    "two slashes": lambda target: b"/" + target,
    "a broken escape": lambda target: target + b"%",
    "a query that is not UTF-8": lambda target: target + b"?start=%ff&keywords=%fe&feed_id=%ff&sort=%ff",
    "a NUL in the query": lambda target: target + b"?start=%00&keywords=%00&feed_id=%00&current_area=%00",
    "a surrogate in the query": lambda target: target + b"?keywords=%ed%a0%80&current_area=%ed%a0%80",
    "a query of nothing": lambda target: target + b"?&&==&;",
    "huge numbers in the query": lambda target: (
        target + b"?start=" + b"9" * 4_000 + b"&size=1e9&salary_min=-0"
    ),
    "digits of other scripts": lambda target: target + b"?start=%D9%A3&size=%EF%BC%91&reco_time=%C2%B2",
    "a long path": lambda target: target + b"a" * 30_000,
    "the whole URL": lambda target: b"http://other.example" + target,
    "a fragment": lambda target: target + b"#" + target,
}
HEADERS: dict[str, tuple[bytes, bytes]] = {
    "credentials that are not UTF-8": (b"Authorization", b"Basic \xff\xfe"),
    "credentials of nothing": (b"Authorization", b"Basic"),
    "two credentials": (b"Authorization", b"Basic eDp5"),
    "a bearer that is not ASCII": (b"Authorization", b"Bearer \xe4\xb8\xad"),
    "a long header": (b"X-Long", b"a" * 30_000),
    "an address that is none": (b"X-Real-Ip", b"\xff; DROP TABLE"),
    "many addresses": (b"X-Forwarded-For", b"1.1.1.1," * 2_000),
    "an odd accept": (b"Accept", b"*/*;q=\xff;;, a"),
    "a cookie": (b"Cookie", b"\xff=\xfe; ;;=; a"),
    "a range": (b"Range", b"bytes=-99999999999999999999"),
    "a condition": (b"If-None-Match", b'"' + b"\xff" * 100),
    "an upgrade": (b"Upgrade", b"websocket"),
    "an upgrade to HTTP/2": (b"Upgrade", b"h2c"),
}
BROKEN: dict[str, Callable[[Request], None]] = {
    "chunks of no number": _header(b"Transfer-Encoding", b"chunked", b"zz\r\n{}\r\n0\r\n\r\n"),
    "chunks of a negative number": _header(b"Transfer-Encoding", b"chunked", b"-2\r\n{}\r\n0\r\n\r\n"),
    "chunks of a huge number": _header(b"Transfer-Encoding", b"chunked", b"f" * 40 + b"\r\n{}\r\n"),
    "chunks longer than said": _header(b"Transfer-Encoding", b"chunked", b"1\r\n{}\r\n0\r\n\r\n"),
    "chunks with underscores": _header(b"Transfer-Encoding", b"chunked", b"0_2\r\n{}\r\n0\r\n\r\n"),
    "chunks with a trailer of bytes": _header(
        b"Transfer-Encoding", b"chunked", b"2\r\n{}\r\n0\r\n\xff: \xff\r\n\r\n"
    ),
    "an unknown transfer encoding": _header(b"Transfer-Encoding", b"gzip, chunked", b"0\r\n\r\n"),
    "chunks and a length": lambda request: (
        _header(b"Transfer-Encoding", b"chunked", b"2\r\n{}\r\n0\r\n\r\n")(request),
        _header(b"Content-Length", b"2")(request),
    ),
    "two lengths": lambda request: (
        _header(b"Content-Length", b"2", b"{}")(request),
        _header(b"Content-Length", b"3")(request),
    ),
    "a negative length": _header(b"Content-Length", b"-1", b"{}"),
    "a length with a sign": _header(b"Content-Length", b"+2", b"{}"),
    "a length with an underscore": _header(b"Content-Length", b"1_0", b"{}"),
    "a huge length": _header(b"Content-Length", b"9" * 30, b"{}"),
    "a length of other digits": _header(b"Content-Length", "２".encode(), b"{}"),
    "a NUL in a header": _header(b"X-Odd", b"a\0b"),
    "a line end in a header": _header(b"X-Odd", b"a\rb\nc"),
    "a header without a name": _header(b"", b"a"),
    "a name with a blank": _header(b"X Odd", b"a"),
    "headers over the limit": _header(b"X-Long", b"a" * 70_000),
    "a path over the limit": _target(lambda target: target + b"a" * 70_000),
    "bytes in the path": _target(lambda target: target + "中\xff".encode("latin-1", "replace") + b"\xff"),
    "thousands of parameters": _target(lambda target: target + b"?" + b"start=1&" * 4_000),
    "a blank in the path": _target(lambda target: target + b" b"),
    "no path": _target(lambda _: b""),
    "a star": _target(lambda _: b"*"),
    "a method of bytes": _line(method=b"\xff\xfe"),
    "a method in small letters": _line(method=b"get"),
    "an unknown method": _line(method=b"BREW"),
    "HTTP/0.9": _line(version=b""),
    "HTTP/2": _line(method=b"PRI", target=b"*", version=b"HTTP/2.0"),
    "HTTP/9.9": _line(version=b"HTTP/9.9"),
    "TLS": _line(method=b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", target=b"", version=b""),
}


def attacks() -> Iterator[Attack]:
    """All of them."""
    for name, body in BAD_BODIES.items():
        yield Attack(name, _body(body), is_for_bodies=True)
    for name, spoil in ODD_BODIES.items():
        yield Attack(name, spoil)
    for name, change in TARGETS.items():
        yield Attack(name, _target(change))
    for name, (header, value) in HEADERS.items():
        yield Attack(name, _header(header, value))
    for name, spoil in BROKEN.items():
        yield Attack(name, spoil, is_broken=True)


def damaged(data: bytes, chance: Random) -> bytes:
    """A request in which a few bytes were changed, lost, repeated or added."""
    wire = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at = chance.randrange(len(wire) or 1)
        match chance.randrange(5):
            case 0:
                wire[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del wire[at : at + chance.randrange(1, 20)]
            case 2:
                wire[at:at] = chance.randbytes(chance.randrange(1, 9))
            case 3:
                wire[at:at] = wire[at : at + chance.randrange(1, 40)]
            case _:
                wire[at:at] = chance.choice(
                    (b"\r\n", b"\0", b"%00", b"\xff", b"\r\n\r\n", b"9" * 30, b'"', b"{[" * 50)
                )
    return bytes(wire)
