"""`dns` from the outside: against BIND with zones of its own, and against small servers that lie."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.net.nameservers import AUTHENTIC, CUT, another_question, answer, asking, free_port, named
from tests.net.small import serving
from tui_monitor.checks.dns import Dns
from tui_monitor.core.errors import Unreachable
from tui_monitor.core.model import Measure, Phases, Reading
from tui_monitor.core.status import Status
from tui_monitor.net import Found, Net, Records, Way, build_question
from tui_monitor.net.names import Address
from tui_monitor.net.protocols.records import read_records

bind = pytest.mark.service("named")

UNWANTED = {"expect_rcode": "NXDOMAIN"}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with named(tmp_path_factory.mktemp("named")) as port:
        yield port


async def look(way: Way, port: int, name: str = "www.example.test", **options: object) -> Reading:
    check = Dns(name, **{"server": f"127.0.0.1:{port}", **options})
    return check.judge(await check.look(way))


async def refuse(way: Way, port: int, **options: object) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        await look(way, port, **options)
    assert way.net.places == 20
    return caught.value


def seen(*answers: str, took: float = 0.01, **options: object) -> Reading:
    said = {name: options.pop(name) for name in ("rcode", "authentic", "alias") if name in options}
    records = Records(said.pop("rcode", "NOERROR"), answers, 300 if answers else None, **said)
    return Dns("a.test", **options).judge(Found(records, "127.0.0.1", Phases(total=took)))


# -- a real name server ---------------------------------------------------------------------------------------------


@bind
@pytest.mark.parametrize("protocol", ["udp", "tcp"])
@pytest.mark.parametrize("server", ["127.0.0.1:{port}", "[::1]:{port}", "localhost:{port}"])
async def test_a_name_that_is_there_is_well(protocol: str, server: str, port: int, way: Way):
    reading = await look(way, port, server=server.format(port=port), protocol=protocol)
    assert (reading.status, reading.message, reading.cause) == (Status.OPERATIONAL, "192.0.2.1, 192.0.2.2", "")
    assert reading.measures == (Measure("answers", 2), Measure("ttl", 300, "s"))
    assert 0 < reading.phases.first_byte <= reading.phases.total == reading.latency
    assert (reading.phases.dns > 0) is server.startswith("localhost")
    assert (reading.phases.connect > 0) is (protocol == "tcp")
    assert way.net.places == 20


@bind
@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("www.example.test", "A", ["192.0.2.2", "192.0.2.1"]),
        ("WWW.Example.Test.", "aaaa", ["2001:0DB8::0001"]),
        ("alias.example.test", "CNAME", ["www.EXAMPLE.test"]),
        ("far.example.test", "A", ["192.0.2.1", "192.0.2.2"]),
        ("example.test", "MX", ["10 mail.example.test", "20 Mail2.example.test."]),
        ("example.test", "NS", ["ns1.example.test", "ns2.example.test"]),
        ("example.test", "TXT", ["v=spf1 -all"]),
        ("text.example.test", "TXT", ["one and two"]),
        ("text.example.test", "TXT", ['"one" " and two"']),
        ("example.test", "SOA", ["ns1.example.test hostmaster.example.test 2026030100 3600 600 86400 60"]),
        ("_sip._tcp.example.test", "SRV", ["5 10 5060 SIP.example.test"]),
        ("example.test", "CAA", ["0 issue ca.example"]),
        ("child.example.test", "DS", ["12345 13 2 " + "0123456789abcdef" * 4]),
        ("192.0.2.1", "PTR", ["www.example.test"]),
        ("1.2.0.192.in-addr.arpa", "PTR", ["www.example.test"]),
    ],
)
async def test_records_of_each_type_are_compared_by_what_they_mean(
    name: str, kind: str, expected: list[str], port: int, way: Way
):
    reading = await look(way, port, name, type=kind, expect=tuple(expected), exactly=True)
    assert (reading.status, reading.cause) == (Status.OPERATIONAL, "")


@bind
@pytest.mark.parametrize(
    ("name", "options", "cause", "text"),
    [
        ("no.example.test", {}, "rcode:NXDOMAIN", "the name does not exist (NXDOMAIN)"),
        ("x.broken.test", {}, "rcode:SERVFAIL", "the name server could not find the answer (SERVFAIL)"),
        ("www.example.org", {}, "rcode:REFUSED", "the name server refuses to answer (REFUSED)"),
        ("www.example.test", {"type": "MX"}, "nodata", "the name has no MX record"),
        ("lonely.example.test", {}, "nodata", "the name stands for text.example.test, which has no A record"),
        (
            "www.example.test",
            {"expect_rcode": "NXDOMAIN"},
            "rcode:NOERROR",
            "the name exists (NOERROR), expected NXDOMAIN",
        ),
    ],
)
async def test_each_way_of_having_no_answer_has_its_own_sentence(
    name: str, options: dict, cause: str, text: str, port: int, way: Way
):
    first, second = [await look(way, port, name, **options) for _ in range(2)]
    assert (first.status, first.cause, first.message) == (Status.MAJOR, cause, text)
    assert (second.cause, way.net.places) == (cause, 20)


@bind
async def test_a_name_that_must_not_exist_is_well_while_it_does_not(port: int, way: Way):
    reading = await look(way, port, "no.example.test", expect_rcode="NXDOMAIN")
    assert (reading.status, reading.message) == (Status.OPERATIONAL, "the name does not exist (NXDOMAIN)")


@bind
async def test_an_answer_that_is_too_long_for_a_datagram_is_asked_for_by_tcp(port: int, way: Way):
    reading = await look(way, port, "big.example.test", type="TXT", minimum=30, expect=("29 " + "x" * 200,))
    assert reading.status is Status.OPERATIONAL
    assert reading.phases.connect > 0
    assert way.net.places == 20


@bind
@pytest.mark.service("uvloop")
def test_it_runs_on_another_loop_all_the_same(port: int, tmp_path):
    import uvloop

    async def main() -> None:
        net = Net(tmp_path, places=2)
        for protocol in ("udp", "tcp"):
            assert (await look(Way(net, 5.0), port, protocol=protocol)).status is Status.OPERATIONAL
        with pytest.raises(Unreachable):
            async with asking(lambda data: []) as silent:
                await look(Way(net, 0.05), silent.port)
        assert net.places == 2
        await net.close()

    uvloop.run(main())


# -- servers that lie, or do not answer -----------------------------------------------------------------------------


def liars(asked: bytes) -> list[bytes]:
    """Everything that looks like an answer and is none."""
    return [
        b"",
        b"\0" * 12,
        asked,
        answer(asked, "192.0.2.66", ident=1),
        another_question(asked),
        answer(asked, "192.0.2.66")[:-3],
        answer(asked, "192.0.2.66") + b"and more",
        asked[:2] + os.urandom(60),
        asked[:2] + b"\x81\x80" + os.urandom(5000),
        asked[:2] + b"\x81\x80" + bytes(8),
        asked[:2] + b"\x83\x80" + bytes(8),
        asked[:2] + b"\x01\x03" + asked[4:],
        asked[:2] + b"\xa9\x03" + asked[4:],
    ]


async def test_what_only_looks_like_an_answer_is_passed_over(way: Way):
    async with asking(lambda asked: [*liars(asked) * 3, answer(asked, "192.0.2.1")]) as server:
        reading = await look(way, server.port, expect=("192.0.2.1",), exactly=True)
    assert reading.status is Status.OPERATIONAL


async def test_where_nothing_else_comes_it_is_told_that_this_is_no_dns(way: Way):
    async with asking(liars) as server:
        error = await refuse(Way(way.net, 0.1), server.port)
    assert (error.cause, str(error)) == ("protocol", "it answers, but not in valid DNS")


async def test_silence_ends_at_the_deadline_after_three_tries(way: Way):
    async with asking(lambda asked: []) as server:
        error = await refuse(Way(way.net, 0.1), server.port)
    assert error.cause == "timeout"
    assert str(error) == f"no answer within 100 ms, still waiting for the name server 127.0.0.1:{server.port}"
    assert len(server.heard) == 3
    assert len(set(server.heard)) == 1, "the same question, so that an answer to any of them would do"


@pytest.mark.parametrize("lost", [1, 2])
async def test_a_datagram_that_is_lost_is_sent_again(lost: int, way: Way):
    def answers(asked: bytes) -> list[bytes]:
        return [answer(asked, "192.0.2.1")] if len(server.heard) > lost else []

    async with asking(answers) as server:
        assert (await look(Way(way.net, 0.3), server.port)).status is Status.OPERATIONAL
    assert len(server.heard) == lost + 1


async def test_each_look_has_a_number_of_its_own(way: Way):
    async with asking(lambda asked: [answer(asked, "192.0.2.1")]) as server:
        for _ in range(5):
            await look(way, server.port)
    assert len({one[:2] for one in server.heard}) > 1


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
async def test_a_server_that_is_not_there_refuses(protocol: str, way: Way):
    port = free_port()
    error = await refuse(way, port, protocol=protocol)
    text = f"the name server 127.0.0.1:{port} cannot be asked: the connection was refused"
    assert (error.cause, str(error)) == ("refused", text)


async def test_a_name_server_of_several_addresses_is_asked_at_each_in_turn(tmp_path):
    addresses: list[Address] = [(socket.AF_INET6, "::1", 0), (socket.AF_INET, "127.0.0.1", 0)]
    net = Net(tmp_path, resolve=lambda host: addresses, places=20)
    async with asking(lambda asked: [answer(asked, "192.0.2.1")]) as server:
        reading = await look(Way(net, 3.0), server.port, server=f"ns.example:{server.port}")
    assert reading.status is Status.OPERATIONAL
    await net.close()


async def test_a_name_server_that_cannot_be_found_is_not_the_name_that_is_asked_about(tmp_path):
    net = Net(tmp_path, resolve=lambda host: [], places=20)
    error = await refuse(Way(net, 5.0), 53, server="ns.example")
    assert error.cause == "server"
    assert str(error).startswith("the name server ns.example:53 cannot be found: ")
    await net.close()


async def test_a_look_that_is_cancelled_leaves_nothing_behind(way: Way):
    async with asking(lambda asked: []) as server:
        task = asyncio.ensure_future(look(way, server.port))
        while not server.heard:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert way.net.places == 20


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (b"", "the connection was closed without an answer"),
        (b"\1\0half", "the connection was closed in the middle of the answer"),
        (b"\0\4what", "it answers, but not in valid DNS"),
        (b"\0\0", "it answers, but not in valid DNS"),
    ],
)
async def test_more_that_is_promised_by_tcp_and_does_not_come_is_told(said: bytes, text: str, way: Way):
    async def handle(reader, writer):
        await reader.readexactly(2)
        writer.write(said)

    async with serving(handle) as stream, asking(lambda asked: [answer(asked, flags=CUT)], stream.port) as server:
        error = await refuse(way, server.port)
    assert (error.cause, str(error)) == ("protocol", f"its answer is too long for UDP, and by TCP: {text}")


async def test_more_that_is_promised_by_tcp_where_nobody_listens_is_told(way: Way):
    async with asking(lambda asked: [answer(asked, flags=CUT)]) as server:
        error = await refuse(way, server.port)
    assert (error.cause, str(error)) == (
        "refused",
        "its answer is too long for UDP, and by TCP: the connection was refused",
    )


@pytest.mark.parametrize(
    ("answers", "is_one"),
    [
        (lambda asked: answer(asked, "192.0.2.1"), True),
        (lambda asked: answer(asked, "192.0.2.1", flags=CUT), True),
        (lambda asked: answer(asked, "192.0.2.1", ident=1), False),
        (another_question, False),
        (lambda asked: asked, False),
    ],
)
async def test_by_tcp_too_only_what_fits_the_question_is_an_answer(answers: object, is_one: bool, way: Way):
    async def handle(reader, writer):
        said = answers(await reader.readexactly(int.from_bytes(await reader.readexactly(2))))
        writer.write(len(said).to_bytes(2) + said)

    async with serving(handle) as stream:
        if is_one:
            assert (await look(way, stream.port, protocol="tcp")).message == "192.0.2.1"
        else:
            assert (await refuse(way, stream.port, protocol="tcp")).cause == "protocol"


async def test_a_server_may_repeat_the_question_in_other_letters(way: Way):
    def answers(asked: bytes) -> list[bytes]:
        return [answer(asked, "192.0.2.1").replace(b"\7example", b"\7ExAmPlE")]

    async with asking(answers) as server:
        assert (await look(way, server.port)).status is Status.OPERATIONAL


async def test_aliases_that_go_round_in_a_circle_are_no_answer(way: Way):
    def answers(asked: bytes) -> list[bytes]:
        return [answer(asked, "www.example.test.", kind="CNAME")]

    async with asking(answers) as server:
        assert (await refuse(Way(way.net, 0.1), server.port)).cause == "protocol"


async def test_whoever_cannot_read_the_question_need_not_repeat_it(way: Way):
    async with asking(lambda asked: [asked[:2] + b"\x80\x01" + b"\0" * 8]) as server:
        reading = await look(way, server.port)
    assert (reading.status, reading.cause) == (Status.MAJOR, "rcode:FORMERR")
    assert reading.message == "the name server did not understand the question (FORMERR)"


async def test_a_server_that_vouches_for_its_answer_by_dnssec_is_believed(way: Way):
    async with asking(lambda asked: [answer(asked, "192.0.2.1", flags=AUTHENTIC)]) as server:
        assert (await look(way, server.port, dnssec=True)).status is Status.OPERATIONAL
        assert server.heard[0][3] & 0x20, "it was asked to"
    async with asking(lambda asked: [answer(asked, "192.0.2.1")]) as server:
        reading = await look(way, server.port, dnssec=True)
        assert (await look(way, server.port)).status is Status.OPERATIONAL
    assert (reading.status, reading.cause) == (Status.PARTIAL, "dnssec")


async def test_text_from_outside_is_cleaned_before_it_is_shown(way: Way):
    async with asking(lambda asked: [answer(asked, '"a\\027[31m\\010b"', kind="TXT")]) as server:
        reading = await look(way, server.port, type="TXT", expect=("c",))
    assert reading.message == "c is not among the answers (a [31m b)"


@given(some.binary(max_size=300), some.sampled_from(["A", "MX", "TXT", "SOA", "CAA", "DS", "SRV", "HTTPS", "NAPTR"]))
def test_no_bytes_at_all_break_the_reading_of_them(noise: bytes, kind: str):
    question = build_question("www.example.test", kind)
    asked = question.wire()
    end = asked.index(b"\0", 12) + 5
    data = asked[:2] + b"\x81\x80\0\1\0\2\0\1\0\1" + asked[12:end] + noise
    found = read_records(question, asked, data)
    assert found is None or isinstance(found, Records)


# -- what is made of it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "options", "status", "cause", "text"),
    [
        (["192.0.2.1"], {"expect": ("192.0.2.1", "192.0.2.2")}, Status.PARTIAL, "missing", "192.0.2.2 is not among"),
        (
            ["192.0.2.9"],
            {"expect": ("192.0.2.1", "192.0.2.2")},
            Status.MAJOR,
            "missing",
            "192.0.2.1, 192.0.2.2 is",
        ),
        ([], {"expect": ("192.0.2.1",), "minimum": 0}, Status.MAJOR, "nodata", "the name has no A record"),
        ([], {"minimum": 0}, Status.OPERATIONAL, "", "the name exists (NOERROR)"),
        (["192.0.2.1", "192.0.2.9"], {"expect": ("192.0.2.1",)}, Status.OPERATIONAL, "", "192.0.2.1, 192.0.2.9"),
        (
            ["192.0.2.1", "192.0.2.9"],
            {"expect": ("192.0.2.1",), "exactly": True},
            Status.PARTIAL,
            "strange",
            "nobody expected 192.0.2.9 among the answers",
        ),
        (["192.0.2.1"], {"minimum": 2}, Status.PARTIAL, "minimum", "1 of 2 answers: 192.0.2.1"),
        (["192.0.2.1"], {"latency": 0.005}, Status.DEGRADED, "latency", "the answer took 10 ms, over 5 ms"),
        ([], {"latency": 0.005, "rcode": "SERVFAIL"}, Status.MAJOR, "rcode:SERVFAIL", "could not find the answer"),
        ([], {"rcode": "BADVERS"}, Status.MAJOR, "rcode:BADVERS", "the name server answered BADVERS"),
        ([f"192.0.2.{n}" for n in range(9)], {}, Status.OPERATIONAL, "", "192.0.2.4 and 4 more"),
    ],
)
def test_the_worst_that_is_wrong_is_told(answers: list[str], options: dict, status: Status, cause: str, text: str):
    reading = seen(*answers, **options)
    assert (reading.status, reading.cause) == (status, cause)
    assert text in reading.message


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"type": "NONSENSE"}, "^type: 'NONSENSE' is not a type of records"),
        ({"type": "AXFR"}, "^type: AXFR is no type"),
        ({"type": "ANY"}, "^type: ANY is no type"),
        ({"name": "a..b"}, "^name: 'a..b' is not a name"),
        ({"name": ""}, "^name: it is empty"),
        ({"name": "a b.test"}, "^name: 'a b.test' is not a name"),
        ({"name": "https://a.test/"}, "^name: 'https://a.test/' is not a name"),
        ({"name": "192.0.2.1"}, "^name: 192.0.2.1 is an address, .* say type: PTR"),
        ({"name": "2001:db8::1", "type": "TXT"}, "^name: 2001:db8::1 is an address"),
        ({"name": "x" * 64 + ".test"}, "^name: "),
        ({"expect": ("not an address",)}, "^expect: 'not an address' is not a record of the type A"),
        (
            {"type": "MX", "expect": ("mail.example.com",)},
            "^expect: 'mail.example.com' is not a record of the type MX",
        ),
        ({"exactly": True}, "^exactly is for expect"),
        ({"expect_rcode": "NXDOMAIN", "expect": ("192.0.2.1",)}, "^expect_rcode NXDOMAIN comes without answers"),
        ({"minimum": -1}, "^minimum must be"),
        ({"latency": 0.0}, "^latency must be"),
        ({"server": "127.0.0.1:0"}, "^server: the port must be a number"),
        ({"server": "127.0.0.1:dns"}, "^server: the port must be a number"),
        ({"server": "a b"}, "^server: the host name has ' ' in it"),
    ],
)
def test_what_cannot_be_meant_is_refused_under_the_name_of_the_option(options: dict, text: str):
    with pytest.raises(ValueError, match=text):
        Dns(**{"name": "a.test", **options})


@pytest.mark.parametrize(
    ("server", "host", "port"),
    [
        ("192.0.2.1", "192.0.2.1", 53),
        ("192.0.2.1:5353", "192.0.2.1", 5353),
        ("2001:db8::1", "2001:db8::1", 53),
        ("[2001:db8::1]", "2001:db8::1", 53),
        ("[2001:db8::1]:5353", "2001:db8::1", 5353),
        ("ns.example", "ns.example", 53),
        ("ns.example:54", "ns.example", 54),
    ],
)
def test_a_server_is_written_as_people_write_it(server: str, host: str, port: int):
    place = Dns("a.test", server=server).inquiry.server
    assert (place.host, place.port) == (host, port)


def test_a_name_of_another_script_is_asked_for_as_the_name_servers_know_it():
    assert Dns("_dmarc.bücher.example").inquiry.question.name == "_dmarc.xn--bcher-kva.example."
