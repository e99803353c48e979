"""A network of one's own: a namespace with nothing but a loopback, whose rules a test may change.

There the system can be told who may send echoes and whether it answers any, so that silence, loss and lies on the
wire are real. A scene runs as a process of its own and says in one line of JSON what came of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tui_monitor.checks.ping import Ping
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.net import Net, Way

TREE = Path(__file__).parents[2]
DEAF = "echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all; echo 1 > /proc/sys/net/ipv6/icmp/echo_ignore_all; "
"""The system answers no echo of its own accord."""
WAYS = {"datagram": "0 2147483647", "raw": "1 0"}
"""Who may send echoes on datagram sockets: everybody, or nobody."""


def played(scene: str, host: str, *, way: str = "datagram", setup: str = "", powers: str = "", **options: Any) -> Any:
    """What came of a ping in a network of its own; `powers` is what to take from root, such as `-net_raw`."""
    script = f"ip link set lo up; echo '{WAYS[way]}' > /proc/sys/net/ipv4/ping_group_range; {setup} exec \"$@\""
    limit = ["setpriv", f"--bounding-set={powers}"] if powers else []
    words = [*limit, sys.executable, "-m", "tests.net.own_network", scene, json.dumps({"host": host, **options})]
    said = subprocess.run(
        ["unshare", "--net", "sh", "-ec", script, "sh", *words],
        cwd=TREE,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": ""},
    )
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


# -- who answers in the system's place ------------------------------------------------------------------------------

Reply = Callable[[bytes], Iterator[bytes]]


def reply(
    request: bytes, *, kind: int = 0, code: int = 0, ident: int = 0, number: int = 0, data: bytes = b""
) -> bytes:
    """The proper reply to an echo, but for what is changed."""
    _, _, _, asked, counted = struct.unpack_from("!BBHHH", request)
    head = struct.pack("!BBHHH", kind, code, 0, (asked + ident) & 0xFFFF, counted + number)
    body = data or request[8:]
    total = sum(struct.unpack(f"!{(8 + len(body)) // 2}H", head + body))
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return head[:2] + struct.pack("!H", ~total & 0xFFFF) + head[4:] + body


def number_of(request: bytes) -> int:
    return int(struct.unpack_from("!H", request, 6)[0])


def lie(request: bytes) -> Iterator[bytes]:
    """Everything that looks like a reply and is none."""
    yield reply(request, data=bytes(56))
    yield reply(request, data=request[8:-1] + b"\1")
    yield reply(request, data=request[8:] + bytes(2))
    yield reply(request, kind=3, code=1)
    yield reply(request, code=4)
    yield reply(request, number=100)
    yield reply(request, ident=1)
    yield b"\0" * 8
    for _ in range(40):
        yield reply(request, data=os.urandom(56))


held: list[bytes] = []


def lose_most(request: bytes) -> Iterator[bytes]:
    """Only the second comes back, and once more when its time is over."""
    if number_of(request) == 2:
        held.append(request)
    yield from map(reply, held)


def dawdle(request: bytes) -> Iterator[bytes]:
    """The first comes back after the second was sent."""
    held.append(request)
    if number_of(request) == 2:
        yield from map(reply, held)
    elif number_of(request) > 2:
        yield reply(request)


def spoil_then_answer(request: bytes) -> Iterator[bytes]:
    yield from lie(request)
    yield reply(request)


def reject(request: bytes) -> Iterator[bytes]:
    """A firewall that says so: unreachable, forbidden by its administrator, with what it would not let pass."""
    home = socket.inet_aton("127.0.0.1")
    refused = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(request), 0, 0, 64, 1, 0) + home + home + request[:8]
    yield reply(bytes(8) + refused, kind=3, code=13)


SCENES: dict[str, Reply | None] = {
    "honest": None,
    "liar": lie,
    "lossy": lose_most,
    "late": dawdle,
    "spoilt": spoil_then_answer,
    "rejected": reject,
}


def answer_with(made: Reply) -> None:
    ear = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    ear.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            packet, _ = ear.recvfrom(65_535)
            request = packet[(packet[0] & 0x0F) * 4 :]
            if request[0] == 8:
                for one in made(request):
                    ear.sendto(one, ("127.0.0.1", 0))

    threading.Thread(target=serve, daemon=True).start()


async def ping(options: dict[str, Any]) -> dict[str, Any]:
    within = options.pop("within", 5.0)
    net = Net(places=5)
    check = Ping(**options)
    try:
        reading = check.judge(await check.look(Way(net, within)))
    except (Unreachable, Unreadable) as error:
        said = {"error": type(error).__name__, "cause": getattr(error, "cause", ""), "message": str(error)}
    else:
        measures = {one.name: one.value for one in reading.measures}
        said = {"status": reading.status.value, "cause": reading.cause, "message": reading.message, **measures}
    said["places"] = net.places
    await net.close()
    return said


if __name__ == "__main__":
    if answers := SCENES[sys.argv[1]]:
        answer_with(answers)
    sys.stdout.write(json.dumps(asyncio.run(ping(json.loads(sys.argv[2])))))
