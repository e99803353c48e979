"""What can be sent, what cannot, and what a redirect makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.net.small import answering, head_of, response, serving
from tui_monitor.core.errors import Unreachable
from tui_monitor.core.secret import Secret
from tui_monitor.net import Net, build_request


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("", "empty"),
        ("example.com/x", "must begin with http"),
        ("ftp://example.com", "must begin with http"),
        ("http://", "names no host"),
        ("http://a b/", "blank"),
        ("http://x/\r\nX: y", "control character"),
        ("http://x:99999/", "cannot be read"),
        ("http://x:0/", "port 0"),
        ("http://user:sesame@x/", "has options for them"),
        ("http://[::1/", "cannot be read"),
        ("http://a_b<c>/", "has '<' in it, which no host name has"),
        ("http://a..b/", "part between two dots that is empty"),
        (f"http://{'a' * 64}.b/", "longer than 63 letters"),
        (f"http://{'a.' * 130}b/", "longer than 253 letters"),
        ("http://-a/", "begins with '-'"),
        ("http://" + "ä" * 70 + ".de/", "cannot be used"),
    ],
)
def test_an_url_that_cannot_be_asked_is_refused_with_one_sentence(url: str, text: str):
    with pytest.raises(ValueError, match=text) as caught:
        build_request("GET", url)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"method": "GET /"}, "not an HTTP method"),
        ({"headers": {"A b": "c"}}, "name of a header"),
        ({"headers": {"A": "b\r\nC: d"}}, "line break"),
        ({"headers": {"A": "\u4e00"}}, "cannot be sent"),
        ({"headers": {"Content-Length": "3"}}, "set by the transport"),
        ({"redirects": -1}, "from 0 to 20"),
        ({"redirects": "some"}, "from 0 to 20"),
        ({"max_body": 0}, "number of bytes"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_one_sentence(options: dict, text: str):
    with pytest.raises(ValueError, match=text):
        build_request(**{"method": "GET", "url": "http://x/", **options})


@pytest.mark.parametrize(
    ("url", "host", "port", "target", "authority"),
    [
        ("http://EXAMPLE.com", "example.com", 80, "/", "example.com"),
        ("https://example.com:443/a?b", "example.com", 443, "/a?b", "example.com"),
        ("https://example.com:8443", "example.com", 8443, "/", "example.com:8443"),
        ("http://[::1]:81/x#y", "::1", 81, "/x", "[::1]:81"),
        ("http://bücher.example/ä", "xn--bcher-kva.example", 80, "/%C3%A4", "xn--bcher-kva.example"),
        ("http://x/a b".replace(" ", "%20"), "x", 80, "/a%20b", "x"),
    ],
)
def test_an_url_is_taken_apart(url: str, host: str, port: int, target: str, authority: str):
    place = build_request("GET", url).place
    assert (place.host, place.port, place.target, place.authority) == (host, port, target, authority)


@given(st.text(max_size=40))
def test_any_text_is_an_url_or_refused(url: str):
    try:
        request = build_request("GET", f"http://x/{url}")
    except ValueError:
        return
    assert request.wire.count(b"\r\n\r\n") == 1
    assert request.wire.split(b"\r\n")[0].count(b" ") == 2


def test_nothing_of_a_request_shows_its_secrets():
    request = build_request("GET", "http://x/?token=sesame", headers={"A": Secret("sesame")}, body=Secret("sesame"))
    assert "sesame" not in repr(request)
    assert request.wire.count(b"sesame") == 3


# -- redirects ------------------------------------------------------------------------------------------------------


def moved(to: str, status: int = 302) -> bytes:
    return response(b"", f"{status} Moved", f"Location: {to}")


async def test_redirects_are_followed_as_far_as_allowed(net: Net):
    async def handle(reader, writer):
        path = (await head_of(reader)).split()[1].decode()
        n = int(path.strip("/") or 0)
        writer.write(moved(f"/{n + 1}") if n < 4 else response(b"here"))

    async with serving(handle) as served:
        answer = await net.fetch(build_request("GET", served.url, redirects=4), 5)
        assert answer.body == b"here"
        with pytest.raises(Unreachable, match="more often") as caught:
            await net.fetch(build_request("GET", served.url, redirects=3), 5)
        assert caught.value.cause == "redirect"
        assert (await net.fetch(build_request("GET", served.url), 5)).status == 302
        with pytest.raises(Unreachable, match="not allowed here"):
            await net.fetch(build_request("GET", served.url, redirects="error"), 5)


async def test_redirects_in_a_circle_are_seen(net: Net):
    async def handle(reader, writer):
        path = (await head_of(reader)).split()[1].decode()
        writer.write(moved("/b" if path == "/a" else "/a"))

    async with serving(handle) as served:
        with pytest.raises(Unreachable, match="circle"):
            await net.fetch(build_request("GET", served.url + "a", redirects=20), 5)
        assert served.connections == 2


@pytest.mark.parametrize("to", ["ftp://x/", "http://user:sesame@x/", "//[", "http://x:0/"])
async def test_a_redirect_to_nowhere_is_told_without_its_address(net: Net, to: str):
    async with answering(moved(to)) as served:
        with pytest.raises(Unreachable, match="cannot be followed") as caught:
            await net.fetch(build_request("GET", served.url, redirects=3), 5)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "method", "then", "body"),
    [
        (301, "POST", "GET", b""),
        (302, "POST", "GET", b""),
        (303, "PUT", "GET", b""),
        (303, "HEAD", "HEAD", b""),
        (307, "POST", "POST", b"data"),
        (308, "PUT", "PUT", b"data"),
    ],
)
async def test_the_method_after_a_redirect(net: Net, status: int, method: str, then: str, body: bytes):
    heard = []

    async def handle(reader, writer):
        heard.append(await head_of(reader))
        writer.write(moved("/there", status) if len(heard) == 1 else response(b""))

    async with serving(handle) as served:
        data = b"" if method == "HEAD" else b"data"
        await net.fetch(build_request(method, served.url, body=data, redirects=1), 5)
    assert heard[1].split()[0].decode() == then
    assert heard[1].partition(b"\r\n\r\n")[2] == body


async def test_secrets_stay_with_their_host(net: Net):
    async with answering(response()) as other, answering(moved(f"http://localhost:{other.port}/")) as first:
        headers = {"X-Key": "sesame", "Cookie": "sesame", "Accept": "text/plain"}
        request = build_request("GET", first.url, headers=headers, authorization="Bearer sesame", redirects=1)
        await net.fetch(request, 5)
    assert first.heard[0].count(b"sesame") == 3
    assert b"sesame" not in other.heard[0]
    assert b"Accept: text/plain" in other.heard[0]


async def test_a_body_is_not_handed_to_another_host(net: Net):
    async with answering(moved("http://localhost:1/", 307)) as served:
        with pytest.raises(Unreachable, match="sent the body"):
            await net.fetch(build_request("POST", served.url, body="data", redirects=1), 5)


def test_secrets_never_go_from_tls_to_plain():
    request = build_request("GET", "https://x/", authorization="Bearer sesame")
    with pytest.raises(ValueError, match="from https to http"):
        request.redirected(302, "http://x/")
    assert build_request("GET", "https://x/").redirected(302, "http://x/").place.scheme == "http"


def test_secrets_go_along_from_plain_to_tls_on_the_same_host():
    request = build_request("GET", "http://x/", authorization="Bearer sesame")
    assert b"sesame" in request.redirected(301, "https://x/").wire
    assert b"sesame" not in request.redirected(301, "https://y/").wire
    assert b"sesame" not in request.redirected(301, "https://x:8443/").wire
