"""The stages on which the promises of every check are tried: for each kind, a service in each state it can be in."""

from __future__ import annotations

import contextlib
import json
import socket
import sqlite3
import ssl
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trustme
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import StreamEnded

from tests.checks.frames import accepted, frame
from tests.checks.local_stages import CONTAINERS, PROGRAMS, UNITS
from tests.checks.scenes import Scene, Setting, Stage, no_options
from tests.net.nameservers import Answering, answer, asking, free_port
from tests.net.small import Served, answering, head_of, response, serving
from tui_monitor.checks.heartbeat import Heartbeat
from tui_monitor.checks.sql import Value
from tui_monitor.core.ports import Beat
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.net import Net
from tui_monitor.net.names import Address


@asynccontextmanager
async def nobody(_: bytes = b"") -> AsyncIterator[Served]:
    """A port at which nobody listens any more."""
    async with answering() as served:
        pass
    yield served


@asynccontextmanager
async def replying(said: bytes) -> AsyncIterator[Served]:
    """Whatever is said first is answered by these bytes, and then hung up on; with none, there is only silence."""
    heard: list[bytes] = []

    async def handle(reader: Any, writer: Any) -> None:
        heard.append(await reader.read(65_536))
        writer.write(said)
        if not said:
            await reader.read()

    async with serving(handle) as served:
        served.heard = heard
        yield served


def garbling(said: bytes) -> AbstractAsyncContextManager[Served]:
    """Any bytes at all, and the end."""

    async def handle(reader: Any, writer: Any) -> None:
        await reader.read(1)
        writer.write(said)

    return serving(handle)


def on_a_port(well: bytes, wrong: bytes) -> dict[str, Setting]:
    """The states of what is said something and says something in return."""
    return {
        "well": lambda _: replying(well),
        "wrong": lambda _: replying(wrong),
        "silent": lambda _: replying(b""),
        "gone": nobody,
        "garbled": garbling,
    }


def on_the_web(well: bytes, wrong: bytes) -> dict[str, Setting]:
    """The states of a web server."""
    return {
        "well": lambda _: answering(well),
        "wrong": lambda _: answering(wrong),
        "silent": lambda _: answering(hold=True),
        "gone": nobody,
        "garbled": garbling,
    }


ON_THE_WEB = on_the_web(response(), response(b"", "503 No"))


def here(served: Served, **options: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": served.port, **options}


# -- ping -----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def echoing(**options: Any) -> AsyncIterator[Scene]:
    """The loopback answers every echo; of hosts that do not, see test_ping."""
    yield Scene(Served(), options)


@asynccontextmanager
async def nameless(_: bytes) -> AsyncIterator[Scene]:
    """The name server does not answer until the scene is over."""
    asked, over = Served(), threading.Event()

    def resolve(host: str) -> list[Address]:
        asked.heard.append(host.encode())
        over.wait(60)
        return []

    net = Net(resolve=resolve, places=20)
    asked.closed.set()
    try:
        yield Scene(asked, {"host": "hang.example"}, net)
    finally:
        over.set()
        await net.close()


ECHOES: dict[str, Setting] = {
    "well": lambda _: echoing(host="127.0.0.1"),
    "wrong": lambda _: echoing(host="127.0.0.1", latency=1e-9),
    "gone": lambda _: echoing(host="127.255.255.255"),
    "silent": nameless,
}


# -- websocket ------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def welcoming(_: bytes) -> AsyncIterator[Served]:
    """Shakes hands, says hello and goodbye."""

    async def handle(reader: Any, writer: Any) -> None:
        writer.write(accepted(await head_of(reader), frame(1, b"hello"), frame(8, b"\x03\xe8")))

    async with serving(handle) as served:
        yield served


# -- grpc -----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def healthy(status: int) -> AsyncIterator[Served]:
    """Answers the health protocol with this status."""

    async def handle(reader: Any, writer: Any) -> None:
        connection = H2Connection(H2Configuration(client_side=False))
        connection.initiate_connection()
        whole = False
        while not whole and (data := await reader.read(65_536)):
            whole = any(isinstance(event, StreamEnded) for event in connection.receive_data(data))
        connection.send_headers(1, [(":status", "200"), ("content-type", "application/grpc")])
        connection.send_data(1, b"\0\0\0\0\x02\x08" + bytes([status]))
        connection.send_headers(1, [("grpc-status", "0")], end_stream=True)
        writer.write(connection.data_to_send())

    async with serving(handle) as served:
        yield served


HEALTH: dict[str, Setting] = {
    "well": lambda _: healthy(1),
    "wrong": lambda _: healthy(2),
    "silent": lambda _: replying(b""),
    "gone": nobody,
    "garbled": garbling,
}


# -- what is only remembered ----------------------------------------------------------------------------------------


@asynccontextmanager
async def beaten(beat: Beat) -> AsyncIterator[Scene]:
    """A job that has just given this sign."""
    yield Scene(Served(), {"period": 60.0}, memo=Heartbeat(60.0).feed("", beat, datetime.now(UTC)))


@asynccontextmanager
async def believing(**statuses: Status) -> AsyncIterator[Scene]:
    """Members of which this is believed."""
    yield Scene(Served(), {"all": tuple(statuses)}, statuses=statuses)


MEMBERS: dict[str, Setting] = {
    "well": lambda _: believing(a=Status.OPERATIONAL, b=Status.OPERATIONAL),
    "wrong": lambda _: believing(a=Status.OPERATIONAL, b=Status.PARTIAL),
}
BEATS: dict[str, Setting] = {"well": lambda _: beaten(Beat()), "wrong": lambda _: beaten(Beat("failed", 1, "full"))}


# -- dns ------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def naming(answers: Answering) -> AsyncIterator[Scene]:
    """A name server by UDP."""
    async with asking(answers) as server:
        served = Served(server.port, heard=server.heard)
        served.closed.set()
        yield Scene(served, {"name": "www.example.test", "server": f"127.0.0.1:{server.port}"})


@asynccontextmanager
async def no_name_server(_: bytes) -> AsyncIterator[Scene]:
    yield Scene(Served(), {"name": "www.example.test", "server": f"127.0.0.1:{free_port()}"})


@asynccontextmanager
async def naming_nonsense(said: bytes) -> AsyncIterator[Scene]:
    async with garbling(said) as served:
        server = f"127.0.0.1:{served.port}"
        yield Scene(served, {"name": "www.example.test", "server": server, "protocol": "tcp"})


NAMES: dict[str, Setting] = {
    "well": lambda _: naming(lambda asked: [answer(asked, "192.0.2.1")]),
    "wrong": lambda _: naming(lambda asked: [answer(asked, rcode="NXDOMAIN")]),
    "silent": lambda _: naming(lambda asked: []),
    "gone": no_name_server,
    "garbled": naming_nonsense,
}


# -- domain ---------------------------------------------------------------------------------------------------------


def registered(state: str) -> bytes:
    """What a registry says of a name."""
    end = {"eventAction": "expiration", "eventDate": "2100-01-01T00:00:00Z"}
    return response(json.dumps({"objectClassName": "domain", "status": [state], "events": [end]}).encode())


# -- certificate ----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def certified(name: str) -> AsyncIterator[Scene]:
    """A server with a certificate for this name, of an authority that the way out is told to trust."""
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name).configure_cert(context)
    with ca.cert_pem.tempfile() as pem, socket.create_server(("127.0.0.1", 0)) as listener:
        served = Served(listener.getsockname()[1])
        thread = threading.Thread(target=show_certificate, args=(listener, served, context))
        thread.start()
        yield Scene(served, here(served, ca=pem))
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def show_certificate(listener: socket.socket, served: Served, context: ssl.SSLContext) -> None:
    """In a thread, for in the loop the other side of a handshake would still be busy when the look is over."""
    with contextlib.suppress(OSError):
        while True:
            sock, _ = listener.accept()
            served.connections += 1
            with contextlib.suppress(OSError), context.wrap_socket(sock, server_side=True) as secure:
                secure.recv(1)


TRUSTED: dict[str, Setting] = {
    "well": lambda _: certified("127.0.0.1"),
    "wrong": lambda _: certified("127.0.0.2"),
    "silent": lambda _: replying(b""),
    "gone": nobody,
    "garbled": garbling,
}


# -- sql ------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def filed(**options: Any) -> AsyncIterator[Scene]:
    """A file of SQLite; of servers that are real, see test_sql."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.db"
        sqlite3.connect(path).close()
        yield Scene(Served(), {"url": Secret(f"sqlite:///{path}"), **options})


@asynccontextmanager
async def greeting(said: bytes, hold: bool = True) -> AsyncIterator[Served]:
    """Speaks first, as a client expects that waits to be greeted."""
    heard: list[bytes] = []

    async def handle(reader: Any, writer: Any) -> None:
        heard.append(b"")
        writer.write(said)
        if hold:
            await reader.read()

    async with serving(handle) as served:
        served.heard = heard
        yield served


DATA: dict[str, Setting] = {
    "well": lambda _: filed(),
    "wrong": lambda _: filed(expect=(Value(equals=2),)),
    "silent": greeting,
    "gone": nobody,
    "garbled": lambda said: greeting(said, hold=False),
}


# -------------------------------------------------------------------------------------------------------------------

STAGES: dict[str, Stage] = {
    "certificate": Stage(here, TRUSTED),
    "command": Stage(no_options, PROGRAMS, connects=False),
    "docker": Stage(no_options, CONTAINERS),
    "dns": Stage(no_options, NAMES, connects=False),
    "domain": Stage(
        lambda served: {"name": "example.test", "server": served.url},
        on_the_web(registered("active"), registered("client hold")),
        connects=False,
    ),
    "freshness": Stage(lambda served: {"url": served.url, "changes": True, "stale_after": 60.0}, ON_THE_WEB),
    "group": Stage(no_options, MEMBERS, connects=False),
    "grpc": Stage(here, HEALTH),
    "heartbeat": Stage(no_options, BEATS, connects=False),
    "http": Stage(lambda served: {"url": served.url}, ON_THE_WEB),
    "ping": Stage(no_options, ECHOES, needs="icmp", connects=False, gone_cause="network"),
    "redis": Stage(here, on_a_port(b"+PONG\r\n", b"-LOADING it\r\n")),
    "sql": Stage(lambda served: {"url": Secret(f"mysql://u@127.0.0.1:{served.port}/d")}, DATA, connects=False),
    "systemd": Stage(no_options, UNITS, needs="dbus-daemon"),
    "tcp": Stage(lambda served: here(served, send="GET / HTTP/1.0\r\n\r\n", expect="200"), ON_THE_WEB),
    "websocket": Stage(
        lambda served: {"url": f"ws://127.0.0.1:{served.port}/", "expect": "hello"},
        {**ON_THE_WEB, "well": welcoming},
    ),
}
