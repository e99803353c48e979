"""`ping` from the outside: real echoes on the loopback, and in networks of their own silence, loss and lies."""

from __future__ import annotations

import asyncio
import socket

import pytest

from tests.net.own_network import DEAF, played
from tui_monitor.checks.ping import Ping
from tui_monitor.core.errors import Unreachable
from tui_monitor.core.model import Measure, Phases
from tui_monitor.core.status import Status
from tui_monitor.net import Echoed, Net, Way

icmp = pytest.mark.service("icmp")
namespace = pytest.mark.service("namespace")

UNITS = [("loss", "%"), ("rtt_min", "s"), ("rtt_avg", "s"), ("rtt_max", "s")]


async def look(way: Way, **options: object):
    check = Ping(**options)
    return check.judge(await check.look(way))


def seen(*trips: float | None, **options: object):
    return Ping("localhost", **options).judge(Echoed(trips, Phases(dns=0.001, total=0.2)))


# -- on this machine ------------------------------------------------------------------------------------------------


@icmp
@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "[::1]", "localhost"])
async def test_a_host_that_answers_is_well(host: str, way: Way):
    reading = await look(way, host=host)
    assert reading.status is Status.OPERATIONAL
    assert reading.message.startswith("replies in ")
    assert 0 < reading.latency <= reading.phases.total
    assert (reading.phases.dns > 0) is (host == "localhost")
    assert {one.name: one.unit for one in reading.measures} == {
        "loss": "%",
        "rtt_min": "s",
        "rtt_avg": "s",
        "rtt_max": "s",
    }
    assert way.net.places == 20


@icmp
async def test_no_timer_outlives_the_look(way: Way):
    loop = asyncio.get_running_loop()
    await look(way, host="127.0.0.1")
    assert [timer for timer in loop._scheduled if not timer.cancelled()] == []


@icmp
async def test_many_hosts_are_asked_at_once_and_none_takes_anothers_reply(way: Way):
    checks = [Ping(f"127.0.0.{number}", count=2) for number in range(1, 16)] * 2
    looks = await asyncio.gather(*(check.look(way) for check in checks))
    assert all(None not in one.trips for one in looks)
    assert way.net.places == 20


@icmp
@pytest.mark.service("uvloop")
def test_it_runs_on_another_loop_all_the_same(tmp_path):
    import uvloop

    async def main() -> None:
        net = Net(tmp_path, places=2)
        for host in ("127.0.0.1", "::1"):
            assert (await look(Way(net, 5.0), host=host)).status is Status.OPERATIONAL
        assert net.places == 2
        await net.close()

    uvloop.run(main())


async def test_a_name_that_does_not_exist_is_told_as_such(tmp_path):
    def resolve(host: str) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    net = Net(tmp_path, resolve=resolve, places=2)
    with pytest.raises(Unreachable, match="does not exist") as caught:
        await look(Way(net, 5.0), host="absent.example")
    assert (caught.value.cause, net.places) == ("dns", 2)
    await net.close()


@icmp
async def test_the_next_address_is_taken_where_there_is_no_way_to_the_first(tmp_path):
    """The broadcast address of the loopback: the system refuses it before anything is sent."""
    addresses = [(socket.AF_INET, "127.255.255.255", 0), (socket.AF_INET, "127.0.0.1", 0)]
    net = Net(tmp_path, resolve=lambda host: addresses, places=2)
    assert (await look(Way(net, 5.0), host="two.example")).status is Status.OPERATIONAL
    assert net.places == 2
    await net.close()


@icmp
async def test_a_name_that_leads_nowhere_is_looked_up_again(tmp_path):
    addresses = [(socket.AF_INET, "127.255.255.255", 0)]
    net = Net(tmp_path, resolve=lambda host: addresses, places=2)
    with pytest.raises(Unreachable) as caught:
        await look(Way(net, 5.0), host="moved.example")
    assert (caught.value.cause, net.places) == ("network", 2)
    addresses[:] = [(socket.AF_INET, "127.0.0.1", 0)]
    assert (await look(Way(net, 5.0), host="moved.example")).status is Status.OPERATIONAL
    await net.close()


# -- in a network of its own ----------------------------------------------------------------------------------------


@namespace
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize(("way", "powers"), [("datagram", "-net_raw"), ("raw", "")])
def test_either_way_of_sending_will_do(way: str, powers: str, host: str):
    said = played("honest", host, way=way, powers=powers)
    assert (said["status"], said["loss"], said["places"]) == ("operational", 0.0, 5)


@namespace
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_who_may_not_send_at_all_is_told_what_to_change(host: str):
    said = played("honest", host, way="raw", powers="-net_raw")
    assert (said["error"], said["places"]) == ("Unreadable", 5)
    assert "net.ipv4.ping_group_range" in said["message"]
    assert "CAP_NET_RAW" in said["message"]


@namespace
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("way", ["datagram", "raw"])
def test_silence_is_told_as_lost_within_the_time(way: str, host: str):
    said = played("honest", host, way=way, setup=DEAF, within=0.3)
    assert said == {"error": "Unreachable", "cause": "lost", "message": "no reply to any of 3 echoes", "places": 5}


@namespace
@pytest.mark.parametrize("way", ["datagram", "raw"])
def test_what_only_looks_like_a_reply_is_none(way: str):
    said = played("liar", "127.0.0.1", way=way, setup=DEAF, within=0.5, count=1)
    assert (said["cause"], said["message"]) == ("lost", "no reply to the echo")


@namespace
@pytest.mark.parametrize("way", ["datagram", "raw"])
def test_lies_do_not_keep_the_true_reply_from_being_heard(way: str):
    assert played("spoilt", "127.0.0.1", way=way, setup=DEAF)["loss"] == 0.0


@namespace
def test_what_is_lost_is_counted_and_a_reply_that_comes_twice_counts_once():
    said = played("lossy", "127.0.0.1", setup=DEAF, within=0.6, count=4)
    assert (said["status"], said["cause"], said["loss"]) == ("degraded", "loss", 75.0)
    assert said["message"] == "3 of 4 echoes lost (75 %)"
    assert said["rtt_max"] < 0.1, "the first of its replies counts"


@namespace
def test_a_reply_that_comes_late_is_no_loss():
    said = played("late", "127.0.0.1", setup=DEAF, within=0.9)
    assert (said["status"], said["loss"]) == ("operational", 0.0)
    assert said["rtt_max"] > 0.25, "the first one's share of the time had passed"


@namespace
def test_no_way_to_the_host_is_told_before_the_time_is_over():
    said = played("honest", "192.0.2.1", within=50)
    assert (said["error"], said["cause"], said["places"]) == ("Unreachable", "network", 5)


@namespace
@pytest.mark.parametrize("way", ["datagram", "raw"])
def test_echoes_that_are_turned_back_on_the_way_are_lost_with_the_reason_and_at_once(way: str):
    said = played("rejected", "127.0.0.1", way=way, setup=DEAF, within=50)
    assert (said["error"], said["cause"], said["places"]) == ("Unreachable", "lost", 5)
    assert said["message"] == "no reply to any of 3 echoes: no route to the host"


@namespace
def test_an_echo_that_this_machine_may_not_send_says_so():
    said = played("honest", "127.0.0.9", setup="ip route add prohibit 127.0.0.9 table local; ", within=50)
    assert (said["error"], said["cause"], said["places"]) == ("Unreachable", "network", 5)
    assert said["message"] == "the connection is not permitted here"


# -- what is made of it ---------------------------------------------------------------------------------------------


def test_the_figures_are_those_of_what_came_back():
    reading = seen(0.010, None, 0.030, 0.020, loss=25)
    assert reading.status is Status.OPERATIONAL
    assert reading.latency == pytest.approx(0.020)
    assert [one.value for one in reading.measures] == pytest.approx([25.0, 0.010, 0.020, 0.030])
    assert reading.measures[0] == Measure("loss", 25.0, "%")


def test_more_loss_than_is_borne_is_degraded_for_a_cause_that_stays_the_same():
    once, twice = seen(0.01, None, None, loss=50), seen(0.01, None, None, None, loss=50)
    assert (once.status, once.cause, once.message) == (
        Status.DEGRADED,
        "loss",
        "2 of 3 echoes lost (67 %, over 50 %)",
    )
    assert once.cause == twice.cause
    assert seen(0.01, None, loss=50).status is Status.OPERATIONAL


def test_a_round_trip_that_takes_too_long_is_degraded():
    reading = seen(0.1, 0.3, latency=0.15)
    assert (reading.status, reading.cause) == (Status.DEGRADED, "latency")
    assert reading.message == "replies in 200 ms, over 150 ms"
    assert seen(0.1, 0.2, latency=0.16).status is Status.OPERATIONAL
    assert seen(0.1, None, latency=0.01).cause == "loss", "the worse of the two is told"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"count": 0}, "^count must be a number from 1 to 100"),
        ({"count": 101}, "^count must be a number from 1 to 100"),
        ({"loss": -1}, "^loss must be"),
        ({"loss": 100}, "^loss must be"),
        ({"latency": 0.0}, "^latency must be"),
        ({"host": "a b"}, "^host: the host name has ' ' in it"),
        ({"host": ""}, "^host: the host name is empty"),
    ],
)
def test_what_cannot_be_meant_is_refused_under_the_name_of_the_option(options: dict, text: str):
    with pytest.raises(ValueError, match=text):
        Ping(**{"host": "a.example", **options})
