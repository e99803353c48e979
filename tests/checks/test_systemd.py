"""`systemd` from the outside: units in every state, on a real message bus, and buses that are none."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.net.buses import message_bus, systemd_at, unit
from tests.net.small import flood
from tests.net.test_local import serving_at
from tui_monitor.checks.systemd import Systemd
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean
from tui_monitor.net import Net, Way

real = pytest.mark.service("dbus-daemon")


@pytest.fixture(scope="module")
def bus() -> Iterator[Path]:
    with message_bus() as path:
        yield path


@pytest.fixture
def path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "bus"


async def look(way: Way, path: Path, unit: str = "web", **options: Any) -> Reading:
    check = Systemd(unit, bus=str(path), **options)
    return check.judge(await check.look(way))


# -- units on a real bus ------------------------------------------------------------------------------------------


@real
async def test_a_unit_that_is_active_is_well(way: Way, bus: Path):
    running = unit(Result="success", Type="simple", ExecMainStatus=0, NRestarts=3)
    async with systemd_at(bus, web__service=running) as systemd:
        reading = await look(way, bus)
    assert (reading.status, reading.cause) == (Status.OPERATIONAL, "")
    assert reading.message == "active (running) since 2026-03-01 10:00 UTC"
    assert reading.measures == (Measure("restarts", 3.0),)
    assert reading.phases is not None
    assert 0 < reading.phases.connect <= reading.phases.total == reading.latency
    assert systemd.asked[:2] == ["LoadUnit web.service", "GetAll org.freedesktop.systemd1.Unit"]


FAILED = {"Result": "exit-code", "Type": "simple", "ExecMainStatus": 203, "NRestarts": 0}


@real
@pytest.mark.parametrize(
    ("found", "status", "message", "cause"),
    [
        (unit("failed", "failed", **FAILED), Status.MAJOR, "failed: exit code 203", "failed"),
        (
            unit("failed", "failed", Result="core-dump", ExecMainStatus=11),
            Status.MAJOR,
            "failed: signal 11",
            "failed",
        ),
        (unit("failed", "failed", Result="timeout"), Status.MAJOR, "failed: timeout", "failed"),
        (unit("inactive", "dead", Result="success"), Status.MAJOR, "inactive (dead)", "inactive"),
        (
            unit("inactive", "dead", "masked", Result="success"),
            Status.MAJOR,
            "inactive (dead), and masked",
            "inactive",
        ),
        (
            unit("deactivating", "stop-sigterm", Result="success"),
            Status.MAJOR,
            "deactivating (stop-sigterm)",
            "deactivating",
        ),
        (
            unit("activating", "start-pre", Result="success"),
            Status.DEGRADED,
            "activating (start-pre)",
            "activating",
        ),
        (unit("reloading", "reload", Result="success"), Status.DEGRADED, "reloading (reload)", "reloading"),
        (
            unit("activating", "auto-restart", **FAILED),
            Status.MAJOR,
            "failed: exit code 203, and is to be started again",
            "auto-restart",
        ),
        (unit("maintenance", "cleaning"), Status.MAINTENANCE, "maintenance (cleaning)", "maintenance"),
        (unit("inactive", "dead", "not-found"), Status.MAJOR, "there is no unit web.service", "not-found"),
        (
            unit("active", "running", "not-found"),
            Status.OPERATIONAL,
            "active (running) since 2026-03-01 10:00 UTC",
            "",
        ),
        (
            unit("active", "running", "error", Result="success"),
            Status.OPERATIONAL,
            "active (running) since 2026-03-01 10:00 UTC",
            "",
        ),
    ],
)
async def test_each_state_is_told_in_its_own_words(way: Way, bus: Path, found, status, message, cause):
    async with systemd_at(bus, web__service=found):
        reading = await look(way, bus)
    assert (reading.status, reading.message, reading.cause) == (status, message, cause)


@real
async def test_a_unit_that_nobody_has_heard_of_is_down(way: Way, bus: Path):
    async with systemd_at(bus):
        reading = await look(way, bus, "nothing.socket")
    assert (reading.status, reading.message, reading.cause) == (
        Status.MAJOR,
        "there is no unit nothing.socket",
        "not-found",
    )


ONESHOT = {"Type": "oneshot", "ExecMainStatus": 0, "NRestarts": 0}


@real
@pytest.mark.parametrize(
    ("found", "status", "message"),
    [
        (unit("inactive", "dead", Result="success", **ONESHOT), Status.OPERATIONAL, "inactive (dead) since"),
        (unit("activating", "start", Result="success", **ONESHOT), Status.OPERATIONAL, "activating (start) since"),
        (unit("inactive", "dead", Result="exec-condition", **ONESHOT), Status.OPERATIONAL, "inactive (dead) since"),
        (unit("failed", "failed", **FAILED), Status.MAJOR, "its last run failed: exit code 203"),
        (unit("inactive", "dead", Result="oom-kill", **ONESHOT), Status.MAJOR, "its last run failed: oom-kill"),
        (
            unit("active", "running", Result="success", Type="simple"),
            Status.MAJOR,
            "active (running), expected to be inactive",
        ),
        (unit("activating", "start", Result="success", Type="simple"), Status.MAJOR, "activating (start), expected"),
        (unit("inactive", "dead", "not-found"), Status.MAJOR, "there is no unit web.service"),
    ],
)
async def test_a_job_that_is_done_is_inactive(way: Way, bus: Path, found, status, message):
    async with systemd_at(bus, web__service=found):
        reading = await look(way, bus, state="inactive")
    assert reading.status is status
    assert reading.message.startswith(message)


@real
async def test_whoever_expects_a_job_to_be_active_is_told_what_to_say_instead(way: Way, bus: Path):
    async with systemd_at(bus, web__service=unit("inactive", "dead", Result="success", **ONESHOT)):
        reading = await look(way, bus)
    assert reading.status is Status.MAJOR
    assert "say state: inactive" in reading.message


TIMER = unit("active", "waiting", Result="success", Triggers=["backup.service"])


@real
@pytest.mark.parametrize(
    ("started", "status", "message", "cause"),
    [
        (
            unit("inactive", "dead", Result="success", **ONESHOT),
            Status.OPERATIONAL,
            "active (waiting) since 2026-03-01 10:00 UTC",
            "",
        ),
        (
            unit("activating", "start", Result="success", **ONESHOT),
            Status.OPERATIONAL,
            "active (waiting) since 2026-03-01 10:00 UTC",
            "",
        ),
        (
            unit("failed", "failed", **FAILED),
            Status.MAJOR,
            "active (waiting), but backup.service failed: exit code 203",
            "started failed",
        ),
        (
            unit("inactive", "dead", "not-found"),
            Status.MAJOR,
            "active (waiting), but there is no unit backup.service",
            "starts nothing",
        ),
    ],
)
async def test_a_timer_is_as_well_as_what_it_starts(way: Way, bus: Path, started, status, message, cause):
    async with systemd_at(bus, backup__timer=TIMER, backup__service=started):
        reading = await look(way, bus, "backup.timer")
    assert (reading.status, reading.message, reading.cause) == (status, message, cause)


@real
async def test_a_timer_that_does_not_tick_is_down(way: Way, bus: Path):
    stopped = unit("inactive", "dead", Result="success", Triggers=["backup.service"])
    async with systemd_at(bus, backup__timer=stopped, backup__service=unit("inactive", "dead", Result="success")):
        assert (await look(way, bus, "backup.timer")).message == "inactive (dead)"


@real
@pytest.mark.parametrize("kind", ["target", "slice", "device", "socket", "mount"])
async def test_units_of_every_kind_are_asked_for(way: Way, bus: Path, kind: str):
    async with systemd_at(bus, **{f"x__{kind}": unit("active", "plugged")}) as systemd:
        assert (await look(way, bus, f"x.{kind}")).status is Status.OPERATIONAL
    assert any(asked.startswith("Get ") for asked in systemd.asked) is (kind in ("socket", "mount"))


@real
async def test_a_user_has_a_bus_of_his_own(way: Way, bus: Path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(bus.parent))
    async with systemd_at(bus, web__service=unit()):
        check = Systemd("web", user=True)
        assert check.judge(await check.look(way)).status is Status.OPERATIONAL


# -- who cannot tell ------------------------------------------------------------------------------------------------


@real
async def test_a_bus_without_systemd_is_no_evidence(way: Way, bus: Path):
    with pytest.raises(Unreadable, match="systemd is not on this bus"):
        await look(way, bus)


@real
async def test_a_bus_on_which_we_may_not_ask_is_no_evidence(way: Way):
    what = 'send_interface="org.freedesktop.systemd1.Manager" send_member="LoadUnit"'
    rule = f'<deny send_destination="org.freedesktop.systemd1" {what}/>'
    with message_bus(rule=rule) as path:
        async with systemd_at(path, web__service=unit()):
            with pytest.raises(Unreadable, match="the user that this runs as may not ask systemd"):
                await look(way, path)


@real
async def test_a_bus_that_does_not_take_us_in_is_no_evidence(way: Way):
    with message_bus(auth="ANONYMOUS") as path, pytest.raises(Unreadable, match="the bus does not take in the user"):
        await look(way, path)


@real
async def test_a_systemd_that_hangs_is_given_up(way: Way, bus: Path):
    async with systemd_at(bus, hang=True):
        with pytest.raises(Unreachable, match="still waiting for the message bus") as caught:
            await look(Way(way.net, 0.2), bus)
    assert caught.value.cause == "timeout"


async def test_a_bus_that_is_not_there_is_for_this_machine_to_see_to(way: Way, path: Path):
    with pytest.raises(Unreadable, match="there is no socket"):
        await look(way, path)


# -- buses that are none --------------------------------------------------------------------------------------------

OK = b"OK 0123456789abcdef\r\n"


async def faced_with(
    path: Path, *said: bytes, within: float = 5, forever: bool = False, patience: float = 5
) -> Reading:
    """A look at a bus that says these pieces one after the other, whatever it is told; the last one `forever`."""
    net = Net(places=2)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in said:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(reader.read(65_536), patience)
            writer.write(piece)
            await writer.drain()
        if forever:
            await flood(writer, said[-1])

    try:
        async with serving_at(path, handle):
            return await look(Way(net, within), path)
    finally:
        assert net.places == 2
        await net.close()


def message(kind: int, fields: dict[int, tuple[str, bytes]], body: bytes = b"", **wrong: int) -> bytes:
    """A message written by hand, so that it may be wrong."""
    packed = b""
    for code, (signature, value) in fields.items():
        packed += b"\0" * (-len(packed) % 8) + bytes([code, len(signature)]) + signature.encode() + b"\0"
        packed += b"\0" * (-len(packed) % {"u": 4, "s": 4, "o": 4}.get(signature[0], 1)) + value
    sizes = wrong.get("body", len(body)), 1, wrong.get("head", len(packed))
    head = b"l" + bytes([kind, 0, 1]) + struct.pack("<III", *sizes) + packed
    return head + b"\0" * (-len(head) % 8) + body


def reply(serial: int, signature: str, body: bytes) -> bytes:
    return message(
        2, {5: ("u", struct.pack("<I", serial)), 8: ("g", bytes([len(signature)]) + signature.encode() + b"\0")}, body
    )


def text(value: str) -> bytes:
    return struct.pack("<I", len(value)) + value.encode() + b"\0"


HELLO = reply(1, "s", text(":1.1"))
EMPTY = b"\x03a()\0\0\0\0" + struct.pack("<II", 8, 0) + b"\0" * 8
"""A variant: an array of structures without fields, which has eight bytes and so never comes to its end."""


@pytest.mark.parametrize(
    "said",
    [
        [b"HTTP/1.1 400 Bad Request\r\n\r\n"],
        [b"\0\xff\x1b[31m\r\n"],
        [b"x" * 100_000],
        [OK + b"more"],
        [OK, b"\0" * 64],
        [OK, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"],
        [OK, b"l" + b"\xff" * 63],
        [OK, message(2, {}, body=b"", head=1 << 30)],
        [OK, message(9, {5: ("u", struct.pack("<I", 1))})],
        [OK, message(2, {5: ("u", struct.pack("<I", 1)), 8: ("g", b"\x02a(\0")})],
        [OK, message(2, {5: ("u", struct.pack("<I", 1)), 8: ("g", b"\xffzz\0")})],
        [OK, reply(1, "a()", struct.pack("<II", 8, 0) + b"\0" * 8)],
        [OK, reply(1, "v", EMPTY)],
        [OK, reply(1, "a(())", struct.pack("<II", 8, 0) + b"\0" * 8)],
        [OK, reply(1, "s", b"()" * 100_000)],
        [OK, HELLO, reply(2, "o", text("not a path"))],
        [OK, HELLO, reply(2, "h", b"\0\0\0\0")],
    ],
)
async def test_whoever_is_no_bus_is_told_so(path: Path, said: list[bytes]):
    with pytest.raises(Unreachable, match="it answers, but not as a message bus does") as caught:
        await faced_with(path, *said)
    assert caught.value.cause == "protocol"


@pytest.mark.parametrize(
    "said",
    [
        [OK, HELLO, reply(2, "s", text("/a"))[:-1] + b"\0", reply(3, "a{sv}", struct.pack("<II", 0, 0))],
        [OK, HELLO, reply(2, "u", b"\0\0\0\0")],
        [OK, HELLO, reply(2, "", b"")],
        [OK, HELLO, reply(2, "o", text("/a")), reply(3, "s", text("x"))],
    ],
)
async def test_whoever_only_calls_itself_systemd_tells_nothing(path: Path, said: list[bytes]):
    with pytest.raises(Unreadable, match="does not answer as it does"):
        await faced_with(path, *said)


@pytest.mark.parametrize("said", [[b""], [OK, b""], [OK, HELLO, b"l"]])
async def test_a_bus_that_hangs_up_has_told_nothing(path: Path, said: list[bytes]):
    with pytest.raises(Unreachable, match="the message bus closed the connection"):
        await faced_with(path, *said)


async def test_a_bus_that_never_stops_talking_is_cut_short(path: Path):
    signal = message(4, {1: ("o", text("/a")), 2: ("s", text("a.b")), 3: ("s", text("Noise"))})
    with pytest.raises(Unreachable, match="says far more than it was asked for"):
        await faced_with(path, OK, signal * 100, forever=True)


@given(st.lists(st.binary(max_size=200) | st.sampled_from([OK, HELLO, EMPTY, b"l\x02\0\x01", b"()"]), max_size=6))
def test_whatever_a_bus_says_there_is_an_end_and_a_sentence(said: list[bytes]):
    with tempfile.TemporaryDirectory() as folder:
        try:
            asyncio.run(faced_with(Path(folder) / "bus", *said, patience=0.01))
        except (Unreachable, Unreadable) as error:
            assert clean(str(error)) == str(error)


@given(st.integers(0, len(HELLO) - 1), st.integers(0, 255), st.booleans())
def test_a_message_with_a_wrong_byte_does_no_harm(at: int, byte: int, twice: bool):
    wrong = bytearray(HELLO)
    wrong[at] = byte
    with tempfile.TemporaryDirectory() as folder, pytest.raises((Unreachable, Unreadable)):
        asyncio.run(faced_with(Path(folder) / "bus", OK, bytes(wrong) * (1 + twice), patience=0.01))


# -- the config -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"unit": ""}, "unit: '' is not the name of a unit"),
        ({"unit": "a b"}, "unit: 'a b' is not the name of a unit"),
        ({"unit": "../x"}, "unit: "),
        ({"unit": "getty@.service"}, "unit: getty@.service is a template: name what was made from it"),
        ({"unit": "getty@"}, "unit: getty@.service is a template"),
        ({"unit": "a", "bus": "x\0"}, "bus: the socket has no path"),
        ({"unit": "a", "bus": "unix:path=/run/bus"}, "bus: write only the path"),
    ],
)
def test_what_is_no_unit_is_refused_with_the_config(options, text):
    with pytest.raises(ValueError, match=text):
        Systemd(**options)


def test_a_name_without_an_ending_is_that_of_a_service():
    assert Systemd("nginx").question.unit == "nginx.service"
    assert Systemd("getty@tty1").question.unit == "getty@tty1.service"
    assert Systemd("php8.2-fpm").question.unit == "php8.2-fpm.service"
    assert Systemd("backup.timer").question.unit == "backup.timer"
    assert Systemd("x").question.place.host == "/run/dbus/system_bus_socket"
