"""How a vendor's page is fetched, at real servers that are slow, broken, cautious or hostile."""

from __future__ import annotations

import asyncio
import email.utils
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import brotli
import pytest

from tests.net.small import Served, answering, head_of, response, serving
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.page import Asked, VendorPage, at
from tui_monitor.checks.craft.vendor.said import Said
from tui_monitor.checks.statuspage import Statuspage
from tui_monitor.core.model import Reading, Service
from tui_monitor.core.status import Status
from tui_monitor.engine.runner import read
from tui_monitor.net import Net, Way
from tui_monitor.net import unpack as unpacking

WELL = {"page": {"id": "p"}, "status": {"indicator": "none", "description": "All is well"}, "components": []}


def spelt(**parts: Any) -> bytes:
    return json.dumps({**WELL, "incidents": [], **parts}).encode()


def minor(title: str) -> bytes:
    return spelt(incidents=[{"id": title, "name": title, "status": "open", "impact": "minor"}])


@dataclass(frozen=True, slots=True)
class Later(Way):
    """The way out, some time from now."""

    ahead: timedelta = timedelta()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
async def way(tmp_path) -> AsyncIterator[Later]:
    net = Net(tmp_path, places=20)
    yield Later(net, 5.0)
    await net.close()


async def look(check: VendorPage | str, way: Way) -> Reading:
    """What the engine makes of one look."""
    made = Statuspage(f"{check}page.json") if isinstance(check, str) else check
    return await read(Service("v", "V", made, "statuspage"), way)


@asynccontextmanager
async def scripted(*answers: bytes | Callable[[bytes], bytes]) -> AsyncIterator[Served]:
    """Each request is answered by the next of these, and from then on by the last."""
    left, heard = list(answers), list[bytes]()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await head_of(reader))
        said = left.pop(0) if len(left) > 1 else left[0]
        writer.write(said if isinstance(said, bytes) else said(heard[-1]))
        await writer.drain()

    async with serving(handle) as served:
        served.heard = heard
        yield served


@dataclass(frozen=True, slots=True)
class Counted(VendorPage):
    """Counts how often it had to read."""

    url: str = field(repr=False)
    wanted: str = ""
    reads: list[bytes] = field(default_factory=list, repr=False, compare=False)
    asked: tuple[Asked, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "asked", (at(self.url),))

    def read(self, document: Document) -> Said:
        self.reads.append(document.body)
        return Said(Status.OPERATIONAL, f"{self.wanted} {document.text}".strip())


def unknown(reading: Reading, *words: str) -> None:
    """One sentence that says why, and nothing that anybody would take for an outage of the vendor."""
    assert reading.status is Status.UNKNOWN
    assert reading.message.isprintable()
    assert reading.message
    assert reading.incidents is None
    assert all(word in reading.message for word in words), reading.message


class TestOnlyWhatHasChanged:
    @pytest.mark.parametrize(
        ("given", "asked"),
        [
            ('ETag: W/"a 1"', b'If-None-Match: W/"a 1"\r\n'),
            ("Last-Modified: Tue, 01 Sep 2026 11:00:00 GMT", b"If-Modified-Since: Tue, 01 Sep 2026 11:00:00 GMT\r\n"),
        ],
    )
    async def test_is_fetched_and_what_has_not_is_not_read_again(self, given: str, asked: bytes, way: Way):
        async with scripted(response(b"well", "200 OK", given), response(b"", "304 Not Modified")) as served:
            check = Counted(served.url)
            first, second, third = [await look(check, way) for _ in range(3)]
        assert (first.status, first.message) == (Status.OPERATIONAL, "well")
        assert replace(first, latency=None, phases=None) == replace(second, latency=None, phases=None)
        assert third.message == "well"
        assert check.reads == [b"well"]
        assert [asked in head for head in served.heard] == [False, True, True]

    async def test_the_same_bytes_without_any_mark_are_not_read_again_either(self, way: Way):
        async with scripted(response(b"well")) as served:
            check = Counted(served.url)
            assert [(await look(check, way)).message for _ in range(2)] == ["well", "well"]
        assert check.reads == [b"well"]
        assert not any(b"If-" in head for head in served.heard)

    async def test_what_has_changed_is_read_and_known_by_its_new_mark(self, way: Way):
        pages = [response(name.encode(), "200 OK", f'ETag: "{name}"') for name in ("one", "two")]
        async with scripted(*pages, response(b"", "304 Not Modified")) as served:
            assert [(await look(Counted(served.url), way)).message for _ in range(3)] == ["one", "two", "two"]
        assert b'If-None-Match: "two"' in served.heard[2]

    async def test_changed_options_are_read_anew(self, way: Way):
        def stubborn(head: bytes) -> bytes:
            return response(b"", "304 Not Modified") if b"If-" in head else response(b"well", "200 OK", 'ETag: "1"')

        async with scripted(stubborn) as served:
            found = [(await look(Counted(served.url, one), way)).message for one in ("a", "b", "a")]
        assert found == ["a well", "b well", "a well"]

    async def test_a_304_that_was_not_asked_for_is_unknown(self, way: Way):
        async with scripted(response(b"", "304 Not Modified")) as served:
            unknown(await look(served.url, way), "304", "not asked")

    async def test_neither_is_one_of_a_server_that_never_gave_a_mark(self, way: Way):
        async with scripted(response(spelt()), response(b"", "304 Not Modified")) as served:
            assert (await look(served.url, way)).status is Status.OPERATIONAL
            unknown(await look(served.url, way), "304")

    async def test_a_304_of_another_address_says_nothing_of_what_was_read(self, way: Way):
        pages = (response(spelt(), "200 OK", 'ETag: "1"'), response(b"", "302 Found", "Location: /elsewhere"))
        async with scripted(*pages, response(b"", "304 Not Modified")) as served:
            assert (await look(served.url, way)).status is Status.OPERATIONAL
            unknown(await look(served.url, way), "304")

    async def test_a_server_that_says_for_ever_that_nothing_has_changed_is_asked_anew_after_an_hour(self, way: Later):
        async with scripted(response(b"well", "200 OK", 'ETag: "1"')) as served:
            for minutes in (0, 59, 61):
                await look(Counted(served.url), replace(way, ahead=timedelta(minutes=minutes)))
        assert [b"If-None-Match" in head for head in served.heard] == [False, True, False]

    async def test_what_was_announced_begins_although_the_page_has_not_changed(self, way: Later):
        """A word that we do not know holds from the moment for which it was announced."""
        begins = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
        work = {"id": "m", "name": "Belts", "status": "planned", "impact": "maintenance", "scheduled_for": begins}
        body = response(spelt(scheduled_maintenances=[work]), "200 OK", 'ETag: "1"')

        def stubborn(head: bytes) -> bytes:
            return response(b"", "304 Not Modified") if b"If-" in head else body

        async with scripted(stubborn) as served:
            found = [await look(served.url, replace(way, ahead=timedelta(minutes=one))) for one in (0, 5, 11)]
        assert [len(one.maintenances) for one in found] == [1, 1, 0]
        assert [one.status for one in found] == [Status.OPERATIONAL, Status.OPERATIONAL, Status.MAINTENANCE]

    async def test_after_a_damaged_page_the_next_one_is_read(self, way: Way):
        pages = (response(spelt(), "200 OK", 'ETag: "1"'), response(b"{"), response(minor("slow")))
        async with scripted(*pages) as served:
            found = [(await look(served.url, way)).status for _ in range(3)]
        assert found == [Status.OPERATIONAL, Status.UNKNOWN, Status.DEGRADED]


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


class TestPacked:
    @pytest.mark.parametrize(
        ("coding", "pack"),
        [
            ("gzip", gzip.compress),
            ("deflate", zlib.compress),
            ("deflate", raw_deflate),
            ("br", brotli.compress),
            ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
        ],
    )
    async def test_a_page_is_unpacked(self, coding: str, pack: Callable[[bytes], bytes], way: Way):
        body = response(pack(minor("slow")), "200 OK", f"Content-Encoding: {coding}")
        async with scripted(body) as served:
            assert [(await look(served.url, way)).message for _ in range(2)] == ["slow", "slow"]
        assert b"Accept-Encoding: gzip, deflate, br\r\n" in served.heard[0]

    @pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("br", brotli.compress)])
    async def test_what_unpacks_into_far_too_much_is_not_read(self, coding: str, pack: Any, way: Way):
        bomb = pack(b" " * 10_000_000)
        async with scripted(response(bomb, "200 OK", f"Content-Encoding: {coding}")) as served:
            unknown(await look(served.url, way), "larger than 8 MB")

    @pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("br", brotli.compress)])
    @pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: b"\xff" + data[1:]])
    async def test_what_cannot_be_unpacked_is_unknown(self, coding: str, pack: Any, damage: Any, way: Way):
        packed = damage(pack(spelt(words=[number * 7919 % 10_007 for number in range(500)])))
        async with scripted(response(packed, "200 OK", f"Content-Encoding: {coding}")) as served:
            unknown(await look(served.url, way), "cannot be unpacked")

    async def test_an_unknown_packing_is_named(self, way: Way):
        async with scripted(response(b"?", "200 OK", "Content-Encoding: zstd")) as served:
            unknown(await look(served.url, way), "'zstd'")

    async def test_brotli_without_its_library_is_not_asked_for_and_says_what_to_install(
        self, way: Way, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(unpacking, "brotli", lambda: None)
        body = response(brotli.compress(spelt()), "200 OK", "Content-Encoding: br")
        async with scripted(body) as served:
            unknown(await look(served.url, way), "brotli", "pip install 'tui-monitor[brotli]'")
        assert b"Accept-Encoding: gzip, deflate\r\n" in served.heard[0]


def moved(url: str) -> bytes:
    return response(b"", "302 Found", f"Location: {url}")


@dataclass(frozen=True, slots=True)
class Keyed(Counted):
    """Shows a key with each question."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "asked", (at(self.url, headers={"X-Api-Key": "hush-hush", "Cookie": "me=1"}),))


class TestRedirects:
    async def test_another_host_is_followed_to_and_told_no_secret(self, way: Way):
        async with scripted(response(b"well")) as other, scripted(moved(other.url)) as served:
            assert (await look(Keyed(served.url), way)).message == "well"
        assert b"X-Api-Key: hush-hush" in served.heard[0]
        assert b"hush" not in other.heard[0]
        assert b"Cookie" not in other.heard[0]

    async def test_a_page_that_is_always_elsewhere_is_not_read_again_while_it_stays_the_same(self, way: Way):
        async with scripted(response(b"well", "200 OK", 'ETag: "1"')) as other, scripted(moved(other.url)) as served:
            check = Counted(served.url)
            assert [(await look(check, way)).message for _ in range(2)] == ["well", "well"]
        assert check.reads == [b"well"]
        assert not any(b"If-" in head for head in (*other.heard, *served.heard))

    async def test_a_circle_is_unknown(self, way: Way):
        async with scripted(moved("/b"), moved("/a"), moved("/b")) as served:
            unknown(await look(served.url, way), "redirects")

    async def test_a_way_without_end_is_unknown(self, way: Way):
        async with scripted(lambda head: moved(f"/{head.split()[1].decode().strip('/')}x")) as served:
            unknown(await look(served.url, way), "redirects")
        assert len(served.heard) == 6

    @pytest.mark.parametrize("to", ["ftp://127.0.0.1/", "http://", "file:///etc/passwd"])
    async def test_what_is_no_web_address_is_unknown(self, to: str, way: Way):
        async with scripted(moved(to)) as served:
            unknown(await look(served.url, way), "redirect")


BUSY = "429 Too Many Requests"


class TestAHostThatWantsToBeLeftAlone:
    @pytest.mark.parametrize("status", [BUSY, "503 Service Unavailable", "403 Forbidden"])
    async def test_is_not_asked_before_the_time_it_names(self, status: str, way: Later):
        async with scripted(response(b"", status, "Retry-After: 300"), response(spelt())) as served:
            unknown(await look(served.url, way), status, "again in")
            unknown(await look(served.url, replace(way, ahead=timedelta(seconds=240))), status, "again in")
            assert len(served.heard) == 1
            after = await look(served.url, replace(way, ahead=timedelta(seconds=301)))
        assert after.status is Status.OPERATIONAL

    async def test_may_name_a_date(self, way: Later):
        then = email.utils.format_datetime(datetime.now(UTC) + timedelta(minutes=20), usegmt=True)
        async with scripted(response(b"", BUSY, f"Retry-After: {then}"), response(spelt())) as served:
            unknown(await look(served.url, way), "again in")
            unknown(await look(served.url, replace(way, ahead=timedelta(minutes=19))), "again in")
            after = await look(served.url, replace(way, ahead=timedelta(minutes=21)))
        assert after.status is Status.OPERATIONAL

    @pytest.mark.parametrize("wait", ["31536000", "Fri, 31 Dec 2049 23:59:59 GMT", "999999999"])
    async def test_is_asked_again_after_an_hour_at_most(self, wait: str, way: Later):
        async with scripted(response(b"", BUSY, f"Retry-After: {wait}"), response(spelt())) as served:
            unknown(await look(served.url, way), BUSY, "again in")
            assert (await look(served.url, replace(way, ahead=timedelta(seconds=3601)))).status.is_good

    @pytest.mark.parametrize("header", [(), ("Retry-After: soon",), ("Retry-After: -5",), ("Retry-After:",)])
    async def test_is_left_alone_for_a_minute_where_it_names_no_time(self, header: tuple[str, ...], way: Later):
        async with scripted(response(b"", BUSY, *header), response(spelt())) as served:
            unknown(await look(served.url, way), BUSY)
            unknown(await look(served.url, replace(way, ahead=timedelta(seconds=55))), BUSY)
            assert (await look(served.url, replace(way, ahead=timedelta(seconds=61)))).status.is_good
        assert len(served.heard) == 2

    async def test_is_left_alone_by_every_other_service_too(self, way: Way):
        async with scripted(response(b"", BUSY, "Retry-After: 60"), response(spelt())) as served:
            unknown(await look(f"{served.url}one/", way), BUSY)
            unknown(await look(f"{served.url}two/", way), BUSY, "again in")
        assert len(served.heard) == 1

    async def test_is_left_alone_by_those_that_were_led_there_and_the_one_that_leads_is_not(self, way: Later):
        async with scripted(response(spelt()), response(b"", BUSY, "Retry-After: 60")) as other:

            def lead(head: bytes) -> bytes:
                return moved(other.url) if b" /led" in head else response(spelt())

            async with scripted(lead) as served:
                assert (await look(f"{served.url}led", way)).status.is_good
                unknown(await look(other.url, way), BUSY)
                unknown(await look(f"{served.url}led", way), BUSY, "again in")
                assert (await look(f"{served.url}own", way)).status.is_good
        assert (len(other.heard), len(served.heard)) == (2, 2)

    async def test_other_hosts_are_asked_as_before(self, way: Way):
        async with scripted(response(b"", BUSY, "Retry-After: 60")) as busy, scripted(response(spelt())) as other:
            unknown(await look(busy.url, way), BUSY)
            assert (await look(other.url, way)).status.is_good

    async def test_a_503_that_names_no_time_is_asked_again_in_turn(self, way: Way):
        web_page = response(b"<html><h1>503</h1></html>", "503 Service Unavailable", "Content-Type: text/html")
        async with scripted(web_page, response(spelt())) as served:
            reading = await look(served.url, way)
            unknown(reading, "its page answered 503 Service Unavailable")
            assert "<" not in reading.message
            assert (await look(served.url, way)).status.is_good


class TestWhatIsNoPage:
    @pytest.mark.parametrize(
        ("body", "words"),
        [
            (b"", "an empty page"),
            (b" \r\n\t", "an empty page"),
            (b"<!DOCTYPE html><title>Log in</title>", "a web page came where data should be"),
            (b"\xef\xbb\xbf<html>", "a web page"),
            (spelt()[:-20], "broken off"),
            (b'{"error": {"message": "quota of \\u001b[31mred spent"}}', "quota of"),
            (b"Service unavailable", "something else than JSON"),
            (b"[" * 100_000, "broken off"),
            (b'"well"', "not of the shape"),
            (b"\xff\xfe\x00", "text that it says it is"),
            (b'{"status": "caf\xe9"}', "not UTF-8 text"),
        ],
    )
    async def test_is_unknown_with_the_reason(self, body: bytes, words: str, way: Way):
        async with scripted(response(body)) as served:
            unknown(await look(served.url, way), words)

    @pytest.mark.parametrize("status", ["204 No Content", "201 Created", "404 Not Found", "401 No", "500 Oops"])
    async def test_neither_is_any_answer_but_200(self, status: str, way: Way):
        async with scripted(response(b"" if status.startswith("204") else spelt(), status)) as served:
            unknown(await look(served.url, way), f"its page answered {status}")

    async def test_a_body_that_is_cut_off_is_unknown(self, way: Way):
        async with scripted(response(spelt())[:-10]) as served:
            unknown(await look(served.url, way), "closed in the middle of the body")

    async def test_nobody_who_listens_is_unknown_too(self, way: Way):
        async with answering() as served:
            pass
        unknown(await look(served.url, way), "refused")

    async def test_more_than_8_mb_are_not_read(self, way: Way):
        async with scripted(response(b" " * 9_000_000)) as served:
            unknown(await look(served.url, way), "larger than 8 MB")

    async def test_almost_8_mb_are_read(self, way: Way):
        body = spelt(filling="x" * 8_000_000)
        async with scripted(response(body)) as served:
            assert (await look(served.url, way)).status.is_good

    async def test_a_byte_now_and_then_runs_into_the_deadline(self, way: Way):
        async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await head_of(reader)
            writer.write(response(spelt())[:100])
            gone = asyncio.ensure_future(reader.read())
            while not (await asyncio.wait([gone], timeout=0.02))[0]:
                writer.write(b" ")

        async with serving(drip) as served:
            unknown(await look(served.url, replace(way, timeout=0.2)), "200 ms")


class TestLetters:
    @pytest.mark.parametrize("charset", ["", "utf-8", "iso-8859-1", "utf-16", "windows-1251", "no-such-thing"])
    async def test_utf_8_is_read_whatever_the_header_says(self, charset: str, way: Way):
        header = f"Content-Type: application/json{f'; charset={charset}' if charset else ''}"
        body = json.dumps(json.loads(minor("naïve 東京")), ensure_ascii=False).encode()
        async with scripted(response(body, "200 OK", header)) as served:
            assert (await look(served.url, way)).message == "naïve 東京"

    async def test_what_is_not_utf_8_is_read_as_its_header_says(self, way: Way):
        body = json.dumps(json.loads(minor("naïve")), ensure_ascii=False).encode("latin-1")
        async with scripted(response(body, "200 OK", "Content-Type: text/json; charset=iso-8859-1")) as served:
            assert (await look(served.url, way)).message == "naïve"

    async def test_what_is_neither_is_unknown(self, way: Way):
        body = json.dumps(json.loads(minor("naïve")), ensure_ascii=False).encode("latin-1")
        async with scripted(response(body, "200 OK", "Content-Type: text/json; charset=utf-8")) as served:
            unknown(await look(served.url, way), "utf-8")

    @pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32", "utf-16-be", "utf-16-le"])
    async def test_a_mark_at_its_beginning_says_how_to_read_it(self, codec: str, way: Way):
        mark = "\ufeff" if codec.endswith(("be", "le")) else ""
        body = (mark + minor("naïve").decode()).encode(codec)
        async with scripted(response(body, "200 OK", "Content-Type: text/json; charset=utf-8")) as served:
            assert (await look(served.url, way)).message == "naïve"


class TestWhatIsKept:
    async def test_no_reading_is_ever_anothers(self, way: Way):
        """Two services that ask the same address for different things, and one that asks with another key."""
        async with scripted(response(b"well", "200 OK", 'ETag: "1"')) as served:
            found = [(await look(Counted(served.url, one), way)).message for one in ("x", "", "y")]
            assert (await look(Keyed(served.url), way)).message == "well"
        assert found == ["x well", "well", "y well"]
        assert not any(b"If-None-Match" in head for head in served.heard)

    async def test_options_that_hide_in_their_repr_make_another_check_all_the_same(self, way: Way):
        async with scripted(response(b"well", "200 OK", 'ETag: "1"')) as served:
            for hidden in ("one", "two"):
                assert (await look(Hiding(served.url, hidden=hidden), way)).message == f"{hidden} well"

    async def test_a_shelf_that_has_forgotten_costs_only_another_reading(self, way: Way):
        async with scripted(response(b"well", "200 OK", 'ETag: "1"')) as served:
            await look(Counted(served.url), way)
            for number in range(2000):
                way.net.shelf.put(number, None)
            assert (await look(Counted(served.url), way)).message == "well"
        assert [b"If-None-Match" in head for head in served.heard] == [False, False]


@dataclass(frozen=True, slots=True)
class Hiding(Counted):
    hidden: str = field(default="", repr=False)

    def read(self, document: Document) -> Said:
        return Said(Status.OPERATIONAL, f"{self.hidden} {document.text}")
