"""`freshness`: times in answers, changes between looks, files; on servers that serve what is asked for here."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.net.small import answering, response
from tui_monitor.checks.craft.age import Seen, digest_of, seen_again
from tui_monitor.checks.freshness import Freshness, Sight
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.net import Way, build_program
from tui_monitor.net.machine.file import Files

NOW = datetime(2026, 11, 20, 13, 48, tzinfo=UTC)
AT = NOW - timedelta(minutes=3)


async def sight_of(way: Way, body: bytes, *headers: str, status: str = "200 OK", **options: Any) -> Sight:
    async with answering(response(body, status, *headers)) as served:
        return await Freshness(1800, served.url, **options).look(way)


async def read(way: Way, body: Any, *headers: str, status: str = "200 OK", memo: str = "", **options: Any) -> Reading:
    """What a look at this body says, had it been taken at NOW."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    sight = await sight_of(way, sent, *headers, status=status, **options)
    return Freshness(1800, "http://x/", **options).judge(replace(sight, now=NOW, memo=memo))


# -- a time in the answer -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "status", "cause", "message"),
    [
        (0, Status.OPERATIONAL, "", "computed 0 ms ago"),
        (180, Status.OPERATIONAL, "", "computed 3 m ago"),
        (1200, Status.OPERATIONAL, "", "computed 20 m ago"),
        (1201, Status.DEGRADED, "old", "computed 20 m ago, over 20 m"),
        (1800, Status.DEGRADED, "old", "computed 30 m ago, over 20 m"),
        (2700, Status.MAJOR, "stale", "computed 45 m ago, over 30 m"),
        (86400 * 400, Status.MAJOR, "stale", "computed 400 d 0 h ago, over 30 m"),
        (-60, Status.OPERATIONAL, "", "computed 0 ms ago"),
        (-61, Status.UNKNOWN, "ahead", "its time is 1 m 01 s ahead of our clock: a clock or a time zone is wrong"),
    ],
)
async def test_an_age_is_judged_by_its_bounds(way: Way, age: int, status: Status, cause: str, message: str):
    at = (NOW - timedelta(seconds=age)).isoformat()
    reading = await read(way, {"computed_time": at}, json="computed_time", warn_after=1200)
    assert (reading.status, reading.cause, reading.message) == (status, cause, message)
    assert reading.measures == (Measure("age", float(age), "s"),)
    assert reading.latency is not None


async def test_what_stale_data_mean_can_be_chosen(way: Way):
    reading = await read(way, {"t": "2020-01-01T00:00:00Z"}, json="t", otherwise="partial")
    assert (reading.status, reading.cause) == (Status.PARTIAL, "stale")


async def test_a_time_lies_where_a_path_leads(way: Way):
    body = {"jobs": [{"name": "a", "at": "2020-01-01"}, {"name": "b", "at": AT.timestamp() * 1000}]}
    assert (await read(way, body, json="jobs[?name=='b'].at | [0]")).message == "computed 3 m ago"
    assert (await read(way, body, json="max_by(jobs[?name=='b'], &at).at")).status is Status.OPERATIONAL


async def test_a_time_lies_in_a_header(way: Way):
    modified = f"Last-Modified: {format_datetime(AT, usegmt=True)}"
    assert (await read(way, b"x", modified, header="last-modified")).message == "dated 3 m ago"
    absent = await read(way, b"x", header="Last-Modified")
    assert (absent.status, absent.cause) == (Status.MAJOR, "unset")
    assert absent.message == "the header Last-Modified is missing or not set"


@pytest.mark.parametrize("value", [None, "", "0001-01-01T00:00:00Z", 0])
async def test_no_time_at_all_is_as_bad_as_a_stale_one(way: Way, value: Any):
    reading = await read(way, {"t": value}, json="t", otherwise="degraded")
    assert (reading.status, reading.cause, reading.message) == (Status.DEGRADED, "unset", "t is missing or not set")


async def test_a_time_that_cannot_be_read_tells_nothing(way: Way):
    reading = await read(way, {"t": "\x1bsoon\n"}, json="t")
    assert (reading.status, reading.cause) == (Status.UNKNOWN, "unreadable")
    assert reading.message == "t: 'soon' is not a time that can be read"


async def test_a_time_without_a_zone_is_of_the_zone_that_is_given(way: Way):
    body = {"t": "2026-11-20 14:45:00"}
    assert (await read(way, body, json="t", timezone="Europe/Paris")).message == "computed 3 m ago"
    assert (await read(way, body, json="t")).cause == "ahead"


async def test_a_time_of_a_format_of_its_own(way: Way):
    assert (await read(way, {"t": "20/11/26 13.45"}, json="t", format="%d/%m/%y %H.%M")).message == "computed 3 m ago"


async def test_an_answer_that_is_an_error_is_told_as_such(way: Way):
    reading = await read(way, {"t": AT.isoformat()}, status="503 Busy", json="t")
    assert (reading.status, reading.cause) == (Status.MAJOR, "status:503")


@pytest.mark.parametrize("body", [b"<html>", b"", b"{", b"[" * 100_000])
async def test_a_body_that_is_no_json_is_told_as_such(way: Way, body: bytes):
    reading = await read(way, body, json="t")
    assert (reading.status, reading.cause) == (Status.MAJOR, "body")
    assert reading.message == "the body is not the JSON that was expected"


async def test_a_body_that_is_not_whole_tells_nothing(way: Way):
    for options in ({"json": "t"}, {"changes": True}):
        reading = await read(way, {"t": "x" * 500}, max_body=100, **options)
        assert (reading.status, reading.cause) == (Status.UNKNOWN, "unreadable"), options


async def test_who_asks_is_said_as_in_http(way: Way):
    async with answering(response(b'{"t": 1}')) as served:
        check = Freshness(60, served.url, json="t", method="POST", body="q", headers={"X-Key": Secret("k-123")})
        await check.look(way)
    assert served.heard[0].startswith(b"POST / HTTP/1.1")
    assert b"X-Key: k-123" in served.heard[0]
    assert "k-123" not in repr(check)


# -- changes --------------------------------------------------------------------------------------------------------


async def test_the_first_look_starts_the_clock(way: Way):
    reading = await read(way, {"t": "v1"}, json="t", changes=True)
    assert (reading.status, reading.message) == (Status.OPERATIONAL, "a new value")
    assert json.loads(reading.memo) == {"value": digest_of("v1"), "since": "2026-11-20T13:48:00Z", "version": 1}


@pytest.mark.parametrize(
    ("minutes", "status", "message"),
    [
        (12, Status.OPERATIONAL, "unchanged for 12 m"),
        (25, Status.DEGRADED, "unchanged for 25 m, over 20 m"),
        (30, Status.DEGRADED, "unchanged for 30 m, over 20 m"),
        (45, Status.MAJOR, "unchanged for 45 m, over 30 m"),
    ],
)
async def test_what_has_not_changed_for_long_is_stale(way: Way, minutes: int, status: Status, message: str):
    memo = Seen(digest_of("v1"), NOW - timedelta(minutes=minutes)).spell()
    reading = await read(way, {"t": "v1"}, json="t", changes=True, warn_after=1200, memo=memo)
    assert (reading.status, reading.message) == (status, message)
    assert reading.memo == memo
    assert reading.measures == (Measure("age", minutes * 60.0, "s"),)


async def test_a_change_makes_it_fresh_again(way: Way):
    memo = Seen(digest_of("v1"), NOW - timedelta(days=3)).spell()
    reading = await read(way, {"t": "v2"}, json="t", changes=True, memo=memo)
    assert (reading.status, reading.message) == (Status.OPERATIONAL, "a new value")
    assert seen_again(reading.memo, digest_of("v2"), NOW + timedelta(hours=1)).since == NOW


async def test_a_failing_look_between_does_not_count_as_a_change(way: Way):
    memo = Seen(digest_of("v1"), NOW - timedelta(hours=1)).spell()
    for body, status in (({"t": "v1"}, "503 No"), (b"<html>", "200 OK"), ({}, "200 OK")):
        between = await read(way, body, status=status, json="t", changes=True, memo=memo)
        assert between.status.is_bad
        assert between.memo == "", "what was remembered stays"


async def test_the_whole_body_or_a_header_may_be_what_changes(way: Way):
    one = await read(way, b"\xff\x00 one", changes=True)
    assert (await read(way, b"\xff\x00 one", changes=True, memo=one.memo)).memo == one.memo
    assert (await read(way, b"\xff\x00 two", changes=True, memo=one.memo)).memo != one.memo
    tag = await read(way, b"x", 'ETag: "a"', header="etag", changes=True)
    assert (await read(way, b"y", 'ETag: "a"', header="etag", changes=True, memo=tag.memo)).memo == tag.memo
    assert (await read(way, b"x", header="etag", changes=True, memo=tag.memo)).cause == "unset"


async def test_a_packed_body_is_compared_as_it_is_unpacked(way: Way):
    coded = "Content-Encoding: gzip"
    one = await read(way, gzip.compress(b"same", mtime=1), coded, changes=True)
    assert (await read(way, gzip.compress(b"same", mtime=2), coded, changes=True, memo=one.memo)).memo == one.memo
    broken = await read(way, b"\x1f\x8bnothing", coded, changes=True)
    assert (broken.status, broken.cause) == (Status.MAJOR, "body")


@pytest.mark.parametrize("value", [1, 1.5, "1", True, [], [1, {"a": None}], {"a": {"b": [1]}}, "é\ud800"])
def test_any_json_value_is_told_from_every_other(value: Any):
    assert digest_of(value) == digest_of(json.loads(json.dumps(value)))
    assert digest_of(value) != digest_of([value])
    assert digest_of(1) != digest_of("1") != digest_of(True)


def test_a_value_that_is_nested_too_deeply_is_no_value():
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(ValueError, match="nested too deeply"):
        digest_of(value)


def test_the_order_of_keys_is_no_change():
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})


def test_a_clock_that_went_back_begins_anew_instead_of_never():
    ahead = Seen("v", NOW + timedelta(days=365)).spell()
    assert seen_again(ahead, "v", NOW).since == NOW


@pytest.mark.parametrize(
    "memo",
    ["", "x", "[]", "{}", "null", '"a"', '{"value": "v", "since": "yesterday"}', '{"value": "v", "since": 7}',
     '{"value": "v", "since": "2026-11-20T13:00:00"}',
     '{"value": "v", "since": "2026-11-20T13:00:00Z", "version": 2}'],
)  # fmt: skip
def test_a_memo_that_is_not_ours_begins_anew(memo: str):
    assert seen_again(memo, "v", NOW) == Seen("v", NOW)


# -- files ----------------------------------------------------------------------------------------------------------


async def test_a_file_is_as_old_as_its_last_writing(way: Way, tmp_path):
    file = tmp_path / "backup.tar"
    file.write_bytes(b"x")
    written = datetime.now(UTC) - timedelta(hours=2)
    os.utime(file, (written.timestamp(), written.timestamp()))
    check = Freshness(3600, path="backup.tar")
    reading = check.judge(await check.look(way))
    assert (reading.status, reading.message) == (Status.MAJOR, "written 2 h 00 m ago, over 1 h 00 m")
    assert (reading.latency, reading.memo) == (None, "")
    assert Freshness(10_000, path=str(file)).judge(await check.look(way)).status is Status.OPERATIONAL


async def test_a_file_that_is_not_there_is_an_outage_and_one_that_is_not_for_us_is_unknown(way: Way, tmp_path):
    (tmp_path / "plain").write_text("x")
    for path in ("none", "plain/below"):
        with pytest.raises(Unreachable, match="no such file") as caught:
            await Freshness(1, path=path).look(way)
        assert caught.value.cause == "missing"
    (tmp_path / "loop").symlink_to("loop")
    for path in ("loop", "a\0b", "x" * 5000):
        with pytest.raises(Unreadable, match="cannot be looked at"):
            await Freshness(1, path=path).look(way)


@pytest.fixture
def frozen(way: Way, tmp_path: Path) -> Iterator[list[str]]:
    """A file system on which every look at a file hangs but at one, `well`; the files that were looked at."""
    thaw, looked = threading.Event(), list[str]()

    def stat(path: Path) -> os.stat_result:
        looked.append(path.name)
        if path.name != "well":
            thaw.wait()
        return os.stat(path)

    (tmp_path / "well").write_text("x")
    way.net.files = Files(tmp_path, stat)
    yield looked
    thaw.set()


async def test_a_file_system_that_hangs_is_left_at_the_deadline_and_holds_one_thread(way: Way, frozen: list[str]):
    for _ in range(20):
        with pytest.raises(Unreachable, match="did not answer within 10 ms"):
            await Freshness(1, path="x").look(Way(way.net, 0.01))
    assert frozen == ["x"]
    assert (await Freshness(1, path="well").look(way)).came


async def test_where_every_thread_hangs_the_others_are_unknown_and_nothing_else_waits(way: Way, frozen: list[str]):
    short = Way(way.net, 0.01)
    for number in range(16):
        with pytest.raises(Unreachable):
            await Freshness(1, path=f"x{number}").look(short)
    with pytest.raises(Unreadable, match="no thread was free to look at the file"):
        await Freshness(1, path="well").look(short)
    async with asyncio.timeout(5):
        assert await way.run(os.getpid) == os.getpid()
        assert (await way.net.execute(build_program(["true"]), 5)).code == 0


# -- options --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "exactly one of url and path"),
        ({"url": "http://x/", "path": "y"}, "exactly one of url and path"),
        ({"path": "y", "json": "z"}, "path goes by"),
        ({"path": "y", "changes": True}, "path goes by"),
        ({"url": "http://x/"}, "url alone"),
        ({"url": "http://x/", "json": "a", "header": "b"}, "json and header are two"),
        ({"url": "http://x/", "header": "Last Modified"}, "^header: .Last Modified. is not the name of a header"),
        ({"url": "http://x/", "json": "a["}, "json: 'a\\[' is not a JMESPath"),
        ({"url": "x", "json": "a"}, "url: the URL must begin"),
        ({"path": "y", "timezone": "Paris"}, "timezone: 'Paris' is not a time zone"),
        ({"path": "y", "format": "%H"}, "format: '%H' is not a format"),
        ({"path": "y", "stale_after": 0}, "stale_after must be more than nothing"),
        ({"path": "y", "warn_after": 60}, "warn_after must be .* less than stale_after"),
        ({"path": "y", "warn_after": 0}, "warn_after must be"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], text: str):
    with pytest.raises(ValueError, match=text):
        Freshness(**{"stale_after": 60, **options})
