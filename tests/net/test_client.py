"""The httpx client over the transport: what destinations and vendors' checks use, and what it never shows."""

from __future__ import annotations

import logging

import pytest

from tests.net.small import answering, head_of, response, serving
from tests.net.test_request import moved
from tests.net.test_tls import authority, server_side
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.net import Net, Way


async def test_an_answer_has_what_httpx_has(net: Net):
    async with answering(response(b'{"a": 1}', "200 Fine", "Content-Type: application/json", "X: y")) as served:
        found = await Way(net, 5).http.get(served.url)
    assert (found.status_code, found.reason_phrase, found.json(), found.headers["x"]) == (200, "Fine", {"a": 1}, "y")


async def test_json_is_posted(net: Net):
    async with answering(response()) as served:
        await Way(net, 5).http.post(served.url + "hook?x=1", json={"a": "ü"}, headers={"X-One": "1"})
    head, _, body = served.heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hook?x=1 HTTP/1.1\r\n")
    assert body == '{"a":"ü"}'.encode()
    assert head.lower().count(b"\r\nhost:") == head.lower().count(b"\r\ncontent-length:") == 1


async def test_a_packed_body_is_unpacked_once(net: Net):
    import gzip

    packed = gzip.compress(b"hello" * 100)
    async with answering(response(packed, "200 OK", "Content-Encoding: gzip")) as served:
        assert (await Way(net, 5).http.get(served.url)).text == "hello" * 100


async def test_no_answer_is_ours_to_tell(net: Net):
    async with answering() as served:
        pass
    with pytest.raises(Unreachable, match="refused"):
        await Way(net, 5).http.get(served.url)


async def test_each_way_has_its_own_deadline(net: Net):
    async with answering(hold=True) as served:
        with pytest.raises(Unreachable, match="within 50 ms"):
            await Way(net, 0.05).http.get(served.url)
    assert Way(net, 5).http is Way(net, 5).http
    assert Way(net, 5).http is not Way(net, 6).http


async def test_reading_follows_redirects_and_writing_does_not(net: Net):
    async def handle(reader, writer):
        path = (await head_of(reader)).split()[1]
        writer.write(response(b"there") if path == b"/there" else moved("/there", 307))

    async with serving(handle) as served:
        client = Way(net, 5).http
        assert (await client.get(served.url)).text == "there"
        assert (await client.post(served.url, content=b"x")).status_code == 307


async def test_secrets_of_a_reader_stay_with_their_host(net: Net):
    async with answering(response()) as other, answering(moved(f"http://localhost:{other.port}/")) as first:
        await Way(net, 5).http.get(first.url, headers={"Authorization": "Bearer sesame", "X-Key": "sesame"})
    assert first.heard[0].count(b"sesame") == 2
    assert b"sesame" not in other.heard[0]


async def test_no_cookie_is_kept(net: Net):
    async with answering(response(b"", "200 OK", "Set-Cookie: a=b; Path=/")) as served:
        client = Way(net, 5).http
        await client.get(served.url)
        await client.get(served.url)
    assert b"cookie" not in served.heard[1].lower()


async def test_an_url_is_shown_nowhere(net: Net, caplog):
    caplog.set_level(logging.DEBUG)
    async with answering(response(b"", "500 No")) as served:
        client = Way(net, 5).http
        url = f"http://us:sesame@127.0.0.1:{served.port}/sesame?token=sesame"
        found = await client.get(url)
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1 answered 500") as caught:
            found.raise_for_status()
    shown = [repr(found), repr(found.request), str(caught.value), repr(client), caplog.text]
    assert not [text for text in shown if "sesame" in text]
    assert b"authorization: basic" in served.heard[0].lower()


@pytest.mark.parametrize("url", ["ftp://x/sesame", "http:///sesame", "sesame"])
async def test_an_url_that_cannot_be_asked_is_told_without_it(net: Net, url: str):
    with pytest.raises(Unreadable) as caught:
        await Way(net, 5).http.get(url)
    assert "sesame" not in str(caught.value)


async def test_too_large_an_answer_is_not_read(net: Net):
    async with answering(response(bytes(9 << 20))) as served:
        with pytest.raises(Unreadable, match="larger than is read"):
            await Way(net, 5).http.get(served.url)


async def test_a_client_may_trust_otherwise(net: Net, tmp_path):
    async with answering(response(), tls=server_side(authority(tmp_path))) as served:
        way = Way(net, 5)
        assert (await way.client(ca="ca.pem").get(served.secure)).status_code == 200
        assert (await way.client(verify=False).get(served.secure)).status_code == 200
        with pytest.raises(Unreachable, match="issuer is not trusted"):
            await way.http.get(served.secure)
    assert way.client(ca="ca.pem") is way.client(ca="ca.pem")


# -- blocking work --------------------------------------------------------------------------------------------------


async def test_blocking_work_is_done_elsewhere_and_its_errors_come_back(net: Net):
    import threading

    way = Way(net, 5)
    assert await way.run(threading.get_ident) != threading.get_ident()
    assert await way.run(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await way.run(divmod, 7, 0)
    with pytest.raises(RuntimeError):
        await way.run(next, iter(()))


async def test_blocking_work_that_hangs_does_not_keep_the_process(tmp_path):
    import subprocess
    import sys

    program = (
        "import asyncio, threading\nfrom tui_monitor.net import Net, Way\n"
        "async def main():\n    net = Net()\n"
        "    task = asyncio.ensure_future(Way(net, 1).run(threading.Event().wait))\n"
        "    done, _ = await asyncio.wait({task}, timeout=0.1)\n    task.cancel()\n    await net.close()\n"
        "asyncio.run(main())\nprint('ended')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20)
    assert done.stdout == "ended\n", done.stderr
