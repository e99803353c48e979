"""Names: shared, kept, bounded, and never in the way of others. The resolver is ours, and hangs when told to."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from tests.net.small import answering, response
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.net import Net, build_request
from tui_monitor.net.dial import met_itself
from tui_monitor.net.names import Address, literal, resolve

HOME: Address = (socket.AF_INET, "127.0.0.1", 0)
AWAY: Address = (socket.AF_INET, "127.0.0.9", 0)


class Resolver:
    """A resolver that counts, and that hangs for names that begin with `hang` until it is let go."""

    def __init__(self, *addresses: Address) -> None:
        self.addresses = list(addresses or (HOME,))
        self.asked: list[str] = []
        self.gate = threading.Event()

    def __call__(self, host: str) -> list[Address]:
        self.asked.append(host)
        if host.startswith("hang"):
            self.gate.wait(20)
        if host.startswith("absent"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if host.startswith("again"):
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")
        return [] if host.startswith("empty") else self.addresses


async def made(tmp_path, resolver: Resolver, **options) -> Net:
    return Net(tmp_path, resolve=resolver, places=100, **options)


async def test_an_address_is_never_looked_up(tmp_path):
    resolver = Resolver()
    net = await made(tmp_path, resolver)
    async with answering(response()) as served:
        answer = await net.fetch(build_request("GET", served.url), 5)
    assert answer.phases.dns == 0
    assert resolver.asked == []
    await net.close()


async def test_a_name_is_looked_up_once_for_all_who_ask_and_then_kept(tmp_path):
    resolver = Resolver()
    net = await made(tmp_path, resolver)
    async with answering(response()) as served:
        request = build_request("GET", f"http://one.example:{served.port}/")
        first, *_ = await asyncio.gather(*(net.fetch(request, 5) for _ in range(20)))
        await net.fetch(request, 5)
    assert resolver.asked == ["one.example"]
    assert first.phases.dns > 0
    await net.close()


async def test_a_name_is_looked_up_again_when_its_time_is_over(tmp_path):
    resolver = Resolver()
    net = await made(tmp_path, resolver, names_kept=0.0)
    async with answering(response()) as served:
        for _ in range(3):
            await net.fetch(build_request("GET", f"http://one.example:{served.port}/"), 5)
    assert len(resolver.asked) == 3
    await net.close()


@pytest.mark.parametrize(
    ("host", "text"),
    [
        ("absent.example", "does not exist"),
        ("empty.example", "does not exist"),
        ("again.example", "name servers did not answer"),
    ],
)
async def test_a_name_that_is_not_found_is_told(tmp_path, host: str, text: str):
    net = await made(tmp_path, Resolver())
    with pytest.raises(Unreachable, match=text) as caught:
        await net.fetch(build_request("GET", f"http://{host}/"), 5)
    assert caught.value.cause == "dns"
    assert net.places == 100
    await net.close()


async def test_a_lookup_that_hangs_ends_at_the_deadline_of_the_look(tmp_path):
    resolver = Resolver()
    net = await made(tmp_path, resolver)
    with pytest.raises(Unreachable, match="still looking up the name") as caught:
        await net.fetch(build_request("GET", "http://hang.example/"), 0.05)
    assert caught.value.cause == "timeout"
    assert net.names._running["hang.example"].waiting == [], "who gave up is not kept until the resolver comes back"
    resolver.gate.set()
    await net.close()


async def test_a_hundred_lookups_that_hang_starve_nobody_who_was_known(tmp_path):
    resolver = Resolver()
    net = await made(tmp_path, resolver, names_kept=0.0)
    async with answering(response()) as served:
        known = build_request("GET", f"http://known.example:{served.port}/")
        await net.fetch(known, 5)
        hanging = [
            asyncio.ensure_future(net.fetch(build_request("GET", f"http://hang{n}.example/"), 0.4))
            for n in range(100)
        ]
        while len(resolver.asked) < 10:
            await asyncio.sleep(0)
        assert (await net.fetch(known, 5)).status == 200
        errors = await asyncio.gather(*hanging, return_exceptions=True)
    begun = [error for error in errors if isinstance(error, Unreachable)]
    never = [error for error in errors if isinstance(error, Unreadable)]
    assert 0 < len(begun) <= 16, "as many as there are threads"
    assert len(begun) + len(never) == 100
    assert threading.active_count() < 60
    resolver.gate.set()
    await net.close()


async def test_a_look_that_gave_up_is_not_woken_by_its_lookup(tmp_path):
    resolver = Resolver()
    net = await made(tmp_path, resolver)
    async with answering(response()) as served:
        request = build_request("GET", f"http://hang.example:{served.port}/")
        late = asyncio.ensure_future(net.fetch(request, 5))
        with pytest.raises(Unreachable):
            await net.fetch(request, 0.05)
        resolver.gate.set()
        assert (await late).status == 200
        assert served.connections == 1
    await net.close()


async def test_the_next_address_is_tried_and_then_remembered(tmp_path):
    net = await made(tmp_path, Resolver(AWAY, HOME))
    async with answering(response()) as served:
        request = build_request("GET", f"http://two.example:{served.port}/")
        for _ in range(2):
            assert (await net.fetch(request, 5)).status == 200
    assert net.names.known("two.example") == (HOME, AWAY)
    assert net.places == 100
    await net.close()


async def test_a_name_where_nothing_answers_is_looked_up_again(tmp_path):
    resolver = Resolver(AWAY)
    net = await made(tmp_path, resolver)
    async with answering(response()) as served:
        request = build_request("GET", f"http://moved.example:{served.port}/")
        with pytest.raises(Unreachable):
            await net.fetch(request, 5)
        resolver.addresses = [HOME]
        assert (await net.fetch(request, 5)).status == 200
    await net.close()


async def test_when_no_address_answers_the_last_one_is_told(tmp_path):
    net = await made(tmp_path, Resolver(AWAY, HOME))
    async with answering() as served:
        pass
    with pytest.raises(Unreachable, match="refused"):
        await net.fetch(build_request("GET", f"http://two.example:{served.port}/"), 5)
    assert net.places == 100
    await net.close()


async def test_an_address_that_does_not_answer_leaves_time_for_the_next(tmp_path):
    """A listener whose queue is full lets a connection hang, as a firewall would."""
    with socket.socket() as full, socket.socket() as filler:
        full.bind(("127.0.0.9", 0))
        full.listen(0)
        port = full.getsockname()[1]
        filler.connect(("127.0.0.9", port))
        with socket.create_server(("127.0.0.1", port)) as listener:
            net = await made(tmp_path, Resolver(AWAY, HOME))
            look = asyncio.ensure_future(net.fetch(build_request("GET", f"http://two.example:{port}/"), 0.6))
            await asyncio.get_running_loop().run_in_executor(None, serve_one, listener)
            assert (await look).status == 200
            await net.close()


def serve_one(listener: socket.socket) -> None:
    sock, _ = listener.accept()
    with sock:
        sock.recv(10_000)
        sock.sendall(response())


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("127.0.0.1", (socket.AF_INET, "127.0.0.1", 0)),
        ("::1", (socket.AF_INET6, "::1", 0)),
        ("fe80::1%3", (socket.AF_INET6, "fe80::1", 3)),
        ("127.1", None),
        ("1.2.3.4.5", None),
        ("example.com", None),
    ],
)
def test_what_is_an_address_is_seen(host: str, found: Address | None):
    assert literal(host) == found


def test_the_system_knows_where_home_is():
    assert HOME in resolve("localhost")


def test_a_connection_that_met_itself_is_seen():
    """TCP establishes one from a port to itself, which would look like a service where nothing listens."""
    with socket.socket() as lonely:
        lonely.bind(("127.0.0.1", 0))
        lonely.connect(lonely.getsockname())
        assert met_itself(lonely, lonely.getpeername())
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as sock:
        assert not met_itself(sock, sock.getpeername())
