"""`domain` from the outside: lists and registries on the loopback, in order, moved, lying, and talking nonsense."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.net.small import Served, head_of, response, serving
from tests.net.test_tls import authority, server_side
from tui_monitor.checks.domain import Domain
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.model import Reading
from tui_monitor.core.status import Status
from tui_monitor.net import Net, Way
from tui_monitor.net.protocols.rdap import Registration

NAME = "example.test"
UNTIL = datetime(2030, 6, 1, 4, tzinfo=UTC)
HTML = response(b"<html><body>Please sign in</body></html>", "200 OK", "Content-Type: text/html")


def registered(until: str | None = "2030-06-01T04:00:00Z", *states: str, **other: Any) -> bytes:
    """The answer of a registry, with what registries say beside what is asked for."""
    events = [{"eventAction": "registration", "eventDate": "1995-08-14T04:00:00Z"}, "nonsense"]
    if until is not None:
        events.append({"eventAction": "expiration", "eventDate": until})
    said = {"objectClassName": "domain", "ldhName": NAME.upper(), "events": events, "status": ["active", *states]}
    return response(json.dumps({**said, "notices": [{"title": "Terms"}], **other}).encode())


def listing(*urls: str, top: str = "test") -> bytes:
    services = [[["com", "net"], ["https://rdap.invalid/com/"]], [[top.upper()], list(urls)]]
    return response(json.dumps({"version": "1.0", "services": services}).encode())


def moved(location: str, status: str = "302 Found") -> bytes:
    return response(b"", status, f"Location: {location}")


@dataclass
class Town:
    """A web server that has an answer for each path."""

    served: Served
    says: dict[str, bytes | Callable[[], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def list(self) -> str:
        return f"{self.served.url}dns.json"

    @property
    def base(self) -> str:
        return f"{self.served.url}rdap/"

    def settle(self, answer: bytes) -> None:
        """A list that leads to a registry that says this."""
        self.says = {"/dns.json": listing(self.base), f"/rdap/domain/{NAME}": answer}


@asynccontextmanager
async def town(tls: Any = None) -> AsyncIterator[Town]:
    made = Town(Served())

    async def handle(reader: Any, writer: Any) -> None:
        path = (await head_of(reader)).split(b" ")[1].decode()
        made.asked.append(path)
        writer.write(made.says.get(path, response(b"", "404 Not Found")))

    async with serving(handle, tls) as served:
        made.served = served
        yield made


async def look(way: Way, place: Town, memo: str = "", **options: object) -> Reading:
    check = Domain(NAME, bootstrap=place.list, **options)
    return check.judge(await check.look(replace(way, memo=memo)))


async def fail(way: Way, place: Town, memo: str = "", **options: object) -> Unreachable | Unreadable:
    with pytest.raises((Unreachable, Unreadable)) as caught:
        await look(way, place, memo, **options)
    assert str(caught.value).isprintable()
    assert way.net.places == 20
    return caught.value


def judged(left: float | None, *states: str, **options: object) -> Reading:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    until = at + timedelta(days=left) if left is not None else None
    return Domain(NAME, **options).judge(Registration(at, until=until, states=states, memo="m"))


# -- finding the registry -------------------------------------------------------------------------------------------


async def test_the_list_leads_to_the_registry_which_is_then_remembered(way: Way):
    async with town() as place:
        place.settle(registered())
        first = await look(way, place)
        again = await look(way, place, first.memo)
    assert place.asked == ["/dns.json", f"/rdap/domain/{NAME}", f"/rdap/domain/{NAME}"]
    assert first.status is again.status is Status.OPERATIONAL
    assert first.message.endswith("(on 2030-06-01)")
    assert first.memo == again.memo == f"{datetime.now(UTC):%Y-%m-%d} test {place.base}"


@pytest.mark.parametrize(
    "memo",
    [
        "{old} test {base}",
        "{late} test {base}",
        "{now} org {base}",
        "{now} test not-an-address",
        "{now} test",
        "nonsense",
    ],
)
async def test_what_is_old_or_cannot_be_used_is_not_what_is_gone_by(memo: str, way: Way):
    now = datetime.now(UTC)
    days = {"old": now - timedelta(days=8), "late": now + timedelta(days=2), "now": now}
    async with town() as place:
        place.settle(registered())
        spelt = {name: f"{moment:%Y-%m-%d}" for name, moment in days.items()}
        reading = await look(way, place, memo.format(base=place.base, **spelt))
    assert place.asked[0] == "/dns.json"
    assert reading.memo.startswith(spelt["now"])


async def test_a_registry_that_has_moved_is_looked_up_again(way: Way):
    memo = f"{datetime.now(UTC):%Y-%m-%d} test "
    async with town() as gone:
        pass
    async with town() as place:
        place.settle(registered())
        for before in (gone.base, f"{place.served.url}before"):
            reading = await look(way, place, memo + before)
            assert (reading.status, reading.memo) == (Status.OPERATIONAL, memo + place.base)


async def test_a_list_that_cannot_be_had_does_no_harm_while_something_is_remembered(way: Way):
    memo = "2020-01-01 test "
    async with town() as place:
        place.says = {f"/rdap/domain/{NAME}": registered()}
        reading = await look(way, place, memo + place.base)
    assert (reading.status, reading.memo) == (Status.OPERATIONAL, memo + place.base)
    assert place.asked == ["/dns.json", f"/rdap/domain/{NAME}"]


async def test_a_server_that_is_given_is_asked_and_nobody_else(way: Way):
    async with town() as place:
        place.settle(registered())
        reading = await look(way, place, "2020-01-01 test http://127.0.0.1:1/", server=f"{place.served.url}rdap")
        assert (reading.status, reading.memo) == (Status.OPERATIONAL, "")
        place.settle(response(b"", "500 No"))
        assert "answered 500" in str(await fail(way, place, server=f"{place.served.url}rdap"))
    assert place.asked == [f"/rdap/domain/{NAME}"] * 2


async def test_the_longest_part_of_the_tree_and_the_safest_address_count(way: Way):
    services = [
        [["test"], ["http://127.0.0.1:1/"]],
        [["Example.Test"], [7, "http://127.0.0.1:2/", "HTTPS://x.invalid/"]],
    ]
    async with town() as place:
        place.says["/dns.json"] = response(json.dumps({"services": [*services, 3, [[]], [4, 5]]}).encode())
        check = Domain("shop.example.test", bootstrap=place.list)
        net = Net(resolve=lambda host: [], places=20)
        with pytest.raises(Unreachable, match=r"x\.invalid cannot be asked: the name does not exist"):
            await check.look(Way(net, 5.0))
        await net.close()


async def test_a_part_of_the_tree_without_rdap_can_tell_nothing(way: Way):
    async with town() as place:
        place.says["/dns.json"] = listing(place.base, top="de")
        error = await fail(way, place)
    assert isinstance(error, Unreadable)
    assert str(error) == f"no registry offers RDAP for .test, so that nothing can be told of {NAME}"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (response(b"", "503 No"), "the list of registries cannot be had: 127.0.0.1 answered 503"),
        (HTML, "the list of registries cannot be read: it is no JSON"),
        (response(b"[]"), "the list of registries cannot be read: it is no JSON"),
        (response(b"{}"), "the list of registries cannot be read: it names none"),
        (response(b"[" * 100_000), "the list of registries cannot be read"),
        (response(b" " * (1 << 20) + b"{}"), "the list of registries is larger than is read here"),
        (listing("ftp://x.invalid/"), "the address of the registry of .test cannot be used"),
        (listing("http://a b/"), "the address of the registry of .test cannot be used"),
        (listing("http://x.invalid/" + "x" * 600), "no registry offers RDAP for .test"),
    ],
)
async def test_a_list_of_no_use_is_unknown_with_a_sentence(said: bytes, text: str, way: Way):
    async with town() as place:
        place.says["/dns.json"] = said
        error = await fail(way, place)
    assert isinstance(error, Unreadable)
    assert text in str(error)


async def test_nobody_there_is_told_with_whom_we_asked(way: Way):
    async with town() as place:
        pass
    error = await fail(way, place)
    assert isinstance(error, Unreachable)
    assert (error.cause, str(error)) == ("refused", "127.0.0.1 cannot be asked: the connection was refused")


# -- redirects ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_a_registry_may_send_us_to_another_host(status: str, way: Way):
    async with town() as place, town() as other:
        other.says = {"/there": registered()}
        place.settle(moved(f"http://localhost:{other.served.port}/there", status))
        reading = await look(way, place)
    assert (reading.status, other.asked) == (Status.OPERATIONAL, ["/there"])
    assert reading.memo.endswith(place.base), "the next look begins where the list says"


async def test_a_list_may_send_us_elsewhere_too(way: Way):
    async with town() as place:
        place.settle(registered())
        place.says["/list"], place.says["/dns.json"] = place.says["/dns.json"], moved("/list", "301 Moved")
        assert (await look(way, place)).status is Status.OPERATIONAL


async def test_tls_leads_to_another_host_by_tls_and_never_without(way: Way, tmp_path):
    tls = server_side(authority(tmp_path), "localhost")
    async with town(tls) as place, town(tls) as other, town() as plain:
        secure = f"https://localhost:{place.served.port}/rdap"
        other.says = plain.says = {"/there": registered()}
        place.settle(moved(f"https://localhost:{other.served.port}/there"))
        assert (await look(way, place, server=secure, ca="ca.pem")).status is Status.OPERATIONAL
        place.settle(moved(f"http://localhost:{plain.served.port}/there"))
        error = await fail(way, place, server=secure, ca="ca.pem")
        assert str(error) == "localhost leads to an address without TLS, where anybody could answer"
        place.says["/dns.json"] = listing(plain.base)
        listed = Domain(NAME, bootstrap=f"https://localhost:{place.served.port}/dns.json", ca="ca.pem")
        with pytest.raises(Unreadable, match="without TLS"):
            await listed.look(way)
    assert plain.asked == []


@pytest.mark.parametrize("location", ["/rdap/domain/example.test", "/round"])
async def test_redirects_end_somewhere(location: str, way: Way):
    async with town() as place:
        place.settle(moved(location))
        place.says["/round"] = moved("/rdap/domain/example.test")
        error = await fail(way, place)
    assert str(error) == "one address led to the next without end"
    assert len(place.asked) == 8


@pytest.mark.parametrize("location", ["ftp://x.invalid/", "http://user:x@h.invalid/", "http://[::1/", "//h:0/"])
async def test_a_redirect_to_nowhere_is_unknown(location: str, way: Way):
    async with town() as place:
        place.settle(moved(location))
        error = await fail(way, place)
    assert isinstance(error, Unreadable)
    assert "the redirect of 127.0.0.1 cannot be followed" in str(error)


async def test_one_time_holds_for_all_that_is_asked(way: Way):
    async def stall(reader: Any, writer: Any) -> None:
        await reader.read()

    async with town() as place, serving(stall) as silent:
        place.settle(moved(silent.url))
        error = await fail(Way(way.net, 0.1), place)
    assert isinstance(error, Unreachable)
    assert error.cause == "timeout"


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine is in Tokyo, and no registry cares."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


# -- what a registry says -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("until", ["2030-06-01T04:00:00Z", "2030-06-01T06:00:00.0+02:00", "2030-06-01T04:00:00"])
async def test_the_end_is_read_as_registries_write_it(until: str, way: Way, far_east: None):
    async with town() as place:
        place.settle(registered(until))
        sight = await Domain(NAME, bootstrap=place.list).look(way)
    assert sight.until == UNTIL


async def test_of_several_ends_the_first_counts(way: Way):
    late = {"eventAction": "expiration", "eventDate": "2040-01-01T00:00:00Z"}
    soon = {"eventAction": "expiration", "eventDate": "2030-06-01T04:00:00Z"}
    async with town() as place:
        place.settle(registered(None, events=[late, soon]))
        assert (await Domain(NAME, bootstrap=place.list).look(way)).until == UNTIL


@pytest.mark.parametrize("until", [None, "soon", "", "9999-99-99", "0001-01-01T00:00:00+14:00", 7, None])
async def test_a_registry_that_does_not_say_until_when_leaves_it_unknown(until: Any, way: Way):
    async with town() as place:
        place.settle(registered(until))
        reading = await look(way, place)
    assert (reading.status, reading.cause) == (Status.UNKNOWN, "unreadable")
    assert reading.message == f"its registry does not say until when {NAME} is registered"


@pytest.mark.parametrize("body", [b"", b'{"errorCode": 404, "title": "Not Found"}'])
async def test_a_name_that_nobody_has_registered_is_down(body: bytes, way: Way):
    async with town() as place:
        place.settle(response(body, "404 Not Found"))
        reading = await look(way, place)
    assert (reading.status, reading.cause) == (Status.MAJOR, "unregistered")
    assert reading.message == f"nobody has registered {NAME}"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (response(b"<html>404</html>", "404 Not Found"), "it is no JSON as RDAP has it"),
        (response(b"", "429 Slow down"), "answered 429: it wants to be asked less often"),
        (response(b"", "500 No"), "the registry (127.0.0.1) answered 500"),
        (HTML, "it is no JSON as RDAP has it"),
        (response(b'"text"'), "it is no JSON as RDAP has it"),
        (response(b"\xff\xfe{}"), "it is no JSON as RDAP has it"),
        (response(b"{}"), "is about no domain"),
        (registered(objectClassName="entity"), "is about no domain"),
        (registered(ldhName="other.test"), "is about another name"),
        (registered(ldhName={"a": "\x1b[31m"}), "is about another name"),
        (registered(padding="x" * (1 << 20)), "is larger than is read here"),
    ],
)
async def test_an_answer_of_no_use_is_unknown_with_a_sentence(said: bytes, text: str, way: Way):
    async with town() as place:
        place.settle(said)
        error = await fail(way, place)
    assert isinstance(error, Unreadable)
    assert text in str(error)


@pytest.mark.parametrize("states", [["clientHold"], ["client hold"], ["Client Hold", 7, None]])
async def test_states_are_known_however_they_are_spelt(states: list[Any], way: Way):
    async with town() as place:
        place.settle(registered(status=states))
        reading = await look(way, place)
    assert (reading.status, reading.cause) == (Status.MAJOR, "states:clienthold")


# -- what is made of it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "states", "status", "cause"),
    [
        (400, [], Status.OPERATIONAL, ""),
        (20, [], Status.DEGRADED, "expires:2026-03-21:30d"),
        (0.5, [], Status.MAJOR, "expires:2026-03-01:1d"),
        (-3, [], Status.MAJOR, "expired:2026-02-26"),
        (400, ["clienthold"], Status.MAJOR, "states:clienthold"),
        (400, ["inactive"], Status.PARTIAL, "states:inactive"),
        (-3, ["inactive"], Status.MAJOR, "expired:2026-02-26"),
        (-40, ["pendingdelete", "redemptionperiod"], Status.MAJOR, "states:redemptionperiod,pendingdelete"),
        (None, ["serverhold"], Status.MAJOR, "states:serverhold"),
    ],
)
def test_the_worse_of_its_end_and_its_state_is_told(left: float, states: list[str], status: Status, cause: str):
    reading = judged(left, *states)
    assert (reading.status, reading.cause, reading.memo) == (status, cause, "m")
    assert reading.milestone is status.is_bad


def test_what_is_wrong_is_said_in_words():
    assert judged(400, "clienthold").message == (
        "example.test was taken out of the DNS by its registrar (client hold); "
        "the registration of example.test expires in 400 days (on 2027-04-05)"
    )
    assert judged(None, "serverhold").message == "example.test was taken out of the DNS by its registry (server hold)"
    assert judged(12).message == "the registration of example.test expires in 12 days (on 2026-03-13)"
    assert "is about to be deleted (pending delete)" in judged(-40, "redemptionperiod", "pendingdelete").message


def test_it_is_looked_at_once_a_day_and_believed_at_once():
    assert Domain.usual["every"] == 86_400.0
    assert Domain.usual["down_after"] == Domain.usual["up_after"] == 1


def test_a_name_of_another_script_is_asked_for_as_registries_know_it():
    assert Domain("Bücher.example").asked.name == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"name": "com"}, "^name: 'com' is not a name that somebody can register"),
        ({"name": "192.0.2.1"}, "^name: '192.0.2.1' is not a name"),
        ({"name": "a b.test"}, "^name: the host name has ' ' in it"),
        ({"days": ()}, "^days: "),
        ({"server": "rdap.example"}, "^server: the URL must begin with"),
        ({"bootstrap": "ftp://x"}, "^bootstrap: the URL must begin with"),
    ],
)
def test_what_cannot_be_meant_is_refused_under_the_name_of_the_option(options: dict, text: str):
    with pytest.raises(ValueError, match=text):
        Domain(**{"name": NAME, **options})
